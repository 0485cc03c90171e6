"""Reads a page as a person or a screen reader would: headings, links, tables, and the figures in them."""

import re
from html.parser import HTMLParser

from tests.api.hub import Client

_VOID = frozenset({"meta", "link", "input", "br", "rect", "line", "hr", "wbr"})


class Element:
    """An element with its attributes and the text in it."""

    def __init__(self, tag: str, attributes: dict[str, str], parents: tuple["Element", ...]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parents = parents
        self.words: list[str] = []

    @property
    def text(self) -> str:
        """Its text on one line."""
        return re.sub(r"\s+", " ", "".join(self.words)).strip()

    def inside(self, tag: str) -> "Element | None":
        """The nearest element of this kind around it."""
        return next((parent for parent in reversed(self.parents) if parent.tag == tag), None)


class Page(HTMLParser):
    """A parsed page. Elements that are never closed, or closed out of turn, fail at once."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        assert self._open == [], [element.tag for element in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens an element."""
        element = Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open))
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that is empty."""
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open)))

    def handle_endtag(self, tag: str) -> None:
        """Closes it."""
        closed = self._open.pop()
        assert closed.tag == tag, f"<{closed.tag}> is closed by </{tag}>: {closed.text[:80]}"

    def handle_data(self, data: str) -> None:
        """Text belongs to everything around it."""
        for element in self._open:
            element.words.append(data)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Elements of a kind with these attributes; `class_` finds one class of several."""
        return [e for e in self.elements if e.tag == tag and all(_has(e, n, v) for n, v in attributes.items())]

    def links(self) -> list[tuple[str, str]]:
        """(address, text) of every link, those in pictures by their name."""
        return [(e.attributes["href"], e.attributes.get("aria-label") or e.text) for e in self.all("a")]

    def sums(self) -> list[int]:
        """The sums a page prints, in minor units."""
        return [int(e.attributes["data-sum"]) for e in self.elements if "data-sum" in e.attributes]

    @property
    def text(self) -> str:
        """All it says."""
        return self.all("body")[0].text

    @property
    def h1(self) -> str:
        """Its one heading of the first rank."""
        (heading,) = self.all("h1")
        return heading.text


def _has(element: Element, name: str, value: str) -> bool:
    if name == "class_":
        return value in element.attributes.get("class", "").split()
    return element.attributes.get(name.replace("_", "-")) == value


def look(client: Client, path: str, status: int = 200) -> Page:
    """The page at an address."""
    answer = client.get(path)
    assert answer.status_code == status, f"{path}: {answer.status_code} {answer.headers.get('location', '')}"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer.text)


def minor(figure: str) -> int:
    """The minor units of a figure with two decimals: “−1,234.50 EUR” is -123450, “–” nothing."""
    text = re.sub(r"[ A-Z]", "", figure).replace(",", "").replace("\u2212", "-")
    if text == "\u2013":
        return 0
    whole, _, cents = text.partition(".")
    assert re.fullmatch(r"-?\d+", whole), figure
    assert re.fullmatch(r"\d\d", cents), figure
    return int(whole + cents)
