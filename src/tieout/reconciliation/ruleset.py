"""Keeps versions of the matching rules: published by one person, approved by another, in force from a day."""

from datetime import date, datetime

from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.error import NotFound, ResolutionRefused
from tieout.reconciliation.rule import MatchingRules, read_rules, standard_rules

_SQL = Queries("tieout.reconciliation", "ruleset.sql")


class RuleVersion(Struct, frozen=True):
    """A version of the matching rules as it was published, and who approved it, if anybody has."""

    version: int
    from_day: date
    text: str
    hash: str
    published_by: str
    published_at: datetime
    reason: str
    approved_by: str | None = None
    approved_at: datetime | None = None
    approval_reason: str | None = None


def publish(
    connection: Connection, ledger_id: int, rules: MatchingRules, text: str, from_day: date, actor: str, reason: str
) -> int:
    """Keeps a new version, to be approved; returns its number."""
    connection.execute(_SQL.take_rules, {"ledger": ledger_id})
    columns = {
        "ledger": ledger_id, "from_day": from_day, "text": text, "hash": rules.hash, "actor": actor, "reason": reason,
    }  # fmt: skip
    row = connection.execute(_SQL.publish, columns).fetchone()
    assert row is not None
    return int(row[0])


def approve(connection: Connection, ledger_id: int, version: int, actor: str, reason: str) -> RuleVersion:
    """Approves a version. Raises NotFound, or ResolutionRefused for whoever published it or if that is done."""
    found = versions(connection, ledger_id, version)
    if not found:
        raise NotFound(f"There are no matching rules {version}", where="version", remedy="See `tieout rules list`.")
    if found[0].approved_by is not None:
        raise ResolutionRefused(
            f"{found[0].approved_by} has approved matching rules {version} already", where="version",
            remedy="Publish a new version to change anything.",
        )  # fmt: skip
    if found[0].published_by == actor:  # the database refuses it too
        raise ResolutionRefused(
            f"{actor} published matching rules {version} and cannot approve them",
            where="version",
            remedy="Let somebody else look at them.",
        )
    columns = {"ledger": ledger_id, "version": version, "actor": actor, "reason": reason}
    connection.execute(_SQL.approve, columns)
    return versions(connection, ledger_id, version)[0]


def versions(connection: Connection, ledger_id: int, version: int | None = None) -> list[RuleVersion]:
    """All versions that were published, or the one with this number."""
    rows = connection.execute(_SQL.published, {"ledger": ledger_id, "version": version})
    return [RuleVersion(*row) for row in rows]


def in_force(connection: Connection, ledger_id: int, day: date) -> MatchingRules:
    """The rules of a day: the newest approved ones that apply by then, or those that come with the product."""
    row = connection.execute(_SQL.in_force, {"ledger": ledger_id, "day": day}).fetchone()
    return standard_rules() if row is None else read_rules(row[1], f"matching rules {row[0]}", row[0])
