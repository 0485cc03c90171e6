"""What one fact more does to a sale's buckets: the difference of two standings, drawn on where it stands."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from tieout.model.bucket import Bucket
from tieout.model.sale import Stake
from tieout.settlement.bucket import draw_on
from tieout.settlement.journal import Posting, Postings, together
from tieout.settlement.sale import Standing

#: More than any balance: what is available is not the sale's, so it is never too little for it.
_NO_END = 2**62


class Moved(NamedTuple):
    """The postings of a difference, by whose account each is on, and what every stake is after it."""

    postings: tuple[tuple[Posting, str], ...]
    stakes: tuple[Stake, ...]


def moved(before: Standing, after: Standing, stakes: Mapping[str, Stake], draws: Sequence[Bucket], day: date) -> Moved:
    """What must be booked to come from one standing to the other, and the stakes it leads to.

    What a seller gets is pending until the sale is released, and available from then on. What goes back ends a hold
    of its own first, then takes what is pending, then what `draws` says; what is not covered makes the seller owe.
    """
    found = [(key, after.other.get(key, 0) - before.other.get(key, 0)) for key in {**before.other, **after.other}]
    booked = [
        (msgspec.structs.replace(posting, amount_minor=amount), source) for (posting, source), amount in found if amount
    ]
    made: list[Stake] = []
    for party in sorted({*before.net, *after.net}):
        stake = stakes.get(party) or Stake(party, day)
        net = after.net.get(party, 0) - before.net.get(party, 0)
        held = after.held.get(party, 0) - before.held.get(party, 0)
        changed = _changed(stake, net, held, draws)
        booked += [(posting, "") for posting in _difference(stake, changed, net)]
        made.append(
            msgspec.structs.replace(
                changed, gross_minor=after.gross.get(party, 0), total_minor=after.total.get(party, 0),
                due_on=after.due.get(party) if changed.released_on is None else changed.due_on,
            )
        )  # fmt: skip
    return Moved(tuple(_added_up(booked)), tuple(made))


def recharged(before: Standing, after: Standing) -> dict[str, int]:
    """Dispute fees that are passed on by this difference, by seller."""
    fees = {p: after.recharged.get(p, 0) - before.recharged.get(p, 0) for p in {**before.recharged, **after.recharged}}
    return {party: fee for party, fee in sorted(fees.items()) if fee}


def _changed(stake: Stake, net: int, held: int, draws: Sequence[Bucket]) -> Stake:
    """The stake after its net amount and what is held of it changed.

    Until it is released, whatever is owed and not held is pending, and a debt of the sale is on what is available; so
    it does not matter in which order it came to that.
    """
    after = msgspec.structs.replace(stake, net_minor=stake.net_minor + net, held_minor=stake.held_minor + held)
    if stake.released_on is None:
        return msgspec.structs.replace(after, pending_minor=max(after.net_minor - after.held_minor, 0))
    gain, back = max(net, 0), max(-net, 0)
    ended = min(max(-held, 0), back)  # a hold pays for what it was held for
    straight = min(max(held, 0), gain)  # what comes and is disputed already is never available
    there = {Bucket.RESERVE: stake.reserve_minor, Bucket.AVAILABLE: _NO_END}
    taken = draw_on(back - ended + max(held, 0) - straight, there, draws)
    return msgspec.structs.replace(after, reserve_minor=stake.reserve_minor - taken.get(Bucket.RESERVE, 0))


def _difference(old: Stake, new: Stake, net: int) -> Iterable[Posting]:
    """One seller's lines: what each bucket changed by; the rest of it is what became available, or was taken of it."""
    parts = {
        Bucket.PENDING: new.pending_minor - old.pending_minor,
        Bucket.RESERVE: new.reserve_minor - old.reserve_minor,
        Bucket.DISPUTE_HOLD: new.held_minor - old.held_minor,
    }
    parts[Bucket.AVAILABLE] = net - sum(parts.values())
    return [Posting(bucket.role, -amount, new.party) for bucket, amount in parts.items() if amount]


def _added_up(booked: Iterable[tuple[Posting, str]]) -> Iterable[tuple[Posting, str]]:
    sources: dict[str, list[Posting]] = {}
    for posting, source in booked:
        sources.setdefault(source, []).append(posting)
    found = [(posting, source) for source, listed in sources.items() for posting in _sorted(together(listed))]
    return sorted(found, key=lambda one: one[0].amount_minor < 0)


def _sorted(postings: Postings) -> list[Posting]:
    return sorted(postings, key=lambda one: (one.role, one.party or "", one.tax, one.item or ""))
