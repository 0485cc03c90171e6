"""A made-up merchant whose money is followed cause by cause: order, capture, balance, payout, bank.

Everything is drawn from one seed, in one order, so a shape and a seed are one world for ever. Amounts are in minor
units, signed as the merchant sees them; days are numbers (days.py). What links two records here is that one caused the
other; keys are written on them afterwards, and may be lost.
"""

import string
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from bench.recon3w import bank, days
from bench.recon3w.fees import Tariff, tariff_of
from bench.recon3w.shape import EXPONENTS, Shape

ALPHABET = string.ascii_letters + string.digits
FIRST = (
    "Anna", "Ben", "Clara", "David", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Katya", "Liam", "Mara",
    "Nils", "Olga", "Pavel", "Qi", "Rosa", "Sami", "Tariq",
)  # fmt: skip
LAST = (
    "Abel", "Brandt", "Costa", "Dietz", "Engel", "Fischer", "Garcia", "Huber", "Ivanov", "Jansen", "Keller",
    "Lang", "Moreau", "Nowak", "Okafor", "Peters", "Quist", "Rossi", "Schmidt", "Tanaka", "Ulrich", "Vogel",
    "Weber", "Xavier", "Yilmaz", "Zimmer", "Berger", "Carlsson", "Dubois", "Eriksen", "Ferrari", "Gruber",
)  # fmt: skip


@dataclass(slots=True)
class Movement:
    """One line of the gateway's balance: what it took in or gave back, and what it kept for that."""

    id: str
    kind: str
    day: int
    gross: int
    fee: int
    currency: str
    claim: "Claim | None" = None
    payout: "Payout | None" = None

    @property
    def net(self) -> int:
        """What it moves the balance by."""
        return self.gross - self.fee


@dataclass(slots=True)
class Claim:
    """What the shop says it is owed, or owes: a sale or a refund, and the movements it caused."""

    id: str
    token: str
    kind: str
    day: int
    amount: int
    currency: str
    customer: str
    movements: list[Movement] = field(default_factory=list)


@dataclass(slots=True)
class Payout:
    """What the gateway sent to the bank at once, in one or more transfers (`parts`, which sum to the amount)."""

    id: str
    token: str
    account: int
    day: int
    amount: int
    currency: str
    movements: list[Movement]
    parts: list[int]


@dataclass(slots=True)
class World:
    """All records of a world; `rates` are units of a currency per euro, per day of the world."""

    shape: Shape
    claims: list[Claim]
    movements: list[Movement]
    payouts: list[Payout]
    unpaid: list[Movement]
    lines: list["bank.Line"]
    rates: dict[str, list[float]]


@dataclass(slots=True)
class _Account:
    """A merchant account at the gateway: one currency, one tariff, one rhythm of payouts."""

    number: int
    currency: str
    tariff: Tariff
    lag: int
    by_batch: bool
    waiting: list[Movement] = field(default_factory=list)


class _Making:
    """A world on its way."""

    def __init__(self, shape: Shape, seed: int) -> None:
        self.rng = Random(f"recon3w/{shape.name}/{seed}")  # noqa: S311 -- worlds are to be the same for ever
        self.shape = shape
        self.rates = {code: list(self._walk(start)) for code, start in (("USD", 1.09), ("GBP", 0.86), ("JPY", 163.0))}
        self.world = World(shape, [], [], [], [], [], {"EUR": [1.0] * (shape.days + 1), **self.rates})
        self.later: defaultdict[int, list[tuple[str, _Account, Claim, int]]] = defaultdict(list)
        currencies = shape.currencies
        self.accounts = [
            _Account(
                number,
                currencies[number % len(currencies)],
                tariff_of(number),
                1 + number % 3,
                shape.rounded and number % 10 == 7,
            )
            for number in range(shape.accounts)
        ]

    def _walk(self, value: float) -> Iterator[float]:
        for _ in range(self.shape.days + 1):
            yield value
            value *= 1 + self.rng.gauss(0, 0.004)

    def token(self, prefix: str) -> str:
        """A reference as providers make them; its first 16 characters are unique but for one in 10^20."""
        return f"{prefix}_{''.join(self.rng.choices(ALPHABET, k=24))}"

    def price(self) -> int:
        """A price in minor units: retail ones end in .99, wholesale ones anyhow."""
        if self.shape.prices == "retail":
            amount = 100 * self.rng.choices((5, 9, 12, 15, 19, 25, 29, 39, 49, 59, 79, 99, 129, 149))[0] + 99
            if self.rng.random() < 0.5:  # shipping, a voucher, a second article
                amount += self.rng.randrange(1, 4000)
        else:
            amount = int(100_000 * self.rng.lognormvariate(0.0, 1.0)) + self.rng.randrange(100)
        return amount

    def run(self) -> World:
        """Day after day: what was to happen, new orders, and payouts on business days."""
        first = self.shape.first_day
        for day in range(first, first + self.shape.days):
            for kind, account, claim, amount in self.later.pop(day, ()):
                self.happen(kind, account, claim, amount, day)
            for _ in range(self.shape.orders_per_day):
                self.order(self.accounts[int(self.rng.random() * len(self.accounts))], day)
            if days.is_business_day(day):
                for account in self.accounts:
                    self.pay_out(account, day)
        for account in self.accounts:
            self.world.unpaid += account.waiting
        self.world.lines = bank.book(self.world, self.rng)
        return self.world

    def claim(self, kind: str, day: int, amount: int, currency: str, customer: str) -> Claim:
        """A new claim of the shop."""
        number = len(self.world.claims)
        token = self.token("ch" if kind == "sale" else "re")
        claim = Claim(f"{kind}-{number:07}", token, kind, day, amount, currency, customer)
        self.world.claims.append(claim)
        return claim

    def order(self, account: _Account, day: int) -> None:
        """An order, captured at once or by shipments, and what may become of it."""
        rng, shape = self.rng, self.shape
        currency = account.currency
        if shape.abroad and rng.random() < shape.abroad:
            currency = rng.choice([code for code in ("USD", "GBP", "EUR") if code != currency])
        amount = self.price()
        customer = f"{FIRST[int(rng.random() * len(FIRST))]} {LAST[int(rng.random() * len(LAST))]}"
        claim = self.claim("sale", day, amount, currency, customer)
        chance = rng.random()
        if chance < shape.shipments and amount > 1000:
            part = amount * rng.randrange(20, 80) // 100
            self.later[day + 1].append(("capture", account, claim, part))
            self.later[day + rng.randrange(2, 9)].append(("capture", account, claim, amount - part))
        elif chance < shape.shipments + shape.at_once:
            self.happen("capture", account, claim, amount, day)
        else:
            self.later[day + 1].append(("capture", account, claim, amount))
        chance = rng.random()
        if chance < shape.refunds:
            given_back = amount if rng.random() < 0.7 else amount * rng.randrange(10, 90) // 100
            self.later[day + rng.randrange(9, 30)].append(("refund", account, claim, -given_back))
        elif chance < shape.refunds + shape.disputes:
            self.later[day + rng.randrange(12, 45)].append(("dispute", account, claim, -amount))

    def happen(self, kind: str, account: _Account, claim: Claim, amount: int, day: int) -> None:
        """One event at the gateway, on its balance."""
        rng = self.rng
        if kind == "refund":
            claim = self.claim("refund", day, amount, claim.currency, claim.customer)
        gross = self.exchange(amount, claim.currency, account.currency, day)
        fee = account.tariff.fee(gross, EXPONENTS[account.currency]) if kind == "capture" else 0
        if kind == "dispute":
            fee = 1500 if EXPONENTS[account.currency] else 1900
            if rng.random() < 0.4:
                self.later[day + rng.randrange(10, 30)].append(("won", account, claim, -amount))
        movement = self.move(account, kind, day, gross, fee)
        if kind in ("capture", "refund"):
            movement.claim = claim
            claim.movements.append(movement)

    def exchange(self, amount: int, sold: str, bought: str, day: int) -> int:
        """An amount in the account's currency, at the day's rate less the gateway's margin."""
        if sold == bought:
            return amount
        index = day - self.shape.first_day
        rate = self.world.rates[bought][index] / self.world.rates[sold][index] * 0.985
        return round(amount * rate * 10.0 ** (EXPONENTS[bought] - EXPONENTS[sold]))

    def move(self, account: _Account, kind: str, day: int, gross: int, fee: int) -> Movement:
        """A new line on an account's balance."""
        movement = Movement(f"txn-{len(self.world.movements):07}", kind, day, gross, fee, account.currency)
        self.world.movements.append(movement)
        account.waiting.append(movement)
        return movement

    def pay_out(self, account: _Account, day: int) -> None:
        """Pays what is due by the cut-off; a balance that is not positive is carried to the next payout."""
        cut_off = day - account.lag
        due = [movement for movement in account.waiting if movement.day <= cut_off]
        total = sum(movement.net for movement in due)
        if total <= 0:
            return
        if self.rng.random() < self.shape.reserves:
            held = total // 20
            due.append(self.move(account, "reserve", cut_off, -held, 0))
            due.append(self.move(account, "release", cut_off, held - held // 3, 0))
            total -= held // 3
        if self.rng.random() < self.shape.adjustments:
            due.append(self.move(account, "adjustment", cut_off, self.rng.randrange(-900, 900), 0))
            total += due[-1].net
        if account.by_batch:  # this account's fees are rounded once a payout, so a unit or two is lost on the way
            total += self.rng.choice((-2, -1, 0, 0, 0, 1, 2))
        if total <= 0:
            return
        number = len(self.world.payouts)
        limit = self.shape.payout_limit
        parts = [limit] * (total // limit) + [total % limit] * (total % limit > 0)
        payout = Payout(f"po-{number:06}", self.token("po"), account.number, day, total, account.currency, due, parts)
        for movement in due:
            movement.payout = payout
        self.world.payouts.append(payout)
        account.waiting = [movement for movement in account.waiting if movement.payout is None]


def make(shape: Shape, seed: int) -> World:
    """The world of a shape and a seed."""
    return _Making(shape, seed).run()
