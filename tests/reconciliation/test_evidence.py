"""Who else could have been meant is counted, and the nearest are kept with why they were not taken."""

from tests.reconciliation.items import DAY, RULES, item, row
from tieout.model.match import Allocation, Rejected
from tieout.reconciliation.blocks import Loose
from tieout.reconciliation.engine import Group
from tieout.reconciliation.evidence import Pool, changed, rejected

TRANSIT = "payout_in_transit"
TRACE = next(p for p in RULES.passes if p.id == "trace")
ITEMS = {
    1: item(1, TRANSIT, "bank_line:1", -4798, day=2),
    **{n: item(n, TRANSIT, f"payout:po_{n}", 4798, day=n) for n in range(2, 8)},
    8: item(8, TRANSIT, "payout:po_8", 4798, currency="USD"),
}
ROWS = {n: row(n, TRANSIT, i.name, i.amount, "payout_sent") for n, i in ITEMS.items()}


def test_others_of_the_amount_are_counted_and_three_are_kept() -> None:
    group = Group(TRACE, "payout:po_2", 1, "EUR", (Allocation(1, -4798), Allocation(2, 4798)))
    count, kept = rejected(group, Pool(ITEMS.values()), ITEMS, ROWS)
    why = "it has the amount, but the bank line does not name it"
    assert count == 5
    assert kept == tuple(Rejected(n, f"payout:po_{n}", 4798, DAY, why) for n in (3, 4, 5))


def test_in_a_group_of_several_no_single_other_could_be_meant() -> None:
    several = (Allocation(1, -4798), Allocation(2, 2399), Allocation(3, 2399))
    assert rejected(Group(TRACE, "k", 1, "EUR", several), Pool(ITEMS.values()), ITEMS, ROWS) == (0, ())


def test_a_line_that_two_lists_have_makes_a_payout_doubtful() -> None:
    rows = {n: row(n, "gateway", f"txn:txn_{n}", amount, "charge_settled") for n, amount in ((1, 500), (2, -500))}
    match = Loose(9, "payout", "payout:po_1", (Allocation(1, 500), Allocation(2, -500)))
    parts = [("txn:txn_1", "payout:po_1"), ("txn:txn_1", "payout:po_2"), ("txn:txn_2", "payout:po_1")]
    case = changed(match, rows, [], parts)
    assert (case.subject, case.amount_minor, case.currency) == ("mat_9", 500, "EUR")
    assert "Since then its line txn_1 is listed for more than one payout (po_1, po_2)." in case.sentence
