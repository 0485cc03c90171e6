"""Matching rules by command: shown, tried, published by one and approved by another."""

import json
from pathlib import Path

from tests.cli.conftest import CommandLine
from tieout.reconciliation.rule import standard_text


def test_rules_are_shown_tried_published_and_approved(told: CommandLine, tmp_path: Path) -> None:
    shown = told("rules", "show")
    assert (shown.stdout, shown.stderr) == (
        standard_text(), "These come with the product; nobody has approved others.\n"
    )  # fmt: skip
    without = tmp_path / "rules.toml"
    text = standard_text()
    without.write_text(text[: text.index('[[pass]]\nid = "trace"')] + text[text.index("[timing]") :])
    tried = told("rules", "try", without)
    assert "0 matches new\n1 match lost, 100.00 EUR\n0 matches tied otherwise\n" in tried.stdout
    assert tried.stderr.endswith("Nothing was written.\n")
    found = json.loads(told("rules", "try", without, "-o", "json").stdout, parse_float=str)
    assert [m["pass_id"] for m in found["lost"]] == ["trace"]
    made = told("--actor", "anna", "rules", "publish", without, "--from", "2027-01-01", "--why", "A trial.")
    assert made.stdout == "1\n"
    assert told.error("--actor", "anna", "rules", "approve", "1", "--why", "Mine.") == (
        "[resolution_refused] anna published matching rules 1 and cannot approve them (version)."
        " Let somebody else look at them."
    )
    told("--actor", "eva", "rules", "approve", "1", "--why", "Seen.")
    rows = told("rules", "list", "-o", "csv").stdout.splitlines()
    assert rows[1].startswith("1,2027-01-01,anna,A trial.,eva,")
