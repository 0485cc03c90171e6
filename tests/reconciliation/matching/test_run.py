"""A whole run: the same outcome for rows in any order, and nothing lost."""

import random
from pathlib import Path

import pytest

from tests.reconciliation.matching.comparing import compare, files_of

LEFT = [
    "1,2026-03-01,5.00,EUR,A", "2,2026-03-01,6.00,EUR,G", "3,2026-03-02,7.00,EUR,G", "4,2026-03-02,1.00,EUR,,P",
    "5,2026-03-02,2.00,EUR,,P", "6,2026-03-03,9.00,EUR,T", "7,2026-03-03,9.00,EUR,T", "7,2026-03-03,9.00,EUR,T",
]  # fmt: skip
RIGHT = [
    "a,2026-03-01,5.00,EUR,A", "b,2026-03-01,4.00,EUR,G", "c,2026-03-02,9.00,EUR,G", "d,2026-03-02,3.00,EUR,P",
    "e,2026-03-03,9.00,EUR,T", "f,2026-03-03,2.00,USD,A",
]  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> tuple[str, dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("first")
    found = compare(folder, LEFT, RIGHT)
    return found.summary.result_hash, files_of(folder)


@pytest.mark.parametrize("seed", [1, 2])
def test_rows_in_any_order_on_any_threads_give_the_same_bytes(tmp_path: Path, written, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 -- a shuffle that can be had again
    left, right = dice.sample(LEFT, len(LEFT)), dice.sample(RIGHT, len(RIGHT))
    found = compare(tmp_path, left, right, threads=seed)
    assert (found.summary.result_hash, files_of(tmp_path)) == written


def test_rows_are_posted_or_a_case_and_the_sums_are_those_told(tmp_path: Path) -> None:
    found = compare(tmp_path, LEFT, RIGHT)
    assert [(c.currency, c.rows, c.total_minor) for c in found.summary.left] == [("EUR", 8, 4800)]
    assert [(c.currency, c.rows, c.total_minor) for c in found.summary.right] == [("EUR", 5, 3000), ("USD", 1, 200)]
    posted = sum(tied.total_minor for tied in found.summary.tied)
    assert (posted, sum(o.total_minor for o in found.summary.open if o.side == "left")) == (2100, 2700)
    assert not found.summary.is_whole
