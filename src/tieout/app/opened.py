"""What every part of the face stands on: an open database and one way to work in it."""

from collections.abc import Iterator
from contextlib import contextmanager

from tieout.app.context import LedgerContext
from tieout.app.settings import Settings
from tieout.db.pool import Connection, Database, Unstorable
from tieout.model.entity import Actor
from tieout.model.error import BadInput

#: Whoever does what nobody in particular asked for.
SYSTEM = Actor("tieout", "system")
#: How the driver (None) and the server say that a text has a character the database cannot hold.
_NO_CHARACTER = (None, "22021", "22P05")


class Opened:
    """An open installation. Each part of the face is a class of its own that adds the methods of one room."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self.settings = settings

    @contextmanager
    def _books(self) -> Iterator[tuple[Connection, LedgerContext]]:
        """One unit of work on the books. Raises SetupError if none are open, BadInput for a text nothing can keep."""
        try:
            with self.database.unit() as connection:
                yield connection, LedgerContext(connection, self.settings)
        except (Unstorable, UnicodeEncodeError) as error:
            if isinstance(error, Unstorable) and error.sqlstate not in _NO_CHARACTER:
                raise
            remedy = "Leave out NUL and whatever else is no Unicode."
            raise BadInput("A text has a character that cannot be kept", where="text", remedy=remedy) from error
