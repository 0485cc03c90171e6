"""Seals, anchors and verification: whatever an owner of the database does to the books, it is found and named."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import sql

from tests.app.house import ANNA, opening_balance, order, tell
from tieout.app import Tieout
from tieout.app.sealing import Sealing
from tieout.ledger import certificate, period, seal
from tieout.ledger.merkle import climb, leaf_hash
from tieout.model.entry import Line, content_hash
from tieout.model.error import BadInput, NotFound, SealRefused
from tieout.model.period import PeriodState
from tieout.model.seal import Block, Verified

Tamper = Callable[..., None]
BLOCKS = 5


def draft(number: int) -> Any:
    """An entry on a clearing account, with a party, dimensions and text that JSON has to escape."""
    amount = 1000 + number
    lines = (
        Line("1200", "EUR", amount, amount, 'Ana "the" buyer\\', f"order:{number}", {"b": "2", "a": "ß 😀\n"}),
        Line("4000", "EUR", -amount, -amount),
    )
    return opening_balance(f"sale:{number}", lines=lines, memo=f"Sale {number}\t—")


def seal_all(app: Tieout) -> int:
    """Seals everything; other tests write on the same server, and what they have not ended holds the horizon back."""
    sealed = 0
    give_up = time.monotonic() + 30
    while True:
        sealed += app.seal()
        if not app.sealed().lag.entries:
            return sealed
        assert time.monotonic() < give_up, app.sealed().lag
        time.sleep(0.01)


@pytest.fixture
def books(app: Tieout) -> Tieout:
    """Twelve entries in four blocks, projections up to date, one event booked."""
    tell(app, "shop", order(), "orders")
    seal_all(app)
    for block in range(BLOCKS - 1):
        app.post([draft(3 * block + n) for n in range(3)], actor=ANNA)
        seal_all(app)
    while app.roll_up():
        pass
    app.reconcile(date(2026, 3, 4))
    return app


@pytest.fixture
def tamper(books: Tieout) -> Iterator[Tamper]:
    """Does something to the database as its owner, past every trigger."""
    with psycopg.connect(books.database.url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")

        def do(statement: str, *values: Any) -> None:
            changed = connection.execute(statement.encode(), values)
            assert changed.rowcount > 0, "the test changed nothing"

        yield do


def wrong(found: Verified) -> list[tuple[str, str]]:
    return [(flaw.where, flaw.what) for flaw in found.flaws]


def entry_of(app: Tieout, number: int) -> int:
    """The number of an entry by that of its sale."""
    with psycopg.connect(app.database.url) as connection:
        ((found,),) = connection.execute("select id from entry where idem_key = %s", (f"sale:{number}",)).fetchall()
    return int(found)


def test_untouched_books_hold(books: Tieout) -> None:
    found = books.verify()
    assert wrong(found) == []
    assert found.holds
    assert (found.entries, found.lines, found.blocks, found.unsealed) == (*books.counts(), BLOCKS, 0)
    assert found.entries == 13
    assert wrong(books.verify(workers=1)) == []


def test_books_without_an_entry_hold(app: Tieout) -> None:
    found = app.verify()
    assert (wrong(found), found.entries, found.blocks) == ([], 0, 0)
    assert app.seal() == 0
    assert app.sealed().head is None


def test_what_is_not_sealed_yet_is_checked_too(books: Tieout, tamper: Tamper) -> None:
    (late,) = books.post([draft(99)], actor=ANNA)
    found = books.verify()
    assert (wrong(found), found.unsealed) == ([], 1)
    tamper("update entry set memo = 'another' where id = %s", int(late.removeprefix("ent_")))
    assert wrong(books.verify()) == [(late, "is not what was posted: its hash is another")]


def test_the_audit_log_has_who_verified(books: Tieout) -> None:
    books.verify(actor=ANNA)
    newest = books.audit(1)[0]
    assert (newest.actor, newest.action, newest.subject, newest.detail) == (
        "anna", "ledger.verified", "13 entries", "holds",
    )  # fmt: skip


EDITS = {
    "memo": "update entry set memo = 'another' where id = %s",
    "days": "with l as (update line set effective_date = '2026-03-04' where entry_id = %s)"
    " update entry set effective_date = '2026-03-04' where idem_key = 'sale:4'",
    "time it occurred": "update entry set occurred_at = occurred_at + interval '1 microsecond' where id = %s",
    "rule": "update entry set rule_version = 2 where id = %s",
    "why": "update entry set why = why || ' ' where id = %s",
    "rate": "update entry set rate = '1.1' where id = %s",
    "key": "update entry set idem_key = 'sale:4444' where id = %s",
    "hash": "update entry set content_hash = sha256('x') where id = %s",
    "amount of both lines": "update line set amount_minor = amount_minor * 2, base_minor = base_minor * 2"
    " where entry_id = %s",
    "swapped account": "update line set account_id = (select id from account where code = '4050')"
    " where entry_id = %s and line_no = 2",
    "party": "update line set party = 'Ana' where entry_id = %s and line_no = 1",
    "item": "update line set item = 'order:x' where entry_id = %s and line_no = 1",
    "dimension": 'update line set dim = \'{"a": "ß 😀\\\\n", "b": "3"}\' where entry_id = %s and line_no = 1',
    "no dimension": "update line set dim = null where entry_id = %s and line_no = 1",
    "currency": "update line set currency = 'USD' where entry_id = %s",
}


@pytest.mark.parametrize("what", EDITS)
def test_an_edited_entry_is_the_first_named(books: Tieout, tamper: Tamper, what: str) -> None:
    number = entry_of(books, 4)
    tamper(EDITS[what], number)
    flaws = wrong(books.verify())
    assert flaws[0] == (f"ent_{number}", "is not what was posted: its hash is another")
    assert {where for where, _ in flaws if where.startswith("ent_")} == {f"ent_{number}"}


HEADERS = {
    "actor": "update entry set actor = 'mallory' where id = %s",
    "time of recording": "update entry set recorded_at = recorded_at - interval '1 day' where id = %s",
    "lateness": "update entry set late = true where id = %s",
    "approval": "update entry set approval_id = 7 where id = %s",
    "unit of work": "update entry set txid = (txid::text::bigint + 1)::text::xid8 where id = %s",
    "link": "insert into entry_link (ledger_id, entry_id, kind, of_entry_id) values (1, %s, 'replaces', 1)",
}


@pytest.mark.parametrize("what", HEADERS)
def test_what_the_content_leaves_out_is_sealed_too(books: Tieout, tamper: Tamper, what: str) -> None:
    number = entry_of(books, 4)
    tamper(HEADERS[what], number)
    first = wrong(books.verify())[0]
    assert first == (f"ent_{number}", "is not what was sealed in block 3")


def test_an_event_changed_to_another(books: Tieout, tamper: Tamper) -> None:
    number = entry_of(books, 4)
    tamper("update entry set event_id = (select min(id) from event) where id = %s", number)
    assert wrong(books.verify())[0] == (f"ent_{number}", "is not what was sealed in block 3")
    tamper("update entry set event_id = 999 where id = %s", number)
    assert wrong(books.verify())[0] == (f"ent_{number}", "comes from an event that is not there")


def test_a_hash_recomputed_to_fit(books: Tieout, tamper: Tamper) -> None:
    """The content and its hash agree with each other again, and not with the seal."""
    number = entry_of(books, 4)
    lines = tuple(msgspec.structs.replace(ln, amount_minor=ln.amount_minor * 2, base_minor=ln.base_minor * 2)
                  for ln in draft(4).lines)  # fmt: skip
    forged = msgspec.structs.replace(draft(4), lines=lines)
    tamper("update line set amount_minor = amount_minor * 2, base_minor = base_minor * 2 where entry_id = %s", number)
    tamper("update entry set content_hash = %s where id = %s", content_hash(forged), number)
    assert wrong(books.verify())[0] == (f"ent_{number}", "is not what was sealed in block 3")


def test_one_line_edited(books: Tieout, tamper: Tamper) -> None:
    number = entry_of(books, 4)
    tamper("update line set amount_minor = amount_minor + 1 where entry_id = %s and line_no = 1", number)
    assert wrong(books.verify())[0] == (f"ent_{number}", "does not balance")


def test_a_line_taken_away_and_one_put_in(books: Tieout, tamper: Tamper) -> None:
    number = entry_of(books, 4)
    tamper("delete from line where entry_id = %s and line_no = 2", number)
    assert wrong(books.verify())[0] == (f"ent_{number}", "does not have the lines it says it has")
    tamper("delete from line where entry_id = %s", number)
    assert wrong(books.verify())[0] == (f"ent_{number}", "has no lines")


def test_lines_without_an_entry(books: Tieout, tamper: Tamper) -> None:
    number = entry_of(books, 4)
    tamper("delete from entry where id = %s", number)
    flaws = wrong(books.verify())
    assert flaws[:2] == [
        (f"ent_{number}", "has lines without an entry they belong to"),
        (f"ent_{number}", "is sealed in block 3, and is not there any more"),
    ]


def test_an_entry_removed_with_its_lines(books: Tieout, tamper: Tamper) -> None:
    number = entry_of(books, 4)
    tamper("delete from line where entry_id = %s", number)
    tamper("delete from entry where id = %s", number)
    assert wrong(books.verify())[0] == (f"ent_{number}", "is sealed in block 3, and is not there any more")


INSERTED = """
with e as (
  insert into entry (ledger_id, effective_date, occurred_at, recorded_at, txid, line_count, idem_key, content_hash,
                     rule_id, rule_version, why, memo, actor)
  select ledger_id, effective_date, occurred_at, recorded_at, txid, line_count, 'sale:forged', %s, rule_id,
         rule_version, why, 'Forged', actor from entry where idem_key = 'sale:4' returning id)
insert into line (ledger_id, entry_id, line_no, account_id, currency, amount_minor, base_minor, effective_date)
select 1, e.id, n, a.id, 'EUR', amount, amount, '2026-03-03'
  from e, (values (1, '1200', 5), (2, '4000', -5)) v (n, code, amount) join account a using (code)
"""


def test_an_entry_inserted_among_the_sealed(books: Tieout, tamper: Tamper) -> None:
    """It is sound in itself: balanced, and with the hash of its content."""
    forged = opening_balance(
        "sale:forged", lines=(Line("1200", "EUR", 5, 5), Line("4000", "EUR", -5, -5)), memo="Forged"
    )
    tamper(INSERTED, content_hash(forged))
    with psycopg.connect(books.database.url) as connection:
        ((number,),) = connection.execute("select id from entry where idem_key = 'sale:forged'").fetchall()
    assert wrong(books.verify())[0] == (f"ent_{number}", "was not there when the entries around it were sealed")


def test_an_entry_of_the_future(books: Tieout, tamper: Tamper) -> None:
    (late,) = books.post([draft(99)], actor=ANNA)
    tamper("update entry set txid = '999999999999' where id = %s", int(late.removeprefix("ent_")))
    assert wrong(books.verify())[0] == (late, "says it was posted by a unit of work that has not begun")


def test_an_entry_reversed_twice(books: Tieout, tamper: Tamper) -> None:
    one, other = entry_of(books, 4), entry_of(books, 5)
    with psycopg.connect(books.database.url, autocommit=True) as connection:
        ((index,),) = connection.execute(
            "select indexrelid::regclass::text from pg_index where indrelid = 'entry'::regclass and indisunique"
            " and pg_get_indexdef(indexrelid) like '%(ledger_id, reverses_id)%'"
        ).fetchall()
        connection.execute(sql.SQL("drop index {}").format(sql.Identifier(index)))
    tamper("update entry set reverses_id = 1 where id in (%s, %s)", one, other)
    assert (f"ent_{one}", "reverses what another has reversed") in wrong(books.verify())


ACCOUNTS = {
    "code": "update account set code = '4001' where code = '4000'",
    "type": "update account set type = 'liability' where code = '4000'",
    "clearing": "update account set clearing = true where code = '4000'",
    "source": "update account set source = 'stripe' where code = '4000'",
}


@pytest.mark.parametrize("what", ACCOUNTS)
def test_an_account_turned_into_another(books: Tieout, tamper: Tamper, what: str) -> None:
    tamper(ACCOUNTS[what])
    flaws = wrong(books.verify())
    code = "4001" if what == "code" else "4000"
    assert flaws[0] == (f"account {code}", "has another code, type, currency or source than in block 1")
    named = [where for where, said in flaws if said == "is not what was posted: its hash is another"]
    assert len(named) == (13 if what == "code" else 0)


def test_an_account_taken_away(books: Tieout, tamper: Tamper) -> None:
    with psycopg.connect(books.database.url) as connection:
        ((number, code),) = connection.execute(
            "select id, code from account a where not exists (select from line l where l.account_id = a.id) limit 1"
        ).fetchall()
    tamper("delete from account where code = %s", code)
    assert wrong(books.verify()) == [(f"account {number}", "is gone")]


def test_a_mended_name_is_no_flaw(books: Tieout, tamper: Tamper) -> None:
    tamper("update account set name = 'Turnover' where code = '4000'")
    assert wrong(books.verify()) == []


def test_a_block_taken_away(books: Tieout, tamper: Tamper) -> None:
    tamper("delete from seal_block where block_no = 3")
    assert wrong(books.verify())[:2] == [
        ("block 3", "its leaves are there, and the block is not"),
        ("block 4", "it follows block 2: what was between is gone"),
    ]
    tamper("delete from seal_page where block_no = 3")
    flaws = wrong(books.verify())
    assert flaws[0] == (f"ent_{entry_of(books, 3)}", "was not there when the entries around it were sealed")
    assert ("block 4", "it follows block 2: what was between is gone") in flaws


NOT_ITS_HASH = "its hash is not that of what it says"
BLOCK_EDITS = {
    "hash": ("update seal_block set block_hash = sha256('x') where block_no = 3", NOT_ITS_HASH),
    "totals": ("update seal_block set debits = '{\"EUR\": \"1\"}' where block_no = 3", NOT_ITS_HASH),
    "time": ("update seal_block set sealed_at = now() where block_no = 3", NOT_ITS_HASH),
    "leaves": (
        "update seal_page set leaves = overlay(leaves placing sha256('x') from 1) where block_no = 3",
        "its leaves are not those that were sealed",
    ),
    "pages": ("delete from seal_page where block_no = 3", "its leaves are not there"),
    "accounts": ("update seal_account set block_no = 3", "the accounts sealed with it are not those it was made with"),
}  # fmt: skip


@pytest.mark.parametrize("what", BLOCK_EDITS)
def test_an_edited_block(books: Tieout, tamper: Tamper, what: str) -> None:
    statement, said = BLOCK_EDITS[what]
    tamper(statement)
    assert ("block 3", said) in wrong(books.verify())


@pytest.fixture
def anchored(books: Tieout, tmp_path: Path) -> Path:
    """A file outside with the head of the chain as it is now."""
    safe = tmp_path / "safe"
    safe.mkdir()
    settings = msgspec.structs.replace(books.settings, anchors=(f"file:{safe}",))
    books.settings = settings
    (answer,) = books.anchor().values()
    assert str(safe) in answer
    (path,) = safe.iterdir()
    return path


def test_an_anchor_is_a_line_of_json_and_written_once(books: Tieout, anchored: Path) -> None:
    assert books.anchor() == {}
    kept = json.loads(anchored.read_text("utf-8"), parse_float=str)
    head = books.sealed().head
    assert head is not None
    assert kept == {
        "ledger": "lindenhof-gmbh", "block": BLOCKS, "hash": head.hash, "entries": 13, "lines": books.counts()[1],
        "debits": {"EUR": head.debits["EUR"]}, "sealed": kept["sealed"], "tieout_anchor": 1,
    }  # fmt: skip
    found = books.verify()
    assert (wrong(found), found.anchors) == ([], 1)
    assert wrong(books.verify([anchored])) == []


def cut_the_tail(tamper: Tamper) -> None:
    """Removes the newest block with its entries and everything that was derived from them."""
    ids = "(select id from entry where idem_key = any(array['sale:9', 'sale:10', 'sale:11']))"
    for statement in ("delete from open_item where entry_id in ", "delete from line where entry_id in "):
        tamper(statement + ids)
    tamper("delete from entry where id in " + ids)  # noqa: S608 -- of our own making
    tamper("delete from seal_page where block_no = 5")
    tamper("delete from seal_block where block_no = 5")


def test_a_removed_tail_is_found_by_the_anchor(books: Tieout, anchored: Path, tamper: Tamper) -> None:
    cut_the_tail(tamper)
    tamper("delete from day_delta")
    tamper("delete from month_delta")
    tamper("update roll_up_cursor set upto = '1:1:'")
    while books.roll_up():
        pass
    said = (f"block {BLOCKS}", f"{anchored} has it, and the chain ends with block 4")
    assert wrong(books.verify([anchored])) == [said]
    anchored.unlink()
    assert wrong(books.verify()) == [], "without an anchor nothing shows"


def test_a_removed_tail_shows_in_projections_that_were_left(books: Tieout, tamper: Tamper) -> None:
    cut_the_tail(tamper)
    assert ("account 4000", "2026-03-03: the lines come to −139.36 EUR, the day says −169.66 EUR") in wrong(
        books.verify()
    )


def test_a_chain_made_anew_is_found_by_the_anchor(books: Tieout, anchored: Path, tamper: Tamper) -> None:
    """Everything is consistent: the entry, its hash, projections, blocks. Only the anchor knows better."""
    number = entry_of(books, 4)
    forged = msgspec.structs.replace(draft(4), memo="Forged")
    tamper("update entry set memo = 'Forged', content_hash = %s where id = %s", content_hash(forged), number)
    for statement in ("delete from seal_page", "delete from seal_account", "delete from seal_block"):
        tamper(statement)
    assert seal_all(books) == 13
    assert wrong(books.verify([anchored])) == [
        (f"block {BLOCKS}", f"{anchored} has it, and the chain ends with block 1")
    ]
    for number in range(100, 104):
        books.post([draft(number)], actor=ANNA)
        seal_all(books)
    (flaw,) = wrong(books.verify([anchored]))
    assert flaw == (f"block {BLOCKS}", f"{anchored} has another block of this number: the chain was made anew")


INVENTED = """
insert into day_delta select ledger_id, facet, value, account_id, currency, layer, date '2020-01-01', recorded_on,
  debit_minor, credit_minor, base_debit_minor, base_credit_minor, n
  from day_delta where facet = '' and account_id = %s
"""
PROJECTIONS = {
    "day": ("update day_delta set debit_minor = debit_minor + 1 where facet = '' and account_id = %s", "account 1200"),
    "day of a party": ("update day_delta set n = n + 1 where facet = 'party' and account_id = %s", "account 1200"),
    "a day removed": ("delete from day_delta where facet = '' and account_id = %s", "account 1200"),
    "a day invented": (INVENTED, "account 1200"),
}


@pytest.mark.parametrize("what", PROJECTIONS)
def test_a_rewritten_day(books: Tieout, tamper: Tamper, what: str) -> None:
    statement, where = PROJECTIONS[what]
    with psycopg.connect(books.database.url) as connection:
        ((account,),) = connection.execute("select id from account where code = '1200'").fetchall()
    tamper(statement, account)
    flaws = books.verify().flaws
    assert {flaw.where for flaw in flaws} == {where}
    assert "the day says" in flaws[0].what


def test_a_rewritten_checkpoint(books: Tieout, tamper: Tamper) -> None:
    books.set_period(date(2026, 2, 1), date(2026, 3, 31), PeriodState.SOFT, actor=ANNA)
    books.roll_up()
    assert wrong(books.verify()) == []
    tamper("update period_balance set debit_minor = debit_minor + 100 where debit_minor > 0")
    (flaw, *_) = books.verify().flaws
    assert flaw.what.startswith("at the end of 2026-03-31 its days come to ")


def test_a_rewritten_month(books: Tieout, tamper: Tamper) -> None:
    with psycopg.connect(books.database.url) as connection:
        ((months,),) = connection.execute("select count(*) from month_delta").fetchall()
    tamper("update month_delta set debit_minor = debit_minor + 100, credit_minor = credit_minor + 100")
    flaws = books.verify().flaws
    assert len(flaws) == months > 0
    assert all(re.fullmatch(r"the days of \d{4}-\d\d come to \S+ EUR, the month says \S+ EUR", f.what) for f in flaws)
    tamper("delete from month_delta")
    assert {flaw.what[-7:] for flaw in books.verify().flaws} == {"nothing"}


ITEMS = {
    "worth": ("update open_item set base_minor = base_minor + 1 where item = 'order:4'", "its lines make another"),
    "amount": ("update open_item set amount_minor = amount_minor + 1 where item = 'order:4'", "its lines make another"),
    "day": ("update open_item set effective_date = '2026-01-01' where item = 'order:4'", "its lines make another"),
    "event": ("update open_item set event_id = 77 where item = 'order:4'", "its lines make another"),
    "gone": ("delete from open_item where item = 'order:4'", "it is not there"),
    "tied": (
        "update open_item set tied_minor = amount_minor where item = 'order:4'",
        "its matches allocate another amount than it says is tied",
    ),
}


@pytest.mark.parametrize("what", ITEMS)
def test_a_rewritten_open_item(books: Tieout, tamper: Tamper, what: str) -> None:
    statement, why = ITEMS[what]
    tamper(statement)
    number = entry_of(books, 4)
    assert wrong(books.verify()) == [(f"ent_{number}", f"its open item “order:4” on 1200: {why}")]


INVENTED_ITEM = """
insert into open_item (ledger_id, entry_id, account_id, currency, item, amount_minor, effective_date, base_minor)
select ledger_id, entry_id, account_id, currency, 'order:x', 5, effective_date, 5 from open_item where entry_id = %s
"""


def test_an_open_item_invented(books: Tieout, tamper: Tamper) -> None:
    number = entry_of(books, 4)
    tamper(INVENTED_ITEM, number)
    assert wrong(books.verify()) == [(f"ent_{number}", "its open item “order:x” on 1200: no lines make it")]


def test_a_rewritten_guard(books: Tieout, tamper: Tamper) -> None:
    """With it somebody might be paid what they are not owed."""
    books.guard_account("4000", actor=ANNA)
    assert wrong(books.verify()) == []
    tamper("update guard_balance set balance_minor = balance_minor - 100000")
    (flaw,) = wrong(books.verify())
    assert flaw[0] == "account 4000"
    assert re.fullmatch(r"its guard goes by −1,1\d\d\.\d\d EUR, the lines come to −1\d\d\.\d\d EUR", flaw[1]), flaw
    tamper("delete from guard_balance")
    assert [where for where, _ in wrong(books.verify())] == ["account 4000"]


def test_an_event_whose_entry_is_gone(books: Tieout, tamper: Tamper) -> None:
    tamper("update entry set idem_key = 'x' where idem_key like 'shop:order:%%placed'")
    assert ("evt_1", "is booked, and its entry is not there") in wrong(books.verify())


def test_guards_that_were_taken_away(books: Tieout) -> None:
    with psycopg.connect(books.database.url, autocommit=True) as connection:
        connection.execute("alter table line disable trigger line_is_kept")
        connection.execute("drop trigger seal_is_kept on seal_block")
    assert wrong(books.verify()) == [
        ("line", "has its trigger line_is_kept switched off"),
        ("line", "would take a change: its guard is gone"),
        ("seal_block", "would take a change: its guard is gone"),
    ]


def close_for_good(app: Tieout) -> None:
    """Closes March for good, with a certificate."""
    with app._books() as (connection, context):
        first, last = date(2026, 3, 1), date(2026, 3, 31)
        period.set_period(connection, context.id, first, last, PeriodState.HARD, "anna")
        (closed,) = period.periods(connection, context.id)
        certificate.certify(connection, context.id, closed)


def test_a_certificate_of_close_holds_and_comes_into_the_chain(books: Tieout, tamper: Tamper) -> None:
    close_for_good(books)
    books.post([msgspec.structs.replace(draft(50), effective_date=date(2026, 4, 1))], actor=ANNA)
    seal_all(books)
    found = books.verify()
    assert (wrong(found), found.certificates) == ([], 1)
    tamper("update close_certificate set entries = entries - 1")
    assert wrong(books.verify())[0] == (
        "period 2026-03-01 to 2026-03-31", "its certificate of close is not the one that was written",
    )  # fmt: skip
    tamper("delete from close_certificate")
    assert wrong(books.verify())[0] == (
        "period 2026-03-01 to 2026-03-31", "its certificate of close is sealed, and is not there any more",
    )  # fmt: skip
    tamper("delete from seal_certificate")
    assert ("block 6", "its hash is not that of what it says") in wrong(books.verify())


def test_what_comes_into_a_closed_period_is_found(books: Tieout, tamper: Tamper) -> None:
    close_for_good(books)
    forged = opening_balance(
        "sale:forged", lines=(Line("1200", "EUR", 5, 5), Line("4000", "EUR", -5, -5)), memo="Forged"
    )
    tamper(INSERTED, content_hash(forged))
    said = [flaw for flaw in wrong(books.verify()) if flaw[0].startswith("period")]
    assert said == [
        (
            "period 2026-03-01 to 2026-03-31",
            "it had 13 entries when it was closed and has 14, or other amounts on 1200 in EUR",
        )
    ]


def test_a_period_opened_behind_the_ledgers_back(books: Tieout, tamper: Tamper) -> None:
    close_for_good(books)
    tamper("update period set state = 'open'")
    assert wrong(books.verify()) == [("period 2026-03-01 to 2026-03-31", "was closed for good, and is not any more")]


def test_an_inclusion_can_be_checked_without_us(books: Tieout) -> None:
    number = entry_of(books, 4)
    proof = books.inclusion(f"ent_{number}")
    assert proof.block == 3
    leaf = leaf_hash(proof.leaf.encode())
    assert climb(leaf, [(side, bytes.fromhex(beside)) for side, beside in proof.path]).hex() == proof.root
    assert json.loads(proof.leaf, parse_float=str)[2] == number
    assert json.loads(proof.leaf, parse_float=str)[4] == content_hash(draft(4)).hex()
    (late,) = books.post([draft(99)], actor=ANNA)
    for unknown in (late, "ent_999999", "evt_1"):
        with pytest.raises(NotFound):
            books.inclusion(unknown)


def test_an_entry_without_lines_is_not_sealed(books: Tieout, tamper: Tamper) -> None:
    (late,) = books.post([draft(99)], actor=ANNA)
    tamper("delete from line where entry_id = %s", int(late.removeprefix("ent_")))
    with pytest.raises(SealRefused, match=f"{late} does not have the lines it says it has") as refused:
        seal_all(books)
    assert refused.value.where == late
    assert len(books.seals()) == BLOCKS


def test_sealing_ends_although_others_go_on_posting(books: Tieout, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes while it seals is for the next time; or it would never come to its anchors."""
    made, one_block = 0, seal.seal

    def sealing(*given: Any) -> Block | None:
        nonlocal made
        made += 1
        assert made < 10, "it goes on for ever"
        block = one_block(*given)
        books.post([draft(100 + made)], actor=ANNA)
        return block

    books.post([draft(99)], actor=ANNA)
    monkeypatch.setattr(seal, "seal", sealing)
    assert books.seal() in (0, 1), "none if others of this server hold the horizon back"
    assert made == 1


def test_sealing_goes_on_where_a_block_ends_with_a_unit_of_work(
    books: Tieout, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """A block of at most four ends after three that came together; the rest is sealed in the same call."""
    for first in (100, 110, 120):
        books.post([draft(first + number) for number in range(3)], actor=ANNA)
    monkeypatch.setattr(seal, "seal", partial(seal.seal, limit=4))
    give_up = time.monotonic() + 30
    while not (sealed := books.seal()):  # other tests write on the same server
        assert time.monotonic() < give_up
    assert sealed in (3, 6, 9)
    assert sum(block.n for block in books.seals()[:3] if block.block_no > BLOCKS) == sealed
    assert books.sealed().lag.entries == 9 - sealed


def test_the_chore_seals_no_more_often_than_told(books: Tieout) -> None:
    books.post([draft(99)], actor=ANNA)
    assert books.seal_due() == 0, "the last block is not ten seconds old"
    books.settings = msgspec.structs.replace(books.settings, seal_seconds=0)
    give_up = time.monotonic() + 30
    while books.seal_due() != 1:  # other tests write on the same server
        assert time.monotonic() < give_up
    assert [block.n for block in books.seals(2)] == [1, 3]


def test_anchors_are_due_once_in_a_while_and_failed_ones_at_once(books: Tieout, anchored: Path) -> None:
    books.settings = msgspec.structs.replace(
        books.settings, seal_seconds=0, anchors=(*books.settings.anchors, "file:/nowhere/at/all")
    )
    books.post([draft(99)], actor=ANNA)
    seal_all(books)
    books.seal_due()
    assert len(anchored.read_text("utf-8").splitlines()) == 1, "it was written within the hour"
    assert set(books.sealed().anchors) == {f"file:{anchored.parent}"}
    answers = books.anchor()
    assert answers["file:/nowhere/at/all"].startswith("FAILED file:/nowhere/at/all: ")
    assert len(anchored.read_text("utf-8").splitlines()) == 2
    assert books.sealed().anchors[f"file:{anchored.parent}"][0] == BLOCKS + 1


def test_an_anchor_of_other_books_is_refused(books: Tieout, anchored: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text(anchored.read_text("utf-8").replace("lindenhof-gmbh", "somebody-else"), "utf-8")
    with pytest.raises(BadInput, match="has no anchor of lindenhof-gmbh"):
        books.verify([other])


def test_a_long_writer_elsewhere_holds_seals_back_and_is_named(books: Tieout) -> None:
    with psycopg.connect(books.database.url, application_name="old erp") as writer:
        writer.execute("select pg_current_xact_id()")
        books.post([draft(99)], actor=ANNA)
        assert books.seal() == 0
        named = f"process {writer.info.backend_pid} (old erp) in database {writer.info.dbname}"
        give_up = time.monotonic() + 30
        while books.sealed().lag.writer != named:  # other tests write on the same server
            assert time.monotonic() < give_up
            time.sleep(0.01)
        state = books.sealed()
        assert state.lag.entries == 1
        assert state.lag.since is not None
        found = books.verify()
        assert (wrong(found), found.unsealed) == ([], 1)
    assert seal_all(books) == 1
    assert books.sealed().lag.entries == 0


def test_posting_sealing_and_verifying_at_once(books: Tieout) -> None:
    """Four posters, a sealer and a verifier: the verifier never finds anything, and in the end all is sealed once."""
    books.settings = msgspec.structs.replace(books.settings, seal_seconds=0)
    stop = threading.Event()
    found: list[tuple[str, str]] = []

    def verify() -> None:
        while not stop.is_set():
            seal_all(books)
            found.extend(wrong(books.verify(workers=1)))

    def post(poster: int) -> None:
        for number in range(10):
            books.post([draft(1000 + 100 * poster + number)], actor=ANNA)

    judge = threading.Thread(target=verify)
    posters = [threading.Thread(target=post, args=(n,)) for n in range(2)]
    judge.start()
    for poster in posters:
        poster.start()
    for poster in posters:
        poster.join()
    stop.set()
    judge.join()
    seal_all(books)
    last = books.verify()
    assert (found, wrong(last), last.unsealed, last.entries) == ([], [], 0, 33)
    head = books.sealed().head
    assert head is not None
    assert head.entries == 33


def test_the_doctor_sees_seals_that_fall_behind(books: Tieout, anchored: Path) -> None:
    def said() -> dict[str, tuple[bool, str]]:
        return {f.what: (f.ok, f.detail) for f in books.doctor() if f.what in ("seals", "anchor")}

    assert said()["seals"][0] is True
    assert said()["seals"][1].startswith("block 5 of ")
    assert said()["anchor"][1].startswith(f"block 5 at file:{anchored.parent}, ")
    books.settings = msgspec.structs.replace(books.settings, seal_seconds=0, anchor_minutes=0)
    books.post([draft(99)], actor=ANNA)
    (behind,) = (f for f in books.doctor() if f.what == "seals")
    assert (behind.ok, ", 1 entries wait since " in behind.detail, behind.remedy != "") == (False, True, True)
    seal_all(books)
    assert (said()["seals"][0], said()["anchor"][0]) == (True, False)
    books.anchor()
    assert said()["anchor"][0] is True


def test_an_entry_says_where_it_is_sealed(books: Tieout) -> None:
    assert "Sealed in block 3." in books.explain(f"ent_{entry_of(books, 4)}").sentences
    (late,) = books.post([draft(99)], actor=ANNA)
    assert [s for s in books.explain(late).sentences if s.startswith("Sealed")] == []


def test_the_face_has_it() -> None:
    assert issubclass(Tieout, Sealing)


def restored(app: Tieout, first: Block, by: int) -> None:
    """Makes the books look like a dump restored elsewhere: units of work so far have numbers of another server."""
    with psycopg.connect(app.database.url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("update entry set txid = (txid::text::bigint + %s)::text::xid8", (by,))
        for table in ("seal_page", "seal_account", "seal_block"):
            connection.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
    with app._books() as (connection, context):
        stretch = seal.Stretch((0, 0), (first.to_xid + by, 0))
        assert seal._put(connection, context.id, None, stretch, "another server", first.to_xid + by) is not None


def test_books_restored_elsewhere_go_on(app: Tieout) -> None:
    """Units of work have low numbers again: nothing is passed over, and nothing is sealed twice."""
    app.post([draft(n) for n in range(3)], actor=ANNA)
    app.post([draft(n) for n in range(3, 5)], actor=ANNA)
    first, give_up = None, time.monotonic() + 30
    while first is None and time.monotonic() < give_up:  # what others of this server have not ended holds seals back
        with app._books() as (connection, context):
            ((horizon,),) = connection.execute("select max(txid)::text::bigint from entry").fetchall()
            first = seal.seal(connection, context.id, horizon=horizon)
    assert first is not None
    assert first.n == 3, "the second call is not sealed yet when the dump is made"
    restored(app, first, 10**12)
    app.post([draft(10)], actor=ANNA)
    seal_all(app)
    app.post([draft(11)], actor=ANNA)
    app.post([draft(12)], actor=ANNA)
    seal_all(app)
    blocks = app.seals()[::-1]
    assert [block.n for block in blocks] == [3, 3, 2]
    assert [block.upto_id is not None for block in blocks] == [False, True, False]
    found = app.verify()
    assert (wrong(found), found.unsealed, found.entries) == ([], 0, 8)
    assert app.inclusion(f"ent_{entry_of(app, 4)}").block == 2
    assert app.inclusion(f"ent_{entry_of(app, 12)}").block == 3


def test_a_dump_restored_and_not_sealed_since_says_so(books: Tieout, tamper: Tamper) -> None:
    with psycopg.connect(books.database.url) as connection:
        ((server,),) = connection.execute("select system_identifier::text from pg_control_system()").fetchall()
    assert books.seals(1)[0].cluster == server
    books.post([draft(99)], actor=ANNA)
    tamper("update seal_block set cluster = '1' where block_no = 5")
    assert wrong(books.verify())[0] == (
        "seals", "these books were restored from a dump; run `tieout seal`, then verify",
    )  # fmt: skip
