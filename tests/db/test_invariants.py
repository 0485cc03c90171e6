"""What the database itself refuses, whoever asks: raw SQL by a superuser, one violation at a time.

These are the tests against the thief: they go round the program and write to the tables.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import errors, sql

from tests.ledger.books import DAY, open_books
from tieout.db.pool import Connection

Row = tuple[str, str, int, int]  # account, currency, amount, base
SALE: tuple[Row, ...] = (("1200", "EUR", 1000, 1000), ("4000", "EUR", -900, -900), ("2100", "EUR", -100, -100))
BIG = 2**62

INSERT = """
with e as (
  insert into entry (ledger_id, effective_date, occurred_at, line_count, idem_key, content_hash, rule_id, rule_version,
                     why, memo, actor, reverses_id)
  values (1, %(header_day)s, now(), %(count)s, %(key)s, sha256('x'), 'raw', 1, 'raw', 'raw', 'thief', %(reverses)s)
  returning id),
l as (
  insert into line (ledger_id, entry_id, line_no, account_id, currency, amount_minor, base_minor, effective_date, layer)
  select 1, e.id, n, coalesce((select id from account a where a.code = t.code and a.ledger_id = 1), 9999),
         t.currency, t.amount, t.base, %(day)s, t.layer
    from e, unnest(%(codes)s::text[], %(currencies)s::text[], %(amounts)s::bigint[], %(bases)s::bigint[],
                   %(layers)s::smallint[], %(numbers)s::smallint[]) as t(code, currency, amount, base, layer, n))
select id from e
"""


@pytest.fixture(scope="module")
def url(fresh_database: Callable[..., str]) -> str:
    """A database with one ledger in euro; its tables are written to by hand."""
    found = fresh_database()
    with psycopg.connect(found) as connection:
        open_books(connection)
    return found


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """The superuser's connection; what a test writes is rolled back."""
    with psycopg.connect(url, options="-c timezone=UTC") as found:
        yield found
        found.rollback()


def insert(
    connection: Connection,
    lines: Sequence[Row] = SALE,
    *,
    count: int | None = None,
    day: date = DAY,
    header_day: date | None = None,
    layers: Sequence[int] | None = None,
    numbers: Sequence[int] | None = None,
    key: str = "raw",
    reverses: int | None = None,
) -> int:
    """Inserts a header and its lines in one statement; gives the entry's number."""
    columns = {
        "count": len(lines) if count is None else count,
        "day": day,
        "header_day": header_day or day,
        "codes": [r[0] for r in lines],
        "currencies": [r[1] for r in lines],
        "amounts": [r[2] for r in lines],
        "bases": [r[3] for r in lines],
        "layers": list(layers or [0] * len(lines)),
        "numbers": list(numbers or range(1, len(lines) + 1)),
        "key": key,
        "reverses": reverses,
    }
    row = connection.execute(INSERT, columns).fetchone()
    assert row is not None
    return int(row[0])


def count(connection: Connection, table: str) -> int:
    row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table))).fetchone()
    assert row is not None
    return int(row[0])


def test_a_good_entry_is_taken(connection: Connection) -> None:
    insert(connection)
    insert(connection, (("1200", "USD", 1000, 900), ("4000", "USD", -1000, -900)), key="foreign")
    insert(connection, (("1200", "USD", 0, 5), ("5920", "USD", 0, -5)), key="revaluation")
    insert(connection, (*SALE, *SALE), layers=[0, 0, 0, 1, 1, 1], key="two layers")
    assert (count(connection, "entry"), count(connection, "line")) == (4, 13)


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("unbalanced", {"lines": (*SALE[:2], ("2100", "EUR", -99, -99))}, "entry_balances"),
    (
        "two currencies that would make up for each other",
        {"lines": (("1200", "EUR", 1000, 1000), ("4000", "USD", -1000, -1000))},
        "entry_balances",
    ),
    ("balanced only over two layers", {"lines": SALE, "layers": [0, 0, 1]}, "entry_balances"),
    (
        "balanced, but not in base currency",
        {"lines": (("1200", "USD", 1000, 900), ("4000", "USD", -1000, -899))},
        "entry_balances_in_base",
    ),
    (
        "base balanced only over two layers",
        {
            "lines": (
                ("1200", "USD", 5, 4), ("4000", "USD", -5, -3), ("1200", "USD", 5, 3), ("4000", "USD", -5, -4),
            ),
            "layers": [0, 0, 1, 1],
        },
        "entry_balances_in_base",
    ),
    (
        "euro worth other euro",
        {"lines": (("1200", "EUR", 1000, 1), ("4000", "EUR", -1000, -1))},
        "base_is_amount",
    ),
    ("more lines than the header says", {"count": 2}, "entry_is_complete"),
    ("fewer lines than the header says", {"count": 4}, "entry_is_complete"),
    ("a gap in the numbers, for a line to come", {"numbers": [1, 2, 4]}, "entry_is_complete"),
    ("one line", {"lines": (("1200", "USD", 0, 0),), "count": 1}, "entry_line_count_check"),
    ("a header without lines", {"lines": (), "count": 2}, "entry_is_complete"),
    ("a line of nothing", {"lines": (*SALE, ("5030", "EUR", 0, 0))}, "line_check"),
    ("line number zero", {"numbers": [0, 1, 2]}, "line_line_no_check"),
    ("an account that is not there", {"lines": (("1200", "EUR", 5, 5), ("6666", "EUR", -5, -5))}, "account_takes_line"),
    ("a closed account", {"lines": (("1200", "EUR", 5, 5), ("5910", "EUR", -5, -5))}, "account_takes_line"),
    ("an account not open yet", {"lines": (("1200", "EUR", 5, 5), ("5900", "EUR", -5, -5))}, "account_takes_line"),
    ("a dollar account", {"lines": (("1200", "EUR", 5, 5), ("1100.usd", "EUR", -5, -5))}, "account_takes_line"),
    ("another date than the header", {"header_day": DAY + timedelta(days=1)}, "line_has_its_entrys_date"),
    ("a closed day", {"day": date(2025, 12, 31)}, "period_is_open"),
    ("a softly closed day", {"day": date(2025, 11, 1)}, "period_is_open"),
    ("a day that is none", {"day": "infinity"}, "entry_check"),
    ("a reversal of what is not there", {"reverses": -5}, "reversal_is_exact"),
    (
        "debits that fit one by one and not together",
        {"lines": (("1200", "EUR", BIG, BIG),) * 2 + (("4000", "EUR", -BIG, -BIG),) * 2},
        "entry_balances",
    ),
    (
        "the same in base currency",
        {"lines": (("1200", "USD", 1, BIG),) * 2 + (("4000", "USD", -1, -BIG),) * 2},
        "entry_balances_in_base",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "constraint"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_an_entry_is_refused(connection: Connection, arguments: dict[str, Any], constraint: str) -> None:
    connection.execute("update account set closed_on = '2026-01-01' where code = '5910'")
    connection.execute("update account set closed_on = null, opened_on = '2026-02-01' where code = '5900'")
    connection.execute(
        "insert into account (ledger_id, id, code, name, type, role, currency)"
        " values (1, 500, '1100.usd', 'Dollars', 'asset', 'bank', 'USD')"
    )
    connection.execute(
        "insert into period (ledger_id, first_day, last_day, state)"
        " values (1, '2025-12-01', '2025-12-31', 'hard'), (1, '2025-11-01', '2025-11-30', 'soft')"
    )
    with pytest.raises(errors.CheckViolation) as refused, connection.transaction():
        insert(connection, **arguments)
    assert refused.value.diag.constraint_name == constraint
    assert (count(connection, "entry"), count(connection, "line")) == (0, 0)


def test_the_smallest_number_of_64_bits_is_refused_for_its_absolute_value_is_none(connection: Connection) -> None:
    lowest = -(2**63)
    with pytest.raises(errors.CheckViolation):
        insert(connection, (("1200", "USD", lowest, 0), ("4000", "USD", 2**63 - 1, 0), ("4000", "USD", 1, 0)))


def test_a_bad_entry_takes_the_good_ones_of_its_statement_with_it(connection: Connection) -> None:
    """Set-based: one entry off by one cent among two hundred refuses the statement and is named."""
    lines = [
        (n, no, account, amount) for n in range(200) for no, account, amount in ((1, "1200", 500), (2, "4000", -500))
    ]
    lines[333] = (166, 2, "4000", -499)
    statement = """
    with e as (
      insert into entry (ledger_id, effective_date, occurred_at, line_count, idem_key, content_hash, rule_id,
                         rule_version, why, memo, actor)
      select 1, %(day)s, now(), 2, 'k' || n, sha256('x'), 'raw', 1, 'raw', 'raw', 'x' from generate_series(0, 199) n
      returning id, idem_key),
    l as (
      insert into line (ledger_id, entry_id, line_no, account_id, currency, amount_minor, base_minor, effective_date)
      select 1, e.id, t.no, a.id, 'EUR', t.amount, t.amount, %(day)s
        from unnest(%(ns)s::int[], %(nos)s::int[], %(codes)s::text[], %(amounts)s::bigint[]) as t(n, no, code, amount)
        join e on e.idem_key = 'k' || t.n join account a on a.ledger_id = 1 and a.code = t.code)
    select id from e where idem_key = 'k166'
    """
    columns = {
        "day": DAY,
        "ns": [r[0] for r in lines],
        "nos": [r[1] for r in lines],
        "codes": [r[2] for r in lines],
        "amounts": [r[3] for r in lines],
    }
    with (
        pytest.raises(errors.CheckViolation, match=r"entry \d+ is out of balance by 1 EUR minor units"),
        connection.transaction(),
    ):
        connection.execute(statement, columns)
    assert count(connection, "entry") == 0


NEW_LINE: LiteralString = (
    "insert into line (ledger_id, entry_id, line_no, account_id, currency, amount_minor, base_minor, effective_date)"
)
APPENDED: dict[str, tuple[LiteralString, str]] = {
    "one line": (
        (
            " select 1, entry_id, 4, account_id, currency, amount_minor, base_minor, effective_date from line"
            " where entry_id = %s and line_no = 1"
        ),
        "entry_balances",
    ),
    "a balanced pair": (
        (
            " select 1, entry_id, 4 + n, account_id, 'EUR', 5 - 10 * n, 5 - 10 * n, effective_date"
            " from line, generate_series(0, 1) n where entry_id = %s and line_no = 1"
        ),
        "entry_is_complete",
    ),
    "all of it again": (
        (
            " select 1, entry_id, line_no + 3, account_id, currency, amount_minor, base_minor, effective_date from line"
            " where entry_id = %s"
        ),
        "entry_is_complete",
    ),
    "all of it, same numbers": (
        (
            " select 1, entry_id, line_no, account_id, currency, amount_minor, base_minor, effective_date from line"
            " where entry_id = %s"
        ),
        "line_pkey",
    ),
}


@pytest.mark.parametrize(("select", "constraint"), APPENDED.values(), ids=APPENDED)
def test_nothing_is_appended_to_a_complete_entry(
    connection: Connection, select: LiteralString, constraint: str
) -> None:
    entry = insert(connection)
    with pytest.raises(psycopg.IntegrityError) as refused, connection.transaction():
        connection.execute(NEW_LINE + select, [entry])
    assert refused.value.diag.constraint_name == constraint
    assert count(connection, "line") == 3


def test_a_line_without_a_header_is_refused(connection: Connection) -> None:
    two = "(1, 777, 1, 1, 'EUR', 5, 5, now()), (1, 777, 2, 1, 'EUR', -5, -5, now())"
    with pytest.raises(errors.CheckViolation, match="entry 777 gets 2 lines and says it has no header") as refused:
        connection.execute(f"{NEW_LINE} values {two}")
    assert refused.value.diag.constraint_name == "entry_is_complete"


def test_a_header_is_refused_even_if_its_lines_are_promised_for_the_next_statement(connection: Connection) -> None:
    with pytest.raises(errors.CheckViolation, match="insert both in one statement"):
        connection.execute(
            "insert into entry (ledger_id, effective_date, occurred_at, line_count, idem_key, content_hash, rule_id,"
            " rule_version, why, memo, actor) values (1, now(), now(), 2, 'k', sha256('x'), 'r', 1, 'w', 'm', 'a')"
        )


BACK: tuple[Row, ...] = tuple((account, currency, -amount, -base) for account, currency, amount, base in SALE)


def test_an_entry_is_reversed_once(connection: Connection) -> None:
    first = insert(connection)
    insert(connection, BACK, key="reversal", reverses=first)
    with pytest.raises(errors.UniqueViolation) as refused:
        insert(connection, BACK, key="again", reverses=first)
    assert refused.value.diag.constraint_name == "entry_ledger_id_reverses_id_key"


@pytest.mark.parametrize(
    "lines",
    [
        SALE,
        (("1200", "EUR", -999, -999), ("4000", "EUR", 899, 899), ("2100", "EUR", 100, 100)),
        (("1490", "EUR", -1000, -1000), ("4000", "EUR", 900, 900), ("2100", "EUR", 100, 100)),
        (*BACK, ("1200", "USD", 5, 4), ("4000", "USD", -5, -4)),
    ],
    ids=["once more", "in part", "from another account", "and something else"],
)
def test_a_reversal_takes_back_exactly_what_was_booked(connection: Connection, lines: Sequence[Row]) -> None:
    first = insert(connection)
    with pytest.raises(errors.CheckViolation) as refused:
        insert(connection, lines, key="reversal", reverses=first)
    assert refused.value.diag.constraint_name == "reversal_is_exact"


@pytest.mark.parametrize(
    "change",
    [
        "txid = '1'",
        "txid = '9000000000000000000'",
        "recorded_at = '2026-01-15'",
        "recorded_at = 'infinity'",
    ],
)
def test_an_entry_is_recorded_now(connection: Connection, change: str) -> None:
    """Projections and seals follow transactions: an entry that says it is of an earlier one would never be seen."""
    column, _, value = change.partition(" = ")
    statement = INSERT.replace("reverses_id)", f"reverses_id, {column})").replace(
        "%(reverses)s)", f"%(reverses)s, {value})"
    )
    columns = {
        "count": 2, "day": DAY, "header_day": DAY, "codes": ["1200", "4000"], "currencies": ["EUR", "EUR"],
        "amounts": [5, -5], "bases": [5, -5], "layers": [0, 0], "numbers": [1, 2], "key": "k", "reverses": None,
    }  # fmt: skip
    with pytest.raises(errors.CheckViolation) as refused:
        connection.execute(statement.encode(), columns)
    assert refused.value.diag.constraint_name == "recorded_now"


def test_a_key_is_posted_once(connection: Connection) -> None:
    insert(connection)
    with pytest.raises(errors.UniqueViolation) as refused:
        insert(connection)
    assert refused.value.diag.constraint_name == "entry_ledger_id_idem_key_key"


APPEND_ONLY = (
    "entry", "line", "entry_link", "period_allowance", "seal_block", "seal_page", "seal_account",
    "seal_certificate", "seal_anchor", "close_certificate", "delivery", "delivery_key", "event", "event_reference",
    "event_telling", "delivery_note", "recon_run", "match", "allocation", "case_history", "audit_log", "fx_rate",
    "ownership", "fee_rules", "split_row", "payout_policy", "payout_run", "payout_decision",
    "payout_history", "payout_approval", "payment_file", "payment_file_export", "payout_attempt", "payout_answer",
    "match_confirmation", "matching_rules", "matching_approval", "refused_pair",
    "reconciliation", "reconciliation_signature", "seller_version", "seller_account", "seller_account_verdict",
    "seller_hold", "seller_hold_release", "settlement_policy", "sale_fact", "seller_act", "seller_act_verdict",
)  # fmt: skip
#: What may change, with the reason; everything else is append-only or only partly mutable (see below).
MUTABLE = {
    "schema_version": "grows with each migration",
    "work_item": "the queue: claimed, put off, done",
    "event_state": "where an event stands",
    "day_delta": "projection",
    "roll_up_cursor": "how far the days have come",
    "balance_checkpoint": "projection",
    "guard_balance": "projection",
    "guard_limit": "a limit is what was decided last; the audit log has the decisions",
    "realised_cursor": "how far exchange differences have been booked",
    "account_class": "headings of the chart",
    "period_balance": "projection",
    "month_delta": "projection",
    "item_cursor": "how far the open items have come",
    "open_item": "projection",
    "named_item": "projection, replaced by every run",
    "item_clue": "projection",
    "dirty_item": "the queue of what the next run looks at",
    "dirty_event": "the queue of what the next run looks at",
    "payable_line": "projection",
    "payable_cursor": "how far what can be paid has come",
    "payout_part": "the queue of a payout run",
    "sale": "projection of its facts",
    "stake": "projection of its facts and entries",
    "exception_case": "a case is opened, resolved, reopened; its history is kept",
    "person": "passwords change",
    "api_key": "keys are revoked",
    "login_session": "sessions end",
}
#: May be mended, but not turned into something else, deleted or emptied.
KEPT = ("ledger", "source", "account", "payout", "payout_line")

SAMPLE = """
insert into fx_rate (base, quote, day, rate, source) values ('EUR', 'USD', '2026-01-02', 1.1, 'test');
insert into seal_block (ledger_id, block_no, version, cluster, from_xid, to_xid, floor_id, n, lines, debits,
  entries_upto, lines_upto, debits_upto, max_id, accounts_hash, merkle_root, prev_hash, block_hash, sealed_at)
  values (1, 1, 1, '', '1', '2', 0, 1, 2, '{}', 1, 2, '{}', 1, sha256(''), sha256(''), decode(repeat('00', 32), 'hex'),
  sha256(''), now());
set local session_replication_role = replica;  -- what a link says is not looked at here
insert into entry_link select ledger_id, id, 'replaces', id - 1 from entry;
insert into payout (ledger_id, party, currency, amount_minor, rail, account, execute_on, end_to_end, approvals_needed,
  made_by) values (1, 'eva', 'EUR', 1, 'bank', '{}', now(), 'P-1', 1, 'ana');
insert into payout_line (ledger_id, payout_id, entry_id, line_no, amount_minor) values (1, 1, 1, 1, 1);
insert into payout_history (ledger_id, payout_id, seq, from_state, to_state, actor)
  values (1, 1, 1, 'draft', 'canceled', 'ana');
insert into payout_approval (ledger_id, payout_id, person) values (1, 1, 'ida');
insert into payout_attempt (ledger_id, payout_id, attempt_no, rail, idempotency_key) values (1, 1, 1, 'bank', 'k');
insert into payout_answer (ledger_id, payout_id, attempt_no, seq, outcome) values (1, 1, 1, 1, 'accepted');
set local session_replication_role = origin;
insert into period (ledger_id, first_day, last_day, state) values (1, '2020-01-01', '2020-01-31', 'soft');
insert into period_allowance (ledger_id, period_id, person, reason, granted_by, expires_at)
  select 1, id, 'ana', 'late invoice', 'eva', '2099-01-01' from period where first_day = '2020-01-01';
insert into seal_page values (1, 1, 0, 1, '1', 1, int8send(1), sha256(''));
insert into seal_account values (1, 1, 1, sha256(''));
insert into seal_certificate values (1, 1, 1, sha256(''));
insert into seal_anchor (ledger_id, block_no, place, receipt) values (1, 1, 'file:/safe', '');
insert into close_certificate values (1, 1, 1, '', 0, 0, '[]', sha256(''), now());
select delivery_month('2026-01-15');
insert into delivery (ledger_id, source_id, channel, topic, identity, headers, parameters, body, body_sha256, verdict,
  received_at) values (1, 1, 'webhook', 't', 'i', '{}', '{}', '', sha256(''), 'accepted', '2026-01-15');
insert into delivery_key values (1, 1, 'i', 1, sha256(''));
insert into event (ledger_id, key, kind, source_id, aggregate, occurred_at, content, content_hash)
  values (1, 'k', 'order_placed', 1, 'a', now(), '{}', sha256(''));
insert into event_reference values (1, 'order:1', 1);
insert into event_telling values (1, 1, 1, 'first');
insert into delivery_note values (1, 1, 1, 'why');
insert into recon_run (ledger_id, as_of, started_at, finished_at, engine, engine_version, rules_hash, result_hash,
  items, matches) values (1, now(), now(), now(), 'e', '1', 'r', 'r', 0, 0);
insert into open_item (ledger_id, entry_id, account_id, currency, item, amount_minor, effective_date, base_minor)
  values (1, 1, 1, 'EUR', 'a', 5, now(), 5), (1, 2, 1, 'EUR', 'a', -5, now(), -5);
insert into match (ledger_id, account_id, currency, pass_id, pass_version, key, why, evidence, actor)
  values (1, 1, 'EUR', 'p', 1, 'k', 'w', '{}', 'a');
insert into allocation select 1, m.id, i.id, i.amount_minor, i.base_minor from match m, open_item i;
insert into match_confirmation (ledger_id, match_id, actor, why) select 1, id, 'ana', 'r' from match;
insert into matching_rules (ledger_id, version, from_day, text, hash, published_by, reason)
  values (1, 1, now(), 't', 'h', 'ana', 'r');
insert into matching_approval (ledger_id, version, approved_by, reason) values (1, 1, 'eva', 'r');
insert into refused_pair (ledger_id, item_id, other_id, actor, why) values (1, 1, 2, 'ana', 'r');
insert into reconciliation (ledger_id, account_id, currency, first_day, last_day, content, hash, csv, prepared_by,
  prepared_at, last_match) values (1, 1, 'EUR', now(), now(), '{}', sha256(''), '', 'ana', now(), 0);
insert into reconciliation_signature (ledger_id, id, reviewed_by, reviewed_at, note, pdf)
  select 1, id, 'eva', now(), 'r', '' from reconciliation;
insert into case_history values (1, 1, 1, 'opened', '', 'tieout');
insert into ownership (ledger_id, listing, version, valid_from, shares, changed_by, reason)
  values (1, 'mug', 1, now(), '[{"party": "ana", "basis_points": 10000}]', 'ana', 'r');
insert into fee_rules (ledger_id, version, rules, published_by, reason) values (1, 1, '[]', 'ana', 'r');
insert into payout_policy (ledger_id, version, policy, published_by, reason) values (1, 1, '{}', 'ana', 'r');
insert into payout_run (ledger_id, key, day, policy_version, made_by) values (1, 'k', now(), 1, 'ana');
insert into payout_decision (ledger_id, run_id, party, currency, verdict, owed_minor, amount_minor, carried_minor, why)
  select 1, id, 'eva', 'EUR', 'nothing_owed', 0, 0, 0, '' from payout_run;
insert into payment_file (ledger_id, name, rail, format, message_id, currency, payouts, total_minor, sha256, content,
  made_by) values (1, 'f', 'bank', 'csv', 'M1', 'EUR', 1, 1, sha256('f'), 'f', 'ana');
insert into payment_file_export (ledger_id, file_id, seq, person) select 1, id, 1, 'ana' from payment_file;
insert into seller_version (ledger_id, party, version, valid_from, profile, changed_by, reason)
  values (1, 'ana', 1, now(), '{"currency": "EUR"}', 'eva', 'r');
insert into seller_account (ledger_id, party, version, account, changed_by, reason, payable_from)
  values (1, 'ana', 1, '{}', 'eva', 'r', now() + interval '1 hour');
insert into seller_account_verdict (ledger_id, party, version, approved, decided_by, reason)
  values (1, 'ana', 1, true, 'bo', 'r');
insert into seller_hold (ledger_id, party, reason, since, ends_when, opened_by)
  values (1, 'ana', 'risk', now(), 'e', 'eva');
insert into seller_hold_release (ledger_id, hold_id, released_on, released_by, reason)
  select 1, id, now(), 'bo', 'r' from seller_hold;
insert into settlement_policy (ledger_id, version, policy, published_by, reason) values (1, 1, '{}', 'ana', 'r');
insert into split_row (ledger_id, key, party, amounts) values (1, 'k', 'ana', '{}');
insert into sale_fact (ledger_id, sale, key, kind, occurred_at, content, actor)
  values (1, 's', 'k', 'captured', now(), '{}', 'a');
insert into seller_act (ledger_id, key, step, reason_code, currency, amount_minor, day, note, asked_by, needs_second)
  values (1, 'k', 'credited', 'correction', 'EUR', 1, now(), 'n', 'eva', true);
insert into seller_act_verdict (ledger_id, act_id, approved, decided_by, reason)
  select 1, id, true, 'bo', 'r' from seller_act;
insert into audit_log (ledger_id, actor, action, subject) values (1, 'a', 'b', 'c');
"""


@pytest.fixture
def full(connection: Connection) -> Connection:
    """At least one row in every append-only table."""
    insert(connection)
    connection.execute(SAMPLE)
    return connection


def test_every_table_is_on_one_of_the_lists(full: Connection) -> None:
    """A new table is append-only, or somebody says here why it is not."""
    rows = full.execute(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition"
    )
    assert {row[0] for row in rows} == {*APPEND_ONLY, *MUTABLE, *KEPT, "period"}
    assert [table for table in (*APPEND_ONLY, *KEPT) if count(full, table) == 0] == []


@pytest.mark.parametrize("table", [*APPEND_ONLY, "delivery_202601"])
@pytest.mark.parametrize("operation", ["UPDATE", "DELETE", "TRUNCATE"])
def test_what_is_recorded_is_not_changed(full: Connection, table: str, operation: str) -> None:
    text = {
        "UPDATE": "update {} set ledger_id = ledger_id",
        "DELETE": "delete from {}",
        "TRUNCATE": "truncate {} cascade",
    }
    statement = text[operation]
    if table == "fx_rate":
        statement = statement.replace("ledger_id = ledger_id", "rate = rate")
    before = count(full, table)
    with (
        pytest.raises(
            errors.RestrictViolation, match=rf"{operation} on {table}(_202601)?: what is recorded is not changed"
        ),
        full.transaction(),
    ):
        full.execute(sql.SQL(statement).format(sql.Identifier(table)))
    assert count(full, table) == before > 0


def test_an_update_hidden_in_an_insert_is_refused_too(full: Connection) -> None:
    with pytest.raises(errors.RestrictViolation):
        full.execute(
            "insert into event_reference values (1, 'order:1', 1)"
            " on conflict (ledger_id, reference, event_id) do update set reference = 'order:2'"
        )


@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize("statement", ["delete from {}", "truncate {} cascade"])
def test_what_lines_name_is_not_removed(full: Connection, table: str, statement: str) -> None:
    with pytest.raises(errors.RestrictViolation):
        full.execute(sql.SQL(statement).format(sql.Identifier(table)))


@pytest.mark.parametrize(
    "change",
    [
        "update ledger set base_currency = 'USD'",
        "update source set name = 'paypal'",
        "update source set connector = 'shopify'",
        "update account set code = '9999' where code = '4000'",
        "update account set id = 9999 where code = '4000'",
        "update account set type = 'equity' where code = '4000'",
        "update account set currency = 'USD' where code = '4000'",
        "update account set clearing = false where code = '1200'",
        "update account set source = 'paypal' where code = '1320.stripe'",
    ],
)
def test_a_thing_is_not_turned_into_another(full: Connection, change: str) -> None:
    with pytest.raises(errors.RestrictViolation, match="is not turned into another") as refused:
        full.execute(change)
    assert refused.value.diag.constraint_name == "it_stays_itself"


def test_a_name_may_be_mended(full: Connection) -> None:
    full.execute("update ledger set name = 'Craft Market SE', timezone = 'Europe/Paris'")
    full.execute("update source set secrets = '{new}'")
    changed = full.execute("update account set name = 'Turnover', closed_on = '2030-01-01' where code = '4000'")
    assert changed.rowcount == 1


@pytest.mark.parametrize(
    "statement",
    [
        "update period set state = 'open'",
        "update period set state = 'soft'",
        "update period set last_day = '2025-12-30'",
        "delete from period",
        "truncate period cascade",
    ],
)
def test_a_hard_close_is_final(connection: Connection, statement: str) -> None:
    connection.execute(
        "insert into period (ledger_id, first_day, last_day, state) values (1, '2025-12-01', '2025-12-31', 'hard')"
    )
    with pytest.raises(errors.RestrictViolation), connection.transaction():
        connection.execute(statement)
    assert connection.execute("select state, last_day from period").fetchall() == [("hard", date(2025, 12, 31))]


@pytest.mark.parametrize(
    ("first", "last", "area", "taken"),
    [
        ("2025-12-31", "2026-01-31", 0, False),
        ("2025-12-15", "2025-12-15", 0, False),
        ("2025-11-01", "2026-12-31", 0, False),
        ("2026-01-01", "2026-01-31", 0, True),
        ("2025-12-01", "2025-12-31", 3, True),
    ],
)
def test_periods_of_one_area_do_not_overlap(
    connection: Connection, first: str, last: str, area: int, taken: bool
) -> None:
    statement = "insert into period (ledger_id, first_day, last_day, area) values (1, %s, %s, %s)"
    connection.execute(statement, ("2025-12-01", "2025-12-31", 0))
    if taken:
        assert connection.execute(statement, (first, last, area)).rowcount == 1
    else:
        with pytest.raises(errors.ExclusionViolation):
            connection.execute(statement, (first, last, area))


def test_a_period_ends_after_it_begins(connection: Connection) -> None:
    with pytest.raises(errors.CheckViolation):
        connection.execute("insert into period (ledger_id, first_day, last_day) values (1, '2026-01-02', '2026-01-01')")


def test_a_rate_is_more_than_nothing(connection: Connection) -> None:
    with pytest.raises(errors.CheckViolation):
        connection.execute("insert into fx_rate (base, quote, day, rate, source) values ('EUR', 'USD', now(), 0, 't')")


ITEMS = """
insert into open_item (ledger_id, entry_id, account_id, currency, item, amount_minor, effective_date, base_minor)
  select *, amount from (values
  (1, 1, 1, 'EUR', 'a', 100, now()), (1, 2, 1, 'EUR', 'a', -100, now()), (1, 3, 1, 'USD', 'a', -100, now()),
  (1, 4, 2, 'EUR', 'a', -100, now()), (1, 5, 1, 'EUR', 'b', 9007199254740993, now()),
  (1, 6, 1, 'EUR', 'b', -9007199254740994, now())) v (ledger, entry, account, currency, item, amount, day)
returning id
"""


@pytest.mark.parametrize(
    ("allocations", "constraint"),
    [
        ([(0, 100), (1, -100)], None),
        ([(0, 60), (1, -60)], None),
        ([(0, 100), (1, -99)], "match_balances"),
        ([(0, 101), (1, -101)], "item_is_tied_once"),
        ([(0, -5), (1, 5)], "item_is_tied_once"),
        ([(0, 100), (2, -100)], "item_fits_match"),  # euro against dollars
        ([(0, 100), (3, -100)], "item_fits_match"),  # one account against another
        ([(0, 100), (9, -100)], "item_fits_match"),  # against nothing at all
        ([(4, 9007199254740994), (5, -9007199254740994)], "item_is_tied_once"),  # one too many; a float cannot tell
    ],
)
def test_a_match_ties_what_is_there_and_no_more(
    connection: Connection, allocations: list[tuple[int, int]], constraint: str | None
) -> None:
    items = [row[0] for row in connection.execute(ITEMS)] + [0] * 4
    match = new_match(connection)
    rows = [(match, items[place], amount) for place, amount in allocations]
    if constraint is None:
        allocate(connection, rows)
        assert count(connection, "allocation") == 2
        with pytest.raises(errors.CheckViolation) as refused:
            allocate(connection, [(match, items[4], 5), (match, items[5], -5)])
        assert refused.value.diag.constraint_name == "match_is_complete"
    else:
        with pytest.raises(errors.CheckViolation) as refused:
            allocate(connection, rows)
        assert refused.value.diag.constraint_name == constraint


def test_an_item_is_not_tied_twice(connection: Connection) -> None:
    items = [row[0] for row in connection.execute(ITEMS)]
    first, second = new_match(connection), new_match(connection)
    allocate(connection, [(first, items[0], 60), (first, items[1], -60)])
    with pytest.raises(errors.CheckViolation) as refused:
        allocate(connection, [(second, items[0], 41), (second, items[1], -41)])
    assert refused.value.diag.constraint_name == "item_is_tied_once"


def new_match(connection: Connection) -> int:
    row = connection.execute(
        "insert into match (ledger_id, account_id, currency, pass_id, pass_version, key, why, evidence, actor)"
        " values (1, 1, 'EUR', 'p', 1, 'k', 'w', '{}', 'a') returning id"
    ).fetchone()
    assert row is not None
    return int(row[0])


def allocate(connection: Connection, rows: Sequence[tuple[int, int, int]]) -> None:
    connection.execute(
        "insert into allocation (ledger_id, match_id, item_id, amount_minor, base_minor)"
        " select 1, m, i, a, a from unnest(%s::bigint[], %s::bigint[], %s::bigint[]) t (m, i, a)",
        [[r[n] for r in rows] for n in range(3)],
    )
