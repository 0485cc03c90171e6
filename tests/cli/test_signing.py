"""Reconciliations by command: shown, prepared, signed by another, exported."""

import json
from pathlib import Path

from tests.cli.conftest import CommandLine

PERIOD = ("1100.bank", "--from", "2026-10-01", "--to", "2026-10-31")


def test_a_reconciliation_is_prepared_signed_and_exported(told: CommandLine, tmp_path: Path) -> None:
    shown = told("reconciliation", "show", *PERIOD)
    assert shown.stdout.splitlines()[1].split(",")[0] == "book balance"
    assert shown.stderr == "1100.bank agrees with the bank as of 2026-10-31; nothing is unexplained.\n"
    assert told("--actor", "anna", "reconciliation", "prepare", *PERIOD).stdout == "1\n"
    assert told.error("--actor", "anna", "reconciliation", "sign", "1", "--note", "Mine.").startswith(
        "[resolution_refused] anna prepared rec_1 and cannot review it"
    )
    told("--actor", "eva", "reconciliation", "sign", "1", "--note", "Seen.")
    pdf, table = tmp_path / "r.pdf", tmp_path / "r.csv"
    done = told("reconciliation", "export", "1", "--pdf", pdf, "--csv", table, "-o", "json")
    assert (json.loads(done.stdout), done.stderr.rsplit(", ", 1)[1]) == ([], "signed by eva.\n")
    assert pdf.read_bytes().startswith(b"%PDF")
    assert table.read_text() == shown.stdout
    assert told("reconciliation", "list", "-o", "csv").stdout.splitlines()[1].split(",")[5:7] == ["anna", "eva"]
