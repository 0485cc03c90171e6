"""The proof ties only if nothing is unexplained and every bank agrees."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from tieout.model.proof import BankLine, Proof

DAY = date(2026, 1, 31)
AT = datetime(2026, 2, 1, tzinfo=UTC)


def bank(difference_minor: int) -> BankLine:
    return BankLine("1100.bank", "Bank", "EUR", 500, 500 - difference_minor, DAY, difference_minor, continuous=True)


@pytest.mark.parametrize(
    ("unexplained", "differences", "tied"),
    [
        ({}, [], True),
        ({"EUR": 0, "USD": 0}, [0], True),
        ({"EUR": 0, "USD": 1}, [0], False),
        ({"EUR": 1, "USD": -1}, [0], False),  # two currencies do not make up for each other
        ({"EUR": 0}, [0, -1], False),
        ({"EUR": 0}, [1, -1], False),  # nor do two banks
    ],
)
def test_tied(unexplained: dict[str, int], differences: list[int], tied: bool) -> None:
    proof = Proof(DAY, AT, 1, (), tuple(bank(d) for d in differences), (), unexplained, 0, 0)
    assert proof.tied is tied


def test_a_proof_goes_over_the_wire() -> None:
    proof = Proof(DAY, AT, None, (), (bank(3),), (), {"EUR": 0}, 0, 0)
    assert msgspec.json.decode(msgspec.json.encode(proof), type=Proof) == proof
