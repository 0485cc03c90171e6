from datetime import UTC, date, datetime

from hypothesis import given

from tests.reports.journals import DAY, entry, folded, journals, line, sample
from tieout.model.balance import Balance
from tieout.model.entry import content_hash
from tieout.reports.journal import CurrencyTotal, Tally, Totals, day_before, opening_entry


def test_an_opening_entry_is_what_every_account_stood_at() -> None:
    stood = [Balance("4000", "EUR", -70, -70), Balance("1100", "EUR", 100, 100), Balance("1100", "USD", 0, -30),
             Balance("6100", "EUR", 0, 0), Balance("2000", "EUR", -30, 0)]  # fmt: skip
    found = opening_entry(stood, date(2026, 4, 1))
    assert found is not None
    draft = found.entry.draft
    assert (found.entry.id, draft.key, draft.effective_date) == (0, "opening:2026-04-01", date(2026, 4, 1))
    assert draft.occurred_at == datetime(2026, 4, 1, tzinfo=UTC)
    assert [(ln.account, ln.currency, ln.amount_minor, ln.base_minor) for ln in draft.lines] == [
        ("1100", "EUR", 100, 100),
        ("1100", "USD", 0, -30),
        ("2000", "EUR", -30, 0),
        ("4000", "EUR", -70, -70),
    ]
    assert found.entry.content_hash == content_hash(draft)


def test_nothing_before_is_no_opening_entry() -> None:
    assert opening_entry([Balance("1100", "EUR", 0, 0)], DAY) is None
    assert opening_entry([], DAY) is None


@given(journals())
def test_an_opening_entry_balances_as_what_came_before_did(journal) -> None:
    opened = opening_entry(folded(journal, date.max), date(2200, 1, 1))
    for part in opened.entry.draft.lines if opened else ():
        assert part.amount_minor or part.base_minor
    tally = Tally()
    tally.add_entry(opened)
    assert [t.debit_minor - t.credit_minor for t in tally.totals().currencies] == [0] * len(tally.totals().currencies)
    assert sum(t.base_debit_minor - t.base_credit_minor for t in tally.totals().currencies) == 0


def test_totals_are_per_currency() -> None:
    tally = Tally()
    assert list(tally.count(sample())) == sample()
    expected = Totals(
        4, 9,
        (CurrencyTotal("EUR", 7, 10_100, 10_100, 10_100, 10_100),
         CurrencyTotal("USD", 2, 11_900, 11_900, 10_818, 10_818)),
    )  # fmt: skip
    assert tally.totals() == expected
    tally.add_totals(expected)
    tally.add_totals(Totals(1, 1, (CurrencyTotal("GBP", 1, 5, 0, 6, 0),)))
    assert tally.totals() == Totals(
        9, 19,
        (CurrencyTotal("EUR", 14, 20_200, 20_200, 20_200, 20_200), CurrencyTotal("GBP", 1, 5, 0, 6, 0),
         CurrencyTotal("USD", 4, 23_800, 23_800, 21_636, 21_636)),
    )  # fmt: skip


def test_a_line_of_base_alone_counts() -> None:
    tally = Tally()
    tally.add_entry(entry(1, line("1100.bank", 0, "USD", 7), line("6100", 0, "USD", -7)))
    assert tally.totals() == Totals(1, 2, (CurrencyTotal("USD", 2, 0, 0, 7, 7),))


def test_the_day_before() -> None:
    assert day_before(date(2026, 3, 1)) == date(2026, 2, 28)
