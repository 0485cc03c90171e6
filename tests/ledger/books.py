"""Books to test with: one ledger with a chart and sources, and entries made of a few words."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from tieout.db.pool import Connection
from tieout.ledger.period import set_period
from tieout.masterdata import store as masterdata
from tieout.masterdata.chart import accounts_of_source, common_accounts, read_chart
from tieout.model.account import Account
from tieout.model.entity import Entity
from tieout.model.entry import EntryDraft, Line
from tieout.model.period import PeriodState

ROLES = ("bank", "captured", "gateway", "payout_in_transit", "disputed", "reserve")
DAY = date(2026, 1, 15)


def open_books(
    connection: Connection, code: str = "craft", chart: str = "marketplace", base: str = "EUR"
) -> tuple[int, Mapping[str, Account]]:
    """A ledger with the accounts of its chart and of a gateway called “stripe”; its number and its accounts."""
    entity = Entity(0, code, "Craft Market GmbH", base, "Europe/Berlin")
    ledger_id = masterdata.open_ledger(connection, entity, chart)
    assert ledger_id is not None
    found = read_chart(chart)
    masterdata.add_accounts(connection, ledger_id, common_accounts(found), {})
    masterdata.add_source(connection, ledger_id, "stripe", "stripe", "gateway", ["whsec_secret"], {})
    own = accounts_of_source(found, ROLES, "stripe", "stripe")
    masterdata.add_accounts(connection, ledger_id, own, {"source": "stripe", "connector": "stripe"})
    return ledger_id, masterdata.accounts(connection, ledger_id)


def lines_of(text: str) -> tuple[Line, ...]:
    """Lines from text such as ``1200 10.00; 4000 -10.00``: account, whole minor units, then what is not usual.

    ``1200 1000 USD 900`` is 10.00 USD worth 9.00 EUR; ``item=order:1`` and ``party=Ana`` may follow.
    """
    lines = []
    for part in text.split(";"):
        words = [word for word in part.split() if "=" not in word]
        extra = dict(word.split("=", 1) for word in part.split() if "=" in word)
        amount = int(words[1])
        currency = words[2] if len(words) > 2 else "EUR"
        base = int(words[3]) if len(words) > 3 else amount
        lines.append(Line(words[0], currency, amount, base, extra.get("party"), extra.get("item")))
    return tuple(lines)


def entry(key: str, text: str = "1200 1000; 4000 -1000", *, on: date = DAY, reverses: int | None = None) -> EntryDraft:
    """An entry ready to post."""
    return EntryDraft(
        key=key,
        effective_date=on,
        occurred_at=datetime.combine(on, time(12), tzinfo=UTC),
        lines=lines_of(text),
        memo=f"Memo of {key}",
        rule_id="test",
        rule_version=1,
        why="A test.",
        reverses_id=reverses,
    )


def close(
    connection: Connection, ledger_id: int, first: date, last: date, state: PeriodState = PeriodState.HARD
) -> None:
    """Closes days."""
    set_period(connection, ledger_id, first, last, state, "ana")
