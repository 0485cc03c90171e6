import re
from collections import deque
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from tests.api.hub import Client
from tests.console.page import Page, look
from tieout.app import Tieout
from tieout.console import rendering
from tieout.console.rendering import bare, breakable, error_page, linked, templates

TEMPLATES = Path(rendering.__file__).parent / "templates"
#: Pages looked at on a walk through the console; each kind of page is among them.
WALK = 160


def check_page(path: str, page: Page) -> list[str]:
    """What is wrong with a page for whoever listens to it, or for the policy it is served under."""
    checks = (check_frame, check_tables, check_fields, check_names)
    return [f"{path}: {what}" for check in checks for what in check(page)]


def check_frame(page: Page) -> list[str]:
    wrong = [] if len(page.all("h1")) == 1 and page.h1 else ["not one h1"]
    wrong += [
        f"inline: {e.attributes}" for e in page.elements if any(n == "style" or n[:2] == "on" for n in e.attributes)
    ]
    wrong += ["script in the page" for e in page.all("script") if "src" not in e.attributes or e.text]
    wrong += [f"a link without words: {href}" for href, text in page.links() if not text]
    return wrong + [f"a link that leads out: {href}" for href, _ in page.links() if not href.startswith(("/", "#"))]


def check_tables(page: Page) -> list[str]:
    wrong = []
    for table in page.all("table"):
        inside = [e for e in page.elements if table in e.parents]
        if not any(e.tag == "caption" for e in inside):
            wrong.append(f"a table without caption: {table.text[:40]}")
        if any(e.tag == "th" and "scope" not in e.attributes for e in inside):
            wrong.append(f"a heading without scope: {table.text[:40]}")
    return wrong


def check_fields(page: Page) -> list[str]:
    labelled = {e.attributes.get("for") for e in page.all("label")}
    fields = [
        e for tag in ("input", "select", "textarea") for e in page.all(tag) if e.attributes.get("type") != "hidden"
    ]
    return [
        f"a field without label: {field.attributes}"
        for field in fields
        if field.attributes.get("type") != "hidden"
        and field.attributes.get("id") not in labelled
        and field.inside("label") is None
    ]


def check_names(page: Page) -> list[str]:
    ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    named = {n for e in page.elements for n in e.attributes.get("aria-labelledby", "").split()}
    twice = sorted({i for i in ids if ids.count(i) > 1})
    return [f"an id twice: {i}" for i in twice] + [f"a name that is not there: {n}" for n in sorted(named - set(ids))]


def kind_of(path: str) -> str:
    """The kind of page at an address: numbers and parameters do not make another kind."""
    return re.sub(r"(?<=/accounts/).+|(?<=_)\d+", "*", path.partition("?")[0])


def test_every_link_leads_to_a_sound_page(browser: Client) -> None:
    """Walks the console from Today, every kind of page first, and looks at each page it comes to."""
    seen: set[str] = set()
    kinds: set[str] = set()
    fresh, known = deque(["/"]), deque[str]()
    wrong: list[str] = []
    while (fresh or known) and len(seen) < WALK:
        path = fresh.popleft() if fresh else known.popleft()
        if path in seen:
            continue
        if fresh and kind_of(path) in kinds:
            known.append(path)
            continue
        seen.add(path)
        kinds.add(kind_of(path))
        answer = browser.get(path)
        if answer.status_code != 200:
            wrong.append(f"{path}: {answer.status_code}")
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        page = Page(answer.text)
        wrong += check_page(path, page)
        for href, _ in page.links():
            target = href.partition("#")[0]
            if target.startswith("/") and target not in seen:
                (known if kind_of(target) in kinds else fresh).append(target)
    assert wrong == []
    assert kinds >= {
        "/", "/journal", "/entries/ent_*", "/accounts", "/accounts/*", "/items", "/exceptions", "/exceptions/cas_*",
        "/trace", "/trace/ent_*", "/inbox", "/inbox/dlv_*", "/events", "/events/evt_*", "/matches", "/matches/mat_*",
        "/docs", "/v1/journal.csv",
    }  # fmt: skip


def test_the_frame_says_whose_books_and_who_looks(browser: Client, looked_at: Tieout) -> None:
    page = look(browser, "/accounts")
    (whose,) = page.all("div", class_="whose")
    assert whose.text.startswith("Clay & Loom GmbH admin")
    count = sum(total.count for total in looked_at.exceptions())
    assert page.all("span", class_="count")[0].text == str(count)
    (current,) = [e for e in page.all("a") if e.attributes.get("aria-current") == "page"]
    assert current.text.startswith("Accounts")


def test_what_others_wrote_is_never_markup() -> None:
    page = error_page("<b>", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "here", None)
    assert "<script>alert" not in page
    assert "<img" not in page


def test_ids_in_sentences_become_links_and_nothing_else_does() -> None:
    assert linked("Booked as ent_12 <b>now</b>.") == (
        'Booked as <a href="/entries/ent_12">ent_12</a> &lt;b&gt;now&lt;/b&gt;.'
    )
    assert linked("recent_12 ent_x") == "recent_12 ent_x"


def test_a_key_may_be_broken_after_its_separators_only() -> None:
    assert breakable("bank_line:<b>") == "bank_<wbr>line:<wbr>&lt;b&gt;"
    assert breakable("") == ""


def test_a_misspelt_name_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        bare("error.html", heading="only this")
    with pytest.raises(UndefinedError):
        templates().from_string("{{ nothing }}").render()


def test_templates_escape_everything_and_style_nothing() -> None:
    for path in TEMPLATES.iterdir():
        text = path.read_text("utf-8")
        assert re.findall(r"\|\s*safe\b|autoescape|\sstyle=|\son\w+=|javascript:", text) == [], path.name
