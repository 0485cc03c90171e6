"""Walks every connector's fixtures: delivery → events → journal, as an accountant can read it in journal.beancount.

With TIEOUT_TEST_REGENERATE=1 the journals are written anew; look at the difference before you commit it.
"""

import json
import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest

from tests.contract.test_beancount_month import tool
from tieout.events.mapping import read
from tieout.events.registry import connector_packages, load
from tieout.events.store import content_hash as event_hash
from tieout.masterdata.chart import ChartAccount, Roles, accounts_of_source, common_accounts, read_chart
from tieout.model.account import Account
from tieout.model.connector import Undecodable
from tieout.model.entry import Entry, EntryDraft, content_hash
from tieout.model.event import Event, EventDraft
from tieout.posting.book import Books, Memo, Rate, book
from tieout.posting.rule import standard_bank_patterns, standard_rules
from tieout.reports import beancount

FIXTURES = [
    (name, folder)
    for name, package in sorted(connector_packages().items())
    for folder in sorted(Path(str(files(package))).joinpath("fixtures").iterdir())
    if folder.is_dir()
]
WHEN = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def chart() -> dict[str, Account]:
    """The marketplace's accounts with one source of each connector."""
    standard = read_chart("marketplace")
    opened: list[tuple[str | None, ChartAccount]] = [(None, account) for account in common_accounts(standard)]
    for name in connector_packages():
        opened += [(name, a) for a in accounts_of_source(standard, load(name).manifest.accounts, name, name)]
    return {
        a.code: Account(number, a.code, a.name, a.type, a.role, a.clearing, a.currency, scope, a.parent)
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
        rate_for=lambda currency, day: Rate(Decimal(1 if currency == "EUR" else "0.90"), day, "fixture"),
        open_day=lambda day: day,
    )


def drafts_of(name: str, folder: Path) -> tuple[EventDraft, ...]:
    """The events of a fixture's delivery; none if it cannot be read."""
    connector = load(name)
    delivery = json.loads((folder / "delivery.json").read_text(encoding="utf-8"))
    body = delivery["body"]
    raw = (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))).encode()
    with suppress(Undecodable):
        envelope = connector.describe(delivery["headers"], delivery["parameters"], raw)
        document = connector.parse(envelope.topic, delivery["parameters"], raw)
        return read(connector, name, envelope.topic, delivery["parameters"], document).events
    return ()


def entries_of(name: str, folder: Path) -> list[Entry]:
    """What the fixture's sound events are booked as; held ones are booked by nobody."""
    found = []
    for number, draft in enumerate(drafts_of(name, folder), start=1):
        event = Event(number, name, draft, event_hash(draft), None, WHEN)
        outcome = Memo() if draft.objection else book(event, books())
        assert isinstance(outcome, EntryDraft | Memo), f"{draft.key}: {outcome}"
        if isinstance(outcome, EntryDraft):
            found.append(Entry(number, outcome, WHEN, content_hash(outcome)))
    return found


def text_of(title: str, entries: Sequence[Entry]) -> str:
    return beancount.export(title, "EUR", chart().values(), entries)


@pytest.mark.parametrize(("name", "folder"), FIXTURES, ids=lambda part: part if isinstance(part, str) else part.name)
def test_the_journal_of_a_fixture(name: str, folder: Path):
    entries = entries_of(name, folder)
    golden = folder / "journal.beancount"
    text = text_of(f"{name}: {folder.name.replace('_', ' ')}", entries) if entries else None
    if os.environ.get("TIEOUT_TEST_REGENERATE"):
        golden.unlink(missing_ok=True) if text is None else golden.write_text(text, encoding="utf-8")
    assert (golden.read_text(encoding="utf-8") if golden.exists() else None) == text


@pytest.mark.parametrize("name", sorted(connector_packages()))
def test_bean_check_accepts_all_journals_of_a_connector(name: str, tmp_path: Path):
    """In one file, since starting the judge takes longer than judging; keys of different fixtures may repeat."""
    entries = [entry for other, folder in FIXTURES if other == name for entry in entries_of(name, folder)]
    numbered = [msgspec.structs.replace(entry, id=number) for number, entry in enumerate(entries, start=1)]
    journal = tmp_path / "all.beancount"
    journal.write_text(text_of(name, numbered), encoding="utf-8")
    checked = subprocess.run([tool("bean-check"), "--no-cache", journal], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    assert len(entries) > 5
