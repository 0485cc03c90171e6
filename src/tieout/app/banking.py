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
#: All chains, by source and account.
Chains = dict[tuple[str, str], Chain]


#: The rule of entries that open a bank account.
OPENING_RULE = "case.opening"
#: A bank that sends monthly statements sends one within these days.
STATEMENT_DAYS = 35


class Opening(Struct, frozen=True):
    """What the first statement of a bank account opens with and the books do not, at the end of the day before it.

    `told_minor` is the bank's figure; `earlier` are entries booked as the opening when the first statement was a later
    one, which it replaces.
    """

    account: str
    currency: str
    told_minor: int
    missing_minor: int
    day: date
    links: tuple[str, ...]
    earlier: tuple[int, ...] = ()

    @property
    def subject(self) -> str:
        """What its case is about."""
        return f"{self.account}:{self.currency}:opening"


def bank_lines(connection: Connection, context: LedgerContext, at: date | None = None) -> tuple[BankLine, ...]:
    """Every bank account: books against the closing balance of the newest statement, and whether the chain holds.

    With a day, both are as of its end.
    """
    chains = _chains(connection, context)
    openings = {(o.account, o.currency): o.missing_minor for o in _openings(connection, context, chains)}
    found = []
    for account, currency, books, own in _accounts(connection, context, chains, at):
        opening = openings.get((account.code, currency), 0)
        found.append(_bank_line(account, currency, books, opening, [_until(chain, at) for chain in own]))
    return tuple(line for line in found if line.books_minor or line.statement_minor is not None)


def unbooked_openings(connection: Connection, context: LedgerContext) -> list[Opening]:
    """What the first statements open with and the books do not: the bank's history before them."""
    return _openings(connection, context, _chains(connection, context))


def _openings(connection: Connection, context: LedgerContext, chains: Chains) -> list[Opening]:
    found = []
    for account, currency, _, own in _accounts(connection, context, chains, None):
        if not own:
            continue
        day = min(_eve(chain) for chain in own)
        told = sum(_opening_minor(chain) for chain in own)
        known = ledger.balances(connection, context.id, until=day, accounts=[account.code])
        if any(balance.currency == currency for balance in known):
            continue  # whoever booked something before that day has opened the account; if it is wrong, it differs
        earlier = ledger.entries_of_rule(connection, context.id, OPENING_RULE, account.code, currency)
        missing = told - sum(amount for _, amount in earlier)
        if missing:
            links = tuple(public_id(IdKind.EVENT, chain[0].event_id) for chain in own)
            numbers = tuple(number for number, _ in earlier)
            found.append(Opening(account.code, currency, told, missing, day, links, numbers))
    return found


def exceptions(connection: Connection, context: LedgerContext, as_of: date) -> list[CaseDraft]:
    """What the statements themselves leave open: gaps in a chain, opening balances, and statements that do not come."""
    chains = _chains(connection, context)
    openings = [_opening_case(context.accounts[o.account], o) for o in _openings(connection, context, chains)]
    return [*_gaps(chains), *openings, *_overdue(chains, as_of)]


def _opening_case(account: Account, opening: Opening) -> CaseDraft:
    """The case of an opening balance that no entry has: whose money it is, only a person can say."""
    currency, told = opening.currency, f"{display(opening.told_minor, opening.currency)} {opening.currency}"
    sentence = (
        f"{account.name} had {told} at the end of {opening.day}, before its first statement here,"
        " that no entry in the books shows."
    )
    if opening.earlier:
        named = ", ".join(public_id(IdKind.ENTRY, number) for number in opening.earlier)
        booked = display(opening.told_minor - opening.missing_minor, currency)
        sentence = (
            f"A statement from before the first one has come: {account.name} had {told} at the end of {opening.day};"
            f" {named} opened it with {booked} {currency}."
        )
    amount = abs(opening.missing_minor)
    return CaseDraft(
        Reason.OPENING_NOT_BOOKED, opening.subject, sentence, amount, currency, account.source, opening.links
    )


def _overdue(chains: Chains, as_of: date) -> list[CaseDraft]:
    """A case for every account whose newest statement is so old that one must be missing."""
    found = []
    for (source, name), chain in chains.items():
        day = _closing_day(chain[-1])
        age = (as_of - day).days
        if age > STATEMENT_DAYS:
            sentence = (
                f"The newest statement of {source} is of {day}, {age} days before {as_of}; no newer one has come."
            )
            links = (public_id(IdKind.EVENT, chain[-1].event_id),)
            currency = chain[-1].facts["currency"]
            subject = f"{source}:{name}:overdue"
            found.append(CaseDraft(Reason.STATEMENT_OVERDUE, subject, sentence, 0, currency, source, links))
    return found


def _accounts(
    connection: Connection, context: LedgerContext, chains: Chains, at: date | None
) -> list[tuple[Account, str, int, list[Chain]]]:
    """Each bank account in each of its currencies: the balance in the books, and the chains of all its statements."""
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


def _gaps(chains: Chains) -> list[CaseDraft]:
    """A case for every statement that does not open where the one before it closed, or skips the bank's numbers."""
    return [
        _gap(source, before, after)
        for (source, _), chain in chains.items()
        for before, after in pairwise(chain)
        if not _follows(before, after)
    ]


def _gap(source: str, before: Statement, after: Statement) -> CaseDraft:
    closed, opened = before.facts["closing"], after.facts.get("opening", "0")
    currency = after.facts["currency"]
    day = after.facts.get("from", after.facts.get("to", ""))[:10]
    ends = [to_minor(balance, currency) for balance in (opened, closed)]
    off = abs(ends[0] - ends[1])
    sentence = f"The statement of {source} from {day}"
    if off:
        told = [f"{display(end, currency)} {currency}" for end in ends]
        sentence += f" opens at {told[0]}; the one before closed at {told[1]}."
    else:
        sentence += " opens where the one before closed, and statements are missing between them."
    if missing := _skipped(before, after):
        sentence += (
            f" Between numbers {before.facts['sequence']} and {after.facts['sequence']}, {missing} did not arrive."
        )
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


def _chains(connection: Connection, context: LedgerContext) -> Chains:
    """The statements of each account a source tells of: by the day they close, then by the bank's own number."""
    chains: Chains = {}
    for statement in reconciliation.statements(connection, context.id):
        if "closing" in statement.facts and "currency" in statement.facts:
            chains.setdefault((statement.source, statement.facts.get("account", "")), []).append(statement)
    for chain in chains.values():
        chain.sort(key=lambda s: (s.facts.get("to", "")[:10], s.facts.get("sequence", "").zfill(20), s.at))
    return dict(sorted(chains.items()))


class _Told(Struct, frozen=True):
    """What an account's statements say at the end of a day."""

    closing_minor: int
    day: date
    continuous: bool


def _until(chain: Chain, at: date | None) -> _Told | None:
    """What a chain says by then; on the eve of its first statement, what that one opens with; before that, nothing."""
    known = chain if at is None else [statement for statement in chain if _closing_day(statement) <= at]
    if known:
        closing = to_minor(known[-1].facts["closing"], chain[-1].facts["currency"])
        unbroken = all(_follows(before, after) for before, after in pairwise(known))
        return _Told(closing, _closing_day(known[-1]), unbroken)
    if at is not None and _eve(chain) <= at:
        return _Told(_opening_minor(chain), _eve(chain), True)
    return None


def _bank_line(account: Account, currency: str, books: int, opening: int, told: Sequence[_Told | None]) -> BankLine:
    code, name = account.code, account.name
    found = [one for one in told if one is not None]
    if not found:
        return BankLine(code, name, currency, books, None, None, books, True)  # nothing proves it yet
    closing = sum(one.closing_minor for one in found)
    day = max(one.day for one in found)
    continuous = all(one.continuous for one in found)
    return BankLine(code, name, currency, books, closing, day, books + opening - closing, continuous, opening)


def _eve(chain: Chain) -> date:
    return _first_day(chain[0]) - timedelta(days=1)


def _opening_minor(chain: Chain) -> int:
    return to_minor(chain[0].facts.get("opening", "0"), chain[-1].facts["currency"])


def _first_day(statement: Statement) -> date:
    day = (statement.facts.get("from") or statement.facts.get("to", ""))[:10]
    return date.fromisoformat(day) if day else statement.at.date()


def _closing_day(statement: Statement) -> date:
    day = statement.facts.get("to", "")[:10]
    return date.fromisoformat(day) if day else statement.at.date()


class StatementLine(Struct, frozen=True):
    """A bank statement: its days and balances, and whether it opens where the one before it closed."""

    source: str
    name: str
    first_day: date
    last_day: date
    opening_minor: int
    closing_minor: int
    follows: bool


def statement_lines(
    connection: Connection, context: LedgerContext, account: Account, currency: str, first: date, last: date
) -> tuple[StatementLine, ...]:
    """The statements of a bank account that close within a period, in order."""
    found = []
    for (source, _), chain in _chains(connection, context).items():
        if source != account.source or chain[-1].facts["currency"] != currency:
            continue
        for number, statement in enumerate(chain):
            if first <= _closing_day(statement) <= last:
                follows = number == 0 or _follows(chain[number - 1], statement)
                ends = [to_minor(statement.facts.get(end, "0"), currency) for end in ("opening", "closing")]
                name = statement.facts.get("sequence", "") or public_id(IdKind.EVENT, statement.event_id)
                days = (_first_day(statement), _closing_day(statement))
                found.append(StatementLine(source, name, *days, ends[0], ends[1], follows))
    return tuple(found)
