"""Certificates of close: what a period and area consisted of, and that it is still so."""

from collections.abc import Mapping
from datetime import date

from tests.ledger.books import entry
from tieout.db.pool import Connection
from tieout.ledger import certificate, period, store
from tieout.model.account import Account
from tieout.model.period import Area, PeriodState
from tieout.model.seal import NOTHING_BEFORE

JANUARY = (date(2026, 1, 1), date(2026, 1, 31))


def close(connection: Connection, area: Area = Area.ALL) -> int:
    number = period.set_period(connection, 1, *JANUARY, PeriodState.HARD, "ana", area)
    (closed,) = (p for p in period.periods(connection, 1) if p.id == number)
    certificate.certify(connection, 1, closed)
    return number


def test_a_certificate_has_the_sums_of_the_period(connection: Connection, accounts: Mapping[str, Account]) -> None:
    store.post(connection, 1, [entry("a"), entry("b", "1200 500 USD 450; 4000 -500 USD -450")], accounts)
    store.post(connection, 1, [entry("c", on=date(2026, 2, 1))], accounts)
    number = period.set_period(connection, 1, *JANUARY, PeriodState.HARD, "ana")
    (closed,) = period.periods(connection, 1)
    found = certificate.certify(connection, 1, closed)
    assert (found.period_id, found.entries, found.lines, found.block_no, found.block_hash) == (
        number, 2, 4, 0, NOTHING_BEFORE,
    )  # fmt: skip
    assert found.sums == (
        ("1200", "EUR", 1000, 0, 1000, 0, 1),
        ("1200", "USD", 500, 0, 450, 0, 1),
        ("4000", "EUR", 0, 1000, 0, 1000, 1),
        ("4000", "USD", 0, 500, 0, 450, 1),
    )
    assert certificate.check(connection, 1) == (1, [])


def test_a_certificate_of_an_area_is_of_its_accounts(connection: Connection, accounts: Mapping[str, Account]) -> None:
    store.post(connection, 1, [entry("a", "1200 1190; 4000 -1000; 2100 -190")], accounts)
    close(connection, Area.TAX)
    ((sums,),) = connection.execute("select sums from close_certificate").fetchall()
    assert sums == [["2100", "EUR", "0", "190", "0", "190", "1"]]
    assert certificate.check(connection, 1) == (1, [])
    connection.execute("set session_replication_role = replica")
    connection.execute(
        "update line set amount_minor = -191, base_minor = -191 where account_id = %s", (accounts["2100"].id,)
    )
    count, (flaw,) = certificate.check(connection, 1)
    assert (count, flaw.where) == (1, "period 2026-01-01 to 2026-01-31")
    assert flaw.what == "it had 1 entries when it was closed and has 1, or other amounts on 2100 in EUR"


def test_a_certificate_is_written_once(connection: Connection) -> None:
    close(connection)
    assert certificate.check(connection, 1) == (1, [])
    rows = connection.execute("select entries, lines, sums from close_certificate").fetchall()
    assert rows == [(0, 0, [])]
