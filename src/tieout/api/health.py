"""Health: whether the server lives, whether its database answers, and whether it is ready to work."""

from typing import Any

import structlog
from litestar import Response, get
from msgspec import Struct

from tieout.app import DatabaseAway, Tieout
from tieout.console.query import Hub
from tieout.model.error import TieoutError

_LOG = structlog.get_logger("tieout")


class Health(Struct, frozen=True):
    """Whether all is well, and whether the database answers."""

    ok: bool
    database: bool


def _look(tieout: Tieout) -> tuple[bool, TieoutError | None]:
    """Whether the database answers, and what keeps the books from being used."""
    try:
        tieout.entity()
    except TieoutError as error:
        return True, error
    except DatabaseAway as error:
        _LOG.error("health.database", error=type(error).__name__)
        return False, None
    return True, None


@get("/healthz", sync_to_thread=True, summary="Health", tags=["Health"])
def healthz(tieout: Hub) -> Response[Health]:
    """200 if the server lives and its database answers, else 503. Needs no login."""
    database, _ = _look(tieout)
    return Response(Health(database, database), status_code=200 if database else 503)


@get("/readyz", sync_to_thread=True, summary="Readiness", tags=["Health"])
def readyz(tieout: Hub) -> Response[Any]:
    """200 if the books are open and can be used, else 503. Needs no login."""
    database, problem = _look(tieout)
    ready = database and problem is None
    return Response(Health(ready, database), status_code=200 if ready else 503)


HANDLERS = (healthz, readyz)
