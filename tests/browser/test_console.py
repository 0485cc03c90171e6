"""The console in a real browser: it fits, nothing is blocked, figures lead to their sums, keys and decisions work."""

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import Screen

pytestmark = pytest.mark.browser

PAGES = (
    "/", "/exceptions", "/exceptions?state=all", "/exceptions/cas_1", "/trace", "/trace?q=%231003", "/trace/mat_9",
    "/journal", "/journal?account=1200&currency=EUR", "/entries/ent_9", "/accounts", "/accounts?all=1",
    "/accounts?since=2026-10-01&until=2026-10-31&currency=EUR", "/accounts/1330.stripe", "/accounts/1100.bank",
    "/items", "/items?naming=exception", "/items?naming=unexplained", "/matches", "/matches/mat_9", "/inbox",
    "/inbox/dlv_9", "/inbox?verdict=rejected", "/events", "/events?state=parked", "/events/evt_20", "/docs",
    "/reports", "/reports/liability", "/reports/fee-yield", "/reports/forecast", "/statements/A",
)  # fmt: skip
WIDTHS = (390, 768, 1280)
#: By how many pixels a page is wider than the window, and the first element that sticks out.
OVERFLOW = """() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const out = [...document.querySelectorAll('main *')].find(
    (e) => !e.closest('.scroll, pre, .hidden, svg') && e.getBoundingClientRect().right > innerWidth + 1);
  return wide > 0 || out ? `${wide} px, ${out ? out.outerHTML.slice(0, 90) : ''}` : '';
}"""
#: Links and buttons that are too small to hit (WCAG 2.2, 2.5.8), those inside a sentence or a table's row left out.
SMALL = """() => [...document.querySelectorAll('button, .button, .rail a, .tabs a, svg a, input, select')]
  .filter((e) => e.offsetParent !== null || e.closest('svg'))
  .filter((e) => e.type !== 'hidden' && e.type !== 'checkbox' && !e.classList.contains('plain'))
  .filter((e) => e.getBoundingClientRect().height < 24).map((e) => e.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_every_screen_and_nothing_is_blocked(screen: Screen, scheme: str) -> None:
    """No page is wider than the window at three widths; no error, warning or violation of the policy is reported."""
    screen.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    wrong = []
    for path in PAGES:
        page = screen.go(path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if overflow := page.evaluate(OVERFLOW):
                wrong.append(f"{path} at {width}: {overflow}")
            wrong += [f"{path} at {width}: small {element}" for element in page.evaluate(SMALL)]
    assert wrong == []
    assert screen.complaints == []


def test_a_figure_leads_to_the_list_that_prints_it(screen: Screen) -> None:
    page = screen.go("/")
    row = page.locator(".proof-table tr.sum").first
    figure = row.locator("td a").nth(1)
    shown = figure.inner_text()
    figure.click()
    page.wait_for_url("**/items?currency=EUR&naming=transit")
    assert page.locator("tfoot [data-sum]").inner_text() == shown


def test_a_bar_leads_to_the_accounts_behind_it(screen: Screen) -> None:
    page = screen.go("/")
    bar = page.get_by_role("link", name="Gateway fees").first
    label = str(bar.get_attribute("aria-label"))
    bar.click()
    page.wait_for_url("**/accounts?role=gateway_fees*")
    # A cost stands in debit: positive in the books, negative on the way to net.
    assert label == f"Gateway fees −{page.locator('tfoot [data-sum]').inner_text()} EUR"


def test_an_exception_is_resolved_through_its_preview(screen: Screen) -> None:
    page = screen.go("/exceptions?reason=bank_line_unknown")
    before = int(page.locator(".rail .count").inner_text())
    page.locator("a[data-open]").first.click()
    page.locator("summary", has_text="Book it").click()
    page.select_option("#account", "5900")
    page.fill("#reason-book", "Rent of the workshop")
    page.locator("details[open] button").click()
    assert page.locator("h1").inner_text() == "Books what is open to 5900 Write-offs."
    amount = page.locator("td[data-label=Debit]:not(.nil)").inner_text()
    page.locator("button.act").click()
    page.wait_for_url("**/exceptions/cas_*")
    assert "Resolved. Rent of the workshop" in page.locator("[role=status]").inner_text()
    assert int(page.locator(".rail .count").inner_text()) == before - 1
    page = screen.go("/accounts/5900")
    assert page.locator("[data-sum]").first.inner_text().split() == amount.split()
    assert screen.go("/").locator(".big").inner_text() == "0.00"
    assert screen.complaints == []


def test_ticked_items_add_up_as_one_ticks(screen: Screen) -> None:
    page = screen.go("/exceptions?reason=bank_credit_without_payout")
    page.locator("a[data-open]").first.click()
    left = page.locator("#match-sum")
    assert left.inner_text().endswith("EUR left to tie")
    page.locator("input[name=item]").nth(1).check()
    assert left.inner_text() == "0 – these items tie out"
    assert "tied" in str(left.get_attribute("class"))


def test_amounts_to_match_by_are_never_cut_off(screen: Screen) -> None:
    page = screen.go("/exceptions?reason=bank_credit_without_payout")
    page.locator("a[data-open]").first.click()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        table, box = page.locator("table.tie").bounding_box(), page.locator(".choice:has(.tie)").bounding_box()
        assert table is not None
        assert box is not None
        assert table["x"] + table["width"] <= box["x"] + box["width"], width


def test_keys_move_open_find_and_go(screen: Screen) -> None:
    page = screen.go("/exceptions")
    rows = [link.get_attribute("href") for link in page.locator("a[data-open]").all()]
    for key, row in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        assert screen.focused == rows[row]
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{rows[1]}")
    page.keyboard.press("n")
    page.wait_for_url(f"**{rows[2]}")
    for letter, path in (("j", "/journal"), ("a", "/accounts"), ("t", "/"), ("x", "/exceptions")):
        page.keyboard.press("g")
        page.keyboard.press(letter)
        page.wait_for_url(screen.base + path)
    page.keyboard.press("/")
    page.keyboard.type("#1003 jjj")
    assert page.locator("#find").input_value() == "#1003 jjj"
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert screen.focused == rows[0]


def test_keys_are_explained_and_can_be_switched_off(screen: Screen) -> None:
    page = screen.go("/exceptions")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.locator("#keys-off").check()
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()
    screen.go("/exceptions")
    page.keyboard.press("j")
    assert screen.focused == "None"
    page.get_by_role("button", name="all keys").click()
    page.locator("#keys-off").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    assert screen.focused.startswith("/exceptions/cas_")


def test_empty_filters_stay_out_of_the_address(screen: Screen) -> None:
    page = screen.go("/journal")
    page.fill("#text", "payout")
    page.keyboard.press("Enter")
    page.wait_for_url("**/journal?text=payout")
    assert page.locator("tbody").count() > 3
    page.go_back()
    assert page.locator("#account").is_enabled()


def test_the_menu_opens_on_a_phone(screen: Screen) -> None:
    page = screen.page
    page.set_viewport_size({"width": 390, "height": 844})
    screen.go("/")
    assert not page.locator("#menu").is_visible()
    page.get_by_role("button", name="Menu").click()
    page.locator("#menu").get_by_role("link", name="Matches").click()
    page.wait_for_url("**/matches")


def test_all_of_it_works_without_script(context: BrowserContext, server: str) -> None:
    browser = context.browser
    assert browser is not None
    plain = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    screen = Screen(plain.new_page(), server).log_in()
    page = screen.page
    page.get_by_role("button", name="Menu").click()
    page.locator("#menu").get_by_role("link", name="Exceptions").click()
    page.locator("a[data-open]", has_text="Payment without order").first.click()
    page.locator("summary", has_text="Dismiss").click()
    page.fill("#reason-dismiss", "Paid at the stall")
    page.locator("details[open] button", has_text="Show").last.click()
    assert page.locator("h1").inner_text().startswith("Closes the case without a posting.")
    page.get_by_role("link", name="Back, do nothing").click()
    page.fill("#find", "#1003")
    page.keyboard.press("Enter")
    page.wait_for_url("**/trace?q=%231003")
    assert page.locator(".timeline > li").count() >= 2
    plain.close()


def test_the_first_stop_of_tab_skips_to_the_content(screen: Screen) -> None:
    page = screen.go("/journal")
    page.keyboard.press("Tab")
    assert screen.focused == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_wrong_password_and_logging_out(context: BrowserContext, server: str) -> None:
    screen = Screen(context.new_page(), server)
    page = screen.go("/login?next=%2Fjournal")
    page.fill("#name", "admin")
    page.fill("#password", "wrong")
    page.click("button")
    assert page.locator("[role=alert]").inner_text().startswith("Name or password is wrong.")
    page.fill("#password", "not-a-secret")
    page.click("button")
    page.wait_for_url("**/journal")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    page.goto(server + "/journal")
    assert page.url == f"{server}/login?next=%2Fjournal"
