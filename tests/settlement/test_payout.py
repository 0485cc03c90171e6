"""Payouts: the sum of their lines, or a reason why there is none."""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.model.bucket import Hold, HoldReason
from tieout.model.error import PostingRefused
from tieout.model.payout import NEXT_STATES, PayoutLine, PayoutState, PayoutTerms, PayoutVerdict
from tieout.model.seller import PayoutAccount, Seller, TaxStatus
from tieout.settlement.payout import LIVE, NetPayout, compose, free, moved, net_of_fees

DAY = date(2026, 10, 1)
ANNA = Seller("A", "Anna", "EUR", account=PayoutAccount("Anna", "DE89370400440532013000"))
LINES = (PayoutLine("1", 5100, "sales"), PayoutLine("2", -2250, "refunds"))


def seller(**changes: object) -> Seller:
    return msgspec.structs.replace(ANNA, **changes)


def hold(amount: int | None = None) -> Hold:
    return Hold("A", HoldReason.CLAIM, DAY, "eva", "It ends with the claim.", amount)


def test_a_payout_is_its_lines() -> None:
    made = compose(ANNA, LINES, [], DAY, name="po")
    assert (made.verdict, made.amount_minor, made.lines, made.carried_minor) == (PayoutVerdict.PAID, 2850, LINES, 0)


def test_what_stays_back_is_a_line_and_comes_again() -> None:
    made = compose(seller(kept_minimum_minor=1000), LINES, [hold(300)], DAY, name="po")
    assert (made.amount_minor, made.carried_minor) == (1550, 1300)
    assert made.lines == (*LINES, PayoutLine("carry:po", -1300, "carry"))
    assert made.why == "A buyer's claim is open. It ends with the claim."
    again = compose(ANNA, [PayoutLine("carry:po", 1300, "carry")], [], DAY, name="po")
    assert again.amount_minor == 1300


@pytest.mark.parametrize(
    ("changes", "holds", "lines", "verdict"),
    [
        ({}, [hold()], LINES, PayoutVerdict.HELD),
        ({}, [hold(2850)], LINES, PayoutVerdict.HELD),
        ({"paused": "The shop is on holiday."}, [], LINES, PayoutVerdict.PAUSED),
        ({"tax_status": TaxStatus.MISSING}, [], LINES, PayoutVerdict.TAX_FORM),
        ({"tax_status": TaxStatus.EXPIRED}, [], LINES, PayoutVerdict.TAX_FORM),
        ({"account": None}, [], LINES, PayoutVerdict.NO_ACCOUNT),
        ({"account": None}, [], (), PayoutVerdict.NOTHING_OWED),
        ({}, [], LINES[1:], PayoutVerdict.OWES),
        ({"payout_minimum_minor": 2851}, [], LINES, PayoutVerdict.BELOW_MINIMUM),
        ({"kept_minimum_minor": 2850}, [], LINES, PayoutVerdict.BELOW_MINIMUM),
        ({"payout_maximum_minor": 2849}, [], LINES, PayoutVerdict.OVER_LIMIT),
    ],
)
def test_why_there_is_none(changes, holds, lines, verdict) -> None:
    made = compose(seller(**changes), lines, holds, DAY, name="po")
    assert (made.verdict, made.amount_minor, made.lines) == (verdict, 0, ())
    assert made.carried_minor == sum(line.amount_minor for line in lines)


def test_at_its_limits_it_is_paid() -> None:
    for changes in ({"payout_minimum_minor": 2850}, {"payout_maximum_minor": 2850}, {"tax_status": TaxStatus.COMPLETE}):
        assert compose(seller(**changes), LINES, [], DAY, name="po").amount_minor == 2850
    assert compose(seller(paused="Gone."), LINES, [], DAY, name="po").why == "Gone."


def test_whole_units_only_where_a_provider_wants_it() -> None:
    made = compose(ANNA, LINES, [], DAY, name="po", unit_minor=100)
    assert (made.amount_minor, made.carried_minor) == (2800, 50)


@given(
    st.lists(st.integers(-5000, 5000), max_size=6),
    st.integers(0, 3000),
    st.integers(0, 3000),
    st.sampled_from([1, 100]),
)
def test_a_payout_is_always_the_sum_of_its_lines_and_never_more_than_is_owed(amounts, kept, held, unit) -> None:
    lines = [PayoutLine(str(n), amount, "sales") for n, amount in enumerate(amounts)]
    holds = [hold(held)] if held else []
    made = compose(seller(kept_minimum_minor=kept), lines, holds, DAY, name="po", unit_minor=unit)
    assert made.amount_minor == sum(line.amount_minor for line in made.lines)
    assert made.amount_minor + made.carried_minor == sum(amounts)
    assert (made.amount_minor > 0) == (made.verdict is PayoutVerdict.PAID)
    assert 0 <= made.amount_minor <= max(sum(amounts) - kept - held, 0)


TERMS = PayoutTerms(200, 25, 25, 25)


@given(st.integers(0, 10**9), st.booleans())
def test_fees_and_payout_come_to_the_balance(balance: int, due: bool) -> None:
    made = net_of_fees(balance, TERMS, account_fee_due=due)
    assert sum(made) == (balance if made.net_minor else 0)
    assert min(made) >= 0


def test_a_balance_that_only_covers_fees_is_not_paid() -> None:
    assert net_of_fees(225, TERMS, account_fee_due=True) == NetPayout(0, 0, 0, 0)
    assert net_of_fees(227, TERMS, account_fee_due=True) == NetPayout(1, 26, 0, 200)
    assert net_of_fees(1000, PayoutTerms(), account_fee_due=True) == NetPayout(1000, 0, 0, 0)


@pytest.mark.parametrize("state", PayoutState)
def test_only_the_ways_that_exist_can_be_gone(state: PayoutState) -> None:
    for to in PayoutState:
        if to in NEXT_STATES[state]:
            assert moved(state, to) is to
        else:
            with pytest.raises(PostingRefused, match=f"A payout that is {state} cannot become {to}"):
                moved(state, to)


def test_what_a_live_payout_claims_is_not_free() -> None:
    assert {PayoutState.HELD, PayoutState.PAID} < LIVE
    claims = {state: free(1000, {"po": (state, 400)}) for state in PayoutState}
    assert {state for state, left in claims.items() if left == 600} == {
        PayoutState.DRAFT, PayoutState.PENDING_APPROVAL, PayoutState.APPROVED, PayoutState.HELD, PayoutState.QUEUED,
    }  # fmt: skip
    assert set(claims.values()) == {600, 1000}
