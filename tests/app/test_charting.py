"""The chart of accounts: opened, closed and guarded, and what an account takes from then on."""

from datetime import date, timedelta

import msgspec
import pytest

from tests.app.house import (
    ANNA,
    DAY,
    balances,
    charge,
    entries,
    happened,
    open_cases,
    opening_balance,
    order,
    push,
    tell,
    the_case,
    work,
)  # fmt: skip
from tieout.app import Tieout
from tieout.app.charting import Limit, NewAccount, Over
from tieout.app.context import LedgerContext
from tieout.ledger import store as ledger
from tieout.model.account import AccountType, Guard, Role
from tieout.model.case import Action, Resolution
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import AccountUnfit, AmountError, BadInput, ConfigError, NotFound, Overdrawn, ResolutionRefused
from tieout.model.period import Area

PETTY = NewAccount("1110", "Petty cash", AccountType.ASSET, area=Area.BANK)


def draft(account: str, amount: int, currency: str = "EUR", on: date = DAY, **dimensions: str) -> EntryDraft:
    return opening_balance(
        key=f"{account}:{amount}:{currency}:{on}:{dimensions}",
        effective_date=on,
        lines=(
            Line(account, currency, amount, amount, dimensions=dimensions),
            Line("3000", currency, -amount, -amount),
        ),
    )


def test_every_account_says_what_it_takes(app: Tieout) -> None:
    sheets = {sheet.account.code: sheet for sheet in app.chart()}
    sales = sheets["4000"]
    assert (sales.path, sales.account.area, sales.account.guard, sales.limits) == (
        ("Income", "Revenue"), Area.SALES, Guard.NONE, (),
    )  # fmt: skip
    assert sheets["1320.stripe"].path == ("Assets", "Money with gateways")
    assert [s.account.code for s in sheets.values() if not s.path] == []
    areas = {code: sheets[code].account.area for code in ("1100.bank", "2100", "5000", "1490")}
    assert areas == {"1100.bank": Area.BANK, "2100": Area.TAX, "5000": Area.PURCHASES, "1490": Area.ALL}


def test_an_account_is_opened_and_takes_entries(app: Tieout) -> None:
    account = app.open_account(PETTY, actor=ANNA)
    assert (account.code, account.parent, account.role, account.area) == ("1110", "11", Role.OTHER, Area.BANK)
    app.post([draft("1110", 500)], actor=ANNA)
    assert balances(app)["1110", "EUR"] == 500
    newest = app.audit(2)[1]
    assert (newest.actor, newest.action, newest.subject, newest.detail) == (
        "anna", "account.opened", "1110", "Petty cash",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"code": "4000"}, "code"),
        ({"code": "1"}, "code"),
        ({"code": "a b"}, "code"),
        ({"code": ""}, "code"),
        ({"name": " "}, "code"),
        ({"code": "4711"}, "parent"),
        ({"parent": "99"}, "parent"),
        ({"role": Role.SALES}, "role"),
        ({"needs": ("channel",), "takes": ("store",)}, "needs"),
        ({"needs": ("",)}, "needs"),
    ],
)
def test_what_makes_no_sense_is_no_account(app: Tieout, change: dict[str, object], where: str) -> None:
    before = len(app.chart())
    with pytest.raises(ConfigError) as refused:
        app.open_account(msgspec.structs.replace(PETTY, **change), actor=ANNA)
    assert refused.value.where == where
    with pytest.raises(AmountError):
        app.open_account(msgspec.structs.replace(PETTY, currencies=("XBT",)), actor=ANNA)
    assert len(app.chart()) == before


def test_an_account_takes_its_currencies_days_and_dimensions_and_no_other(app: Tieout) -> None:
    new = msgspec.structs.replace(
        PETTY, currencies=("EUR", "CHF"), needs=("shop",), takes=("shop", "clerk"), opened_on=date(2026, 3, 1)
    )
    app.open_account(new, actor=ANNA)
    for wrong, what in (
        (draft("1110", 5, "EUR"), "a line on account 1110 needs the dimension “shop”"),
        (draft("1110", 5, shop="A", drawer="2"), "account 1110 takes no dimension “drawer”"),
        (draft("1110", 5, "USD", shop="A"), "account 1110 takes only EUR, CHF"),
        (draft("1110", 5, on=date(2026, 2, 28), shop="A"), "account 1110 is closed on 2026-02-28"),
    ):
        with pytest.raises(AccountUnfit, match=what):
            app.post([wrong], actor=ANNA)
    app.post([draft("1110", 5, shop="A"), draft("1110", 6, shop="A", clerk="Jo")], actor=ANNA)
    assert balances(app)["1110", "EUR"] == 11


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (b"update account set currencies = '{CHF}' where code = '1110'", "takes only CHF"),
        (b"update account set needs = '{shop}' where code = '1110'", "needs shop"),
        (b"update account set takes = '{}' where code = '1110'", "takes no dimension but none"),
    ],
)
def test_the_database_holds_what_an_account_takes_too(app: Tieout, change: bytes, what: str) -> None:
    """Whoever read the chart before an account became picky is refused all the same."""
    app.open_account(PETTY, actor=ANNA)
    with app.database.unit() as connection:
        context = LedgerContext(connection, app.settings)
        accounts = dict(context.accounts)
        connection.execute(change)
        refused = pytest.raises(AccountUnfit, match=f"The ledger refused: account 1110 {what}")
        with refused, connection.transaction():
            ledger.post(connection, context.id, [draft("1110", 5, drawer="2")], accounts)


def test_an_account_is_closed_when_nothing_stands_on_it(app: Tieout) -> None:
    app.open_account(PETTY, actor=ANNA)
    app.post([draft("1110", 500)], actor=ANNA)
    later = DAY + timedelta(days=10)
    with pytest.raises(AccountUnfit, match=r"1110 has a balance of 5\.00 EUR"):
        app.close_account("1110", later, actor=ANNA)
    app.post([draft("1110", -500, on=DAY + timedelta(days=1))], actor=ANNA)
    with pytest.raises(AccountUnfit, match="1110 has lines of 2026-03-04"):
        app.close_account("1110", DAY + timedelta(days=1), actor=ANNA)
    app.close_account("1110", later, actor=ANNA)
    with pytest.raises(AccountUnfit, match=f"account 1110 is closed on {later}"):
        app.post([draft("1110", 1, on=later)], actor=ANNA)
    app.post([draft("1110", 1), draft("1110", -1)], actor=ANNA)  # days before are as they were
    app.reopen_account("1110", actor=ANNA)
    app.post([draft("1110", 1, on=later)], actor=ANNA)
    assert [line.action for line in app.audit(20) if line.subject == "1110"] == [
        "account.reopened", "account.closed", "account.opened",
    ]  # fmt: skip
    with pytest.raises(NotFound, match="There is no account “1199”"):
        app.close_account("1199", later, actor=ANNA)
    with pytest.raises(BadInput):
        app.close_account("1495", date(1900, 1, 1), actor=ANNA)


def test_an_account_with_open_items_is_not_closed(app: Tieout) -> None:
    """Nothing stands on suspense in sum, and still two items on it are open."""
    app.post(
        [
            opening_balance(key="a", lines=(Line("1490", "EUR", 5, 5, item="x"), Line("3000", "EUR", -5, -5))),
            opening_balance(key="b", lines=(Line("1490", "EUR", -5, -5, item="y"), Line("3000", "EUR", 5, 5))),
        ],
        actor=ANNA,
    )
    with pytest.raises(AccountUnfit, match="2 items on 1490 are open"):
        app.close_account("1490", DAY + timedelta(days=10), actor=ANNA)


def test_a_guard_refuses_with_account_limit_and_balance(app: Tieout) -> None:
    assert app.guard_account("2200", [Limit("EUR", 1000)], actor=ANNA) == []
    app.post([draft("2200", -500)], actor=ANNA)
    with pytest.raises(Overdrawn) as refused:
        app.post([draft("2200", 1501)], actor=ANNA)
    assert refused.value.what == (
        "The ledger refused: account 2200 may have a debit balance of at most 10.00 EUR; its balance is 5.00 EUR credit"
        " and this would take it to 10.01 EUR debit"
    )
    app.post([draft("2200", 1500)], actor=ANNA)
    sheet = next(s for s in app.chart() if s.account.code == "2200")
    assert (sheet.account.guard, sheet.limits) == (Guard.NO_DEBIT_BALANCE, (Limit("EUR", 1000),))
    assert app.guard_account("2200", [Limit("EUR", 1)], actor=ANNA) == [Over("2200", "EUR", "", 1000, 1)]
    assert app.guard_account("2200", off=True, actor=ANNA) == []
    app.post([draft("2200", 10**6)], actor=ANNA)
    said = [(line.action, line.detail) for line in app.audit(20) if line.subject == "2200"]
    assert said == [
        ("account.unguarded", ""), ("account.guarded", "at most 0.01 EUR"), ("account.guarded", "at most 10.00 EUR"),
    ]  # fmt: skip
    assert app.check()[0].what == "proof"


@pytest.mark.parametrize(
    "limits",
    [[Limit("EUR", -1)], [Limit("EUR", 1, "Ana")], [Limit("EUR", 1), Limit("EUR", 2)]],
)
def test_a_limit_that_makes_no_sense(app: Tieout, limits: list[Limit]) -> None:
    with pytest.raises(BadInput):
        app.guard_account("2200", limits, actor=ANNA)
    with pytest.raises(AmountError):
        app.guard_account("2200", [Limit("XBT", 1)], actor=ANNA)


def test_an_event_that_a_guard_refuses_is_a_case_and_is_released_when_there_is_enough(app: Tieout) -> None:
    """A worker goes on, the event is held with what the ledger said, and a person releases it later."""
    app.guard_account("1200", actor=ANNA)
    push(app, "stripe", charge(amount=9000), "charge")  # paid before the order is known: less than nothing is owed
    push(app, "shop", order(1090), "orders")
    work(app)
    view = the_case(app, "posting_refused")
    assert view.case.draft.sentence.startswith(
        "The ledger refused: account 1200 may have a credit balance of at most 0.00 EUR; its balance is "
    )
    held = [view.draft.key for view in happened(app).values() if view.state == "held"]
    assert len(held) == 1
    assert "shop:order:1090:placed" in entries(app), "the rest of the batch is booked"
    before = balances(app)
    assert work(app).entries == 0, "nobody tries again and again"
    assert balances(app) == before
    tell(app, "shop", order(), "orders")
    app.resolve(view.id, Resolution(Action.RELEASE, "The order has come."), actor=ANNA)
    assert held[0] in entries(app)
    assert [row for row in open_cases(app) if row[0] == "posting_refused"] == []


def test_a_release_that_a_guard_refuses_again_says_so(app: Tieout) -> None:
    app.guard_account("1200", actor=ANNA)
    tell(app, "stripe", charge(), "charge")
    view = the_case(app, "posting_refused")
    with pytest.raises(ResolutionRefused, match="account 1200 may have a credit balance"):
        app.resolve(view.id, Resolution(Action.RELEASE, "Now."), actor=ANNA)
    assert the_case(app, "posting_refused").case.state == "open"
