"""Which way a payout goes: the first rail that takes the currency and could pay to the account."""

from collections.abc import Sequence
from datetime import date

from tieout.model.error import ConfigError
from tieout.model.payout import PayoutPolicy, Rail, RailKind
from tieout.model.seller import PayoutAccount
from tieout.settlement.calendar import Calendar, is_ach_day, is_target_day
from tieout.settlement.instruction import is_iban, is_routing


def _is_weekday(day: date) -> bool:
    return day.isoweekday() <= 5


_CALENDARS: dict[str, Calendar] = {"EUR": is_target_day, "USD": is_ach_day}


def calendar_of(currency: str) -> Calendar:
    """On which days banks move this currency: TARGET's days, the Federal Reserve's, or else any weekday."""
    return _CALENDARS.get(currency, _is_weekday)


def check_rail(rail: Rail) -> None:
    """Raises ConfigError for a rail that no file could be written for."""
    account = rail.account
    if rail.kind is RailKind.SEPA and (account is None or not is_iban(account.iban)):
        raise ConfigError("It pays out of no IBAN", where=rail.name, remedy="Give the account of the platform.")
    if rail.kind is RailKind.NACHA and (account is None or not is_routing(account.routing) or not rail.company_id):
        remedy = "Give account.routing and company_id as the bank knows them."
        raise ConfigError("It has no routing number, or no company id", where=rail.name, remedy=remedy)
    if rail.kind is RailKind.CSV and account is None:
        raise ConfigError("It pays out of no account", where=rail.name, remedy="Give the account of the platform.")
    if not rail.kind.by_file and not rail.secret:
        raise ConfigError("It names no key", where=rail.name, remedy="Name an environment variable as its secret.")


def rail_for(policy: PayoutPolicy, account: PayoutAccount, currency: str) -> Rail | str:
    """The rail, or in a sentence why there is none."""
    taking = [rail for rail in policy.rails if currency in rail.currencies]
    if not taking:
        return f"No rail pays out {currency}."
    objections = [(rail, _objection(rail.kind, account)) for rail in taking]
    return next((rail for rail, objection in objections if not objection), _together([o for _, o in objections]))


def _together(objections: Sequence[str]) -> str:
    return " ".join(dict.fromkeys(objections))


def _objection(kind: RailKind, account: PayoutAccount) -> str:
    """Why this kind of rail cannot pay to the account; nothing if it can."""
    if not account.holder.strip():
        return "The account names no holder."
    if kind is RailKind.SEPA:
        return "" if is_iban(account.iban) else f"“{account.iban:.40}” is no IBAN."
    if kind is RailKind.NACHA:
        if not is_routing(account.routing):
            return f"“{account.routing:.20}” is no routing number."
        return "" if account.number else "The account has no number."
    if kind is RailKind.CSV:
        bad = account.iban and not is_iban(account.iban)
        if bad:
            return f"“{account.iban:.40}” is no IBAN."
        return "" if account.iban or account.number else "The account has neither IBAN nor number."
    if account.provider != kind.value or not account.provider_account:
        return f"The seller has no account at {kind.value}."
    return ""
