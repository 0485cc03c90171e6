"""Settlement with books: ownership and rules are recorded, audited, and what an order is split by."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tests.app.house import ANNA
from tests.settlement.test_ownership import DUO, JANUARY, JUNE, SOLO
from tieout.app import Tieout
from tieout.model.commission import FeeRule, FeeRules
from tieout.model.error import BadInput, ConfigError, Conflict, NotFound
from tieout.model.ownership import Share
from tieout.model.settlement import Order, OrderLine

TEN = FeeRules((FeeRule("all", percent=Decimal(10)),))
ORDER = Order("EUR", (OrderLine(1, 1_000, listing="mug"),), captured_at=JANUARY)


def test_an_order_is_split_by_what_the_books_know(app: Tieout) -> None:
    with pytest.raises(NotFound, match="Nobody is known to own the listing “mug”"):
        app.quote_order(ORDER)
    app.own_listing(SOLO, actor=ANNA)
    assert app.quote_order(ORDER).totals.sellers_minor == {"A": 1_000}, "no rules, no commission"
    app.publish_fee_rules(TEN, reason="A beginning.", actor=ANNA)
    app.own_listing(DUO, actor=ANNA)
    later = msgspec.structs.replace(ORDER, captured_at=JUNE)
    assert app.quote_order(ORDER).totals.sellers_minor == {"A": 900}
    assert app.quote_order(later).totals.sellers_minor == {"A": 360, "B": 540}


def test_every_change_is_a_version_with_who_and_why(app: Tieout) -> None:
    first = app.own_listing(SOLO, actor=ANNA)
    second = app.own_listing(DUO, actor=ANNA)
    assert app.ownership("mug") == [first, second]
    assert [(one.version, one.changed_by) for one in (first, second)] == [(1, "anna"), (2, "anna")]
    assert app.publish_fee_rules(TEN, reason="A beginning.", actor=ANNA) == 1
    found = app.fee_rules()
    assert found is not None
    assert (found.version, found.rules, found.published_by) == (1, TEN, "anna")
    assert [(line.actor, line.action, line.subject, line.detail) for line in app.audit(3)] == [
        ("anna", "fee_rules.published", "version 1", "A beginning."),
        ("anna", "listing.owned", "mug", "version 2 from 2026-06-01T00:00:00+00:00: A 4000, B 6000. B joins"),
        ("anna", "listing.owned", "mug", "version 1 from 2026-01-01T00:00:00+00:00: A 10000."),
    ]


def test_what_is_refused_leaves_nothing(app: Tieout) -> None:
    app.own_listing(DUO, actor=ANNA)
    lines = len(app.audit(100))
    with pytest.raises(Conflict, match="Version 1 of the ownership of “mug” begins later"):
        app.own_listing(SOLO)
    with pytest.raises(BadInput, match="The shares come to 9,999"):
        app.own_listing(msgspec.structs.replace(SOLO, listing="cup", shares=(Share("A", 9_999),)))
    with pytest.raises(BadInput, match="A reason is required"):
        app.publish_fee_rules(TEN, reason=" ")
    with pytest.raises(BadInput, match="Two rules have one name"):
        app.publish_fee_rules(FeeRules(TEN.commission, {"card": TEN.commission}), reason="Twice.")
    with pytest.raises(ConfigError, match="-1 is no percentage of a fee"):
        app.publish_fee_rules(FeeRules((FeeRule("r", percent=Decimal(-1)),)), reason="A gift.")
    assert (app.fee_rules(), app.ownership("cup"), len(app.ownership("mug"))) == (None, [], 1)
    assert len(app.audit(100)) == lines


def test_two_at_once_are_told(app: Tieout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tieout.settlement.store.add_ownership", lambda *_: False)
    monkeypatch.setattr("tieout.settlement.store.publish_fee_rules", lambda *_: None)
    with pytest.raises(Conflict, match="Somebody else changed the ownership of “mug” meanwhile"):
        app.own_listing(SOLO)
    with pytest.raises(Conflict, match="Somebody else changed the fee rules meanwhile"):
        app.publish_fee_rules(TEN, reason="Now.")


def test_a_document_is_split_by_the_books_too(app: Tieout) -> None:
    app.own_listing(SOLO, actor=ANNA)
    app.publish_fee_rules(TEN, reason="A beginning.", actor=ANNA)
    order = {"currency": "EUR", "lines": [{"line": 1, "unit_price": "10.00", "listing": "mug"}]}
    assert app.quote_document({"order": order})["totals"]["sellers"] == {"A": "9.00"}
    wrong: list[dict[str, Any]] = [{"order": order, "rules": {}}, {"order": []}, {}]
    for asked in wrong:
        with pytest.raises(BadInput, match="The books know ownership and rules themselves"):
            app.quote_document(asked)
