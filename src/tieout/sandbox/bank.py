"""The company's bank accounts: payouts arriving, everyday lines, and one statement per business day."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

import msgspec
from msgspec import Struct

from tieout.sandbox.calendar import add_business_days, business_days, utc
from tieout.sandbox.dice import Dice
from tieout.sandbox.trail import Bank, BankBooking, BankLineKind, Payout, Statement

_PAYERS = {"EUR": "Stripe Payments Europe Ltd", "USD": "STRIPE INC"}


class Mishaps(Struct, frozen=True):
    """What the bank does wrong: payout id -> minor units it keeps, and payouts whose reference it loses."""

    deducted: Mapping[str, int] = {}
    nameless: frozenset[str] = frozenset()


def stated(day: date, end: datetime) -> bool:
    """Whether the statement of `day` is made before the world's end."""
    return utc(day, 20, 30) < end


class BankAccount:
    """One bank account over the whole world."""

    def __init__(self, bank: Bank, seed: int, start: datetime, end: datetime, opening_minor: int) -> None:
        self._bank = bank
        self._dice = Dice(seed, f"bank {bank.source}")
        self._start = start
        self._end = end
        self._opening_minor = opening_minor
        self._sequence = self._dice.between(100, 900)

    def statements(self, payouts: Iterable[Payout], mishaps: Mishaps, *, clean: bool) -> list[Statement]:
        """One statement for every business day, each opening where the one before closed."""
        bookings = [self._deposit(p, mishaps) for p in payouts if p.account == self._bank.gateway]
        bookings += self._everyday(clean=clean)
        by_day: dict[date, list[BankBooking]] = {}
        for booking in bookings:
            by_day.setdefault(booking.booked, []).append(booking)
        statements: list[Statement] = []
        balance = self._opening_minor
        first_of_year = date(self._start.year, 1, 1)
        number = len(business_days(first_of_year, self._start.date(), self._bank.currency))
        for day in business_days(self._start.date(), self._end.date(), self._bank.currency):
            number += 1
            numbered = tuple(self._numbered(booking) for booking in by_day.get(day, ()))
            statement = Statement(self._bank, number, day, balance, numbered)
            balance = statement.closing_minor
            statements.append(statement)
        return statements

    def _numbered(self, booking: BankBooking) -> BankBooking:
        self._sequence += self._dice.between(1, 40)
        return msgspec.structs.replace(booking, reference=f"{booking.booked:%Y%m%d}{self._sequence:07d}")

    def _booking(
        self,
        kind: BankLineKind,
        booked: date,
        amount_minor: int,
        counterparty: str,
        *text: str,
        end_to_end: str = "NOTPROVIDED",
        payout: str | None = None,
    ) -> BankBooking:
        bank = self._bank
        return BankBooking(
            bank.source, "", kind, booked, booked, amount_minor, bank.currency, counterparty, end_to_end, text, payout
        )

    def _deposit(self, payout: Payout, mishaps: Mishaps) -> BankBooking:
        amount = payout.amount_minor - mishaps.deducted.get(payout.id, 0)
        end_to_end, text = self._reference(payout)
        if payout.id in mishaps.nameless:
            end_to_end, text = "NOTPROVIDED", ("STRIPE PAYOUT",)
        payer = _PAYERS[payout.currency]
        return self._booking(
            BankLineKind.PAYOUT, payout.arrival, amount, payer, *text, end_to_end=end_to_end, payout=payout.id
        )

    def _reference(self, payout: Payout) -> tuple[str, tuple[str, ...]]:
        """Banks pass a gateway's reference on in several ways, with more or less noise around it."""
        way = self._dice.below(4)
        if way == 0:
            return payout.trace, ("STRIPE", f"CLAY LOOM {payout.created:%d.%m.%y}")
        if way == 1:
            return "NOTPROVIDED", (f"SVWZ+STRIPE {payout.trace} GUTSCHRIFT",)
        if way == 2:
            return payout.id, ("STRIPE PAYOUT",)
        return "NOTPROVIDED", (f"STRIPE PAYOUT {payout.id}",)

    def _everyday(self, *, clean: bool) -> list[BankBooking]:
        """The bank's own charge, which rules know; and unless the world is clean, lines that no rule knows."""
        first, currency = self._start.date(), self._bank.currency
        last = business_days(first, self._end.date(), currency)[-1]
        month = f"{first:%m/%Y}"
        charge, text = (1290, f"KONTOFUEHRUNG {month}") if currency == "EUR" else (1500, f"ACCOUNT FEE {month}")
        lines = [self._booking(BankLineKind.CHARGES, last, -charge, "", text)]
        if clean or currency != "EUR":
            return lines
        mid = add_business_days(first + timedelta(days=14), 0, currency)
        later = add_business_days(first + timedelta(days=19), 0, currency)
        number = f"RE-{first.year}-{self._dice.between(1000, 1999)}"
        supplier, clay = BankLineKind.SUPPLIER, "Westerwald Ton KG"
        bill = -self._dice.between(18_000, 64_000)
        return [
            *lines,
            self._booking(BankLineKind.RENT, mid, -145_000, "Ilmtal Immobilien GbR", f"WORKSHOP RENT {month}"),
            self._booking(supplier, later, bill, clay, f"INVOICE {number}", end_to_end=number),
            self._booking(BankLineKind.INTEREST, last, 318, "", f"HABENZINSEN {month}"),
        ]
