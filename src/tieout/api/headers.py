"""Headers that every answer carries: what a page may load, who may frame it, and that nothing of it is kept."""

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

#: Referrer-Policy is same-origin and not no-referrer: with the latter, browsers on plain http send “Origin: null” with
#: our own forms, which then could not be told from another site's.
_ALWAYS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


async def secure(message: Message, _scope: Scope) -> None:
    """Adds the headers to an answer as it starts; an answer's own Cache-Control stays."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message=message)
    for name, value in _ALWAYS.items():
        headers[name] = value
    if "cache-control" not in headers:
        headers["Cache-Control"] = "no-store"
