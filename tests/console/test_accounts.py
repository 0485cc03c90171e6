from datetime import date

from tests.api.hub import Client
from tests.console.page import Page, look, minor
from tieout.app import Tieout
from tieout.app.views import AccountView
from tieout.console.accounts import first_currency, is_used, moved, sections_of, total_of
from tieout.model.balance import Balance


def account(code: str, kind: str) -> AccountView:
    return AccountView(code, code, kind, "bank", clearing=False, balances={})


def test_what_moved_is_the_end_less_the_beginning() -> None:
    until = [Balance("1", "EUR", 70, 70), Balance("2", "EUR", -5, -5), Balance("1", "USD", 0, 2)]
    before = [Balance("1", "EUR", 20, 20), Balance("3", "EUR", 4, 4)]
    assert moved(until, before) == (
        {"1": {"EUR": 50, "USD": 0}, "2": {"EUR": -5}, "3": {"EUR": -4}},
        {"1": {"EUR": 50, "USD": 2}, "2": {"EUR": -5}, "3": {"EUR": -4}},
    )


def test_sections_follow_a_balance_sheet_and_add_up() -> None:
    chart = [account("4000", "income"), account("1200", "asset"), account("1100", "asset")]
    amounts = {"1100": {"EUR": 5}, "1200": {"EUR": 2, "USD": 10}}
    assets, income = sections_of(chart, amounts, {"1100": {"EUR": 5}, "1200": {"EUR": 2, "USD": 9}})
    assert (assets.type, [a.code for a, _ in assets.accounts], assets.total, assets.worth_minor) == (
        "asset",
        ["1100", "1200"],
        {"EUR": 7, "USD": 10},
        16,
    )
    assert (income.type, income.total, income.worth_minor) == ("income", {}, 0)
    assert total_of([{"EUR": 5}, {"EUR": -5}]) == {"EUR": 0}


def test_currencies_and_use() -> None:
    assert first_currency(["USD", "EUR", "CHF", "USD"], "EUR") == ["EUR", "CHF", "USD"]
    assert [is_used(a, {}, moved_only=m) for a in ({}, {"EUR": 0}, {"EUR": 1}) for m in (False, True)] == [
        False, False, True, False, True, True,
    ]  # fmt: skip
    assert is_used({"USD": 0}, {"USD": 1}, moved_only=True)


def amounts_of(page: Page) -> dict[str, str]:
    """Address -> figure of every amount that is a link to a register."""
    return {
        e.attributes["href"]: e.text
        for e in page.all("a")
        if e.inside("td") is not None and e.attributes["href"].startswith("/accounts/")
    }


def test_the_chart_balances_and_every_balance_is_that_of_the_books(browser: Client, looked_at: Tieout) -> None:
    page = look(browser, "/accounts")
    expected = {
        f"/accounts/{b.account}?currency={b.currency}": b.balance_minor for b in looked_at.balances() if b.balance_minor
    }
    assert {href: minor(text) for href, text in amounts_of(page).items()} == expected
    assert page.sums() == [0, 0, 0]
    assert "All accounts balanced" in page.text


def test_every_account_is_worth_what_the_books_carry_it_at(browser: Client, looked_at: Tieout) -> None:
    carried: dict[str, int] = {}
    for balance in looked_at.balances():
        carried[balance.account] = carried.get(balance.account, 0) + balance.base_minor
    page = look(browser, "/accounts")
    assert [e.text for e in page.all("th")][:4] == ["Account", "EUR", "USD", "all in EUR"]
    shown = {}
    for row in page.all("tr"):
        for link in (e for e in page.all("a", data_open="") if row in e.parents):
            code = link.attributes["href"].split("/")[2].split("?")[0]
            shown[code] = minor([c for c in page.all("td") if row in c.parents][-1].text)
    assert shown == carried
    assert sum(shown.values()) == 0 != max(shown.values())


def test_an_exchange_difference_is_a_figure_in_base_currency(browser: Client, looked_at: Tieout) -> None:
    lines = [ln for v in looked_at.journal(limit=500, account="5920") for ln in v.lines if ln.account == "5920"]
    assert [ln.amount_minor for ln in lines] == [0] * len(lines)
    page = look(browser, "/accounts/5920")
    assert minor(page.all("div", class_="big")[0].text) == sum(ln.base_minor for ln in lines) != 0
    (register,) = [e for e in page.all("section") if e.attributes.get("aria-labelledby") == "register"]
    cells = [
        (c.attributes["data-label"], minor(c.text))
        for c in page.all("td")
        if register in c.parents and c.inside("tfoot") is None and c.text.endswith("EUR")
    ]
    assert [minor_ if side == "Debit" else -minor_ for side, minor_ in cells] == [ln.base_minor for ln in lines]


def test_accounts_nobody_used_wait_behind_a_link(browser: Client, looked_at: Tieout) -> None:
    used = {b.account for b in looked_at.balances()}
    page, everything = look(browser, "/accounts"), look(browser, "/accounts?all=1")
    codes = {view.code for view in looked_at.accounts()}

    def listed(found: Page) -> set[str]:
        return {e.attributes["href"].split("/")[2].split("?")[0] for e in found.all("a") if "data-open" in e.attributes}

    assert listed(page) == used
    assert listed(everything) == codes
    assert f"Show {len(codes - used)} accounts nothing was ever booked to" in page.text


def test_a_past_day_shows_its_own_balances(browser: Client, looked_at: Tieout) -> None:
    page = look(browser, "/accounts?until=2026-10-10")
    expected = {b.balance_minor for b in looked_at.balances(date(2026, 10, 10)) if b.balance_minor}
    assert {minor(text) for text in amounts_of(page).values()} == expected
    assert "at the end of 2026-10-10" in page.text


def test_registers_of_a_period_print_the_sum_they_were_opened_for(browser: Client) -> None:
    page = look(browser, "/accounts?since=2026-10-05&until=2026-10-11&currency=EUR")
    amounts = amounts_of(page)
    assert len(amounts) > 5
    for href, text in amounts.items():
        assert look(browser, href).sums()[0] == minor(text), href


def test_a_clearing_account_consists_of_its_items(browser: Client, looked_at: Tieout) -> None:
    for view in looked_at.accounts():
        if view.clearing and view.balances:
            page = look(browser, f"/accounts/{view.code}")
            balances = [view.balances[c] for c in first_currency(view.balances, "EUR")]
            assert page.sums()[: len(balances)] == balances
            assert page.text.count("the sum is the balance") == len(balances)
            items = looked_at.items(account=view.code)
            shown = [e for e in page.all("a") if e.attributes["href"].startswith("/trace/itm_")]
            assert len(shown) == len(items)


def test_a_register_shows_the_lines_of_its_account_only(browser: Client, looked_at: Tieout) -> None:
    page = look(browser, "/accounts/1490?currency=EUR")
    lines = [
        ln.amount_minor
        for view in looked_at.journal(limit=500, account="1490", currency="EUR")
        for ln in view.lines
        if (ln.account, ln.currency) == ("1490", "EUR")
    ]
    (register,) = [e for e in page.all("section") if e.attributes.get("aria-labelledby") == "register"]
    cells = [
        (c.attributes["data-label"], minor(c.text))
        for c in page.all("td")
        if register in c.parents and c.inside("tfoot") is None and c.text.endswith("EUR")
    ]
    assert [amount if side == "Debit" else -amount for side, amount in cells] == lines
    assert page.sums()[0] == sum(lines)


def test_an_account_nobody_knows_is_not_found(browser: Client) -> None:
    assert look(browser, "/accounts/9999", status=404).h1 == "There is no account “9999”"


def test_a_bank_account_counts_what_was_there_before(browser: Client, looked_at: Tieout) -> None:
    """The statement and the books agree, so nothing was on the account before the books began."""
    page = look(browser, "/accounts/1100.bank")
    (bank,) = [line for line in looked_at.proof().banks if line.account == "1100.bank"]
    assert page.sums()[0] == bank.books_minor
    assert "and before the books began" not in page.text
