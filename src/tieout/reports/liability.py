"""Reports on what is owed to sellers: the roll-forward, what is kept back, what fees yield, what comes back.

Pure: figures in, tables out. Each table says which figure of the ledger it was compared with.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from tieout.model.bucket import Bucket
from tieout.model.money import Money
from tieout.model.owed import Driver
from tieout.model.report import Cell, Report, Tie
from tieout.reports.seller_statement import words_of
from tieout.reports.sold import Cohort, MadeOf, SaleStanding
from tieout.settlement.driver import driver_of

_THOUSAND = 1000
Sums = Mapping[str, int]
"""Currency -> minor units."""
_OF_SALES = ("sales", "shipping", "discount")
_CAUSES: Mapping[Bucket, str] = {Bucket.RESERVE: "Reserve of released sales", Bucket.DISPUTE_HOLD: "Buyer's dispute"}


def percent(part: int, whole: int) -> str:
    """``12.5 %`` to a tenth, rounded half away from zero; nothing of nothing has none."""
    if not whole:
        return ""
    tenths = Fraction(part * _THOUSAND, whole)
    rounded = (2 * abs(tenths.numerator) + tenths.denominator) // (2 * tenths.denominator)
    sign = "−" if tenths < 0 and rounded else ""
    return f"{sign}{rounded // 10}.{rounded % 10} %"


def roll_forward(
    opening: Sums,
    moved: Iterable[tuple[str, str, int]],
    parts: Iterable[MadeOf],
    closing: Sums,
    days: tuple[date, date],
) -> Report:
    """What sellers are owed in all, from one day to another: sales by what they are made of, and payouts."""
    told: dict[tuple[str, str], int] = {}
    rest: dict[tuple[str, str], int] = {}
    for rule, currency, amount in moved:
        occasion = rule.removeprefix("settlement.")
        rest[currency, occasion] = rest.get((currency, occasion), 0) + amount
    for part in parts:
        name = driver_of(part.occasion, part.row).value.replace("_", " ").capitalize()
        told[part.currency, name] = told.get((part.currency, name), 0) + part.amount_minor
        rest[part.currency, part.occasion] = rest.get((part.currency, part.occasion), 0) - part.amount_minor
    rows: list[tuple[Cell, ...]] = []
    ties = []
    order = [driver.value.replace("_", " ").capitalize() for driver in Driver]
    for currency in sorted({*opening, *closing, *(c for c, _ in (*told, *rest))}):
        own = sorted(((n, a) for (c, n), a in told.items() if c == currency and a), key=lambda row: order.index(row[0]))
        own += [(words_of(o), a) for (c, o), a in sorted(rest.items()) if c == currency and a]
        start = opening.get(currency, 0)
        end = start + sum(amount for _, amount in own)
        named = [(f"Opening, before {days[0]}", start), *own, (f"Closing, end of {days[1]}", end)]
        rows += [(name, Money(amount, currency), currency) for name, amount in named]
        ties.append(Tie("Closing", currency, end, closing.get(currency, 0)))
    return Report("liability", f"What sellers are owed, {days[0]} to {days[1]}", ("movement", "amount", "currency"),
                  tuple(rows), tuple(ties))  # fmt: skip


def reserves(standing: Sequence[SaleStanding], ledger: Sums, at: date) -> Report:
    """What is kept back of sellers' money at the end of a day, by cause and by the day on which it is released."""
    groups: dict[tuple[str, date | None, str], list[SaleStanding]] = {}
    for one in standing:
        groups.setdefault((_CAUSES.get(one.bucket, words_of(one.bucket)), one.until, one.currency), []).append(one)
    ordered = sorted(groups.items(), key=lambda item: (item[0][0], item[0][1] is None, item[0][1] or at, item[0][2]))
    rows = tuple(
        (cause, str(until or "when it is decided"), len({one.party for one in own}), len(own),
         Money(sum(one.amount_minor for one in own), currency), currency)
        for (cause, until, currency), own in ordered
    )  # fmt: skip
    sums: dict[str, int] = {}
    for one in standing:
        sums[one.currency] = sums.get(one.currency, 0) + one.amount_minor
    ties = tuple(Tie("Kept back", c, sums.get(c, 0), ledger.get(c, 0)) for c in sorted({*sums, *ledger}))
    columns = ("cause", "released on", "sellers", "sales", "amount", "currency")
    return Report("reserves", f"Kept back at the end of {at}", columns, rows, ties)


def fee_yield(parts: Sequence[MadeOf], ledger: Sums, by: str, days: tuple[date, date]) -> Report:
    """What commission and fees yield of what was sold, net of what came back, by category, channel, region or day."""
    groups: dict[tuple[str, str], dict[str, int]] = {}
    sums: dict[str, int] = {}
    for part in parts:
        own = groups.setdefault((part.place, part.currency), {})
        column = "commission" if part.row == "commission" else "sales" if part.row in _OF_SALES else "fees"
        if part.row in ("tax", "channel_tax", "fee_tax"):
            column = "tax"
        own[column] = own.get(column, 0) + part.amount_minor
        sums[part.currency] = sums.get(part.currency, 0) + part.amount_minor
    rows: list[tuple[Cell, ...]] = []
    for (place, currency), own in sorted(groups.items()):
        sales, commission, fees, tax = (own.get(name, 0) for name in ("sales", "commission", "fees", "tax"))
        money = [Money(amount, currency) for amount in (sales, -commission, -fees, tax)]
        rows.append((place or "–", *money, percent(-commission - fees, sales), currency))
    ties = tuple(Tie("Owed by these sales", c, sums.get(c, 0), ledger.get(c, 0)) for c in sorted({*sums, *ledger}))
    return Report(
        "fee-yield", f"What fees yield by {by}, {days[0]} to {days[1]}",
        (by if by != "day" else "settled on", "sold", "commission", "fees", "tax and VAT on fees", "yield", "currency"),
        tuple(rows), ties, ("Refunds of these days are taken off; commission given back is taken off the yield.",),
    )  # fmt: skip


def rates(cohorts: Sequence[Cohort], ledger: Sums, days: tuple[date, date]) -> Report:
    """How much of each seller's sales came back or was disputed since, by the sales of some days."""
    rows = tuple(
        (one.party, one.sales, Money(one.net_minor, one.currency), one.refunded,
         Money(one.refunded_minor, one.currency),
         percent(one.refunded_minor, one.net_minor), one.disputed, Money(one.disputed_minor, one.currency),
         percent(one.disputed, one.sales), one.currency)
        for one in cohorts
    )  # fmt: skip
    sums: dict[str, int] = {}
    for one in cohorts:
        sums[one.currency] = sums.get(one.currency, 0) + one.net_minor
    columns = ("seller", "sales", "sold", "with refunds", "refunded", "refund rate", "with disputes", "disputed",
               "dispute rate", "currency")  # fmt: skip
    ties = tuple(Tie("Sold", c, sums.get(c, 0), ledger.get(c, 0)) for c in sorted({*sums, *ledger}))
    notes = ("Amounts are what the sellers were owed. Refunds are by amount, disputes by number of sales.",)
    return Report("rates", f"Refunds and disputes of sales from {days[0]} to {days[1]}", columns, rows, ties, notes)
