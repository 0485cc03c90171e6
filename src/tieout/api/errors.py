"""Errors as RFC 9457 problem JSON for programs and as a page for people, and nothing of our insides in either."""

import secrets
import traceback
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from msgspec import Struct

from tieout.app import DatabaseAway
from tieout.console.rendering import error_page
from tieout.console.session import login_needed
from tieout.model.error import BadInput, NotAllowed, NotFound, TieoutError, TooLarge

_LOG = structlog.get_logger("tieout")
PROBLEM_JSON = "application/problem+json"
#: Where the catalogue of error codes is; a problem's type is a link into it.
CATALOGUE = "/docs#error-"
#: Framework errors that have a code of ours.
_CODES = {
    HTTPStatus.BAD_REQUEST: BadInput.code,
    HTTPStatus.UNAUTHORIZED: NotAllowed.code,
    HTTPStatus.NOT_FOUND: NotFound.code,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TooLarge.code,
}
_REMEDIES = {
    HTTPStatus.NOT_FOUND: "See /docs for what there is.",
    HTTPStatus.METHOD_NOT_ALLOWED: "See /docs for the methods of this address.",
    HTTPStatus.BAD_REQUEST: "See /docs for what is expected here.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Send it in parts, or raise TIEOUT_BODY_MAX_BYTES or TIEOUT_FILE_MAX_BYTES.",
}


class Problem(Struct, frozen=True):
    """An error. `code` is stable; `detail` says what is wrong, `where` in which part, `remedy` what to do about it.

    `instance` names the line in the server's log if the error is ours.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    where: str = ""
    remedy: str = ""
    instance: str | None = None


def problem_of(error: Exception) -> Problem:
    """The problem an error is shown as."""
    if isinstance(error, TieoutError):
        title = (type(error).__doc__ or error.code).split(". ")[0].rstrip(".")
        return Problem(
            CATALOGUE + error.code, title, error.status, error.what, error.code, error.where, error.remedy
        )  # fmt: skip
    if isinstance(error, DatabaseAway):
        return Problem(
            CATALOGUE + "database_away", "The database is away", HTTPStatus.SERVICE_UNAVAILABLE,
            "The database does not answer just now; nothing was changed.", "database_away",
            remedy="Try again in a moment; `tieout doctor` says what is wrong if it stays.",
        )  # fmt: skip
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _problem_of_http(error)
    return Problem(
        CATALOGUE + "internal",
        "The server made a mistake",
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong on our side; nothing was changed.",
        "internal",
        remedy="Try again. If it stays, report it with the number under “instance”; the log has the details.",
        instance=f"err_{secrets.token_hex(6)}",
    )


def _problem_of_http(error: HTTPException) -> Problem:
    status = HTTPStatus(error.status_code)
    code = _CODES.get(status, status.phrase.lower().replace(" ", "_"))
    detail, where = error.detail, ""
    if status is HTTPStatus.NOT_FOUND:
        detail = "There is nothing at this address"
    # A validation error lists what is wrong with which field; the values themselves are not repeated.
    if isinstance(error.extra, list) and error.extra:
        wrong = [e for e in error.extra if isinstance(e, dict)]
        detail = "; ".join(str(e.get("message", "")) for e in wrong)
        where = ", ".join(str(e["key"]) for e in wrong if e.get("key"))
    return Problem(CATALOGUE + code, status.phrase, status, detail, code, where, _REMEDIES.get(status, ""))


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The answer to an error: to the login page, a page, or problem JSON, by who asks."""
    problem = problem_of(error)
    if problem.instance is not None:
        _log(request, error, problem.instance)
    if is_page(request):
        if problem.status == HTTPStatus.UNAUTHORIZED and request.method == "GET":
            return login_needed(request)
        page = error_page(problem.title, problem.detail, problem.remedy, problem.where, problem.instance)
        return Response(page, status_code=problem.status, media_type="text/html")
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == HTTPStatus.UNAUTHORIZED else {}
    body = msgspec.json.encode(problem)
    return Response(body, status_code=problem.status, media_type=PROBLEM_JSON, headers=headers)


def is_page(request: Request[Any, Any, Any]) -> bool:
    """Whether a person with a browser is asking: at a page of the console, or at an address that does not exist."""
    handler: Any = request.scope.get("route_handler")  # there is none where there is no such address
    if handler is not None:
        return bool(handler.opt.get("page"))
    machine = request.url.path.startswith(("/v1/", "/hooks/"))
    return not machine and "text/html" in request.headers.get("accept", "")


def _log(request: Request[Any, Any, Any], error: Exception, instance: str) -> None:
    """Where it broke, without messages: they may quote what was sent."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
    _LOG.error(
        "http.failed", instance=instance, method=request.method, path=request.url.path, error=type(error).__name__,
        frames=where,
    )  # fmt: skip
