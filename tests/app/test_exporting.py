"""Handing the journal over: every kind of file, period by period, and what the judges make of it."""

import io
import json
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.app.house import ANNA, charge, opening_balance, order, rates, tell
from tests.connectors.shopify import objects as shopify
from tests.reports.judges import bean_balances, bean_check, hledger_balances, hledger_check, needs_hledger, ours
from tieout.app import ExportKind, Tieout, check_export
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import BadInput
from tieout.reports.journal import CurrencyTotal, Totals

MARCH = date(2026, 3, 31)


def own(key: str, day: date, amount: int, **changes: object) -> EntryDraft:
    lines = (Line("1100.bank", "EUR", amount, amount), Line("4000", "EUR", -amount, -amount))
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return EntryDraft(key, day, at, lines, f"Entry {key}", "own", 1, "Ours.", **changes)  # type: ignore[arg-type]


@pytest.fixture
def busy(app: Tieout) -> Tieout:
    """Entries of three months in two currencies, posted out of the order of their days."""
    app.import_rates(rates(("2026-03-03", "USD", "1.25")))
    app.post([own("late", date(2026, 5, 2), 700), own("early", date(2026, 2, 27), 300)], actor=ANNA)
    tell(app, "shop", order(), "orders")
    tell(app, "stripe", charge())
    tell(app, "shop", order(2001, "110.00", currency="USD", line_items=[shopify.line("110.00", 1)]), "orders")
    app.post([own("same day", date(2026, 3, 3), 50), opening_balance()], actor=ANNA)
    return app


@pytest.mark.parametrize("kind", ExportKind)
def test_the_whole_journal_in_every_kind(busy: Tieout, tmp_path: Path, kind: ExportKind) -> None:
    made = busy.export(kind, tmp_path / "out")
    assert (made.kind, made.first, made.last, made.opening, made.seal) == (kind, None, date(2026, 5, 2), False, None)
    assert (made.ledger, made.name, made.base_currency) == ("lindenhof-gmbh", "Lindenhof GmbH", "EUR")
    assert made.totals == Totals(
        7, 14,
        (CurrencyTotal("EUR", 12, 15_850, 15_850, 15_850, 15_850),
         CurrencyTotal("USD", 2, 11_000, 11_000, 8_800, 8_800)),
    )  # fmt: skip
    assert check_export(tmp_path / "out" / "manifest.json") == []
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(
        [*(f.name for f in made.files), "manifest.json"]
    )
    written = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert (written["to"], written["totals"]["entries"]) == ("2026-05-02", 7)


def test_a_period_opens_with_what_stood_before(busy: Tieout, tmp_path: Path) -> None:
    made = busy.export(ExportKind.BEANCOUNT, tmp_path, first=date(2026, 3, 1), last=MARCH)
    assert (made.first, made.last, made.opening, made.totals.entries) == (date(2026, 3, 1), MARCH, True, 6)
    text = (tmp_path / "journal.beancount").read_text("utf-8")
    assert '2026-03-01 * "Opening balances"\n  key: "opening:2026-03-01"\n' in text
    assert "Entry early" not in text
    assert "Entry late" not in text
    assert bean_check(tmp_path / "journal.beancount") == ""
    assert bean_balances(tmp_path / "journal.beancount", MARCH) == ours(busy.balances(MARCH))


def test_nothing_before_is_nothing_to_open_with(busy: Tieout, tmp_path: Path) -> None:
    made = busy.export(ExportKind.CSV, tmp_path, first=date(2026, 1, 1))
    assert (made.opening, made.totals.entries) == (False, 7)


@needs_hledger
def test_a_period_in_hledger(busy: Tieout, tmp_path: Path) -> None:
    made = busy.export(ExportKind.HLEDGER, tmp_path, first=date(2026, 3, 3), last=MARCH)
    assert (made.opening, made.totals.entries) == (True, 6)
    assert hledger_check(tmp_path / "journal.hledger") == ""
    assert hledger_balances(tmp_path / "journal.hledger", MARCH) == ours(busy.balances(MARCH))


def test_periods_side_by_side_are_the_whole(busy: Tieout, tmp_path: Path) -> None:
    spans = [(None, date(2026, 2, 28)), (date(2026, 3, 1), MARCH), (date(2026, 4, 1), None)]
    parts = [busy.export(ExportKind.CSV, tmp_path / str(n), first=a, last=b) for n, (a, b) in enumerate(spans)]
    assert [part.totals.entries - part.opening for part in parts] == [1, 5, 1]


def test_the_order_is_that_of_the_days(busy: Tieout) -> None:
    text = "".join(busy.journal_text(ExportKind.HLEDGER))
    days = [row[:10] for row in text.splitlines() if row[:2] == "20"]
    assert days == sorted(days)
    assert len(days) == 8, "with the entry that asserts"


def test_empty_books_can_be_handed_over(app: Tieout, tmp_path: Path) -> None:
    for kind in ExportKind:
        made = app.export(kind, tmp_path / kind)
        assert (made.totals, made.opening) == (Totals(0, 0, ()), False)
        assert check_export(tmp_path / kind / "manifest.json") == []


def test_an_archive_holds_files_and_manifest(busy: Tieout, tmp_path: Path) -> None:
    with busy.export_archive(ExportKind.PARQUET, last=MARCH) as archive, ZipFile(archive) as files:
        assert files.namelist() == ["entries.parquet", "lines.parquet", "manifest.json"]
        files.extractall(tmp_path)
    assert check_export(tmp_path / "manifest.json") == []


def test_one_text_is_the_file(busy: Tieout, tmp_path: Path) -> None:
    busy.export(ExportKind.BEANCOUNT, tmp_path, first=date(2026, 3, 1))
    with busy.journal_file(ExportKind.BEANCOUNT, first=date(2026, 3, 1)) as file:
        assert file.read() == (tmp_path / "journal.beancount").read_bytes()


def test_sealed_books_name_the_head_of_their_chain(busy: Tieout, tmp_path: Path) -> None:
    give_up = time.monotonic() + 30
    while (head := busy.sealed().head) is None and time.monotonic() < give_up:  # others of this server hold seals back
        busy.seal()
    assert head is not None
    seal = busy.export(ExportKind.CSV, tmp_path).seal
    assert seal is not None
    assert (seal.block, seal.hash) == (head.block, head.hash)


def test_days_out_of_order_are_refused(busy: Tieout, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="2026-04-01 is after 2026-03-31") as caught:
        busy.export(ExportKind.CSV, tmp_path, first=date(2026, 4, 1), last=MARCH)
    assert caught.value.where == "from"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_refused(busy: Tieout, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(BadInput, match="The files cannot be written") as caught:
        busy.export(ExportKind.CSV, tmp_path / "out")
    assert caught.value.where == str(tmp_path / "out")


def test_an_export_replaces_the_one_before_and_leaves_the_rest(busy: Tieout, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    busy.export(ExportKind.CSV, tmp_path, last=MARCH)
    before = (tmp_path / "manifest.json").read_bytes()
    busy.export(ExportKind.CSV, tmp_path)
    assert (tmp_path / "manifest.json").read_bytes() != before
    assert check_export(tmp_path / "manifest.json") == []
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_changed_file_is_a_finding_with_a_remedy(busy: Tieout, tmp_path: Path) -> None:
    busy.export(ExportKind.CSV, tmp_path)
    with (tmp_path / "lines.csv").open("a") as file:
        file.write("one more\r\n")
    (finding,) = check_export(tmp_path / "manifest.json")
    assert (finding.what, finding.ok, finding.detail[:42]) == (
        "lines.csv",
        False,
        "its size is not what was written (SHA-256 ",
    )
    assert finding.remedy


def test_a_manifest_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="The manifest cannot be read: No such file"):
        check_export(tmp_path / "manifest.json")


def test_what_is_posted_meanwhile_is_in_none_of_the_files(house: Callable[..., Tieout], tmp_path: Path) -> None:
    """An export is one picture: the entries, the totals and the balances of one moment."""
    app, other = house(), house()
    app.post([own(f"k{n}", date(2026, 3, 1), 100 + n) for n in range(3)], actor=ANNA)
    pieces = app.journal_text(ExportKind.BEANCOUNT)
    start = next(pieces)
    other.post([own("meanwhile", date(2026, 3, 1), 5)], actor=ANNA)
    text = start + "".join(pieces)
    assert "meanwhile" not in text
    (tmp_path / "a.beancount").write_text(text, "utf-8")
    assert bean_check(tmp_path / "a.beancount") == ""
    assert "meanwhile" in app.beancount()


def test_memory_does_not_grow_with_the_journal(app: Tieout, tmp_path: Path) -> None:
    def peak() -> int:
        tracemalloc.start()
        app.export(ExportKind.CSV, tmp_path)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    app.post([own(f"a{n}", date(2026, 3, 1), 1 + n) for n in range(3_000)], actor=ANNA)
    app.export(ExportKind.CSV, tmp_path)
    once = peak()
    for part in "bcd":
        app.post([own(f"{part}{n}", date(2026, 3, 1), 1 + n) for n in range(3_000)], actor=ANNA)
    assert peak() < once * 1.3


def test_nothing_is_left_behind(busy: Tieout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with busy.export_archive(ExportKind.CSV) as archive:
        assert io.BytesIO(archive.read()).getvalue()[:2] == b"PK"
    busy.export(ExportKind.PARQUET, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "entries.parquet", "lines.parquet", "manifest.json"
    ]  # fmt: skip


def test_corrections_say_what_they_correct(app: Tieout) -> None:
    """Whole reversals, parts and replacements; what an import cannot link again it says it left behind."""
    app.post([opening_balance("a"), opening_balance("b")], actor=ANNA)
    app.reverse("ent_1", reason="Half of it.", part={1: 100, 2: 100}, actor=ANNA)
    app.correct("ent_2", opening_balance("c", amount=4000), reason="It was 40.", actor=ANNA)
    text = "".join(app.journal_text(ExportKind.BEANCOUNT))
    rows = [row.strip() for row in text.splitlines()]
    related = [row for row in rows if row.startswith(("reverses:", "takes-part-of:", "replaces:"))]
    assert related == ['replaces: "b"', 'takes-part-of: "a"', 'reverses: "b"']
    told = "".join(app.journal_text(ExportKind.HLEDGER))
    assert [told.count(f"    ; {word}") for word in ("replaces: b", "takes-part-of: a", "reverses: b")] == [1, 1, 1]
    report = app.import_journal(text.encode(), name="a.beancount", dry_run=True)
    assert (report.new, report.repeated) == (0, 5)
    assert report.notes == (
        "Left behind: metadata “replaces” (1).", "Left behind: metadata “takes-part-of” (1).",
    )  # fmt: skip
