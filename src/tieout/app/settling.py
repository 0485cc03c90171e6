"""Settlement with books: whose listings are sold, what is charged for it, and what an order comes to by both."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tieout.app import owing
from tieout.app.context import LedgerContext
from tieout.app.opened import SYSTEM, Opened
from tieout.controls import store as controls
from tieout.db.pool import Connection
from tieout.model.commission import FeeRules
from tieout.model.entity import Actor
from tieout.model.error import BadInput, Conflict
from tieout.model.ownership import Ownership
from tieout.model.settlement import Order, Quote
from tieout.settlement import commission, store
from tieout.settlement.document import read_order, write_quote
from tieout.settlement.ownership import revised
from tieout.settlement.quote import quote
from tieout.settlement.store import FeeRulesRow

__all__ = ["FeeRulesRow", "Settling"]


class Settling(Opened):
    """The part of the face that knows sellers."""

    def own_listing(self, ownership: Ownership, *, actor: Actor = SYSTEM) -> Ownership:
        """Records who owns a listing from a moment on, as its next version, and says so in the audit log.

        What was sold before stays with those who owned it then. Raises BadInput for shares that do not come to 10,000,
        and Conflict for a moment before the latest version's.
        """
        return self.own_listings([ownership], actor=actor)[0]

    def own_listings(self, found: Sequence[Ownership], *, actor: Actor = SYSTEM) -> list[Ownership]:
        """The same for several listings, all or none. Sales that waited for one of them are split at once."""
        with self._books() as (connection, context):
            made = [_own(connection, context, one, actor) for one in found]
            owing.retry(connection, context, [f"listing:{one.listing}" for one in made])
        return made

    def ownership(self, listing: str) -> list[Ownership]:
        """Every version of a listing's ownership, oldest first."""
        with self._books() as (connection, context):
            return store.ownership_of(connection, context.id, [listing])

    def publish_fee_rules(self, rules: FeeRules, *, reason: str, actor: Actor = SYSTEM) -> int:
        """Publishes what the marketplace charges from now on and returns the version.

        What was captured keeps its own rules. Raises BadInput without a reason and for two rules of one name,
        ConfigError for a rule that contradicts itself.
        """
        if not reason.strip():
            raise BadInput("A reason is required", where="reason", remedy="Say why, in a sentence.")
        with self._books() as (connection, context):
            _check(rules, context.entity.base_currency)
            version = store.publish_fee_rules(connection, context.id, rules, actor.name, reason)
            if version is None:
                raise _meanwhile("the fee rules")
            controls.log(connection, context.id, actor.name, "fee_rules.published", f"version {version}", reason)
        return version

    def fee_rules(self) -> FeeRulesRow | None:
        """The fee rules in force, with who published them when and why; None if none were published."""
        with self._books() as (connection, context):
            return store.fee_rules(connection, context.id)

    def quote_order(self, order: Order) -> Quote:
        """Splits an order by the ownership and the fee rules of these books. Changes nothing.

        Raises NotFound for a listing nobody owns, and what `tieout.app.settlement.quote` raises.
        """
        with self._books() as (connection, context):
            return _split(connection, context, order)

    def quote_document(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The same for a document with nothing but ``order``; the answer has decimal text."""
        if set(asked) != {"order"} or not isinstance(asked["order"], Mapping):
            remedy = "Give “order” alone; ownership and rules are those of the books."
            raise BadInput("The books know ownership and rules themselves", where="quote", remedy=remedy)
        return write_quote(self.quote_order(read_order(asked["order"])))


def _own(connection: Connection, context: LedgerContext, ownership: Ownership, actor: Actor) -> Ownership:
    history = store.ownership_of(connection, context.id, [ownership.listing])
    made = revised(history, msgspec.structs.replace(ownership, changed_by=actor.name))[-1]
    if not store.add_ownership(connection, context.id, made):
        raise _meanwhile(f"the ownership of “{made.listing}”")
    shares = ", ".join(f"{share.party} {share.basis_points}" for share in made.shares)
    said = f"version {made.version} from {made.valid_from.isoformat()}: {shares}. {made.reason}".strip()
    controls.log(connection, context.id, actor.name, "listing.owned", made.listing, said)
    return made


def _split(connection: Connection, context: LedgerContext, order: Order) -> Quote:
    listings = [line.listing for line in order.lines if line.listing is not None]
    row = store.fee_rules(connection, context.id)
    records = store.ownership_of(connection, context.id, listings)
    return quote(order, row.rules if row is not None else FeeRules(), records)


def _check(rules: FeeRules, currency: str) -> None:
    """Every rule holds in itself, in the books' own currency if it says nothing of it, and has a name of its own."""
    listed = [*rules.commission, *(rule for others in rules.fees.values() for rule in others)]
    names = [rule.id for rule in listed]
    if len(set(names)) != len(names):
        raise BadInput("Two rules have one name", where="rules", remedy="Name each rule once.")
    for rule in listed:
        known = [*rule.fixed_minor, *(code for tier in rule.tiers for code in tier.from_minor)]
        commission.check(rule, known[0] if known else currency)


def _meanwhile(what: str) -> Conflict:
    return Conflict(f"Somebody else changed {what} meanwhile", where="settlement", remedy="Look at it and try again.")
