"""Payouts to sellers."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from tieout.app.paying import RunView, read_policy
from tieout.app.payout_desk import PayoutView
from tieout.console.query import Acting, Hub
from tieout.model.error import BadInput
from tieout.model.payout import Outcome, Payout, PayoutPolicy, PayoutState, StoredFile

_TAGS = ["Payouts"]


class NewPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """A payout policy to publish, and the reason."""

    policy: Mapping[str, Any]
    reason: str


class PolicyVersion(Struct, frozen=True):
    """The policy in force."""

    version: int
    policy: PayoutPolicy


class NewRun(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A run to be made: of everybody due on a day, or of certain sellers, then named by `key`."""

    day: date | None = None
    sellers: list[str] | None = None
    key: str | None = None


class NewPayout(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A payout made by a person: all that can be paid, or `amount_minor` of it."""

    seller: str
    currency: str
    reason: str
    amount_minor: int | None = None
    day: date | None = None


class Deed(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is done with a payout: approve, hold, release, cancel or retry, and why."""

    action: str
    reason: str


class Told(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What became of a payout."""

    outcome: Outcome
    code: str = ""
    detail: str = ""


class Moved(Struct, frozen=True):
    """How many payouts moved."""

    payouts: int


@get("/payout-policy", sync_to_thread=True, summary="How sellers are paid", tags=_TAGS)
def policy(tieout: Hub) -> PolicyVersion:
    """The policy in force; version 0 and no rails if none was published."""
    return PolicyVersion(*tieout.payout_policy())


@post("/payout-policy", status_code=200, sync_to_thread=True, summary="Publish how sellers are paid", tags=_TAGS)
def publish_policy(tieout: Hub, actor: Acting, data: JSONBody[NewPolicy]) -> PolicyVersion:
    """Publishes the policy's next version."""
    found = read_policy(data.policy)
    return PolicyVersion(tieout.publish_payout_policy(found, reason=data.reason, actor=actor), found)


@post("/payout-runs", status_code=200, sync_to_thread=True, summary="Run payouts", tags=_TAGS)
def run(tieout: Hub, actor: Acting, data: JSONBody[NewRun]) -> RunView:
    """Pays who is due. The run of a day is one run, however often it is asked for."""
    made = tieout.run_payouts(data.day, parties=data.sellers, key=data.key, actor=actor)
    return tieout.payout_run(f"run_{made.id}")


@get("/payout-runs/{run:int}", sync_to_thread=True, summary="A payout run", tags=_TAGS)
def one_run(tieout: Hub, run: FromPath[int]) -> RunView:
    """A run and what it said to each seller: paid, or why not."""
    return tieout.payout_run(f"run_{run}")


@get("/payouts", sync_to_thread=True, summary="Payouts", tags=_TAGS)
def listed(
    tieout: Hub,
    standing: Annotated[str | None, QueryParameter(description="Only those in this state.")] = None,
    seller: Annotated[str | None, QueryParameter(description="Only those to this seller.")] = None,
    before: Annotated[int | None, QueryParameter(description="Only those with a smaller number.")] = None,
) -> list[Payout]:
    """Payouts, newest first, 100 at a time."""
    if standing is not None and standing not in set(PayoutState):
        raise BadInput(f"“{standing:.40}” is no state", where="standing", remedy=f"It is {', '.join(PayoutState)}.")
    return tieout.payout_list(states=None if standing is None else [PayoutState(standing)], party=seller, before=before)


@post("/payouts", status_code=201, sync_to_thread=True, summary="Make a payout", tags=_TAGS)
def make(tieout: Hub, actor: Acting, data: JSONBody[NewPayout]) -> Payout:
    """A payout that somebody else must approve."""
    return tieout.make_payout(
        data.seller, data.amount_minor, data.currency, reason=data.reason, day=data.day, actor=actor
    )


@get("/payouts/{payout:str}", sync_to_thread=True, summary="A payout", tags=_TAGS)
def one(tieout: Hub, payout: FromPath[str]) -> PayoutView:
    """A payout with its history, approvals, attempts and the lines it settles."""
    return tieout.payout(payout)


@post("/payouts/{payout:str}/actions", status_code=200, sync_to_thread=True, summary="Decide on a payout", tags=_TAGS)
def act(tieout: Hub, actor: Acting, payout: FromPath[str], data: JSONBody[Deed]) -> Payout:
    """Approves, holds, releases, cancels or retries."""
    return tieout.decide_payout(payout, data.action, reason=data.reason, actor=actor)


@post("/payouts/{payout:str}/outcome", status_code=200, sync_to_thread=True, summary="Settle a payout", tags=_TAGS)
def settle(tieout: Hub, actor: Acting, payout: FromPath[str], data: JSONBody[Told]) -> Payout:
    """Says what became of a payout that was given away."""
    return tieout.settle_payout(payout, data.outcome, code=data.code, detail=data.detail, actor=actor)


@post("/payouts/send", status_code=200, sync_to_thread=True, summary="Send payouts", tags=_TAGS)
def send(tieout: Hub, actor: Acting) -> Moved:
    """Gives what is queued to banks, as files, and to providers, and asks those about the rest."""
    return Moved(tieout.send_payouts(actor=actor))


@get("/payment-files", sync_to_thread=True, summary="Files for the bank", tags=_TAGS)
def files(tieout: Hub) -> list[StoredFile]:
    """Files, newest first."""
    return tieout.payment_files()


@post("/payment-files/{file:int}/export", status_code=200, sync_to_thread=True, summary="Take a file", tags=_TAGS)
def export(tieout: Hub, actor: Acting, file: FromPath[int]) -> Response[bytes]:
    """The file; its payouts are in transit then. Taken again, the header Warning says who took it before."""
    taken = tieout.export_payment_file(file, actor=actor)
    headers = {
        "Content-Disposition": f'attachment; filename="{taken.name}"', "X-Content-SHA256": taken.sha256,
        **({"Warning": f'299 tieout "{taken.warning}"'} if taken.warning else {}),
    }  # fmt: skip
    return Response(taken.content, media_type="application/octet-stream", headers=headers)


HANDLERS = (policy, publish_policy, run, one_run, listed, make, one, act, settle, send, files, export)
