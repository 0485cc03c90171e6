"""Facts of sales survive being written down, and say as little as they can."""

from datetime import UTC, datetime

import msgspec
import pytest

from tests.settlement.orders import MARKET, TEN
from tieout.model.sale import Fact, FactKind, Frozen
from tieout.model.settlement import RefundLine

T0 = datetime(2026, 10, 1, 12, tzinfo=UTC)


def test_a_fact_comes_back_as_it_was() -> None:
    fact = Fact("paid", FactKind.CAPTURED, T0, order=MARKET, source="stripe", vendors={1: "Linde"})
    assert msgspec.json.decode(msgspec.json.encode(fact), type=Fact) == fact
    frozen = Frozen(TEN, volume_minor={"A": 5})
    assert msgspec.json.decode(msgspec.json.encode(frozen), type=Frozen) == frozen


def test_a_fact_says_as_little_as_it_can() -> None:
    fact = Fact("back", FactKind.REFUNDED, T0, lines=(RefundLine(1, quantity=1),))
    told = {
        "key": "back",
        "kind": "refunded",
        "occurred_at": "2026-10-01T12:00:00Z",
        "lines": [{"line": 1, "quantity": 1}],
    }
    assert msgspec.json.decode(msgspec.json.encode(fact)) == told
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(told | {"amount": 5}, Fact)


def test_every_kind_has_a_sentence() -> None:
    assert all(kind.meaning.endswith(".") for kind in FactKind)
