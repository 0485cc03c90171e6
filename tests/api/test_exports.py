import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.api.hub import Client
from tieout.api.exports import csv_rows
from tieout.app import ExportKind, Tieout, check_export


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
    assert answer.text == "".join(looked_at.journal_text(ExportKind.BEANCOUNT))
    assert len(api.get("/v1/journal.beancount?until=2026-10-05").text) < len(answer.text)


def test_hledger_of_some_days(api: Client, looked_at: Tieout) -> None:
    answer = api.get("/v1/journal.hledger?since=2026-10-05&until=2026-10-06")
    assert answer.headers["content-disposition"] == 'attachment; filename="journal.hledger"'
    pieces = looked_at.journal_text(ExportKind.HLEDGER, first=date(2026, 10, 5), last=date(2026, 10, 6))
    assert answer.text == "".join(pieces)
    assert "2026-10-05 * (opening) Opening balances" in answer.text


@pytest.mark.parametrize("kind", ExportKind)
def test_an_export_is_an_archive_that_holds(api: Client, tmp_path: Path, kind: ExportKind) -> None:
    answer = api.get(f"/v1/exports/{kind}?until=2026-10-20")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    ZipFile(io.BytesIO(answer.content)).extractall(tmp_path)
    assert check_export(tmp_path / "manifest.json") == []
    totals = json.loads((tmp_path / "manifest.json").read_text("utf-8"))["totals"]
    assert totals["entries"] == len({row["entry"] for row in rows_of(api, "/v1/journal.csv?until=2026-10-20")})


@pytest.mark.parametrize(
    ("path", "code", "where"),
    [
        ("/v1/exports/xml", "not_found", "kind"),
        ("/v1/exports/csv?since=2026-10-02&until=2026-10-01", "bad_input", "from"),
        ("/v1/exports/csv?since=yesterday", "bad_input", "since"),
    ],
)
def test_what_cannot_be_exported(api: Client, path: str, code: str, where: str) -> None:
    answer = api.get(path)
    assert (answer.json()["code"], answer.json()["where"]) == (code, where)
    assert answer.json()["remedy"]
