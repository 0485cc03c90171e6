"""Metrics on an example worked by hand."""

from pathlib import Path

import pytest

from bench.recon3w import score, truth
from bench.recon3w.score import Answer, Said, judge
from bench.recon3w.truth import Edge, Item, Truth

MATCH = ("match",)


@pytest.fixture
def known() -> Truth:
    """Three sales that came, one lost, one short; a line delivered twice; a line nobody caused."""
    found = Truth()
    for number, amount in enumerate((1000, 2000, 3000), start=1):
        found.items["left", f"l{number}"] = Item(amount, "EUR", "plain", MATCH)
        found.items["right", f"r{number}"] = Item(amount, "EUR", "plain", MATCH)
        found.edges[f"l{number}", f"r{number}"] = Edge(amount, amount)
    found.items["right", "r3"] = Item(3000, "EUR", "duplicate", MATCH, 1, ("duplicate",))
    found.items["left", "l4"] = Item(4000, "EUR", "lost_right", ("missing", "statement_gap"))
    found.items["left", "l5"] = Item(5000, "EUR", "over", ("amount_under", "propose"))
    found.items["right", "r5"] = Item(4000, "EUR", "over", ("amount_under", "propose"))
    found.edges["l5", "r5"] = Edge(5000, 4000, posts=False)
    found.items["right", "r6"] = Item(700, "EUR", "stranger", ("arrived_not_expected",))
    return found


def said(left: str, right: str, amount: int, *, posted: bool = True) -> Said:
    return Said(left, right, amount, "EUR", "test", posted)


def test_a_perfect_answer(known: Truth) -> None:
    answer = Answer([said("l1", "r1", 1000), said("l2", "r2", 2000), said("l3", "r3", 3000)])
    for key, word in (
        ("l4", "missing"),
        ("l5", "amount_under"),
        ("r5", "amount_under"),
        ("r6", "arrived_not_expected"),
    ):
        answer.case("left" if key[0] == "l" else "right", key, word)
    answer.case("right", "r3", "duplicate")
    found = judge(known, answer)
    assert (found.items, found.items_right, found.accuracy) == (11, 11, 1)
    assert (found.precision, found.recall, found.false_money, found.coverage) == (1, 1, 0, 1)
    assert (found.macro_f1, found.wrong_silence, found.noise, found.lost) == (1, 0, 0, 0)
    assert found.review_per_1000 == pytest.approx(1000 * 5 / 11)


def test_a_careless_answer(known: Truth) -> None:
    """l1 to its partner, l3 too, less three cents; l2 and l4 to strangers; r6 and the copy of r3 are forgotten."""
    answer = Answer([said("l1", "r1", 1000), said("l2", "r5", 2000), said("l4", "r2", 2000), said("l3", "r3", 2997)])
    answer.case("left", "l5", "expected_not_arrived")
    found = judge(known, answer)
    assert (found.posted, found.posted_right, found.precision) == (4, 1, 0.25)
    assert (found.due, found.recall) == (3, 1 / 3)
    assert found.f1 == pytest.approx(2 * 0.25 / 3 / (0.25 + 1 / 3))
    assert found.false_money == pytest.approx(6997 / 7997)
    assert found.money_recall == pytest.approx(1000 / 6000)
    assert (found.items_right, found.lost) == (2, 2)  # l1 and r1 are right; r6 and r3's copy are nowhere
    assert (found.matchable, found.matchable_posted, found.disturbed) == (6, 6, 0)
    assert (found.exceptions, found.silenced) == (4, 2)  # l4 and r5 were silenced
    assert found.wrong["left lost_right", "match"] == 1
    assert found.macro_f1 == 0


def test_a_proposal_is_right_where_a_person_must_decide_and_noise_where_not(known: Truth) -> None:
    answer = Answer([said("l1", "r1", 1000, posted=False), said("l5", "r5", 4000, posted=False)])
    found = judge(known, answer)
    assert found.posted == 0
    assert found.precision == 1
    assert found.items_right == 2  # l5 and r5
    assert found.disturbed == 6
    assert judge(known, Answer([said("l5", "r1", 4000, posted=False)])).items_right == 0


def test_many_to_one_covers_its_row_with_all_partners() -> None:
    known = Truth(
        {("left", "a"): Item(1, "EUR", "plain", MATCH), ("left", "b"): Item(2, "EUR", "plain", MATCH),
         ("right", "c"): Item(3, "EUR", "plain", MATCH)},
        {("a", "c"): Edge(1, 1), ("b", "c"): Edge(2, 2)},
    )  # fmt: skip
    assert judge(known, Answer([said("a", "c", 1), said("b", "c", 2)])).items_right == 3
    half = Truth({("right", "c"): Item(300, "EUR", "plain", MATCH)}, known.edges)
    half.items["left", "a"] = Item(100, "EUR", "plain", MATCH)
    half.items["left", "b"] = Item(200, "EUR", "plain", MATCH)
    half.edges = {("a", "c"): Edge(100, 100), ("b", "c"): Edge(200, 200)}
    assert judge(half, Answer([said("a", "c", 100)])).items_right == 1  # c lacks b


def test_files_come_back_as_they_were_written(known: Truth, tmp_path: Path) -> None:
    known.write(tmp_path)
    assert truth.read(tmp_path) == known
    (tmp_path / "matches.csv").write_text(
        "match_id,left_id,right_id,amount,currency,pass,status,why\n"
        'm1,l1,r1,10.00,EUR,reference,posted,"yes, so"\n'
        "m1,l1,,-0.50,EUR,charge,posted,a residual\nm2,l2,r2,150,JPY,scored,proposed,perhaps\n"
    )
    (tmp_path / "cases.csv").write_text(
        "side,id,amount,currency,reason,why\nleft,l4,40.00,EUR,expected_not_arrived,Missing: was due by 2026-01-01\n"
        "left,l5,50.00,EUR,expected_not_arrived,Timing: due by 2026-02-01\n"
    )
    answer = score.read(tmp_path)
    assert answer.said == [
        Said("l1", "r1", 1000, "EUR", "reference", posted=True),
        Said("l2", "r2", 150, "JPY", "scored", posted=False),
    ]
    assert answer.cases == {("left", "l4"): ["missing"], ("left", "l5"): ["expected_not_arrived"]}
    reordered = Answer(answer.said[::-1], dict(reversed(answer.cases.items())))
    assert score.fingerprint(reordered) == score.fingerprint(answer) != score.fingerprint(Answer())
