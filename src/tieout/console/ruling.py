"""Matches for people to decide: proposals with every candidate, and the rules with a trial over all history."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, RawBody
from litestar.response import Redirect

from tieout.console.query import Acting, Hub
from tieout.console.rendering import show
from tieout.console.session import field_of, form_of
from tieout.model.entity import Actor
from tieout.model.error import TieoutError


@get("/proposals", sync_to_thread=True)
def proposals(request: Request[Actor, Any, Any], tieout: Hub) -> Response[str]:
    """Open items that others could settle, with all candidates ranked; nothing is chosen beforehand."""
    return show(request, tieout, "proposals.html", proposals=tieout.proposals())


@post("/proposals", status_code=303, sync_to_thread=True)
def decide(tieout: Hub, actor: Acting, body: RawBody) -> Response[Any]:
    """Accepts or refuses one candidate, with a reason."""
    form = form_of(body)
    item, candidate, reason = (field_of(form, name) for name in ("item", "candidate", "reason"))
    if field_of(form, "verdict") == "refuse":
        tieout.refuse_proposal(item, candidate, reason=reason, actor=actor)
        return Redirect("/proposals", status_code=303)
    return Redirect(
        f"/matches/{tieout.accept_proposal(item, [candidate], reason=reason, actor=actor)}", status_code=303
    )


@get("/rules", sync_to_thread=True)
def rules(request: Request[Actor, Any, Any], tieout: Hub) -> Response[str]:
    """The rules in force, to change and to try, and every version."""
    version, text = tieout.matching_rules()
    versions = tieout.rule_versions()
    return show(
        request, tieout, "rules.html", version=version, text=text, versions=versions, trial=None, wrong=None
    )  # fmt: skip


@post("/rules/try", status_code=200, sync_to_thread=True)
def try_rules(request: Request[Actor, Any, Any], tieout: Hub, body: RawBody) -> Response[str]:
    """What changed rules would tie over all history. Nothing is written."""
    text, trial, wrong = field_of(form_of(body), "text"), None, None
    try:
        trial = tieout.try_rules(text)
    except TieoutError as error:
        wrong = str(error)
    version, _ = tieout.matching_rules()
    versions = tieout.rule_versions()
    return show(
        request, tieout, "rules.html", version=version, text=text, versions=versions, trial=trial, wrong=wrong
    )  # fmt: skip


@get("/reconciliations", sync_to_thread=True)
def reconciliations(request: Request[Actor, Any, Any], tieout: Hub) -> Response[str]:
    """Every reconciliation that was prepared, with what happened to its items afterwards."""
    found = [tieout.reconciliation(kept.id) for kept in tieout.reconciliations()]
    return show(request, tieout, "reconciliations.html", found=found)


@get("/reconciliations/{number:int}/pdf", sync_to_thread=True)
def pdf(tieout: Hub, number: FromPath[int]) -> Response[bytes]:
    """The PDF as it was signed."""
    headers = {"content-disposition": f'attachment; filename="rec_{number}.pdf"'}
    return Response(tieout.reconciliation_pdf(number), media_type="application/pdf", headers=headers)


HANDLERS = (proposals, decide, rules, try_rules, reconciliations, pdf)
