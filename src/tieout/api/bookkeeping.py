"""Bookkeeping: periods, the chart of accounts, and corrections of what is booked."""

from datetime import date, datetime
from typing import Annotated

from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from tieout.app.charting import AccountSheet, Limit, NewAccount, Over
from tieout.app.closing import PeriodView
from tieout.app.correcting import Corrected
from tieout.app.drafting import NewEntries, NewEntry, drafts_of
from tieout.app.views import Preview
from tieout.console.query import Acting, Hub
from tieout.model.account import Account
from tieout.model.error import BadInput
from tieout.model.period import Allowance, Area, PeriodState


class PeriodChange(Struct, frozen=True, forbid_unknown_fields=True):
    """Days of an area to open or to close; `despite` is the reason for a hard close although something is open."""

    first_day: date
    last_day: date
    state: PeriodState
    area: Area = Area.ALL
    despite: str | None = None


class PeriodChanged(Struct, frozen=True):
    """What was open although the period was closed for good."""

    standing: tuple[str, ...]


class NewAllowance(Struct, frozen=True, forbid_unknown_fields=True):
    """Leave for one person to post into a soft-closed period."""

    first_day: date
    last_day: date
    person: str
    reason: str
    until: datetime
    area: Area = Area.ALL


class Reversal(Struct, frozen=True, forbid_unknown_fields=True):
    """How to take an entry back: `part` has minor units by number of line; without it, all that is left."""

    reason: str
    on: date | None = None
    part: dict[str, int] | None = None


class Replacement(Struct, frozen=True, forbid_unknown_fields=True):
    """How to correct an entry: the one to book in its place, and the day to take the old one back on."""

    reason: str
    entry: NewEntry
    on: date | None = None


class AccountClosed(Struct, frozen=True, forbid_unknown_fields=True):
    """The first day an account takes no entries of; null opens it again."""

    closed_on: date | None


class GuardChange(Struct, frozen=True, forbid_unknown_fields=True):
    """By how much an account may be overdrawn: the limits replace those it had; `off` guards it no longer."""

    limits: tuple[Limit, ...] = ()
    per_party: bool = False
    off: bool = False


@get("/periods", sync_to_thread=True, summary="Periods", tags=["Books"])
def periods(tieout: Hub) -> list[PeriodView]:
    """The declared periods, and who may still post into them; all other days are open."""
    return tieout.period_list()


@get("/periods/standing", sync_to_thread=True, summary="What is open", tags=["Books"])
def standing(
    tieout: Hub,
    first_day: Annotated[date, QueryParameter(description="First day of the period.")],
    last_day: Annotated[date, QueryParameter(description="Last day of the period.")],
    area: Annotated[Area, QueryParameter(description="Only of this area.")] = Area.ALL,
) -> PeriodChanged:
    """What stands in the way of closing these days for good; nothing if they can be closed."""
    return PeriodChanged(tieout.before_close(first_day, last_day, area))


@post("/periods", status_code=200, sync_to_thread=True, summary="Open or close a period", tags=["Books"])
def set_period(tieout: Hub, actor: Acting, data: JSONBody[PeriodChange]) -> PeriodChanged:
    """Opens or closes days. A hard close is for ever; it is refused (409) while something of the period is open."""
    first, last = data.first_day, data.last_day
    found = tieout.set_period(first, last, data.state, area=data.area, despite=data.despite, actor=actor)
    return PeriodChanged(found)


@post("/periods/allowances", status_code=200, sync_to_thread=True, summary="Allow posting", tags=["Books"])
def allow_posting(tieout: Hub, actor: Acting, data: JSONBody[NewAllowance]) -> Allowance:
    """Lets one person post into a soft-closed period until then."""
    if data.until.tzinfo is None:
        raise BadInput("The time has no zone", where="until", remedy="Send it like 2026-10-05T18:00:00Z.")
    return tieout.allow_posting(
        data.first_day, data.last_day, area=data.area, person=data.person, reason=data.reason, until=data.until,
        actor=actor,
    )  # fmt: skip


@get("/chart", sync_to_thread=True, summary="What accounts take", tags=["Books"])
def chart(tieout: Hub) -> list[AccountSheet]:
    """Every account with its class, area, days, currencies, dimensions and guard."""
    return tieout.chart()


@post("/accounts", status_code=200, sync_to_thread=True, summary="Open an account", tags=["Books"])
def open_account(tieout: Hub, actor: Acting, data: JSONBody[NewAccount]) -> Account:
    """Opens an account of one's own; rules book to it only if it plays a role that no other account plays."""
    return tieout.open_account(data, actor=actor)


@post("/accounts/{code:str}/close", status_code=200, sync_to_thread=True, summary="Close an account", tags=["Books"])
def close_account(tieout: Hub, actor: Acting, code: FromPath[str], data: JSONBody[AccountClosed]) -> AccountClosed:
    """Closes an account on which nothing stands and no item is open, or opens it again."""
    if data.closed_on is None:
        tieout.reopen_account(code, actor=actor)
    else:
        tieout.close_account(code, data.closed_on, actor=actor)
    return data


@post("/accounts/{code:str}/guard", status_code=200, sync_to_thread=True, summary="Guard an account", tags=["Books"])
def guard_account(tieout: Hub, actor: Acting, code: FromPath[str], data: JSONBody[GuardChange]) -> list[Over]:
    """Refuses entries that would overdraw the account. Answers with what is beyond its limit already."""
    return tieout.guard_account(code, data.limits, per_party=data.per_party, off=data.off, actor=actor)


@post(
    "/entries/{entry_id:str}/reverse/preview", status_code=200, sync_to_thread=True, summary="Preview a reversal",
    tags=["Books"],
)  # fmt: skip
def preview_reversal(tieout: Hub, actor: Acting, entry_id: FromPath[str], data: JSONBody[Reversal]) -> Preview:
    """The entry that would take this one back, without posting it."""
    return tieout.preview_reversal(entry_id, on=data.on, part=_part(data), actor=actor)


@post(
    "/entries/{entry_id:str}/reverse", status_code=200, sync_to_thread=True, summary="Take an entry back",
    tags=["Books"],
)  # fmt: skip
def reverse_entry(tieout: Hub, actor: Acting, entry_id: FromPath[str], data: JSONBody[Reversal]) -> Corrected:
    """Takes an entry back by another one, once and on an open day; a part of it, if lines are named."""
    return tieout.reverse(entry_id, reason=data.reason, on=data.on, part=_part(data), actor=actor)


@post(
    "/entries/{entry_id:str}/correct", status_code=200, sync_to_thread=True, summary="Correct an entry", tags=["Books"]
)
def correct_entry(tieout: Hub, actor: Acting, entry_id: FromPath[str], data: JSONBody[Replacement]) -> Corrected:
    """Takes an entry back and books another in its place: both or neither, linked to each other."""
    (draft,) = drafts_of(NewEntries([data.entry]), tieout.entity().base_currency, actor.name)
    return tieout.correct(entry_id, draft, reason=data.reason, on=data.on, actor=actor)


def _part(data: Reversal) -> dict[int, int] | None:
    if data.part is None:
        return None
    if wrong := [number for number in data.part if not (number.isascii() and number.isdecimal())]:
        raise BadInput(f"“{wrong[0]}” is not the number of a line", where="part", remedy='Write {"1": 1000}.')
    return {int(number): amount for number, amount in data.part.items()}


HANDLERS = (
    periods, standing, set_period, allow_posting, chart, open_account, close_account, guard_account, preview_reversal,
    reverse_entry, correct_entry,
)  # fmt: skip
