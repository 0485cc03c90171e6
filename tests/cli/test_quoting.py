"""A quote on the command line: JSON in, JSON out, no installation needed."""

import json
from pathlib import Path

from click.testing import CliRunner

from tieout.cli.main import tieout

ASKED = {
    "order": {"currency": "USD", "lines": [{"line": 1, "unit_price": "2.90", "owners": {"A": 10000}}]},
    "rules": {"commission": [{"id": "r", "percent": "10"}]},
}


def run(*arguments: str, typed: str = "", code: int = 0) -> str:
    result = CliRunner().invoke(tieout, ["quote", *arguments], input=typed, prog_name="tieout", env={"NO_COLOR": "1"})
    assert result.exit_code == code, (result.stdout, result.stderr, result.exception)
    return result.stdout if code == 0 else result.stderr


def test_a_file_or_standard_input(tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    file.write_text(json.dumps(ASKED), "utf-8")
    answer = json.loads(run(str(file)), parse_float=str)
    assert answer["totals"]["commission"] == "0.29"
    assert answer["totals"]["sellers"] == {"A": "2.61"}
    assert json.loads(run("-", typed=json.dumps(ASKED)), parse_float=str) == answer


def test_a_number_is_taken_as_it_is_written() -> None:
    typed = json.dumps(ASKED).replace('"2.90"', "2.90")
    assert json.loads(run("-", typed=typed), parse_float=str)["totals"]["commission"] == "0.29"


def test_what_is_no_question_is_refused_in_one_line(tmp_path: Path) -> None:
    missing = tmp_path / "no.json"
    assert run(str(missing), code=2).startswith("[bad_input] The file cannot be read: No such file")
    assert run("-", typed="{", code=2).startswith("[bad_input] It is not JSON: Input data was truncated (-)")
    assert run("-", typed="[]", code=2).startswith("[bad_input] It is not an object (-)")
    assert run("-", typed="{}", code=2).startswith("[bad_input] There is no order (quote)")
    wrong = json.dumps(ASKED).replace("10000", "9999")
    assert run("-", typed=wrong, code=2) == (
        "[bad_input] The shares come to 9,999 basis points (ownership of line 1). "
        "Let all shares come to 10,000 basis points.\n"
    )
