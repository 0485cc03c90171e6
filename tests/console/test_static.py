import re

import pytest

from tests.api.hub import Client
from tieout.console import static


def test_files_are_named_by_their_content(browser: Client) -> None:
    for name, kind in (("tieout.css", "text/css"), ("console.js", "text/javascript"), ("favicon.svg", "image/svg+xml")):
        answer = browser.get(static.url(name))
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == kind
        assert answer.content == static.assets()[name].body
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert browser.get(f"/static/{name}?v=old").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", ["nothing.css", "__init__.py", "..%2Fsession.py", "%2e%2e", "templates"])
def test_nothing_else_is_served(browser: Client, name: str) -> None:
    assert browser.get(f"/static/{name}").status_code == 404


def test_our_script_is_short_and_keeps_to_the_policy() -> None:
    script = static.assets()["console.js"].body.decode()
    assert len(script.splitlines()) < 300
    assert re.findall(r"innerHTML|outerHTML|document\.write|eval\(|Function\(|fetch\(|XMLHttp|\.style\b", script) == []


def test_styles_and_script_load_nothing() -> None:
    for asset in static.assets().values():
        text = asset.body.decode().replace("http://www.w3.org/2000/svg", "")
        assert re.findall(r"https?:|//\w+\.|@import|url\(", text) == []


def test_dark_and_light_define_the_same_colours() -> None:
    """One set of variables: a colour that dark forgets would keep its light value."""
    css = static.assets()["tieout.css"].body.decode()
    light, dark = re.findall(r":root \{(.*?)\n *\}", css, re.DOTALL)[:2]

    def colours(block: str) -> set[str]:
        return set(re.findall(r"(--[\w-]+): #", block))

    assert colours(light) == colours(dark)
    assert len(colours(light)) > 12


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_text_can_be_read_in_both() -> None:
    """Contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3) for every colour of text on every ground it stands on."""
    css = static.assets()["tieout.css"].body.decode()
    weak = []
    for block in re.findall(r":root \{(.*?)\n *\}", css, re.DOTALL)[:2]:
        colour = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        pairs = [(text, ground) for text in ("ink", "quiet", "link", "off", "tied") for ground in ("paper", "sheet")]
        pairs += [("tied", "tied-soft"), ("wait", "wait-soft"), ("off", "off-soft"), ("quiet", "hair"), ("ink", "here")]
        for text, ground in pairs:
            high, low = sorted((luminance(colour[text]), luminance(colour[ground])), reverse=True)
            if (high + 0.05) / (low + 0.05) < 4.5:
                weak.append((text, colour[text], ground, colour[ground]))
    assert weak == []
