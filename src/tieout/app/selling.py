"""Sellers in the books: who they are, where they are paid, what is held of them, and what they are owed on any day."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import msgspec
from msgspec import Struct

from tieout.app import owing
from tieout.app.context import LedgerContext
from tieout.app.opened import SYSTEM, Opened
from tieout.app.reading import today_of
from tieout.controls import store as controls
from tieout.db.pool import Connection
from tieout.ledger import balance
from tieout.ledger.balance import Facet
from tieout.model.bucket import Bucket, Hold, HoldReason
from tieout.model.entity import Actor
from tieout.model.error import BadInput, Conflict, NotFound, PostingRefused
from tieout.model.money import exponent_of
from tieout.model.sale import Stake
from tieout.model.seller import PayoutAccount, Seller, SettlementPolicy
from tieout.settlement import sales, sellers, telling
from tieout.settlement.payee import checked
from tieout.settlement.sellers import AccountRow, HoldRow, PolicyRow, SellerRow

__all__ = ["AccountRow", "HoldRow", "PolicyRow", "SellerRow", "SellerView", "Selling"]
#: How long a new account waits before money goes to it.
COOLING_OFF = timedelta(hours=72)
_PAST_BATCH = 500
_COLUMNS = ("party", "legal_name", "currency", "country", "town", "tax_number", "vat_number", "iban", "bic")


class SellerView(Struct, frozen=True):
    """All there is to know of a seller: every version of its profile and account, and its holds."""

    party: str
    versions: Sequence[SellerRow]
    accounts: Sequence[AccountRow]
    holds: Sequence[HoldRow]


class Owed(NamedTuple):
    """What a seller is owed in a bucket, in minor units; below zero it owes."""

    bucket: Bucket
    currency: str
    amount_minor: int


class Selling(Opened):
    """The part of the face that knows who sells."""

    #: The ledger and the accounts of the buckets, which never change; read once.
    _buckets: tuple[int, dict[str, Bucket]] | None = None

    def add_seller(self, seller: Seller, *, reason: str = "", actor: Actor = SYSTEM) -> SellerRow:
        """Adds a seller. With the first one these books are a marketplace's: what was sold before is split, too.

        Raises Conflict for one that is there, BadInput for a profile or an account that makes no sense.
        """
        return self.add_sellers([seller], reason=reason, actor=actor)[0]

    def add_sellers(self, found: Sequence[Seller], *, reason: str = "", actor: Actor = SYSTEM) -> list[SellerRow]:
        """The same for several, all or none."""
        with self._books() as (connection, context):
            first = not sellers.any_sellers(connection, context.id)
            made = [_add(connection, context, seller, reason, actor) for seller in found]
        if first and made:
            self.settle_past()
        return made

    def change_seller(
        self, seller: Seller, *, reason: str, valid_from: datetime | None = None, actor: Actor = SYSTEM
    ) -> SellerRow:
        """Changes a seller's profile, at once or from a later moment on; an account in it is asked for apart.

        Raises NotFound for one that is not there, BadInput without a reason and for a moment in the past.
        """
        _reason(reason)
        with self._books() as (connection, context):
            before = _versions(connection, context, seller.party)
            _check(seller)
            at = valid_from or datetime.now(UTC)
            if at.tzinfo is None or at <= before[-1].valid_from:
                remedy = f"Begin after {before[-1].valid_from.isoformat()}, with a zone."
                raise BadInput("A version begins after the one before it", where="valid_from", remedy=remedy)
            version = before[-1].version + 1
            if not sellers.add_version(connection, context.id, seller, version, at, actor.name, reason):
                raise _meanwhile(seller.party)
            said = f"{_differences(before[-1].seller, seller)}; {reason}"
            controls.log(connection, context.id, actor.name, "seller.changed", seller.party, said)
            return sellers.versions(connection, context.id, seller.party)[-1]

    def import_sellers(self, text: bytes, *, actor: Actor = SYSTEM) -> int:
        """Adds the sellers of a CSV file, all or none, and returns how many.

        The columns are party, legal_name and currency, and if wanted country, town, tax_number, vat_number, iban, bic.
        Raises BadInput naming the line.
        """
        with self._books() as (connection, context):
            first = not sellers.any_sellers(connection, context.id)
            rows = _rows(text)
            for number, seller in rows:
                try:
                    _add(connection, context, seller, "Imported.", actor)
                except (BadInput, Conflict) as error:
                    raise BadInput(error.what, where=f"line {number}", remedy=error.remedy) from error
        if first and rows:
            self.settle_past()
        return len(rows)

    def sellers(self, *, after: str = "", limit: int = 1000) -> list[SellerRow]:
        """A page of the sellers there are now, by name, each with the account money may go to."""
        with self._books() as (connection, context):
            return sellers.sellers(connection, context.id, after=after, limit=limit)

    def seller(self, party: str) -> SellerView:
        """Everything of one seller. Raises NotFound."""
        with self._books() as (connection, context):
            versions = _versions(connection, context, party)
            accounts = sellers.accounts(connection, context.id, party)
            return SellerView(party, versions, accounts, sellers.holds(connection, context.id, party))

    def set_payout_account(
        self, party: str, account: PayoutAccount, *, reason: str, actor: Actor = SYSTEM
    ) -> AccountRow:
        """Asks for another account. Unless it is the first, nothing is paid until 72 hours and a second person."""
        _reason(reason)
        with self._books() as (connection, context):
            _versions(connection, context, party)
            _add_account(connection, context, party, account, reason, actor)
            return sellers.accounts(connection, context.id, party)[-1]

    def decide_account(self, party: str, version: int, *, approve: bool, reason: str, actor: Actor) -> AccountRow:
        """A second person approves a change of account, or refuses it: then the one before it stays.

        Raises PostingRefused for whoever asked for it, Conflict if it has been decided.
        """
        _reason(reason)
        with self._books() as (connection, context):
            asked = [row for row in sellers.accounts(connection, context.id, party) if row.version == version]
            if not asked:
                raise NotFound(f"{party} has no account {version}", where="version", remedy="Look at the seller.")
            if asked[0].changed_by == actor.name:
                raise _one_person(actor)
            if not sellers.decide_account(connection, context.id, party, version, actor.name, reason, approved=approve):
                raise Conflict("It has been decided already", where=party, remedy="Ask for a new change.")
            done = "account_approved" if approve else "account_refused"
            controls.log(connection, context.id, actor.name, f"seller.{done}", party, f"version {version}. {reason}")
            return next(row for row in sellers.accounts(connection, context.id, party) if row.version == version)

    def hold_seller(
        self, party: str, why: HoldReason, *, ends_when: str, amount_minor: int | None = None,
        until: date | None = None, actor: Actor = SYSTEM,
    ) -> HoldRow:  # fmt: skip
        """Holds a seller's money, all of it or an amount, until a day or until somebody releases it."""
        with self._books() as (connection, context):
            _versions(connection, context, party)
            today = today_of(context, datetime.now(UTC))
            if (
                not ends_when.strip()
                or (amount_minor is not None and amount_minor <= 0)
                or (until is not None and until <= today)
            ):
                remedy = "Say what ends it; give a positive amount and a day to come."
                raise BadInput("A hold says what ends it", where="hold", remedy=remedy)
            hold = Hold(party, why, today, actor.name, ends_when, amount_minor, until)
            number = sellers.open_hold(connection, context.id, hold)
            controls.log(connection, context.id, actor.name, "seller.held", party, f"{why.value}: {ends_when}")
            return HoldRow(number, hold)

    def release_seller(self, hold: int, *, reason: str, actor: Actor = SYSTEM) -> None:
        """Ends a hold at once. Raises NotFound if there is none of this number, or it has ended."""
        _reason(reason)
        with self._books() as (connection, context):
            today = today_of(context, datetime.now(UTC))
            if not sellers.release_hold(connection, context.id, hold, today, actor.name, reason):
                raise NotFound(f"There is no open hold {hold}", where="hold", remedy="Look at the seller's holds.")
            controls.log(connection, context.id, actor.name, "seller.released", f"hold {hold}", reason)

    def publish_settlement_policy(self, policy: SettlementPolicy, *, reason: str, actor: Actor = SYSTEM) -> int:
        """Publishes what the marketplace does by rule from now on and returns the version."""
        _reason(reason)
        if policy.release.days < 0 or policy.reserve.days < 0 or not 0 <= policy.reserve.percent <= Decimal(100):
            remedy = "Give days of 0 or more and a percentage of 0 to 100."
            raise BadInput("The policy makes no sense", where="policy", remedy=remedy)
        if policy.reserve.percent and policy.reserve.days == 0:
            raise BadInput("A reserve has no end", where="policy.reserve.days", remedy="Say after how many days.")
        if set(policy.refund_draws) - {Bucket.RESERVE, Bucket.AVAILABLE}:
            raise BadInput("A refund draws on reserve and available", where="policy", remedy="Name only these.")
        with self._books() as (connection, context):
            version = sellers.publish_policy(connection, context.id, policy, actor.name, reason)
            controls.log(connection, context.id, actor.name, "policy.published", f"version {version}", reason)
        return version

    def settlement_policy(self) -> PolicyRow | None:
        """The policy in force, with who published it when and why; None if none was published."""
        with self._books() as (connection, context):
            return sellers.policy(connection, context.id)

    def seller_balance(self, party: str, at: date | None = None) -> list[Owed]:
        """What a seller is owed at the end of a day, by bucket and currency; nothing that is nil."""
        if "\0" in party:
            return []
        if (known := self._buckets) is None:
            with self._books() as (_, context):
                self._buckets = known = (context.id, _codes(context))
        with self.database.steady() as connection:
            return _owed(connection, *known, party, at)

    def seller_sales(self, party: str, limit: int = 100) -> list[tuple[str, Stake]]:
        """A seller's sales, newest first: what each came to, where that is, and when it is released."""
        with self._books() as (connection, context):
            return sales.stakes_of(connection, context.id, party, limit)

    def settle_past(self) -> int:
        """Takes up what was booked before there were sellers, batch by batch; returns how many entries that made."""
        kinds = [kind.value for kind in (*telling.TELLING, *telling.CONNECTING)]
        after, made = 0, 0
        while True:
            with self._books() as (connection, context):
                numbers = sales.past_events(connection, context.id, kinds, after, _PAST_BATCH)
                if not numbers:
                    return made
                made += owing.hear_again(connection, context, numbers).entries
                after = numbers[-1]


def balance_of(connection: Connection, context: LedgerContext, party: str, at: date | None) -> list[Owed]:
    """What a seller is owed at the end of a day, from the projections and whatever they have not seen yet."""
    return _owed(connection, context.id, _codes(context), party, at)


def _codes(context: LedgerContext) -> dict[str, Bucket]:
    """The accounts of the buckets, by code."""
    codes = [(context.roles.account_for(bucket.role, ""), bucket) for bucket in Bucket]
    return {code: bucket for code, bucket in codes if code is not None}


def _owed(
    connection: Connection, ledger_id: int, codes: Mapping[str, Bucket], party: str, at: date | None
) -> list[Owed]:
    found = balance.sums(connection, ledger_id, at=at, accounts=list(codes), facet=Facet(party, party=True))
    return [Owed(codes[s.account], s.currency, -s.balance_minor) for s in found if s.balance_minor]


def _add(connection: Connection, context: LedgerContext, seller: Seller, reason: str, actor: Actor) -> SellerRow:
    if context.chart.sellers != "payable":
        remedy = "Open books with the chart “marketplace”."
        raise BadInput("The goods in these books are their own", where="sellers", remedy=remedy)
    _check(seller)
    at = datetime.now(UTC)
    known = sellers.versions(connection, context.id, seller.party)
    if known or not sellers.add_version(connection, context.id, seller, 1, at, actor.name, reason):
        raise Conflict(f"There is a seller “{seller.party}” already", where="party", remedy="Change its profile.")
    controls.log(connection, context.id, actor.name, "seller.added", seller.party, f"{seller.legal_name}. {reason}")
    if seller.account is not None:
        _add_account(connection, context, seller.party, seller.account, reason, actor)
    return sellers.versions(connection, context.id, seller.party)[-1]


def _add_account(
    connection: Connection, context: LedgerContext, party: str, account: PayoutAccount, reason: str, actor: Actor
) -> None:
    fine = checked(account, party)
    from_ = datetime.now(UTC) + COOLING_OFF
    version = sellers.add_account(connection, context.id, party, fine, from_, actor.name, reason)
    controls.log(connection, context.id, actor.name, "seller.account_asked", party, f"version {version}. {reason}")


def _check(seller: Seller) -> None:
    """Raises BadInput for a profile that cannot be."""
    where = f"seller {seller.party:.80}"
    exponent_of(seller.currency)
    if not seller.party.strip() or not seller.legal_name.strip() or len(seller.party.encode()) > 500:
        raise BadInput("A seller has a short name and a legal one", where=where, remedy="Give both.")
    if min(seller.payout_minimum_minor, seller.kept_minimum_minor, seller.payout_maximum_minor or 0) < 0:
        raise BadInput("A threshold is negative", where=where, remedy="Give amounts of 0 or more.")
    if seller.reserve is not None and seller.reserve.percent and seller.reserve.days <= 0:
        raise BadInput("A reserve has no end", where=where, remedy="Say after how many days it ends.")
    if seller.release is not None and seller.release.days < 0:
        raise BadInput("A release is before its sale", where=where, remedy="Give 0 days or more.")


def _rows(text: bytes) -> list[tuple[int, Seller]]:
    try:
        reader = csv.DictReader(io.StringIO(text.decode("utf-8-sig")), strict=True)
        names = list(reader.fieldnames or ())
        unknown = sorted(set(names) - set(_COLUMNS))
        if unknown or not {"party", "legal_name", "currency"} <= set(names):
            raise BadInput(
                f"The columns are not those of sellers: {', '.join(unknown or names)}", where="line 1",
                remedy=f"Use some of: {', '.join(_COLUMNS)}.",
            )  # fmt: skip
        return [(reader.line_num, _row({k: (v or "").strip() for k, v in row.items()})) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"It is no CSV in UTF-8: {error}", where="file", remedy="Save it as CSV in UTF-8.") from None


def _row(row: Mapping[str, str]) -> Seller:
    iban = row.get("iban", "")
    account = PayoutAccount(row["legal_name"], iban=iban, bic=row.get("bic", "")) if iban else None
    return Seller(
        row["party"], row["legal_name"], row["currency"], country=row.get("country", ""), town=row.get("town", ""),
        tax_number=row.get("tax_number", ""), vat_number=row.get("vat_number", ""), account=account,
    )  # fmt: skip


def _versions(connection: Connection, context: LedgerContext, party: str) -> list[SellerRow]:
    found = sellers.versions(connection, context.id, party)
    if not found:
        raise NotFound(f"There is no seller “{party}”", where="party", remedy="List them with `tieout sellers list`.")
    return found


def _differences(before: Seller, after: Seller) -> str:
    """What changed, by field, for the audit log."""
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    names = sorted(name for name in {**old, **new} if old.get(name) != new.get(name) and name != "account")
    return "; ".join(f"{name}: {old.get(name)!s} → {new.get(name)!s}" for name in names) or "nothing changed"


def _reason(reason: str) -> None:
    if not reason.strip():
        raise BadInput("A reason is required", where="reason", remedy="Say why, in a sentence.")


def _one_person(actor: Actor) -> PostingRefused:
    return PostingRefused(
        f"{actor.name} asked for it, so somebody else must decide", where="approval", remedy="Ask a second person."
    )


def _meanwhile(party: str) -> Conflict:
    return Conflict(f"Somebody else changed {party} meanwhile", where="sellers", remedy="Look at it and try again.")
