"""The gateway's balance: rows for everything that moves it, and daily automatic payouts of what is available.

A charge is available `settle_days` business days after its capture, everything else at once. Each business day pays
out all that was available at midnight UTC; a balance of nothing or less is carried on.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import msgspec
from msgspec import Struct

from tieout.sandbox.calendar import add_business_days, business_days, days, utc
from tieout.sandbox.dice import Dice, Ids
from tieout.sandbox.trail import Charge, Dispute, Gateway, GatewayRefund, Payout, Row, RowKind

#: Money that is longer in the balance than this at the end of the world is stuck.
_STUCK_AFTER = timedelta(days=7)
#: How long a reserve is held, in days.
_RESERVE_DAYS = 9


class Twins(Struct, frozen=True):
    """Two payouts of the same amount."""

    first: Payout
    second: Payout


class GatewayAccount:
    """One account at the gateway over the whole world."""

    def __init__(self, gateway: Gateway, seed: int, ids: Ids, start: datetime, end: datetime) -> None:
        self._gateway = gateway
        self._ids = ids
        self._dice = Dice(seed, f"account {gateway.source}")
        self._start = start
        self._end = end
        self.rows: list[Row] = []
        self.payouts: list[Payout] = []
        self.twins: Twins | None = None

    def run(
        self,
        charges: Iterable[Charge],
        refunds: Iterable[GatewayRefund],
        disputes: Iterable[Dispute],
        *,
        odd: bool,
        calm: bool = False,
    ) -> None:
        """Works out all rows and payouts of this account between the world's start and end.

        An `odd` account also has a row of an unheard-of kind and, if it can be arranged, two payouts of one amount.
        A `calm` one has no fees of its own and no reserves.
        """
        source = self._gateway.source
        for charge in charges:
            if charge.account == source and charge.captured_at is not None:
                self._settle(charge, charge.captured_at)
        for refund in refunds:
            if refund.charge.account == source:
                self._refund(refund)
        for dispute in disputes:
            if dispute.charge.account == source:
                self._withdraw(dispute)
        if not calm:
            self._monthly_fee()
            self._reserves()
        if odd:
            self._something_unheard_of()
        self._pay_out(with_twins=odd and not calm)
        self.rows.sort(key=lambda row: (row.created, row.id))

    def fee_minor(self, amount_minor: int) -> int:
        """The fee of a charge: a share, half a cent rounded up, and a fixed amount."""
        return (amount_minor * self._gateway.fee_per_mille + 500) // 1000 + self._gateway.fee_fixed_minor

    def _row(
        self,
        kind: RowKind,
        subject: str,
        amount: int,
        at: datetime,
        description: str,
        *,
        fee: int = 0,
        row_id: str = "",
        available: date | None = None,
    ) -> Row:
        """A row of the balance, available at once if no day is given."""
        return Row(
            id=row_id or self._ids.stripe("txn"),
            account=self._gateway.source,
            kind=kind,
            subject=subject,
            currency=self._gateway.currency,
            amount_minor=amount,
            fee_minor=fee,
            created=at,
            available_on=available or at.date(),
            description=description,
        )

    def _settle(self, charge: Charge, at: datetime) -> None:
        available = add_business_days(at.date(), self._gateway.settle_days, self._gateway.currency)
        amount, fee = charge.captured_minor, self.fee_minor(charge.captured_minor)
        name = f"Clay & Loom {charge.order.name}" if charge.order else charge.note
        row_id = charge.row_id
        row = self._row(RowKind.CHARGE, charge.id, amount, at, name, fee=fee, row_id=row_id, available=available)
        self.rows.append(msgspec.structs.replace(row, withheld_minor=charge.withheld_minor))

    def _refund(self, refund: GatewayRefund) -> None:
        """The fee is kept; tax that was withheld of what goes back is given back with it."""
        text, row_id = f"Refund for {refund.charge.id}", refund.row_id
        row = self._row(RowKind.REFUND, refund.id, -refund.amount_minor, refund.at, text, row_id=row_id)
        self.rows.append(msgspec.structs.replace(row, withheld_minor=-refund.withheld_minor))

    def _withdraw(self, dispute: Dispute) -> None:
        amount, fee = dispute.charge.captured_minor, dispute.fee_minor
        text = f"Chargeback withdrawal for {dispute.charge.id}"
        self.rows.append(
            self._row(RowKind.DISPUTE, dispute.id, -amount, dispute.opened_at, text, fee=fee, row_id=dispute.row_id)
        )
        if dispute.won and dispute.closed_at is not None:
            text, row_id = f"Chargeback reversal for {dispute.charge.id}", dispute.return_row_id
            self.rows.append(
                self._row(RowKind.DISPUTE_RETURN, dispute.id, amount, dispute.closed_at, text, fee=-fee, row_id=row_id)
            )

    def _monthly_fee(self) -> None:
        """Charged on the first day, when there is no balance yet: the account starts below zero."""
        month = (self._start - timedelta(days=1)).strftime("%Y-%m")
        subject = self._ids.stripe("fee")
        self.rows.append(
            self._row(RowKind.FEE, subject, -1900, utc(self._start.date(), 9), f"Radar for Fraud Teams ({month})")
        )

    def _reserves(self) -> None:
        """One reserve held and released, and a later one that is still held at the end."""
        for first_day, released in ((7, True), (20, False)):
            at = utc(self._start.date() + timedelta(days=first_day), 22, 15)
            captured = sum(r.amount_minor for r in self.rows if r.kind is RowKind.CHARGE and r.created < at)
            amount = captured // 2000 * 100
            if amount:
                self._reserve(amount, at, released=released)

    def _reserve(self, amount_minor: int, at: datetime, *, released: bool) -> None:
        subject = self._ids.stripe("reservehold")
        self.rows.append(self._row(RowKind.RESERVE_HOLD, subject, -amount_minor, at, "Reserve hold"))
        release_at = at + timedelta(days=_RESERVE_DAYS)
        if released and release_at < self._end:
            self.rows.append(self._row(RowKind.RESERVE_RELEASE, subject, amount_minor, release_at, "Reserve release"))

    def _something_unheard_of(self) -> None:
        """A kind of row that no one has documented, on the last day whose rows are still listed; never paid out."""
        at = utc((self._end - timedelta(days=2)).date(), 21, 5)
        subject, available = self._ids.stripe("xyz"), self._end.date() + timedelta(days=3)
        self.rows.append(
            self._row(RowKind.UNHEARD_OF, subject, -1250, at, "Climate levy pass-through", available=available)
        )

    def is_stuck(self) -> bool:
        """Whether money stayed in the balance longer than any payout schedule, because the balance is below nil.

        What a payout consists of is known only when it is reconciled; until then its rows count as in the balance.
        """
        paid = {row.id for payout in self.payouts if reconciled(payout, self._end) for row in payout.rows}
        left = [row for row in self.rows if row.id not in paid and row.kind not in (RowKind.PAYOUT, RowKind.UNHEARD_OF)]
        return any(row.created < self._end - _STUCK_AFTER for row in left)

    def _pay_out(self, *, with_twins: bool) -> None:
        paid: set[str] = set()
        for day in business_days(self._start.date(), self._end.date(), self._gateway.currency):
            due = self._due(day, paid)
            amount = sum(row.net_minor for row in due)
            if with_twins and self.twins is None and self._twin_possible(day, amount):
                self._reserve(
                    amount - self.payouts[-1].amount_minor, utc(day - timedelta(days=1), 23, 40), released=True
                )
                due = self._due(day, paid)
                amount = sum(row.net_minor for row in due)
                self.payouts.append(self._payout(day, amount, due))
                self.twins = Twins(self.payouts[-2], self.payouts[-1])
            elif amount > 0:
                self.payouts.append(self._payout(day, amount, due))
            else:
                continue
            paid.update(row.id for row in due)
        self.rows += [payout.row for payout in self.payouts]

    def _due(self, day: date, paid: set[str]) -> tuple[Row, ...]:
        cut_off = utc(day)
        due = [r for r in self.rows if r.available_on <= day and r.created < cut_off and r.id not in paid]
        return tuple(sorted(due, key=lambda row: (row.created, row.id)))

    def _twin_possible(self, day: date, amount_minor: int) -> bool:
        """Whether today's payout can be brought down to yesterday's by a reserve, early enough to be overdue."""
        if not self.payouts or not 7 <= (day - self._start.date()).days <= 20:
            return False
        more = amount_minor - self.payouts[-1].amount_minor
        return 0 < more <= amount_minor // 2

    def _payout(self, day: date, amount_minor: int, rows: Sequence[Row]) -> Payout:
        gateway = self._gateway
        at = utc(day, 5, 12, self._dice.below(60))
        payout_id = self._ids.stripe("po")
        arrival = add_business_days(day, gateway.arrival_days, gateway.currency)
        own = self._row(RowKind.PAYOUT, payout_id, -amount_minor, at, "STRIPE PAYOUT", available=arrival)
        trace = self._dice.digits(15) if gateway.currency == "USD" else f"STRP{self._dice.digits(12)}"
        return Payout(payout_id, own, gateway.source, gateway.currency, amount_minor, at, arrival, trace, tuple(rows))


def listed(row: Row, end: datetime) -> bool:
    """Whether the row stands in a daily list that was fetched before the world's end: lists are made next morning."""
    return utc(row.created.date() + timedelta(days=1), 2, 30) < end


def reconciled(payout: Payout, end: datetime) -> bool:
    """Whether the gateway has said what the payout consists of before the world's end."""
    return utc(payout.arrival, 10) < end


def list_days(start: datetime, end: datetime) -> list[date]:
    """The days whose rows are listed before the world's end."""
    return [day for day in days(start.date(), end.date()) if utc(day + timedelta(days=1), 2, 30) < end]
