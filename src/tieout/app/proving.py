"""The proof and what is shown beside it."""

from datetime import date, datetime

from tieout.app.banking import bank_lines
from tieout.app.context import LedgerContext
from tieout.app.views import Expected, Movement
from tieout.cases import store as cases
from tieout.db.pool import Connection
from tieout.events import store as events
from tieout.intake import store as intake
from tieout.ledger import store as ledger
from tieout.model.account import Role
from tieout.model.match import Naming
from tieout.model.proof import Proof, ProofLine
from tieout.reconciliation import store as reconciliation


def prove(connection: Connection, context: LedgerContext, now: datetime, at: date | None = None) -> Proof:
    """The proof as the last run left it, with balances folded afresh from the lines; with a day, as of its end."""
    run = reconciliation.last_run(connection, context.id)
    lines = reconciliation.proof_lines(connection, context.id, at)
    return Proof(
        as_of=at or (run.as_of if run else now.date()),
        made_at=run.finished_at if run else now,
        run_id=run.id if run else None,
        lines=lines,
        banks=bank_lines(connection, context, at),
        exceptions=cases.totals(connection, context.id),
        unexplained_minor=_unexplained(lines),
        deliveries_waiting=intake.count_waiting(connection, context.id),
        events_parked=events.count_parked(connection, context.id),
        base_currency=context.entity.base_currency,
        # What an item without a name carries in base currency is no second thing to explain.
        unexplained_base_minor=sum(abs(ln.unexplained_base_minor) for ln in lines if not ln.unexplained_minor),
        cut_off=at is not None,
    )


def _unexplained(lines: tuple[ProofLine, ...]) -> dict[str, int]:
    """Per currency the sum of the absolute amounts, so that two errors never cancel out."""
    totals: dict[str, int] = {}
    for line in lines:
        totals[line.currency] = totals.get(line.currency, 0) + abs(line.unexplained_minor)
    return totals


#: From what buyers ordered to what the platform keeps: a label and the roles whose movement it is.
_BRIDGE: tuple[tuple[str, tuple[Role, ...]], ...] = (
    ("Sales", (Role.SALES, Role.SHIPPING_INCOME, Role.FEE_INCOME, Role.COMMISSION_INCOME)),
    ("Sellers", (Role.SELLER_PAYABLE,)),
    ("Tax", (Role.TAX_PAYABLE, Role.FACILITATOR_TAX, Role.DUTIES_PAYABLE)),
    ("Gift cards, tips", (Role.GIFT_CARD_LIABILITY, Role.STORE_CREDIT_LIABILITY, Role.TIPS_PAYABLE)),
    ("Discounts", (Role.DISCOUNTS,)),
    ("Returns", (Role.RETURNS,)),
    ("Gateway fees", (Role.GATEWAY_FEES, Role.INPUT_TAX)),
    ("Disputes", (Role.DISPUTE_FEES, Role.CHARGEBACK_LOSSES)),
    ("Bank charges", (Role.BANK_CHARGES,)),
    ("Write-offs", (Role.WRITE_OFFS, Role.ROUNDING, Role.FX_DIFFERENCES)),
)


def movements(
    connection: Connection, context: LedgerContext, since: date, until: date, currency: str
) -> tuple[Movement, ...]:
    """How the money of a period splits up, credit positive; the sum is what cash and receivables grew by."""
    sums = {(role, c): amount for role, c, amount in ledger.sums_by_role(connection, context.id, since, until)}
    found = []
    for label, roles in _BRIDGE:
        amount = -sum(sums.get((role.value, currency), 0) for role in roles)
        if amount:
            found.append(Movement(label, amount, tuple(role.value for role in roles)))
    return tuple(found)


def expected(connection: Connection, context: LedgerContext) -> tuple[Expected, ...]:
    """What is on its way to the bank, earliest first."""
    rows = [r for r in reconciliation.open_items(connection, context.id) if r.role == "payout_in_transit"]
    names = reconciliation.names(connection, context.id, [r.item.id for r in rows])
    found = []
    for row in rows:
        named = names.get(row.item.id)
        if named is not None and named.naming is Naming.TRANSIT:
            item = row.item
            found.append(
                Expected(f"{row.scope.capitalize()} payout", item.item, named.due, item.open_minor, item.currency)
            )
    return tuple(sorted(found, key=lambda e: (e.due or date.max, e.item)))
