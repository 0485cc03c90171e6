"""What tax offices are told of sellers: figures for Form 1099-K and DAC7, with the thresholds that hold in the year.

Pure. Who is reported is decided by data (rules/tax_reports.toml), of which the newest version in force on the year's
last day holds. States of the United States have thresholds of their own; this is the federal one.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from tieout.model.money import Money, to_minor
from tieout.model.report import Cell, Report, Tie
from tieout.model.seller import Seller
from tieout.reports.sold import MadeOf, Paid
from tieout.settlement.taxpack import Quarter, dac7

_MONTHS, _QUARTERS = 12, 4
Worth = Callable[[int, str], int | None]
"""Minor units and a currency -> euro cents, or None where no rate is known."""


@cache
def _thresholds() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    return tomllib.loads(files("tieout.rules").joinpath("tax_reports.toml").read_text("utf-8"), parse_float=Decimal)


def threshold(report: str, year: int) -> Mapping[str, Any] | None:
    """The thresholds of a report that hold for a year; None if there was no such report then."""
    known = [one for one in _thresholds()[report] if one["from"] <= date(year, 12, 31)]
    return max(known, key=lambda one: one["from"], default=None)


def form_1099k(paid: Sequence[Paid], sellers: Mapping[str, Seller], ledger: Mapping[str, int], year: int) -> Report:
    """Gross amounts by seller and month, before fees, refunds and anything else; dollars only, as the form has them."""
    limit = threshold("form_1099k", year)
    columns = ("seller", "name", "tax number", "gross", "payments", "reported", "why", "currency",
               *(f"{month:02}" for month in range(1, _MONTHS + 1)))  # fmt: skip
    title = f"Form 1099-K, {year}"
    if limit is None:
        return Report("1099-k", title, columns, (), notes=(f"There was no Form 1099-K for {year}.",))
    over, payments = to_minor(limit["over_gross_usd"], "USD"), limit["over_payments"]
    own: dict[str, list[Paid]] = {}
    for one in paid:
        if one.currency == "USD":
            own.setdefault(one.party, []).append(one)
    rows = [_1099k_row(party, months, sellers.get(party), over, payments) for party, months in sorted(own.items())]
    net = sum(one.net_minor for months in own.values() for one in months)
    ties = (Tie("Owed to sellers by these sales", "USD", net, ledger.get("USD", 0)),) if own else ()
    notes = [
        f"Reported: over {limit['over_gross_usd']} USD and over {payments} payments. States have lower thresholds."
    ]
    if other := sorted({one.currency for one in paid} - {"USD"}):
        notes.append(f"Sales in {', '.join(other)} are not on it.")
    return Report("1099-k", title, columns, tuple(rows), ties, tuple(notes))


def _1099k_row(party: str, months: Sequence[Paid], seller: Seller | None, over: int, payments: int) -> tuple[Cell, ...]:
    gross, count = sum(one.gross_minor for one in months), sum(one.payments for one in months)
    reported = gross > over and count > payments
    why = "" if reported else "at or below both" if gross <= over and count <= payments else (
        "payments at or below the threshold" if gross > over else "gross at or below the threshold"
    )  # fmt: skip
    by_month = {one.month: one.gross_minor for one in months}
    return (
        party, seller.legal_name if seller else "", seller.tax_number if seller else "", Money(gross, "USD"), count,
        "yes" if reported else "no", why, "USD",
        *(Money(by_month.get(month, 0), "USD") for month in range(1, _MONTHS + 1)),
    )  # fmt: skip


def quarters_of(
    parts: Sequence[MadeOf], counted: Mapping[tuple[str, str, int], int]
) -> dict[tuple[str, str], dict[str, Quarter]]:
    """Figures by seller and currency, and by quarter Q1 to Q4. The place of a part is ``seller/quarter``."""
    sums: dict[tuple[str, str], dict[str, list[int]]] = {}
    for part in parts:
        party, _, quarter = part.place.rpartition("/")
        figures = sums.setdefault((party, part.currency), {}).setdefault(f"Q{quarter}", [0, 0, 0])
        taxes = part.row in ("tax", "channel_tax")
        charged = not taxes and part.row not in ("sales", "shipping", "discount")
        figures[0] += 0 if charged else part.amount_minor
        figures[1] -= part.amount_minor if charged else 0
        figures[2] += part.amount_minor if taxes else 0
    return {
        (party, currency): {
            name: Quarter(gross, fees, taxes, counted.get((party, currency, int(name[1:])), 0))
            for name, (gross, fees, taxes) in sorted(quarters.items())
        }
        for (party, currency), quarters in sums.items()
    }


def dac7_pack(
    quarters: Mapping[tuple[str, str], Mapping[str, Quarter]],
    sellers: Mapping[str, Seller],
    ledger: Mapping[str, int],
    year: int,
    worth: Worth,
) -> Report:
    """Consideration net of fees and taxes, fees, taxes and sales by seller and quarter, and who is reported."""
    limit = threshold("dac7", year)
    head = ("seller", "name", "country", "tax number", "currency", "reported", "why")
    names = [f"{figure}Q{quarter}" for quarter in range(1, _QUARTERS + 1) for figure in ("Cons", "Fees", "Tax", "Numb")]
    title = f"DAC7, {year}"
    if limit is None:
        return Report("dac7", title, (*head, *names), (), notes=(f"There was no DAC7 report for {year}.",))
    most, rows = to_minor(limit["over_consideration_eur"], "EUR"), []
    for (party, currency), own in sorted(quarters.items()):
        figures = dac7(own)
        consideration = sum(figures[name] for name in figures if name.startswith("Cons"))
        euro, sales = worth(consideration, currency), sum(quarter.activities for quarter in own.values())
        reported, why = _dac7_verdict(sales, euro, limit["sales"], most)
        seller = sellers.get(party)
        who = (party, seller.legal_name if seller else "", seller.country if seller else "",
               seller.tax_number if seller else "")  # fmt: skip
        cells = [figures.get(n, 0) if n.startswith("Numb") else Money(figures.get(n, 0), currency) for n in names]
        rows.append((*who, currency, reported, why, *cells))
    sums: dict[str, int] = {}
    for (_, currency), own in quarters.items():
        sums[currency] = sums.get(currency, 0) + sum(q.gross_minor - q.fees_minor for q in own.values())
    ties = tuple(Tie("Owed to sellers by these sales", c, sums.get(c, 0), ledger.get(c, 0)) for c in {*sums, *ledger})
    note = f"Left out: fewer than {limit['sales']} sales and at most {limit['over_consideration_eur']} EUR."
    return Report("dac7", title, (*head, *names), tuple(rows), tuple(sorted(ties, key=lambda t: t.currency)), (note,))


def _dac7_verdict(sales: int, euro: int | None, least: int, most: int) -> tuple[str, str]:
    if sales >= least:
        return "yes", f"{sales} sales"
    if euro is None:
        return "open", "no exchange rate to euro is known"
    return ("yes", "over the consideration") if euro > most else ("no", "below both")
