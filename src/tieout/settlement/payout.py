"""Payouts: which lines a payout settles, or why there is none, and the states it may go through.

A payout is exactly the sum of its lines. What stays back (a minimum, a hold, a part of a currency's unit) is a line
too, and comes again as the first line of the next one. Every seller that is looked at gets an answer.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from tieout.model.bucket import Hold
from tieout.model.error import PostingRefused
from tieout.model.payout import (
    NEXT_STATES,
    Composition,
    Decision,
    PayoutLine,
    PayoutState,
    PayoutTerms,
    PayoutVerdict,
)
from tieout.model.seller import Seller, TaxStatus
from tieout.settlement.allocate import half_up
from tieout.settlement.bucket import in_force, payable

_BASIS_POINTS = 10_000

#: States in which a payout's lines belong to it and to no other.
LIVE = frozenset(PayoutState) - {PayoutState.FAILED, PayoutState.RETURNED, PayoutState.CANCELED}


def compose(
    seller: Seller, lines: Sequence[PayoutLine], holds: Sequence[Hold], on: date, *, name: str, unit_minor: int = 1
) -> Composition:
    """The payout of a seller's open lines on a day, or why there is none.

    `name` is the payout's own; what it carries is named after it. `lines` are everything open on what is available to
    the seller, what earlier payouts carried included. The amount is rounded down to `unit_minor` where a provider pays
    whole units of a currency only.
    """
    found = decide(seller, sum(line.amount_minor for line in lines), holds, on, unit_minor=unit_minor)
    if found.verdict is not PayoutVerdict.PAID:
        return Composition(
            found.party, found.currency, found.verdict, 0, (), found.carried_minor, found.why
        )  # fmt: skip
    kept = found.carried_minor
    carried = (PayoutLine(f"carry:{name}", -kept, "carry"),) if kept else ()
    return Composition(
        found.party, found.currency, found.verdict, found.amount_minor, (*lines, *carried), kept, found.why
    )


def decide(
    seller: Seller, owed_minor: int, holds: Sequence[Hold], on: date, *, unit_minor: int = 1,
    asked_minor: int | None = None,
) -> Decision:  # fmt: skip
    """What is paid of what a seller is owed on a day, and what is carried; or why nothing is.

    `asked_minor` is what a person wants paid, if not all that can be; more than that is over the limit.
    """
    owed = owed_minor
    held = in_force(holds, seller.party, on)
    if any(hold.amount_minor is None for hold in held):
        return _none(seller, owed, PayoutVerdict.HELD, held)
    stopped = _stopped(seller, owed)
    if stopped is not None:
        return _none(seller, owed, stopped, held)
    amount = payable(owed, seller.kept_minimum_minor, sum(hold.amount_minor or 0 for hold in held))
    amount -= amount % unit_minor
    if amount == 0:
        return _none(seller, owed, PayoutVerdict.HELD if held else PayoutVerdict.BELOW_MINIMUM, held)
    if asked_minor is not None:
        if not 0 < asked_minor <= amount:
            return _none(seller, owed, PayoutVerdict.OVER_LIMIT, held)
        amount = asked_minor
    elif amount < seller.payout_minimum_minor:
        return _none(seller, owed, PayoutVerdict.BELOW_MINIMUM, held)
    if seller.payout_maximum_minor is not None and amount > seller.payout_maximum_minor:
        return _none(seller, owed, PayoutVerdict.OVER_LIMIT, held)
    return Decision(seller.party, seller.currency, PayoutVerdict.PAID, owed, amount, owed - amount, _why(held))


def _stopped(seller: Seller, owed: int) -> PayoutVerdict | None:
    if seller.paused:
        return PayoutVerdict.PAUSED
    if seller.tax_status in (TaxStatus.MISSING, TaxStatus.EXPIRED):
        return PayoutVerdict.TAX_FORM
    if owed <= 0:
        return PayoutVerdict.OWES if owed < 0 else PayoutVerdict.NOTHING_OWED
    return PayoutVerdict.NO_ACCOUNT if seller.account is None else None


def _none(seller: Seller, owed: int, verdict: PayoutVerdict, held: Sequence[Hold]) -> Decision:
    why = seller.paused if verdict is PayoutVerdict.PAUSED else _why(held)
    return Decision(seller.party, seller.currency, verdict, owed, 0, owed, why)


def _why(held: Sequence[Hold]) -> str:
    return "; ".join(f"{hold.reason.meaning} {hold.ends_when}" for hold in held)


class NetPayout(NamedTuple):
    """A payout out of a balance that also has to bear its fees. The four parts come to the balance."""

    net_minor: int
    payout_fee_minor: int
    cross_border_minor: int
    account_fee_minor: int


def net_of_fees(balance_minor: int, terms: PayoutTerms, *, account_fee_due: bool) -> NetPayout:
    """The largest payout a balance allows when its fees come out of the same balance. All zero if there is none.

    The percentages are of what arrives: net = (T − fixed) ÷ (1 + c + p − c·p), rounded down, where T is the balance
    less the account fee.
    """
    account_fee = terms.account_fee_minor if account_fee_due else 0
    rest = balance_minor - account_fee
    fee, abroad = (Fraction(points, _BASIS_POINTS) for points in (terms.basis_points, terms.cross_border_basis_points))
    net = int((rest - terms.fixed_minor) / (1 + abroad + fee - abroad * fee))
    if rest <= terms.fixed_minor or net <= 0:
        return NetPayout(0, 0, 0, 0)
    cross_border = half_up(net * abroad)
    return NetPayout(net, rest - net - cross_border, cross_border, account_fee)


def moved(state: PayoutState, to: PayoutState) -> PayoutState:
    """The new state of a payout. Raises PostingRefused for a way that does not exist."""
    if to not in NEXT_STATES[state]:
        ways = ", ".join(sorted(NEXT_STATES[state])) or "nothing; it is over"
        raise PostingRefused(
            f"A payout that is {state} cannot become {to}", where="payout", remedy=f"From here: {ways}."
        )
    return to


def free(available_minor: int, payouts: Mapping[str, tuple[PayoutState, int]]) -> int:
    """What of a seller's available balance no live payout has claimed. A submitted payout has left it already."""
    booked = (PayoutState.SUBMITTED, PayoutState.IN_TRANSIT, PayoutState.PAID)
    claimed = (amount for state, amount in payouts.values() if state in LIVE and state not in booked)
    return available_minor - sum(claimed)
