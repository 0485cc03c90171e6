"""Balances: as of a day in the middle of years, and a trial balance, over books of millions of lines.

The books are made by the million, in SQL, with triggers off: they balance, lie in their periods and have accounts, as
if they had been posted. Two years of them, recorded on their day or the day after, on a thousand accounts; three
entries in five touch one account, as clearing accounts are touched. All months but the last two are closed.

The baseline of a balance is the plain way: the sum over the covering index, after a vacuum, so that it reads nothing
else. That of a trial balance is the sum over all lines.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import psycopg
from psycopg import sql

from bench.lab import TALK, Figure, Lab
from tieout.app import SYSTEM, Settings, Tieout
from tieout.db.embedded import start_embedded
from tieout.model.period import PeriodState

#: How many lines the books have; the limits are for ten million. For a quick look, set fewer.
LINES = int(os.environ.get("BENCH_LINES", "10_000_000"))
#: What a balance may take, and how many times faster than the sum it must be.
BALANCE_MILLISECONDS_MAX = 2
TIMES_FASTER_MIN = 100
TRIAL_BALANCE_MILLISECONDS_MAX = 150

FIRST_DAY = date(2024, 1, 1)
DAYS = 730
#: A day in the second of the two open months.
LATE_DAY = date(2025, 12, 15)
ACCOUNTS = 1000
HOT = "hot"
_HOT_ID = 100_000
_CHUNK = 100_000

_ACCOUNTS = """
insert into account (ledger_id, id, code, name, type, role)
select 1, 100000 + n, case n when 0 then 'hot' else 'acc' || n end, 'Account ' || n,
       (array['asset', 'liability', 'income', 'expense'])[1 + n %% 4], 'suspense'
  from generate_series(0, %(accounts)s + 1) n
"""
_ENTRIES = """
insert into entry (ledger_id, id, effective_date, occurred_at, recorded_at, line_count, idem_key, content_hash, rule_id,
                   rule_version, why, memo, actor)
overriding system value
select 1, n, day, day + time '12:00', day + time '08:00' + make_interval(secs => (n * 7919 %% 129600)), 3,
       'bench:' || n, sha256(n::text::bytea), 'bench', 1, 'A benchmark.', '', 'bench'
  from (select n, %(first)s::date + (n * %(days)s::bigint / %(entries)s::bigint)::int as day
          from generate_series(%(from)s::bigint, %(to)s::bigint) n) e
"""
_LINES = """
insert into line (ledger_id, entry_id, line_no, account_id, currency, amount_minor, base_minor, effective_date, party,
                  dim)
select 1, e.id, l.line_no, l.account_id, 'EUR', l.amount, l.amount, e.effective_date, l.party, l.dim
  from entry e
  cross join lateral (values
    (1::smallint,
     100000 + case when e.id %% 5 < 3 then 0 else 1 + (%(accounts)s * (e.id * 31 %% 1009 / 1009.0) ^ 3)::int end,
     1200 + e.id %% 977, null, null),
    (2::smallint, (100001 + e.id %% 500 %% 40)::int, -1000 - e.id %% 977, 'seller ' || e.id %% 500,
     jsonb_build_object('channel', (array['web', 'shop', 'app'])[1 + e.id %% 3])),
    (3::smallint, 100001 + (%(accounts)s * (e.id * 37 %% 1013 / 1013.0) ^ 3)::int, -200, null, null)
  ) l (line_no, account_id, amount, party, dim)
 where e.ledger_id = 1 and e.id between %(from)s and %(to)s
"""
_SUM_OF_ACCOUNT = """
select sum(amount_minor) from line
 where ledger_id = 1 and account_id = %(account)s and currency = 'EUR' and layer = 0 and effective_date <= %(day)s
"""
_SUMS_OF_LINES = """
select account_id, currency, sum(amount_minor), sum(base_minor) from line
 where ledger_id = 1 and layer = 0 and effective_date <= %(day)s group by account_id, currency
"""


class Books:
    """Books of so many lines on a server of their own, rolled up, with all months but the last two closed."""

    def __init__(self, app: Tieout, url: str, lines: int) -> None:
        self.app = app
        self.lines = lines // 3 * 3
        self._connection = psycopg.connect(url, autocommit=True)
        with TALK.status("accounts") as status:
            self._fill(status.update)
            status.update("rolling up")
            began = time.perf_counter()
            app.roll_up()
            self.rolled_up_per_second = self.lines / (time.perf_counter() - began)
            status.update("vacuum")
            self._tidy()

    def _fill(self, told: Callable[[str], None]) -> None:
        entries = self.lines // 3
        self._connection.execute("set session_replication_role = replica")
        self._connection.execute("set synchronous_commit = off")
        self._connection.execute(_ACCOUNTS, {"accounts": ACCOUNTS})
        for start in range(1, entries + 1, _CHUNK):
            told(f"making {self.lines:,} lines, {start * 3:,} there")
            columns = {
                "from": start, "to": min(start + _CHUNK - 1, entries), "first": FIRST_DAY, "days": DAYS,
                "entries": entries + 1, "accounts": ACCOUNTS,
            }  # fmt: skip
            with self._connection.transaction():
                self._connection.execute(_ENTRIES, columns)
                self._connection.execute(_LINES, columns)

    def _tidy(self) -> None:
        for table in ("entry", "line", "day_delta", "period_balance"):
            self._connection.execute(sql.SQL("vacuum (analyze) {}").format(sql.Identifier(table)))

    def close_months(self) -> None:
        """Closes all months but the last two, and rolls up."""
        day = FIRST_DAY
        while (after := (day + timedelta(days=32)).replace(day=1)) <= LATE_DAY.replace(day=1):
            self.app.set_period(day, after - timedelta(days=1), PeriodState.SOFT, actor=SYSTEM)
            day = after
        self.app.roll_up()
        self._tidy()

    def sum_of_account(self) -> int:
        """The balance of the busy account, added up from the covering index."""
        row = self._connection.execute(_SUM_OF_ACCOUNT, {"account": _HOT_ID, "day": LATE_DAY}).fetchone()
        assert row is not None
        return int(row[0])

    def sums_of_lines(self) -> int:
        """A trial balance added up from the lines; how many rows it has."""
        return len(self._connection.execute(_SUMS_OF_LINES, {"day": LATE_DAY}).fetchall())

    def close(self) -> None:
        """Gives the connection back."""
        self._connection.close()


@contextmanager
def books(lines: int) -> Iterator[Books]:
    """Books with so many lines on an embedded server of their own."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-", ignore_cleanup_errors=True) as folder:
        url = start_embedded(Path(folder) / "postgres")
        with Tieout.open(Settings(home=Path(folder), database_url=url)) as app:
            app.init("Bench GmbH")
            made = Books(app, url, lines)
            yield made
            made.close()


def measure(lab: Lab) -> list[Figure]:
    """Milliseconds of a balance and of a trial balance, and how much faster the balance is than the sum."""
    with books(LINES) as made:
        open_months = lab.pairs("trial balance, nothing closed", lambda: trial_balance(made), lambda: sum_lines(made))
        made.close_months()
        one = lab.pairs("balance as of a day", lambda: one_balance(made), lambda: sum_account(made))
        whole = lab.pairs("trial balance", lambda: trial_balance(made), lambda: sum_lines(made))
        # The same figures by both ways, or nothing was measured.
        (standing,) = made.app.balance(HOT, at=LATE_DAY)
        assert standing.balance_minor == made.sum_of_account()
        assert len(made.app.trial_balance(at=LATE_DAY).lines) == made.sums_of_lines()
    size = f"{LINES / 1_000_000:g} M lines"
    return [
        _slow_at_most(f"ledger: balance as of a day, {size}", one["ms"], BALANCE_MILLISECONDS_MAX),
        Figure(
            f"ledger: balance as of a day, times faster than the sum, {size}",
            round(one["ms"][1] / one["ms"][0]), "times", limit=TIMES_FASTER_MIN, baseline=1, higher_is_better=True,
        ),
        _slow_at_most(f"ledger: trial balance, {size}", whole["ms"], TRIAL_BALANCE_MILLISECONDS_MAX),
        _slow_at_most(
            f"ledger: trial balance with nothing closed, {size}", open_months["ms"], TRIAL_BALANCE_MILLISECONDS_MAX
        ),
    ]  # fmt: skip


def _slow_at_most(name: str, pair: tuple[float, float], limit: float) -> Figure:
    return Figure(name, round(pair[0], 2), "ms", limit=limit, baseline=round(pair[1], 2))


def one_balance(made: Books) -> dict[str, float]:
    """The busy account as of a day two months after the last close, through the app."""
    return {"ms": milliseconds(lambda: made.app.balance(HOT, at=LATE_DAY), 200)}


def sum_account(made: Books) -> dict[str, float]:
    """The same from the index alone."""
    return {"ms": milliseconds(made.sum_of_account, 5)}


def trial_balance(made: Books) -> dict[str, float]:
    """All accounts, through the app."""
    return {"ms": milliseconds(lambda: made.app.trial_balance(at=LATE_DAY), 20)}


def sum_lines(made: Books) -> dict[str, float]:
    """The same from the lines."""
    return {"ms": milliseconds(made.sums_of_lines, 1)}


def milliseconds(do: Callable[[], object], times: int) -> float:
    """The median of many calls, after one that warms up."""
    spent = []
    for number in range(times + 1):
        began = time.perf_counter()
        do()
        if number:
            spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent)
