"""Walks every connector's fixtures: delivery → events → journal, as an accountant can read it in journal.beancount.

With TIEOUT_TEST_REGENERATE=1 events and journals are written anew; look at the difference before you commit it.
"""

import json
import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache
from pathlib import Path

import msgspec
import pytest

from tests.contract.fixtures import ALL, CONNECTORS, Fixture, documents, fixtures, outcome, reading
from tests.contract.test_beancount_month import tool
from tieout.events.mapping import read
from tieout.events.registry import connector_packages, load
from tieout.events.store import content_hash as event_hash
from tieout.masterdata.chart import ChartAccount, Roles, accounts_of_source, common_accounts, read_chart
from tieout.model.account import Account
from tieout.model.connector import EventRule, IgnoreRule, MappingFile, Undecodable
from tieout.model.entry import Entry, EntryDraft, content_hash
from tieout.model.event import Event, EventDraft
from tieout.posting.book import Books, Memo, Rate, book
from tieout.posting.rule import standard_bank_patterns, standard_rules
from tieout.reports import beancount

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def chart() -> dict[str, Account]:
    """The marketplace's accounts with one source of each connector."""
    standard = read_chart("marketplace")
    opened: list[tuple[str | None, ChartAccount]] = [(None, account) for account in common_accounts(standard)]
    for name in connector_packages():
        opened += [(name, a) for a in accounts_of_source(standard, load(name).manifest.accounts, name, name)]
    return {
        a.code: Account(number, a.code, a.name, a.type, a.role, a.clearing, a.currencies, scope, a.parent)
        for number, (scope, a) in enumerate(opened, start=1)
    }


def books() -> Books:
    """Books in euros where every other currency is worth 0.90."""
    return Books(
        base_currency="EUR",
        timezone="Europe/Berlin",
        rules=standard_rules(),
        patterns=standard_bank_patterns(),
        own_sellers=frozenset({"Clay & Loom"}),
        connector_of={name: name for name in connector_packages()},
        account_for=Roles(chart()).account_for,
        rate_for=lambda currency, day: Rate(Fraction(1 if currency == "EUR" else "0.90"), day, "fixture"),
        open_day=lambda day, _accounts: day,
    )


def drafts_of(fixture: Fixture) -> tuple[EventDraft, ...]:
    """The events of a fixture's delivery; none if it cannot be read."""
    with suppress(Undecodable):
        return reading(fixture).events
    return ()


def entries_of(fixture: Fixture) -> list[Entry]:
    """What the fixture's sound events are booked as; held ones are booked by nobody."""
    found = []
    for number, draft in enumerate(drafts_of(fixture), start=1):
        event = Event(number, fixture.connector, draft, event_hash(draft), None, WHEN)
        outcome = Memo() if draft.objection else book(event, books())
        assert isinstance(outcome, EntryDraft | Memo), f"{draft.key}: {outcome}"
        if isinstance(outcome, EntryDraft):
            found.append(Entry(number, outcome, WHEN, content_hash(outcome)))
    return found


def text_of(title: str, entries: Sequence[Entry]) -> str:
    return beancount.export(title, "EUR", chart().values(), entries)


def written(file: Path, text: str | None) -> str | None:
    """What the file says; written anew first if that is asked for."""
    if os.environ.get("TIEOUT_TEST_REGENERATE"):
        file.unlink(missing_ok=True) if text is None else file.write_text(text, encoding="utf-8")
    return file.read_text(encoding="utf-8") if file.exists() else None


@pytest.mark.parametrize("fixture", ALL, ids=lambda fixture: f"{fixture.connector}-{fixture.folder.name}")
def test_a_fixture_is_what_was_reviewed(fixture: Fixture):
    assert fixture.delivery()["channel"] in load(fixture.connector).manifest.channels
    events = json.dumps(outcome(fixture), indent=2, ensure_ascii=False) + "\n"
    assert json.loads(written(fixture.folder / "events.json", events) or "null") == json.loads(events)
    entries = entries_of(fixture)
    title = f"{fixture.connector}: {fixture.folder.name.replace('_', ' ')}"
    journal = text_of(title, entries) if entries else None
    assert written(fixture.folder / "journal.beancount", journal) == journal


@pytest.mark.parametrize("connector", CONNECTORS)
def test_bean_check_accepts_all_journals_of_a_connector(connector: str, tmp_path: Path):
    """In one file, since starting the judge takes longer than judging; keys of different fixtures may repeat."""
    entries = [entry for fixture in fixtures(connector) for entry in entries_of(fixture)]
    numbered = [msgspec.structs.replace(entry, id=number) for number, entry in enumerate(entries, start=1)]
    journal = tmp_path / "all.beancount"
    journal.write_text(text_of(connector, numbered), encoding="utf-8")
    checked = subprocess.run([tool("bean-check"), "--no-cache", journal], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    assert len(entries) > 5


RULES = [
    (connector, rule)
    for connector in CONNECTORS
    for rule in [
        *load(connector).mapping.events,
        *(rule for rule in load(connector).mapping.ignores if rule.each is not None),
    ]
]


@pytest.mark.parametrize(
    ("connector", "rule"),
    RULES,
    ids=lambda part: part if isinstance(part, str) else f"{part.each} {part.topics[0]} {part.when}",
)
def test_every_rule_of_a_mapping_has_a_fixture(connector: str, rule: EventRule | IgnoreRule):
    """A rule that no fixture needs is a rule nobody has looked at."""
    mapping = MappingFile(1, events=[rule]) if isinstance(rule, EventRule) else MappingFile(1, ignores=[rule])
    alone = msgspec.structs.replace(load(connector), mapping=mapping)
    readings = [
        read(alone, connector, topic, {}, parsed) for topic, parsed in documents(connector) if topic in rule.topics
    ]
    wanted = rule.why if isinstance(rule, IgnoreRule) else None
    assert any(wanted in found.notes if wanted else found.events for found in readings)
