"""Real files of other parties, when the folder TIEOUT_TEST_SAMPLES names is there (they are not ours to ship)."""

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.connectors.shopify.connector import connector
from tieout.connectors.shopify.source import describe, parse
from tieout.events.mapping import Reading, read

#: file -> what comes of it: events by kind, “noted” for what is ignored, and the reason of whatever stops.
EXPECTED: dict[str, dict[str, int]] = {
    "goshopify.gift_card.list.json": {"noted": 1},
    "goshopify.order.json": {"noted": 1},
    "goshopify.order_with_transaction.json": {"noted": 2},
    "goshopify.payments_transactions.json": {"gateway_adjusted": 2, "refund_settled": 1, "payout_composed": 1},
    "goshopify.payouts.json": {"payout_noted": 2},
    "pyapi.disputes.json": {"dispute_noted": 7},
    "pyapi.gift_card.json": {"noted": 1},
    # 409.94 against 608.94 from its lines.
    "pyapi.order.json": {"order_placed": 1, "total_mismatch": 1},
    "pyapi.payout.json": {"payout_noted": 1},
    # The adjustment of −1.50, −0.25, −1.75.
    "pyapi.payouts_transactions.json": {
        "gateway_adjusted": 11, "refund_settled": 3, "charge_settled": 7, "dispute_withdrawn": 1, "reserve_held": 1,
        "reserve_released": 1, "payout_sent": 1, "payout_composed": 1, "net_mismatch": 1,
    },
    # Its lines have no subtotal.
    "pyapi.refund.json": {"order_refunded": 1, "tender_noted": 1, "field_missing": 1},
    "pyapi.tender_transactions.json": {"noted": 1},
    "pyapi.transactions.json": {"noted": 1},
    # Two lost chargebacks do not say when.
    "rest2026-07.dispute.01.json": {"dispute_noted": 10, "field_missing": 2},
    "rest2026-07.gift_card.01.json": {"noted": 1},
    "rest2026-07.gift_card_adjustment.01.json": {"topic_unknown": 1},
    "rest2026-07.gift_card_adjustment.02.json": {"topic_unknown": 1},
    "rest2026-07.order.01.json": {"order_placed": 1, "order_refunded": 1, "tender_noted": 1},
    "rest2026-07.order.03.json": {"order_placed": 1, "order_refunded": 1, "tender_noted": 1},
    "rest2026-07.payment.02.json": {"noted": 1},
    # The same adjustment; and capture, advance, advance_funding and two reversals nobody documents.
    "rest2026-07.payment_transaction.01.json": {
        "gateway_adjusted": 26, "refund_settled": 4, "charge_settled": 6, "dispute_withdrawn": 5,
        "dispute_reinstated": 2, "reserve_held": 1, "reserve_released": 1, "payout_composed": 1, "net_mismatch": 1,
        "code_unknown": 5,
    },
    # Two of 43.12 whose summary comes to 42.90.
    "rest2026-07.payout.01.json": {"payout_noted": 8, "total_mismatch": 2},
    "rest2026-07.payout.02.json": {"payout_noted": 5},
    # Lines with tax and a partial payment: nothing says whether the prices contain the tax.
    "rest2026-07.refund.01.json": {"order_refunded": 1, "tender_noted": 1, "field_missing": 1},
    "rest2026-07.refund.03.json": {"noted": 2},
    "rest2026-07.refund.05.json": {"noted": 2},
    "rest2026-07.tender_transaction.01.json": {"noted": 1},
    "rest2026-07.transaction.01.json": {"tender_noted": 2, "noted": 1},
    "rest2026-07.transaction.02.json": {"noted": 1},
    "rest2026-07.webhook.01.json": {"noted": 1},
}  # fmt: skip
FOLDER = Path(os.environ.get("TIEOUT_TEST_SAMPLES", "/nonexistent")) / "shopify"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="TIEOUT_TEST_SAMPLES names no folder of samples")


def reading(name: str) -> Reading:
    body = (FOLDER / name).read_bytes()
    topic = describe({}, {}, body).topic
    return read(connector(), "shop", topic, {}, parse(topic, {}, body))


def test_every_file_is_expected() -> None:
    assert {path.name for path in FOLDER.iterdir() if not path.name.startswith("LICENSE")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_sample(name: str) -> None:
    found = reading(name)
    words = [draft.kind.value for draft in found.events]
    words += [draft.objection for draft in found.events if draft.objection]
    words += ["noted"] * len(found.notes) + [objection.reason.value for objection in found.objections]
    assert Counter(words) == EXPECTED[name]


def test_the_order_of_the_vendor_adds_up() -> None:
    placed, refunded, _ = reading("rest2026-07.order.01.json").events
    figures = [(part.kind.value, part.amount_minor) for part in placed.components]
    assert figures == [
        ("item", 19_900), ("item", 19_900), ("item", 19_900),
        ("discount", 334), ("discount", 333), ("discount", 333),
        ("tax", 398), ("tax", 398), ("tax", 398),
    ]  # fmt: skip
    assert (placed.objection, refunded.objection) == (None, None)
    assert refunded.requires == (placed.key,)


def test_no_amount_of_the_balance_is_lost() -> None:
    """Booked, held and stopped rows together are the file's 25 rows."""
    found = reading("pyapi.payouts_transactions.json")
    composed = next(draft for draft in found.events if draft.kind.value == "payout_composed")
    assert composed.facts == {"count": "25"}
    assert len(found.events) == 26
