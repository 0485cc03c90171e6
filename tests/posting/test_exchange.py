"""What exchange rates do to amounts that stand in the books already."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.model.account import Role
from tieout.model.entry import Line
from tieout.model.error import ConfigError
from tieout.model.match import OpenItem
from tieout.posting.exchange import (
    Difference,
    close_items,
    entry_of,
    moved,
    part_of,
    read_currency_rules,
    standard_currency_rules,
    turned,
)

DAY = date(2026, 3, 3)
RULE = standard_currency_rules().choose("fx.realised", DAY)


def account_for(role: Role, scope: str) -> str | None:
    assert scope == ""
    return {Role.FX_DIFFERENCES: "5920", Role.FX_CLEARING: "1495"}.get(role)


def item(number: int, name: str, amount: int, base: int, *, account: str = "1320", currency: str = "USD") -> OpenItem:
    return OpenItem(number, account, currency, name, amount, amount, DAY, number, None, base, base)


def test_a_surplus_is_a_loss_and_what_lacks_is_a_gain() -> None:
    assert moved(Difference("1320", "USD", 200), RULE, account_for) == (
        Line("1320", "USD", 0, -200),
        Line("5920", "USD", 0, 200),
    )
    assert moved(Difference("1320", "USD", -200), RULE, account_for) == (
        Line("1320", "USD", 0, 200),
        Line("5920", "USD", 0, -200),
    )


def test_gains_and_losses_may_go_to_accounts_of_their_own() -> None:
    text = """
    rule = [
      { id = "fx.realised", version = 1, gain = "rounding", loss = "write_offs", why = "Kept apart." },
      { id = "fx.realised", version = 2, gain = "rounding", loss = "rounding", why = "?", from_day = 2026-04-01 },
      { id = "fx.revalued", version = 1, gain = "rounding", loss = "rounding", why = "Again." },
    ]
    """
    rules = read_currency_rules(text, "test")
    rule = rules.choose("fx.realised", DAY)

    def found(role: Role, _: str) -> str:
        return role.value

    assert [moved(Difference("1320", "USD", n), rule, found)[1].account for n in (5, -5)] == ["write_offs", "rounding"]
    assert rules.choose("fx.realised", date(2026, 4, 1)).version == 2


@pytest.mark.parametrize(
    "text",
    [
        "rule = 1",
        "nonsense",
        'rule = [{ id = "fx.realised", version = 1, gain = "heaven", loss = "rounding", why = "?" }]',
        'rule = [{ id = "fx.realised", version = 1, gain = "rounding", loss = "rounding", why = "?" }]',
    ],
)
def test_rules_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        read_currency_rules(text, "test")


def test_without_an_account_for_it_nothing_is_moved() -> None:
    with pytest.raises(ConfigError, match="No account plays the role “fx_differences”"):
        moved(Difference("1320", "USD", 1), RULE, lambda _role, _scope: None)


def test_what_is_turned_takes_the_lines_back() -> None:
    lines = (Line("1320", "USD", 100, 92, item="a"), Line("4000", "USD", -100, -92))
    assert turned(lines) == (Line("1320", "USD", -100, -92, item="a"), Line("4000", "USD", 100, 92))


def test_an_entry_knows_whether_its_own_day_was_closed() -> None:
    lines = moved(Difference("1320", "USD", 1), RULE, account_for)
    entry = entry_of("fx/mat_1", DAY, date(2026, 4, 1), lines, "Memo", RULE)
    assert (entry.effective_date, entry.occurred_at.date(), entry.late) == (date(2026, 4, 1), DAY, True)
    assert not entry_of("fx/mat_1", DAY, DAY, lines, "Memo", RULE).late


# ── Closing items by hand ─────────────────────────────────────────────────────────────────────────────────────


def test_an_item_is_closed_at_what_it_carries() -> None:
    assert close_items([item(1, "txn:1", 1500, 1364)], "5910", "EUR", account_for) == (
        Line("1320", "USD", -1500, -1364, item="txn:1"),
        Line("5910", "USD", 1500, 1364),
    )


def test_what_cancels_out_leaves_only_an_exchange_difference() -> None:
    """100 came at 0.92 and went at 0.90: nothing is left in dollars, and 2 of base currency were lost."""
    found = close_items([item(1, "txn:1", 100, 92), item(2, "txn:2", -100, -90)], "5910", "EUR", account_for)
    assert found[2:] == (Line("5920", "USD", 0, 2),)


def test_what_is_left_is_worth_what_its_own_side_carries() -> None:
    """100 at 0.92 less 90 at 0.90: 10 dollars are left at 0.92, and the other 90 lost 1.80."""
    found = close_items([item(1, "txn:1", 10000, 9200), item(2, "txn:2", -9000, -8100)], "5910", "EUR", account_for)
    assert found[2:] == (Line("5910", "USD", 1000, 920), Line("5920", "USD", 0, 180))


def test_items_of_one_name_that_cancel_out_leave_the_difference_to_their_match() -> None:
    """Their closing lines are one item of nothing: the match of the two that stay realises the difference itself."""
    found = close_items([item(1, "txn:1", 100, 92), item(2, "txn:1", -100, -90)], "5910", "EUR", account_for)
    assert [(ln.amount_minor, ln.base_minor) for ln in found] == [(-100, -92), (100, 92)]


def sold_and_paid(worth: int) -> list[OpenItem]:
    """An order of 100.00 EUR, and 125.00 USD paid for it that are worth something else in the books."""
    return [
        item(1, "order:1", 10000, 10000, account="1200", currency="EUR"),
        item(2, "order:1", -12500, -worth, account="1200"),
    ]


def test_what_was_paid_in_another_currency_is_exchanged_and_the_rest_is_a_difference() -> None:
    """125.00 USD at 1.28 are 97.66 EUR for an order of 100.00: 2.34 are lost, and the conversion account is nil."""
    assert close_items(sold_and_paid(9766), "1495", "EUR", account_for) == (
        Line("1200", "EUR", -10000, -10000, item="order:1"),
        Line("1200", "USD", 12500, 9766, item="order:1"),
        Line("1495", "EUR", 10000, 10000),
        Line("1495", "USD", -12500, -9766),
        Line("1495", "USD", 0, -234),
        Line("5920", "USD", 0, 234),
    )


def test_what_is_worth_the_same_leaves_no_difference() -> None:
    assert close_items(sold_and_paid(10000), "1495", "EUR", account_for)[2:] == (
        Line("1495", "EUR", 10000, 10000),
        Line("1495", "USD", -12500, -10000),
    )


def test_only_the_conversion_account_exchanges() -> None:
    """Any other account takes both amounts at what they carry: straight to differences, the loss is 2.34 as well."""
    assert close_items(sold_and_paid(9766), "5920", "EUR", account_for)[2:] == (
        Line("5920", "EUR", 10000, 10000),
        Line("5920", "USD", -12500, -9766),
    )
    alone = sold_and_paid(9766)[:1]
    assert close_items(alone, "1495", "EUR", account_for)[1:] == (Line("1495", "EUR", 10000, 10000),)


items = st.lists(
    st.builds(
        item,
        st.integers(1, 99),
        st.sampled_from(["txn:1", "txn:2", "payout:1"]),
        st.integers(-(10**9), 10**9).filter(bool),
        st.integers(-(10**9), 10**9),
        account=st.sampled_from(["1320", "1330"]),
        currency=st.sampled_from(["USD", "JPY", "KWD"]),
    ),
    min_size=1,
    max_size=8,
)


@given(items, st.sampled_from(["5910", "1495"]))
def test_closing_lines_balance_in_each_currency_and_in_base(found: list[OpenItem], account: str) -> None:
    lines = close_items(found, account, "EUR", account_for)
    for currency in {line.currency for line in lines}:
        own = [line for line in lines if line.currency == currency]
        assert sum(line.amount_minor for line in own) == 0
        assert sum(line.base_minor for line in own) == 0
    taken = {line.currency for line in lines if line.account == account and line.amount_minor}
    if account == "1495" and len(taken) > 1:
        assert sum(line.base_minor for line in lines if line.account == account) == 0
    assert len(lines) <= len(found) + 2 * len({i.currency for i in found}) + 2


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**12), st.integers(1, 10**12))
def test_a_part_and_the_rest_are_the_whole(base: int, part: int, rest: int) -> None:
    first = part_of(base, part, part + rest)
    assert abs(first + part_of(base, rest, part + rest) - base) <= 1
    assert part_of(base, part + rest, part + rest) == base
    assert part_of(-base, part, part + rest) == -first
