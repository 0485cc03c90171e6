"""Who sells, where they are paid, what they are owed, and what people do to their balances."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from tieout.api.reading import AtEndOf
from tieout.app.acting import Act, ActRow, Fact
from tieout.app.selling import AccountRow, HoldRow, PolicyRow, SellerRow, SellerView
from tieout.console.query import Acting, Hub
from tieout.model.bucket import Bucket, HoldReason
from tieout.model.error import NotFound
from tieout.model.seller import PayoutAccount, Seller, SettlementPolicy

After = Annotated[str, QueryParameter(description="Sellers after this one, by name.")]
Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="At most this many.")]
Waiting = Annotated[bool, QueryParameter(description="Only those that wait for a second person.")]


class NewSeller(Struct, frozen=True, forbid_unknown_fields=True):
    """A seller's profile and why it is added or changed."""

    seller: Seller
    reason: str = ""


class NewAccount(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a seller wants to be paid, and why it changes."""

    account: PayoutAccount
    reason: str


class Decision(Struct, frozen=True, forbid_unknown_fields=True):
    """What a second person says, and why."""

    approve: bool
    reason: str


class NewHold(Struct, frozen=True, forbid_unknown_fields=True):
    """A hold: its reason, what ends it, and the amount in minor units and the day it ends, if there are any."""

    reason: HoldReason
    ends_when: str
    amount_minor: int | None = None
    until: date | None = None


class NewPolicy(Struct, frozen=True, forbid_unknown_fields=True):
    """A policy to publish, and why."""

    policy: SettlementPolicy
    reason: str


class BucketBalance(Struct, frozen=True):
    """What a seller is owed in a bucket; below zero it owes."""

    bucket: Bucket
    currency: str
    amount_minor: int


class SaleFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """What happened to a sale."""

    facts: Sequence[Fact]


class Told(Struct, frozen=True):
    """How many entries came of it."""

    entries: int


@get("/sellers", sync_to_thread=True, summary="Sellers", tags=["Sellers"])
def sellers(tieout: Hub, after: After = "", limit: Limit = 1000) -> list[SellerRow]:
    """A page of the sellers there are now, by name, each with the account money may go to."""
    return tieout.sellers(after=after, limit=limit)


@get("/sellers/{party:str}", sync_to_thread=True, summary="One seller", tags=["Sellers"])
def seller(tieout: Hub, party: FromPath[str]) -> SellerView:
    """Every version of a seller's profile and account, and its holds."""
    return tieout.seller(party)


@post("/sellers", status_code=200, sync_to_thread=True, summary="Add a seller", tags=["Sellers"])
def add_seller(tieout: Hub, actor: Acting, data: JSONBody[NewSeller]) -> SellerRow:
    """Adds a seller. With the first one these books are a marketplace's."""
    return tieout.add_seller(data.seller, reason=data.reason, actor=actor)


@post("/sellers/profile", status_code=200, sync_to_thread=True, summary="Change a seller", tags=["Sellers"])
def change_seller(tieout: Hub, actor: Acting, data: JSONBody[NewSeller]) -> SellerRow:
    """Replaces a seller's profile at once; the versions before stay."""
    return tieout.change_seller(data.seller, reason=data.reason, actor=actor)


@post(
    "/sellers/{party:str}/account", status_code=200, sync_to_thread=True, summary="Ask for an account", tags=["Sellers"]
)
def ask_account(tieout: Hub, actor: Acting, party: FromPath[str], data: JSONBody[NewAccount]) -> AccountRow:
    """Asks for another account. Unless it is the first, it waits for 72 hours and a second person."""
    return tieout.set_payout_account(party, data.account, reason=data.reason, actor=actor)


@post(
    "/sellers/{party:str}/account/{version:int}", status_code=200, sync_to_thread=True, summary="Decide on an account",
    tags=["Sellers"],
)  # fmt: skip
def decide_account(
    tieout: Hub, actor: Acting, party: FromPath[str], version: FromPath[int], data: JSONBody[Decision]
) -> AccountRow:
    """A second person approves a change of account or refuses it."""
    return tieout.decide_account(party, version, approve=data.approve, reason=data.reason, actor=actor)


@post("/sellers/{party:str}/holds", status_code=200, sync_to_thread=True, summary="Hold money", tags=["Sellers"])
def hold(tieout: Hub, actor: Acting, party: FromPath[str], data: JSONBody[NewHold]) -> HoldRow:
    """Holds a seller's money, all of it or an amount."""
    return tieout.hold_seller(
        party, data.reason, ends_when=data.ends_when, amount_minor=data.amount_minor, until=data.until, actor=actor
    )


@get("/sellers/{party:str}/balance", sync_to_thread=True, summary="What a seller is owed", tags=["Sellers"])
def balance(tieout: Hub, party: FromPath[str], at: AtEndOf = None) -> list[BucketBalance]:
    """By bucket and currency at the end of a day, now if none is given; nothing that is nil."""
    return [BucketBalance(*owed) for owed in tieout.seller_balance(party, at)]


@get("/settlement-policy", sync_to_thread=True, summary="The policy in force", tags=["Sellers"])
def policy(tieout: Hub) -> PolicyRow:
    """What the marketplace does by rule, with who published it when and why."""
    found = tieout.settlement_policy()
    if found is None:
        raise NotFound("No policy is published", where="settlement-policy", remedy="Publish one with POST.")
    return found


@post("/settlement-policy", status_code=200, sync_to_thread=True, summary="Publish a policy", tags=["Sellers"])
def publish_policy(tieout: Hub, actor: Acting, data: JSONBody[NewPolicy]) -> PolicyRow:
    """Publishes what the marketplace does by rule from now on."""
    tieout.publish_settlement_policy(data.policy, reason=data.reason, actor=actor)
    found = tieout.settlement_policy()
    assert found is not None, "it has just been published"
    return found


@post("/sales/{sale:str}", status_code=200, sync_to_thread=True, summary="Tell of a sale", tags=["Sellers"])
def tell_sale(tieout: Hub, actor: Acting, sale: FromPath[str], data: JSONBody[SaleFacts]) -> Told:
    """Tells what happened to a sale that no shop or gateway tells of, in any order; twice is once."""
    return Told(tieout.tell_sale(sale, *data.facts, actor=actor))


@get("/acts", sync_to_thread=True, summary="Acts", tags=["Sellers"])
def acts(tieout: Hub, waiting: Waiting = False) -> list[ActRow]:  # noqa: FBT002 -- a query's flag
    """What people did to sellers' balances or for buyers, newest first; or what waits for a second person."""
    return tieout.act_list(waiting=waiting)


@post("/acts", status_code=200, sync_to_thread=True, summary="Act", tags=["Sellers"])
def act(tieout: Hub, actor: Acting, data: JSONBody[Act]) -> ActRow:
    """Goodwill, adjustment, fee or write-off; over the limit of its kind it waits for a second person."""
    return tieout.act(data, actor=actor)


@post("/acts/{number:int}", status_code=200, sync_to_thread=True, summary="Decide on an act", tags=["Sellers"])
def decide_act(tieout: Hub, actor: Acting, number: FromPath[int], data: JSONBody[Decision]) -> ActRow:
    """A second person approves an act, which books it, or refuses it."""
    return tieout.decide_act(number, approve=data.approve, reason=data.reason, actor=actor)


HANDLERS = (
    sellers, seller, add_seller, change_seller, ask_account, decide_account, hold, balance, policy, publish_policy,
    tell_sale, acts, act, decide_act,
)  # fmt: skip
