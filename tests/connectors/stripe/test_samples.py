"""Real files of other parties, when the folder TIEOUT_TEST_SAMPLES names is there (they are not ours to ship)."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from tests.connectors.stripe.connector import connector, raw, reading
from tieout.connectors.stripe.source import describe
from tieout.events.mapping import Reading
from tieout.model.connector import Undecodable

#: file -> what comes of it: events by kind, “noted”, the reason something stops, or “refused”.
EXPECTED = {
    "balance_transaction_txn_fake_ch_fakefakefakefakefake0001.json": ["charge_settled"],
    # It says that it is captured, and amount_captured is 0.
    "charge_ch_fakefakefakefakefake0001.json": ["payment_captured", "field_missing"],
    "dispute_dp_fakefakefakefake01.json": ["dispute_noted", "dispute_withdrawn"],
    "dispute_dp_funds_reinstated_full.json": ["dispute_noted", "dispute_withdrawn", "dispute_reinstated"],
    "event.account.application.deauthorized.json": ["noted"],
    "event.charge.captured.json": ["payment_captured"],
    "event.charge.dispute.created.json": ["dispute_noted"],
    "event.charge.dispute.funds_withdrawn.json": ["dispute_noted", "dispute_withdrawn"],
    "event.charge.failed.json": ["noted"],
    "event.charge.refund.updated.json": ["payment_refunded"],
    "event.charge.refunded.json": ["payment_refunded", "noted"],
    "event.charge.succeeded.json": ["payment_captured"],
    "event.checkout.session.completed.payment_mode.json": ["noted"],
    "event.invoice.paid.json": ["noted"],
    "event.payment_intent.amount_capturable_updated.json": ["noted"],
    "event.payment_intent.succeeded.json": ["noted"],
    "event.payout.created.json": ["payout_noted"],
    "event.payout.paid.json": ["payout_noted"],
    "event.transfer.created.json": ["noted"],
    # No answer of the API but a collection of examples.
    "fixtures3.json": ["refused"],
    "payment_intent_pi_destination_charge.json": ["noted"],
    # Its amount is the text “10.00”, where Stripe sends whole minor units.
    "payout_custom_bank_account.json": ["amount_unusable"],
}
FOLDER = Path(os.environ.get("TIEOUT_TEST_SAMPLES", "/nonexistent")) / "stripe"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="TIEOUT_TEST_SAMPLES names no folder of samples")


def outcome(found: Reading) -> list[str]:
    words = [draft.kind.value for draft in found.events]
    words += [draft.objection for draft in found.events if draft.objection]
    return words + ["noted"] * len(found.notes) + [objection.reason.value for objection in found.objections]


def test_every_file_is_expected() -> None:
    assert {path.name for path in FOLDER.iterdir() if not path.name.startswith("LICENSE")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_sample(name: str) -> None:
    try:
        found = outcome(reading((FOLDER / name).read_bytes()))
    except Undecodable:
        found = ["refused"]
    assert found == EXPECTED[name]


def test_the_happy_samples_give_these_amounts() -> None:
    def money(name: str) -> list[tuple[str, str, int, str]]:
        return [
            (draft.kind.value, part.kind.value, part.amount_minor, part.currency)
            for draft in reading((FOLDER / name).read_bytes()).events
            for part in draft.components
        ]

    assert money("dispute_dp_funds_reinstated_full.json") == [
        ("dispute_noted", "gross", 1000, "USD"),
        ("dispute_withdrawn", "gross", 1000, "USD"),
        ("dispute_withdrawn", "fee", 1500, "USD"),
        ("dispute_reinstated", "gross", 1000, "USD"),
        ("dispute_reinstated", "fee", -1500, "USD"),
    ]
    assert money("event.charge.dispute.funds_withdrawn.json") == [
        ("dispute_noted", "gross", 25_000, "USD"),
        ("dispute_withdrawn", "gross", 25_000, "USD"),
        ("dispute_withdrawn", "fee", 1500, "USD"),
    ]
    assert money("event.charge.refunded.json") == [("payment_refunded", "gross", 100, "USD")]


def test_every_resource_of_the_api_is_booked_noted_or_an_exception() -> None:
    """The example of each resource, pushed as itself; none raises, and the unknown ones say so."""
    resources = json.loads((FOLDER / "fixtures3.json").read_text(encoding="utf-8"))["resources"]
    counts = Counter(word for resource in resources.values() for word in outcome(reading(raw(resource))))
    mapping = connector().mapping
    known = {topic for rule in mapping.events for topic in rule.topics}
    known |= {topic for rule in mapping.ignores for topic in rule.topics}
    unknown = [r for r in resources.values() if describe({}, {}, raw(r)).topic not in known]
    assert counts["topic_unknown"] == len(unknown)
    assert {name: number for name, number in counts.items() if name not in ("topic_unknown", "noted")} == {
        "charge_settled": 1,
        "dispute_noted": 1,
        "payment_refunded": 1,
        "payout_noted": 1,
    }
