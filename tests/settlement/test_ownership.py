"""Whose it was when it was sold, and what each owner gets of an amount."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.model.error import BadInput, Conflict, NotFound
from tieout.model.ownership import Ownership, Share
from tieout.settlement.ownership import check, divide, lead, named, owned_at, revised

JANUARY, JUNE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SOLO = Ownership("mug", (Share("A", 10_000),), JANUARY)
DUO = Ownership("mug", (Share("A", 4_000), Share("B", 6_000)), JUNE, changed_by="eva", reason="B joins")


def test_a_sale_keeps_the_version_it_was_made_under() -> None:
    history = revised(revised((), SOLO), DUO)
    assert [record.version for record in history] == [1, 2]
    assert owned_at(history, "mug", JANUARY).version == 1
    assert owned_at(history, "mug", JUNE - SECOND).shares == SOLO.shares
    assert owned_at(history, "mug", JUNE).shares == DUO.shares
    assert owned_at(reversed(history), "mug", None).version == 2, "whatever the order of the records"


def test_a_gap_has_no_owner() -> None:
    ended = msgspec.structs.replace(SOLO, valid_until=JUNE)
    assert owned_at([ended], "mug", JUNE - SECOND) == ended
    for listing, at in (("mug", JUNE), ("mug", JANUARY - SECOND), ("cup", JUNE), ("cup", None)):
        with pytest.raises(NotFound, match=f"Nobody is known to own the listing “{listing}”"):
            owned_at([ended], listing, at)


def test_the_past_is_not_rewritten() -> None:
    history = revised((), DUO)
    with pytest.raises(Conflict, match="Version 1 of the ownership of “mug” begins later"):
        revised(history, SOLO)
    assert revised(history, msgspec.structs.replace(SOLO, listing="cup"))[1].version == 1


@pytest.mark.parametrize(
    ("record", "what"),
    [
        (Ownership("m", (Share("A", 9_999),), JANUARY), "The shares come to 9,999 basis points"),
        (Ownership("m", (), JANUARY), "The shares come to 0 basis points"),
        (Ownership("m", (Share("A", 5_000), Share("A", 5_000)), JANUARY), "A party is named twice or not at all"),
        (Ownership("m", (Share("A", 10_001), Share("B", -1)), JANUARY), "A share is negative"),
        (Ownership("m", (Share("A", 10_000, rounds_down=True),), JANUARY), "Every share is rounded down"),
        (Ownership("m", (Share("A", 10_000),), JANUARY, fees_borne_by="B"), "“B” bears the fees and has no share"),
        (Ownership("m", (Share("A", 10_000),), JANUARY, valid_until=JANUARY), "It ends before it begins"),
    ],
)
def test_a_record_that_does_not_hold(record: Ownership, what: str) -> None:
    with pytest.raises(BadInput, match=what) as refused:
        check(record)
    assert refused.value.where == "ownership of m"


def test_an_order_may_name_the_owners_itself() -> None:
    assert named("line 1", {"B": 3_000, "A": 7_000}).shares == (Share("A", 7_000), Share("B", 3_000))
    with pytest.raises(BadInput):
        named("line 1", {"A": 1})


def test_the_lead_has_the_largest_share() -> None:
    assert lead(DUO) == "B"
    assert lead(named("x", {"B": 5_000, "A": 5_000})) == "A"


@given(st.integers(-(10**6), 10**6), st.lists(st.integers(1, 999), min_size=1, max_size=5), st.integers(0, 4))
def test_what_is_divided_sums_and_keeps_its_sign(amount: int, points: list[int], down: int) -> None:
    shares = [Share(f"p{n}", point, rounds_down=n < down) for n, point in enumerate(points)]
    shares.append(Share("rest", 10_000 - sum(points)))
    parts = divide(amount, shares)
    assert sum(parts.values()) == amount
    assert all(part * amount >= 0 for part in parts.values())
    assert all(abs(parts[s.party]) <= abs(amount) * s.basis_points // 10_000 for s in shares if s.rounds_down)


def test_odd_units_go_by_fraction_then_by_name() -> None:
    assert divide(1, [Share("B", 5_000), Share("A", 5_000)]) == {"A": 1, "B": 0}
    assert divide(-1, [Share("B", 5_000), Share("A", 5_000)]) == {"A": -1, "B": 0}
    assert divide(94, [Share("A", 2_000, rounds_down=True), Share("B", 8_000)]) == {"A": 18, "B": 76}
