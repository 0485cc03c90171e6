"""A name for open items that belong together, and what naming knows beside the items."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from tieout.model.case import CaseDraft, Reason
from tieout.model.ids import IdKind, public_id
from tieout.model.match import Naming
from tieout.model.money import display
from tieout.reconciliation.calendar import next_bank_day
from tieout.reconciliation.rule import Timing
from tieout.reconciliation.store import ItemRow


class Patience(Struct, frozen=True):
    """How many days a source's charges, balance and payouts usually take, from its connector's manifest."""

    settlement_days: int = 3
    payout_days: int = 7
    arrival_days: int = 4


class Surroundings(Struct, frozen=True):
    """What naming knows beside the items: the day, the timing rules, and what gateways and banks said."""

    as_of: date
    timing: Timing
    patience: Mapping[str, Patience]
    payout_of: Mapping[str, str]
    order_of: Mapping[str, str]
    composed: frozenset[str]
    arrival: Mapping[str, date]
    named_pairs: tuple[tuple[int, int], ...]
    credited: Mapping[int, tuple[str, date]] = {}
    """Bank lines that name a payout which was tied to another one before: the payout, and that one's day."""

    def due(self, day: date, days: int) -> date:
        """So many days after a day; if banks do not work then, the next day on which they do."""
        return next_bank_day(day + timedelta(days), self.timing.calendar)


class Name(Struct, frozen=True):
    """A name for some items that belong together. `case` is what a person must know, for exceptions."""

    items: tuple[ItemRow, ...]
    naming: Naming
    label: str
    due: date | None = None
    case: CaseDraft | None = None


def net(rows: Sequence[ItemRow]) -> int:
    """What items of one currency come to, in minor units."""
    return sum(r.item.open_minor for r in rows)


def newest_of(rows: Sequence[ItemRow]) -> date:
    """The day of the last of them."""
    return max(r.item.effective_date for r in rows)


def kinds_of(rows: Sequence[ItemRow]) -> set[str]:
    """The kinds of the events they came from."""
    return {r.kind for r in rows}


def place(rows: Sequence[ItemRow]) -> tuple[str, str]:
    """The account and currency they stand on."""
    return rows[0].item.account, rows[0].item.currency


def transit(rows: Sequence[ItemRow], label: str, due: date | None) -> Name:
    """A name for what is merely on its way, until `due`."""
    return Name(tuple(rows), Naming.TRANSIT, label, due)


def exception(rows: Sequence[ItemRow], reason: Reason, sentence: str, subject: str, at_risk: int | None = None) -> Name:
    """An exception about these items; the money at risk is what they come to together, unless it is given."""
    first = rows[0].item
    links = [public_id(IdKind.ITEM, r.item.id) for r in rows] + [public_id(IdKind.ENTRY, r.item.entry_id) for r in rows]
    links += [public_id(IdKind.EVENT, r.item.event_id) for r in rows if r.item.event_id is not None]
    amount = net(rows) if at_risk is None else at_risk
    case = CaseDraft(
        reason, f"{first.account}/{first.currency}/{subject}", sentence, abs(amount), first.currency, subject,
        tuple(dict.fromkeys(links)),
    )  # fmt: skip
    return Name(tuple(rows), Naming.EXCEPTION, reason.value, None, case)


def money(rows: Sequence[ItemRow], amount: int | None = None) -> str:
    """What they come to (or `amount` in their currency) as people write it, without a sign."""
    currency = rows[0].item.currency
    return f"{display(abs(net(rows) if amount is None else amount), currency)} {currency}"


def short(name: str) -> str:
    """A name without the word for what it names: ch_1 for charge:ch_1."""
    return name.split(":", 1)[1] if ":" in name else name
