"""Who is asking. Everything needs an API key or a login session, unless its handler says that it is public.

A session lives in a cookie, and browsers send cookies along with requests that other sites make. So whatever changes
something and comes with the cookie must come from our own pages: see `from_own_page`.
"""

from functools import partial
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from tieout.app import Tieout
from tieout.console.session import COOKIE
from tieout.model.entity import Actor
from tieout.model.error import NotAllowed, NotFound

#: `opt` of a handler: answers everybody.
PUBLIC = "public"
#: `opt` of a handler: answers sellers too, each with its own books. To them there is nothing at any other address.
SELLERS = "sellers"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Authentication(ASGIMiddleware):
    """Puts the actor into `request.user`, or raises NotAllowed."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """One request."""
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
        unsafe = scope.get("method") not in _SAFE
        handler_options = scope["route_handler"].opt
        if handler_options.get(PUBLIC):
            # Logging in is public and still ours alone: nobody may log a visitor in under another name.
            if unsafe and handler_options.get("page") and not from_own_page(connection):
                raise _foreign()
        else:
            actor = await self._actor(connection, unsafe=unsafe)
            if actor.party is not None and not handler_options.get(SELLERS):
                raise NotFound("There is nothing at this address", remedy="Your own books are at /portal.")
            scope["user"] = actor
        await next_app(scope, receive, send)

    async def _actor(self, connection: ASGIConnection[Any, Any, Any, Any], *, unsafe: bool) -> Actor:
        tieout: Tieout = connection.app.state.tieout
        scheme, _, key = connection.headers.get("authorization", "").partition(" ")
        token = connection.cookies.get(COOKIE)
        actor = None
        if scheme.lower() == "bearer":
            actor = await anyio.to_thread.run_sync(partial(tieout.actor_of_key, key.strip()))
        elif token:
            if unsafe and not from_own_page(connection):
                raise _foreign()
            actor = await anyio.to_thread.run_sync(partial(tieout.actor_of_session, token))
        if actor is None:
            raise NotAllowed(
                "You are not logged in, or the key is not valid", where="authorization",
                remedy="Log in at /login, or send “Authorization: Bearer” with an API key.",
            )  # fmt: skip
        return actor


def from_own_page(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Whether a browser says that one of our own pages sent this; without a word from it, no.

    Sec-Fetch-Site cannot be set by scripts; browsers leave it out on plain http, where Origin stands in for it.
    """
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = connection.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc == connection.headers.get("host", "")


def _foreign() -> NotAllowed:
    return NotAllowed(
        "This did not come from a page of this server", where="origin",
        remedy="Use the console itself; programs send an API key and no cookie.",
    )  # fmt: skip


def actor_of(request: Request[Actor, Any, Any]) -> Actor:
    """Who is asking, for handlers."""
    return request.user
