"""Reports on what sellers are owed, each compared with the ledger in the same breath."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction

from tieout.app.context import LedgerContext, rates_for
from tieout.app.opened import Opened
from tieout.app.understanding import utc_now
from tieout.db.pool import Connection
from tieout.ledger import balance
from tieout.model.bucket import Bucket
from tieout.model.error import BadInput, NotFound
from tieout.model.money import exponent_of
from tieout.model.report import GROUPINGS, REPORTS, Report
from tieout.model.seller import Seller
from tieout.reports import liability, outlook, owed, sold, tax_pack
from tieout.reports.outlook import Known
from tieout.settlement.allocate import half_up
from tieout.settlement.calendar import is_ach_day, is_target_day, next_payout_day

_WEEK = 7


class Reporting(Opened):
    """The part of the face that reports on all sellers together."""

    def report(
        self, name: str, since: date | None = None, until: date | None = None, *, by: str = "category"
    ) -> Report:
        """One of `REPORTS` over some days; this month so far if none are given, the year of `until` for tax.

        Raises NotFound for a report there is not, BadInput for days that are no period or another grouping.
        """
        maker = _MAKERS.get(name)
        if maker is None:
            raise NotFound(
                f"There is no report “{name:.40}”", where="report", remedy=f"Take one of: {', '.join(REPORTS)}."
            )
        if by not in GROUPINGS:
            raise BadInput(f"“{by:.40}” is no grouping", where="by", remedy=f"Take one of: {', '.join(GROUPINGS)}.")
        last = until or utc_now().date()
        first = since or last.replace(day=1)
        if first > last:
            raise BadInput(f"{first} is after {last}", where="since", remedy="Name the first day and then the last.")
        with self.database.unit() as connection:
            balance.hold_still(connection)
            return maker(connection, LedgerContext(connection, self.settings), first, last, by)


def _ledger(connection: Connection, context: LedgerContext, at: date, *buckets: Bucket) -> dict[str, int]:
    """What the ledger has on these buckets at the end of a day, by currency, credit positive."""
    roles = {bucket.role for bucket in buckets or Bucket}
    codes = [code for code, account in context.accounts.items() if account.role in roles]
    sums: dict[str, int] = {}
    for one in balance.sums(connection, context.id, at=at, accounts=codes):
        sums[one.currency] = sums.get(one.currency, 0) - one.balance_minor
    return sums


def _sellers(connection: Connection, context: LedgerContext) -> dict[str, Seller]:
    return {party: one.seller for party, one in owed.profiles(connection, context.id).items()}


def _liability(connection: Connection, context: LedgerContext, first: date, last: date, _by: str) -> Report:
    opening = _ledger(connection, context, first - timedelta(days=1))
    moved = sold.moved(connection, context.id, first, last)
    parts = sold.made_of(connection, context.id, first, last)
    return liability.roll_forward(opening, moved, parts, _ledger(connection, context, last), (first, last))


def _reserves(connection: Connection, context: LedgerContext, _first: date, last: date, _by: str) -> Report:
    kept = (Bucket.RESERVE, Bucket.DISPUTE_HOLD)
    standing = sold.standing(connection, context.id, last, *kept)
    return liability.reserves(standing, _ledger(connection, context, last, *kept), last)


def _fee_yield(connection: Connection, context: LedgerContext, first: date, last: date, by: str) -> Report:
    parts = sold.made_of(connection, context.id, first, last, by)
    return liability.fee_yield(parts, sold.split_lines(connection, context.id, first, last), by, (first, last))


def _rates(connection: Connection, context: LedgerContext, first: date, last: date, _by: str) -> Report:
    moved: dict[str, int] = {}
    for rule, currency, amount in sold.moved(connection, context.id, first, last):
        if rule in ("settlement.captured", "settlement.accrued"):
            moved[currency] = moved.get(currency, 0) + amount
    return liability.rates(sold.cohorts(connection, context.id, first, last), moved, (first, last))


def _form_1099k(connection: Connection, context: LedgerContext, _first: date, last: date, _by: str) -> Report:
    days = date(last.year, 1, 1), date(last.year, 12, 31)
    paid = sold.paid(connection, context.id, *days)
    net = sold.net_of_sales(connection, context.id, *days)
    return tax_pack.form_1099k(paid, _sellers(connection, context), net, last.year)


def _dac7(connection: Connection, context: LedgerContext, _first: date, last: date, _by: str) -> Report:
    days = date(last.year, 1, 1), date(last.year, 12, 31)
    parts = sold.made_of(connection, context.id, *days, "quarter")
    quarters = tax_pack.quarters_of(parts, sold.counted(connection, context.id, *days))
    worth = _in_euro(connection, context, {currency for _, currency in quarters}, min(days[1], utc_now().date()))
    net = sold.split_lines(connection, context.id, *days)
    return tax_pack.dac7_pack(quarters, _sellers(connection, context), net, last.year, worth)


def _in_euro(
    connection: Connection, context: LedgerContext, currencies: Iterable[str], day: date
) -> Callable[[int, str], int | None]:
    rate_for = rates_for(connection, context.rate_policy, "EUR", [(currency, day) for currency in currencies])

    def worth(amount_minor: int, currency: str) -> int | None:
        rate = rate_for(currency, day)
        return (
            None if rate is None else half_up(amount_minor * rate.value * Fraction(10) ** (2 - exponent_of(currency)))
        )

    return worth


def _forecast(connection: Connection, context: LedgerContext, _first: date, last: date, _by: str) -> Report:
    buckets = (Bucket.PENDING, Bucket.AVAILABLE, Bucket.RESERVE)
    sellers = _sellers(connection, context)
    known: list[Known] = []
    for one in sold.standing(connection, context.id, last, *buckets):
        free = last if one.bucket is Bucket.AVAILABLE and one.amount_minor > 0 else one.until
        day = None if free is None else _paid_on(sellers.get(one.party), one.currency, max(free, last))
        known.append((day, one.bucket.value, one.currency, one.amount_minor))
    lags = {code: -(-days // _WEEK) for code, days in sold.lags(connection, context.id, last).items()}
    weeks = sold.weeks(connection, context.id, last)
    return outlook.outlook(known, weeks, lags, _ledger(connection, context, last, *buckets), last)


def _paid_on(seller: Seller | None, currency: str, free: date) -> date | None:
    """The first day on which a seller is paid what is free from a day on; None if nobody can say."""
    if seller is None or seller.paused or seller.currency != currency:
        return None
    bank_days = is_ach_day if currency == "USD" else is_target_day
    return next_payout_day(seller.schedule, free - timedelta(days=1), bank_days)


_MAKERS: Mapping[str, Callable[[Connection, LedgerContext, date, date, str], Report]] = {
    "liability": _liability,
    "reserves": _reserves,
    "fee-yield": _fee_yield,
    "rates": _rates,
    "1099-k": _form_1099k,
    "dac7": _dac7,
    "forecast": _forecast,
}
