"""Exchange rates as an entry states them: what one unit of each foreign currency was taken to be worth, and why."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Context, Decimal
from enum import StrEnum
from fractions import Fraction

from msgspec import Struct

from tieout.model.entry import Line
from tieout.model.money import exponent_of

#: Where a rate is from, beside the rate sources themselves.
CONVERSION = "conversion"
"""The gateway or bank exchanged the money itself; both amounts are its own."""
CARRIED = "carried"
"""No rate was looked up: what is closed leaves at what it stood in the books for."""
STATED = "stated"
"""Whoever booked it said what it is worth."""


class MissingRate(StrEnum):
    """What happens to an event while no rate of its day is known."""

    WAIT = "wait"
    LAST_KNOWN = "last_known"
    CASE = "case"


class RatePolicy(Struct, frozen=True):
    """Whose rates a ledger is kept at (units for one unit of `pivot`), and what happens while one is missing.

    A rate serves the days after it that have none of their own, up to `age_days`. Whether a day has its own is known
    once a later rate is there; until then the event waits, takes the `last_known` one, or is a `case` at once.
    """

    source: str = "ecb"
    pivot: str = "EUR"
    missing: MissingRate = MissingRate.WAIT
    age_days: int = 7


#: Digits of a rate in text. Amounts are converted with the exact rate.
_DIGITS = Context(prec=12)
_PART = re.compile(r"(?:([A-Z]{3}) )?([0-9]+(?:\.[0-9]+)?) (\S+) ([0-9]{4}-[0-9]{2}-[0-9]{2})")


class EntryRate(Struct, frozen=True):
    """What one unit of `currency` is worth in base currency, and of which day; `source`: a rate source or as above."""

    currency: str
    value: Decimal
    source: str
    day: date


def rounded(value: Fraction) -> Decimal:
    """A rate for people: 12 significant digits, no zeros at the end."""
    return _DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize()


def rate_text(rates: Sequence[EntryRate]) -> str | None:
    """Rates as an entry keeps them: ``0.92 ecb 2026-03-02``, with the currency before each if there are several."""
    several = len(rates) > 1
    texts = [f"{f'{r.currency} ' if several else ''}{r.value.normalize():f} {r.source} {r.day}" for r in rates]
    return "; ".join(texts) or None


def read_rate_text(text: str | None, lines: Iterable[Line], base_currency: str) -> tuple[EntryRate, ...]:
    """The parts of an entry's rate text; a part in another form than `rate_text` gives is left out."""
    foreign = list(dict.fromkeys(line.currency for line in lines if line.currency != base_currency))
    found = []
    for part in (text or "").split("; "):
        match = _PART.fullmatch(part)
        currency = match and (match[1] or (foreign[0] if foreign else None))
        if match and currency:
            found.append(EntryRate(currency, Decimal(match[2]), match[3], date.fromisoformat(match[4])))
    return tuple(found)


def implied_rates(lines: Sequence[Line], base_currency: str, source: str, day: date) -> tuple[EntryRate, ...]:
    """What the lines of each foreign currency say one unit is worth; a line of base currency alone says nothing."""
    found = []
    for currency in dict.fromkeys(line.currency for line in lines if line.amount_minor):
        own = [line for line in lines if line.currency == currency and line.amount_minor]
        worth = Fraction(sum(abs(line.base_minor) for line in own), sum(abs(line.amount_minor) for line in own))
        if currency != base_currency:
            scale = Fraction(10) ** (exponent_of(currency) - exponent_of(base_currency))
            found.append(EntryRate(currency, rounded(worth * scale), source, day))
    return tuple(found)
