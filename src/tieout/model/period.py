"""Periods: which days of an entity's books are open."""

from datetime import date
from enum import StrEnum

from msgspec import Struct


class PeriodState(StrEnum):
    """OPEN takes entries; SOFT takes them only by exception; HARD never again."""

    OPEN = "open"
    SOFT = "soft"
    HARD = "hard"


class Period(Struct, frozen=True):
    """One period of one area of the books; days outside every period are open. `area` is "all" or a part of it."""

    id: int
    first_day: date
    last_day: date
    area: str
    state: PeriodState
