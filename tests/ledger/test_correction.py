"""The entry that takes another back: whole, the rest, or a part, exact to the minor unit in base currency too."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.ledger.books import DAY, entry
from tieout.ledger.correction import Left, Terms, partial_reversal, reversal
from tieout.model.entry import Entry, Line
from tieout.model.error import BadInput, Conflict
from tieout.model.money import split_by_weight

NOW = datetime(2026, 2, 3, 10, tzinfo=UTC)
TERMS = Terms(date(2026, 2, 3), NOW, "Booked twice.", "ana")
ENTRY = Entry(12, entry("shop:order:1:placed"), NOW, b"x" * 32)


def left(*rows: tuple[str, str, int, int]) -> list[Left]:
    return [
        Left(account, currency, None, None, {}, amount, base, (number,))
        for number, (account, currency, amount, base) in enumerate(rows, start=1)
    ]  # fmt: skip


SALE = left(("1200", "EUR", 1000, 1000), ("4000", "EUR", -900, -900), ("2100", "EUR", -100, -100))


def test_the_whole_of_it() -> None:
    found = reversal(ENTRY, SALE, TERMS)
    assert found.lines == (
        Line("1200", "EUR", -1000, -1000),
        Line("4000", "EUR", 900, 900),
        Line("2100", "EUR", 100, 100),
    )
    assert (found.key, found.reverses_id, found.memo) == (
        "reversal:ent_12", 12, "Reversal of ent_12: Memo of shop:order:1:placed",
    )  # fmt: skip
    assert (found.effective_date, found.occurred_at, found.why, found.actor) == (TERMS.on, NOW, "Booked twice.", "ana")
    assert (found.effective_date, found.late) != (DAY, True)


def test_the_rest_of_it() -> None:
    some = left(("1200", "EUR", 400, 400), ("4000", "EUR", -400, -400), ("2100", "EUR", 0, 0))
    found = reversal(ENTRY, some, Terms(TERMS.on, NOW, "x", "ana", parts=2))
    assert found.lines == (Line("1200", "EUR", -400, -400), Line("4000", "EUR", 400, 400))
    assert (found.key, found.reverses_id) == ("reversal:ent_12:3", None)
    with pytest.raises(Conflict, match="ent_12 has been reversed already"):
        reversal(ENTRY, left(("1200", "EUR", 0, 0)), TERMS)


def test_a_line_that_is_worth_base_currency_alone_is_taken_back_with_the_rest() -> None:
    found = reversal(ENTRY, left(("1320.stripe", "USD", 0, 7), ("5920", "EUR", -7, -7)), TERMS)
    assert found.lines == (Line("1320.stripe", "USD", 0, -7), Line("5920", "EUR", 7, 7))


def test_a_part_of_it() -> None:
    found = partial_reversal(ENTRY, SALE, {1: 500, 2: 450, 3: 50}, "EUR", TERMS)
    assert found.lines == (Line("1200", "EUR", -500, -500), Line("4000", "EUR", 450, 450), Line("2100", "EUR", 50, 50))
    assert (found.key, found.reverses_id) == ("reversal:ent_12:1", None)
    assert partial_reversal(ENTRY, SALE, {3: 1, 1: 1}, "EUR", TERMS).lines == (
        Line("1200", "EUR", -1, -1),
        Line("2100", "EUR", 1, 1),
    )


def test_a_part_in_another_currency_is_worth_its_share() -> None:
    sale = left(("1200", "USD", 1000, 925), ("4000", "USD", -900, -833), ("2100", "USD", -100, -92))
    found = partial_reversal(ENTRY, sale, {1: 333, 2: 300, 3: 33}, "EUR", TERMS)
    # 333 × 0.925 = 308.025; 300 × 833/900 = 277.67 and 33 × 0.92 = 30.36, cut to 277 and 30, and one more to the first
    assert [line.base_minor for line in found.lines] == [-308, 278, 30]


@pytest.mark.parametrize(
    ("part", "what"),
    [
        ({4: 1}, "There is no line 4"),
        ({1: 0}, "0 of line 1 cannot be taken back"),
        ({1: -5}, "-5 of line 1 cannot be taken back"),
        ({1: True}, "True of line 1 cannot be taken back"),
        ({1: 1001}, "Only 10.00 EUR of line 1 on 1200 is left to take back"),
        ({}, "No line is named"),
        ({1: 100, 2: 90}, r"Debit and credit of the part differ by 0\.10 EUR"),
    ],
)
def test_a_part_that_is_not_there(part: dict[int, int], what: str) -> None:
    with pytest.raises(BadInput, match=what):
        partial_reversal(ENTRY, SALE, part, "EUR", TERMS)


def test_lines_that_say_the_same_are_taken_back_as_one() -> None:
    same = [Left("1200", "EUR", None, None, {}, 300, 300, (1, 2)), *left(("", "EUR", 0, 0))[1:]]
    other = Left("4000", "EUR", None, None, {}, -300, -300, (3,))
    found = partial_reversal(ENTRY, [*same, other], {1: 100, 2: 150, 3: 250}, "EUR", TERMS)
    assert found.lines == (Line("1200", "EUR", -250, -250), Line("4000", "EUR", 250, 250))
    with pytest.raises(BadInput, match=r"Only 3\.00 EUR of line 1"):
        partial_reversal(ENTRY, [*same, other], {1: 200, 2: 150, 3: 300}, "EUR", TERMS)


def test_worth_that_does_not_come_out_even_is_refused() -> None:
    odd = left(("1200", "USD", 10, 100), ("4000", "USD", -5, 0), ("2100", "USD", -5, -100))
    with pytest.raises(BadInput, match="does not come out even"):
        partial_reversal(ENTRY, odd, {1: 5, 2: 5}, "EUR", TERMS)


shares = st.lists(st.integers(1, 10**6), min_size=1, max_size=5)


@given(debits=shares, credited=shares, rate=st.integers(1, 10**7), data=st.data(), steps=st.integers(1, 4))
def test_parts_balance_and_never_take_more_than_there_is(
    debits: list[int], credited: list[int], rate: int, data: st.DataObject, steps: int
) -> None:
    """Part after part, and then the rest: each balances in base too, and together they are what was booked."""
    total = max(sum(debits), sum(credited))
    worth = total * rate // 10**6
    sides = [split_by_weight(total, debits), [-x for x in split_by_weight(total, credited)]]
    bases = [split_by_weight(worth, sides[0]), [-x for x in split_by_weight(worth, [-x for x in sides[1]])]]
    assume(all(x for side in sides for x in side))
    rows = [
        (str(number), "USD", amount, base)
        for number, (amount, base) in enumerate(zip(sides[0] + sides[1], bases[0] + bases[1], strict=True), start=1)
    ]
    now = left(*rows)
    for step in range(steps):
        sums = {sign: sum(x.amount_minor * sign for x in now if x.amount_minor * sign > 0) for sign in (1, -1)}
        assume(sums[1] > 0)
        take = data.draw(st.integers(1, sums[1]))
        part: dict[int, int] = {}
        for sign in (1, -1):
            side = [x for x in now if x.amount_minor * sign > 0]
            amounts = split_by_weight(take, [abs(x.amount_minor) for x in side])
            part |= {x.numbers[0]: min(amount, abs(x.amount_minor)) for x, amount in zip(side, amounts, strict=True)}
        part = {number: amount for number, amount in part.items() if amount}
        try:
            found = partial_reversal(ENTRY, now, part, "EUR", Terms(DAY, NOW, "x", "ana", step))
        except BadInput:  # it does not come out even: said, and nothing is booked
            continue
        assert sum(line.base_minor for line in found.lines) == 0
        back = {line.account: line for line in found.lines}
        after = [
            Left(
                x.account, x.currency, None, None, {},
                x.amount_minor + (back[x.account].amount_minor if x.account in back else 0),
                x.base_minor + (back[x.account].base_minor if x.account in back else 0), x.numbers,
            )
            for x in now
        ]  # fmt: skip
        for was, is_ in zip(now, after, strict=True):
            assert abs(is_.amount_minor) <= abs(was.amount_minor)
            assert abs(is_.base_minor) <= abs(was.base_minor)
            assert is_.base_minor * was.base_minor >= 0
        now = after
    if any(x.amount_minor or x.base_minor for x in now):
        rest = reversal(ENTRY, now, TERMS)
        assert sum(line.base_minor for line in rest.lines) == 0
