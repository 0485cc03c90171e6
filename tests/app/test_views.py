"""What faces show is plain, frozen, and the same as JSON."""

import inspect
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tests.app.month import AS_OF, Month
from tieout.app import views
from tieout.app.views import (
    Booked,
    ImportReport,
    InitReport,
    JournalReport,
    Preview,
    RefusalView,
    Remeasured,
    Revaluation,
    RunReport,
    StandsAt,
)
from tieout.model.case import Action, Resolution
from tieout.model.entity import Actor
from tieout.model.rate import EntryRate

VIEWS = [
    view for _, view in inspect.getmembers(views, inspect.isclass) if view.__module__ == views.__name__
]  # fmt: skip


HANDED_IN = (
    Booked("ent_1", repeated=True), StandsAt("1100.bank", "EUR", 0, 5), RefusalView("a.csv", 2, "what", "remedy"),
    JournalReport("a.csv", True, 1, 1, 0, (StandsAt("3000", "EUR", 0, -5),), (), ("n",)),
)  # fmt: skip
_DOLLARS = Remeasured(
    "1100.us", "Bank", "USD", 110, 100, EntryRate("USD", Decimal("0.92"), "ecb", date(2026, 3, 31)), 101, 1
)  # fmt: skip
REMEASURED = (_DOLLARS, Revaluation(date(2026, 3, 31), (_DOLLARS,), ("ent_1",), ("ent_2",)))


def shown(month: Month) -> list[Any]:
    """One of everything that is shown, from real books."""
    app = month.app
    case = month.case("bank_line_unknown")
    decision = Resolution(Action.BOOK, "It was the rent.", account="5900")
    trace_of = month.entries["stripe:txn:txn_1"]
    return [
        app.entry(trace_of), app.entry(trace_of).lines[0], app.event(month.events["shop:refund:51"]),
        app.delivery(month.deliveries["statement"]), app.case(case), app.case(case).history[0],
        app.preview(case, decision, actor=Actor("anna", "person")), app.items()[0], app.match_list()[0],
        app.accounts()[0], app.movements(date(2026, 3, 1), AS_OF, "EUR")[0], app.explain(case), app.expected()[0],
        app.doctor()[0], InitReport("E", "u", "p", "k"), RunReport("run_1", AS_OF, 1, 2, 3, 4, "h"),
        ImportReport("dlv_1", "accepted", "", 1, 2, ("n",), ("cas_1",)), *HANDED_IN, *REMEASURED,
    ]  # fmt: skip


def test_everything_that_is_shown_comes_back_from_json_as_it_was(month: Month) -> None:
    found = shown(month)
    assert {type(view) for view in found} == set(VIEWS)
    for view in found:
        assert msgspec.json.decode(msgspec.json.encode(view), type=type(view)) == view


def test_no_number_that_is_shown_is_a_float(month: Month) -> None:
    def floats(thing: Any) -> list[Any]:
        if isinstance(thing, dict):
            return [f for value in thing.values() for f in floats(value)]
        if isinstance(thing, list | tuple):
            return [f for value in thing for f in floats(value)]
        return [thing] if isinstance(thing, float) else []

    assert [found for view in shown(month) if (found := floats(msgspec.to_builtins(view)))] == []


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_says_what_it_is_and_cannot_be_changed(view: type[msgspec.Struct]) -> None:
    assert view.__struct_config__.frozen
    assert (view.__doc__ or "").endswith(".")


def test_a_preview_changes_nothing(month: Month) -> None:
    case = month.case("bank_line_unknown")
    before = (month.app.counts(), month.app.ledger_hash())
    found = month.app.preview(case, Resolution(Action.DISMISS, "Known."), actor=Actor("anna", "person"))
    assert found == Preview("Closes the case without a posting. If its amount changes, it is reopened.")
    assert (month.app.counts(), month.app.ledger_hash()) == before
