"""Exchange rates: where they come from, what waits for them, and what they make of amounts that stand open."""

import os
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from time import sleep

import structlog

from tieout.app import revaluing, understanding
from tieout.app.context import LedgerContext
from tieout.app.opened import SYSTEM, Opened
from tieout.app.reading import today_of
from tieout.app.understanding import utc_now
from tieout.app.views import Revaluation
from tieout.controls import store as controls
from tieout.db.pool import Connection
from tieout.events import store as events
from tieout.ledger import store as ledger
from tieout.masterdata import store as masterdata
from tieout.masterdata.fetch import ATTEMPTS, fetch
from tieout.masterdata.provider import (
    Provider,
    address,
    headers_of,
    read_answer,
    read_providers,
    standard_providers,
)
from tieout.masterdata.rates import Rate
from tieout.masterdata.store import RateRow
from tieout.model.entity import Actor
from tieout.model.error import BadInput, NotFound, SourceAway
from tieout.model.rate import MissingRate, RatePolicy

_LOG = structlog.get_logger("tieout")
_AGE_DAYS_MAX = 31
_AGAIN = timedelta(hours=1)


class Rating(Opened):
    """The part of the face that takes exchange rates and re-measures by them."""

    #: When a worker asked last.
    _asked: datetime | None = None

    def import_rates(self, body: bytes, *, provider: str = "ecb", actor: Actor = SYSTEM) -> int:
        """Imports a file of rates as its provider sends it (the ECB's: XML, CSV or zip) and books what waited for them.

        Returns how many rates were new. Raises NotFound for a provider nobody declared and BadInput for another file.
        """
        return self._keep_rates(read_answer(self._provider(provider), body), provider, actor)

    def fetch_rates(self, provider: str | None = None, *, actor: Actor = SYSTEM) -> int:
        """Fetches rates over HTTP and books what waited for them. Returns how many were new.

        Without a name, from the provider the ledger is kept at. Raises NotFound for a name nobody declared, SourceAway
        if there is no answer, and BadInput for an answer that is not what was declared.
        """
        return self._fetch(provider, actor, ATTEMPTS)

    def fetch_rates_due(self) -> int:
        """The worker's chore: fetches the day's rates once a day, from the hour on that is set; how many were new.

        What fails is tried again an hour later, and a day without new rates costs an answer an hour. Nothing is asked
        for while all is in one currency. Two workers may both ask: a rate is kept once.
        """
        hour, now = self.settings.rates_hour, utc_now()
        if hour is None or now.hour < hour or (self._asked is not None and now - self._asked < _AGAIN):
            return 0
        with self._books() as (connection, context):
            since = now.replace(hour=hour, minute=0, second=0, microsecond=0)
            done = masterdata.rates_since(connection, context.rate_policy.source, since)
            if done or not _currencies(connection, context) - {context.entity.base_currency}:
                return 0
        self._asked = now
        try:
            return self._fetch(None, SYSTEM, 1)
        except (SourceAway, BadInput, NotFound) as error:
            _LOG.warning("rates.not_fetched", error=str(error))
            return 0

    def _fetch(self, provider: str | None, actor: Actor, attempts: int) -> int:
        with self._books() as (connection, context):
            wanted = provider or context.rate_policy.source
            day, quotes = today_of(context, utc_now()), _currencies(connection, context)
        found = self._provider(wanted)
        # No database is held while somebody else's server makes up its mind.
        body = fetch(address(found, day, quotes), headers_of(found, os.environ), sleep=sleep, attempts=attempts)
        return self._keep_rates(read_answer(found, body), found.name, actor)

    def rate_providers(self) -> list[Provider]:
        """The providers that are declared: those of the product, then the installation's own (rates.toml)."""
        own = self.settings.home / "rates.toml"
        declared = read_providers(own.read_text(encoding="utf-8"), str(own)) if own.is_file() else []
        return [*standard_providers(), *declared]

    def rate_list(
        self, *, currency: str | None = None, since: date | None = None, until: date | None = None, limit: int = 50
    ) -> list[RateRow]:
        """The newest rates of the ledger's source."""
        with self._books() as (connection, context):
            return masterdata.rate_page(
                connection, context.rate_policy.source, quote=currency, since=since, until=until, limit=limit
            )

    def rate_policy(self) -> RatePolicy:
        """Whose rates the ledger is kept at, and what happens while one is missing."""
        with self._books() as (_, context):
            return context.rate_policy

    def set_rate_policy(
        self, *, missing: MissingRate | None = None, age_days: int | None = None, provider: str | None = None,
        actor: Actor = SYSTEM,
    ) -> RatePolicy:  # fmt: skip
        """Changes the policy for what is booked from now on, and books what waited. Returns the policy as it is now."""
        if age_days is not None and not 0 <= age_days <= _AGE_DAYS_MAX:
            raise BadInput(f"{age_days} days", where="days", remedy=f"Give 0 to {_AGE_DAYS_MAX} days.")
        chosen = None if provider is None else self._provider(provider)
        with self._books() as (connection, context):
            known = context.rate_policy
            policy = RatePolicy(
                known.source if chosen is None else chosen.kept_as,
                known.pivot if chosen is None else chosen.pivot,
                known.missing if missing is None else missing,
                known.age_days if age_days is None else age_days,
            )
            masterdata.set_rate_policy(connection, context.id, policy)
            detail = f"{policy.missing}, {policy.age_days} days, {policy.source} per {policy.pivot}"
            controls.log(connection, context.id, actor.name, "rates.policy", context.entity.code, detail)
        with self._books() as (connection, context):
            self._book_waiting(connection, context)
        return policy

    def revalue(self, at: date, *, preview: bool = False, actor: Actor = SYSTEM) -> Revaluation:
        """Re-measures what is to be received or paid in foreign currency at the closing rate of a day.

        The difference is booked on that day and taken back on the next. Once more for a day books only what has changed
        since. Raises NotFound if a rate is missing, and PeriodClosed if the day takes no entries.
        """
        with self._books() as (connection, context):
            found = revaluing.revalue(connection, context, at, preview=preview)
            if not preview:
                detail = f"{len(found.entries)} entries"
                controls.log(connection, context.id, actor.name, "books.revalued", at.isoformat(), detail)
            return found

    def _provider(self, name: str) -> Provider:
        declared = {provider.name: provider for provider in self.rate_providers()}
        if name not in declared:
            raise NotFound(
                f"No rate provider is called “{name}”", where="provider", remedy=f"There are: {', '.join(declared)}."
            )
        return declared[name]

    def _keep_rates(self, rates: Sequence[Rate], provider: str, actor: Actor) -> int:
        rows = [RateRow(r.base, r.quote, r.date, r.rate, r.source) for r in rates]
        with self._books() as (connection, context):
            new = masterdata.add_rates(connection, rows)
            self._book_waiting(connection, context)
            controls.log(connection, context.id, actor.name, "rates.imported", provider, f"{new} new")
            return new

    def _book_waiting(self, connection: Connection, context: LedgerContext) -> None:
        waiting = events.parked_for_rates(connection, context.id)
        understanding.advance(connection, context, self.settings, waiting)


def _currencies(connection: Connection, context: LedgerContext) -> set[str]:
    """The currencies the books are in, and those that events wait for a rate of."""
    used = {balance.currency for balance in ledger.balances(connection, context.id)}
    waited = {key.split(":")[1].partition("/")[0] for key in events.rates_waited_for(connection, context.id)}
    return (used | waited | {context.entity.base_currency}) - {context.rate_policy.pivot}
