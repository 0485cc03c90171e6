"""Agreeing: matching rules, proposals, and people's word on matches."""

from datetime import date
from typing import Annotated

from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from tieout.api.answers import WhyGiven
from tieout.app.proposing import Proposal
from tieout.app.ruling import Trial
from tieout.app.signing import Afterwards, Kept
from tieout.app.views import MatchView
from tieout.console.query import Acting, Hub


class RulesInForce(Struct, frozen=True):
    """The version and text (TOML) of the rules in force; version 0 are those that come with the product."""

    version: int
    text: str


class RulesPublished(Struct, frozen=True):
    """Rules as TOML text, the first day on which they apply, and the reason."""

    text: str
    from_day: date
    reason: str


class RulesText(Struct, frozen=True):
    """Rules as TOML text."""

    text: str


class RulesVersion(Struct, frozen=True):
    """The number of a version of the rules."""

    version: int


class Tie(Struct, frozen=True):
    """Items that belong together by a person's word: their ids and the reason."""

    items: list[str]
    reason: str


class MatchMade(Struct, frozen=True):
    """The id of the match."""

    match: str


@get("/rules", sync_to_thread=True, summary="Matching rules in force", tags=["Proof"])
def rules(
    tieout: Hub, at: Annotated[date | None, QueryParameter(description="On this day; today.")] = None
) -> RulesInForce:
    """The matching rules in force on a day, as text."""
    return RulesInForce(*tieout.matching_rules(at))


@post("/rules", status_code=201, sync_to_thread=True, summary="Publish matching rules", tags=["Proof"])
def publish(tieout: Hub, actor: Acting, data: JSONBody[RulesPublished]) -> RulesVersion:
    """Keeps a new version. It is in force from its day once somebody else has approved it."""
    return RulesVersion(tieout.publish_rules(data.text, from_day=data.from_day, reason=data.reason, actor=actor))


@post(
    "/rules/{version:int}/approve",
    status_code=200,
    sync_to_thread=True,
    summary="Approve matching rules",
    tags=["Proof"],
)
def approve(tieout: Hub, actor: Acting, version: FromPath[int], data: JSONBody[WhyGiven]) -> RulesVersion:
    """Approves a version that somebody else published."""
    return RulesVersion(tieout.approve_rules(version, reason=data.reason, actor=actor).version)


@post(
    "/matches/{match_id:str}/confirm", status_code=200, sync_to_thread=True, summary="Stand by a match", tags=["Proof"]
)
def confirm(tieout: Hub, actor: Acting, match_id: FromPath[str], data: JSONBody[WhyGiven]) -> MatchView:
    """Stands by a match, whatever has come since: no run looks at it again."""
    tieout.confirm(match_id, reason=data.reason, actor=actor)
    return tieout.match(match_id)


@post("/matches", status_code=201, sync_to_thread=True, summary="Tie items", tags=["Proof"])
def accept(tieout: Hub, actor: Acting, data: JSONBody[Tie]) -> MatchMade:
    """Ties open items because a person says so. They are of one account and currency and come to zero."""
    first, rest = (data.items[0], data.items[1:]) if data.items else ("", [])
    return MatchMade(tieout.accept_proposal(first, rest, reason=data.reason, actor=actor))


@get("/proposals", sync_to_thread=True, summary="Proposals", tags=["Proof"])
def proposals(tieout: Hub) -> list[Proposal]:
    """Open items that others could settle as they are, each with all candidates ranked; none is chosen."""
    return tieout.proposals()


@post("/rules/try", status_code=200, sync_to_thread=True, summary="Try matching rules", tags=["Proof"])
def try_rules(tieout: Hub, data: JSONBody[RulesText]) -> Trial:
    """What changed rules would tie over all history, beside those in force. Nothing is written."""
    return tieout.try_rules(data.text)


class Prepared(Struct, frozen=True):
    """The number of a reconciliation."""

    reconciliation: int


class ToPrepare(Struct, frozen=True):
    """A bank account, its currency and a period."""

    account: str
    currency: str
    first_day: date
    last_day: date


class Told(Struct, frozen=True):
    """A reconciliation as it was prepared, and what happened to its items afterwards."""

    reconciliation: Kept
    afterwards: list[Afterwards]


@post("/reconciliations", status_code=201, sync_to_thread=True, summary="Prepare a reconciliation", tags=["Proof"])
def prepare(tieout: Hub, actor: Acting, data: JSONBody[ToPrepare]) -> Prepared:
    """Freezes what a reconciliation says, for somebody else to sign."""
    given = (data.account, data.currency, data.first_day, data.last_day)
    return Prepared(tieout.prepare_reconciliation(*given, actor=actor))


@post("/reconciliations/{number:int}/sign", status_code=200, sync_to_thread=True, summary="Sign a reconciliation",
      tags=["Proof"])  # fmt: skip
def sign(tieout: Hub, actor: Acting, number: FromPath[int], data: JSONBody[WhyGiven]) -> Told:
    """Signs what somebody else prepared; the reason is the reviewer's note."""
    tieout.sign_reconciliation(number, note=data.reason, actor=actor)
    return Told(*tieout.reconciliation(number))


@get("/reconciliations/{number:int}", sync_to_thread=True, summary="A reconciliation", tags=["Proof"])
def reconciliation(tieout: Hub, number: FromPath[int]) -> Told:
    """A reconciliation as it was prepared, who signed it, and what happened afterwards."""
    return Told(*tieout.reconciliation(number))


HANDLERS = (rules, publish, approve, try_rules, confirm, accept, proposals, prepare, sign, reconciliation)
