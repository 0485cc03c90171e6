"""The library's face: one method per human action. The command line, the API, the console and the worker call this."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from time import sleep
from types import TracebackType
from typing import Any

import structlog

from tieout.app import checking, resolution, setup, understanding
from tieout.app.access import Access
from tieout.app.acting import Acting
from tieout.app.agreeing import Agreeing
from tieout.app.balancing import Balancing
from tieout.app.booking import Booking
from tieout.app.charting import Charting
from tieout.app.closing import Closing
from tieout.app.context import LedgerContext
from tieout.app.correcting import Correcting
from tieout.app.exporting import Exporting
from tieout.app.importing import Importing
from tieout.app.opened import SYSTEM
from tieout.app.paying import Paying
from tieout.app.proposing import Proposing
from tieout.app.rating import Rating
from tieout.app.reading import Readings, today_of
from tieout.app.releasing import Releasing
from tieout.app.reporting import Reporting
from tieout.app.ruling import Ruling
from tieout.app.sealing import Sealing
from tieout.app.selling import Selling
from tieout.app.settings import Settings, settings_from_environment
from tieout.app.settling import Settling
from tieout.app.signing import Signing
from tieout.app.stating import Stating
from tieout.app.totalling import Totalling
from tieout.app.understanding import WorkReport, utc_now
from tieout.app.views import Finding, ImportReport, InitReport, Preview
from tieout.cases import store as cases
from tieout.controls import store as controls
from tieout.db.embedded import start_embedded
from tieout.db.migrate import migrate
from tieout.db.pool import Connection, Database
from tieout.events import store as events
from tieout.intake import store as intake
from tieout.intake.store import Arrival
from tieout.ledger import store as ledger
from tieout.masterdata import store as masterdata
from tieout.model.case import CaseDraft, Reason, Resolution
from tieout.model.connector import Connector, SignatureVerdict, Undecodable
from tieout.model.delivery import Channel, Envelope, Receipt, Verdict
from tieout.model.entity import Actor
from tieout.model.error import BadInput, SignatureRefused, TooLarge
from tieout.model.ids import IdKind, parse_id, public_id

_LOG = structlog.get_logger("tieout")
#: How long an import waits for a worker that took its delivery first.
WORK_OFF_SECONDS = 60


class Tieout(
    Readings,
    Booking,
    Closing,
    Rating,
    Balancing,
    Sealing,
    Exporting,
    Importing,
    Correcting,
    Charting,
    Access,
    Settling,
    Stating,
    Agreeing,
    Ruling,
    Proposing,
    Selling,
    Releasing,
    Acting,
    Paying,
    Reporting,
    Signing,
    Totalling,
):
    """An open installation. Use it as a context manager; `Tieout.open()` starts or joins the embedded database."""

    @classmethod
    def open(cls, settings: Settings | None = None, *, migrating: bool = True, connections_max: int = 12) -> "Tieout":
        """Connects, starting the embedded server if no database is configured, and migrates. Raises SetupError."""
        settings = settings or settings_from_environment()
        url = settings.database_url or start_embedded(settings.home / "postgres")
        database = Database(url, connections_max=connections_max).open()
        try:
            if migrating:
                migrate(url)
        except BaseException:
            database.close()
            raise
        return cls(database, settings)

    def __enter__(self) -> "Tieout":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Answers who waits and gives the connections back; the embedded server stops when its last user is gone."""
        self.stop_posting()
        self.database.close()

    # ── Setting up ────────────────────────────────────────────────────────────────────────────────────────────

    def init(
        self,
        name: str,
        *,
        base_currency: str = "EUR",
        timezone: str = "Europe/Berlin",
        chart: str = "marketplace",
        user: str = "admin",
        password: str | None = None,
    ) -> InitReport:
        """Opens the books of a legal entity with a chart of accounts, an administrator and an API key.

        The password (made up if none is given) and the key are returned once; only their hashes are kept.
        """
        password = password or secrets.token_urlsafe(12)
        with self.database.unit() as connection:
            entity = setup.open_books(connection, name, base_currency, timezone, chart)
            controls.set_password(connection, entity.id, user, password)
            key = controls.new_api_key(connection, entity.id, "first")
            controls.log(connection, entity.id, user, "ledger.opened", entity.code, f"{base_currency}, chart {chart}")
        return InitReport(entity.name, user, password, key)

    def add_source(
        self, name: str, connector: str, *, secrets: Sequence[str] = (), settings: Mapping[str, Any] | None = None,
        actor: Actor = SYSTEM,
    ) -> None:  # fmt: skip
        """Adds a shop, gateway or bank account and opens its clearing accounts."""
        with self._books() as (connection, context):
            setup.add_source(connection, context, name, connector, secrets, dict(settings or {}))
            controls.log(connection, context.id, actor.name, "source.added", name, connector)

    def rotate_secret(self, name: str, new: str, *, actor: Actor = SYSTEM) -> None:
        """Adds a webhook secret; the newest one before it stays valid beside it until the next rotation."""
        with self._books() as (connection, context):
            kept = (new, *context.source(name).secrets[:1])
            masterdata.set_secrets(connection, context.id, name, kept)
            controls.log(connection, context.id, actor.name, "source.secret_rotated", name)

    def signing_secret(self, name: str) -> str | None:
        """The newest webhook secret of a source, to sign as its provider would. None if it has none."""
        with self._books() as (_, context):
            return next(iter(context.source(name).secrets), None)

    def doctor(self) -> list[Finding]:
        """Looks at the installation and says what is wrong with it and what to do."""
        return setup.examine(self.database, self.settings)

    def check(self) -> list[Finding]:
        """Works the books out again and says what does not hold; an empty list if all does."""
        with self._books() as (connection, context):
            return checking.check(connection, context, utc_now())

    # ── Doors ─────────────────────────────────────────────────────────────────────────────────────────────────

    def receive_hook(self, source: str, headers: Mapping[str, str], body: bytes) -> Receipt:
        """Takes a webhook: verified, kept, deduplicated, to be worked on later.

        Raises SignatureRefused (the delivery is kept as rejected), TooLarge, or NotFound for an unknown source.
        """
        self._check_size(source, body, self.settings.body_bytes_max)
        now = utc_now()
        with self._books() as (connection, context):
            connector = context.door_of(source)
            verdict = self._verify(connector, context.source(source).secrets, headers, body, now)
            if verdict.ok:
                return self._keep(connection, context, source, Channel.WEBHOOK, headers, {}, body, now)
            arrival = Arrival(
                context.source(source).id, Channel.WEBHOOK, Envelope("", ""), _plain(headers), {}, body, now
            )
            number = intake.keep_rejected(connection, context.id, arrival, verdict.reason)
        _LOG.warning("hook.rejected", source=source, delivery=public_id(IdKind.DELIVERY, number), why=verdict.reason)
        raise SignatureRefused(
            f"The signature does not verify: {verdict.reason}",
            where=f"/hooks/{source}",
            remedy="Compare the signing secret at the provider with the one given to `tieout source add`.",
        )

    def _verify(
        self, connector: Connector, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime
    ) -> SignatureVerdict:
        if connector.verify is None:
            return SignatureVerdict(False, f"{connector.manifest.title} sends no webhooks")
        if not secrets:
            return SignatureVerdict(False, "no secret is configured for this source")
        return connector.verify(headers, body, secrets, now)

    def receive_objects(self, source: str, parameters: Mapping[str, str], body: bytes, *, actor: Actor) -> Receipt:
        """Takes settlement objects pushed with an API key; `parameters` name the topic and what the list is of."""
        self._check_size(source, body, self.settings.file_bytes_max)
        headers = {"x-tieout-actor": actor.name}
        with self._books() as (connection, context):
            return self._keep(connection, context, source, Channel.OBJECTS, headers, parameters, body, utc_now())

    def import_file(self, source: str, body: bytes, *, name: str = "", actor: Actor = SYSTEM) -> ImportReport:
        """Imports a file and books it at once. Raises BadInput if it is empty or not what the source sends."""
        self._check_size(source, body, self.settings.file_bytes_max)
        with self._books() as (connection, context):
            parameters = {"name": name} if name else {}
            headers = {"x-tieout-actor": actor.name}
            receipt = self._keep(connection, context, source, Channel.FILE, headers, parameters, body, utc_now())
            controls.log(connection, context.id, actor.name, "file.imported", receipt.delivery, name)
        self._work_off(receipt)
        return self._import_report(receipt)

    def _work_off(self, receipt: Receipt) -> None:
        """Works until this delivery is done, whether we or another worker took it."""
        number = parse_id(receipt.delivery)[1]
        give_up = utc_now() + timedelta(seconds=WORK_OFF_SECONDS)
        while utc_now() < give_up:
            worked = understanding.work(self.database, self.settings, utc_now(), 1, only=number).deliveries
            with self._books() as (connection, context):
                if not intake.is_waiting(connection, context.id, number):
                    return
            if not worked:
                sleep(0.02)

    def _import_report(self, receipt: Receipt) -> ImportReport:
        with self._books() as (connection, context):
            number = parse_id(receipt.delivery)[1]
            told = [event for event, _, _ in events.tellings_of_deliveries(connection, context.id, [number])]
            links = [receipt.delivery, *(public_id(IdKind.EVENT, event) for event in told)]
            return ImportReport(
                delivery=receipt.delivery,
                verdict=receipt.verdict.value,
                reason=receipt.reason,
                events=len(told),
                entries=len(ledger.of_events(connection, context.id, told)),
                notes=tuple(events.notes_of(connection, context.id, number)),
                cases=tuple(public_id(IdKind.CASE, case) for case in cases.linked_to(connection, context.id, links)),
            )

    def _check_size(self, source: str, body: bytes, limit: int) -> None:
        if len(body) > limit:
            raise TooLarge(
                f"{len(body):,} bytes are over the limit of {limit:,}", where=source, remedy="Send it in parts."
            )
        if not body.strip():
            raise BadInput("There is nothing in it", where=source, remedy="Send the body as the provider made it.")

    def _keep(
        self, connection: Connection, context: LedgerContext, source: str, channel: Channel,
        headers: Mapping[str, str], parameters: Mapping[str, str], body: bytes, now: datetime,
    ) -> Receipt:  # fmt: skip
        try:
            envelope = context.door_of(source).describe(_plain(headers), parameters, body)
        except Undecodable as error:
            if channel is not Channel.WEBHOOK:
                remedy = "Look at the raw file: is it the format of this source, and complete?"
                raise BadInput(str(error), where=source, remedy=remedy) from error
            # A signed message is kept whatever is in it; reading it will say why it cannot be read.
            envelope = Envelope("unreadable", hashlib.sha256(body).hexdigest())
        arrival = Arrival(context.source(source).id, channel, envelope, _plain(headers), parameters, body, now)
        kept = intake.keep(connection, context.id, arrival)
        name = public_id(IdKind.DELIVERY, kept.delivery_id)
        reason = f"repeats {public_id(IdKind.DELIVERY, kept.first_id)}" if kept.first_id else ""
        if kept.changed:
            case = CaseDraft(
                Reason.CONTENT_CHANGED, f"{source}:{envelope.identity}",
                f"{source} sent “{envelope.topic}” again under the same identity with other content; the first stands.",
                links=(name, public_id(IdKind.DELIVERY, kept.first_id or kept.delivery_id)),
            )  # fmt: skip
            cases.open_cases(connection, context.id, understanding.STAGE, [case])
        return Receipt(name, kept.verdict, reason)

    # ── Working ───────────────────────────────────────────────────────────────────────────────────────────────

    def work(self, limit: int | None = None) -> WorkReport:
        """Understands and books up to `limit` waiting deliveries in one unit of work."""
        return understanding.work(self.database, self.settings, utc_now(), limit or self.settings.batch)

    def sweep(self) -> WorkReport:
        """Releases parked events that nothing holds any more and raises those past their deadline."""
        return understanding.sweep(self.database, self.settings, utc_now())

    def wait_for_work(self, seconds: int) -> bool:
        """Waits until something arrives, at most so long. True if it is worth looking. Raises DatabaseAway."""
        return self.database.wait("tieout_work", seconds)

    def replay(self, delivery_id: str, *, reason: str, actor: Actor) -> WorkReport:
        """Reads a delivery again, with today's mapping. What is already booked is not booked twice."""
        if not reason.strip():
            raise BadInput("A reason is required", where="reason", remedy="Say why, in a sentence.")
        with self._books() as (connection, context):
            kind, number = parse_id(delivery_id)
            if kind is not IdKind.DELIVERY or not intake.requeue(connection, context.id, number):
                raise BadInput(
                    f"{delivery_id} has no work to repeat", where="id", remedy="Choose an accepted delivery."
                )
            controls.log(connection, context.id, actor.name, "delivery.replayed", delivery_id, reason)
        return self.work()

    # ── Deciding ──────────────────────────────────────────────────────────────────────────────────────────────

    def preview(self, case_id: str, decision: Resolution, *, actor: Actor) -> Preview:
        """What a decision would post and tie, without doing it."""
        with self._books() as (connection, context):
            case = resolution.find_open_case(connection, context, case_id)
            plan = resolution.plan(connection, context, case, decision, actor, today_of(context, utc_now()))
            return Preview(plan.sentence, plan.entries, tuple(row.item for row in plan.items))

    def resolve(self, case_id: str, decision: Resolution, *, actor: Actor) -> Preview:
        """Carries a decision out; the reason is required. Returns what it did."""
        with self._books() as (connection, context):
            today = today_of(context, utc_now())
            plan = resolution.resolve(connection, context, self.settings, case_id, decision, actor, today)
            return Preview(plan.sentence, plan.entries, tuple(row.item for row in plan.items))


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers with lower-case names, without what must not be kept: credentials and cookies."""
    return {k.lower(): v for k, v in headers.items() if k.lower() not in ("authorization", "cookie")}


def home_of(path: str | None) -> Settings:
    """Settings for a home given on the command line, or the standard one."""
    return settings_from_environment(Path(path) if path else None)


__all__ = ["SYSTEM", "Tieout", "Verdict", "home_of"]
