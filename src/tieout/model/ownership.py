"""Ownership: whose listing it is, from when to when, and in which shares it is sold.

A record never changes. Another division of the shares is another version from a later moment on; a sale keeps the
version it was made under.
"""

from datetime import datetime

from msgspec import Struct

#: All shares of a listing come to this, at any moment.
WHOLE_BASIS_POINTS = 10_000


class Share(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One party's part of a listing, in basis points (hundredths of a per cent).

    `role` is for people: seller, collaborator, studio, affiliate. A party that `rounds_down` never gets the odd minor
    unit; the others do.
    """

    party: str
    basis_points: int
    role: str = "seller"
    rounds_down: bool = False


class Ownership(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who owns a listing from `valid_from` up to, not including, `valid_until` (None: until a later version begins).

    `fees_borne_by` names the one party that pays commission and fees, so that the others have a share of the price
    before them; None: all bear them by their shares.
    """

    listing: str
    shares: tuple[Share, ...]
    valid_from: datetime
    version: int = 1
    valid_until: datetime | None = None
    fees_borne_by: str | None = None
    changed_by: str = ""
    reason: str = ""
