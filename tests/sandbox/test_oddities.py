"""The demo goes wrong in the ways it says, and a clean world in none."""

from collections import Counter
from datetime import timedelta

from hypothesis import given

from tests.sandbox.worlds import WORLDS, demo, only
from tieout.model.case import Reason
from tieout.sandbox.trail import Facts, Oddity, Outcome
from tieout.sandbox.world import World


def oddity(facts: Facts, reason: Reason) -> Oddity:
    found: Oddity = only(facts.oddities, lambda one: one.reason is reason)
    return found


def test_what_goes_wrong_in_the_demo() -> None:
    assert Counter(o.reason for o in demo().facts.oddities) == {
        Reason.ORDER_UNPAID: 2,
        Reason.PAYMENT_WITHOUT_ORDER: 2,
        Reason.TOTAL_MISMATCH: 1,
        Reason.REFUND_WITHOUT_PAYMENT: 1,
        Reason.PREREQUISITE_MISSING: 1,
        Reason.CODE_UNKNOWN: 1,
        Reason.BANK_CREDIT_WITHOUT_PAYOUT: 1,
        Reason.PAYOUT_NOT_ARRIVED: 1,
        Reason.PAYOUT_ARRIVED_DIFFERENTLY: 1,
        Reason.PAYOUT_COMPOSITION_MISMATCH: 1,
        Reason.BANK_LINE_UNKNOWN: 3,
    }


@given(world=WORLDS)
def test_oddities_are_about_different_things_and_have_money_at_risk(world: World) -> None:
    oddities = world.facts.oddities
    assert len({(o.reason, o.subject) for o in oddities}) == len(oddities)
    assert all(o.amount_minor > 0 for o in oddities)
    assert not (world.clean and oddities)


def test_unpaid_and_misstated_orders_have_no_payment() -> None:
    facts = demo().facts
    paid = {f"order:{charge.order.id}" for charge in facts.charges if charge.order}
    for one in facts.oddities:
        if one.reason in (Reason.ORDER_UNPAID, Reason.TOTAL_MISMATCH):
            assert one.subject not in paid
            (order,) = (o for o in facts.orders if f"order:{o.id}" == one.subject)
            assert one.amount_minor == order.total_minor
            assert bool(order.misstated_minor) == (one.reason is Reason.TOTAL_MISMATCH)


def test_the_refund_only_the_shop_made() -> None:
    facts = demo().facts
    one = oddity(facts, Reason.REFUND_WITHOUT_PAYMENT)
    refund = only(facts.shop_refunds, lambda r: f"order:{r.order.id}" == one.subject)
    assert refund.total_minor == one.amount_minor
    assert not [r for r in facts.gateway_refunds if r.charge.order == refund.order]


def test_the_refund_of_an_order_from_before() -> None:
    facts = demo().facts
    one = oddity(facts, Reason.PREREQUISITE_MISSING)
    refund = only(facts.shop_refunds, lambda r: f"shop_refund:{r.id}" == one.subject)
    assert one.outcome is Outcome.PARKED
    assert refund.order not in facts.orders
    assert refund.order.placed_at < facts.start


def test_the_payout_whose_list_lacks_a_row() -> None:
    facts = demo().facts
    one = oddity(facts, Reason.PAYOUT_COMPOSITION_MISMATCH)
    payout = only(facts.payouts, lambda p: p.left_out is not None)
    row = only(payout.rows, lambda r: r.id == payout.left_out)
    assert (one.subject, one.amount_minor) == (f"payout:{payout.id}", row.net_minor)


@given(world=WORLDS)
def test_a_row_left_out_can_be_told_by_its_amount(world: World) -> None:
    facts = world.facts
    gone = {payout.left_out for payout in facts.payouts if payout.left_out}
    for row in facts.rows:
        if row.id in gone:
            assert [r.id for r in facts.rows if (r.account, r.net_minor) == (row.account, row.net_minor)] == [row.id]


def test_the_payout_the_bank_took_a_charge_from() -> None:
    facts = demo().facts
    one = oddity(facts, Reason.PAYOUT_ARRIVED_DIFFERENTLY)
    payout = only(facts.payouts, lambda p: f"payout:{p.id}" == one.subject)
    booking = only((b for s in facts.statements for b in s.bookings), lambda b: b.payout == payout.id)
    assert payout.currency == "USD"
    assert payout.amount_minor - booking.amount_minor == one.amount_minor == 1500


def test_the_deposit_without_a_reference_could_be_either_of_two_payouts() -> None:
    facts = demo().facts
    deposit = oddity(facts, Reason.BANK_CREDIT_WITHOUT_PAYOUT)
    missing = oddity(facts, Reason.PAYOUT_NOT_ARRIVED)
    payout = only(facts.payouts, lambda p: f"payout:{p.id}" == missing.subject)
    booking = only(
        (b for s in facts.statements for b in s.bookings), lambda b: f"bank_line:{b.reference}" == deposit.subject
    )
    assert (booking.payout, booking.end_to_end, booking.text) == (payout.id, "NOTPROVIDED", ("STRIPE PAYOUT",))
    assert booking.amount_minor == deposit.amount_minor == missing.amount_minor
    assert sum(p.amount_minor == payout.amount_minor and p.account == "stripe" for p in facts.payouts) == 2
    assert deposit.accepts == missing.accepts == (Reason.SEVERAL_CANDIDATES,)


@given(world=WORLDS)
def test_a_payout_said_not_to_have_arrived_is_overdue(world: World) -> None:
    facts = world.facts
    late = {o.subject for o in facts.oddities if o.reason is Reason.PAYOUT_NOT_ARRIVED}
    for payout in facts.payouts:
        if f"payout:{payout.id}" in late:
            assert payout.arrival + timedelta(days=4) < facts.end.date()
