"""Bulk: thousands of entries in one call behave as one, and no plan made for an empty ledger is kept for a full one."""

import random
from collections.abc import Callable, Mapping

import psycopg
import pytest

from tests.ledger.books import DAY, close, entry, open_books
from tieout.db.pool import Connection
from tieout.ledger import store
from tieout.masterdata import store as masterdata
from tieout.model.account import Account
from tieout.model.entry import EntryDraft
from tieout.model.error import Conflict, PostingRefused

Accounts = Mapping[str, Account]
#: More than are handed over at a time, and not a multiple of it.
MANY = 1111


def many(prefix: str = "k") -> list[EntryDraft]:
    """Entries whose keys are in no order."""
    found = [entry(f"{prefix}{n}", f"1200 {n}; 4000 {-n}") for n in range(1, MANY + 1)]
    random.Random(7).shuffle(found)  # noqa: S311 - any order but always the same
    return found


def test_numbers_follow_the_callers_order_in_any_quantity(connection: Connection, accounts: Accounts) -> None:
    drafts = many()
    posted = store.post(connection, 1, drafts, accounts)
    assert [p.key for p in posted] == [draft.key for draft in drafts]
    ids = [p.entry_id for p in posted]
    assert ids == sorted(set(ids))
    assert not any(p.repeated for p in posted)
    assert [e.draft for e in store.entries(connection, 1, ids)] == drafts
    assert [b.balance_minor for b in store.balances(connection, 1)] == [MANY * (MANY + 1) // 2, -MANY * (MANY + 1) // 2]


def test_some_may_be_repeats(connection: Connection, accounts: Accounts) -> None:
    drafts = many()
    first = {p.key: p.entry_id for p in store.post(connection, 1, drafts[::3], accounts)}
    posted = store.post(connection, 1, drafts, accounts)
    assert {p.key: p.entry_id for p in posted if p.repeated} == first
    assert [p.key for p in posted] == [draft.key for draft in drafts]
    assert store.count(connection, 1) == (MANY, 2 * MANY)
    assert all(p.repeated for p in store.post(connection, 1, drafts, accounts))


@pytest.mark.parametrize("place", [0, 300, MANY - 1])
def test_one_bad_entry_keeps_all_out(connection: Connection, accounts: Accounts, place: int) -> None:
    """Refused by us or by the database, first, in the middle or last: nothing of the call is there."""
    store.post(connection, 1, [entry("known")], accounts)
    close(connection, 1, DAY.replace(year=2020), DAY.replace(year=2020))
    bad = {
        "Entry “bad” is refused": (PostingRefused, entry("bad", "1200 5; 4000 -4")),
        "2020-01-15 lies in the period": (PostingRefused, entry("bad", on=DAY.replace(year=2020))),
        "with other content": (Conflict, entry("known", "1200 5; 4000 -5")),
    }
    for why, (error, draft) in bad.items():
        drafts = many()
        drafts[place] = draft
        with pytest.raises(error, match=why), connection.transaction():
            store.post(connection, 1, drafts, accounts)
        assert store.count(connection, 1) == (1, 2)


def test_one_key_twice_in_different_parts_is_still_twice(connection: Connection, accounts: Accounts) -> None:
    with pytest.raises(Conflict, match="Two entries of one call have the same key"):
        store.post(connection, 1, [*many(), entry("k1")], accounts)


def test_a_session_that_began_with_an_empty_ledger_never_reads_a_whole_table(
    fresh_database: Callable[..., str],
) -> None:
    """Its plans are made when there is nothing to read; they look things up by key all the same."""
    with psycopg.connect(fresh_database(), autocommit=True, options="-c plan_cache_mode=force_custom_plan") as one:
        open_books(one)
        accounts = masterdata.accounts(one, 1)
        (first,) = store.post(one, 1, [entry("early")], accounts)
        store.post(one, 1, many(), accounts)
        one.execute("analyze")
        one.execute("select pg_stat_force_next_flush()")
        before = scans(one)
        back = entry("back", "1200 -1000; 4000 1000", reverses=first.entry_id)
        store.post(one, 1, [back, *many("late")], accounts)
        one.execute("select pg_stat_force_next_flush()")
        assert scans(one) == before
        assert indexes_read(one) == {"account_pkey", "entry_pkey", "line_pkey"}


def scans(connection: Connection) -> dict[str, int]:
    """How often each table was read from end to end."""
    rows = connection.execute("select relname, seq_scan from pg_stat_user_tables where relname in ('entry', 'line')")
    return dict(rows.fetchall())


def indexes_read(connection: Connection) -> set[str]:
    """Of what a posting looks up: the indexes through which it did."""
    rows = connection.execute(
        "select indexrelname from pg_stat_user_indexes where relname in ('account', 'entry', 'line') and idx_scan > 0"
        " and indexrelname not in ('account_picky', 'account_ledger_id_code_key')"
    )
    return {name for (name,) in rows}
