"""The cash forecast of thirteen weeks: what is known to become payable exactly, and what sales may add.

Pure. Known money is what sellers are owed already, in the week in which it can be paid first. Sales to come are
forecast from weeks that are over, and only where these are enough to have tried the method on the past.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from tieout.model.money import Money
from tieout.model.report import Cell, Report, Tie
from tieout.settlement.forecast import Forecast, forecast

WEEKS = 13
#: A year's seasons need two years; without them a rhythm of four weeks is tried, which needs eight.
_YEAR, _MONTH = 52, 4
Known = tuple[date | None, str, str, int]
"""The day on which it can be paid (None: not known), why, currency, minor units."""


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def history_of(weeks: Mapping[date, int], first: date) -> list[int]:
    """Amounts of whole weeks before `first`, oldest first; a week in which nothing was sold is nil."""
    if not weeks or min(weeks) >= first:
        return []
    count = (first - min(weeks)).days // 7
    return [weeks.get(min(weeks) + timedelta(weeks=n), 0) for n in range(count)]


def foreseen(history: Sequence[int]) -> tuple[Forecast | None, str]:
    """The forecast of what sales add each week, or None; and a sentence that says how, or why not."""
    season = _YEAR if len(history) >= 2 * _YEAR else _MONTH
    found = forecast(history, season, WEEKS) if len(history) >= 2 * season else None
    if found is None:
        return (
            None,
            f"Sales are not forecast: it takes {2 * season} whole weeks of them, and the books have {len(history)}.",
        )
    rhythm = "the year before" if season == _YEAR else "the four weeks before"
    return found, f"Sales are those of {rhythm}, times growth. {found.why}"


def outlook(
    known: Iterable[Known], weeks: Mapping[str, Mapping[date, int]], lag_weeks: Mapping[str, int],
    ledger: Mapping[str, int], today: date,
) -> Report:  # fmt: skip
    """What will be paid out to sellers, by week and currency. `lag_weeks` is how long sales take to become payable."""
    first = monday_of(today)
    listed = list(known)
    rows: list[tuple[Cell, ...]] = []
    notes, ties = [], []
    for currency in sorted({c for _, _, c, _ in listed} | set(weeks)):
        own = [(day, why, amount) for day, why, code, amount in listed if code == currency]
        found, said = foreseen(history_of(weeks.get(currency, {}), first))
        lag = lag_weeks.get(currency, 0)
        notes.append(f"{currency}: {said}" + (f" They can be paid {lag} weeks after." if found and lag else ""))
        rows += [(*_week(own, found, first, number, lag, currency), currency) for number in range(WEEKS)]
        later = sum(a for day, _, a in own if day is None or monday_of(day) >= first + timedelta(weeks=WEEKS))
        rows.append(("later, or not known when", Money(later, currency), None, None, None, None, currency))
        ties.append(Tie("Known", currency, sum(amount for _, _, amount in own), ledger.get(currency, 0)))
    columns = ("week from", "known", "from sales", "50 of 100 within", "80 of 100 within", "in all", "currency")
    return Report("forecast", f"Payouts of {WEEKS} weeks from {first}", columns, tuple(rows), tuple(ties), tuple(notes))


def _week(
    own: Sequence[tuple[date | None, str, int]],
    found: Forecast | None,
    first: date,
    number: int,
    lag: int,
    currency: str,
) -> tuple[Cell, ...]:
    monday = first + timedelta(weeks=number)
    sure = sum(a for day, _, a in own if day is not None and max(monday_of(day), first) == monday)
    if found is None:
        return str(monday), Money(sure, currency), None, None, None, Money(sure, currency)
    sold = found.scaled[number - lag] if number >= lag else 0
    apart = [
        None if number < lag or band is None else Money(band, currency) for band in (found.within_50, found.within_80)
    ]
    return str(monday), Money(sure, currency), Money(sold, currency), *apart, Money(sure + sold, currency)
