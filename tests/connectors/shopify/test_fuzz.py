"""Whatever arrives: either it is refused with a sentence, or it becomes what the mapping says, and nothing else."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.shopify.connector import connector, raw
from tests.connectors.shopify.objects import (
    adjustment,
    agreement,
    answer,
    bag,
    balance_row,
    line,
    order,
    refund,
    refunded,
    sale,
    shipping,
    tax_line,
    tender,
    told_refund,
)
from tieout.connectors.shopify.source import describe, parse
from tieout.events.mapping import Reading, read
from tieout.model.case import Reason
from tieout.model.connector import Undecodable

REFUND = refund(
    refunded("24.50", "3.71"),
    refunded("10.00", "0.67", line("30.00", 3, tax_line("1.00"), tax_line("1.01", liable=True))),
    order_adjustments=[adjustment("shipping_refund", "-2.44", "-0.46")],
    refund_shipping_lines=[{"subtotal_amount_set": bag("7.00"), "tax_amount_set": bag("0.28")}],
    money="37.40",
)
LOST = {"id": 8, "type": "chargeback", "amount": "4", "currency": "USD", "status": "lost", "finalized_on": "2026-04-08"}
PAYOUT = {"id": 5, "status": "paid", "date": "2026-03-06", "currency": "USD", "amount": "41.90"}
GOOD: list[tuple[str, Any]] = [
    ("orders/create", order("53.90", line("24.50", 2, tax_line("7.42")), shipping_lines=[shipping("4.90")])),
    ("orders/updated", order("49.00", line(), refunds=[REFUND])),
    ("refunds/create", REFUND),
    ("order_transactions/create", tender("20.00", "sale", "gift_card")),
    (
        "agreements",
        answer(agreement("OrderEditAgreement", sale("PRODUCT", "-9", "0", -1)), refunds=[told_refund(1, (11, 1))]),
    ),
    ("transactions", {"transactions": [balance_row("charge", "10.00", "0.30", "9.70", payout_id=5), tender("1.00")]}),
    ("payouts", {"payouts": [PAYOUT]}),
    ("disputes/update", LOST),
]
TOPICS = sorted({topic for rule in connector().mapping.events for topic in rule.topics})
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**45), max_value=10**45)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(
        ["NaN", "sNaN", "1e999999", "-0", "Infinity", "12.345", "refund", "EUR", "\u0000", "9" * 50, "0.00", "-1.00"]
    )
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def outcome(topic: str, body: bytes) -> Reading | str:
    """The reading, or the sentence of the refusal; nothing else may happen."""
    try:
        describe({}, {}, body)
        document = parse(topic, {}, body)
    except Undecodable as error:
        return str(error)
    assert not any(isinstance(leaf, float) for leaf in leaves(document))
    return read(connector(), "shop", topic, {}, document)


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
        assert draft.key.startswith("shop:")
        assert draft.objection is None or Reason(draft.objection)
        assert all(type(part.amount_minor) is int for part in draft.components)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to every value in a document."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for step, inner in steps for place in places(inner, (*path, step)))]


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, Any]:
    """A good delivery in which one value is another, or is gone."""
    topic, good = draw(st.sampled_from(GOOD))
    document = copy.deepcopy(good)
    *way, last = draw(st.sampled_from(places(document)[1:]))
    place: Any = document
    for step in way:
        place = place[step]
    if draw(st.booleans()):
        place[last] = draw(JSON)
    else:
        del place[last]
    return topic, document


def test_the_good_ones_are_good() -> None:
    for topic, document in GOOD:
        found = outcome(topic, raw(document))
        assert isinstance(found, Reading)
        assert found.objections == ()


@given(st.sampled_from(TOPICS), st.binary())
def test_any_bytes(topic: str, body: bytes) -> None:
    check(outcome(topic, body))


@given(st.sampled_from(TOPICS), JSON)
def test_any_json_under_any_topic(topic: str, document: Any) -> None:
    check(outcome(topic, json.dumps(document).encode()))


@given(damaged())
def test_good_deliveries_with_one_thing_wrong(delivery: tuple[str, Any]) -> None:
    topic, document = delivery
    check(outcome(topic, json.dumps(document).encode()))


@given(st.sampled_from(GOOD), st.data())
def test_good_deliveries_cut_off(delivery: tuple[str, Any], data: st.DataObject) -> None:
    topic, document = delivery
    body = raw(document)
    assert isinstance(outcome(topic, body[: data.draw(st.integers(0, len(body) - 1))]), str)


@given(st.sampled_from(GOOD), st.sampled_from(["latin-1", "utf-16", "utf-32", "cp037"]))
def test_good_deliveries_in_another_encoding(delivery: tuple[str, Any], encoding: str) -> None:
    topic, document = delivery
    text = json.dumps(document | {"note": "Größe"}, ensure_ascii=False)
    assert isinstance(outcome(topic, text.encode(encoding)), str)


@pytest.mark.parametrize("depth", [10, 500, 800, 850, 900, 920, 940, 960, 980, 1000, 5000, 200_000])
@pytest.mark.parametrize("topic", ["orders/create", "disputes", "payouts", "agreements"])
def test_depth_is_no_way_in(depth: int, topic: str) -> None:
    check(outcome(topic, ('{"id":1,"line_items":' * depth + "1" + "}" * depth).encode()))
    check(outcome(topic, ('{"data":' * depth + "1" + "}" * depth).encode()))
    check(outcome(topic, b"[" * depth + b"]" * depth))
