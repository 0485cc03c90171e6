"""What the database refuses of payouts, whoever asks."""

from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from tests.app.payroom import DAY, open_market, owe, sell
from tieout.model.error import Conflict
from tieout.model.payout import NEXT_STATES, PayoutState
from tieout.settlement import payouts
from tieout.settlement.payouts import Step

LINE = "insert into payout_line (ledger_id, payout_id, entry_id, line_no, amount_minor) values (1, {}, {}, 2, {})"
PAYOUT = """with p as (insert into payout (ledger_id, party, currency, amount_minor, rail, account, execute_on,
 end_to_end, approvals_needed, made_by)
 values (1, 'birke', 'EUR', {amount}, 'bank', '{{}}', now(), 'X{entry}', 0, 'thief')
 returning id) insert into payout_line (ledger_id, payout_id, entry_id, line_no, amount_minor)
 select 1, id, {entry}, 2, {line} from p"""


BARE = """insert into payout (ledger_id, party, currency, amount_minor, rail, account, execute_on, end_to_end,
 approvals_needed, made_by) values (1, 'birke', 'EUR', 77, 'bank', '{}', now(), 'X3', 0, 'thief')"""


@pytest.fixture
def connection(database_url: str, tmp_path: Path) -> psycopg.Connection:
    """Books with payout pay_1 over entries 1 and 2 of birke; entry 3 is open, entry 4 is linde's."""
    with open_market(database_url, tmp_path) as app:
        for party in ("birke", "linde"):
            sell(app, party)
        owe(app, "birke", 1000, 500)
        app.run_payouts(DAY)
        owe(app, "birke", 77, mark="later")
        owe(app, "linde", 88)
    return psycopg.connect(database_url)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (LINE.format(1, 3, 77), "payout_is_its_lines"),
        (PAYOUT.format(amount=78, entry=3, line=77), "payout_is_its_lines"),
        (BARE, "payout_is_its_lines"),
        (PAYOUT.format(amount=88, entry=4, line=88), "line_is_the_sellers_own"),
        (PAYOUT.format(amount=78, entry=3, line=78), "line_is_the_sellers_own"),
        (PAYOUT.format(amount=1000, entry=1, line=1000), "paid_once"),
        ("update payout set amount_minor = 1", "payout_stays_itself"),
        ("update payout set state = 'paid'", "payout_stays_itself"),
        ("update payout_line set alive = false", "payout_stays_itself"),
    ],
)
def test_what_is_paid_is_the_sellers_own_and_once(
    connection: psycopg.Connection, statement: str, constraint: str
) -> None:
    with connection, pytest.raises(errors.IntegrityError) as refused:
        connection.execute(statement)
    assert refused.value.diag.constraint_name == constraint


def test_every_way_there_is_and_no_other(connection: psycopg.Connection) -> None:
    """The database's ways are those of the vocabulary."""
    with connection:
        row = connection.execute(
            "select pg_get_constraintdef(oid) from pg_constraint where conname = 'payout_may_move'"
        ).fetchone()
    assert row is not None
    for before in PayoutState:
        for after in PayoutState:
            pair = f"(from_state = '{before}'::text) AND (to_state = '{after}'::text)"
            assert (pair in row[0]) == (after in NEXT_STATES[before]), (before, after)


def test_a_payout_goes_from_where_it_is(connection: psycopg.Connection) -> None:
    step = Step(1, 1, PayoutState.APPROVED, PayoutState.QUEUED, "anna")
    with connection, pytest.raises(Conflict, match="somewhere else by now"):
        payouts.record(connection, 1, [step])
