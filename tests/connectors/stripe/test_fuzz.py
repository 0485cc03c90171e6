"""Whatever arrives: either it is refused with a sentence, or it becomes what the mapping says, and nothing else."""

import copy
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.stripe.connector import connector, raw
from tests.connectors.stripe.objects import charge, dispute, event, listing, refund, row, withdrawal
from tieout.connectors.stripe.source import describe, parse
from tieout.events.mapping import Reading, read
from tieout.model.case import Reason
from tieout.model.connector import Undecodable

GOOD = [
    charge(),
    refund(),
    dispute(withdrawal(), status="lost"),
    listing(row(source=charge(currency="usd")), withdrawal(), row(-9000, 0, reporting_category="payout")),
    event("charge.succeeded", charge()),
    event("charge.refunded", charge(refunds={"object": "list", "data": [refund()]})),
    event("charge.dispute.closed", dispute(withdrawal(), status="lost")),
]
TOPICS = sorted({topic for rule in connector().mapping.events for topic in rule.topics})
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**45), max_value=10**45)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["NaN", "1e999999", "-0", "Infinity", "dispute", "charge", "eur", "\u0000", "9" * 50])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def outcome(body: bytes, parameters: dict[str, str] | None = None) -> Reading | str:
    """The reading, or the sentence of the refusal; nothing else may happen."""
    given_parameters = parameters or {}
    try:
        topic = describe({}, given_parameters, body).topic
        document = parse(topic, given_parameters, body)
    except Undecodable as error:
        return str(error)
    assert not any(isinstance(leaf, float) for leaf in leaves(document))
    return read(connector(), "stripe", topic, given_parameters, document)


def leaves(document: Any) -> list[Any]:
    """Every value that is neither object nor list; without recursion, for the depth is the sender's."""
    waiting, found = [document], []
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict | list):
            waiting.extend(value.values() if isinstance(value, dict) else value)
        else:
            found.append(value)
    return found


def check(found: Reading | str) -> None:
    """Everything that stops has a reason of the closed list, and nothing is lost in silence."""
    if isinstance(found, str):
        assert found.endswith(".")
        return
    assert found.events or found.notes or found.objections
    for draft in found.events:
        assert draft.key.startswith("stripe:")
        assert draft.objection is None or Reason(draft.objection)
        assert all(type(part.amount_minor) is int for part in draft.components)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to every value in a document."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for step, inner in steps for place in places(inner, (*path, step)))]


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A good delivery in which one value is another, or is gone."""
    document = copy.deepcopy(draw(st.sampled_from(GOOD)))
    *way, last = draw(st.sampled_from(places(document)[1:]))
    place: Any = document
    for step in way:
        place = place[step]
    if draw(st.booleans()):
        place[last] = draw(JSON)
    else:
        del place[last]
    return document


@given(st.binary())
def test_any_bytes(body: bytes) -> None:
    check(outcome(body))


@given(JSON, st.sampled_from(TOPICS))
def test_any_json_under_any_topic(document: Any, topic: str) -> None:
    body = raw(document if not isinstance(document, str | bytes) else [document])
    check(outcome(body, {"topic": topic}))


@given(damaged())
def test_good_deliveries_with_one_thing_wrong(document: Any) -> None:
    check(outcome(json.dumps(document).encode()))


@given(st.sampled_from(GOOD), st.data())
def test_good_deliveries_cut_off(document: Any, data: st.DataObject) -> None:
    body = raw(document)
    found = outcome(body[: data.draw(st.integers(0, len(body) - 1))])
    assert isinstance(found, str)


@given(st.sampled_from(GOOD), st.sampled_from(["latin-1", "utf-16", "utf-32", "cp037"]))
def test_good_deliveries_in_another_encoding(document: Any, encoding: str) -> None:
    text = json.dumps(document | {"description": "Größe"}, ensure_ascii=False)
    assert isinstance(outcome(text.encode(encoding)), str)


@pytest.mark.parametrize("depth", [10, 500, 800, 850, 900, 920, 940, 960, 980, 1000, 5000, 200_000])
def test_depth_is_no_way_in(depth: int) -> None:
    inner = '{"object":"dispute","a":' * depth + "1" + "}" * depth
    check(outcome(inner.encode()))
    check(outcome(inner.replace('"object":"dispute",', "").encode(), {"topic": "dispute"}))


@given(st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=6))
def test_no_minor_unit_is_lost_between_a_list_and_its_facts(amounts: list[int]) -> None:
    category = {"reporting_category": "other_adjustment"}
    rows = [row(amount, 0, id=f"txn_{place}", **category) for place, amount in enumerate(amounts)]
    found = outcome(raw(listing(*rows)))
    assert isinstance(found, Reading)
    booked = sum(part.amount_minor for draft in found.events for part in draft.components)
    assert Decimal(booked) == sum(map(Decimal, amounts))
    assert len(found.events) + len(found.notes) == len(amounts)
