"""What comes near, in which order and with what differences; and why nothing was tied, in words."""

from datetime import timedelta

from tests.reconciliation.items import DAY, RULES, row
from tieout.reconciliation.nearest import candidates, propose, why_not

TRANSIT = "payout_in_transit"
LINE = row(1, TRANSIT, "bank_line:1", -4798, "bank_credited", day=DAY + timedelta(days=2))
FIRST = row(2, TRANSIT, "payout:po_1", 4798, "payout_sent")
SECOND = row(3, TRANSIT, "payout:po_2", 4798, "payout_sent", day=DAY + timedelta(days=1))
NEAR = row(4, TRANSIT, "payout:po_3", 4750, "payout_sent", day=DAY + timedelta(days=1))
FAR = row(5, TRANSIT, "payout:po_4", 1000, "payout_sent")
DOLLARS = row(6, TRANSIT, "payout:po_5", 4798, "payout_sent", currency="USD")
ALL = [LINE, FIRST, SECOND, NEAR, FAR, DOLLARS]


def test_candidates_are_ranked_by_amount_then_day_and_say_how_they_differ() -> None:
    found = candidates(LINE, ALL, frozenset(), {})
    assert [(c.item.id, c.settles, c.differs) for c in found] == [
        (3, True, ("it goes by po_2", "it is 1 day earlier")),
        (2, True, ("it goes by po_1", "it is 2 days earlier")),
        (4, False, ("it is 0.48 EUR less", "it goes by po_3", "it is 1 day earlier")),
    ]


def test_what_people_chose_moves_up_and_what_they_refused_is_gone() -> None:
    found = candidates(LINE, ALL, frozenset(), {(1, 2): 3})
    assert [(c.item.id, c.chosen_before) for c in found[:2]] == [(2, 3), (3, 0)]
    refused = frozenset({frozenset({1, 3})})
    assert [c.item.id for c in candidates(LINE, ALL, refused, {})] == [2, 4]


def test_a_proposal_asks_about_the_bank_line_and_chooses_nothing() -> None:
    (found,) = propose(ALL, frozenset(), {})
    assert (found.item.id, [c.item.id for c in found.candidates], found.count) == (1, [3, 2], 2)
    assert found.decides == (
        "2 have this amount. They differ in their day alone; a reference in the bank's text would decide it, or a"
        " person who knows."
    )
    (only,) = propose([LINE, FIRST], frozenset(), {})
    assert only.decides == (
        "Only the amount speaks for it. A reference in the bank's text would decide it; else a person who knows."
    )
    assert propose([LINE, NEAR, FAR], frozenset(), {}) == []


def test_why_not_says_what_is_missing_what_is_near_and_what_would_do() -> None:
    found = candidates(LINE, ALL, frozenset(), {})
    assert why_not(LINE, ALL, found, RULES) == [
        "No name ties a bank line; its text must name what it is for.",
        "Near: itm_3, 47.98 EUR of 2026-03-04; it goes by po_2, it is 1 day earlier.",
        "Near: itm_2, 47.98 EUR of 2026-03-03; it goes by po_1, it is 2 days earlier.",
        "Near: itm_4, 47.50 EUR of 2026-03-04; it is 0.48 EUR less, it goes by po_3, it is 1 day earlier.",
        "2 could settle it, and nothing says which; so none was taken.",
        "It would be tied by a payout of 47.98 EUR whose reference is in the bank's text.",
        "Or by a person: `tieout proposals accept itm_1 itm_3 --why …` if that is the right one.",
    ]


def test_items_of_one_name_that_do_not_come_to_zero_say_what_is_left() -> None:
    owed = row(1, "order_receivable", "order:7", 10000, "order_placed")
    paid = row(2, "order_receivable", "order:7", -9000, "payment_captured", day=DAY + timedelta(days=1))
    pool = [owed, paid]
    assert why_not(owed, pool, candidates(owed, pool, frozenset(), {}), RULES) == [
        "1 more open under its name 7; together they come to 10.00 EUR, and not to zero.",
        "Near: itm_2, −90.00 EUR of 2026-03-04; it is 10.00 EUR less, it is 1 day later.",
        "It would be tied by −100.00 EUR under the name 7.",
    ]
