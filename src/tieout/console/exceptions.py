"""Exceptions: by reason, one by one, and deciding them. No decision is carried out before its posting was shown."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, RawBody
from litestar.response import Redirect
from msgspec import Struct

from tieout.app import Tieout
from tieout.app.views import AccountView, CaseView, ItemView
from tieout.console.query import Acting, Hub, Query
from tieout.console.rendering import show
from tieout.console.session import field_of, form_of
from tieout.console.words import age
from tieout.model.case import Action, CaseState, Reason, Resolution
from tieout.model.entity import Actor
from tieout.model.entry import EntryDraft
from tieout.model.error import BadInput, TieoutError
from tieout.model.ids import IdKind, parse_id
from tieout.model.money import exponent_of

_LIST = 500
_CANDIDATES = 40
#: What a person reads on the choice of an action.
CHOICES = {
    Action.MATCH: ("Match", "Tie these items to others of the same account that bring them to zero."),
    Action.BOOK: ("Book it", "Post what is open to an account, such as write-offs or bank charges."),
    Action.RELEASE: ("Release", "Book the held event as the source states it."),
    Action.ACCEPT: ("Accept the later one", "Take the first telling back and book the later one in its place."),
    Action.DISMISS: ("Dismiss", "Close it without a posting. If its amount changes, it comes back."),
}


class ReasonGroup(Struct, frozen=True):
    """The exceptions of one reason in one currency; `share` is per cent of the largest group of that currency."""

    reason: Reason
    currency: str | None
    count: int
    amount_minor: int
    share: int


class Effect(Struct, frozen=True):
    """What a posting does to an account: minor units of one currency before and after."""

    account: str
    name: str
    currency: str
    before_minor: int
    after_minor: int


def groups_of(cases: Sequence[CaseView]) -> list[ReasonGroup]:
    """Count and money at risk by reason and currency, most money first."""
    sums: dict[tuple[Reason, str | None], tuple[int, int]] = {}
    for view in cases:
        key = (view.case.draft.reason, view.case.draft.currency)
        count, amount = sums.get(key, (0, 0))
        sums[key] = (count + 1, amount + view.case.draft.amount_minor)
    most: dict[str | None, int] = {}
    for (_, currency), (_, amount) in sums.items():
        most[currency] = max(most.get(currency, 1), amount)
    found = [ReasonGroup(*key, count, amount, amount * 100 // most[key[1]]) for key, (count, amount) in sums.items()]
    return sorted(found, key=lambda group: (-group.amount_minor, group.reason.value, group.currency or ""))


@get("/exceptions", sync_to_thread=True)
def exceptions(request: Request[Actor, Any, Any], tieout: Hub) -> Response[str]:
    """Exceptions that fit the filters: open, resolved or all; reason; currency."""
    query = Query(request)
    state = query.choice("state", ("open", "resolved", "all")) or "open"
    reason, currency = query.choice("reason", tuple(r.value for r in Reason)), query.text("currency")
    wanted = {"open": True, "resolved": False, "all": None}[state]
    found = tieout.case_list(only_open=wanted, limit=_LIST)
    chosen = [
        view for view in found
        if reason in (None, view.case.draft.reason.value) and currency in (None, view.case.draft.currency)
    ]  # fmt: skip
    return show(
        request, tieout, "exceptions.html", cases=chosen, groups=groups_of(found), state=state, reason=reason,
        currency=currency, full=len(found) == _LIST, totals=_totals(chosen),
    )  # fmt: skip


def _totals(cases: Sequence[CaseView]) -> list[tuple[str, int]]:
    sums: dict[str, int] = {}
    for view in cases:
        if view.case.draft.currency:
            sums[view.case.draft.currency] = sums.get(view.case.draft.currency, 0) + view.case.draft.amount_minor
    return sorted(sums.items())


@get("/exceptions/{case_id:str}", sync_to_thread=True)
def exception(request: Request[Actor, Any, Any], tieout: Hub, case_id: FromPath[str]) -> Response[str]:
    """What happened, why we stopped, what can be done, and what was done."""
    return _page(request, tieout, tieout.case(case_id))


def _page(
    request: Request[Actor, Any, Any], tieout: Tieout, view: CaseView, sent: dict[str, list[str]] | None = None,
    refusal: TieoutError | None = None,
) -> Response[str]:  # fmt: skip
    """The page of a case; with a refused decision, what was sent and why it was refused."""
    accounts = tieout.accounts()
    return show(
        request, tieout, "exception.html", status=refusal.status if refusal else 200, view=view, case=view.case,
        draft=view.case.draft, choices=CHOICES, candidates=(candidates := candidates_of(tieout, view)),
        fitting=fitting_of(view, candidates), sent=sent or {},
        refusal=refusal, targets=[a for a in accounts if not a.clearing], names={a.code: a.name for a in accounts},
        resolved=view.case.state is CaseState.RESOLVED, links_to=_links(view), following=_following(tieout, view),
        exponent=exponent_of(view.items[0].currency) if view.items else 0,
        open_since=open_since(view, datetime.now(UTC).date()),
    )  # fmt: skip


def open_since(view: CaseView, today: date) -> str:
    """How long its money has been open, which may be longer than anybody has known."""
    if not view.items:
        return f"open for {age(view.age_days)}" if view.age_days else "open since today"
    first = min(item.effective_date for item in view.items)
    return f"open for {age(days)}, since {first}" if (days := (today - first).days) > 0 else f"open since {first}"


def candidates_of(tieout: Tieout, view: CaseView) -> list[ItemView]:
    """Other open items of the same account and currency, those that would bring the case's items to zero first."""
    if Action.MATCH not in view.actions or not view.items:
        return []
    first, own = view.items[0], {item.id for item in view.items}
    net = sum(item.open_minor for item in view.items)
    others = [v for v in tieout.items(account=first.account, currency=first.currency) if v.item.id not in own]
    return sorted(others, key=lambda v: (abs(v.item.open_minor + net), v.item.id))[:_CANDIDATES]


def fitting_of(view: CaseView, candidates: Sequence[ItemView]) -> int:
    """How many single candidates would bring the case's items to zero; a hint, never a decision."""
    net = sum(item.open_minor for item in view.items)
    return sum(other.item.open_minor == -net for other in candidates)


def _links(view: CaseView) -> list[str]:
    """What the case is about, other than the items that are shown anyway."""
    return [link for link in view.case.draft.links if parse_id(link)[0] is not IdKind.ITEM]


def _following(tieout: Tieout, view: CaseView) -> str | None:
    """The open exception with the most money after this one, for whoever works through the list."""
    ids = [other.id for other in tieout.case_list(limit=_LIST)]
    rest = ids[ids.index(view.id) + 1 :] if view.id in ids else ids
    return rest[0] if rest else None


def decision_of(form: dict[str, list[str]]) -> Resolution:
    """The decision a form describes. Raises BadInput if there is none, or no reason."""
    action = field_of(form, "action")
    if action not in set(Action):
        raise BadInput("Nothing was chosen", where="action", remedy="Choose what to do.")
    reason = field_of(form, "reason")
    if not reason:
        raise BadInput("A reason is required", where="reason", remedy="Say why, in a sentence; it stays in the books.")
    items = tuple(int(n) for n in form.get("item", []) if n.isascii() and n.isdecimal() and len(n) < 19)
    account = field_of(form, "account") or None
    return Resolution(Action(action), reason, account, items if action == Action.MATCH else ())


@post("/exceptions/{case_id:str}/preview", status_code=200, sync_to_thread=True)
def preview(
    request: Request[Actor, Any, Any], tieout: Hub, actor: Acting, case_id: FromPath[str], body: RawBody
) -> Response[str]:  # fmt: skip
    """What the decision would post and tie. Nothing is done yet."""
    form = form_of(body)
    view = tieout.case(case_id)
    try:
        decision = decision_of(form)
        found = tieout.preview(case_id, decision, actor=actor)
    except TieoutError as refusal:
        return _page(request, tieout, view, form, refusal)
    accounts = {account.code: account for account in tieout.accounts()}
    return show(
        request, tieout, "preview.html", view=view, case=view.case, draft=view.case.draft, preview=found,
        decision=decision, names={code: account.name for code, account in accounts.items()},
        effects=effects_of(found.entries, accounts), choice=CHOICES[decision.action],
    )  # fmt: skip


def effects_of(entries: Sequence[EntryDraft], accounts: dict[str, AccountView]) -> list[Effect]:
    """What the entries do to the balances of their accounts."""
    changes: dict[tuple[str, str], int] = {}
    for line in (line for entry in entries for line in entry.lines):
        key = (line.account, line.currency)
        changes[key] = changes.get(key, 0) + line.amount_minor
    return [
        Effect(code, accounts[code].name, currency, before := accounts[code].balances.get(currency, 0), before + change)
        for (code, currency), change in changes.items()
    ]


@post("/exceptions/{case_id:str}/resolve", status_code=303, sync_to_thread=True)
def resolve(
    request: Request[Actor, Any, Any], tieout: Hub, actor: Acting, case_id: FromPath[str], body: RawBody
) -> Response[Any]:  # fmt: skip
    """Carries the decision out and comes back to the case."""
    form = form_of(body)
    try:
        tieout.resolve(case_id, decision_of(form), actor=actor)
    except TieoutError as refusal:
        return _page(request, tieout, tieout.case(case_id), form, refusal)
    return Redirect(f"/exceptions/{case_id}", status_code=303)


HANDLERS = (exceptions, exception, preview, resolve)
