"""Runs the passes on DuckDB, in this process. The SQL is in templates.sql; this only fills, runs and collects."""

import csv
import hashlib
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from tieout.db.queries import Queries
from tieout.model.match import Allocation
from tieout.reconciliation.rule import MatchingRules, Pass

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TEMPLATES = Queries("tieout.reconciliation", "templates.sql")


#: Said in full: left to guess, the reader takes a name with a bar or a backslash in it for another format.
_FILE_FORMAT = (
    "format csv, header false, auto_detect false, delimiter ',', quote '\"', escape '\"', new_line '\\n',"
    " comment '', allow_quoted_nulls false, parallel false"
)
_ITEM_COLUMNS = (
    "id bigint, account_id int, role varchar, currency varchar, name varchar, amount bigint, day int, side varchar"
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


class Group(Struct, frozen=True):
    """Items a pass ties together; they sum to zero."""

    pass_: Pass
    key: str
    account_id: int
    currency: str
    allocations: tuple[Allocation, ...]


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
        listed = "(" + ", ".join("'" + role.replace("'", "''") + "'" for role in roles) + ")"
        return template.replace("{{text}}", "to_text").replace("{{roles}}", listed)

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
        rows = ((i.id, i.account_id, i.role, i.currency, i.name, i.amount, i.day, i.side) for i in items)
        _load(connection, Path(folder), "item", _ITEM_COLUMNS, rows)
        _load(connection, Path(folder), "part", "txn varchar, payout varchar", set(parts))
        _load(connection, Path(folder), "clue", "item_id bigint, ref varchar", set(clues))
        by_id = {item.id: item for item in items}
        groups: list[Group] = []
        for pass_ in rules.passes:
            found = _apply(connection, dialect, pass_, by_id)
            groups += found
            _remove(connection, [a.item_id for group in found for a in group.allocations])
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


def _apply(connection: "DuckDBPyConnection", dialect: DuckDialect, pass_: Pass, by_id: dict[int, Item]) -> list[Group]:
    rows = connection.execute(dialect.fill(_TEMPLATES.text(pass_.template), pass_.roles)).fetchall()
    members: dict[str, list[Allocation]] = {}
    for key, item_id, amount in sorted(rows):
        members.setdefault(key, []).append(Allocation(item_id, amount))
    groups = []
    for key, allocations in members.items():
        assert sum(a.amount_minor for a in allocations) == 0, f"pass {pass_.id} ties {key} by a sum that is not zero"
        first = by_id[allocations[0].item_id]
        name = _key_name(pass_, key, [by_id[a.item_id] for a in allocations])
        groups.append(Group(pass_, name, first.account_id, first.currency, tuple(allocations)))
    return groups


def _key_name(pass_: Pass, key: str, items: Sequence[Item]) -> str:
    """What the group is known by, for people: the shared name, or the payout that a bank line settles."""
    if pass_.template == "payout_of_lines":
        return key.split("/", 2)[2]
    names = sorted(item.name for item in items if item.side == "")
    return names[0] if names else items[0].name


def _remove(connection: "DuckDBPyConnection", ids: Sequence[int]) -> None:
    if ids:
        connection.execute("delete from item where id in (select unnest(?))", [list(ids)])


def _hash(groups: Sequence[Group]) -> str:
    digest = hashlib.sha256(b"tieout-matches-1")
    for group in sorted(groups, key=lambda g: (g.pass_.id, g.key, g.account_id, g.currency)):
        parts = [group.pass_.id, str(group.pass_.version), group.key, group.currency]
        parts += sorted(str(a.amount_minor) for a in group.allocations)
        digest.update("\x1f".join(parts).encode() + b"\x1e")
    return digest.hexdigest()
