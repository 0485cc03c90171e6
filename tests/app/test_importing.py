"""Taking journals over: all of a file or nothing, each fact once, every refusal by its line."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.app.house import ANNA, at, balances, charge, opening_balance, order, rates, tell
from tests.connectors.shopify import objects as shopify
from tieout.app import ExportKind, JournalFormat, Tieout
from tieout.app.views import JournalReport, StandsAt
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import BadInput, ImportRefused, TooLarge
from tieout.model.period import PeriodState

HEAD = "id,date,memo,account,currency,amount\n"
SALE = HEAD + "1,2026-03-02,A mug,1100.bank,EUR,12.50\n1,2026-03-02,A mug,4000,EUR,-12.50\n"
NOTHING = ((), (0, 0))


def take(app: Tieout, text: str, name: str = "old.csv", **more: Any) -> JournalReport:
    return app.import_journal(text.encode(), name=name, actor=ANNA, **more)


def written(app: Tieout) -> tuple[tuple[str, ...], tuple[int, int]]:
    return tuple(view.entry.draft.key for view in app.journal(limit=500)), app.counts()


def test_a_journal_is_posted_once(app: Tieout) -> None:
    first = take(app, SALE)
    assert (first.entries, first.new, first.repeated, first.refusals, first.dry_run) == (1, 1, 0, (), False)
    assert first.balances == (StandsAt("1100.bank", "EUR", 0, 1250), StandsAt("4000", "EUR", 0, -1250))
    (view,) = app.journal()
    draft = view.entry.draft
    assert (draft.key, draft.effective_date, draft.memo, draft.rule_id, draft.actor, draft.why) == (
        "journal:1", date(2026, 3, 2), "A mug", "import", "anna", "The imported journal says so."
    )  # fmt: skip
    again = take(app, SALE)
    assert (again.new, again.repeated, app.counts()) == (0, 1, (1, 2))
    assert again.balances == (StandsAt("1100.bank", "EUR", 1250, 1250), StandsAt("4000", "EUR", -1250, -1250))
    assert [(line.actor, line.action, line.detail) for line in app.audit(2)] == [
        ("anna", "journal.imported", "0 new entries"),
        ("anna", "journal.imported", "1 new entries"),
    ]


def test_a_dry_run_shows_all_and_posts_nothing(app: Tieout) -> None:
    report = take(app, SALE, dry_run=True)
    assert (report.dry_run, report.new, report.balances[0]) == (True, 1, StandsAt("1100.bank", "EUR", 0, 1250))
    assert written(app) == NOTHING
    assert [line.action for line in app.audit(1)] == ["source.added"]
    assert take(app, SALE).new == 1


def test_the_same_id_with_another_amount_is_a_conflict(app: Tieout) -> None:
    take(app, SALE)
    with pytest.raises(ImportRefused) as caught:
        take(app, SALE.replace("12.50", "13.00"))
    assert "“journal:1” is already posted as ent_1 with other content" in caught.value.what
    assert caught.value.where == "old.csv, line 2"
    assert balances(app) == {("1100.bank", "EUR"): 1250, ("4000", "EUR"): -1250}


@pytest.mark.parametrize(
    ("rows", "where", "what"),
    [
        ("2,2026-03-02,M,9999,EUR,1\n2,2026-03-02,M,8888,EUR,-1\n", "4, 5", "There is no account “9999”"),
        ("2,2026-03-02,M,4000,EUR,1\n", "4", "it has 1 lines"),
        ("2,2026-03-02,M,4000,EUR,1\n2,2026-03-02,M,5000,EUR,-1.01\n", "4", "debit and credit differ"),
        ("2,2026-03-02,M,4000,USD,1\n2,2026-03-02,M,5000,USD,-1\n", "4, 5", "The amount in USD has no value in EUR"),
        ('2,2026-03-02,M,4000,EUR,"1,50"\n', "4", "“1,50” has a comma"),
        ("2,2026-03-02,M,4000", "4", "It has 4 fields, the first line has 6"),
        ("2,2026-01-15,M,4000,EUR,1\n2,2026-01-15,M,5000,EUR,-1\n", "4", "closed"),
    ],
)
def test_one_refused_line_refuses_the_file(app: Tieout, rows: str, where: str, what: str) -> None:
    app.set_period(date(2026, 1, 1), date(2026, 1, 31), PeriodState.HARD, actor=ANNA)
    with pytest.raises(ImportRefused) as caught:
        take(app, SALE + rows)
    error = caught.value
    assert (error.code, error.where) == ("import_refused", f"old.csv, line {where}")
    assert error.what.startswith("Nothing was posted. Line 4: ")
    assert what in error.what
    assert "A dry run shows every line that is refused." in error.remedy
    report = take(app, SALE + rows, dry_run=True)
    assert [str(refusal.line) for refusal in report.refusals] == where.split(", ")
    assert all(refusal.file == "old.csv" and refusal.remedy for refusal in report.refusals)
    assert written(app) == NOTHING


def test_many_refused_lines_are_counted(app: Tieout) -> None:
    rows = "".join(f"{n},2026-03-02,M,9999,EUR,1\n" for n in range(30))
    with pytest.raises(ImportRefused) as caught:
        take(app, HEAD + rows)
    assert caught.value.where == "old.csv, line 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 20 more"


@pytest.mark.parametrize(
    ("body", "name", "what"),
    [
        (b"", "a.csv", "There is nothing in it"),
        (SALE.encode("utf-16"), "a.csv", "The file is UTF-16"),
        ("Größe".encode("latin-1"), "a.csv", "The file is not UTF-8: byte 0xf6"),
        (SALE.replace(",", ";").encode(), "a.csv", "The columns are separated by semicolons"),
        ((SALE + '2,2026-03-02,"A').encode(), "a.csv", "It is no CSV: unexpected end of data"),
        (SALE.encode(), "a.txt", "Its name does not say what kind of file it is"),
    ],
)
def test_what_is_no_journal(app: Tieout, body: bytes, name: str, what: str) -> None:
    with pytest.raises(BadInput) as caught:
        app.import_journal(body, name=name)
    assert caught.value.what == what
    assert caught.value.where.startswith(name)
    assert caught.value.remedy
    assert written(app) == NOTHING


def test_the_kind_can_be_said_and_a_byte_order_mark_is_no_matter(app: Tieout) -> None:
    assert app.import_journal(b"\xef\xbb\xbf" + SALE.encode(), name="a.txt", kind=JournalFormat.CSV).new == 1


def test_a_huge_file_is_refused(house: Callable[..., Tieout]) -> None:
    app = house(file_bytes_max=100)
    with pytest.raises(TooLarge, match="over the limit of 100"):
        take(app, SALE + "x" * 100)


def test_opening_balances_stand_against_equity(app: Tieout) -> None:
    text = (
        "account,currency,amount,base_amount,party,item\n1100.bank,EUR,900.00,,,\n1320.stripe,USD,110,100.00,,txn:1\n"
        "2300,EUR,-250,,acme,\n"
    )
    day = date(2026, 1, 1)
    report = take(app, text, opening=day)
    assert (report.entries, report.new) == (1, 1)
    assert balances(app) == {
        ("1100.bank", "EUR"): 90_000, ("1320.stripe", "USD"): 11_000, ("2300", "EUR"): -25_000,
        ("3000", "EUR"): -65_000, ("3000", "USD"): -11_000,
    }  # fmt: skip
    (view,) = app.journal()
    assert (view.entry.draft.effective_date, view.entry.draft.memo) == (day, "Opening balances")
    assert view.entry.draft.key.startswith("opening:2026-01-01:")
    assert [(ln.party, ln.item) for ln in view.lines[:3]] == [(None, None), (None, "txn:1"), ("acme", None)]
    assert sum(line.base_minor for line in view.lines) == 0
    assert (take(app, text, opening=day).repeated, app.counts()) == (1, (1, 5))


def test_opening_balances_come_as_csv_only(app: Tieout) -> None:
    with pytest.raises(BadInput, match="Opening balances are read from CSV only"):
        take(app, "x", "a.beancount", opening=date(2026, 1, 1))


def test_entries_of_several_statements_are_all_or_none(app: Tieout) -> None:
    """More than one batch: what a later one refuses takes the earlier ones back."""
    pair = "{0},2026-03-02,M,1100.bank,EUR,1\n{0},2026-03-02,M,4000,EUR,-1\n"
    rows = "".join(pair.format(n) for n in range(1100))
    take(app, HEAD + pair.format(1099).replace("4000", "5000"))
    report = take(app, HEAD + rows, dry_run=True)
    assert [refusal.line for refusal in report.refusals] == [2200]
    with pytest.raises(ImportRefused):
        take(app, HEAD + rows)
    assert app.counts() == (1, 2)
    assert take(app, HEAD + "".join(pair.format(n) for n in range(1099))).new == 1099


@pytest.fixture
def lively(app: Tieout) -> Tieout:
    """Books with two currencies, parties, items, dimensions, a reversal and entries out of the order of their days."""
    app.import_rates(rates(("2026-03-03", "USD", "1.25")))
    tell(app, "shop", order(), "orders")
    tell(app, "stripe", charge())
    tell(app, "shop", order(2001, "110.00", currency="USD", line_items=[shopify.line("110.00", 1)]), "orders")
    app.post([opening_balance(), opening_balance("own:2", 75, effective_date=date(2026, 2, 1))], actor=ANNA)
    return app


def test_books_made_of_an_export_are_the_same_to_the_hash(
    lively: Tieout, fresh_database: Callable[..., str], tmp_path: Path
) -> None:
    from tests.app.house import open_house

    text = "".join(lively.journal_text(ExportKind.BEANCOUNT, portable=True))
    with open_house(fresh_database(), tmp_path / "copy") as copy:
        report = copy.import_journal(text.encode(), name="all.beancount")
        assert (report.new, report.refusals, report.notes) == (lively.counts()[0], (), ())
        assert copy.ledger_hash() == lively.ledger_hash()
        assert copy.balances() == lively.balances()
        assert "".join(copy.journal_text(ExportKind.BEANCOUNT, portable=True)) == text
        assert copy.import_journal(text.encode(), name="all.beancount").new == 0
        assert copy.check() == [finding for finding in copy.check() if finding.what == "proof"]


def test_what_is_handed_over_is_known_already(lively: Tieout) -> None:
    entries, _ = lively.counts()
    report = take(lively, lively.beancount(), "all.beancount")
    assert (report.new, report.repeated, lively.counts()[0]) == (0, entries, entries)


def test_a_reversal_finds_what_it_reverses_by_its_key(app: Tieout) -> None:
    text = (
        '2026-03-02 * "Sale"\n  key: "a"\n  Assets:1100-bank-Bank-account-bank 5.00 EUR\n'
        "  Income:4000-Sales -5.00 EUR\n"
        '2026-03-03 * "Taken back"\n  key: "b"\n  reverses: "a"\n'
        "  Assets:1100-bank-Bank-account-bank -5.00 EUR\n  Income:4000-Sales 5.00 EUR\n"
    )
    assert take(app, text, "a.beancount").new == 2
    back, sale = app.journal()
    assert back.entry.draft.reverses_id == sale.entry.id
    assert take(app, text, "a.beancount").repeated == 2
    with pytest.raises(ImportRefused, match="It reverses “x”, which is not in the books"):
        take(app, text.replace('reverses: "a"', 'reverses: "x"').replace('key: "b"', 'key: "c"'), "a.beancount")


def test_keys_stay_so_that_a_source_that_tells_again_books_nothing(app: Tieout) -> None:
    """Books moved by an export know what they know: the shop's own message comes again and changes nothing."""
    tell(app, "shop", order(), "orders")
    (view,) = app.journal()
    assert view.entry.draft.key == "shop:order:1088:placed"
    assert take(app, app.beancount(), "all.beancount").repeated == 1


def test_times_and_texts_are_kept(app: Tieout) -> None:
    draft = EntryDraft(
        "k", date(2026, 3, 2), at("2026-02-28T23:59:59+01:00"),
        (Line("1100.bank", "EUR", 1, 1, "a\nb", "“x”", {"Größe": "1\t2"}), Line("4000", "EUR", -1, -1)),
        '=memo\\ "', "r", 3, "why", late=True, rate="1",
    )  # fmt: skip
    app.post([draft], actor=ANNA)
    assert take(app, app.beancount(), "all.beancount").repeated == 1
