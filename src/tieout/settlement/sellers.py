"""Keeps who sells: profiles in versions, accounts with who approved them, holds, and the marketplace's policy."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.bucket import Hold, HoldReason
from tieout.model.seller import PayoutAccount, Seller, SettlementPolicy

_SQL = Queries("tieout.settlement", "sellers.sql")
_SELLER = msgspec.json.Decoder(Seller)
_ACCOUNT = msgspec.json.Decoder(PayoutAccount)
_POLICY = msgspec.json.Decoder(SettlementPolicy)


class SellerRow(Struct, frozen=True):
    """A version of a seller's profile: since when it holds, and who changed what was before, when and why."""

    seller: Seller
    version: int
    valid_from: datetime
    changed_by: str
    reason: str
    recorded_at: datetime


class AccountRow(Struct, frozen=True):
    """A version of where a seller is paid: from when, and who asked for it, approved it or refused it."""

    party: str
    version: int
    account: PayoutAccount
    changed_by: str
    reason: str
    changed_at: datetime
    payable_from: datetime
    approved: bool | None
    decided_by: str | None
    decided_at: datetime | None


class HoldRow(Struct, frozen=True):
    """A hold with its number."""

    id: int
    hold: Hold


class PolicyRow(Struct, frozen=True):
    """A version of the policy: who published it, when and why."""

    version: int
    policy: SettlementPolicy
    published_by: str
    reason: str
    published_at: datetime


def any_sellers(connection: Connection, ledger_id: int) -> bool:
    """Whether the ledger has a seller at all."""
    row = connection.execute(_SQL.any_sellers, {"ledger": ledger_id}).fetchone()
    return row is not None and bool(row[0])


def add_version(
    connection: Connection, ledger_id: int, seller: Seller, version: int, at: datetime, by: str, reason: str
) -> bool:
    """Adds a version of a profile (without the account); False if somebody else added that version meanwhile."""
    profile = msgspec.json.encode(msgspec.structs.replace(seller, account=None)).decode()
    columns = {
        "ledger": ledger_id, "party": seller.party, "version": version, "at": at, "profile": profile, "by": by,
        "reason": reason,
    }  # fmt: skip
    return connection.execute(_SQL.insert_version, columns).fetchone() is not None


def versions(connection: Connection, ledger_id: int, party: str) -> list[SellerRow]:
    """Every version of a profile, oldest first, without accounts."""
    rows = connection.execute(_SQL.versions, {"ledger": ledger_id, "party": party})
    return [SellerRow(_SELLER.decode(row[0]), *row[1:]) for row in rows]


def sellers(
    connection: Connection, ledger_id: int, *, parties: Sequence[str] | None = None, after: str = "", limit: int = 1000
) -> list[SellerRow]:
    """Profiles in force now, each with the account money may go to, by name; those named, or a page of all."""
    columns = {
        "ledger": ledger_id, "parties": None if parties is None else list(parties), "after": after, "limit": limit,
    }  # fmt: skip
    found = []
    for profile, account, *rest in connection.execute(_SQL.sellers, columns):
        seller = _SELLER.decode(profile)
        payable = None if account is None else _ACCOUNT.decode(account)
        found.append(SellerRow(msgspec.structs.replace(seller, account=payable), *rest))
    return found


def add_account(
    connection: Connection, ledger_id: int, party: str, account: PayoutAccount, payable_from: datetime, by: str,
    reason: str,
) -> int:  # fmt: skip
    """Adds a version of where a seller is paid and returns its number."""
    columns = {
        "ledger": ledger_id, "party": party, "account": msgspec.json.encode(account).decode(), "by": by,
        "from": payable_from, "reason": reason,
    }  # fmt: skip
    row = connection.execute(_SQL.insert_account, columns).fetchone()
    assert row is not None
    return int(row[0])


def accounts(connection: Connection, ledger_id: int, party: str) -> list[AccountRow]:
    """Every version of a seller's account, oldest first."""
    rows = connection.execute(_SQL.accounts, {"ledger": ledger_id, "party": party})
    return [AccountRow(row[0], row[1], _ACCOUNT.decode(row[2]), *row[3:]) for row in rows]


def decide_account(
    connection: Connection, ledger_id: int, party: str, version: int, by: str, reason: str, *, approved: bool
) -> bool:
    """Records what a second person says to a change of account; False if somebody said so before."""
    columns = {
        "ledger": ledger_id, "party": party, "version": version, "approved": approved, "by": by, "reason": reason,
    }  # fmt: skip
    return connection.execute(_SQL.insert_account_verdict, columns).fetchone() is not None


def open_hold(connection: Connection, ledger_id: int, hold: Hold) -> int:
    """Opens a hold and returns its number."""
    columns = {
        "ledger": ledger_id, "party": hold.party, "reason": hold.reason.value, "amount": hold.amount_minor,
        "since": hold.since, "until": hold.until, "ends": hold.ends_when, "by": hold.opened_by,
    }  # fmt: skip
    row = connection.execute(_SQL.insert_hold, columns).fetchone()
    assert row is not None
    return int(row[0])


def release_hold(connection: Connection, ledger_id: int, hold_id: int, on: date, by: str, reason: str) -> bool:
    """Ends a hold; False if there is none of this number, or it has been released."""
    columns = {"ledger": ledger_id, "hold": hold_id, "on": on, "by": by, "reason": reason}
    return connection.execute(_SQL.insert_hold_release, columns).fetchone() is not None


def holds(connection: Connection, ledger_id: int, party: str | None = None) -> list[HoldRow]:
    """All holds there ever were, of a seller or of all, oldest first."""
    rows = connection.execute(_SQL.holds, {"ledger": ledger_id, "party": party})
    return [
        HoldRow(
            row[0],
            Hold(
                party=row[1], reason=HoldReason(row[2]), amount_minor=row[3], since=row[4], until=row[5],
                ends_when=row[6], opened_by=row[7], released_on=row[8],
            ),
        )
        for row in rows
    ]  # fmt: skip


def publish_policy(connection: Connection, ledger_id: int, policy: SettlementPolicy, by: str, reason: str) -> int:
    """Publishes the policy's next version and returns its number."""
    columns = {"ledger": ledger_id, "policy": msgspec.json.encode(policy).decode(), "by": by, "reason": reason}
    row = connection.execute(_SQL.insert_policy, columns).fetchone()
    assert row is not None
    return int(row[0])


def policy(connection: Connection, ledger_id: int) -> PolicyRow | None:
    """The newest policy; None if none was published."""
    row = connection.execute(_SQL.policy, {"ledger": ledger_id}).fetchone()
    return None if row is None else PolicyRow(row[0], _POLICY.decode(row[1]), *row[2:])
