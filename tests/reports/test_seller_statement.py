"""Statements: rows by order, buckets that come to the ledger's balance, and CSV an accountant can add up."""

import csv
from datetime import date, timedelta
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.model.bucket import Bucket, Hold, HoldReason
from tieout.model.owed import SellerLine, SellerStatement, Withheld
from tieout.reports.owed import KeyedLine, Standing
from tieout.reports.seller_statement import buckets_of, csv_text, rows_of_lines, withheld_of, words_of

DAY = date(2026, 10, 1)
B = Bucket


def line(entry: int, bucket: Bucket, amount: int, reference: str = "order:1", occasion: str = "captured") -> KeyedLine:
    day = DAY + timedelta(days=entry)
    return KeyedLine(f"k{entry}", SellerLine(entry, day, bucket, "EUR", amount, occasion, reference))


lines = st.lists(
    st.builds(
        line, st.integers(1, 6), st.sampled_from(Bucket), st.integers(-99, 99), st.sampled_from(["order:1", "order:2"])
    ),
    max_size=20,
)


def balances(listed: list[KeyedLine]) -> dict[Bucket, int]:
    found: dict[Bucket, int] = {}
    for keyed in listed:
        found[keyed.line.bucket] = found.get(keyed.line.bucket, 0) + keyed.line.amount_minor
    return found


@given(lines, lines)
def test_statements_follow_one_another(first, second) -> None:
    middle, end = balances(first), balances([*first, *second])
    one = buckets_of({}, rows_of_lines(first, {}), middle)
    two = buckets_of(middle, rows_of_lines(second, {}), end)
    for row in (*one, *two):
        assert row.opening_minor + row.in_minor + row.out_minor == row.closing_minor
    opened = {row.bucket: row.opening_minor for row in two}
    assert {b: n for b, n in opened.items() if n} == {row.bucket: n for row in one if (n := row.closing_minor)}


def test_a_statement_that_does_not_tie_to_the_ledger_is_not_made() -> None:
    rows = rows_of_lines([line(1, B.PENDING, 51)], {})
    with pytest.raises(AssertionError, match="the lines of pending do not come to its balance"):
        buckets_of({}, rows, {B.PENDING: 50})


def test_rows_stand_by_order_in_the_order_in_which_each_moved_first() -> None:
    listed = [
        line(1, B.PENDING, 51),
        line(2, B.PENDING, 20, "order:2"),
        line(3, B.PENDING, -51, occasion="released"),
        line(3, B.AVAILABLE, 46, occasion="released"),
        line(3, B.RESERVE, 5, occasion="released"),
    ]
    amounts = {"k1": {"sales": 56, "commission": -5}, "k2": {"sales": 99}}
    rows = rows_of_lines(listed, amounts)
    assert [(r.reference, r.what, r.total_minor) for r in rows] == [
        ("order:1", "Sold", 51), ("order:1", "Released", 0), ("order:2", "Sold", 20),
    ]  # fmt: skip
    assert rows[0].parts_minor == {"sales": 56, "commission": -5}
    assert rows[2].parts_minor == {}, "rows that do not come to the line are not shown as its parts"


def test_what_is_not_payable_says_why_and_until_when() -> None:
    standing = [
        Standing(B.RESERVE, "order:1", 5, DAY),
        Standing(B.RESERVE, "order:2", 6, DAY),
        Standing(B.PENDING, "order:3", 20, None),
        Standing(B.DISPUTE_HOLD, "order:4", 9, None),
    ]
    hold = Hold("A", HoldReason.TAX_FORM, DAY, "anna", "When the form is here.")
    assert withheld_of(standing, [hold]) == (
        Withheld(11, "Kept back for a while against refunds and disputes", DAY),
        Withheld(None, "A tax form is missing or out of date. When the form is here."),
        Withheld(9, "Held while a buyer's dispute is open (order 4)"),
        Withheld(20, "Sold and not released yet"),
    )


def test_words() -> None:
    assert [words_of(code) for code in ("captured", "lost_package", "own")] == ["Sold", "Lost package", "Own"]


@given(lines)
def test_a_csv_adds_up_to_its_closing(listed) -> None:
    rows = rows_of_lines(listed, {})
    statement = SellerStatement("X", "=A", "Anna", "JPY", DAY, DAY, buckets_of({}, rows, balances(listed)), rows)
    read = list(csv.DictReader(StringIO(csv_text([statement]))))
    for bucket in B:
        own = [row for row in read if row["bucket"] == bucket]
        sums = {kind: sum(int(r["amount_minor"]) for r in own if r["kind"] == kind) for kind in ("movement", "closing")}
        assert sums["movement"] == sums["closing"]
        assert all(row["amount"] == row["amount_minor"] and row["seller"] == "'=A" for row in own)
