"""What stands beside a match: who else could have been meant, and what has changed since it was made."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from tieout.model.case import CaseDraft, Reason
from tieout.model.ids import IdKind, public_id
from tieout.model.match import Rejected
from tieout.model.money import display
from tieout.reconciliation.blocks import Loose
from tieout.reconciliation.engine import Group, Item
from tieout.reconciliation.name import short
from tieout.reconciliation.store import ItemRow

#: So many of those that came near are kept with a match; all are counted.
_KEPT_MAX = 3


class Pool:
    """The items of a run by account, currency and amount, each list by day."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._by_amount: dict[tuple[int, str, int], list[tuple[int, int]]] = {}
        for item in items:
            self._by_amount.setdefault((item.account_id, item.currency, item.amount), []).append((item.day, item.id))
        for found in self._by_amount.values():
            found.sort()

    def near(self, item: Item, amount: int, but: frozenset[int]) -> tuple[int, list[int]]:
        """How many others have this amount where the item stands, and the few of them next to its day."""
        found = self._by_amount.get((item.account_id, item.currency, amount), [])
        place = bisect_left(found, (item.day, item.id))
        window = found[max(place - len(but) - _KEPT_MAX, 0) : place + len(but) + _KEPT_MAX]
        others = [(abs(day - item.day), number) for day, number in window if number not in but]
        taken = sum(1 for day, number in window if number in but)
        return len(found) - taken, [number for _, number in sorted(others)[:_KEPT_MAX]]


def rejected(
    group: Group, pool: Pool, items: Mapping[int, Item], rows: Mapping[int, ItemRow]
) -> tuple[int, tuple[Rejected, ...]]:
    """How many other items have exactly the amount of one side, and the nearest of them with why they were not taken.

    Only for a match with a side of one item; in a group of several, no single other one could have been meant.
    """
    own = frozenset(a.item_id for a in group.allocations)
    sides = [[a for a in group.allocations if (a.amount_minor > 0) is way] for way in (True, False)]
    if len(sides[0]) != 1 or len(sides[1]) != 1:
        return 0, ()
    one, other = (items[side[0].item_id] for side in sides)
    anchor, partner = (one, other) if one.side == "bank" else (other, one)
    count, near = pool.near(anchor, partner.amount, own)
    why = (
        "it has the amount, but the bank line does not name it"
        if group.pass_.template.startswith("bank_")
        else "it has the amount, but another name"
    )
    found = [(rows[number].item, items[number].amount) for number in near]
    return count, tuple(Rejected(i.id, i.item, amount, i.effective_date, why) for i, amount in found)


def changed(
    match: Loose, rows: Mapping[int, ItemRow], clues: Iterable[tuple[int, str]], parts: Iterable[tuple[str, str]]
) -> CaseDraft:
    """The case of a match that a run would not make any more. It stands until a person says what is right."""
    own = [rows[number] for number in sorted(match.items) if number in rows]
    currency = own[0].item.currency
    side = sum(a.amount_minor for a in (*match.found, *match.written_off) if a.amount_minor > 0)
    name = public_id(IdKind.MATCH, match.id)
    because = _rivals(match, rows, clues) or _listing(own, parts) or "its items are not the only ones that fit any more"
    sentence = (
        f"{name} tied {len(match.items)} items of {short(match.key)}, {display(side, currency)} {currency} each way,"
        f" as the only way they could belong together. Since then {because}. It stands until a person decides."
    )
    links = (name, *(public_id(IdKind.ITEM, number) for number in sorted(match.items)))
    return CaseDraft(Reason.EVIDENCE_CHANGED, name, sentence, side, currency, match.key, links)


def _rivals(match: Loose, rows: Mapping[int, ItemRow], clues: Iterable[tuple[int, str]]) -> str:
    """Other items that share a reference with it, in words."""
    refs: dict[str, set[int]] = {}
    for number, ref in clues:
        refs.setdefault(ref, set()).add(number)
    shared = set().union(*(numbers for numbers in refs.values() if numbers & match.items)) - match.items
    found = [rows[number].item for number in sorted(shared) if number in rows]
    told = [
        f"{'a bank line' if i.item.startswith('bank_line:') else i.item} of {i.effective_date} over"
        f" {display(abs(i.amount_minor), i.currency)} {i.currency}"
        for i in found
    ]
    if not told:
        return ""
    return f"{' and '.join(told[:_KEPT_MAX])} {'names' if len(told) == 1 else 'name'} the same reference"


def _listing(own: Sequence[ItemRow], parts: Iterable[tuple[str, str]]) -> str:
    """What the gateway's lists say of its lines by now, in words."""
    names = {row.item.item for row in own}
    lists: dict[str, set[str]] = {}
    for txn, payout in parts:
        if txn in names:
            lists.setdefault(txn, set()).add(payout)
    twice = sorted(txn for txn, payouts in lists.items() if len(payouts) > 1)
    if twice:
        payouts = ", ".join(short(p) for p in sorted(lists[twice[0]]))
        return f"its line {short(twice[0])} is listed for more than one payout ({payouts})"
    return "the gateway lists other lines for it" if lists else ""
