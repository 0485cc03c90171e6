"""What a unit of work needs to know of one ledger: read once at its start, then passed around."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property

from tieout.app.settings import Settings
from tieout.db.pool import Connection
from tieout.events import registry
from tieout.ledger.period import OpenDays, hold_periods
from tieout.masterdata import store as masterdata
from tieout.masterdata.chart import Roles, read_chart
from tieout.masterdata.store import SourceRow
from tieout.model.account import Account
from tieout.model.connector import Connector
from tieout.model.entity import Entity
from tieout.model.error import NotFound, SetupError
from tieout.model.rate import RatePolicy
from tieout.posting.book import Books, Rate
from tieout.posting.rule import standard_bank_patterns, standard_rules
from tieout.reconciliation.name import Patience

_RULES = standard_rules()
_PATTERNS = standard_bank_patterns()


class LedgerContext:
    """One ledger's reference data, as of the start of a unit of work."""

    def __init__(self, connection: Connection, settings: Settings, ledger_id: int | None = None) -> None:
        rows = masterdata.ledgers(connection)
        chosen = next((r for r in rows if ledger_id in (None, r.entity.id)), None)
        if chosen is None:
            raise SetupError("No books have been opened yet", where="ledger", remedy="Run `tieout init`.")
        self.entity: Entity = chosen.entity
        self.chart = read_chart(chosen.chart)
        self.chart_name = chosen.chart
        self.rate_policy = chosen.rates
        self.id: int = chosen.entity.id
        self.sources: dict[str, SourceRow] = {s.name: s for s in masterdata.sources(connection, self.id)}
        self._connection = connection
        self._settings = settings

    @cached_property
    def accounts(self) -> dict[str, Account]:
        """The chart of accounts by code; read when first asked for, since a door does not need it."""
        return masterdata.accounts(self._connection, self.id)

    @cached_property
    def open_day(self) -> OpenDays:
        """Which days take entries. No period is closed until this unit of work has ended."""
        return OpenDays(hold_periods(self._connection, self.id), self.accounts)

    def source(self, name: str) -> SourceRow:
        """The source called `name`; raises NotFound with the names there are."""
        try:
            return self.sources[name]
        except KeyError:
            known = ", ".join(self.sources) or "none yet"
            raise NotFound(
                f"There is no source “{name}”",
                where="source",
                remedy=f"Sources are: {known}. Add one with `tieout source add`.",
            ) from None

    def connector_of(self, source: str) -> Connector:
        """The connector behind a source, with the user's mapping extensions."""
        return registry.load(self.source(source).connector, self._settings.mappings)

    def door_of(self, source: str) -> Connector:
        """The connector as it was shipped: a mistake in the user's mapping must not keep a door from receiving."""
        return registry.load(self.source(source).connector)

    @cached_property
    def roles(self) -> Roles:
        """Which account plays which role."""
        return Roles(self.accounts)

    @cached_property
    def own_sellers(self) -> frozenset[str] | None:
        """Brands whose goods are the entity's own; None if all are (a retailer)."""
        if self.chart.sellers == "own":
            return None
        return frozenset(brand for s in self.sources.values() for brand in s.settings.get("own_brands", ()))

    def patience(self) -> Mapping[str, Patience]:
        """By source and by connector: how long settlement, payout and arrival usually take."""
        found: dict[str, Patience] = {}
        for source in self.sources.values():
            manifest = self.door_of(source.name).manifest
            days = Patience(manifest.settlement_days, manifest.payout_days, manifest.arrival_days)
            found[source.name] = found[source.connector] = days
        return found

    def books(self, connection: Connection, wanted: Sequence[tuple[str, date]]) -> Books:
        """What booking needs, with the exchange rates for these (currency, day) pairs."""
        return Books(
            base_currency=self.entity.base_currency,
            timezone=self.entity.timezone,
            rules=_RULES,
            patterns=_PATTERNS,
            own_sellers=self.own_sellers,
            connector_of={s.name: s.connector for s in self.sources.values()},
            account_for=self.roles.account_for,
            rate_for=rates_for(connection, self.rate_policy, self.entity.base_currency, wanted),
            open_day=self.open_day,
        )


def rates_for(
    connection: Connection, policy: RatePolicy, base: str, wanted: Iterable[tuple[str, date]]
) -> Callable[[str, date], Rate | None]:
    """A function from a currency and a day to its worth in base currency, exactly, for these pairs; None if unknown.

    Rates are quoted per unit of the policy's pivot, others are crossed through it; such a rate is as old as the older
    of its two.
    """
    foreign = {(currency, day) for currency, day in wanted if currency != base}
    asked = {(c, day) for currency, day in foreign for c in (currency, base) if c != policy.pivot}
    known = masterdata.rates(connection, policy, sorted(asked)) if asked else {}

    def per_pivot(currency: str, day: date) -> Rate | None:
        if currency == policy.pivot:
            return Rate(Fraction(1), day, "")
        row = known.get((currency, day))
        return None if row is None else Rate(Fraction(row.rate), row.day, row.source)

    def rate_for(currency: str, day: date) -> Rate | None:
        if currency == base:
            return Rate(Fraction(1), day, "")
        theirs, ours = per_pivot(currency, day), per_pivot(base, day)
        if theirs is None or ours is None:
            return None
        return Rate(ours.value / theirs.value, min(theirs.day, ours.day), theirs.source or ours.source)

    return rate_for
