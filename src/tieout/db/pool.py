"""The connection pool and the unit of work: one transaction, opened in `app` and nowhere else."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from tieout.model.error import SetupError

Connection = psycopg.Connection[TupleRow]
Cursor = psycopg.Cursor[TupleRow]
#: Raised while the server is away, restarting or refusing; what was being done can be done again.
DatabaseAway = psycopg.OperationalError
#: Raised for a value that the database's types cannot hold, such as text with a NUL character.
Unstorable = psycopg.DataError

#: The pool tells every failed attempt to the log; what came of them is said by whoever opens it.
logging.getLogger("psycopg.pool").addHandler(logging.NullHandler())
_WHERE = "TIEOUT_DATABASE_URL"
_PATIENCE_SECONDS = 15
_STEADY_OPTIONS = "-c timezone=UTC -c lock_timeout=30s"
_OPTIONS = f"{_STEADY_OPTIONS} -c plan_cache_mode=force_custom_plan"


class Database:
    """A pool of connections to one database. `unit()` is a unit of work: it commits as a whole or not at all.

    Statements work on sets of one or of thousands, on tables that may have been empty a minute ago, so each is
    planned for what it is given; a plan kept from a session's first statements can be a thousand times slower.
    """

    def __init__(self, url: str, *, connections_max: int = 12) -> None:
        self.url = url
        self._listener: Connection | None = None
        self._steady: dict[int, Connection] = {}
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            url,
            min_size=1,
            max_size=connections_max,
            open=False,
            kwargs={"options": _OPTIONS, "application_name": "tieout"},
            check=ConnectionPool.check_connection,
        )

    def open(self) -> "Database":
        """Connects. Raises SetupError if the URL is none, or if the server cannot be reached."""
        try:
            conninfo_to_dict(self.url)
        except psycopg.ProgrammingError as error:
            raise SetupError(
                f"The database's URL cannot be read: {_one_line(error)}",
                where=_WHERE,
                remedy="It looks like postgresql://user:password@host:5432/database.",
            ) from None
        try:
            self._pool.open(wait=True, timeout=_PATIENCE_SECONDS)
        except PoolTimeout:
            self._pool.close()
            raise SetupError(
                f"The database cannot be reached{self._why()}",
                where=_WHERE,
                remedy="Check that the server runs and that the URL, user and password are right.",
            ) from None
        return self

    def _why(self) -> str:
        """What the server, or the way to it, says when it is asked once more."""
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            return f": {_one_line(error)}"
        return ""

    def close(self) -> None:
        """Gives all connections back."""
        self._stop_listening()
        for connection in self._steady.values():
            connection.close()
        self._pool.close()

    def wait(self, channel: str, seconds: int) -> bool:
        """Waits until something is told on a channel, at most so long. True if it was; what came before counts.

        For one thread only. Raises DatabaseAway; the next call connects anew.
        """
        try:
            if self._listener is None:
                self._listener = psycopg.connect(self.url, autocommit=True, application_name="tieout wait")
                self._listener.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
                return True  # what was told before we listened is not lost: look once
            return next(self._listener.notifies(timeout=seconds, stop_after=1), None) is not None
        except DatabaseAway:
            self._stop_listening()
            raise

    def _stop_listening(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    @contextmanager
    def steady(self) -> Iterator[Connection]:
        """A connection that this thread keeps, on which each statement is a unit of work by itself.

        For one statement after another with nothing between: no connection to look after, no begin, no commit.
        Raises DatabaseAway; the next call connects anew.
        """
        me = threading.get_ident()
        try:
            if me not in self._steady:
                self._steady[me] = psycopg.connect(
                    self.url, autocommit=True, options=_STEADY_OPTIONS, application_name="tieout steady"
                )
            yield self._steady[me]
        except DatabaseAway:
            if (connection := self._steady.pop(me, None)) is not None:
                connection.close()
            raise

    @contextmanager
    def unit(self) -> Iterator[Connection]:
        """One unit of work. Leaving it normally commits, leaving it by an exception rolls everything back."""
        with self._pool.connection() as connection, connection.transaction():
            yield connection


def _one_line(error: Exception) -> str:
    """The first line of what the driver says; the rest are hints about ports and sockets."""
    return str(error).strip().partition("\n")[0]
