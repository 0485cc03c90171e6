"""Whose listings are sold and what is charged for it."""

from collections.abc import Mapping
from typing import Any

from litestar import get, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from tieout.app import settlement
from tieout.app.settling import FeeRulesRow
from tieout.console.query import Acting, Hub
from tieout.model.error import NotFound
from tieout.model.ownership import Ownership


class NewFeeRules(Struct, frozen=True, forbid_unknown_fields=True):
    """Fee rules to publish: `rules` as in a quote, `currency` for amounts that name none, and the reason."""

    rules: Mapping[str, Any]
    reason: str
    currency: str = "EUR"


class Published(Struct, frozen=True):
    """The version that was published."""

    version: int


@get("/ownership/{listing:str}", sync_to_thread=True, summary="Who owns a listing", tags=["Settlement"])
def ownership(tieout: Hub, listing: FromPath[str]) -> list[Ownership]:
    """Every version of a listing's ownership, oldest first; an empty list if nobody is known to own it."""
    return tieout.ownership(listing)


@post("/ownership", status_code=200, sync_to_thread=True, summary="Record ownership", tags=["Settlement"])
def own_listing(tieout: Hub, actor: Acting, data: JSONBody[Ownership]) -> Ownership:
    """Records who owns a listing from a moment on, as its next version. What was sold before stays with its owners."""
    return tieout.own_listing(data, actor=actor)


@get("/fee-rules", sync_to_thread=True, summary="What is charged", tags=["Settlement"])
def fee_rules(tieout: Hub) -> FeeRulesRow:
    """The fee rules in force, with who published them when and why. Amounts are minor units by currency."""
    found = tieout.fee_rules()
    if found is None:
        raise NotFound("No fee rules are published", where="fee-rules", remedy="Publish some with POST.")
    return found


@post("/fee-rules", status_code=200, sync_to_thread=True, summary="Publish fee rules", tags=["Settlement"])
def publish_fee_rules(tieout: Hub, actor: Acting, data: JSONBody[NewFeeRules]) -> Published:
    """Publishes what the marketplace charges from now on. What was captured keeps its own rules."""
    rules = settlement.read_rules(data.rules, data.currency)
    return Published(tieout.publish_fee_rules(rules, reason=data.reason, actor=actor))


HANDLERS = (ownership, own_listing, fee_rules, publish_fee_rules)
