"""Logging in and out. The session is a random token in a cookie that scripts and other sites cannot use."""

from typing import Annotated, Any
from urllib.parse import parse_qs, quote

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import QueryParameter, RawBody
from litestar.response import Redirect

from tieout.console.query import Hub
from tieout.console.rendering import HTML, bare
from tieout.console.throttle import Throttle
from tieout.model.error import NotAllowed

COOKIE = "tieout_session"
_NAME_MAX = 200


def form_of(body: bytes) -> dict[str, list[str]]:
    """The fields of a form a browser sent."""
    return parse_qs(body.decode("utf-8", errors="replace"), keep_blank_values=True, max_num_fields=2000)


def field_of(form: dict[str, list[str]], name: str) -> str:
    """One field's text without blanks around it; empty if it was not sent."""
    return form.get(name, [""])[-1].strip()


def cookie(token: str, *, secure: bool) -> Cookie:
    """The session cookie; it goes when the browser closes. An empty token takes it away."""
    age = None if token else 0
    return Cookie(key=COOKIE, value=token, path="/", max_age=age, httponly=True, secure=secure, samesite="strict")


def is_secure(request: Request[Any, Any, Any]) -> bool:
    """Whether the browser speaks https, to us or to a proxy in front of us."""
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto", "").split(",")[0].strip())


def own_path(text: str) -> str:
    """A path of this server to go to after login; anything else becomes the home page."""
    return text if text.startswith("/") and not text.startswith(("//", "/\\")) else "/"


def login_needed(request: Request[Any, Any, Any]) -> Response[Any]:
    """To the login page, and back here afterwards."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return Redirect(f"/login?next={quote(wanted, safe='')}" if wanted != "/" else "/login", status_code=303)


@get("/login", opt={"public": True}, sync_to_thread=False)
def login_page(next_path: Annotated[str, QueryParameter(name="next")] = "") -> Response[str]:
    """The form."""
    return Response(bare("login.html", name="", next=own_path(next_path), problem=""), media_type=HTML)


@post("/login", opt={"public": True}, status_code=303, sync_to_thread=True)
def log_in(request: Request[Any, Any, Any], tieout: Hub, body: RawBody) -> Response[Any]:
    """Checks name and password; a right pair gets a session, a wrong one the form again with what is wrong."""
    form = form_of(body)
    name, password = field_of(form, "name")[:_NAME_MAX], form.get("password", [""])[-1]
    target = own_path(field_of(form, "next"))
    throttle: Throttle = request.app.state.throttle
    address = request.client.host if request.client else ""
    wait = throttle.attempt(name, address)
    if wait:
        problem = f"Too many attempts. Try again in {wait} s."
        page = bare("login.html", name=name, next=target, problem=problem)
        return Response(page, status_code=429, media_type=HTML, headers={"Retry-After": str(wait)})
    try:
        token = tieout.log_in(name, password)
    except NotAllowed as error:
        problem = f"{error.what}. {error.remedy}"
        return Response(bare("login.html", name=name, next=target, problem=problem), status_code=401, media_type=HTML)
    throttle.passed(name, address)
    actor = tieout.actor_of_session(token)
    if actor is not None and actor.party is not None and not target.startswith("/portal"):
        target = "/portal"
    return Redirect(target, status_code=303, cookies=[cookie(token, secure=is_secure(request))])


@post("/logout", opt={"sellers": True}, status_code=303, sync_to_thread=True)
def log_out(request: Request[Any, Any, Any], tieout: Hub) -> Response[Any]:
    """Ends the session."""
    token = request.cookies.get(COOKIE)
    if token:
        tieout.log_out(token)
    return Redirect("/login", status_code=303, cookies=[cookie("", secure=is_secure(request))])
