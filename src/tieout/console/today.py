"""Today: the proof is the home page. Nothing is computed here but sums of what is shown."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.response import Redirect
from msgspec import Struct

from tieout.app.views import Movement
from tieout.console import links, words
from tieout.console.query import Hub, Query
from tieout.console.rendering import show
from tieout.console.waterfall import Step, waterfall
from tieout.model.account import Role
from tieout.model.entity import Actor
from tieout.model.proof import Proof, ProofLine

_NEEDS = 6


class Group(Struct, frozen=True):
    """The clearing accounts of one currency, with the sum of each column."""

    currency: str
    lines: tuple[ProofLine, ...]
    total: ProofLine


class Headline(Struct, frozen=True):
    """The large figure: what is unexplained, in the currencies where it is not zero, and whether all ties out."""

    figures: tuple[tuple[int, str], ...]
    state: str  # tied | wait | off


def groups_of(lines: Sequence[ProofLine], base_currency: str) -> list[Group]:
    """Lines by currency, the entity's own first, with sums."""
    currencies = sorted({line.currency for line in lines}, key=lambda c: (c != base_currency, c))
    return [_group(currency, tuple(ln for ln in lines if ln.currency == currency)) for currency in currencies]


def _group(currency: str, lines: tuple[ProofLine, ...]) -> Group:
    total = ProofLine(
        account="", name="", role="", currency=currency,
        balance_minor=sum(line.balance_minor for line in lines),
        transit_minor=sum(line.transit_minor for line in lines),
        disputed_minor=sum(line.disputed_minor for line in lines),
        reserved_minor=sum(line.reserved_minor for line in lines),
        exceptions_minor=sum(line.exceptions_minor for line in lines),
        unexplained_minor=sum(line.unexplained_minor for line in lines),
        items=sum(line.items for line in lines),
        tied_minor=sum(line.tied_minor for line in lines),
        exception_items=sum(line.exception_items for line in lines),
    )  # fmt: skip
    return Group(currency, lines, total)


def headline_of(proof: Proof, base_currency: str) -> Headline:
    """The figure and its state. A bank that differs from its statement waits, even if all items have names."""
    off = tuple((amount, currency) for currency, amount in sorted(proof.unexplained_minor.items()) if amount)
    if not off and proof.unexplained_base_minor:
        off = ((proof.unexplained_base_minor, proof.base_currency),)
    if off:
        return Headline(off, "off")
    return Headline(((0, base_currency),), "tied" if proof.tied else "wait")


def steps_of(moves: Sequence[Movement], currency: str, since: date, until: date) -> list[Step]:
    """The waterfall's steps: what came in first, then what went off it, then what is left."""
    ordered = [m for m in moves if m.amount_minor > 0] + [m for m in moves if m.amount_minor < 0]
    steps = [
        Step(m.label, m.amount_minor, links.accounts(m.roles, currency, since, until)) for m in ordered
    ]  # fmt: skip
    shown = {role for m in moves for role in m.roles}
    rest = [role.value for role in Role if role.value not in shown]
    net = sum(m.amount_minor for m in moves)
    return [*steps, Step("Net", net, links.accounts(rest, currency, since, until), net=True)] if steps else []


@get("/", sync_to_thread=True)
def today(request: Request[Actor, Any, Any], tieout: Hub) -> Response[str]:
    """The proof, what needs a person, what is expected next, and how gross became net."""
    query = Query(request)
    entity, proof = tieout.entity(), tieout.proof()
    groups = groups_of(proof.lines, entity.base_currency)
    since, until = words.month_of(query.month("month") or proof.as_of)
    currencies = [group.currency for group in groups] or [entity.base_currency]
    currency = query.choice("currency", tuple(currencies)) or currencies[0]
    steps = steps_of(tieout.movements(since, until, currency), currency, since, until)
    return show(
        request, tieout, "today.html", proof=proof, groups=groups, headline=headline_of(proof, entity.base_currency),
        needs=tieout.case_list(limit=_NEEDS), sources=tieout.sources(), expected=tieout.expected(), steps=steps,
        figure_of_month=waterfall(steps, currency, f"Gross to net, {words.month_name(since)}"), month=since,
        currency=currency, currencies=currencies, earlier=since - timedelta(days=1), later=until + timedelta(days=1),
    )  # fmt: skip


@post("/reconcile", status_code=303, sync_to_thread=True)
def reconcile_now(tieout: Hub) -> Response[Any]:
    """Runs reconciliation as of today and comes back to the proof."""
    tieout.reconcile()
    return Redirect("/", status_code=303)


HANDLERS = (today, reconcile_now)
