"""Keeps who owns which listing since when, and what the marketplace charges: versions, added and never changed."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.commission import FeeRules
from tieout.model.ownership import Ownership, Share

_SQL = Queries("tieout.settlement")
_SHARES = msgspec.json.Decoder(tuple[Share, ...])
_RULES = msgspec.json.Decoder(FeeRules)


class FeeRulesRow(Struct, frozen=True):
    """A version of the fee rules: who published it, when and why."""

    version: int
    rules: FeeRules
    published_by: str
    reason: str
    published_at: datetime


def add_ownership(connection: Connection, ledger_id: int, ownership: Ownership) -> bool:
    """Adds a version of a listing's ownership; False if somebody else added that version meanwhile."""
    columns = {
        "ledger": ledger_id,
        "listing": ownership.listing,
        "version": ownership.version,
        "valid_from": ownership.valid_from,
        "valid_until": ownership.valid_until,
        "shares": msgspec.json.encode(ownership.shares).decode(),
        "fees_borne_by": ownership.fees_borne_by,
        "changed_by": ownership.changed_by,
        "reason": ownership.reason,
    }
    return connection.execute(_SQL.insert_ownership, columns).fetchone() is not None


def ownership_of(connection: Connection, ledger_id: int, listings: Sequence[str]) -> list[Ownership]:
    """Every version of the ownership of these listings, oldest first."""
    rows = connection.execute(_SQL.ownership_of, {"ledger": ledger_id, "listings": list(listings)})
    return [Ownership(row[0], _SHARES.decode(row[1]), *row[2:]) for row in rows]


def publish_fee_rules(connection: Connection, ledger_id: int, rules: FeeRules, by: str, reason: str) -> int | None:
    """Publishes fee rules as the next version and returns its number; None if somebody else did so meanwhile."""
    columns = {"ledger": ledger_id, "rules": msgspec.json.encode(rules).decode(), "by": by, "reason": reason}
    row = connection.execute(_SQL.insert_fee_rules, columns).fetchone()
    return None if row is None else int(row[0])


def fee_rules(connection: Connection, ledger_id: int) -> FeeRulesRow | None:
    """The newest fee rules; None if none were published."""
    row = connection.execute(_SQL.fee_rules, {"ledger": ledger_id}).fetchone()
    return None if row is None else FeeRulesRow(row[0], _RULES.decode(row[1]), *row[2:])
