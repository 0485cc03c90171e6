import json
from pathlib import Path

import pytest

from bench import run
from bench.lab import Figure, Lab, machine, stopwatch

FAST = Figure("seconds", 2.5, "s", limit=3, baseline=0.5)
SLOW = Figure("events per second", 90, "1/s", limit=100, baseline=5000, higher_is_better=True)


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of groups, with results of its own."""
    for name, value in (("good", "lab.times"), ("bad", "6")):
        (tmp_path / f"group_{name}.py").write_text(
            "from bench.lab import Figure\n"
            f"def measure(lab):\n    return [Figure('{name}', {value}, 's', limit=5, baseline=1)]\n"
        )
    monkeypatch.setattr(run, "FOLDER", tmp_path)
    monkeypatch.setattr(run, "RESULTS", tmp_path / "results")
    return tmp_path


def test_a_figure_holds_on_the_right_side_of_its_limit() -> None:
    assert FAST.holds
    assert not SLOW.holds
    assert Figure("x", 3, "s", limit=3, baseline=1).holds
    assert Figure("x", 100, "1/s", limit=100, baseline=1, higher_is_better=True).holds


def test_results_have_exactly_the_promised_fields(groups: Path) -> None:
    path = run.write("some", [FAST, SLOW])
    assert json.loads(path.read_text()) == [
        {
            "name": "seconds",
            "value": 2.5,
            "unit": "s",
            "limit": 3,
            "holds": True,
            "baseline": 0.5,
            "machine": machine(),
        },
        {
            "name": "events per second",
            "value": 90,
            "unit": "1/s",
            "limit": 100,
            "holds": False,
            "baseline": 5000,
            "machine": machine(),
        },
    ]
    assert [path.name for path in (groups / "results").iterdir()] == ["some.json"]


def test_pairs_alternate_and_give_medians() -> None:
    calls: list[str] = []
    subject = iter([9.0, 1.0, 4.0])
    baseline = iter([1.0, 3.0, 2.0])

    def run_subject() -> dict[str, float]:
        calls.append("subject")
        return {"s": next(subject)}

    def run_baseline() -> dict[str, float]:
        calls.append("baseline")
        return {"s": next(baseline)}

    assert Lab(3).pairs("test", run_subject, run_baseline) == {"s": (4.0, 2.0)}
    assert calls == ["subject", "baseline"] * 3


def test_a_baseline_measures_what_its_subject_measures() -> None:
    with pytest.raises(AssertionError, match="measures what its subject measures"):
        Lab(1).pairs("test", lambda: {"a": 1.0}, lambda: {"b": 1.0})


def test_one_group_is_run_and_written(groups: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["good", "--times", "2"]) == 0
    assert json.loads((groups / "results" / "good.json").read_text())[0]["value"] == 2
    assert not (groups / "results" / "bad.json").exists()
    assert "≤ 5.0" in capsys.readouterr().out


def test_all_groups_are_run_and_a_broken_limit_shows_in_the_exit_code(groups: Path) -> None:
    assert run.main([]) == 1
    assert {path.name for path in (groups / "results").iterdir()} == {"good.json", "bad.json"}


@pytest.mark.usefixtures("groups")
def test_an_unknown_group_is_refused_with_the_names_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["nope"]) == 2
    assert "There are: bad, good." in capsys.readouterr().err


def test_the_stopwatch_measures_its_block() -> None:
    with stopwatch() as watched:
        assert watched == []
    assert len(watched) == 1
    assert 0 <= watched[0] < 1


def test_the_real_groups_can_be_found() -> None:
    assert "demo" in run.groups()
