"""Periods: which days of which part of an entity's books are open."""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct


class PeriodState(StrEnum):
    """OPEN takes entries; SOFT takes them only from whoever was allowed to; HARD never again."""

    OPEN = "open"
    SOFT = "soft"
    HARD = "hard"


class Area(StrEnum):
    """What a period is of: the whole books, or the accounts of one area. Every account is in one area or in none."""

    ALL = "all"
    SALES = "sales"
    PURCHASES = "purchases"
    TAX = "tax"
    BANK = "bank"


class Period(Struct, frozen=True):
    """One period of one area of the books; days outside every period are open."""

    id: int
    first_day: date
    last_day: date
    area: Area
    state: PeriodState


class Allowance(Struct, frozen=True):
    """Leave for one person to post into a soft-closed period, until it expires or the period is closed anew."""

    id: int
    period_id: int
    person: str
    reason: str
    granted_by: str
    granted_at: datetime
    expires_at: datetime
