"""What is tied in bulk is what the keyed passes would have tied, in files and hash."""

import random
from pathlib import Path

import pytest

from tests.reconciliation.matching.comparing import compare, files_of
from tieout.reconciliation.matching import bulk


def keyed_world(seed: int) -> tuple[list[str], list[str]]:
    """Sales and gateway lines: most pair by reference; some are missing, late, doubled, crossed or off by a cent."""
    dice = random.Random(seed)  # noqa: S311 -- a world that can be had again
    left, right = [], []
    for number in range(120):
        cents = dice.randint(1, 900)
        told, day = f"{cents / 100:.2f},EUR", f"2026-03-{1 + number % 28:02d}"
        reference = f"ch-{number % 115}"  # the first five stand twice on the left
        fate = dice.random()
        left.append(f"s{number},{day},{told},{reference}")
        if fate < 0.8:
            right.append(f"g{number},{day},{told},{reference.upper()}")
        elif fate < 0.85:
            right.append(f"g{number},{day},{(cents + 1) / 100:.2f},EUR,{reference}")
        elif fate < 0.9:
            right.append(f"g{number},{day},{told.replace('EUR', 'USD')},{reference}")
        if dice.random() < 0.05 and right:
            right.append(right[-1])
    return left, right


def batch_world(seed: int) -> tuple[list[str], list[str]]:
    """Lines in payouts, most of which come to the one bank line that names them."""
    dice = random.Random(seed)  # noqa: S311 -- a world that can be had again
    left, right = [], []
    for payout in range(6):
        cents = [dice.randint(-300, 900) for _ in range(20 if payout else 1)]
        left += [f"g{payout}-{at},2026-03-01,{c / 100:.2f},EUR,x{at},po_{payout}" for at, c in enumerate(cents)]
        total = sum(cents) + (payout == 2)
        if payout != 3:
            right.append(f"b{payout},2026-03-03,{total / 100:.2f},EUR,PO {payout}")
        if payout == 4:
            right.append(f"b{payout}b,2026-03-03,0.00,EUR,PO {payout}")
    return left, right


@pytest.mark.parametrize("world", [keyed_world, batch_world])
def test_bulk_changes_the_work_and_not_the_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, world) -> None:
    found = {}
    parts = []
    apply = bulk.apply

    def watched(*arguments):
        tied, rest = apply(*arguments)
        parts.extend(tied)
        return tied, rest

    monkeypatch.setattr(bulk, "apply", watched)
    for rows in (0, bulk.BULK):
        folder = tmp_path / str(rows)
        folder.mkdir()
        monkeypatch.setattr(bulk, "BULK", rows)
        summary = compare(folder, *world(7)).summary
        found[rows] = summary.result_hash, files_of(folder)
    assert len(set(map(str, found.values()))) == 1
    assert [part.sums[0].left > 20 for part in parts] == [True]
