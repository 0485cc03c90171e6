"""Opening books, adding sources, and looking at what is wrong with an installation."""

import os
import re
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tieout.app import sealing
from tieout.app.context import LedgerContext
from tieout.app.settings import Settings
from tieout.app.views import Finding
from tieout.db.migrate import migrations, version_of
from tieout.db.pool import Connection, Database
from tieout.events import registry
from tieout.intake import store as intake
from tieout.masterdata import store as masterdata
from tieout.masterdata.chart import accounts_of_source, common_accounts, read_chart
from tieout.model.entity import Entity
from tieout.model.error import ConfigError, TieoutError
from tieout.model.money import exponent_of

_SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_DISK_BYTES_MIN = 1_000_000_000


def open_books(connection: Connection, name: str, base_currency: str, timezone: str, chart: str) -> Entity:
    """Opens a ledger and the accounts every ledger has. Raises ConfigError for a value that does not exist."""
    if not name.strip():
        raise ConfigError("The entity needs a name", where="name", remedy="Give the legal entity's name.")
    exponent_of(base_currency)
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            f"“{timezone}” is not a time zone", where="timezone", remedy="Use a name like Europe/Berlin."
        ) from None
    found = read_chart(chart)
    code = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "books"
    number = masterdata.open_ledger(connection, Entity(0, code, name, base_currency, timezone), chart)
    if number is None or masterdata.ledgers(connection)[0].entity.id != number:
        raise ConfigError(
            "The books are open already",
            where="init",
            remedy="One installation keeps one entity for now; use another TIEOUT_HOME.",
        )
    masterdata.add_classes(connection, number, found.classes)
    masterdata.add_accounts(connection, number, common_accounts(found), {})
    return Entity(number, code, name, base_currency, timezone)


def add_source(
    connection: Connection,
    context: LedgerContext,
    name: str,
    connector: str,
    secrets: Sequence[str],
    settings: dict[str, Any],
) -> None:
    """Adds a source and opens the clearing accounts its connector asks for."""
    if not _SOURCE_NAME.fullmatch(name):
        raise ConfigError(
            f"“{name}” is not a name for a source", where="name", remedy="Use small letters, digits and hyphens."
        )
    manifest = registry.load(connector).manifest
    if not masterdata.add_source(connection, context.id, name, connector, manifest.kind, secrets, settings):
        raise ConfigError(f"There is a source “{name}” already", where="name", remedy="Choose another name.")
    accounts = accounts_of_source(context.chart, manifest.accounts, name, connector)
    masterdata.add_accounts(connection, context.id, accounts, {"source": name, "connector": connector})


def examine(database: Database, settings: Settings) -> list[Finding]:
    """Every check of `tieout doctor`, in the order in which things depend on each other."""
    findings = [_home(settings), _disk(settings)]
    with database.unit() as connection:
        findings += [_server(connection), _schema(connection)]
        try:
            context = LedgerContext(connection, settings)
        except TieoutError as error:
            return [*findings, Finding("books", False, error.what, error.remedy)]
        findings.append(
            Finding("books", True, f"{context.entity.name}, {context.entity.base_currency}, chart {context.chart_name}")
        )
        findings += sealing.look(connection, context, settings, datetime.now(UTC))
        findings += _sources(connection, context)
    return findings


def _home(settings: Settings) -> Finding:
    writable = settings.home.exists() and os.access(settings.home, os.W_OK)
    return Finding(
        "home", writable, str(settings.home), "" if writable else "Make the folder writable, or set TIEOUT_HOME."
    )


def _disk(settings: Settings) -> Finding:
    if not settings.home.exists():
        return Finding("disk", False, "the home folder does not exist", "Run `tieout init`.")
    free = shutil.disk_usage(settings.home).free
    ok = free > _DISK_BYTES_MIN
    return Finding(
        "disk", ok, f"{free // 1_000_000:,} MB free", "" if ok else "Free some space; deliveries are kept for ever."
    )


def _server(connection: Connection) -> Finding:
    number = connection.info.server_version
    ok = number >= 150000
    remedy = "" if ok else "Use PostgreSQL 15 or later."
    return Finding("database", ok, f"PostgreSQL {number // 10000}.{number % 10000}", remedy)


def _schema(connection: Connection) -> Finding:
    have, want = version_of(connection), migrations()[-1][0]
    return Finding(
        "schema",
        have == want,
        f"version {have} of {want}",
        "" if have == want else "Run `tieout init` or restart `tieout serve`.",
    )


def _sources(connection: Connection, context: LedgerContext) -> list[Finding]:
    found = []
    for source in intake.health(connection, context.id):
        row = context.source(source.name)
        try:
            connector = context.connector_of(source.name)
        except TieoutError as error:
            found.append(Finding(f"source {source.name}", False, error.what, error.remedy))
            continue
        if connector.verify is not None and not row.secrets:
            remedy = f"Run `tieout source secret {source.name}` with the provider's signing secret."
            found.append(Finding(f"source {source.name}", False, "no webhook secret: every hook is rejected", remedy))
        elif source.last_delivery_at is None:
            hint = (
                "Import a file."
                if connector.verify is None
                else f"Point the provider's webhook at /hooks/{source.name}."
            )
            found.append(Finding(f"source {source.name}", True, f"{source.connector}, nothing received yet", hint))
        else:
            heard = f"last heard {source.last_delivery_at:%Y-%m-%d %H:%M} UTC, {source.rejected} rejected"
            found.append(Finding(f"source {source.name}", True, f"{source.connector}, {heard}"))
    if not found:
        found.append(
            Finding("sources", False, "none yet", "Add one, e.g. `tieout source add stripe --secret whsec_…`.")
        )
    return found
