"""Verification: the text the database hashes is the text we hash, letter by letter."""

from collections.abc import Mapping
from datetime import UTC, date, timedelta, timezone

import msgspec
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.books import entry, open_books
from tieout.db.pool import Connection, Database
from tieout.ledger import seal, store, verify
from tieout.ledger.merkle import leaf_hash, split
from tieout.ledger.verify import Range, chained, share_moment, spread
from tieout.masterdata import store as masterdata
from tieout.model.account import Account
from tieout.model.entry import EntryDraft, Line, content_hash
from tieout.model.seal import Flaw, Leaf

ALL = Range(0, seal.ID_MAX, 0)
#: Everything the database can keep; what JSON escapes, and what it does not, comes up more often.
NASTY = st.text(st.sampled_from("\"\\/\b\f\n\r\t\x01\x1f\x7f\x80\u2028\ufeff\U0001f600é'<&%") | st.characters(
    exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)  # fmt: skip
AMOUNTS = st.integers(1, 2**62)


@st.composite
def drafts(draw: st.DrawFn) -> EntryDraft:
    """Entries of any text, amounts, dimensions and times."""
    amount = draw(AMOUNTS)
    zone = timezone(timedelta(minutes=draw(st.integers(-840, 840))))

    def line(signed: int) -> Line:
        return Line(
            draw(st.sampled_from(["1200", "4000", "1320.stripe"])), "EUR", signed, signed,
            draw(st.none() | NASTY), draw(st.none() | NASTY), draw(st.dictionaries(NASTY, NASTY, max_size=3)),
        )  # fmt: skip

    foreign = draw(st.booleans())
    return EntryDraft(
        key="k" + draw(NASTY),
        effective_date=draw(st.dates(date(1950, 1, 1), date(2900, 1, 1))),
        occurred_at=draw(st.datetimes(timezones=st.just(zone)).filter(lambda at: 1 < at.year < 9999)),
        lines=(line(amount), line(-amount))
        + ((Line("1200", "USD", 7, 0), Line("4000", "USD", -7, 0)) if foreign else ()),
        memo=draw(NASTY),
        rule_id=draw(NASTY),
        rule_version=draw(st.integers(0, 2**31 - 1)),
        why=draw(NASTY),
        actor=draw(NASTY),
        late=draw(st.booleans()),
        rate=draw(st.none() | NASTY),
    )


@given(st.lists(drafts(), min_size=1, max_size=4, unique_by=lambda draft: draft.key))
def test_the_database_hashes_what_we_hash(
    url: str, accounts: Mapping[str, Account], some: list[EntryDraft]
) -> None:  # fmt: skip
    """On nasty text: quotes, backslashes, control and astral characters, no and empty dimensions, keys to be sorted."""
    with psycopg.connect(url, options="-c timezone=America/New_York") as connection:
        connection.execute("set datestyle = 'SQL, DMY'")
        connection.execute(verify._SQL.unit)
        found = store.post(connection, 1, some, accounts)
        assert verify.content(connection, 1, ALL) == []
        _check_leaves(connection, [posted.entry_id for posted in found])
        connection.execute("set session_replication_role = replica")
        connection.execute("update entry set why = why || 'x' where id = %s", (found[0].entry_id,))
        assert [flaw.order[1] for flaw in verify.content(connection, 1, ALL)] == [found[0].entry_id]
        connection.rollback()


def _check_leaves(connection: Connection, numbers: list[int]) -> None:
    stretch = seal.Stretch((0, 0), (seal.XID_MAX, 0))
    hashes = {
        entry_id: leaf
        for page in seal.leaves(connection, 1, stretch)
        for entry_id, leaf in zip(
            [int.from_bytes(page.ids[at : at + 8]) for at in range(0, len(page.ids), 8)],
            split(page.leaves),
            strict=True,
        )
    }
    for number in numbers:
        row = connection.execute(seal._SQL.leaf_of, {"ledger": 1, "entry": number}).fetchall()[0]
        assert hashes[number] == leaf_hash(seal._leaf(row).content)
        assert isinstance(seal._leaf(row), Leaf)


def test_a_reversal_is_hashed_with_what_it_reverses(connection: Connection, accounts: Mapping[str, Account]) -> None:
    (first,) = store.post(connection, 1, [entry("a")], accounts)
    store.post(connection, 1, [entry("b", "1200 -1000; 4000 1000", reverses=first.entry_id)], accounts)
    connection.execute(verify._SQL.unit)
    assert verify.content(connection, 1, ALL) == []


@pytest.mark.parametrize("dims", ["{}", '{"b": "1", "aa": "2", "ä": "3", "Z": "4"}'])
def test_dimensions_as_the_database_keeps_them(
    connection: Connection, accounts: Mapping[str, Account], dims: str
) -> None:  # fmt: skip
    """jsonb sorts keys by length; ours are sorted by their letters. An empty object is no dimensions."""
    decoded = msgspec.json.decode(dims, type=dict[str, str])
    draft = entry("a")
    lines = (msgspec.structs.replace(draft.lines[0], dimensions=decoded), draft.lines[1])
    draft = msgspec.structs.replace(draft, lines=lines)
    store.post(connection, 1, [draft], accounts)
    connection.execute("set session_replication_role = replica")
    connection.execute("update line set dim = %s::jsonb where line_no = 1", (dims,))
    connection.execute(verify._SQL.unit)
    assert verify.content(connection, 1, ALL) == []
    connection.execute("update line set dim = '{\"b\": 1}' where line_no = 1")
    assert [flaw.what for flaw in verify.content(connection, 1, ALL)] == ["is not what was posted: its hash is another"]


def test_a_layer_nothing_posts_to(connection: Connection, accounts: Mapping[str, Account]) -> None:
    store.post(connection, 1, [entry("a")], accounts)
    connection.execute("set session_replication_role = replica")
    connection.execute("update line set layer = 1")
    connection.execute(verify._SQL.unit)
    assert [flaw.what for flaw in verify.content(connection, 1, ALL)] == ["has a line on a layer that nothing posts to"]


def test_currencies_that_balance_only_together(connection: Connection, accounts: Mapping[str, Account]) -> None:
    """One currency up and another down by the same number is not a balance."""
    text = "1200 1000; 4000 -1000; 1200 7 USD 5; 4000 -7 USD -5"
    store.post(connection, 1, [entry("a", text)], accounts)
    connection.execute(verify._SQL.unit)
    assert verify.content(connection, 1, ALL) == []
    connection.execute("set session_replication_role = replica")
    connection.execute("update line set amount_minor = amount_minor + 1 where line_no = 3")
    connection.execute("update line set amount_minor = amount_minor - 1 where line_no = 1")
    assert [flaw.what for flaw in verify.content(connection, 1, ALL)] == ["does not balance"]


def test_ranges_cover_all_numbers(
    connection: Connection, accounts: Mapping[str, Account], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(verify, "STRETCH", 3)
    assert list(verify.ranges(connection, 1)) == [Range(0, seal.ID_MAX, 0)]
    found = [p.entry_id for p in store.post(connection, 1, [entry(key) for key in "abcdefg"], accounts)]
    assert list(verify.ranges(connection, 1)) == [
        Range(0, found[2], 3), Range(found[2], found[5], 3), Range(found[5], seal.ID_MAX, 1),
    ]  # fmt: skip
    assert verify.entries(connection, 1) == 7


def test_ranges_nobody_has_analysed_are_not_read_once_for_each_row(
    connection: Connection, accounts: Mapping[str, Account]
) -> None:  # fmt: skip
    """A table without statistics looks as if it had one row, and then a verification would take for ever."""
    store.post(connection, 1, [entry(str(number)) for number in range(300)], accounts)
    connection.execute(verify._SQL.unit)
    drawn = {"debit": 1, "credit": 1, "base_debit": 1, "base_credit": 1, "n": 1, "seed": 1}
    columns = {"ledger": 1, "after": 0, "upto": seal.ID_MAX, "snapshot": "1:1:", "restored": 0, **drawn}
    rows = connection.execute(b"explain " + verify._SQL.moved, columns)
    plan = "\n".join(row[0] for row in rows)
    assert "Join Filter" not in plan, plan
    assert "Merge Cond" in plan or "Hash Cond" in plan


def test_several_connections_see_one_moment(database: Database) -> None:
    with database.unit() as one, database.unit() as other:
        share_moment([one, other])
        with database.unit() as writer:
            open_books(writer)
        assert [masterdata.ledgers(connection) for connection in (one, other)] == [[], []]
    with database.unit() as later:
        assert len(masterdata.ledgers(later)) == 1


def test_tasks_come_back_in_their_order_and_few_at_a_time(database: Database) -> None:
    asked = 0

    def tasks():
        nonlocal asked
        for number in range(20):
            asked += 1
            wait = 0.02 if number % 2 else 0
            yield lambda c, n=number, w=wait: c.execute("select %s::int, pg_sleep(%s)", (n, w)).fetchall()[0][0]

    with database.unit() as one, database.unit() as other:
        found = spread([one, other], tasks())
        assert next(found) == 0
        assert asked == 5
        assert list(found) == list(range(1, 20))


def test_flaws_are_named_in_order_and_not_all_of_a_million() -> None:
    flaws = [Flaw(f"ent_{n}", "is gone", (0, n)) for n in range(1000, 0, -1)]
    found = chained(flaws, [Flaw("account 1", "is gone", (-1, 1))])
    assert [flaw.where for flaw in found[:2]] == ["account 1", "ent_1"]
    assert len(found) == verify.FLAWS_MAX


def test_one_moment_in_utc_is_hashed_the_same_from_everywhere() -> None:
    draft = entry("a")
    elsewhere = draft.occurred_at.astimezone(timezone(timedelta(hours=-7)))
    assert content_hash(msgspec.structs.replace(draft, occurred_at=elsewhere)) == content_hash(draft)
    assert draft.occurred_at.tzinfo is UTC
