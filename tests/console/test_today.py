from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.api.hub import Client
from tests.console.page import Page, look, minor
from tieout.app import Tieout
from tieout.app.views import Movement
from tieout.console.today import groups_of, headline_of, steps_of
from tieout.model.account import Role
from tieout.model.proof import BankLine, Proof, ProofLine

NAMED = ("balance", "transit", "disputed", "reserved", "exceptions", "unexplained")


def line(account: str, currency: str, *amounts: int) -> ProofLine:
    balance, transit, disputed, reserved, exceptions, unexplained = amounts
    return ProofLine(
        account, account, "gateway", currency, balance, transit, disputed, reserved, exceptions, unexplained,
        items=2, tied_minor=7, exception_items=1,
    )  # fmt: skip


def proof(lines: tuple[ProofLine, ...], unexplained: dict[str, int], difference: int = 0) -> Proof:
    bank = BankLine("1100", "Bank", "EUR", 5 + difference, 5, date(2026, 10, 31), difference, continuous=True)
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return Proof(date(2026, 10, 31), at, 1, lines, (bank,), (), unexplained, 0, 0)


def test_groups_sum_each_column_of_a_currency() -> None:
    a, b, c = (
        line("a", "USD", 1, 1, 0, 0, 0, 0),
        line("b", "EUR", 100, 60, 0, 30, 10, 0),
        line("c", "EUR", -7, 0, 0, 0, -7, 0),
    )
    euro, dollar = groups_of((a, b, c), "EUR")
    assert (euro.currency, euro.lines, dollar.lines) == ("EUR", (b, c), (a,))
    total = euro.total
    assert [getattr(total, f"{name}_minor") for name in NAMED] == [93, 60, 0, 30, 3, 0]
    assert (total.items, total.tied_minor, total.exception_items) == (4, 14, 2)


@pytest.mark.parametrize(
    ("unexplained", "difference", "figures", "state"),
    [
        ({"EUR": 0, "USD": 0}, 0, ((0, "EUR"),), "tied"),
        ({}, 0, ((0, "EUR"),), "tied"),
        ({"EUR": 0}, 12, ((0, "EUR"),), "wait"),
        ({"EUR": 0, "USD": 5}, 0, ((5, "USD"),), "off"),
        ({"USD": 5, "EUR": 3}, 12, ((3, "EUR"), (5, "USD")), "off"),
    ],
)
def test_the_large_figure(
    unexplained: dict[str, int], difference: int, figures: tuple[tuple[int, str], ...], state: str
) -> None:
    headline = headline_of(proof((), unexplained, difference), "EUR")
    assert (headline.figures, headline.state) == (figures, state)


def test_steps_end_in_what_is_left_and_link_to_all_accounts_once() -> None:
    moves = (Movement("Returns", -20, ("returns",)), Movement("Sales", 100, ("sales", "shipping_income")))
    steps = steps_of(moves, "EUR", date(2026, 10, 1), date(2026, 10, 31))
    assert [(s.label, s.amount_minor, s.net) for s in steps] == [
        ("Sales", 100, False),
        ("Returns", -20, False),
        ("Net", 80, True),
    ]
    roles = [role for step in steps for role in parse_qs(urlsplit(step.href).query)["role"]]
    assert sorted(roles) == sorted(role.value for role in Role)
    assert steps_of((), "EUR", date(2026, 10, 1), date(2026, 10, 31)) == []


def test_the_figure_is_nil_and_says_so_in_words(browser: Client, looked_at: Tieout) -> None:
    page = look(browser, "/")
    (figure,) = page.all("div", class_="big")
    assert (figure.text, "tied" in figure.attributes["class"]) == ("0.00", True)
    assert looked_at.proof().tied is True
    assert page.h1 == "Today"
    assert "Unexplained tied out" in page.text


def rows_of(page: Page, table_class: str) -> list[list[str]]:
    (table,) = page.all("table", class_=table_class)
    rows = [e for e in page.all("tr") if table in e.parents and e.inside("thead") is None]
    cells = [[e.text for e in page.elements if e.tag in ("td", "th") and e.parents[-1] is row] for row in rows]
    return [row for row in cells if len(row) > 1]


def test_the_table_is_the_proof(browser: Client, looked_at: Tieout) -> None:
    shown = rows_of(look(browser, "/"), "proof-table")
    groups = groups_of(looked_at.proof().lines, "EUR")
    expected = [
        ([getattr(ln, f"{name}_minor") for name in NAMED], ln.account)
        for group in groups
        for ln in (*group.lines, group.total)
    ]
    assert len(shown) == len(expected) > 8
    for row, (amounts, account) in zip(shown, expected, strict=True):
        assert [minor(cell) for cell in row[1:7]] == amounts
        assert row[0].endswith(account or row[0])
        parts = [minor(cell) for cell in row[2:7]]
        assert minor(row[1]) == sum(parts), row


def test_every_figure_opens_the_list_whose_sum_it_is(browser: Client) -> None:
    """Books, in transit, disputed, reserved, exceptions, unexplained; gross to net; expected: all of them."""
    page = look(browser, "/")
    figures = [
        (e.attributes["href"], minor(e.text.split(" ")[0]))
        for e in page.all("a")
        if e.inside("td") is not None and e.attributes["href"].startswith(("/items", "/accounts"))
    ]
    figures += [(e.attributes["href"], minor(e.text)) for e in page.all("a") if "data-figure" in e.attributes]
    assert len(figures) > 30
    for href, amount in figures:
        sums = look(browser, href).sums()
        # Income and liabilities stand in credit: what the bridge adds is negative in the books.
        shown = {abs(total) for total in sums} if "role=" in href else set(sums)
        assert (abs(amount) if "role=" in href else amount) in (shown or {0}), (href, amount, sums)


def test_banks_stand_beside_their_statements(browser: Client, looked_at: Tieout) -> None:
    page = look(browser, "/")
    for bank in looked_at.proof().banks:
        assert f"{bank.account} · {bank.currency}" in page.text
        assert str(bank.statement_date) in page.text
    assert page.text.count("agrees") == page.text.count("continuous") == 2


def test_what_needs_a_person_comes_with_the_most_money_first(browser: Client, looked_at: Tieout) -> None:
    hrefs = [href for href, _ in look(browser, "/").links() if href.startswith("/exceptions/cas_")]
    assert hrefs == [f"/exceptions/{view.id}" for view in looked_at.case_list(limit=6)]


def test_the_picture_has_a_table_beside_it(browser: Client) -> None:
    page = look(browser, "/?currency=USD&month=2026-10")
    (picture,) = page.all("svg", class_="waterfall")
    assert picture.attributes["aria-label"] == "Gross to net, October 2026"
    drawn = [(e.attributes["href"], e.attributes["aria-label"]) for e in page.all("a") if picture in e.parents]
    table = {e.attributes["href"]: e.text for e in page.all("a") if "data-step" in e.attributes}
    assert len(drawn) > 4
    assert [href for href, _ in drawn] == list(table)
    assert all(label.endswith(f"{table[href]} USD") for href, label in drawn)


def test_a_month_without_bookings_says_so(browser: Client) -> None:
    assert "Nothing was booked in EUR in March 2020." in look(browser, "/?month=2020-03").text
    look(browser, "/?month=October", status=400)
    look(browser, "/?currency=JPY", status=400)


def test_empty_books_teach(newcomer: Client) -> None:
    page = look(newcomer, "/")
    assert "The books are empty. Add a source with tieout source add stripe" in page.text
    assert page.all("table") == []


def test_reconciling_now_comes_back_to_the_proof(person: Client, books: Tieout) -> None:
    before = books.proof().run_id
    answer = person.post("/reconcile")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert books.proof().run_id != before
