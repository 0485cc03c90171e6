import csv
import io
from decimal import Decimal

import pytest

from tests.api.hub import Client
from tieout.api.exports import csv_rows
from tieout.app import Tieout


def rows_of(client: Client, path: str) -> list[dict[str, str]]:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_journal_has_a_row_for_each_line_and_balances(api: Client, looked_at: Tieout) -> None:
    rows = rows_of(api, "/v1/journal.csv")
    entries, lines = looked_at.counts()
    assert (len(rows), len({row["entry"] for row in rows})) == (lines, entries)
    for currency in ("EUR", "USD"):
        sides = [
            sum(Decimal(row[side]) for row in rows if row["currency"] == currency and row[side])
            for side in ("debit", "credit")
        ]
        assert sides[0] == sides[1] > 0


def test_filters_are_those_of_the_journal(api: Client, looked_at: Tieout) -> None:
    rows = rows_of(api, "/v1/journal.csv?account=1490&currency=EUR")
    net = sum(Decimal(r["debit"] or 0) - Decimal(r["credit"] or 0) for r in rows if r["account"] == "1490")
    (balance,) = looked_at.balances(accounts=["1490"])
    assert net == Decimal(balance.balance_minor) / 100


def test_open_items_sum_to_the_balances(api: Client, looked_at: Tieout) -> None:
    rows = rows_of(api, "/v1/items.csv")
    sums: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        key = (row["account"], row["currency"])
        sums[key] = sums.get(key, Decimal(0)) + Decimal(row["open"])
    clearing = {view.code for view in looked_at.accounts() if view.clearing}
    balances = {(b.account, b.currency): b.balance_minor for b in looked_at.balances() if b.account in clearing}
    assert {key: int(total * 100) for key, total in sums.items() if total} == {k: b for k, b in balances.items() if b}


def test_exceptions_are_all_there(api: Client, looked_at: Tieout) -> None:
    assert [row["case"] for row in rows_of(api, "/v1/cases.csv")] == [view.id for view in looked_at.case_list()]
    held = rows_of(api, "/v1/cases.csv?reason=bank_line_unknown")
    assert {row["reason"] for row in held} == {"bank_line_unknown"}


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=SUM(A1)", "'=SUM(A1)"),
        ("+49 89", "'+49 89"),
        ("@home", "'@home"),
        ("-cmd", "'-cmd"),
        ("\tx", "'\tx"),
        ("-12.50", "-12.50"),
        ("plain", "plain"),
        (-3, "-3"),
        (None, ""),
    ],
)
def test_text_never_becomes_a_formula(value: object, cell: str) -> None:
    assert next(csv.reader(["".join(csv_rows([[value, "end"]]))])) == [cell, "end"]


def test_beancount_is_the_whole_journal(api: Client, looked_at: Tieout) -> None:
    answer = api.get("/v1/journal.beancount")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == looked_at.beancount()
    assert len(api.get("/v1/journal.beancount?until=2026-10-05").text) < len(answer.text)
