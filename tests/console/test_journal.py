import re
from datetime import date

from tests.api.hub import Client
from tests.console.page import Page, look, minor
from tieout.app import Tieout
from tieout.app.views import LineView
from tieout.console.journal import PAGE, Sides, sides_of
from tieout.model.entity import Actor


def line(currency: str, amount: int) -> LineView:
    return LineView("1", "One", currency, amount, amount, None, None, {})


def entries_of(page: Page) -> list[str]:
    """Ids of the entries a page lists, in their order."""
    return [href.removeprefix("/entries/") for href, _ in page.links() if href.startswith("/entries/")]


def test_sides_are_summed_by_currency() -> None:
    lines = [line("USD", 5), line("EUR", 70), line("EUR", -30), line("EUR", -40), line("USD", -5)]
    assert sides_of(lines, "EUR") == [Sides("EUR", 70, 70), Sides("USD", 5, 5)]


def test_what_is_worth_something_in_base_currency_alone_is_summed_there() -> None:
    drift = [LineView(code, code, "USD", 0, worth, None, None, {}) for code, worth in (("1", -98), ("2", 98))]
    assert sides_of([*drift, line("USD", 5), line("USD", -5)], "EUR") == [Sides("EUR", 98, 98), Sides("USD", 5, 5)]


def test_entries_come_newest_first_and_page_after_page(browser: Client, looked_at: Tieout) -> None:
    expected = [view.id for view in looked_at.journal(limit=500)]
    found: list[str] = []
    path: str | None = "/journal"
    while path:
        page = look(browser, path)
        found += entries_of(page)
        path = next((e.attributes["href"] for e in page.all("a", rel="next")), None)
    assert len(expected) > PAGE
    assert found == expected


def test_debit_and_credit_stand_in_their_columns_and_are_equal(browser: Client, looked_at: Tieout) -> None:
    page = look(browser, "/journal")
    shown: dict[str, int] = {"Debit": 0, "Credit": 0}
    for cell in page.all("td"):
        label = cell.attributes.get("data-label")
        if label in shown and cell.inside("tfoot") is None and re.fullmatch(r"[0-9.,]+EUR", cell.text):
            shown[label] += minor(cell.text)
    lines = [ln for view in looked_at.journal(limit=PAGE) for ln in view.lines]
    (side,) = [s for s in sides_of(lines, "EUR") if s.currency == "EUR"]
    assert shown == {"Debit": side.debit_minor, "Credit": side.credit_minor}
    assert side.debit_minor == side.credit_minor > 0


def test_filters_live_in_the_address_and_stay_with_the_pages(browser: Client, looked_at: Tieout) -> None:
    path = "/journal?account=1200&currency=EUR&since=2026-10-02&until=&party=&text="
    page = look(browser, path)
    expected = [v.id for v in looked_at.journal(limit=PAGE, account="1200", currency="EUR", since=date(2026, 10, 2))]
    assert entries_of(page) == expected
    (older,) = page.all("a", rel="next")
    last = expected[-1].removeprefix("ent_")
    assert older.attributes["href"] == f"/journal?before={last}&account=1200&currency=EUR&since=2026-10-02"
    assert [e.attributes["value"] for e in page.all("option") if "selected" in e.attributes] == ["1200"]
    assert page.all("input", id="since")[0].attributes["value"] == "2026-10-02"
    csv = "/v1/journal.csv?account=1200&currency=EUR&since=2026-10-02"
    assert csv in [href for href, _ in page.links()]


def test_lines_of_other_accounts_step_back(browser: Client) -> None:
    page = look(browser, "/journal?account=2300")
    rows = [row for row in page.all("tr") if row.inside("tbody") is not None and re.match(r"\d{4}", row.text)]
    strong = [row for row in rows if "dim" not in row.attributes.get("class", "")]
    assert 0 < len(strong) < len(rows)
    assert all(row.text.startswith("2300") for row in strong)


def test_what_fits_nothing_says_so(browser: Client, newcomer: Client) -> None:
    assert "No entry fits. Take a filter away, or show all." in look(browser, "/journal?text=nothing+of+the+kind").text
    assert "Nothing is booked yet." in look(newcomer, "/journal").text


def test_an_entry_shows_its_lines_rule_and_reasons(browser: Client, looked_at: Tieout) -> None:
    view = next(v for v in looked_at.journal(limit=500) if v.entry.draft.rule_id == "charge.settled")
    draft = view.entry.draft
    page = look(browser, f"/entries/{view.id}")
    assert page.h1 == "Charge settled"
    assert f"{draft.rule_id}, version {draft.rule_version}" in page.text
    assert draft.why in page.text
    assert view.entry.content_hash.hex() in page.text
    hrefs = [href for href, _ in page.links()]
    assert f"/events/{view.event}" in hrefs
    assert f"/trace/{view.id}" in hrefs
    for ln in view.lines:
        assert f"/accounts/{ln.account}?currency={ln.currency}" in hrefs
    (side,) = sides_of(view.lines, "EUR")
    assert page.all("div", class_="big")[0].text == f"{side.debit_minor / 100:,.2f}EUR"


def test_foreign_entries_show_what_they_are_worth(browser: Client, looked_at: Tieout) -> None:
    view = next(v for v in looked_at.journal(limit=500) if v.lines[0].currency == "USD" and v.lines[0].amount_minor)
    page = look(browser, f"/entries/{view.id}")
    assert [e.text for e in page.all("th") if e.text == "in EUR"] == ["in EUR"]
    assert str(view.entry.draft.rate) in page.text


def test_an_exchange_difference_shows_what_it_is_worth(browser: Client, looked_at: Tieout) -> None:
    view = looked_at.journal(limit=1, account="5920")[0]
    worth = sorted(f"{abs(ln.base_minor) / 100:,.2f}EUR" for ln in view.lines)
    assert worth[0] != "0.00EUR"
    page = look(browser, f"/entries/{view.id}")
    bodies = [c.text for c in page.all("td", class_="n") if c.inside("tbody") is not None]
    assert sorted(text for text in bodies if text.endswith("EUR")) == worth
    assert page.all("div", class_="big")[0].text == worth[0]
    listed = look(browser, "/journal?account=5920")
    assert worth[0] in [c.text for c in listed.all("td", data_label="Debit")]


def test_an_entry_shows_what_corrects_it_and_what_it_corrects(person: Client, books: Tieout) -> None:
    entry = books.journal(limit=1)[0].id
    made = books.reverse(entry, reason="Booked by mistake.", actor=Actor("anna", "person"))
    old, new = look(person, f"/entries/{entry}"), look(person, f"/entries/{made.reversal}")
    assert f"is reversed by {made.reversal}" in old.text
    assert (f"/entries/{made.reversal}", made.reversal) in old.links()
    assert f"reverses {entry}" in new.text
    assert (f"/entries/{entry}", entry) in new.links()
