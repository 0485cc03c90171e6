"""The seller portal in a real browser: it fits every screen, and to a seller there is nothing else."""

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import Screen
from tests.browser.test_console import OVERFLOW, SMALL, WIDTHS

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_sellers_pages_fit_every_screen(context: BrowserContext, server: str, scheme: str) -> None:
    screen = Screen(context.new_page(), server).log_in("ada", "/portal")
    screen.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    wrong = []
    for path in ("/portal", "/portal/statement", "/portal/payouts"):
        page = screen.go(path)
        assert page.locator("h1").is_visible()
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if overflow := page.evaluate(OVERFLOW):
                wrong.append(f"{path} at {width}: {overflow}")
            wrong += [f"{path} at {width}: small {element}" for element in page.evaluate(SMALL)]
    assert wrong == []
    assert screen.complaints == []


def test_a_seller_leaves_the_portal_only_by_logging_out(context: BrowserContext, server: str) -> None:
    screen = Screen(context.new_page(), server).log_in("ada", "/portal")
    answer = screen.page.goto(f"{server}/journal")
    assert answer is not None
    assert answer.status == 404
    screen.go("/portal").get_by_role("button", name="Log out").click()
    screen.page.wait_for_url(f"{server}/login")
