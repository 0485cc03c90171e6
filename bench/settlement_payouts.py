"""Payout runs: many sellers, millions of open lines, two at work.

Each payout gets its lines, its entry and its place in a bank file.
The books are made by the million, in SQL, with triggers off: entries that release a sale to each of a hundred sellers.
The baseline of a run is the least work that has the same outcome: one statement that adds up what each seller is owed,
and one that writes each line beside its payout under a unique key; no check, no entry, no file.
"""

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from bench.lab import TALK, Figure, Lab
from tieout.app import SYSTEM, Settings, Tieout
from tieout.db.embedded import start_embedded
from tieout.model.payout import PayoutPolicy, PayoutState, Rail, RailKind
from tieout.model.seller import PayoutAccount

#: How many sellers and open lines; the limits are for fifty thousand and five million. For a quick look, set fewer.
SELLERS = int(os.environ.get("BENCH_SELLERS", "50_000"))
LINES = int(os.environ.get("BENCH_OPEN_LINES", "5_000_000"))
RUN_SECONDS_MAX = 60
MEMORY_MEBIBYTES_MAX = 1024
BALANCE_MILLISECONDS_MAX = 2
WORKERS = 2
DAY = date(2026, 3, 3)
PER_ENTRY = 100
_CHUNK = 2_000
_RAIL = Rail("bank", RailKind.SEPA, ("EUR",), PayoutAccount("Market", "DE02120300000000202051", "BYLADEM1001"))

_SELLERS = """
insert into seller_version (ledger_id, party, version, valid_from, profile, changed_by, reason)
select 1, 'seller ' || n, 1, '2026-01-01', jsonb_build_object('party', 'seller ' || n, 'legal_name', 'Seller ' || n,
       'currency', 'EUR'), 'bench', '' from generate_series(0, %(sellers)s - 1) n
"""
_ACCOUNTS = """
insert into seller_account (ledger_id, party, version, account, changed_by, reason, changed_at, payable_from)
select 1, 'seller ' || n, 1, '{"holder": "Seller", "iban": "DE89370400440532013000"}', 'bench', '', '2026-01-01',
       '2026-01-01' from generate_series(0, %(sellers)s - 1) n
"""
_ENTRIES = """
insert into entry (ledger_id, id, effective_date, occurred_at, line_count, idem_key, content_hash, rule_id,
                   rule_version, why, memo, actor)
overriding system value
select 1, n, '2026-03-02', '2026-03-02 12:00+00', 101, 'bench:' || n, sha256(n::text::bytea), 'settlement.released', 1,
       'A benchmark.', '', 'bench' from generate_series(%(from)s::bigint, %(to)s::bigint) n
"""
_LINES = """
insert into line (ledger_id, entry_id, line_no, account_id, currency, amount_minor, base_minor, effective_date, party,
                  item)
select 1, e.n, l.n + 1, case l.n when 100 then %(pending)s else %(available)s end, 'EUR', a.amount, a.amount,
       '2026-03-02', case l.n when 100 then null else 'seller ' || (e.n * 100 + l.n) %% %(sellers)s end, 'order:' || e.n
  from generate_series(%(from)s::bigint, %(to)s::bigint) e (n), generate_series(0, 100) l (n),
       lateral (select case l.n when 100 then 500000 else -5000 end as amount) a
"""
_SUM: LiteralString = """
create temporary table bare_payout as select row_number() over () as id, party, sum(amount_minor) as amount
  from line where ledger_id = 1 and account_id = %(available)s group by party
"""
_TABLE: LiteralString = """
create table bare_line (payout_id bigint, entry_id bigint, line_no smallint, amount bigint, unique (entry_id, line_no))
"""
_CLAIM: LiteralString = """
insert into bare_line select p.id, l.entry_id, l.line_no, l.amount_minor
  from line l join bare_payout p on p.party = l.party where l.ledger_id = 1 and l.account_id = %(available)s
"""


class Market:
    """Books of so many sellers and open lines on a server of their own."""

    def __init__(self, app: Tieout, url: str, sellers: int = SELLERS, lines: int = LINES) -> None:
        self.app = app
        self.sellers, self.lines = sellers, lines
        self._connection = psycopg.connect(url, autocommit=True)
        self._ids = _accounts(app)
        with TALK.status("sellers") as status:
            self._fill(status.update)
            status.update("taking in what can be paid")
            with _timed() as self.gather_seconds:
                app.payable("seller 0")
            app.roll_up()
            for table in ("entry", "line", "payable_line", "seller_version", "seller_account", "day_delta"):
                self._connection.execute(sql.SQL("vacuum (analyze) {}").format(sql.Identifier(table)))

    def _fill(self, told: Callable[[str], None]) -> None:
        self._connection.execute("set session_replication_role = replica")
        self._connection.execute("set synchronous_commit = off")
        columns = {"sellers": self.sellers, "pending": self._ids["2310"], "available": self._ids["2320"]}
        self._connection.execute(_SELLERS, columns)
        self._connection.execute(_ACCOUNTS, columns)
        entries = self.lines // PER_ENTRY
        for start in range(1, entries + 1, _CHUNK):
            told(f"making {self.lines:,} lines, {(start - 1) * PER_ENTRY:,} there")
            columns |= {"from": start, "to": min(start + _CHUNK - 1, entries)}
            with self._connection.transaction():
                self._connection.execute(_ENTRIES, columns)
                self._connection.execute(_LINES, columns)
        self._connection.execute("select setval('entry_id_seq', %s)", (entries + 1,))

    def bare(self) -> float:
        """Seconds of the least work."""
        began = time.perf_counter()
        with psycopg.connect(self._connection.info.dsn, autocommit=False) as connection:
            connection.execute("set work_mem = '64MB'")
            for statement in (_SUM, _TABLE, _CLAIM):
                connection.execute(statement, {"available": self._ids["2320"]})
            connection.rollback()
        return time.perf_counter() - began

    def plain_balance(self) -> float:
        """Milliseconds of adding a seller's available balance up from the lines."""
        began = time.perf_counter()
        self._connection.execute(
            "select sum(amount_minor) from line where ledger_id = 1 and account_id = %s and party = %s",
            (self._ids["2320"], "seller 1"),
        )
        return (time.perf_counter() - began) * 1000

    def check(self) -> None:
        """Every line is in one payout, and all of it is booked."""
        row = self._connection.execute(
            "select (select count(*) from payout where state = 'submitted'), (select count(*) from payout_line),"
            " (select count(*) from payable_line), (select sum(amount_minor) from payout),"
            " (select sum(amount_minor) from line where account_id = %(available)s)",
            {"available": self._ids["2320"]},
        ).fetchone()
        wanted = (SELLERS, LINES // PER_ENTRY * PER_ENTRY, 0, LINES // PER_ENTRY * PER_ENTRY * 5000, 0)
        assert row == wanted, f"{row} is not {wanted}"


def _accounts(app: Tieout) -> dict[str, int]:
    with app._books() as (_, context):  # noqa: SLF001 -- the books are made beside the app
        return {code: account.id for code, account in context.accounts.items()}


@contextmanager
def _timed() -> Iterator[list[float]]:
    seconds: list[float] = []
    began = time.perf_counter()
    yield seconds
    seconds.append(time.perf_counter() - began)


class _Memory(threading.Thread):
    """The most memory that this process and the server's took together, shared buffers counted once."""

    def __init__(self, server: int) -> None:
        super().__init__(daemon=True)
        self.most = 0
        self._server = server
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.25):
            self.most = max(self.most, self.now())

    def now(self) -> int:
        """Bytes they take now."""
        processes = [os.getpid(), self._server, *_children(self._server)]
        shared = max(_of(number, "RssShmem") for number in processes)
        return sum(_of(number, "RssAnon") for number in processes) + shared


def _of(process: int, what: str) -> int:
    try:
        text = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith(what)), 0)


def _children(process: int) -> list[int]:
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return []
    return [int(number) for number in text.split()]


def _run(app: Tieout, memory: _Memory) -> tuple[float, float]:
    """Seconds of deciding and claiming, and of booking and writing files."""
    memory.start()
    with _timed() as run:
        number = app.open_payout_run(DAY)
        with ThreadPoolExecutor(WORKERS) as pool:
            made = sum(pool.map(lambda _: app.work_payout_run(number), range(WORKERS)))
    with _timed() as sent:
        moved = app.send_payouts(DAY)
    memory.done.set()
    memory.join()
    assert (made, moved) == (SELLERS, SELLERS), (made, moved)
    assert len(app.payout_list(states=[PayoutState.SUBMITTED], limit=1)) == 1
    return run[0], sent[0]


def _balance_milliseconds(app: Tieout) -> float:
    taken = []
    for number in range(0, SELLERS, max(SELLERS // 200, 1)):
        began = time.perf_counter()
        app.seller_balance(f"seller {number}", DAY)
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def measure(_lab: Lab) -> list[Figure]:
    """A run over all sellers, its memory, and a seller's balance. Once: it is minutes of work to make the books."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        url = start_embedded(Path(folder) / "postgres")
        with Tieout.open(Settings(home=Path(folder), database_url=url)) as app:
            app.init("Bench", password="bench")  # noqa: S106
            app.publish_payout_policy(PayoutPolicy(rails=(_RAIL,)), reason="bench", actor=SYSTEM)
            market = Market(app, url)
            bare = market.bare()
            server = int((Path(folder) / "postgres" / "postmaster.pid").read_text().split()[0])
            memory = _Memory(server)
            idle = memory.now()
            run, sent = _run(app, memory)
            market.check()
            app.roll_up()
            balance = _balance_milliseconds(app)
            size = f"{SELLERS:,} sellers, {LINES:,} open lines"
            return [
                Figure(f"settlement: payout run, {size}", round(run + sent, 1), "s", RUN_SECONDS_MAX, round(bare, 1)),
                Figure(
                    "settlement: of it, deciding and claiming lines", round(run, 1), "s", RUN_SECONDS_MAX,
                    round(bare, 1),
                ),
                Figure(
                    "settlement: most memory of server and workers", round(memory.most / 2**20), "MiB",
                    MEMORY_MEBIBYTES_MAX, round(idle / 2**20),
                ),
                Figure(
                    "settlement: seller's balance at a date", round(balance, 2), "ms", BALANCE_MILLISECONDS_MAX,
                    round(market.plain_balance(), 2),
                ),
            ]  # fmt: skip
