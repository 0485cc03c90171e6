"""Whose a listing was when it was sold, and how an amount is divided among its owners."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from tieout.model.error import BadInput, Conflict, NotFound
from tieout.model.ownership import WHOLE_BASIS_POINTS, Ownership, Share
from tieout.settlement.allocate import allocate


def check(ownership: Ownership) -> Ownership:
    """The record itself if it holds. Raises BadInput if the shares do not come to 10,000 or something is impossible."""
    where = f"ownership of {ownership.listing}"
    total = sum(share.basis_points for share in ownership.shares)
    if total != WHOLE_BASIS_POINTS:
        remedy = f"Let all shares come to {WHOLE_BASIS_POINTS:,} basis points."
        raise BadInput(f"The shares come to {total:,} basis points", where=where, remedy=remedy)
    parties = [share.party for share in ownership.shares]
    if len(set(parties)) != len(parties) or not all(parties):
        raise BadInput("A party is named twice or not at all", where=where, remedy="Name each party once.")
    if min(share.basis_points for share in ownership.shares) < 0:
        raise BadInput("A share is negative", where=where, remedy="Leave out a party that has no share.")
    if ownership.fees_borne_by is not None and ownership.fees_borne_by not in parties:
        raise BadInput(
            f"“{ownership.fees_borne_by}” bears the fees and has no share", where=where, remedy="Name an owner."
        )
    if all(share.rounds_down for share in ownership.shares):
        raise BadInput("Every share is rounded down", where=where, remedy="Let one owner take the odd minor unit.")
    if ownership.valid_until is not None and ownership.valid_until <= ownership.valid_from:
        raise BadInput("It ends before it begins", where=where, remedy="Give an end after the beginning.")
    return ownership


def owned_at(records: Iterable[Ownership], listing: str, at: datetime | None) -> Ownership:
    """The version that held at a moment: of those begun by then, the latest, if it had not ended.

    `at` None means the latest of all. Raises NotFound for an unknown listing or a moment without an owner.
    """
    known = [record for record in records if record.listing == listing]
    begun = [record for record in known if at is None or record.valid_from <= at]
    if begun:
        latest = max(begun, key=lambda record: (record.valid_from, record.version))
        if at is None or latest.valid_until is None or at < latest.valid_until:
            return check(latest)
    when = f" on {at.isoformat()}" if at is not None and known else ""
    raise NotFound(
        f"Nobody is known to own the listing “{listing}”{when}", where="listing",
        remedy="Record its ownership with a beginning before the sale, or name the owners on the order's line.",
    )  # fmt: skip


def revised(history: Sequence[Ownership], change: Ownership) -> tuple[Ownership, ...]:
    """The history of a listing with one version more. Earlier ones stay as they are.

    Raises Conflict if the change does not begin after the latest version, since sales were frozen under it.
    """
    earlier = [record for record in history if record.listing == change.listing]
    latest = max(earlier, key=lambda record: record.version, default=None)
    if latest is not None and change.valid_from <= latest.valid_from:
        raise Conflict(
            f"Version {latest.version} of the ownership of “{change.listing}” begins later", where="valid_from",
            remedy=f"Begin after {latest.valid_from.isoformat()}; what was sold before stays with its owners.",
        )  # fmt: skip
    version = 1 if latest is None else latest.version + 1
    return (*history, check(msgspec.structs.replace(change, version=version)))


def named(listing: str, owners: dict[str, int]) -> Ownership:
    """The ownership an order's own line names, in basis points by party."""
    shares = tuple(Share(party, points) for party, points in sorted(owners.items()))
    return check(Ownership(listing, shares, datetime.min, version=0))  # noqa: DTZ901 -- compared with nothing


def lead(ownership: Ownership) -> str:
    """The seller of the listing for rules and reports: the party with the largest share, ties to the first name."""
    return min(ownership.shares, key=lambda share: (-share.basis_points, share.party)).party


def divide(amount_minor: int, shares: Sequence[Share]) -> dict[str, int]:
    """An amount by party. The parts sum to it; odd minor units go to parties that do not round down."""
    ordered = sorted(shares, key=lambda share: share.party)
    parts = {share.party: _whole_units(amount_minor, share) for share in ordered if share.rounds_down}
    others = [share for share in ordered if not share.rounds_down]
    rest = allocate(amount_minor - sum(parts.values()), [share.basis_points for share in others])
    return parts | {share.party: part for share, part in zip(others, rest, strict=True)}


def _whole_units(amount_minor: int, share: Share) -> int:
    magnitude = abs(amount_minor) * share.basis_points // WHOLE_BASIS_POINTS
    return magnitude if amount_minor >= 0 else -magnitude
