"""Corrections as entries: pure functions from what is left of an entry to the entry that takes it back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction

from msgspec import Struct

from tieout.model.entry import Entry, EntryDraft, Line
from tieout.model.error import BadInput, Conflict
from tieout.model.ids import IdKind, public_id
from tieout.model.money import display


class Left(Struct, frozen=True):
    """What is left of lines that say the same (`numbers`), signed as they are: debit positive; nil if all is back."""

    account: str
    currency: str
    party: str | None
    item: str | None
    dimensions: Mapping[str, str]
    amount_minor: int
    base_minor: int
    numbers: tuple[int, ...]


class Terms(Struct, frozen=True):
    """On which day, when, why and by whom an entry is taken back, and how many parts of it have been before."""

    on: date
    now: datetime
    reason: str
    actor: str
    parts: int = 0


def reversal(entry: Entry, left: Sequence[Left], terms: Terms) -> EntryDraft:
    """The entry that takes back what is left; whole, if no part of it has been taken back before.

    Raises Conflict if nothing is left.
    """
    name = public_id(IdKind.ENTRY, entry.id)
    lines = tuple(_back(found, found.amount_minor, found.base_minor) for found in left if _stands(found))
    if not lines:
        raise Conflict(
            f"{name} has been reversed already, and is reversed only once",
            where=name,
            remedy="Look at the entry that reversed it; if that was wrong, reverse that one.",
        )
    whole = terms.parts == 0
    return EntryDraft(
        key=f"reversal:{name}" if whole else f"reversal:{name}:{terms.parts + 1}",
        effective_date=terms.on,
        occurred_at=terms.now,
        lines=lines,
        memo=f"{'Reversal' if whole else 'Reversal of the rest'} of {name}: {entry.draft.memo}"[:500],
        rule_id="correction.reversal",
        rule_version=1,
        why=terms.reason,
        reverses_id=entry.id if whole else None,
        actor=terms.actor,
        rate=entry.draft.rate,
    )


def partial_reversal(
    entry: Entry, left: Sequence[Left], part: Mapping[int, int], base_currency: str, terms: Terms
) -> EntryDraft:
    """The entry that takes back so many minor units of some lines, by their numbers.

    A line in another currency than base is taken back at its own worth. Raises BadInput for a line that is not there,
    for more than is left of it, and for base amounts that cannot be shared out.
    """
    taken = _taken(left, part)
    _check_balance(taken)
    bases = _bases(taken, base_currency)
    name = public_id(IdKind.ENTRY, entry.id)
    return EntryDraft(
        key=f"reversal:{name}:{terms.parts + 1}",
        effective_date=terms.on,
        occurred_at=terms.now,
        lines=tuple(_back(found, amount, base) for (found, amount), base in zip(taken, bases, strict=True)),
        memo=f"Reversal of a part of {name}: {entry.draft.memo}"[:500],
        rule_id="correction.reversal",
        rule_version=1,
        why=terms.reason,
        actor=terms.actor,
        rate=entry.draft.rate,
    )


def _back(found: Left, amount_minor: int, base_minor: int) -> Line:
    return Line(
        found.account, found.currency, -amount_minor, -base_minor, found.party, found.item, dict(found.dimensions)
    )  # fmt: skip


def _stands(found: Left) -> bool:
    return bool(found.amount_minor or found.base_minor)


def _taken(left: Sequence[Left], part: Mapping[int, int]) -> list[tuple[Left, int]]:
    """What to take back of what is left, signed as that is."""
    known = {number: place for place, found in enumerate(left) for number in found.numbers}
    wanted: dict[int, int] = {}
    for number, amount in sorted(part.items()):
        if number not in known:
            lines = ", ".join(map(str, sorted(known)))
            raise BadInput(f"There is no line {number}", where="part", remedy=f"Its lines are {lines}.")
        if type(amount) is not int or amount <= 0:
            raise BadInput(
                f"{amount!r} of line {number} cannot be taken back", where="part", remedy="Give what to take back."
            )
        wanted[known[number]] = wanted.get(known[number], 0) + amount
    taken = []
    for place, amount in sorted(wanted.items()):
        found = left[place]
        if amount > abs(found.amount_minor):
            rest = f"{display(abs(found.amount_minor), found.currency)} {found.currency}"
            raise BadInput(
                f"Only {rest} of line {found.numbers[0]} on {found.account} is left to take back", where="part",
                remedy="Take back less.",
            )  # fmt: skip
        taken.append((found, amount if found.amount_minor > 0 else -amount))
    if not taken:
        raise BadInput("No line is named", where="part", remedy="Say of which lines to take back how much.")
    return taken


def _check_balance(taken: Sequence[tuple[Left, int]]) -> None:
    nets: dict[str, int] = {}
    for found, amount in taken:
        nets[found.currency] = nets.get(found.currency, 0) + amount
    off = ", ".join(f"{display(abs(net), currency)} {currency}" for currency, net in nets.items() if net)
    if off:
        raise BadInput(
            f"Debit and credit of the part differ by {off}", where="part", remedy="Take back the same of both sides."
        )


def _bases(taken: Sequence[tuple[Left, int]], base_currency: str) -> list[int]:
    """Base amounts in proportion, rounded so that the debits and credits of each currency are worth the same."""
    ideal = [_share(found, amount, base_currency) for found, amount in taken]
    bases = [0] * len(taken)
    for currency in dict.fromkeys(found.currency for found, _ in taken):
        own = [place for place, (found, _) in enumerate(taken) if found.currency == currency]
        worth = sum((ideal[place] for place in own if taken[place][1] > 0), Fraction(0))
        total = int(worth + Fraction(1, 2)) if worth >= 0 else -int(-worth + Fraction(1, 2))
        for sign in (1, -1):
            side = [place for place in own if taken[place][1] * sign > 0]
            shares = _shared(total * sign, [ideal[place] for place in side])
            for place, share in zip(side, shares, strict=True):
                bases[place] = share
    return bases


def _share(found: Left, amount_minor: int, base_currency: str) -> Fraction:
    if found.currency == base_currency:
        return Fraction(amount_minor)
    return Fraction(found.base_minor * amount_minor, found.amount_minor)


def _shared(total: int, ideals: Iterable[Fraction]) -> list[int]:
    """Whole shares next to the ideal ones that come to the total: those that lose most by cutting get one more."""
    exact = list(ideals)
    shares = [int(share) for share in exact]  # towards zero, so never more than is left
    missing = total - sum(shares)
    step = 1 if missing > 0 else -1
    able = sorted(
        (place for place, share in enumerate(exact) if (share - shares[place]) * step > 0),
        key=lambda place: -abs(exact[place] - shares[place]),
    )
    if abs(missing) > len(able):
        raise BadInput(
            "What these lines are worth in base currency does not come out even", where="part",
            remedy="Take back the same share of both sides, or the whole entry.",
        )  # fmt: skip
    for place in able[: abs(missing)]:
        shares[place] += step
    return shares
