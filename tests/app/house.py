"""A small company's books for tests of the library's face: a shop, a gateway and a bank, and ways to talk to them."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tests.connectors.camt import statements as camt
from tests.connectors.shopify import objects as shopify
from tests.connectors.stripe import objects as stripe
from tieout.app import Settings, Tieout, WorkReport
from tieout.app.views import CaseView, EntryView, EventView
from tieout.model.delivery import Receipt
from tieout.model.entity import Actor
from tieout.model.entry import EntryDraft, Line
from tieout.model.ids import IdKind, parse_id

ANNA = Actor("anna", "person")
ROBOT = Actor("robot", "key")
#: The day most of what these tests send happened.
DAY = date(2026, 3, 3)
ECB = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<Cube>{days}</Cube></gesmes:Envelope>"""


def open_house(url: str, home: Path, **settings: Any) -> Tieout:
    """Opens books with the sources shop, stripe and bank; own goods are those of the brand Birke."""
    app = Tieout.open(Settings(home=home, database_url=url, **settings), connections_max=4)
    app.init("Lindenhof GmbH", password="not-a-secret")
    app.add_source("shop", "shopify", secrets=["secret-of-shop"], settings={"own_brands": ["Birke"]})
    app.add_source("stripe", "stripe", secrets=["whsec_of_stripe"])
    app.add_source("bank", "camt")
    return app


def push(app: Tieout, source: str, thing: Any, topic: str | None = None, **parameters: str) -> Receipt:
    """Hands a settlement object in, to be worked on later."""
    given = {"topic": topic, **parameters} if topic else parameters
    return app.receive_objects(source, given, json.dumps(thing).encode(), actor=ROBOT)


def work(app: Tieout) -> WorkReport:
    """Works until nothing is left that can be worked on."""
    done = WorkReport()
    while (report := app.work()) != WorkReport():
        done += report
    return done


def tell(app: Tieout, source: str, thing: Any, topic: str | None = None, **parameters: str) -> Receipt:
    """Hands an object in and works it off."""
    receipt = push(app, source, thing, topic, **parameters)
    work(app)
    return receipt


def order(number: int = 1088, total: str = "49.00", **changes: Any) -> dict[str, Any]:
    """An order of two ladles of the house's own brand, tax left out of the picture."""
    return {"order": shopify.order(total, shopify.line(), id=number, name=f"#{number}", **changes)}


def refund(order_id: int = 1088, amount: str = "24.50", **changes: Any) -> dict[str, Any]:
    """One ladle comes back."""
    line = shopify.refunded(amount, "0.00", shopify.line())
    return {"refund": shopify.refund(line, money=amount, **{"order_id": order_id} | changes)}


def charge(order_id: int = 1088, amount: int = 4900, **changes: Any) -> dict[str, Any]:
    """The gateway took the money for an order."""
    standard = {"amount": amount, "amount_captured": amount, "metadata": {"order_id": str(order_id)}}
    return stripe.charge(**standard | changes)


def bank_statement(
    *entries: str, opening: str = "0.00", closing: str, name: str = "S1", day: str = "2026-03-05", message: str = ""
) -> bytes:
    """A statement of one day."""
    balances = camt.balance("OPBD", opening, day=day) + camt.balance("CLBD", closing, day=day)
    text = camt.statement(balances, *entries, opening=None, closing=None, name=name)
    return camt.message(text, name=message or name)


def rates(*days: tuple[str, str, str]) -> bytes:
    """The ECB's file with these rates: (day, currency, units of it for one euro)."""
    cubes = "".join(f'<Cube time="{d}"><Cube currency="{c}" rate="{r}"/></Cube>' for d, c, r in days)
    return ECB.format(days=cubes).encode()


def entries(app: Tieout) -> dict[str, EntryView]:
    """All entries by their key."""
    return {view.entry.draft.key: view for view in app.journal(limit=500)}


def lines(view: EntryView) -> list[tuple[str, str, int]]:
    """Account, currency and minor units of every line, in order."""
    return [(line.account, line.currency, line.amount_minor) for line in view.lines]


def happened(app: Tieout) -> dict[str, EventView]:
    """The newest version of every event by its key."""
    return {view.draft.key: view for view in reversed(app.event_list(limit=500))}


def open_cases(app: Tieout) -> list[tuple[str, str, int]]:
    """Reason, subject and money at risk of what needs a person."""
    return sorted((v.case.draft.reason.value, v.case.draft.subject, v.case.draft.amount_minor) for v in app.case_list())


def the_case(app: Tieout, reason: str | None = None, *, only_open: bool | None = True) -> CaseView:
    """The one case there is (of a reason)."""
    (view,) = app.case_list(only_open=only_open, reason=reason)
    return app.case(view.id)


def history(view: CaseView) -> list[str]:
    """What happened to a case."""
    return [line.what for line in view.history]


def balances(app: Tieout, until: date | None = None) -> dict[tuple[str, str], int]:
    """Balances that are not nil."""
    return {(b.account, b.currency): b.balance_minor for b in app.balances(until) if b.balance_minor}


def number(any_id: str, kind: IdKind) -> int:
    """The number in an id, whose kind must be this."""
    found, value = parse_id(any_id)
    assert found is kind
    return value


def at(text: str) -> datetime:
    """A point in time."""
    return datetime.fromisoformat(text)


Figures = Mapping[tuple[str, str], int]


def opening_balance(key: str = "opening:2026", amount: int = 5000, **changes: Any) -> EntryDraft:
    """An opening balance of the bank."""
    standard: dict[str, Any] = {
        "key": key,
        "effective_date": DAY,
        "occurred_at": datetime(2026, 3, 3, 12, tzinfo=UTC),
        "lines": (Line("1100.bank", "EUR", amount, amount), Line("3000", "EUR", -amount, -amount)),
        "memo": "Opening balance",
        "rule_id": "own",
        "rule_version": 1,
        "why": "The statement of the last year says so.",
        "actor": "anna",
    }
    return EntryDraft(**standard | changes)
