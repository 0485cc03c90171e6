"""The journal as an hledger file, judged by `hledger` in a process of its own."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.reports.journals import CHART, ENTITY, account, entry, extract, folded, journals, line, sample
from tests.reports.judges import hledger_balances, hledger_check, hledger_worth, needs_hledger, our_worth, ours
from tieout.model.account import AccountType
from tieout.model.money import to_minor
from tieout.reports.hledger import lines_of, write
from tieout.reports.journal import Tally

GOLDEN = Path(__file__).with_name("golden.hledger")


def test_the_text_is_the_golden_one() -> None:
    assert "".join(write(extract(sample()), sample())) == GOLDEN.read_text("utf-8")


@needs_hledger
def test_hledger_accepts_it_and_finds_a_changed_amount(tmp_path: Path) -> None:
    file = tmp_path / "a.journal"
    file.write_text(GOLDEN.read_text("utf-8"), "utf-8")
    assert hledger_check(file) == ""
    file.write_text(file.read_text("utf-8").replace(" 90.00 EUR", " 90.01 EUR", 1), "utf-8")
    assert "could not balance" in hledger_check(file)
    whole = GOLDEN.read_text("utf-8").replace(" 90.00 EUR", " 90.01 EUR", 1).replace("-91.00 EUR", "-91.01 EUR", 1)
    file.write_text(whole, "utf-8")
    assert "assertion" in hledger_check(file)


def test_an_empty_journal_is_a_valid_file() -> None:
    text = "".join(write(extract([]), []))
    assert text == f"; {ENTITY.name}, books in EUR\ndecimal-mark .\ncommodity 1000.00 EUR\n"


def test_nothing_in_a_text_ends_its_place() -> None:
    chart = [account(1, "1,0; x", "A\nB"), account(2, "2", "", AccountType.INCOME)]
    odd = [entry(1, line("1,0; x", 1, party="a, item: b; c", item="x\ny"), line("2", -1), memo="one\n  two; three")]
    text = "".join(write(extract(odd, chart), odd))
    assert "* (ent_1) one two three\n" in text
    assert "  ; item: x y, party: a  item: b c\n" in text
    assert "account Assets:1-0-x-A-B  ; code: 1 0 x, type: A\n" in text


@needs_hledger
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(journal=journals())
def test_hledger_adds_up_to_our_balances_on_every_day(journal, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("h") / "a.journal"
    file.write_text("".join(write(extract(journal), journal)), "utf-8", newline="\n")
    assert hledger_check(file) == ""
    for day in {found.entry.draft.effective_date - timedelta(days=off) for found in journal for off in (0, 1)}:
        assert hledger_balances(file, day) == ours(folded(journal, day))
        assert hledger_worth(file, day) == our_worth(folded(journal, day))


@given(journals())
def test_its_lines_can_be_added_up_from_the_text(journal) -> None:
    tally, wanted = Tally(), Tally()
    for new, amount, currency, base in lines_of("".join(write(extract(journal), journal)).splitlines(), "EUR"):
        if new:
            tally.add_entry()
        tally.add(currency, to_minor(amount, currency), to_minor(base, "EUR"))
    list(wanted.count(journal))
    assert tally.totals() == wanted.totals()


def test_the_chart_has_all_types() -> None:
    kinds = "".join(write(extract(sample()), sample()))
    assert [kinds.count(f"type: {letter}\n") for letter in "ALERX"] == [2, 0, 0, 1, 1]
    assert len(CHART) == 5
    assert date(2026, 3, 4) == extract(sample()).last
