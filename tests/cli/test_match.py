"""`tieout match`: no installation, three files, a table, and an exit code that says whether all is well."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from tests.reconciliation.matching.comparing import table
from tieout.cli.main import tieout


def match(folder: Path, left: str, right: str, *options: str) -> Result:
    (folder / "l.csv").write_text(table(left))
    (folder / "r.csv").write_text(table(right))
    arguments = ["match", f"{folder}/l.csv", f"{folder}/r.csv", "--out", f"{folder}/out", *options]
    return CliRunner().invoke(tieout, arguments, prog_name="tieout", env={"NO_COLOR": "1"})


def test_all_ties(tmp_path: Path) -> None:
    result = match(tmp_path, "1,2026-03-01,5.00,EUR,A", "a,2026-03-02,5.00,EUR,A", "-o", "csv")
    assert result.exit_code == 0
    assert result.stdout == "what,side,by,rows,amount,currency\nposted,,reference,1,5.00,EUR\n"
    assert result.stderr == f"Everything ties: 2 rows. Written to {tmp_path}/out.\n"


def test_something_is_open(tmp_path: Path) -> None:
    result = match(tmp_path, "1,2026-03-01,5.00,EUR,A", "a,2026-03-02,4.00,EUR,A", "-o", "json")
    assert result.exit_code == 1
    said = json.loads(result.stdout)
    assert said == json.loads((tmp_path / "out" / "summary.json").read_text())
    assert [(o["side"], o["reason"]) for o in said["open"]] == [("left", "amount_under"), ("right", "amount_under")]
    assert result.stderr == f"Of 2 rows there are 2 cases to look at. Written to {tmp_path}/out.\n"


def test_a_file_that_cannot_be_used_is_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    result = match(tmp_path, "1,2026-03-01,5.00,EUR,A", "a,2026-03-02,4.0x,EUR,A")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "[amount] “4.0x” is not an amount (r.csv, row 1 (line 2), column amount). "
        "Write a decimal number such as 1234.56, without thousands separators, exponents or symbols.\n"
    )
    assert not (tmp_path / "out").exists()


def test_columns_of_other_names(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("id,Booked,Net,currency\n1,2026-03-01,5.00,EUR\n")
    (tmp_path / "r.csv").write_text("id,date,amount,currency\n")
    arguments = ["match", f"{tmp_path}/l.csv", f"{tmp_path}/r.csv", "--out", f"{tmp_path}/out"]
    assert CliRunner().invoke(tieout, [*arguments, "--left-map", "date=Booked,amount=Net"]).exit_code == 1
    refused = CliRunner().invoke(tieout, arguments)
    assert (refused.exit_code, refused.stderr.split(".")[0]) == (2, "[bad_input] There is no column “date” (l")
