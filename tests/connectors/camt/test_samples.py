"""Real statements of other parties, when the folder TIEOUT_TEST_SAMPLES names is there (they are not ours to ship).

Each file must come out as the folder's own manifest says it should.
"""

import os
from pathlib import Path

import pytest

from tests.connectors.camt.connector import reading
from tieout.model.connector import Undecodable

#: file -> reasons expected, in the order of the events; "refused" for what is no statement, "noted" for no money.
EXPECTED: dict[str, list[str | None]] = {
    "genkgo.camt052.v2.other-account.xml": [],
    "genkgo.camt052.v2.xml": [],
    "genkgo.camt052.v4.xml": ["statement_mixed_currencies"],
    "genkgo.camt052.v6.Amt-zero.xml": ["statement_mixed_currencies"],
    "genkgo.camt052.v6.xml": ["statement_mixed_currencies"],
    "genkgo.camt053.v2.all-balance-types.xml": ["statement_unbalanced"] * 2,
    "genkgo.camt053.v2.five.decimals.xml": ["statement_unbalanced"] * 2,
    "genkgo.camt053.v2.minimal.ultimate.xml": ["statement_mixed_currencies"] * 2,
    "genkgo.camt053.v2.multi.statement.xml": [None] * 4,
    "genkgo.camt053.v3.xml": ["statement_mixed_currencies", "details_mismatch"],
    "genkgo.camt053.v8.xml": ["statement_mixed_currencies", "details_mismatch"],
    "genkgo.camt054.v2.xml": [],
    "genkgo.camt054.v4.xml": ["details_mismatch"],
    "genkgo.camt054.v8-with-UETR.xml": [],
    "genkgo.camt53.only-Dt-with-DtTm.xml": ["statement_incomplete"],
    "viafintech.052.valid_example.xml": [],
    "viafintech.053.valid_example.xml": [None] * 5,
    "viafintech.053.valid_example_v8.xml": ["statement_mixed_currencies"] * 4,
    "viafintech.053.valid_example_with_batch.xml": ["statement_unbalanced"] * 4,
    "viafintech.053.valid_example_with_instdamt.xml": ["statement_unbalanced"] * 2,
}
REFUSED = {
    "genkgo.camt052.v6.json",
    "genkgo.camt053.v2.multi.statement.json",
    "genkgo.camt053.v2.wrong.xml",
    "viafintech.053.valid_namespace.xml",
    "viafintech.general.invalid_namespace.xml",
}
FOLDER = Path(os.environ.get("TIEOUT_TEST_SAMPLES", "/nonexistent")) / "bank" / "camt"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="TIEOUT_TEST_SAMPLES names no folder of samples")


def test_every_file_is_expected() -> None:
    files = {path.name for path in FOLDER.iterdir() if not path.name.startswith("LICENSE")}
    assert files == set(EXPECTED) | REFUSED


@pytest.mark.parametrize("name", EXPECTED)
def test_sample(name: str) -> None:
    found = reading((FOLDER / name).read_bytes())
    assert [event.objection for event in found.events] == EXPECTED[name]
    assert found.objections == ()
    assert found.events or len(found.notes) == 1


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_is_no_statement_is_refused(name: str) -> None:
    with pytest.raises(Undecodable):
        reading((FOLDER / name).read_bytes())


def test_happy_samples_give_these_amounts() -> None:
    def lines(name: str) -> list[tuple[str, int, str]]:
        return [
            (e.kind.value, c.amount_minor, c.currency)
            for e in reading((FOLDER / name).read_bytes()).events
            for c in e.components
        ]

    assert lines("genkgo.camt053.v2.multi.statement.xml") == [
        ("bank_credited", 885, "EUR"),
        ("bank_debited", 700, "EUR"),
    ]
    assert lines("viafintech.053.valid_example.xml") == [
        ("bank_debited", 200, "EUR"),
        ("bank_debited", 300, "EUR"),
        ("bank_credited", 100, "EUR"),
        ("bank_debited", 600, "EUR"),
    ]
