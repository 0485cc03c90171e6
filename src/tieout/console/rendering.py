"""Turns templates into pages. Autoescape is always on; a misspelt name in a template is an error, not an empty text."""

import re
from datetime import UTC, datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import Request, Response
from markupsafe import Markup, escape
from msgspec import Struct

from tieout.app import Tieout
from tieout.console import links, static, words
from tieout.model.entity import Actor, Entity

#: Public ids inside a sentence.
_IDS = re.compile(r"\b(?:dlv|evt|ent|itm|mat|cas)_\d{1,18}\b")
#: Where a key may be broken.
_SEPARATORS = frozenset("_:./")
_PARTS = re.compile(r"([_:./])")
HTML = "text/html"


class Frame(Struct, frozen=True):
    """What stands around a page: whose books, who looks, how many exceptions are open, and when this was known."""

    entity: Entity
    actor: Actor
    exceptions: int
    now: datetime


@cache
def templates() -> Environment:
    """The templates with the filters they use."""
    made = Environment(
        loader=PackageLoader("tieout.console"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.filters.update(
        money=words.money, title=words.title, ago=words.ago, age=words.age, due=words.due, short=words.short,
        reference=words.reference, memo=words.memo, plural=words.plural, month_name=words.month_name,
        listed=words.listed, moment=_moment, linked=linked, breakable=breakable, cell_text=words.cell,
        is_figure=words.is_figure, holds=words.holds,
    )  # fmt: skip
    made.globals.update(links=links, static=static.url, address=links.address, page_of=links.page_of)
    return made


def linked(sentence: str) -> Markup:
    """A sentence whose ids are links to their pages."""
    parts: list[Markup] = []
    end = 0
    for found in _IDS.finditer(sentence):
        link = Markup('<a href="{0}">{1}</a>').format(links.page_of(found[0]), found[0])
        parts += [escape(sentence[end : found.start()]), link]
        end = found.end()
    return Markup("").join([*parts, escape(sentence[end:])])


def breakable(key: str) -> Markup:
    """A machine's key that may be broken after its own separators, so that no word of it is cut."""
    return Markup("").join(
        escape(part) + (Markup("<wbr>") if part in _SEPARATORS else Markup("")) for part in _PARTS.split(key)
    )


@pass_context
def _moment(context: Context, at: datetime) -> str:
    frame = context.get("frame")
    return words.moment(at, frame.entity.timezone if frame else "UTC")


def show(
    request: Request[Actor, Any, Any], tieout: Tieout, template: str, *, status: int = 200, **context: Any
) -> Response[str]:
    """A page inside the frame of the console."""
    exceptions = sum(total.count for total in tieout.exceptions())
    frame = Frame(tieout.entity(), request.user, exceptions, datetime.now(UTC))
    text = templates().get_template(template).render(frame=frame, **context)
    return Response(text, status_code=status, media_type=HTML)


def bare(template: str, **context: Any) -> str:
    """A page without the frame: for people who are not logged in, and for errors."""
    return templates().get_template(template).render(frame=None, **context)


def error_page(heading: str, detail: str, remedy: str, where: str, instance: str | None) -> str:
    """What is wrong, where, and what to do; with the number of the log line if it is our mistake."""
    return bare("error.html", heading=heading, detail=detail, remedy=remedy, where=where, instance=instance)
