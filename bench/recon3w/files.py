"""The files a matcher reads: rows in the order of their delivery, and a rules file where a company would have one."""

import csv
from pathlib import Path
from random import Random

from bench.recon3w import days
from bench.recon3w.bank import KNOWN_CHARGES
from bench.recon3w.corrupt import TOLERANCE
from bench.recon3w.rows import Row, View
from bench.recon3w.shape import EXPONENTS
from bench.recon3w.truth import visible

COLUMNS = ("id", "date", "amount", "currency", "reference", "batch", "description")


def decimal(amount: int, currency: str) -> str:
    """Minor units as a decimal."""
    exponent = EXPONENTS[currency]
    if not exponent:
        return str(amount)
    whole, rest = divmod(abs(amount), 10**exponent)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:0{exponent}}"


def minor(amount: str, currency: str) -> int:
    """A decimal as minor units."""
    whole, _, rest = amount.lstrip("-").partition(".")
    exponent = EXPONENTS[currency]
    units = int(whole + rest[:exponent].ljust(exponent, "0"))
    return -units if amount.startswith("-") else units


def write(view: View, folder: Path, shuffle: int | None = None) -> None:
    """left.csv and right.csv."""
    for side in ("left", "right"):
        rows: list[tuple[int, Row, int, str]] = []
        for group in view.groups:
            for row in group.lefts if side == "left" else group.rights:
                if visible(row, view.as_of):
                    rows.append((row.arrival, row, row.amount, row.description))
                    rows += ((row.arrival + 1, row, amount, text) for amount, text in row.copies)
        rows.sort(key=lambda told: (told[0], told[1].id))
        if shuffle is not None:
            Random(shuffle).shuffle(rows)  # noqa: S311 -- shuffles are to be the same for ever
        names = {day: days.text(day) for day in {row.day for _, row, _, _ in rows}}
        with (folder / f"{side}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for _, row, amount, text in rows:
                money = decimal(amount, row.currency)
                writer.writerow((row.id, names[row.day], money, row.currency, row.reference, row.batch, text))


def rules(as_of: int, sla_days: int) -> str:
    """What the company agreed: days, roundings and charges."""
    charges = ", ".join(f'"{decimal(charge, "EUR")}"' for charge in KNOWN_CHARGES)
    tables = [f'[[tolerance]]\nname = "rounding"\nminor = {TOLERANCE}\n']
    for currency, exponent in EXPONENTS.items():
        if exponent:
            tables.append(
                f'[[charge]]\nname = "bank charge {currency.lower()}"\namounts = [{charges}]\ncurrency = "{currency}"\n'
            )
    head = f"as_of = {days.text(as_of)}\nsla_days = {sla_days}\nwindow_days = {sla_days}\n"
    return "\n".join([head, *tables])
