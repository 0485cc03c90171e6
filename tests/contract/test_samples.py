"""Real files of other parties run through the whole installation: each is booked, noted, or an exception; none is lost.

They are not ours to ship; the folder is named by TIEOUT_TEST_SAMPLES, or lies beside the checkout.
"""

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tieout.app import Settings, Tieout
from tieout.model.case import Reason
from tieout.model.entity import Actor

FOLDER = Path(os.environ.get("TIEOUT_TEST_SAMPLES", "/nonexistent"))
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="TIEOUT_TEST_SAMPLES names no folder of samples")

PLACES = {"shopify": "shopify", "stripe": "stripe", "bank/camt": "camt"}
FILES = [
    (connector, file)
    for place, connector in PLACES.items()
    for file in (sorted((FOLDER / place).iterdir()) if FOLDER.is_dir() else ())
    if not file.name.startswith(("LICENSE", "NOTICE"))
]
ROBOT = Actor("robot", "key")

#: What breaks in the files marked negative, and in those whose shape the connector must not guess about.
REASONS = {
    "pyapi.order.json": {Reason.TOTAL_MISMATCH},
    "rest2026-07.payout.01.json": {Reason.TOTAL_MISMATCH},
    "pyapi.payouts_transactions.json": {Reason.NET_MISMATCH},
    "rest2026-07.payment_transaction.01.json": {Reason.NET_MISMATCH, Reason.CODE_UNKNOWN},
    "pyapi.refund.json": {Reason.FIELD_MISSING},
    "rest2026-07.refund.01.json": {Reason.FIELD_MISSING},
    "rest2026-07.dispute.01.json": {Reason.FIELD_MISSING},
    "rest2026-07.gift_card_adjustment.01.json": {Reason.TOPIC_UNKNOWN},
    "rest2026-07.gift_card_adjustment.02.json": {Reason.TOPIC_UNKNOWN},
    "charge_ch_fakefakefakefakefake0001.json": {Reason.FIELD_MISSING},
    "payout_custom_bank_account.json": {Reason.AMOUNT_UNUSABLE},
    "fixtures3.json": {Reason.DELIVERY_UNREADABLE},
    "genkgo.camt052.v4.xml": {Reason.STATEMENT_MIXED_CURRENCIES},
    "genkgo.camt052.v6.xml": {Reason.STATEMENT_MIXED_CURRENCIES},
    "genkgo.camt052.v6.Amt-zero.xml": {Reason.STATEMENT_MIXED_CURRENCIES},
    "genkgo.camt052.v6.json": {Reason.DELIVERY_UNREADABLE},
    "genkgo.camt053.v2.all-balance-types.xml": {Reason.STATEMENT_UNBALANCED},
    "genkgo.camt053.v2.five.decimals.xml": {Reason.STATEMENT_UNBALANCED},
    "genkgo.camt053.v2.minimal.ultimate.xml": {Reason.STATEMENT_MIXED_CURRENCIES},
    "genkgo.camt053.v2.multi.statement.json": {Reason.DELIVERY_UNREADABLE},
    "genkgo.camt053.v2.wrong.xml": {Reason.DELIVERY_UNREADABLE},
    "genkgo.camt053.v3.xml": {Reason.STATEMENT_MIXED_CURRENCIES, Reason.DETAILS_MISMATCH},
    "genkgo.camt053.v8.xml": {Reason.STATEMENT_MIXED_CURRENCIES, Reason.DETAILS_MISMATCH},
    "genkgo.camt054.v4.xml": {Reason.DETAILS_MISMATCH},
    "genkgo.camt53.only-Dt-with-DtTm.xml": {Reason.STATEMENT_INCOMPLETE},
    "viafintech.053.valid_example_v8.xml": {Reason.STATEMENT_MIXED_CURRENCIES},
    "viafintech.053.valid_example_with_batch.xml": {Reason.STATEMENT_UNBALANCED},
    "viafintech.053.valid_example_with_instdamt.xml": {Reason.STATEMENT_UNBALANCED},
    "viafintech.053.valid_namespace.xml": {Reason.DELIVERY_UNREADABLE},
    "viafintech.general.invalid_namespace.xml": {Reason.DELIVERY_UNREADABLE},
}
#: What a file without its neighbours rightly waits for: its order, its dispute's first row, an exchange rate.
WAITING = {Reason.PREREQUISITE_MISSING, Reason.RATE_MISSING, Reason.CONTENT_CHANGED}


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Tieout]:
    with Tieout.open(Settings(home=tmp_path, database_url=database_url), connections_max=4) as opened:
        opened.init("Judge of samples", base_currency="USD", password="not-a-secret")
        for connector in PLACES.values():
            opened.add_source(connector, connector)
        yield opened


@pytest.mark.parametrize(("connector", "file"), FILES, ids=lambda part: part if isinstance(part, str) else part.name)
def test_a_sample_is_booked_noted_or_an_exception(app: Tieout, connector: str, file: Path):
    body = file.read_bytes()
    if connector == "camt":
        delivery = app.import_file(connector, body, name=file.name).delivery
    else:
        delivery = app.receive_objects(connector, {}, body, actor=ROBOT).delivery
        report = app.work()
        assert (report.deliveries, report.failures) == (1, 0)
    app.sweep()
    kept = app.delivery(delivery)
    events = [app.event(event) for event in kept.events]
    found = {view.case.draft.reason for view in app.case_list(limit=500)}
    assert found - WAITING == REASONS.get(file.name, set())
    assert events or kept.notes or found, "dropped without a word"
    for event in events:
        assert event.state in ("posted", "memo", "parked", "held")
        assert bool(event.entries) == (event.state == "posted")
    parked = any(event.state == "parked" for event in events)
    assert bool(found & (WAITING - {Reason.CONTENT_CHANGED})) == parked


def test_all_samples_in_one_installation_leave_nothing_unexplained(app: Tieout):
    for connector, file in FILES:
        if connector == "camt":
            app.import_file(connector, file.read_bytes(), name=file.name)
        else:
            app.receive_objects(connector, {"name": file.name}, file.read_bytes(), actor=ROBOT)
    while app.work().deliveries:
        pass
    app.reconcile()
    proof = app.proof()
    assert set(proof.unexplained_minor.values()) <= {0}
    assert proof.deliveries_waiting == 0
    assert not app.inbox(verdict="rejected")


def test_the_manifest_of_the_folder_agrees():
    """Files marked happy raise nothing, files marked negative raise something."""
    with (FOLDER / "MANIFEST.tsv").open(encoding="utf-8") as lines:
        uses = {row["path"]: row["use"] for row in csv.DictReader(lines, delimiter="\t")}
    wrong = {
        file.name: use
        for _, file in FILES
        for use in [uses[file.relative_to(FOLDER).as_posix()]]
        if (use, file.name in REASONS) in (("happy", True), ("negative", False))
    }
    assert wrong == {}
