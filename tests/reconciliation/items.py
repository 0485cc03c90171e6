"""Open items in a few words, for the engine and for naming."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tieout.model.case import Reason
from tieout.model.match import Naming, OpenItem
from tieout.reconciliation.engine import Item
from tieout.reconciliation.name import Name, Patience, Surroundings
from tieout.reconciliation.naming import name_items
from tieout.reconciliation.rule import standard_rules
from tieout.reconciliation.store import ItemRow

DAY = date(2026, 3, 3)
ORDER = "order_receivable"
RULES = standard_rules()
TIMING = RULES.timing
PATIENCE = {"stripe": Patience(settlement_days=3, payout_days=7, arrival_days=4)}
#: One account per role, numbered as in a chart.
ACCOUNTS = {
    "order_receivable": "1200", "captured": "1310.stripe", "gateway": "1320.stripe", "payout_in_transit": "1330.stripe",
    "disputed": "1340.stripe", "reserve": "1350.stripe", "suspense": "1490",
    "facilitator_tax": "2110", "seller_in_transit": "2350",
}  # fmt: skip


def item(
    number: int, role: str, name: str, amount: int, *, currency: str = "EUR", account: int | None = None, day: int = 0
) -> Item:
    """An open item for the engine; bank lines are known by their name."""
    side = "bank" if name.startswith("bank_line:") else ""
    return Item(number, account or list(ACCOUNTS).index(role) + 1, role, currency, name, amount, 20_515 + day, side)


def row(
    number: int, role: str, name: str, amount: int, kind: str, *, day: date = DAY, currency: str = "EUR",
    scope: str = "stripe", facts: Mapping[str, str] | None = None, references: tuple[str, ...] = (),
    open_minor: int | None = None, account: str | None = None,
) -> ItemRow:  # fmt: skip
    """An open item for naming: of entry and event of its own number."""
    code = account or ACCOUNTS[role]
    left = amount if open_minor is None else open_minor
    open_item = OpenItem(number, code, currency, name, amount, left, day, number, number, amount, left)
    return ItemRow(open_item, 1, role, scope, kind, facts or {}, references)


def around(days: int = 0, **changes: Any) -> Surroundings:
    """The surroundings `days` after DAY, with nothing said by gateways and banks unless it is given."""
    given: dict[str, Any] = {
        "as_of": DAY + timedelta(days=days),
        "timing": TIMING,
        "patience": PATIENCE,
        "payout_of": {},
        "order_of": {},
        "composed": frozenset(),
        "arrival": {},
        "named_pairs": (),
    }
    return Surroundings(**{**given, **changes})


def names(rows: list[ItemRow], days: int = 0, **changes: Any) -> list[Name]:
    """The names of these items `days` after DAY."""
    return name_items(rows, around(days, **changes))


def only_name(rows: list[ItemRow], days: int = 0, **changes: Any) -> Name:
    """The one name all of them have."""
    (found,) = names(rows, days, **changes)
    assert {r.item.id for r in found.items} == {r.item.id for r in rows}
    return found


def case(name: Name) -> tuple[Reason, str, int, str]:
    """Reason, subject, money at risk and sentence of an exception."""
    assert name.naming is Naming.EXCEPTION
    assert name.case is not None
    assert name.label == name.case.reason.value
    return name.case.reason, name.case.subject, name.case.amount_minor, name.case.sentence


def in_transit(name: Name) -> tuple[str, date | None]:
    """Label and last normal day of an item that is merely on its way."""
    assert (name.naming, name.case) == (Naming.TRANSIT, None)
    return name.label, name.due


def turns(rows: Sequence[ItemRow], days: int, **changes: Any) -> tuple[Name, Name]:
    """The name on the last normal day, which must be that day, and the name on the day after."""
    before = only_name(list(rows), days, **changes)
    assert in_transit(before)[1] == DAY + timedelta(days=days)
    after = only_name(list(rows), days + 1, **changes)
    assert (after.naming, after.due) == (Naming.EXCEPTION, before.due), "it keeps the last day on which it was none"
    return before, after
