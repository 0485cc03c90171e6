"""Verification: every hash, sum, seal and projection of millions of lines worked out again.

The books are made in SQL with triggers off, with the hashes they would have had: sales of a quarter, three lines each.
Then they are sealed, rolled up and their open items followed, as a worker does. The baseline is a bare pass over the
same rows: all columns of all lines and headers, sent to the client in the binary form of COPY and thrown away.
Both run in a process of their own, whose peak of memory is taken; a verification that finds anything does not count.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench.lab import TALK, Figure, Lab
from tieout.app import Settings, Tieout
from tieout.db.embedded import start_embedded

#: How many lines the books have; the limits are for ten million. For a quick look, set fewer.
LINES = int(os.environ.get("BENCH_LINES", "10_000_000"))
LINES_PER_SECOND_MIN = 200_000
MEGABYTES_MAX = 500
_CHUNK = 50_000

_FILL = """
with n as (
  select n, day, day::timestamp at time zone 'UTC' + make_interval(mins => (n %% 1440)::int) as at
    from generate_series(%(from)s::bigint, %(to)s::bigint) n,
         lateral (select date '2026-01-01' + (n %% 90)::int as day) d),
body as (
  select n.n, n.day, v.*
    from n cross join lateral (values (1, '1200', 1190 + n %% 1000, 'order:' || n), (3, '2100', -190, null),
                                      (2, '4000', -1000 - n %% 1000, null)) v (no, code, amount, item)),
said as (
  select n, string_agg(concat('["', code, '","EUR",', amount, ',', amount, ',null,',
                              coalesce(to_json(item)::text, 'null'), ',[]]'), ',' order by no) as lines
    from body group by n),
head as (
  insert into entry (ledger_id, effective_date, occurred_at, line_count, idem_key, content_hash, rule_id, rule_version,
                     why, memo, actor)
  select 1, day, at, 3, 'bench:' || n.n, sha256(convert_to(concat('["tieout-entry-1","bench:', n.n, '","', day, '","',
           to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS'), 'Z","Order ', n.n,
           '","bench",1,"An order is revenue when it is placed.",null,null,[', said.lines, ']]'), 'UTF8')),
         'bench', 1, 'An order is revenue when it is placed.', 'Order ' || n.n, 'bench'
    from n join said using (n) order by n.n
  returning id, idem_key)
insert into line (ledger_id, entry_id, line_no, account_id, currency, amount_minor, base_minor, effective_date, item)
select 1, head.id, no, a.id, 'EUR', amount, amount, body.day, body.item
  from body join head on head.idem_key = 'bench:' || body.n join account a on a.ledger_id = 1 and a.code = body.code
 order by head.id, no
"""
_SUBJECT = """
import json, resource, sys, time
from pathlib import Path
from tieout.app import Settings, Tieout
with Tieout.open(Settings(home=Path(sys.argv[2]), database_url=sys.argv[1]), migrating=False) as app:
    began = time.perf_counter()
    found = app.verify()
    seconds = time.perf_counter() - began
assert found.holds and not found.unsealed, found
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"lines per second": found.lines / seconds, "megabytes": peak}))
"""
_BASELINE = """
import json, resource, sys, time
import psycopg
with psycopg.connect(sys.argv[1]) as connection:
    ((lines,),) = connection.execute("select count(*) from line").fetchall()
    began = time.perf_counter()
    for table in ("entry", "line"):
        with connection.cursor().copy(f"copy {table} to stdout (format binary)") as rows:
            for _ in rows:
                pass
    seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"lines per second": lines / seconds, "megabytes": peak}))
"""


def measure(lab: Lab) -> list[Figure]:
    """Lines per second, and the peak of memory of the process that verifies."""
    with books(LINES) as (url, home):
        found = verifying(lab, url, home)
    speed, bare = (round(part) for part in found["lines per second"])
    peak, bare_peak = (round(part) for part in found["megabytes"])
    return [
        Figure("ledger: verify", speed, "lines/s", limit=LINES_PER_SECOND_MIN, baseline=bare, higher_is_better=True),
        Figure("ledger: verify, peak memory", peak, "MB", limit=MEGABYTES_MAX, baseline=bare_peak),
    ]


def verifying(lab: Lab, url: str, home: Path) -> dict[str, tuple[float, float]]:
    """Lines per second and megabytes, of a verification and of a bare pass over the same rows."""
    return lab.pairs("verify", lambda: _apart(_SUBJECT, url, str(home)), lambda: _apart(_BASELINE, url))


def _apart(code: str, *arguments: str) -> dict[str, float]:
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


@contextmanager
def books(lines: int) -> Iterator[tuple[str, Path]]:
    """Sealed and rolled up books of so many lines on a server of their own; its address, the installation's home."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        url = start_embedded(home / "postgres")
        with Tieout.open(Settings(home=home, database_url=url)) as app:
            app.init("Bench GmbH")
            fill(url, lines // 3)
            with TALK.status("sealing, rolling up, following"):
                app.seal()
                while app.roll_up():
                    pass
                _follow(app)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("vacuum analyze")
        yield url, home


def _follow(app: Tieout) -> None:
    """Only the open items: to tie millions of them is another benchmark's subject."""
    from tieout.reconciliation import store as reconciliation

    with app._books() as (connection, context):  # noqa: SLF001 -- no face does only this
        reconciliation.project(connection, context.id)


def fill(url: str, entries: int) -> None:
    """So many sales of three lines."""
    with psycopg.connect(url, autocommit=True, options="-c timezone=UTC") as connection:
        connection.execute("set session_replication_role = replica")
        with TALK.status("making books") as status:
            for first in range(0, entries, _CHUNK):
                connection.execute(_FILL, {"from": first, "to": min(first + _CHUNK, entries) - 1})
                status.update(f"making books, {first:,} of {entries:,} entries")
