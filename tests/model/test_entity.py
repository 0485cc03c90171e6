"""Who keeps books, who tells of money, who acts."""

from datetime import UTC, datetime

import pytest

from tieout.model.entity import Actor, Entity, Source


def test_an_entity_keeps_its_base_currency() -> None:
    entity = Entity(1, "craft", "Craft Market GmbH", "EUR", "Europe/Berlin")
    with pytest.raises(AttributeError):
        entity.base_currency = "USD"  # type: ignore[misc]
    assert entity.base_currency == "EUR"


def test_a_new_source_has_heard_nothing() -> None:
    source = Source(1, "stripe", "stripe", "gateway", datetime(2026, 1, 1, tzinfo=UTC))
    assert (source.last_delivery_at, source.deliveries, source.waiting, source.rejected) == (None, 0, 0, 0)


def test_a_person_and_a_key_of_one_name_are_two_actors() -> None:
    assert Actor("ana", "person") != Actor("ana", "key")
