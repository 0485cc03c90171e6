"""Public ids can be pasted, also with a typing error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.model.error import NotFound
from tieout.model.ids import IdKind, parse_id, public_id


@given(st.sampled_from(list(IdKind)), st.integers(0, 10**18 - 1))
def test_an_id_leads_back(kind: IdKind, number: int) -> None:
    assert parse_id(public_id(kind, number)) == (kind, number)


def test_pasted_with_blanks_and_capitals() -> None:
    assert parse_id("  ENT_42\n") == (IdKind.ENTRY, 42)
    assert public_id(IdKind.CASE, 7) == "cas_7"


@pytest.mark.parametrize(
    "text",
    ["", "ent", "ent_", "ent_x", "ent_-1", "ent_1.0", "ent_٣", "ent_1_2", "foo_1", "ent 1", "ent_" + "9" * 19,
     "ent_" + "1" * 5000],
)  # fmt: skip
def test_anything_else_is_not_found(text: str) -> None:
    with pytest.raises(NotFound, match="is not an id") as refused:
        parse_id(text)
    assert len(refused.value.what) < 120
    assert "ent_…" in refused.value.remedy
