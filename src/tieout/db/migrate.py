"""Forward-only migrations: numbered SQL files, each applied once, in one transaction each."""

import re
from importlib.resources import files

import psycopg

from tieout.db.pool import Connection
from tieout.model.error import SetupError

_NAME = re.compile(r"^(\d{4})_(\w+)\.sql$")
_LOCK = 0x7469656F  # an advisory lock of our own, so that two processes never migrate at once


def migrations() -> list[tuple[int, str, str]]:
    """(number, name, SQL) of every migration, in order."""
    folder = files("tieout.db").joinpath("migrations")
    return sorted(
        (int(match[1]), match[2], file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if (match := _NAME.match(file.name))
    )


def version_of(connection: Connection) -> int:
    """The number of the last migration applied; 0 for an empty database."""
    row = connection.execute("select to_regclass('schema_version')").fetchone()
    if row is None or row[0] is None:
        return 0
    row = connection.execute("select coalesce(max(number), 0) from schema_version").fetchone()
    assert row is not None
    return int(row[0])


def migrate(url: str, *, upto: int | None = None) -> list[str]:
    """Brings the database to the newest version (or `upto`) and returns the names applied.

    Raises SetupError if the database is newer than this program.
    """
    applied = []
    known = migrations()
    with psycopg.connect(url, autocommit=True, options="-c timezone=UTC -c client_min_messages=warning") as connection:
        connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
        connection.execute(
            "create table if not exists schema_version ("
            " number int primary key, name text not null, applied_at timestamptz not null default now())"
        )
        current = version_of(connection)
        if current > known[-1][0]:
            raise SetupError(
                f"The database is at version {current}, newer than this program's {known[-1][0]}",
                where="database",
                remedy="Install the newer tieout; migrations only go forward.",
            )
        for number, name, sql in known:
            if number <= current or (upto is not None and number > upto):
                continue
            with connection.transaction():
                connection.execute(sql.encode())
                connection.execute("insert into schema_version (number, name) values (%s, %s)", (number, name))
            applied.append(f"{number:04} {name}")
    return applied
