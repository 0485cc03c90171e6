"""Books against bank: the chain of statements of every bank account, what is missing in it, and how it began."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct

from tieout.app.context import LedgerContext
from tieout.db.pool import Connection
from tieout.ledger import store as ledger
from tieout.model.account import Account, Role
from tieout.model.case import CaseDraft, Reason
from tieout.model.ids import IdKind, public_id
from tieout.model.money import display, to_minor
from tieout.model.proof import BankLine
from tieout.reconciliation import store as reconciliation
from tieout.reconciliation.store import Statement

#: The statements of one account at one bank, in order.
Chain = list[Statement]


class Opening(Struct, frozen=True):
    """What was on a bank account before the books began and is in no entry yet, at the end of a day."""

    account: str
    currency: str
    amount_minor: int
    day: date
    links: tuple[str, ...]

    @property
    def subject(self) -> str:
        """What its case is about."""
        return f"{self.account}:{self.currency}:opening"


def bank_lines(connection: Connection, context: LedgerContext, at: date | None = None) -> tuple[BankLine, ...]:
    """Every bank account: books against the closing balance of the newest statement, and whether the chain holds.

    With a day, both are as of its end.
    """
    openings = {(o.account, o.currency): o.amount_minor for o in unbooked_openings(connection, context)}
    found = []
    for account, currency, books, chains in _accounts(connection, context, at):
        opening = openings.get((account.code, currency), 0) if chains else 0
        found.append(_bank_line(account, currency, books, opening, chains))
    return tuple(found)


def unbooked_openings(connection: Connection, context: LedgerContext) -> list[Opening]:
    """What the first statements open with and the books do not: the bank's history before them."""
    found = []
    for account, currency, _, chains in _accounts(connection, context, None):
        if not chains:
            continue
        day = min(_first_day(chain[0]) for chain in chains) - timedelta(days=1)
        told = sum(to_minor(chain[0].facts.get("opening", "0"), currency) for chain in chains)
        known = {
            balance.currency: balance.balance_minor
            for balance in ledger.balances(connection, context.id, until=day, accounts=[account.code])
        }
        # Whoever booked something before that day has opened the account; if it is wrong, that is a difference.
        if currency not in known and told:
            links = tuple(public_id(IdKind.EVENT, chain[0].event_id) for chain in chains)
            found.append(Opening(account.code, currency, told, day, links))
    return found


def exceptions(connection: Connection, context: LedgerContext) -> list[CaseDraft]:
    """What the statements themselves leave open: gaps in a chain, and opening balances."""
    return [*statement_gaps(connection, context), *opening_cases(connection, context)]


def opening_cases(connection: Connection, context: LedgerContext) -> list[CaseDraft]:
    """A case for every opening balance that no entry has: whose money it is, only a person can say."""
    return [_opening_case(context.accounts[o.account], o) for o in unbooked_openings(connection, context)]


def _opening_case(account: Account, opening: Opening) -> CaseDraft:
    currency = opening.currency
    sentence = (
        f"{account.name} had {display(opening.amount_minor, currency)} {currency} at the end of {opening.day}, before"
        " its first statement here, that no entry in the books shows."
    )
    amount = abs(opening.amount_minor)
    return CaseDraft(
        Reason.OPENING_NOT_BOOKED, opening.subject, sentence, amount, currency, account.source, opening.links
    )


def _accounts(
    connection: Connection, context: LedgerContext, at: date | None
) -> list[tuple[Account, str, int, list[Chain]]]:
    """Each bank account in each of its currencies: the balance in the books, and the chains of its statements."""
    chains = _chains(connection, context, at)
    banks = [a for a in context.accounts.values() if a.role is Role.BANK and a.source is not None]
    held: dict[str, dict[str, int]] = {}
    for b in ledger.balances(connection, context.id, until=at, accounts=[account.code for account in banks]):
        held.setdefault(b.account, {})[b.currency] = b.balance_minor
    found = []
    for account in banks:
        books = held.get(account.code, {})
        own = [chain for (source, _), chain in chains.items() if source == account.source]
        for currency in sorted(books.keys() | {chain[-1].facts["currency"] for chain in own}):
            told = [chain for chain in own if chain[-1].facts["currency"] == currency]
            found.append((account, currency, books.get(currency, 0), told))
    return found


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


def _chains(connection: Connection, context: LedgerContext, at: date | None = None) -> dict[tuple[str, str], Chain]:
    """The statements of each account a source tells of: by the day they close, then by the bank's own number."""
    chains: dict[tuple[str, str], Chain] = {}
    for statement in reconciliation.statements(connection, context.id):
        told = "closing" in statement.facts and "currency" in statement.facts
        if told and (at is None or _closing_day(statement) <= at):
            chains.setdefault((statement.source, statement.facts.get("account", "")), []).append(statement)
    for chain in chains.values():
        chain.sort(key=lambda s: (s.facts.get("to", "")[:10], s.facts.get("sequence", "").zfill(20), s.at))
    return dict(sorted(chains.items()))


def _bank_line(account: Account, currency: str, books: int, opening: int, chains: Sequence[Chain]) -> BankLine:
    code, name = account.code, account.name
    if not chains:
        return BankLine(code, name, currency, books, None, None, books, True)  # nothing proves it yet
    closing = sum(to_minor(chain[-1].facts["closing"], currency) for chain in chains)
    continuous = all(_follows(before, after) for chain in chains for before, after in pairwise(chain))
    day = max(_closing_day(chain[-1]) for chain in chains)
    return BankLine(code, name, currency, books, closing, day, books + opening - closing, continuous, opening)


def _first_day(statement: Statement) -> date:
    day = (statement.facts.get("from") or statement.facts.get("to", ""))[:10]
    return date.fromisoformat(day) if day else statement.at.date()


def _closing_day(statement: Statement) -> date:
    day = statement.facts.get("to", "")[:10]
    return date.fromisoformat(day) if day else statement.at.date()
