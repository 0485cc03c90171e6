"""Problems: the same for ever, honest about every row, and whole."""

import hashlib
from collections import Counter
from pathlib import Path

import pytest

from bench.recon3w import baselines, engine, regimes, score
from bench.recon3w.baselines import Told
from bench.recon3w.causes import KEYED, UNKEYED
from bench.recon3w.files import decimal, minor
from bench.recon3w.regimes import REGIMES, make
from bench.recon3w.score import Answer, Said


def content(folder: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.iterdir()))).hexdigest()


def test_a_seed_is_one_problem(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        make("R3", "high", seed, 1500).write(tmp_path / name)
    assert content(tmp_path / "a") == content(tmp_path / "b") != content(tmp_path / "c")


@pytest.mark.parametrize("name", REGIMES)
def test_every_row_of_the_files_has_a_truth_and_every_truth_a_row(name: str, tmp_path: Path) -> None:
    problem = make(name, "high", 2, 2500)
    problem.write(tmp_path)
    for side in ("left", "right"):
        told = Counter(row.id for row in baselines.read(tmp_path / f"{side}.csv"))
        known = {id: 1 + item.copies for (at, id), item in problem.truth.items.items() if at == side}
        assert told == known
    causes = KEYED if problem.view.keyed else UNKEYED
    assert {item.cause for item in problem.truth.items.values()} <= set(causes)
    assert all(item.admitted for item in problem.truth.items.values())
    assert sum(1 + item.copies for item in problem.truth.items.values()) > 1800


@pytest.mark.parametrize("name", ["R1", "R2", "R3"])
def test_a_clean_world_ties_out_to_the_minor_unit(name: str) -> None:
    """Right less left is what is open on the right less what is open on the left, per currency."""
    known = make(name, "clean", 1, 2000).truth
    balance: Counter[str] = Counter()
    for (side, id), item in known.items.items():
        balance[item.currency] += item.amount if side == "right" else -item.amount
        if item.admitted[0] != "match":
            assert item.cause in ("lost_right", "unpaid", "stranger", "partly", "split", "payout_lost")
            balance[item.currency] -= item.amount if side == "right" else -item.amount
        del id
    assert set(balance.values()) == {0}


def test_every_corruptor_shows_in_the_truth() -> None:
    seen: Counter[str] = Counter()
    for name in ("R1", "R2", "R3"):
        seen += Counter(item.cause for item in make(name, "high", 1, 9000).truth.items.values())
    assert {name for name in KEYED if not seen[name]} <= {"gap", "lines_lost", "replayed"}


def test_a_lookalike_may_be_called_ambiguous_and_nobody_else() -> None:
    known = make("R4", "clean", 1, 2500).truth
    doubtful = [item for item in known.items.values() if "twin_ambiguous" in item.admitted]
    sure = [item for item in known.items.values() if item.admitted == ("match",)]
    assert len(doubtful) < len(sure) / 20
    crowded = make("R5", "clean", 1, 2500).truth
    assert sum("twin_ambiguous" in item.admitted for item in crowded.items.values()) > 500


def row(id: str, day: int, amount: int, reference: str = "") -> Told:
    return Told(id, day, amount, "EUR", reference, "", "")


def ids(pairs: baselines.Pairs) -> list[tuple[str, str]]:
    return [(left.id, right.id) for left, right in pairs]


def test_baselines_do_what_they_say() -> None:
    lefts = [row("l1", 0, 1000), row("l2", 1, 1000), row("l3", 1, 2000, "k"), row("l4", 2, 5000)]
    rights = [row("r1", 3, 1000), row("r2", 1, 1020), row("r3", 9, 2000, "k"), row("r4", 3, 5151)]
    assert ids(baselines.first_wins(lefts, rights)) == [("l3", "r3"), ("l1", "r1")]
    assert ids(baselines.three_percent(lefts, rights)) == [("l1", "r2"), ("l2", "r1")]
    assert ids(baselines.amount_and_days(lefts, rights)) == [("l1", "r1"), ("l2", "r1")]


def test_a_baseline_answers_for_every_row(tmp_path: Path) -> None:
    problem = make("R1", "medium", 1, 1500)
    problem.write(tmp_path)
    found = score.judge(problem.truth, baselines.run("first wins", tmp_path, problem.view.as_of, regimes.SLA_DAYS))
    assert found.lost == 0
    assert 0.9 < found.accuracy < 1
    assert found.wrong_silence > 0


def test_amounts_are_written_and_read_in_their_currency() -> None:
    assert [decimal(amount, "EUR") for amount in (-5, 100, 123456)] == ["-0.05", "1.00", "1234.56"]
    assert decimal(-1200, "JPY") == "-1200"
    assert [minor(text, "EUR") for text in ("-0.05", "1.00", "1234.5")] == [-5, 100, 123450]
    assert minor("-1200", "JPY") == -1200


@pytest.mark.parametrize("name", REGIMES)
def test_who_knows_the_causes_is_right_about_every_row(name: str) -> None:
    """The truth does not contradict itself: posting what may be posted, and the primary word for the rest."""
    known = make(name, "high", 3, 2500).truth
    answer = Answer()
    tied: set[tuple[str, str]] = set()
    for (left, right), edge in known.edges.items():
        ends = known.items["left", left], known.items["right", right]
        if edge.posts and all(item.admitted[0] == "match" for item in ends):
            answer.said.append(Said(left, right, edge.right, ends[0].currency, "oracle", posted=True))
            tied |= {("left", left), ("right", right)}
    for key, item in known.items.items():
        for word in item.copy_says[:1] * item.copies:
            answer.case(*key, word)
        if key not in tied:
            answer.case(*key, item.admitted[0])
    found = score.judge(known, answer)
    assert (found.precision, found.false_money, found.wrong_silence) == (1, 0, 0)
    assert (found.items_right, found.lost, found.macro_f1) == (found.items, 0, 1)


def test_the_engine_is_right_about_a_small_keyed_problem(tmp_path: Path) -> None:
    problem = make("R1", "low", 1, 1200)
    problem.write(tmp_path)
    run = engine.run(tmp_path)
    found = score.judge(problem.truth, run.answer)
    assert (found.lost, found.precision, found.wrong_silence) == (0, 1, 0)
    assert found.accuracy > 0.99
    assert run.peak_mebibytes > 1
