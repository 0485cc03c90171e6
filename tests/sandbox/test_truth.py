"""The truth is whole: debits are credits, and every balance is what its parts say."""

from hypothesis import given

from tests.sandbox.worlds import WORLDS, clean, demo
from tieout.model.account import Role
from tieout.model.case import Reason
from tieout.sandbox.gateway import listed
from tieout.sandbox.plan import compose
from tieout.sandbox.trail import RowKind
from tieout.sandbox.truth import known_rows
from tieout.sandbox.world import World


@given(world=WORLDS)
def test_debits_are_credits_in_every_currency(world: World) -> None:
    """All balances but own income are told one by one; own income is worked out apart and must close the gap."""
    truth = compose(world).truth
    for totals in truth.totals:
        balances = sum(b.amount_minor for b in truth.balances if b.currency == totals.currency)
        assert balances == totals.own_income_minor


@given(world=WORLDS)
def test_the_bank_is_where_its_last_statement_closes(world: World) -> None:
    plan = compose(world)
    for bank in plan.facts.banks:
        last = [statement for statement in plan.facts.statements if statement.bank == bank][-1]
        assert plan.truth.balance_minor(Role.BANK, bank.currency, bank.source) == last.closing_minor


@given(world=WORLDS)
def test_gateway_and_captured_together_are_what_the_gateway_owes(world: World) -> None:
    """Until the last day's rows are listed their money stands in `captured`; fees of these rows are not known yet."""
    plan = compose(world)
    for gateway in plan.facts.gateways:
        rows = [row for row in plan.facts.rows if row.account == gateway.source and row.kind is not RowKind.UNHEARD_OF]
        unlisted = [row for row in rows if row not in known_rows(plan.facts)]
        assert {row.kind for row in unlisted} <= {
            RowKind.CHARGE,
            RowKind.REFUND,
            RowKind.PAYOUT,
            RowKind.RESERVE_RELEASE,
        }
        moved = sum(row.amount_minor for row in unlisted if row.kind in (RowKind.CHARGE, RowKind.REFUND))
        assert plan.truth.balance_minor(Role.CAPTURED, gateway.currency, gateway.source) == moved
        known = sum(row.net_minor for row in rows if row not in unlisted)
        assert plan.truth.balance_minor(Role.GATEWAY, gateway.currency, gateway.source) == known


@given(world=WORLDS)
def test_payouts_in_transit_are_those_not_deposited(world: World) -> None:
    plan = compose(world)
    facts = plan.facts
    kept = {o.currency: o.amount_minor for o in facts.oddities if o.reason is Reason.PAYOUT_ARRIVED_DIFFERENTLY}
    for totals in plan.truth.totals:
        waiting = sum(
            p.amount_minor
            for p in facts.payouts
            if p.currency == totals.currency and p.arrival >= facts.end.date() and listed(p.row, facts.end)
        )
        in_transit = plan.truth.balance_minor(Role.PAYOUT_IN_TRANSIT, totals.currency)
        assert in_transit == waiting + kept.get(totals.currency, 0)


def test_what_buyers_owe_at_the_end_of_the_demo() -> None:
    """Authorised and not captured, unpaid, refunded by the shop only; less payments that name no known order."""
    facts, truth = demo().facts, demo().truth
    open_items = sum(
        c.amount_minor for c in facts.charges if c.captured_at is None and c.ends_at is None and not c.failed
    )
    for oddity in facts.oddities:
        if oddity.reason is Reason.ORDER_UNPAID:
            open_items += oddity.amount_minor
        elif oddity.reason in (Reason.REFUND_WITHOUT_PAYMENT, Reason.PAYMENT_WITHOUT_ORDER):
            open_items -= oddity.amount_minor
    euro = truth.balance_minor(Role.ORDER_RECEIVABLE, "EUR")
    assert euro + truth.balance_minor(Role.ORDER_RECEIVABLE, "USD") == open_items


def test_what_buyers_owe_at_the_end_of_a_clean_month_is_authorised() -> None:
    facts, truth = clean().facts, clean().truth
    held = sum(c.amount_minor for c in facts.charges if c.captured_at is None and c.ends_at is None and not c.failed)
    assert held == sum(b.amount_minor for b in truth.balances if b.role is Role.ORDER_RECEIVABLE)


def test_suspense_holds_the_bank_lines_no_rule_knows() -> None:
    unknown = [o for o in demo().truth.exceptions if o.reason is Reason.BANK_LINE_UNKNOWN]
    assert [o.story for o in unknown] == [
        "The rent of the workshop.",
        "A supplier's invoice.",
        "Interest on the account.",
    ]
    rent, supplier, interest = (o.amount_minor for o in unknown)
    assert demo().truth.balance_minor(Role.SUSPENSE, "EUR") == rent + supplier - interest
    assert clean().truth.balance_minor(Role.SUSPENSE, "EUR") == 0


def test_open_disputes_and_reserves_are_balances() -> None:
    facts, truth = demo().facts, demo().truth
    open_disputes = sum(d.charge.captured_minor for d in facts.disputes if d.won is None)
    assert truth.balance_minor(Role.DISPUTED, "EUR", "stripe") == open_disputes > 0
    for currency, fee in (("EUR", 2000), ("USD", 1500)):
        disputes = [d for d in facts.disputes if d.charge.currency == currency]
        lost = sum(d.charge.captured_minor for d in disputes if d.won is False)
        assert truth.balance_minor(Role.CHARGEBACK_LOSSES, currency) == lost > 0
        assert truth.balance_minor(Role.DISPUTE_FEES, currency) == fee * sum(not d.won for d in disputes)
    assert truth.balance_minor(Role.RESERVE, "EUR", "stripe") > 0


def test_gift_cards_outstanding_are_those_sold_and_not_used() -> None:
    for totals in demo().truth.totals:
        left = totals.gift_cards_sold_minor - totals.gift_cards_redeemed_minor
        assert demo().truth.balance_minor(Role.GIFT_CARD_LIABILITY, totals.currency) == -left < 0


@given(world=WORLDS)
def test_tax_the_channel_remits_leaves_as_it_came(world: World) -> None:
    """What orders and their refunds say of it, and what the gateway withheld and gave back, come to nothing."""
    plan = compose(world)
    for totals in plan.truth.totals:
        assert plan.truth.balance_minor(Role.FACILITATOR_TAX, totals.currency) == 0


def test_tax_the_channel_remits_is_withheld_given_back_in_part_and_whole_and_kept_when_disputed() -> None:
    facts = demo().facts
    liable = sum(t.amount_minor for o in facts.orders for t in o.taxes if t.channel_liable)
    withheld = [row.withheld_minor for row in facts.rows]
    back = {refund.charge.id: refund.withheld_minor for refund in facts.gateway_refunds if refund.withheld_minor}
    shares = {charge.id: charge.withheld_minor for charge in facts.charges if charge.id in back}
    assert sum(amount for amount in withheld if amount > 0) == liable > 0
    assert -sum(amount for amount in withheld if amount < 0) == sum(back.values())
    assert {back[name] == share for name, share in shares.items()} == {True, False}
    disputed = [dispute.charge.withheld_minor for dispute in facts.disputes if dispute.charge.withheld_minor]
    assert len(disputed) == 1
    assert not any(row.withheld_minor for row in facts.rows if row.kind is RowKind.DISPUTE)


def test_counts_of_the_demo() -> None:
    truth = demo().truth
    assert [totals.currency for totals in truth.totals] == ["EUR", "USD"]
    assert [totals.orders for totals in truth.totals] == [528, 72]
    assert truth.booked_orders == 598  # without the lost and the misstated one
    assert (len(truth.exceptions), len(truth.parked), truth.refused) == (14, 1, 1)
    assert all(t.paid_out_minor > t.deposited_minor > 0 for t in truth.totals)


def test_a_balance_of_all_sources_or_of_one() -> None:
    truth = demo().truth
    assert truth.balance_minor(Role.BANK, "EUR") == truth.balance_minor(Role.BANK, "EUR", "bank")
    assert truth.balance_minor(Role.BANK, "EUR", "bank-us") == 0
