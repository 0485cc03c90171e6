"""Posting: many entries in one call, and one entry per call by many callers at once.

Both sides use one embedded server with its standard settings, so every commit is flushed to disk. The baseline
writes the same rows (a header and three lines an entry) into tables with the same columns, defaults, keys and indexes,
but without checks and triggers. What it writes is made ready before its clock starts: for bulk, the arrays of one
prepared INSERT statement a batch that writes all headers and all lines; for single entries, the values of one prepared
INSERT statement that writes a header and its lines and commits, on sixteen connections. Bulk posting is also held
against two binary COPYs of finished bytes: the fastest way into a table, if somebody else has made the bytes.
"""

import itertools
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
from psycopg import sql

from bench.lab import Figure, Lab, stopwatch
from tieout.app import Settings, Tieout
from tieout.db.embedded import start_embedded
from tieout.model.entity import Actor
from tieout.model.entry import EntryDraft, Line, content_hash

#: Of the baseline's entries per second.
BULK_SHARE_MIN = 0.6
COPY_SHARE_MIN = 0.4
SINGLE_SHARE_MIN = 1.0

BATCHES = 40
BATCH = 1000
CALLERS = 16
ENTRIES_A_CALLER = 250
ACTOR = Actor("bench", "key")

_BARE = """
create table bare_entry (like entry including defaults including identity including indexes);
create table bare_line (like line including defaults including indexes);
"""
_INSERT = """
with head as (
  insert into bare_entry (ledger_id, effective_date, occurred_at, line_count, idem_key, content_hash, rule_id,
                          rule_version, why, memo, actor)
  values (1, %s, %s, 3, %s, %s, %s, %s, %s, %s, %s) returning id)
insert into bare_line (ledger_id, entry_id, line_no, account_id, currency, amount_minor, base_minor, effective_date,
                       item)
select 1, head.id, l.* from head, (values (1::smallint, %s::int, %s, %s::bigint, %s::bigint, %s::date, %s),
                                          (2::smallint, %s::int, %s, %s::bigint, %s::bigint, %s::date, %s),
                                          (3::smallint, %s::int, %s, %s::bigint, %s::bigint, %s::date, %s)) l
"""
_INSERT_MANY = """
with head as (
  insert into bare_entry (ledger_id, id, effective_date, occurred_at, line_count, idem_key, content_hash, rule_id,
                          rule_version, why, memo, actor)
  overriding system value
  select h.* from unnest(%s::int[], %s::bigint[], %s::date[], %s::timestamptz[], %s::smallint[], %s::text[],
                         %s::bytea[], %s::text[], %s::int[], %s::text[], %s::text[], %s::text[]) h)
insert into bare_line (ledger_id, entry_id, line_no, account_id, currency, amount_minor, base_minor, effective_date,
                       item)
select l.* from unnest(%s::int[], %s::bigint[], %s::smallint[], %s::int[], %s::text[], %s::bigint[], %s::bigint[],
                       %s::date[], %s::text[]) l
"""
_ENTRY_COLUMNS = (
    ("ledger_id", "int4"), ("id", "int8"), ("effective_date", "date"), ("occurred_at", "timestamptz"),
    ("line_count", "int2"), ("idem_key", "text"), ("content_hash", "bytea"), ("rule_id", "text"),
    ("rule_version", "int4"), ("why", "text"), ("memo", "text"), ("actor", "text"),
)  # fmt: skip
_LINE_COLUMNS = (
    ("ledger_id", "int4"), ("entry_id", "int8"), ("line_no", "int2"), ("account_id", "int4"), ("currency", "text"),
    ("amount_minor", "int8"), ("base_minor", "int8"), ("effective_date", "date"), ("item", "text"),
)  # fmt: skip


def measure(lab: Lab) -> list[Figure]:
    """Entries per second, in bulk and one by one."""
    with books() as (app, url):
        posting = Posting(app, url)
        bulk = lab.pairs("bulk posting", posting.bulk, posting.bulk_bare)["per second"]
        copied = lab.pairs("bulk posting beside COPY", posting.bulk, posting.bulk_copied)["per second"]
        single = lab.pairs("one entry per call", posting.single, posting.single_bare)["per second"]
    return [
        _figure("ledger: bulk posting", bulk, BULK_SHARE_MIN),
        _figure("ledger: bulk posting, held against COPY", copied, COPY_SHARE_MIN),
        _figure("ledger: one entry per call", single, SINGLE_SHARE_MIN),
    ]


def _figure(name: str, pair: tuple[float, float], share: float) -> Figure:
    value, baseline = (round(part) for part in pair)
    return Figure(name, value, "entries/s", limit=round(baseline * share), baseline=baseline, higher_is_better=True)


@contextmanager
def books() -> Iterator[tuple[Tieout, str]]:
    """Books of a marketplace on a server of their own, and the server's address."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-", ignore_cleanup_errors=True) as folder:
        url = start_embedded(Path(folder) / "postgres")
        with Tieout.open(Settings(home=Path(folder), database_url=url)) as app:
            app.init("Bench GmbH")
            yield app, url


def drafts(name: str, numbers: Sequence[int]) -> list[EntryDraft]:
    """Sales of a quarter, three lines each: what the buyer owes, the goods, the tax."""
    first = date(2026, 1, 1)
    return [
        EntryDraft(
            key=f"{name}:{n}",
            effective_date=(day := first + timedelta(n % 90)),
            occurred_at=datetime(day.year, day.month, day.day, n % 24, n % 60, tzinfo=UTC),
            lines=(
                Line("1200", "EUR", 1190 + n % 1000, 1190 + n % 1000, item=f"order:{n}"),
                Line("4000", "EUR", -1000 - n % 1000, -1000 - n % 1000),
                Line("2100", "EUR", -190, -190),
            ),
            memo=f"Order {n}",
            rule_id="bench",
            rule_version=1,
            why="An order is revenue when it is placed.",
            actor="bench",
        )
        for n in numbers
    ]


class Posting:
    """Posts new entries each time it is asked to, to the books or to the bare tables."""

    def __init__(self, app: Tieout, url: str) -> None:
        self._app = app
        self._url = url
        self._runs = itertools.count(1)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(_BARE)
            self._accounts: dict[str, int] = dict(connection.execute("select code, id from account"))

    def bulk(self) -> dict[str, float]:
        """Calls of `BATCH` entries, one after the other; each is a commit."""
        name = f"bulk{next(self._runs)}"
        batches = [drafts(name, range(n * BATCH, (n + 1) * BATCH)) for n in range(BATCHES)]
        with stopwatch() as watched:
            for batch in batches:
                self._app.post(batch, actor=ACTOR)
        return {"per second": BATCHES * BATCH / watched[0]}

    def bulk_bare(self) -> dict[str, float]:
        """The same batches and commits, each by one INSERT of arrays made ready."""
        batches = self._made("bare")
        ready = [
            [_array_of(column) for rows in batch for column in zip(*rows, strict=True)] for batch in batches
        ]  # fmt: skip
        with psycopg.connect(self._url, autocommit=True) as connection, stopwatch() as watched:
            for values in ready:
                connection.execute(_INSERT_MANY, values, prepare=True)
        return {"per second": BATCHES * BATCH / watched[0]}

    def bulk_copied(self) -> dict[str, float]:
        """The same batches and commits, by COPY of bytes made ready."""
        batches = self._made("copied")
        with psycopg.connect(self._url, autocommit=True) as connection:
            ready = [
                (_binary(connection, _ENTRY_COLUMNS, heads), _binary(connection, _LINE_COLUMNS, lines))
                for heads, lines in batches
            ]
            into = [_copy("bare_entry", _ENTRY_COLUMNS), _copy("bare_line", _LINE_COLUMNS)]
            with stopwatch() as watched:
                for parts in ready:
                    with connection.transaction(), connection.cursor() as cursor:
                        for statement, part in zip(into, parts, strict=True):
                            with cursor.copy(statement) as copy:
                                copy.write(part)
        return {"per second": BATCHES * BATCH / watched[0]}

    def _made(self, name: str) -> list[tuple[list[tuple[object, ...]], list[tuple[object, ...]]]]:
        """New entries as rows for the bare tables: the headers and the lines of each batch."""
        run = next(self._runs)
        found = list(enumerate(drafts(f"{name}{run}", range(BATCHES * BATCH)), start=run * 10_000_000))
        batches = [found[first : first + BATCH] for first in range(0, len(found), BATCH)]
        return [
            ([_head(entry, draft) for entry, draft in batch], [r for e, d in batch for r in self._lines(e, d)])
            for batch in batches
        ]

    def single(self) -> dict[str, float]:
        """Each caller posts one entry a call and waits for its answer before the next."""
        found = drafts(f"single{next(self._runs)}", range(CALLERS * ENTRIES_A_CALLER))

        def call(number: int) -> None:
            for draft in found[number::CALLERS]:
                self._app.post_one(draft)

        return {"per second": len(found) / _together(call)}

    def single_bare(self) -> dict[str, float]:
        """Each connection commits one entry at a time."""
        found = drafts(f"barely{next(self._runs)}", range(CALLERS * ENTRIES_A_CALLER))
        ready = [self._values(draft) for draft in found]
        connections = [psycopg.connect(self._url, autocommit=True) for _ in range(CALLERS)]

        def call(number: int) -> None:
            with connections[number].cursor() as cursor:
                for values in ready[number::CALLERS]:
                    cursor.execute(_INSERT, values, prepare=True)

        try:
            return {"per second": len(found) / _together(call)}
        finally:
            for connection in connections:
                connection.close()

    def _values(self, draft: EntryDraft) -> list[object]:
        lines = [row for _, _, *row in self._lines(0, draft)]
        head = _head(0, draft)
        return [head[2], head[3], *head[5:], *(value for line in lines for value in line[1:])]

    def _lines(self, entry: int, draft: EntryDraft) -> list[tuple[object, ...]]:
        return [
            (
                1, entry, number, self._accounts[line.account], line.currency, line.amount_minor, line.base_minor,
                draft.effective_date, line.item,
            )
            for number, line in enumerate(draft.lines, start=1)
        ]  # fmt: skip


def _head(entry: int, draft: EntryDraft) -> tuple[object, ...]:
    return (
        1, entry, draft.effective_date, draft.occurred_at, len(draft.lines), draft.key, content_hash(draft),
        draft.rule_id, draft.rule_version, draft.why, draft.memo, draft.actor,
    )  # fmt: skip


def _array_of(values: Sequence[object]) -> str:
    """The values as PostgreSQL reads an array."""
    return f"{{{','.join(map(_element, values))}}}"


def _element(value: object) -> str:
    if value is None or isinstance(value, int):
        return "null" if value is None else str(value)
    text = rf"\\x{value.hex()}" if isinstance(value, bytes) else str(value)
    assert '"' not in text, "nothing here is to be quoted"
    return f'"{text}"'


def _copy(table: str, columns: Sequence[tuple[str, str]]) -> sql.Composed:
    names = sql.SQL(", ").join(sql.Identifier(name) for name, _ in columns)
    return sql.SQL("copy {} ({}) from stdin (format binary)").format(sql.Identifier(table), names)


def _binary(
    connection: psycopg.Connection[tuple[object, ...]],
    columns: Sequence[tuple[str, str]],
    rows: Sequence[tuple[object, ...]],
) -> bytes:
    """Rows as COPY's binary format has them: PostgreSQL itself is asked, over a table that is dropped again."""
    casts = sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(n), sql.SQL(t)) for n, t in columns)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("create temp table ready ({})").format(casts))
        with cursor.copy("copy ready from stdin (format binary)") as copy:
            copy.set_types([kind for _, kind in columns])
            for row in rows:
                copy.write_row(row)
        with cursor.copy("copy ready to stdout (format binary)") as copy:
            found = b"".join(copy)
        cursor.execute("drop table ready")
    return found


def _together(call: Callable[[int], None]) -> float:
    """Seconds until all callers, started at once, are done."""
    barrier = threading.Barrier(CALLERS + 1)
    failed: list[BaseException] = []

    def run(number: int) -> None:
        barrier.wait()
        try:
            call(number)
        except BaseException as error:  # noqa: BLE001 - raised by the one who waits
            failed.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(CALLERS)]
    for thread in threads:
        thread.start()
    with stopwatch() as watched:
        barrier.wait()
        for thread in threads:
            thread.join()
    if failed:
        raise failed[0]
    return watched[0]
