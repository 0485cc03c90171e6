"""Stylesheet, script and icon: three files, read once, named by their content so that browsers may keep them."""

import hashlib
from functools import cache
from importlib.resources import files

from litestar import Response, get
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from tieout.model.error import NotFound

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"


class Asset(Struct, frozen=True):
    """A file as served, with the beginning of its hash."""

    body: bytes
    media_type: str
    digest: str


@cache
def assets() -> dict[str, Asset]:
    """All files, by name."""
    found = {}
    for file in files("tieout.console").joinpath("static").iterdir():
        kind = _TYPES.get(file.name.rpartition(".")[2])
        if kind is not None:
            body = file.read_bytes()
            found[file.name] = Asset(body, kind, hashlib.sha256(body).hexdigest()[:12])
    return found


def url(name: str) -> str:
    """The address of a file; it changes with the content."""
    return f"/static/{name}?v={assets()[name].digest}"


@get("/static/{name:str}", opt={"public": True}, sync_to_thread=False)
def serve(name: FromPath[str], v: FromQuery[str] = "") -> Response[bytes]:
    """One file. Without the right hash it is served too, but not to be kept."""
    asset = assets().get(name)
    if asset is None:
        raise NotFound(f"There is no file “{name}”", where="static", remedy="Reload the page.")
    headers = {"Cache-Control": _FOR_EVER if v == asset.digest else "no-cache"}
    return Response(asset.body, media_type=asset.media_type, headers=headers)
