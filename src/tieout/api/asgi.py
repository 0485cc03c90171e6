"""Puts the server together: doors, API, health and console over one `Tieout`."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import anyio.to_thread
from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig

from tieout import console
from tieout.api import (
    agreeing,
    balances,
    bookkeeping,
    deciding,
    docs,
    entries,
    exports,
    health,
    owning,
    paying,
    quoting,
    rating,
    reading,
    selling,
    stating,
)
from tieout.api.auth import PUBLIC, Authentication, actor_of
from tieout.api.doors import import_file, import_journal, import_rates, receive_hook, receive_objects
from tieout.api.errors import answer_error
from tieout.api.headers import secure
from tieout.app import Settings, Tieout, settings_from_environment
from tieout.console.throttle import Throttle

#: Forms and JSON of people's decisions; doors have limits of their own from the settings.
_BODY_BYTES_MAX = 1_000_000


def create_app(tieout: Tieout | None = None) -> Litestar:
    """The ASGI application; without a `Tieout` it opens one from the environment when it starts."""
    settings = tieout.settings if tieout else settings_from_environment()
    return Litestar(
        route_handlers=[*_programs(settings), console.router()],
        lifespan=[_opened(tieout, settings)],
        state=State({"tieout": tieout, "throttle": Throttle()}),
        dependencies={
            "tieout": Provide(_tieout_of, sync_to_thread=False),
            "actor": Provide(actor_of, sync_to_thread=False),
        },
        middleware=[Authentication()],
        exception_handlers={Exception: answer_error},
        before_send=[secure],
        request_max_body_size=_BODY_BYTES_MAX,
        openapi_config=OpenAPIConfig(
            title="tieout",
            version=docs.version(),
            description=docs.DESCRIPTION,
            use_handler_docstrings=True,
            components=docs.COMPONENTS,
            security=[{"key": []}],
            openapi_router=docs.router(),
            render_plugins=[docs.Reference()],
        ),
        logging_config=None,
        debug=False,
    )


def _programs(settings: Settings) -> list[Router]:
    """Everything that is not for people's eyes."""
    hooks = Router(
        "/hooks", route_handlers=[receive_hook], opt={PUBLIC: True}, request_max_body_size=settings.body_bytes_max
    )
    files = Router(
        "/v1",
        route_handlers=[import_file, import_journal, import_rates, receive_objects],
        request_max_body_size=settings.file_bytes_max,
    )
    rest = [
        *reading.HANDLERS,
        *balances.HANDLERS,
        *agreeing.HANDLERS,
        *deciding.HANDLERS,
        *entries.HANDLERS,
        *exports.HANDLERS,
        *quoting.HANDLERS,
        *stating.HANDLERS,
        *owning.HANDLERS,
        *rating.HANDLERS,
        *selling.HANDLERS,
        *paying.HANDLERS,
        *bookkeeping.HANDLERS,
        docs.openapi_json,
    ]
    alive = Router("/", route_handlers=[*health.HANDLERS], opt={PUBLIC: True})
    return [hooks, files, Router("/v1", route_handlers=rest), alive]


def _opened(
    tieout: Tieout | None, settings: Settings
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:  # fmt: skip
    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        opened = None if tieout else await anyio.to_thread.run_sync(Tieout.open, settings)
        app.state.tieout = tieout or opened
        try:
            yield
        finally:
            if opened is not None:
                await anyio.to_thread.run_sync(opened.close)

    return lifespan


def _tieout_of(state: State) -> Tieout:
    found: Tieout = state.tieout
    return found
