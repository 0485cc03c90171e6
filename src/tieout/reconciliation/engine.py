"""Runs the passes on DuckDB, in this process. The SQL is in templates.sql; this only fills, runs and collects."""

import csv
import hashlib
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from tieout.db.queries import Queries
from tieout.model.match import Allocation
from tieout.reconciliation.calendar import bank_days_between
from tieout.reconciliation.rule import MatchingRules, Pass

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TEMPLATES = Queries("tieout.reconciliation", "templates.sql")

_EPOCH = date(1970, 1, 1)
#: Said in full: left to guess, the reader takes a name with a bar or a backslash in it for another format.
_FILE_FORMAT = (
    "format csv, header false, auto_detect false, delimiter ',', quote '\"', escape '\"', new_line '\\n',"
    " comment '', allow_quoted_nulls false, parallel false"
)
_ITEM_COLUMNS = (
    "id bigint, account_id int, role varchar, currency varchar, name varchar, amount bigint, day int, side varchar,"
    " source varchar"
)


class Item(Struct, frozen=True):
    """An open item as the engine sees it. `day` counts from 1970-01-01; `side` is "bank" for bank lines."""

    id: int
    account_id: int
    role: str
    currency: str
    name: str
    amount: int
    day: int
    side: str
    source: str = ""


class Group(Struct, frozen=True):
    """Items a pass ties together; they sum to zero, but for a residual that the pass writes off (debit positive)."""

    pass_: Pass
    key: str
    account_id: int
    currency: str
    allocations: tuple[Allocation, ...]
    residual_minor: int = 0


class Result(Struct, frozen=True):
    """What a run found: groups in a fixed order, bank lines and payouts that name each other but do not tie, a hash."""

    groups: tuple[Group, ...]
    named_pairs: tuple[tuple[int, int], ...]
    hash: str
    engine: str
    version: str


def normalise(reference: str) -> str:
    """Capital letters and digits only: banks change case, blanks and hyphens on the way."""
    return "".join(character for character in reference.upper() if character.isascii() and character.isalnum())


class DuckDialect:
    """What differs between engines; the templates ask for it by name."""

    def fill(self, template: str, roles: Sequence[str]) -> str:
        """The template as this engine runs it."""
        return template.replace("{{text}}", "to_text").replace("{{roles}}", self.listed(roles))

    def listed(self, texts: Sequence[str]) -> str:
        """Texts as the right side of `in`."""
        return "(" + ", ".join("'" + text.replace("'", "''") + "'" for text in texts) + ")"

    def prepare(self, connection: "DuckDBPyConnection") -> None:
        """Defines the functions the templates use."""
        connection.execute("create macro to_text(x) as cast(x as varchar)")


def run(
    rules: MatchingRules,
    items: Sequence[Item],
    parts: Iterable[tuple[str, str]],
    clues: Iterable[tuple[int, str]],
) -> Result:
    """Applies all passes, each to what the ones before left open. The same input in any order gives the same result."""
    import duckdb

    dialect = DuckDialect()
    with duckdb.connect(":memory:", config={"threads": 2}) as connection, tempfile.TemporaryDirectory() as folder:
        dialect.prepare(connection)
        rows = ((i.id, i.account_id, i.role, i.currency, i.name, i.amount, i.day, i.side, i.source) for i in items)
        _load(connection, Path(folder), "pool", _ITEM_COLUMNS, rows)
        _load(connection, Path(folder), "part", "txn varchar, payout varchar", set(parts))
        _load(connection, Path(folder), "clue", "item_id bigint, ref varchar", set(clues))
        by_id = {item.id: item for item in items}
        groups: list[Group] = []
        for pass_ in rules.passes:
            found = _apply(connection, dialect, pass_, by_id, rules.timing.calendar)
            groups += found
            _remove(connection, [a.item_id for group in found for a in group.allocations])
        connection.execute("create or replace view item as select * from pool")
        pairs = connection.execute(dialect.fill(_TEMPLATES.text("bank_links"), ())).fetchall()
        return Result(tuple(groups), tuple((b, p) for b, p in pairs), _hash(groups), "duckdb", duckdb.__version__)


def _load(
    connection: "DuckDBPyConnection", folder: Path, table: str, columns: str, rows: Iterable[tuple[object, ...]]
) -> None:
    """Loads rows through a file, which DuckDB reads hundreds of times faster than it takes single rows."""
    connection.execute(f"create table {table} ({columns})")
    file = folder / f"{table}.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    if file.stat().st_size:
        connection.execute(f"copy {table} from '{file}' ({_FILE_FORMAT})")


def _apply(
    connection: "DuckDBPyConnection", dialect: DuckDialect, pass_: Pass, by_id: dict[int, Item], calendar: str
) -> list[Group]:
    only = [
        f"{column} in {dialect.listed(texts)}"
        for column, texts in (("source", pass_.sources), ("currency", pass_.currencies))
        if texts
    ]
    connection.execute(f"create or replace view item as select * from pool where {' and '.join(only) or 'true'}")  # noqa: S608 - quoted by the dialect
    rows = connection.execute(dialect.fill(_TEMPLATES.text(pass_.template), pass_.roles)).fetchall()
    members: dict[str, list[Allocation]] = {}
    for key, item_id, amount in sorted(rows):
        members.setdefault(key, []).append(Allocation(item_id, amount))
    groups = []
    for key, allocations in members.items():
        rest = sum(a.amount_minor for a in allocations)
        assert pass_.write_off or rest == 0, f"pass {pass_.id} ties {key} by a sum that is not zero"
        tied = [by_id[a.item_id] for a in allocations]
        if pass_.write_off is None or _within(pass_, tied, rest, calendar):
            name = _key_name(pass_, key, tied)
            groups.append(Group(pass_, name, tied[0].account_id, tied[0].currency, tuple(allocations), rest))
    return groups


def _within(pass_: Pass, items: Sequence[Item], rest: int, calendar: str) -> bool:
    """Whether a bank line and its payouts differ by so much, and lie so many bank days apart, as the pass allows."""
    assert pass_.tolerance is not None and pass_.write_off is not None
    payouts, lines = [i for i in items if i.side == ""], [i for i in items if i.side == "bank"]
    expected = sum(i.amount for i in payouts)
    # What the bank booked less of money that came in, or more of money that went out, is missing either way.
    missing = rest if expected > 0 else -rest
    sent, booked = (_EPOCH + timedelta(days=max(i.day for i in side)) for side in (payouts, lines))
    first, last = pass_.tolerance.days
    return (
        rest != 0
        and pass_.tolerance.allows(abs(expected), missing, items[0].currency)
        and pass_.write_off.takes(rest, items[0].currency)
        and first <= bank_days_between(sent, booked, calendar) <= last
    )


def _key_name(pass_: Pass, key: str, items: Sequence[Item]) -> str:
    """What the group is known by, for people: the shared name, or the payout that a bank line settles."""
    if pass_.template == "payout_of_lines":
        return key.split("/", 2)[2]
    names = sorted(item.name for item in items if item.side == "")
    return names[0] if names else items[0].name


def _remove(connection: "DuckDBPyConnection", ids: Sequence[int]) -> None:
    if ids:
        connection.execute("delete from pool where id in (select unnest(?))", [list(ids)])


def _hash(groups: Sequence[Group]) -> str:
    digest = hashlib.sha256(b"tieout-matches-1")
    for group in sorted(groups, key=lambda g: (g.pass_.id, g.key, g.account_id, g.currency)):
        parts = [group.pass_.id, str(group.pass_.version), group.key, group.currency]
        parts += sorted(str(a.amount_minor) for a in group.allocations)
        digest.update("\x1f".join(parts).encode() + b"\x1e")
    return digest.hexdigest()
