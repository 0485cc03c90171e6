"""The journal as the database hands it over: by day, whole, in one picture."""

from collections.abc import Callable, Iterator
from datetime import date

import psycopg
import pytest

from tests.ledger.books import entry, open_books
from tieout.db.pool import Connection
from tieout.ledger import store as ledger
from tieout.masterdata import store as masterdata
from tieout.reports import store
from tieout.reports.journal import CurrencyTotal, Tally, Totals

ALL = (date.min, date.max)


def on(day: int) -> date:
    return date(2026, 1, day)


@pytest.fixture(scope="module")
def url(fresh_database: Callable[..., str]) -> str:
    """Ledger 1 with entries 1 to 5, whose days are not in the order of their numbers; and a ledger 2 beside it."""
    found = fresh_database()
    with psycopg.connect(found) as connection:
        for number, code in enumerate(("craft", "other"), start=1):
            _, accounts = open_books(connection, code)
            drafts = [
                entry("a", on=on(20)), entry("b", "1200 500 USD 450; 4000 -500 USD -450", on=on(10)),
                entry("c", on=on(20)), entry("d", on=on(31)),
            ]  # fmt: skip
            ledger.post(connection, number, drafts, accounts)
            back = entry("e", "1200 -1000; 4000 1000", on=on(20), reverses=1 if number == 1 else 6)
            ledger.post(connection, number, [back], accounts)
    return found


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A unit of work that never commits."""
    with psycopg.connect(url, options="-c timezone=UTC") as found:
        yield found
        found.rollback()


def test_entries_come_by_day_then_number(connection: Connection) -> None:
    found = list(store.journal(connection, 1, *ALL))
    assert [(f.entry.draft.effective_date.day, f.entry.draft.key) for f in found] == [
        (10, "b"), (20, "a"), (20, "c"), (20, "e"), (31, "d")
    ]  # fmt: skip
    assert [f.reverses_key for f in found] == [None, None, None, "a", None]
    assert found == [f for f in found if f.entry == ledger.entries(connection, 1, [f.entry.id])[0]]


def test_both_days_are_included(connection: Connection) -> None:
    def keys(first: date, last: date) -> str:
        return "".join(f.entry.draft.key for f in store.journal(connection, 1, first, last))

    assert keys(on(10), on(20)) == "bace"
    assert keys(on(11), on(30)) == "ace"
    assert keys(on(21), on(30)) == ""


def test_batches_are_no_matter(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(store.journal(connection, 1, *ALL))
    monkeypatch.setattr(store, "_BATCH", 2)
    assert list(store.journal(connection, 1, *ALL)) == whole


def test_totals_are_those_of_what_is_handed_over(connection: Connection) -> None:
    assert store.totals(connection, 1, *ALL) == Totals(
        5, 10, (CurrencyTotal("EUR", 8, 4000, 4000, 4000, 4000), CurrencyTotal("USD", 2, 500, 500, 450, 450))
    )  # fmt: skip
    for span in (ALL, (on(11), on(20)), (on(21), on(30))):
        tally = Tally()
        list(tally.count(store.journal(connection, 1, *span)))
        assert store.totals(connection, 1, *span) == tally.totals()


def test_first_and_last_days(connection: Connection) -> None:
    assert store.first_days(connection, 1, *ALL) == {"1200": on(10), "4000": on(10)}
    assert store.first_days(connection, 1, on(11), on(30)) == {"1200": on(20), "4000": on(20)}
    assert store.last_day(connection, 1) == on(31)
    assert store.last_day(connection, 99) is None


def test_numbers_by_key(connection: Connection) -> None:
    numbers = store.numbers(connection, 1, ["a", "e", "x"])
    assert {key: ledger.entries(connection, 1, [n])[0].draft.key for key, n in numbers.items()} == {"a": "a", "e": "e"}


def test_books_that_are_not_sealed_have_no_head(connection: Connection) -> None:
    assert store.seal_head(connection, 1) is None


def test_nothing_posted_meanwhile_is_seen(url: str) -> None:
    with psycopg.connect(url) as reader, psycopg.connect(url) as writer:
        store.hold_still(reader)
        assert len(list(store.journal(reader, 2, *ALL))) == 5
        ledger.post(writer, 2, [entry("new", on=on(1))], masterdata.accounts(writer, 2))
        writer.commit()
        assert len(list(store.journal(reader, 2, *ALL))) == 5
        reader.rollback()
        assert len(list(store.journal(reader, 2, *ALL))) == 6


def test_nothing_can_be_written_while_it_is_read(connection: Connection) -> None:
    store.hold_still(connection)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        ledger.post(connection, 1, [entry("new")], masterdata.accounts(connection, 1))
