"""What comes nearest to an open item, in what each differs, why no rule tied it, and what would. It decides nothing.

What people chose before moves a candidate up the list and does nothing else.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct

from tieout.model.match import OpenItem
from tieout.model.money import display
from tieout.reconciliation.name import short
from tieout.reconciliation.rule import MatchingRules, Pass
from tieout.reconciliation.store import ItemRow

#: So many are shown.
SHOWN_MAX = 5
#: A candidate of another name may be off by a tenth; what is off by more comes near nothing.
_NEAR = 10
#: How often people tied two items that lie so many days apart, by account and days.
Habits = Mapping[tuple[int, int], int]
Refused = frozenset[frozenset[int]]


class Candidate(Struct, frozen=True):
    """An open item that could belong to another one: in what it differs, and how often people chose alike.

    `settles`: both come to zero, so that a person can tie them as they are.
    """

    item: OpenItem
    settles: bool
    differs: tuple[str, ...]
    chosen_before: int = 0


class Proposal(Struct, frozen=True):
    """An open item, everything that could settle it, ranked, and what would decide it. Nothing is chosen."""

    item: OpenItem
    candidates: tuple[Candidate, ...]
    count: int
    decides: str


def candidates(row: ItemRow, pool: Sequence[ItemRow], refused: Refused, habits: Habits) -> list[Candidate]:
    """Open items on the same account that could belong to this one, nearest first."""
    found = []
    for other in pool:
        if _comes_near(row, other) and frozenset((row.item.id, other.item.id)) not in refused:
            lag = abs((other.item.effective_date - row.item.effective_date).days)
            chosen = habits.get((row.account_id, lag), 0)
            found.append((_rank(row.item, other.item, lag, chosen), _candidate(row.item, other.item, chosen)))
    return [candidate for _, candidate in sorted(found, key=lambda f: f[0])]


def _comes_near(row: ItemRow, other: ItemRow) -> bool:
    one, two = row.item, other.item
    if row.account_id != other.account_id or one.id == two.id or one.open_minor * two.open_minor >= 0:
        return False
    if one.item == two.item:
        return True
    return one.currency == two.currency and abs(one.open_minor + two.open_minor) * _NEAR <= abs(one.open_minor)


def _rank(one: OpenItem, two: OpenItem, lag: int, chosen: int) -> tuple[object, ...]:
    off = abs(one.open_minor + two.open_minor)
    return (one.currency != two.currency, one.item != two.item, off != 0, off, -chosen, lag, two.effective_date, two.id)


def _candidate(one: OpenItem, two: OpenItem, chosen: int) -> Candidate:
    differs = []
    if one.currency != two.currency:
        differs.append(f"it is in {two.currency}")
    elif off := abs(two.open_minor) - abs(one.open_minor):
        differs.append(f"it is {display(abs(off), one.currency)} {one.currency} {'more' if off > 0 else 'less'}")
    if one.item != two.item:
        differs.append(f"it goes by {short(two.item)}")
    if lag := (two.effective_date - one.effective_date).days:
        differs.append(f"it is {abs(lag)} day{'' if abs(lag) == 1 else 's'} {'later' if lag > 0 else 'earlier'}")
    settles = one.currency == two.currency and one.open_minor + two.open_minor == 0
    return Candidate(two, settles, tuple(differs), chosen)


def propose(rows: Sequence[ItemRow], refused: Refused, habits: Habits) -> list[Proposal]:
    """Every open item that one or more others could settle as they are: a bank line, or else the later of two."""
    places: dict[tuple[int, str, int], list[ItemRow]] = {}
    for row in rows:
        places.setdefault((row.account_id, row.item.currency, row.item.open_minor), []).append(row)
    found = []
    for row in rows:
        against = places.get((row.account_id, row.item.currency, -row.item.open_minor), [])
        fitting = [c for c in candidates(row, against, refused, habits) if _asks(row.item, c.item)]
        if fitting:
            found.append(Proposal(row.item, tuple(fitting[:SHOWN_MAX]), len(fitting), _decides(row.item, fitting)))
    return found


def _asks(one: OpenItem, two: OpenItem) -> bool:
    """Which of two is asked about: the bank line; of two alike, the one that came last."""

    def rank(item: OpenItem) -> tuple[bool, date, int]:
        return (item.item.startswith("bank_line:"), item.effective_date, item.id)

    return rank(one) > rank(two)


def _decides(item: OpenItem, found: Sequence[Candidate]) -> str:
    noun = "a reference in the bank's text" if item.item.startswith("bank_line:") else "the same name on both"
    if len(found) == 1:
        return f"Only the amount speaks for it. {noun.capitalize()} would decide it; else a person who knows."
    days = len({c.item.effective_date for c in found})
    alike = "They differ in their day alone" if days > 1 else "They are of one day and one amount"
    return f"{len(found)} have this amount. {alike}; {noun} would decide it, or a person who knows."


def why_not(row: ItemRow, pool: Sequence[ItemRow], found: Sequence[Candidate], rules: MatchingRules) -> list[str]:
    """Why no rule tied an open item, what comes nearest, and what would tie it, a sentence each."""
    item = row.item
    named = [other for other in pool if _same_name(row, other)]
    sentences = []
    if named:
        rest = item.open_minor + sum(o.item.open_minor for o in named)
        sentences.append(
            f"{len(named)} more open under its name {short(item.item)}; together they come to"
            f" {display(rest, item.currency)} {item.currency}{', and not to zero' if rest else ''}."
        )
    elif item.item.startswith("bank_line:"):
        sentences.append("No name ties a bank line; its text must name what it is for.")
    else:
        sentences.append(f"Nothing else that is open on {item.account} goes by {short(item.item)}.")
    for candidate in found[:SHOWN_MAX]:
        other = candidate.item
        amount = f"{display(other.open_minor, other.currency)} {other.currency}"
        differs = ", ".join(candidate.differs) or "it has no difference"
        sentences.append(f"Near: itm_{other.id}, {amount} of {other.effective_date}; {differs}.")
    settling = [c for c in found if c.settles]
    if len(settling) > 1:
        sentences.append(f"{len(settling)} could settle it, and nothing says which; so none was taken.")
    ways = [_way(pass_, item) for pass_ in rules.passes if row.role in pass_.roles and _applies(pass_, row)]
    sentences += [f"It would be tied by {way}." for way in ways]
    if settling:
        sentences.append(
            f"Or by a person: `tieout proposals accept itm_{item.id} itm_{settling[0].item.id} --why …`"
            f"{' if that is the right one' if len(settling) > 1 else ''}."
        )
    return sentences


def _same_name(row: ItemRow, other: ItemRow) -> bool:
    one, two = row.item, other.item
    return (
        row.account_id == other.account_id and one.currency == two.currency and one.item == two.item
        and one.id != two.id
    )  # fmt: skip


def _applies(pass_: Pass, row: ItemRow) -> bool:
    bank = row.item.item.startswith("bank_line:")
    if pass_.sources and row.scope not in pass_.sources:
        return False
    if pass_.template == "same_item" and bank:
        return False
    return not pass_.currencies or row.item.currency in pass_.currencies


def _way(pass_: Pass, item: OpenItem) -> str:
    amount = f"{display(-item.open_minor, item.currency)} {item.currency}"
    bank = item.item.startswith("bank_line:")
    if pass_.template == "payout_of_lines":
        return "a payout whose list has this line and comes to exactly what was paid out"
    if pass_.template == "bank_by_reference":
        return f"a payout of {amount} whose reference is in the bank's text" if bank else (
            f"a bank line of {amount} whose text has its reference {short(item.item)}, and no other's"
        )  # fmt: skip
    if pass_.tolerance is not None:
        most = f"{pass_.tolerance.absolute.get(item.currency, '0')} {item.currency}"
        return f"the same with a difference of up to {most}, which is written off (pass {pass_.id})"
    return f"{amount} under the name {short(item.item)}"
