"""Reads what sellers are owed: their lines, what those are made of, what stands where, and their payouts.

The store of statements, bridges and the seller portal. Amounts are credit positive: what the seller is owed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec
from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.bucket import Bucket, Hold, HoldReason
from tieout.model.ids import IdKind, public_id
from tieout.model.owed import PayoutMade, SellerLine
from tieout.model.seller import PayoutAccount, Seller

_SQL = Queries("tieout.reports", "owed.sql")
_SELLER = msgspec.json.Decoder(Seller)
_ACCOUNT = msgspec.json.Decoder(PayoutAccount)
_BUCKETS: Mapping[str, Bucket] = {bucket.role.value: bucket for bucket in Bucket}
_RULES = "settlement."
_ROWS = ("sales", "shipping", "tax", "commission", "fee_tax")
Amounts = Mapping[str, Mapping[str, int]]
"""Key of an entry -> row -> minor units."""


class Standing(Struct, frozen=True):
    """What stands in a bucket for one sale, and the day on which it leaves it, if that is known."""

    bucket: Bucket
    reference: str
    amount_minor: int
    until: date | None


class PaidLine(Struct, frozen=True):
    """A line that a payout settles; `kept_minor` is what its entry kept back of the same sale."""

    entry: int
    line_no: int
    day: date
    reference: str
    occasion: str
    key: str
    amount_minor: int
    kept_minor: int


class KeyedLine(Struct, frozen=True):
    """A line with the key of its entry."""

    key: str
    line: SellerLine


def occasion_of(rule_id: str) -> str:
    """What happened, by the rule that booked it: ``settlement.released`` is “released”."""
    return rule_id.removeprefix(_RULES)


def lines(
    connection: Connection,
    ledger_id: int,
    party: str,
    *,
    since: date | None = None,
    until: date | None = None,
    currency: str | None = None,
    buckets: Iterable[Bucket] = tuple(Bucket),
    items: Sequence[str] | None = None,
) -> list[KeyedLine]:
    """A seller's lines on its buckets, by day and entry."""
    columns = {
        "ledger": ledger_id, "party": party, "since": since, "until": until, "currency": currency,
        "roles": [bucket.role.value for bucket in buckets], "items": None if items is None else list(items),
    }  # fmt: skip
    return [
        KeyedLine(key, SellerLine(entry, day, _BUCKETS[role], code, amount, occasion_of(rule), item, memo))
        for entry, key, day, role, code, amount, rule, item, memo in connection.execute(_SQL.lines_of_party, columns)
    ]


def amounts_of(connection: Connection, ledger_id: int, party: str, keys: Iterable[str]) -> Amounts:
    """What entries are made of for a seller, as far as it was kept."""
    found: dict[str, dict[str, int]] = {}
    columns = {"ledger": ledger_id, "party": party, "keys": sorted(set(keys))}
    for key, row, amount in connection.execute(_SQL.amounts_of_entries, columns):
        found.setdefault(key, {})[row] = amount
    return {key: dict(sorted(rows.items(), key=_place)) for key, rows in found.items()}


def _place(row: tuple[str, int]) -> tuple[int, str]:
    """Rows in the order of a statement: what was sold, what is taken off it, then fees by name."""
    return _ROWS.index(row[0]) if row[0] in _ROWS else len(_ROWS), row[0]


def standing(connection: Connection, ledger_id: int, party: str, currency: str, at: date) -> list[Standing]:
    """What is owed at the end of a day and not available, by bucket and sale."""
    kept = (Bucket.PENDING, Bucket.RESERVE, Bucket.DISPUTE_HOLD)
    columns = {
        "ledger": ledger_id, "party": party, "currency": currency, "at": at,
        "roles": [bucket.role.value for bucket in kept],
    }  # fmt: skip
    rows = connection.execute(_SQL.standing_of_party, columns)
    return [Standing(_BUCKETS[role], item, amount, until) for role, item, amount, until in rows]


class Profile(Struct, frozen=True):
    """A seller as it is now; `account_waits` if its account was changed and may not be paid to yet."""

    seller: Seller
    account_waits: bool


def profiles(connection: Connection, ledger_id: int, parties: Sequence[str] | None = None) -> dict[str, Profile]:
    """The profiles in force of these sellers, or of all, by party."""
    columns = {"ledger": ledger_id, "parties": None if parties is None else list(parties)}
    found = {}
    for party, profile, account, payable in connection.execute(_SQL.profiles, columns):
        seller = _SELLER.decode(profile)
        if account is not None:
            seller = msgspec.structs.replace(seller, account=_ACCOUNT.decode(account))
        found[party] = Profile(seller, not payable)
    return found


def currencies(connection: Connection, ledger_id: int, party: str) -> list[str]:
    """Currencies in which anything ever stood on a seller's buckets."""
    columns = {"ledger": ledger_id, "party": party, "roles": list(_BUCKETS)}
    return [row[0] for row in connection.execute(_SQL.currencies_of_party, columns)]


def holds(connection: Connection, ledger_id: int, party: str) -> list[Hold]:
    """Every hold there is or was on a seller's money, oldest first."""
    rows = connection.execute(_SQL.holds_of_party, {"ledger": ledger_id, "party": party})
    return [
        Hold(party, HoldReason(reason), since, by, ends, amount, until, released)
        for reason, since, by, ends, amount, until, released in rows
    ]


def payouts(
    connection: Connection,
    ledger_id: int,
    *,
    party: str | None = None,
    number: int | None = None,
    before: int | None = None,
    currency: str | None = None,
    arriving: bool = False,
    limit: int = 100,
) -> list[tuple[int, PayoutMade]]:
    """Payouts with their numbers, newest first, without lines; `arriving` leaves out those that came to nothing."""
    columns = {
        "ledger": ledger_id, "party": party, "id": number, "before": before, "currency": currency,
        "arriving": arriving, "limit": limit,
    }  # fmt: skip
    return [
        (made, PayoutMade(public_id(IdKind.PAYOUT, made), whose, code, day, state, amount, ()))
        for made, whose, code, day, state, amount in connection.execute(_SQL.payouts, columns)
    ]


def payout_lines(connection: Connection, ledger_id: int, number: int) -> list[PaidLine]:
    """The lines of the ledger that a payout settles."""
    rows = connection.execute(_SQL.payout_lines, {"ledger": ledger_id, "payout": number})
    return [
        PaidLine(entry, line, day, item, occasion_of(rule), key, amount, kept)
        for entry, line, day, item, rule, key, amount, kept in rows
    ]
