"""Journals from elsewhere: what a file tells of, made into entries for the ledger, with every refusal by its line.

A fact keeps its key, so that a second import posts nothing: the file's own key, or its id, or else what it says.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time

import msgspec
from msgspec import Struct

from tieout.ledger.check import check
from tieout.model.account import Account
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import AmountError, BadInput, PostingRefused
from tieout.model.money import exponent_of, fits_bigint, to_minor

#: The rule an imported entry names if its file names none.
RULE = "import"
WHY = "The imported journal says so."
#: More refusals than a person reads; the file is another one than was meant.
REFUSALS_MAX = 1000
#: An opening of more balances becomes several entries, each of which balances.
OPENING_LINES_MAX = 10_000
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Refusal(Struct, frozen=True):
    """Why a line of a file is not taken, and what to do about it. Line 0 is the whole file."""

    line: int
    what: str
    remedy: str


class ToldLine(Struct, frozen=True):
    """A line of an entry as a file tells it; `place` is its line in the file."""

    place: int
    account: str
    currency: str
    amount_minor: int
    base_minor: int | None = None
    party: str | None = None
    item: str | None = None
    dimensions: Mapping[str, str] = {}


class ToldEntry(Struct, frozen=True):
    """An entry as a file tells it. Without `key` and `id` it is known by what it says."""

    place: int
    day: date
    memo: str
    lines: tuple[ToldLine, ...]
    key: str | None = None
    id: str | None = None
    occurred_at: datetime | None = None
    rule_id: str = RULE
    rule_version: int = 1
    why: str = WHY
    rate: str | None = None
    late: bool = False
    reverses: str | None = None


class Told(Struct, frozen=True):
    """What a file tells: its entries in their order, what of it is refused, and what is left behind on purpose."""

    entries: tuple[ToldEntry, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()


class Incoming(Struct, frozen=True):
    """An entry on its way into the ledger; `reverses` is the key of the entry it reverses."""

    place: int
    draft: EntryDraft
    reverses: str | None = None


def text_of(body: bytes, name: str) -> str:
    """A file's text. Raises BadInput, with the line, for what is not UTF-8; a byte order mark is taken off."""
    again = "Save it as UTF-8 and import it again."
    if body.startswith(_UTF_16):
        raise BadInput("The file is UTF-16", where=name, remedy=again)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        what = f"The file is not UTF-8: byte 0x{body[error.start]:02x}"
        raise BadInput(what, where=f"{name}, line {line}", remedy=again) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise BadInput("The file has a NUL character and is no text", where=f"{name}, line {line}", remedy=again)
    if not text.strip():
        raise BadInput("There is nothing in it", where=name, remedy="Export it again where it came from.")
    return text


def minor_of(amount: str, currency: str) -> int:
    """Minor units of an amount as files write it. Raises AmountError, also for a currency that does not exist."""
    exponent_of(currency)
    if "," in amount:
        raise AmountError(
            f"“{amount:.40}” has a comma", where="amount",
            remedy="Write amounts with a decimal point and no grouping, such as 1234.56.",
        )  # fmt: skip
    return fits_bigint(to_minor(amount.strip(), currency))


def drafts_of(
    told: Sequence[ToldEntry], accounts: Mapping[str, Account], base_currency: str, actor: str, prefix: str = "journal"
) -> tuple[list[Incoming], list[Refusal]]:
    """Entries for the ledger, and what of them it would refuse, by line. Keys of a file are kept as they are.

    An id is put behind `prefix`; so is, where there is no id, the hash of what the entry says. Entries that say the
    same in one file are as many facts, so they are numbered.
    """
    incoming: list[Incoming] = []
    refusals: list[Refusal] = []
    alike: Counter[str] = Counter()
    known: dict[str, int] = {}
    for entry in told:
        found = list(_account_refusals(entry, accounts)) + list(_base_refusals(entry, base_currency))
        draft = _draft(entry, _key(entry, prefix, alike), base_currency, actor)
        first = known.setdefault(draft.key, entry.place)
        if first != entry.place:
            what = f"Its key “{draft.key:.80}” is that of line {first}"
            found.append(Refusal(entry.place, what, "Give every entry a key of its own."))
        refusals += found or _ledger_refusals(entry, draft, accounts)
        incoming.append(Incoming(entry.place, draft, entry.reverses))
    return incoming, refusals


def _key(entry: ToldEntry, prefix: str, alike: Counter[str]) -> str:
    if entry.key is not None:
        return entry.key
    if entry.id is not None:
        return f"{prefix}:{entry.id}"
    says = (
        entry.day, entry.memo,
        [(line.account, line.currency, line.amount_minor, line.base_minor, line.party, line.item,
          sorted(line.dimensions.items())) for line in entry.lines],
    )  # fmt: skip
    digest = hashlib.sha256(msgspec.json.encode(says)).hexdigest()[:32]
    alike[digest] += 1
    return f"{prefix}:{digest}" + (f":{alike[digest]}" if alike[digest] > 1 else "")


def _draft(entry: ToldEntry, key: str, base_currency: str, actor: str) -> EntryDraft:
    return EntryDraft(
        key=key,
        effective_date=entry.day,
        occurred_at=entry.occurred_at or datetime.combine(entry.day, time(12), tzinfo=UTC),
        lines=tuple(_line(line, base_currency) for line in entry.lines),
        memo=entry.memo,
        rule_id=entry.rule_id,
        rule_version=entry.rule_version,
        why=entry.why,
        actor=actor,
        late=entry.late,
        rate=entry.rate,
    )


def _line(line: ToldLine, base_currency: str) -> Line:
    given = line.amount_minor if line.currency == base_currency else line.base_minor
    base = 0 if given is None else given
    return Line(line.account, line.currency, line.amount_minor, base, line.party, line.item, line.dimensions)


def _account_refusals(entry: ToldEntry, accounts: Mapping[str, Account]) -> Iterator[Refusal]:
    for line in entry.lines:
        if line.account not in accounts:
            what = f"There is no account “{line.account:.80}”"
            yield Refusal(line.place, what, "Use a code of the chart of accounts; `tieout balances --all` lists them.")


def _base_refusals(entry: ToldEntry, base_currency: str) -> Iterator[Refusal]:
    for line in entry.lines:
        if line.currency != base_currency and line.base_minor is None:
            what = f"The amount in {line.currency} has no value in {base_currency}"
            yield Refusal(line.place, what, f"Give what it is worth in {base_currency}, the books' own currency.")
        elif line.currency == base_currency and line.base_minor not in (None, line.amount_minor):
            what = f"An amount in {base_currency} is said to be worth another amount in {base_currency}"
            yield Refusal(line.place, what, "Leave the base amount out.")


def _ledger_refusals(entry: ToldEntry, draft: EntryDraft, accounts: Mapping[str, Account]) -> list[Refusal]:
    try:
        check([draft], accounts)
    except (PostingRefused, AmountError) as error:
        return [Refusal(entry.place, error.what, error.remedy)]
    return []


def opening_of(lines: Iterable[ToldLine], day: date, equity: str, base_currency: str) -> list[ToldEntry]:
    """Balances as entries of the day they are taken over on; what they come to stands on the equity account."""
    rows = list(lines)
    entries = []
    for start in range(0, len(rows), OPENING_LINES_MAX):
        part = rows[start : start + OPENING_LINES_MAX]
        sums: dict[str, tuple[int, int]] = {}
        for line in part:
            amount, base = sums.get(line.currency, (0, 0))
            worth = line.amount_minor if line.currency == base_currency else line.base_minor or 0
            sums[line.currency] = (amount + line.amount_minor, base + worth)
        rest = [
            ToldLine(part[0].place, equity, currency, -amount, -base)
            for currency, (amount, base) in sorted(sums.items())
            if amount or base
        ]
        entries.append(ToldEntry(part[0].place, day, "Opening balances", (*part, *rest)))
    return entries
