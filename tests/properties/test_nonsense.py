"""Nonsense by the hundred, through the doors of one installation: nothing fails, nothing is dropped, the books hold."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.house import ROBOT, bank_statement, charge, open_house, order, refund
from tests.connectors.camt import statements as camt
from tests.connectors.stripe import objects as stripe
from tests.events.test_mapping import documents, topics
from tieout.app import Tieout
from tieout.model.error import BadInput

ODD = st.sampled_from(
    [None, "", 0, -1, 10**20, -(10**18), "10.005", "NaN", "1e9", True, [], {}, [None], "x" * 3000, "é\u0000\ud7ff",
     "EUR", "jpy", "2026-02-30", "9999-12-31T23:59:59-12:00", {"id": "ch_1"}]
)  # fmt: skip


def spoilt(thing: Any) -> st.SearchStrategy[Any]:
    """A sound object in which some members, at any depth, are something else."""
    if isinstance(thing, dict):
        return st.fixed_dictionaries({key: _maybe(value) for key, value in thing.items()})
    if isinstance(thing, list):
        return st.tuples(*(_maybe(value) for value in thing)).map(list) | st.just(thing * 2)
    return st.just(thing)


def _maybe(value: Any) -> st.SearchStrategy[Any]:
    return st.one_of(*[st.just(value)] * 12, ODD, spoilt(value))


DISPUTED = stripe.dispute(stripe.withdrawal())
SOUND = [
    ("stripe", None, charge()),
    ("stripe", None, stripe.refund()),
    ("stripe", None, stripe.listing(stripe.row(), stripe.withdrawal())),
    ("stripe", None, stripe.event("charge.dispute.closed", DISPUTED | {"status": "lost"})),
    ("shop", "orders", order()),
    ("shop", "refunds", refund()),
]
SENT = st.one_of(
    *(st.tuples(st.just(source), st.just(topic), spoilt(thing)) for source, topic, thing in SOUND),
    *(
        st.tuples(st.just(source), st.sampled_from(topics(name)), documents(name))
        for source, name in (("stripe", "stripe"), ("shop", "shopify"))
    ),
)
AMOUNTS = st.sampled_from(["10.00", "0.00", "-5.00", "1.005", "", "9" * 30, "1,50", "NaN"])


@pytest.fixture(scope="module")
def app(fresh_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tieout]:
    """One installation for all of it."""
    with open_house(fresh_database(), tmp_path_factory.mktemp("home")) as opened:
        yield opened


def accounted_for(app: Tieout, delivery: str) -> bool:
    """Whether a delivery has led to an event, a note or a case."""
    seen = app.delivery(delivery)
    return bool(seen.events or seen.notes) or any(node.kind == "case" for node in app.trace(delivery).nodes)


def check_all_is_well(app: Tieout, deliveries: list[str]) -> None:
    report = app.work()
    assert report.failures == 0
    assert [d for d in deliveries if not accounted_for(app, d)] == []


@settings(suppress_health_check=list(HealthCheck))
@given(sent=st.lists(SENT, min_size=1, max_size=5))
def test_objects(app: Tieout, sent: list[tuple[str, str | None, Any]]) -> None:
    kept = []
    for source, topic, thing in sent:
        body = json.dumps(thing, default=str).encode()
        try:
            receipt = app.receive_objects(source, {"topic": topic} if topic else {}, body, actor=ROBOT)
        except BadInput:
            continue
        kept += [receipt.delivery] * (receipt.verdict.value == "accepted")
    check_all_is_well(app, kept)


@settings(suppress_health_check=list(HealthCheck))
@given(
    amounts=st.lists(
        st.tuples(AMOUNTS, st.sampled_from(["CRDT", "DBIT", "X"]), st.sampled_from(["BOOK", "PDNG", "?"])), max_size=4
    ),
    closing=AMOUNTS,
    currency=st.sampled_from(["EUR", "USD", "QQQ", ""]),
    text=st.text(max_size=30).map(
        lambda text: "".join(char for char in text if char.isprintable() and char not in "<&")
    ),
)
def test_statements(app: Tieout, amounts: list[tuple[str, str, str]], closing: str, currency: str, text: str) -> None:
    lines = [
        camt.entry(amount, way, status=status, currency=currency, more=f"<AddtlNtryInf>{text}</AddtlNtryInf>")
        for amount, way, status in amounts
    ]
    report = app.import_file("bank", bank_statement(*lines, closing=closing, name=text[:10] or "S"))
    check_all_is_well(app, [report.delivery] * (report.verdict == "accepted"))


def test_the_books_hold_after_all_that(app: Tieout) -> None:
    app.sweep()
    app.reconcile()
    proof = app.proof()
    assert set(proof.unexplained_minor.values()) <= {0}
    assert proof.deliveries_waiting == 0
    assert [finding for finding in app.check() if not finding.what.startswith("bank ")] == []
    assert not app.inbox(verdict="rejected")
