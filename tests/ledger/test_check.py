"""Entries are refused by name before the database sees them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.books import entry
from tieout.ledger.check import LINES_MAX, check
from tieout.model.account import Account, AccountType, Role
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import AmountError, PostingRefused
from tieout.model.money import AMOUNT_MINOR_MAX

ACCOUNTS = {
    account.code: account
    for account in (
        Account(1, "1200", "Receivable", AccountType.ASSET, Role.ORDER_RECEIVABLE, clearing=True),
        Account(2, "4000", "Sales", AccountType.INCOME, Role.SALES),
        Account(3, "1100.usd", "Dollars", AccountType.ASSET, Role.BANK, currencies=("USD", "CAD")),
        Account(4, "4999", "Old sales", AccountType.INCOME, Role.SALES, closed_on=date(2026, 1, 15)),
    )
}


@pytest.mark.parametrize(
    "text",
    [
        "1200 1000; 4000 -1000",
        "1200 1000; 1200 500; 4000 -1500",
        "1200 1000; 1200 -1000",
        "1100.usd 1000 USD 900; 4000 -1000 USD -900",
        "1200 1000; 4000 -1000; 1100.usd 5 USD 4; 4000 -5 USD -4",
        "1100.usd 0 USD 4; 4000 0 USD -4",  # a revaluation: base currency alone
        f"1200 {AMOUNT_MINOR_MAX}; 4000 -{AMOUNT_MINOR_MAX}",
    ],
)
def test_what_balances_is_taken(text: str) -> None:
    drafts = [entry("a", text)]
    check(drafts, ACCOUNTS)
    assert drafts == [entry("a", text)]


REFUSED = {
    "1200 1000; 4000 -999": "debit and credit differ by 0.01 EUR and 1 minor units of base currency",
    "1200 1000; 4000 -1000 USD -1000": "debit and credit differ by 10.00 EUR and −10.00 USD",
    "1200 1000 USD 900; 4000 -1000 USD -899": "debit and credit differ by 1 minor units of base currency",
    "1200 1000": "it has 1 lines",
    "1200 1000; 4000 -1000; 4000 0": "a line on 4000 is zero",
    "1200 1000; 4001 -1000": "there is no account “4001”",
    "1200 1000; 4999 -1000": "account 4999 is closed on 2026-01-15",
    "1200 1000; 1100.usd -1000": "account 1100.usd takes only USD, CAD",
    f"1200 {AMOUNT_MINOR_MAX + 1}; 4000 -{AMOUNT_MINOR_MAX + 1}": "an amount is beyond 64 bits",
    f"1200 1 USD {AMOUNT_MINOR_MAX + 1}; 4000 -1 USD -{AMOUNT_MINOR_MAX + 1}": "an amount is beyond 64 bits",
    f"1200 {AMOUNT_MINOR_MAX}; 1200 1; 4000 -{AMOUNT_MINOR_MAX}; 4000 -1": "its debits are beyond 64 bits together",
    f"1200 1 USD {AMOUNT_MINOR_MAX}; 1200 1 USD 1; 4000 -1 USD -{AMOUNT_MINOR_MAX}; 4000 -1 USD -1": (
        "its debits are beyond 64 bits together"
    ),
}


@pytest.mark.parametrize(("text", "what"), REFUSED.items())
def test_what_does_not_hold_is_refused_by_name(text: str, what: str) -> None:
    good, bad = entry("good"), entry("shop:order:7:placed", text)
    with pytest.raises(PostingRefused) as refused:
        check([good, bad], ACCOUNTS)
    assert refused.value.what == f"Entry “shop:order:7:placed” is refused: {what}"
    assert refused.value.where == "shop:order:7:placed"
    assert refused.value.remedy != ""


@pytest.mark.parametrize("amount", [10.0, 10.5, Decimal(10), "10", None, True])
@pytest.mark.parametrize("field", ["amount_minor", "base_minor"])
def test_only_whole_minor_units_are_amounts(amount: Any, field: str) -> None:
    lines = (Line("1200", "EUR", 10, 10), Line("4000", "EUR", -10, -10))
    wrong = msgspec.structs.replace(lines[0], **{field: amount})
    with pytest.raises(PostingRefused, match="is not whole minor units"):
        check([msgspec.structs.replace(entry("a"), lines=(wrong, lines[1]))], ACCOUNTS)


def test_an_entry_has_no_more_lines_than_the_database_counts() -> None:
    pairs = (Line("1200", "EUR", 1, 1), Line("4000", "EUR", -1, -1)) * (LINES_MAX // 2)
    check([msgspec.structs.replace(entry("a"), lines=pairs)], ACCOUNTS)
    with pytest.raises(PostingRefused, match="it has 32002 lines"):
        check([msgspec.structs.replace(entry("a"), lines=pairs + pairs[:2])], ACCOUNTS)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"key": ""}, "its key is empty"),
        ({"key": "a\0"}, "NUL"),
        ({"memo": "\0"}, "NUL"),
        ({"why": "be\0cause"}, "NUL"),
        ({"occurred_at": datetime(2026, 1, 1)}, "no zone"),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_kept_as_it_is_is_refused(change: dict[str, Any], what: str) -> None:
    with pytest.raises(PostingRefused, match=what):
        check([msgspec.structs.replace(entry("a"), **change)], ACCOUNTS)


def test_a_currency_iso_does_not_know_is_refused() -> None:
    with pytest.raises(AmountError, match="“BTC” is not an ISO 4217 currency"):
        check([entry("a", "1200 10 BTC 10; 4000 -10 BTC -10")], ACCOUNTS)


amounts = st.integers(-(10**15), 10**15).filter(bool)


@given(
    st.lists(
        st.tuples(st.sampled_from(["1200", "4000"]), st.sampled_from(["EUR", "JPY", "BHD"]), amounts, amounts),
        max_size=8,
    ),
    st.booleans(),
)
def test_exactly_what_balances_passes(found: list[tuple[str, str, int, int]], mend: bool) -> None:
    """An entry passes if and only if every currency and base come to zero; mended, it always does."""
    lines = [Line(*values) for values in found]
    if mend:
        for currency in {line.currency for line in lines}:
            own = [line for line in lines if line.currency == currency]
            lines.append(Line("4000", currency, -sum(x.amount_minor for x in own), -sum(x.base_minor for x in own)))
    lines = [line for line in lines if line.amount_minor or line.base_minor]
    sums = {c: sum(ln.amount_minor for ln in lines if ln.currency == c) for c in {ln.currency for ln in lines}}
    holds = len(lines) >= 2 and not any(sums.values()) and sum(ln.base_minor for ln in lines) == 0
    draft = msgspec.structs.replace(entry("a"), lines=tuple(lines))
    assert passes(draft) is holds
    assert holds or not mend or len(lines) < 2


def passes(draft: EntryDraft) -> bool:
    try:
        check([draft], ACCOUNTS)
    except PostingRefused:
        return False
    return True
