"""The API's description: OpenAPI for programs, one page for people, both made from the handlers themselves."""

from http import HTTPStatus
from importlib import metadata
from typing import Any

from litestar import MediaType, Request, Router, get
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from msgspec import Struct

from tieout.console.rendering import bare
from tieout.model.error import TieoutError

DESCRIPTION = (
    "Amounts are whole minor units beside their ISO 4217 currency (1234 EUR is 12.34 euro), debit positive, credit "
    "negative. Ids carry their kind: dlv_ delivery, evt_ event, ent_ entry, itm_ open item, mat_ match, cas_ "
    "exception. Errors are problem JSON (RFC 9457) with a stable code and a remedy. Make a key with `tieout init` or "
    "`tieout key new` and send it as “Authorization: Bearer …”."
)
COMPONENTS = Components(
    security_schemes={
        "key": SecurityScheme(type="http", scheme="bearer", description="An API key, or a session of the console.")
    }
)


def version() -> str:
    """The version that is installed; run from a bare source tree there is none."""
    try:
        return metadata.version("tieout")
    except metadata.PackageNotFoundError:
        return "0"


class Reference(OpenAPIRenderPlugin):
    """The reference page, in the look of the console; it loads nothing from anywhere else."""

    def __init__(self) -> None:
        super().__init__(path="/", media_type=MediaType.HTML)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002 -- as Litestar calls it
        """The page."""
        return bare(
            "reference.html", info=openapi_schema["info"], groups=groups_of(openapi_schema), errors=errors()
        ).encode()


def router() -> Router:
    """Where the page is."""
    return Router("/docs", route_handlers=[], include_in_schema=False, opt={"page": True})


@get("/openapi.json", sync_to_thread=False, include_in_schema=False, media_type="application/json")
def openapi_json(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The OpenAPI description."""
    return request.app.openapi_schema.to_schema()


class Argument(Struct, frozen=True):
    """A parameter of an operation: where it stands (path or query), its type in words, what it does."""

    name: str
    place: str
    kind: str
    required: bool
    description: str


class Operation(Struct, frozen=True):
    """An operation as the page shows it; `takes` and `answers` are types in words, empty if there is none."""

    method: str
    path: str
    summary: str
    description: str
    arguments: tuple[Argument, ...]
    takes: str
    answers: str


def groups_of(schema: dict[str, Any]) -> dict[str, list[Operation]]:
    """The operations of an OpenAPI description by their tag, in the order of tags and paths."""
    found: dict[str, list[Operation]] = {}
    for path, methods in sorted(schema["paths"].items()):
        for method, operation in methods.items():
            found.setdefault(operation["tags"][0], []).append(_operation(method, path, operation))
    return dict(sorted(found.items()))


def _operation(method: str, path: str, operation: dict[str, Any]) -> Operation:
    arguments = tuple(
        Argument(p["name"], p["in"], kind_of(p.get("schema", {})), p.get("required", False), p.get("description", ""))
        for p in operation.get("parameters", ())
    )
    good = [answer for status, answer in operation["responses"].items() if int(status) < HTTPStatus.MULTIPLE_CHOICES]
    return Operation(
        method.upper(),
        path,
        operation["summary"],
        operation.get("description", ""),
        arguments,
        _content(operation.get("requestBody", {})),
        _content(good[0]) if good else "",
    )


def _content(holder: dict[str, Any]) -> str:
    return "; ".join(
        f"{kind_of(found.get('schema', {}))} as {media}" for media, found in holder.get("content", {}).items()
    )


def kind_of(schema: dict[str, Any]) -> str:
    """A JSON schema in words: a noun's name, “list of Balance”, “date or null”."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1].replace("tieout.app.views.", "").replace("_", " ").strip()
    if "oneOf" in schema:
        return " or ".join(kind_of(one) for one in schema["oneOf"])
    if schema.get("type") == "array":
        return f"list of {kind_of(schema.get('items', {}))}"
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    return str(schema.get("format") or schema.get("type") or "anything")


def errors() -> list[tuple[str, int, str]]:
    """(code, status, what it means and what to do) of every error, in the order of codes."""
    found: dict[str, tuple[str, int, str]] = {}
    waiting = [TieoutError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind is not TieoutError:
            found[kind.code] = (kind.code, kind.status, kind.__doc__ or "")
    return [found[code] for code in sorted(found)]
