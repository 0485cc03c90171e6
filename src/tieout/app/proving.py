"""The proof and what is shown beside it."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from tieout.app.context import LedgerContext
from tieout.app.views import Expected, Movement
from tieout.cases import store as cases
from tieout.db.pool import Connection
from tieout.events import store as events
from tieout.intake import store as intake
from tieout.ledger import store as ledger
from tieout.model.account import Role
from tieout.model.case import CaseDraft, Reason
from tieout.model.ids import IdKind, public_id
from tieout.model.match import Naming
from tieout.model.money import to_minor
from tieout.model.proof import BankLine, Proof, ProofLine
from tieout.reconciliation import store as reconciliation
from tieout.reconciliation.store import Statement


def prove(connection: Connection, context: LedgerContext, now: datetime) -> Proof:
    """The proof as the last run left it, with balances folded afresh from the lines."""
    run = reconciliation.last_run(connection, context.id)
    lines = reconciliation.proof_lines(connection, context.id)
    return Proof(
        as_of=run.as_of if run else now.date(),
        made_at=run.finished_at if run else now,
        run_id=run.id if run else None,
        lines=lines,
        banks=bank_lines(connection, context),
        exceptions=cases.totals(connection, context.id),
        unexplained_minor=_unexplained(lines),
        deliveries_waiting=intake.count_waiting(connection, context.id),
        events_parked=events.count_parked(connection, context.id),
    )


def _unexplained(lines: tuple[ProofLine, ...]) -> dict[str, int]:
    """Per currency the sum of the absolute amounts, so that two errors never cancel out."""
    totals: dict[str, int] = {}
    for line in lines:
        totals[line.currency] = totals.get(line.currency, 0) + abs(line.unexplained_minor)
    return totals


#: The statements of one account at one bank, in order.
Chain = list[Statement]


def bank_lines(connection: Connection, context: LedgerContext) -> tuple[BankLine, ...]:
    """Every bank account: books against the closing balance of the newest statement, and whether the chain holds."""
    chains = _chains(connection, context)
    found = []
    for account in context.accounts.values():
        if account.role is not Role.BANK or account.source is None:
            continue
        own = [chain for (source, _), chain in chains.items() if source == account.source]
        books = {b.currency: b.balance_minor for b in ledger.balances(connection, context.id, accounts=[account.code])}
        for currency in sorted(books.keys() | {chain[-1].facts["currency"] for chain in own}):
            told = [chain for chain in own if chain[-1].facts["currency"] == currency]
            found.append(_bank_line(account.code, account.name, currency, books.get(currency, 0), told))
    return tuple(found)


def statement_gaps(connection: Connection, context: LedgerContext) -> list[CaseDraft]:
    """A case for every statement that does not open where the one before it closed, or skips the bank's numbers."""
    return [
        _gap(source, before, after)
        for (source, _), chain in _chains(connection, context).items()
        for before, after in pairwise(chain)
        if not _follows(before, after)
    ]


def _gap(source: str, before: Statement, after: Statement) -> CaseDraft:
    closed, opened = before.facts["closing"], after.facts.get("opening", "0")
    currency = after.facts["currency"]
    day = after.facts.get("from", after.facts.get("to", ""))[:10]
    sentence = f"The statement of {source} from {day} opens at {opened} {currency}; the one before closed at {closed}."
    if missing := _skipped(before, after):
        sentence += (
            f" Between numbers {before.facts['sequence']} and {after.facts['sequence']}, {missing} did not arrive."
        )
    off = abs(to_minor(opened, currency) - to_minor(closed, currency))
    links = (public_id(IdKind.EVENT, before.event_id), public_id(IdKind.EVENT, after.event_id))
    account = after.facts.get("account", "")
    subject = f"{source}:{account}:gap:{day}:{opened}"
    return CaseDraft(Reason.STATEMENT_GAP, subject, sentence, off, currency, source, links)


def _follows(before: Statement, after: Statement) -> bool:
    meets = Decimal(before.facts["closing"]) == Decimal(after.facts.get("opening", "0"))
    return meets and not _skipped(before, after)


#: A larger jump is another way of numbering, such as a new year's, and not a month of statements that got lost.
_SKIPPED_MAX = 31


def _skipped(before: Statement, after: Statement) -> int:
    """How many of the bank's numbers lie between two; a lost statement that nets to nothing leaves no other mark."""
    numbers = [statement.facts.get("sequence", "") for statement in (before, after)]
    if not all(number.isascii() and number.isdecimal() for number in numbers):
        return 0
    missing = int(numbers[1]) - int(numbers[0]) - 1
    return missing if 0 < missing <= _SKIPPED_MAX else 0


def _chains(connection: Connection, context: LedgerContext) -> dict[tuple[str, str], Chain]:
    """The statements of each account a source tells of: by the day they close, then by the bank's own number."""
    chains: dict[tuple[str, str], Chain] = {}
    for statement in reconciliation.statements(connection, context.id):
        if "closing" in statement.facts and "currency" in statement.facts:
            chains.setdefault((statement.source, statement.facts.get("account", "")), []).append(statement)
    for chain in chains.values():
        chain.sort(key=lambda s: (s.facts.get("to", "")[:10], s.facts.get("sequence", "").zfill(20), s.at))
    return dict(sorted(chains.items()))


def _bank_line(code: str, name: str, currency: str, books: int, chains: Sequence[Chain]) -> BankLine:
    if not chains:
        return BankLine(code, name, currency, books, None, None, books, True)  # nothing proves it yet
    opening = sum(to_minor(chain[0].facts.get("opening", "0"), currency) for chain in chains)
    closing = sum(to_minor(chain[-1].facts["closing"], currency) for chain in chains)
    continuous = all(_follows(before, after) for chain in chains for before, after in pairwise(chain))
    day = max(_closing_day(chain[-1]) for chain in chains)
    # Books start at zero; the first statement's opening balance is the bank's history before us.
    books += opening
    return BankLine(code, name, currency, books, closing, day, books - closing, continuous)


def _closing_day(statement: Statement) -> date:
    day = statement.facts.get("to", "")[:10]
    return date.fromisoformat(day) if day else statement.at.date()


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
