"""What a person may look at: lists, filters, pages and single things."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.app.house import ANNA, bank_statement, order, rates, tell
from tests.app.month import PAYOUTS, Month
from tests.connectors.camt import statements as camt
from tests.connectors.shopify import objects as shopify
from tieout.app import Tieout
from tieout.model.case import Action, Reason
from tieout.model.entity import Entity
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import BadInput, NotFound, SignatureRefused
from tieout.model.period import PeriodState
from tieout.model.proof import ReasonTotal

LINE = "bank:line:DE20701500000012345678"


def keys(month: Month, **filters: Any) -> list[str]:
    """Keys of the journal's entries, newest first."""
    return [view.entry.draft.key for view in month.app.journal(**filters)]


# ── The journal ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_journal_begins_with_the_newest(month: Month) -> None:
    assert keys(month) == [
        f"{LINE}:B2",
        f"{LINE}:B1",
        "stripe:txn:txn_29",
        "stripe:txn:txn_2",
        "stripe:txn:txn_19",
        "stripe:txn:txn_1",
        "stripe:charge:ch_3:captured",
        "stripe:charge:ch_2:captured",
        "stripe:charge:ch_1:captured",
        "shop:order:1090:placed",
        "shop:order:1089:placed",
        "shop:order:1088:placed",
    ]
    assert month.app.counts() == (12, 27)
    assert month.app.event_count() == 17


def test_a_line_names_its_account_and_its_party(month: Month) -> None:
    view = month.app.entry(month.entries["shop:order:1089:placed"])
    assert [(x.account, x.account_name, x.amount_minor, x.base_minor, x.party, x.item) for x in view.lines] == [
        ("1200", "Orders receivable", 6900, 6900, None, "order:1089"),
        ("2300", "Seller payables", -2000, -2000, "Esche", None),
        ("4000", "Sales", -4900, -4900, None, None),
    ]
    assert view.event == month.events["shop:order:1089:placed"]
    assert view.lines[0].dimensions == {"channel": "web"}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"since": date(2026, 3, 5)}, [f"{LINE}:B2", f"{LINE}:B1"]),
        ({"until": date(2026, 3, 4), "limit": 1}, ["stripe:txn:txn_29"]),
        ({"since": date(2026, 3, 4), "until": date(2026, 3, 4)}, []),
        ({"account": "1490"}, [f"{LINE}:B2"]),
        ({"account": "1330.stripe", "currency": "EUR"}, [f"{LINE}:B1", "stripe:txn:txn_29", "stripe:txn:txn_19"]),
        ({"account": "1330.stripe", "currency": "USD"}, []),
        ({"account": "no such account"}, []),
        ({"party": "Esche"}, ["shop:order:1089:placed"]),
        ({"party": "esche"}, []),
        ({"text": "#1089"}, ["shop:order:1089:placed"]),
        ({"text": "ORDER PLACED"}, [f"shop:order:{n}:placed" for n in (1090, 1089, 1088)]),
        ({"text": ":b2"}, [f"{LINE}:B2"]),
        ({"text": "ch_1"}, ["stripe:txn:txn_1", "stripe:charge:ch_1:captured"]),
        ({"text": "%"}, []),
        ({"text": "10_8"}, []),
        ({"text": "\\"}, []),
        ({"text": "", "account": "1490"}, [f"{LINE}:B2"]),
        ({"late": True}, []),
        ({"late": False, "account": "1490"}, [f"{LINE}:B2"]),
    ],
)
def test_the_journal_is_filtered(month: Month, filters: dict[str, Any], found: list[str]) -> None:
    assert keys(month, **filters) == found


def test_the_journal_is_read_page_by_page(month: Month) -> None:
    seen: list[str] = []
    before: int | None = None
    for _ in range(4):
        page = month.app.journal(limit=5, before=before)
        seen += [view.entry.draft.key for view in page]
        before = page[-1].entry.id if page else before
    assert seen == keys(month)


def test_no_page_is_longer_than_the_longest(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tieout.app.reading.PAGE_MAX", 3)
    app = month.app
    pages = (app.journal, app.event_list, app.inbox, app.match_list, app.audit)
    assert [len(page(limit=10**6)) for page in pages] == [3, 3, 3, 3, 3]


def test_balances_stand_at_the_end_of_a_day(month: Month) -> None:
    app = month.app
    assert [(b.account, b.balance_minor, b.base_minor) for b in app.balances() if b.balance_minor] == [
        ("1100.bank", 3298, 3298),
        ("1310.stripe", 2450, 2450),
        ("1330.stripe", 6750, 6750),
        ("1490", 1500, 1500),
        ("2300", -2000, -2000),
        ("4000", -12250, -12250),
        ("5000", 252, 252),
    ]
    assert [(b.account, b.balance_minor) for b in app.balances(date(2026, 3, 4), ["1330.stripe", "1490"])] == [
        ("1330.stripe", 11548)
    ]
    assert app.balances(date(2026, 3, 2)) == []
    accounts = {a.code: a for a in app.accounts(date(2026, 3, 4))}
    assert accounts["1330.stripe"].balances == {"EUR": 11548}
    assert accounts["1490"].balances == {}
    assert (accounts["1200"].name, accounts["1200"].type, accounts["1200"].role, accounts["1200"].clearing) == (
        "Orders receivable", "asset", "order_receivable", True,
    )  # fmt: skip
    assert sum(b for a in app.accounts() for b in a.balances.values()) == 0


# ── Events and deliveries ─────────────────────────────────────────────────────────────────────────────────────────


def test_events_are_listed_by_where_they_stand(month: Month) -> None:
    app = month.app
    (parked,) = app.event_list(state="parked")
    assert (parked.draft.key, parked.waits_for, parked.entries) == ("shop:refund:51", ("shop:order:1099:placed",), ())
    assert parked.deadline == datetime(2026, 3, 6, 9, 12, 3, tzinfo=UTC)
    assert [view.draft.kind.value for view in app.event_list(state="memo")] == [
        "statement_received", "payout_composed", "payout_composed", "tender_noted",
    ]  # fmt: skip
    assert len(app.event_list(state="posted")) == 12
    assert app.event_list(state="held") == []
    newest = app.event_list(limit=2)
    assert [view.draft.key for view in newest] == [f"{LINE}:B2", f"{LINE}:B1"]
    (next_one,) = app.event_list(limit=1, before=int(newest[-1].id.removeprefix("evt_")))
    assert next_one.draft.key == "bank:statement:DE20701500000012345678:S1"


def test_an_event_names_who_told_of_it_and_what_it_was_booked_as(month: Month) -> None:
    view = month.app.event(month.events["stripe:txn:txn_19"])
    assert (view.source, view.state, view.deliveries) == ("stripe", "posted", (month.deliveries["po_1"],))
    assert view.entries == (month.entries["stripe:txn:txn_19"],)
    assert view.draft.references == ("txn:txn_19", f"payout:{PAYOUTS[1]}")


def test_the_inbox_is_filtered_by_source_and_verdict(month: Month) -> None:
    app = month.app
    assert [row.id for row in app.inbox(source="bank")] == [month.deliveries["statement"]]
    assert [row.id for row in app.inbox(verdict="repeated")] == [month.deliveries["order 1088 again"]]
    assert app.inbox(source="bank", verdict="repeated") == []
    assert [row.topic for row in app.inbox(source="shop")] == ["orders", "refunds", "orders", "orders", "orders"]
    assert app.inbox()[0].body == "", "a list carries no bodies"
    newest = app.inbox(limit=1)[0]
    assert app.inbox(limit=1, before=int(newest.id.removeprefix("dlv_")))[0].id == month.deliveries["order 1088 again"]


def test_a_delivery_shows_its_body_as_it_came(month: Month) -> None:
    found = month.app.delivery(month.deliveries["statement"])
    assert found.body.startswith('<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022')
    assert found.size == len(found.body.encode())
    assert found.events == tuple(
        month.events[key] for key in ("bank:statement:DE20701500000012345678:S1", f"{LINE}:B1", f"{LINE}:B2")
    )
    assert (found.channel, found.topic, found.headers) == ("file", "camt.053", {"x-tieout-actor": "tieout"})


def test_json_is_indented_and_no_digit_of_it_changes(app: Tieout) -> None:
    raw = b'{"object":"charge","id":"ch_1","amount":12345678901234567890.10,"note":"Gr\xc3\xbc\xc3\x9fe"}'
    receipt = app.receive_objects("stripe", {}, raw, actor=ANNA)
    body = app.delivery(receipt.delivery).body
    assert '  "amount": "12345678901234567890.10"' in body, "as text: a float would lose digits"
    assert '  "note": "Grüße"' in body


@pytest.mark.parametrize("body", [b"[" * 50_000, b"9" * 10_000, b"\xff\xfe{", b'{"a": 1'])
def test_a_forged_body_of_any_shape_can_be_looked_at(app: Tieout, body: bytes) -> None:
    with pytest.raises(SignatureRefused):
        app.receive_hook("shop", {}, body)
    assert app.delivery(app.inbox()[0].id).body == body.decode(errors="replace")


# ── Finding ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("1088", ["shop:order:1088:placed", "stripe:charge:ch_1:captured"]),
        ("#1088", ["shop:order:1088:placed"]),
        ("order:1088", ["shop:order:1088:placed", "stripe:charge:ch_1:captured"]),
        ("ch_1", ["stripe:charge:ch_1:captured", "stripe:txn:txn_1"]),
        (" ch_1\n", ["stripe:charge:ch_1:captured", "stripe:txn:txn_1"]),
        ("pi_1", ["stripe:charge:ch_1:captured"]),
        ("txn_19", ["stripe:payout:po_1March2026:composed:txn_1:2", "stripe:txn:txn_19"]),
        ("po_1March2026", ["stripe:payout:po_1March2026:composed:txn_1:2", "stripe:txn:txn_19", f"{LINE}:B1"]),
        ("S1", ["bank:statement:DE20701500000012345678:S1", f"{LINE}:B1", f"{LINE}:B2"]),
        ("1099", ["shop:refund:51"]),
        ("ch_", []),
        ("", []),
        ("%", []),
    ],
)
def test_events_are_found_by_what_they_carry(month: Month, reference: str, found: list[str]) -> None:
    assert {view.draft.key for view in month.app.find(reference)} >= set(found)
    assert [v.draft.key for v in month.app.find(reference) if v.draft.key != "shop:tender:41"] == found


# ── Items, matches, cases ─────────────────────────────────────────────────────────────────────────────────────────


def test_open_items_carry_their_names(month: Month) -> None:
    found = [
        (v.item.account, v.item.item, v.item.open_minor, v.entry, v.named and v.named.label, v.case)
        for v in month.app.items()
    ]
    assert found == [
        ("1310.stripe", "charge:ch_3", 2450, month.entries["stripe:charge:ch_3:captured"],
         "settles in the gateway's balance", None),
        ("1330.stripe", "payout:po_2March2026", 6750, month.entries["stripe:txn:txn_29"],
         "on its way to the bank", None),
        ("1490", f"bank_line:{LINE}:B2", 1500, month.entries[f"{LINE}:B2"],
         "bank_line_unknown", month.case("bank_line_unknown")),
    ]  # fmt: skip
    assert [v.item.account for v in month.app.items(account="1490", currency="EUR")] == ["1490"]
    assert month.app.items(account="1490", currency="USD") == []


def test_matches_say_what_they_tie_and_why(month: Month) -> None:
    view = month.app.match(month.match("trace", "1330.stripe"))
    assert [(item.item, item.amount_minor, item.open_minor) for item in view.items] == [
        (f"payout:{PAYOUTS[1]}", 4798, 0),
        (f"bank_line:{LINE}:B1", -4798, 0),
    ]
    assert view.match.draft.why == (
        "The bank line's text carries the payout's own reference, no other payout's, and the amounts agree."
    )
    assert len(month.app.match_list()) == 8
    first = month.app.match_list(limit=3)
    rest = month.app.match_list(before=first[-1].match.id)
    assert [v.id for v in first + rest] == [v.id for v in month.app.match_list()]


def test_cases_begin_with_the_most_money(month: Month) -> None:
    app = month.app
    assert [v.case.draft.reason for v in app.case_list()] == [Reason.PREREQUISITE_MISSING, Reason.BANK_LINE_UNKNOWN]
    assert app.exceptions() == (
        ReasonTotal(Reason.PREREQUISITE_MISSING, "EUR", 1, 2450),
        ReasonTotal(Reason.BANK_LINE_UNKNOWN, "EUR", 1, 1500),
    )
    assert len(app.case_list(reason="bank_line_unknown", only_open=None)) == 1
    assert app.case_list(only_open=False) == []
    assert app.case_list(reason="order_unpaid") == []


def test_a_case_shows_its_items_and_what_can_be_done(month: Month) -> None:
    view = month.app.case(month.case("bank_line_unknown"))
    assert [(item.account, item.open_minor) for item in view.items] == [("1490", 1500)]
    assert view.actions == (Action.BOOK, Action.MATCH, Action.DISMISS)
    assert [(h.what, h.actor) for h in view.history] == [("opened", "tieout")]
    assert month.app.case(month.case("prerequisite_missing")).actions == (Action.DISMISS,)


@pytest.mark.parametrize("kind", ["entry", "event", "delivery", "match", "case"])
def test_what_is_not_there_is_not_found(month: Month, kind: str) -> None:
    prefix = {"entry": "ent", "event": "evt", "delivery": "dlv", "match": "mat", "case": "cas"}[kind]
    other = "run_1"
    look = getattr(month.app, kind)
    for wrong in (
        f"{prefix}_999999",
        other,
        "",
        "1",
        f"{prefix}_",
        f"{prefix}_-1",
        f"{prefix}_\N{ARABIC-INDIC DIGIT ONE}",
        f"{prefix}_{'9' * 30}",
    ):
        with pytest.raises(NotFound) as refused:
            look(wrong)
        assert refused.value.remedy, wrong
    assert look(f" {prefix.upper()}_{_some(month, kind)} ") == look(f"{prefix}_{_some(month, kind)}")


def _some(month: Month, kind: str) -> str:
    known = {
        "entry": month.entries["stripe:txn:txn_1"],
        "event": month.events["stripe:txn:txn_1"],
        "delivery": month.deliveries["statement"],
        "match": month.match("trace", "1330.stripe"),
        "case": month.case("bank_line_unknown"),
    }
    return known[kind].partition("_")[2]


# ── The rest ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_entity_and_its_day(month: Month) -> None:
    entity = month.app.entity()
    assert entity == Entity(entity.id, "lindenhof-gmbh", "Lindenhof GmbH", "EUR", "Europe/Berlin")
    assert month.app.periods() == []


def test_the_audit_begins_with_the_newest(month: Month) -> None:
    assert [(x.actor, x.action, x.subject) for x in month.app.audit()] == [
        ("tieout", "file.imported", month.deliveries["statement"]),
        ("tieout", "source.added", "bank"),
        ("tieout", "source.added", "stripe"),
        ("tieout", "source.added", "shop"),
        ("admin", "ledger.opened", "lindenhof-gmbh"),
    ]
    assert len(month.app.audit(2)) == 2


def test_reading_changes_nothing(month: Month) -> None:
    app = month.app
    before = (app.ledger_hash(), app.counts(), app.event_count(), len(app.audit()))
    for look in (app.proof, app.items, app.exceptions, app.expected, app.check, app.doctor, app.beancount):
        look()
    assert (app.ledger_hash(), app.counts(), app.event_count(), len(app.audit())) == before


def bean_check(text: str, folder: Path) -> str:
    """What bean-check has to say; nothing, if all is well."""
    program = shutil.which("bean-check", path=str(Path(sys.executable).parent)) or shutil.which("bean-check")
    assert program is not None, "bean-check belongs to the development environment: pip install beancount"
    file = folder / "journal.beancount"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run([program, "--no-cache", file], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_journal_as_beancount_asserts_our_balances(month: Month, tmp_path: Path) -> None:
    text = month.app.beancount(assert_on=[date(2026, 3, 3), date(2026, 3, 5)])
    assert bean_check(text, tmp_path) == ""
    asserted = [line for line in text.splitlines() if " balance " in line]
    assert len([line for line in asserted if line.startswith("2026-03-04")]) == 7, "a balance opens the next day"
    (told,) = [" ".join(line.split()) for line in asserted if "67.50" in line]
    assert told == "2026-03-06 balance Assets:1330-stripe-Payouts-in-transit-stripe 67.50 ~ 0 EUR"
    assert "Balance failed" in bean_check(text + told.replace("67.50", "67.51") + "\n", tmp_path)


def test_the_journal_as_beancount_ends_on_a_day(month: Month) -> None:
    text = month.app.beancount(until=date(2026, 3, 4))
    assert "shop:order:1090:placed" in text
    assert f"{LINE}:B1" not in text


def test_late_entries_can_be_asked_for(app: Tieout) -> None:
    app.set_period(date(2026, 3, 1), date(2026, 3, 31), PeriodState.HARD, actor=ANNA)
    tell(app, "shop", order(), "orders")
    tell(app, "shop", order(1089, processed_at="2026-04-02T10:00:00+02:00"), "orders")
    assert [v.entry.draft.key for v in app.journal(late=True)] == ["shop:order:1088:placed"]
    assert [v.entry.draft.key for v in app.journal(late=False)] == ["shop:order:1089:placed"]


def test_currencies_are_kept_apart(app: Tieout) -> None:
    app.import_rates(rates(("2026-03-03", "USD", "1.25")))
    tell(app, "shop", order(), "orders")
    tell(app, "shop", order(2001, "110.00", currency="USD", line_items=[shopify.line("110.00", 1)]), "orders")
    accounts = {a.code: a.balances for a in app.accounts()}
    assert accounts["1200"] == {"EUR": 4900, "USD": 11000}
    assert [(b.currency, b.balance_minor, b.base_minor) for b in app.balances(accounts=["1200"])] == [
        ("EUR", 4900, 4900),
        ("USD", 11000, 8800),
    ]
    assert [v.entry.draft.key for v in app.journal(account="1200", currency="USD")] == ["shop:order:2001:placed"]


def test_an_entry_of_ones_own_has_no_event(app: Tieout) -> None:
    app.import_file("bank", bank_statement(camt.entry("10.00"), closing="10.00"))
    own = EntryDraft(
        "opening", date(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC),
        (Line("1100.bank", "EUR", 500, 500), Line("3000", "EUR", -500, -500)), "Opening balance", "own", 1, "Ours.",
    )  # fmt: skip
    (made,) = app.post([own], actor=ANNA)
    assert (app.entry(made).event, app.entry(made).entry.draft) == (None, own)
    assert app.find("opening") == []


def test_a_currency_alone_filters_the_journal(app: Tieout) -> None:
    app.import_rates(rates(("2026-03-03", "USD", "1.25")))
    tell(app, "shop", order(), "orders")
    tell(app, "shop", order(2001, "110.00", currency="USD", line_items=[shopify.line("110.00", 1)]), "orders")
    assert [v.entry.draft.key for v in app.journal(currency="USD")] == ["shop:order:2001:placed"]
    assert [v.entry.draft.key for v in app.journal(currency="EUR")] == ["shop:order:1088:placed"]
    assert app.journal(currency="KWD") == []


@pytest.mark.parametrize(("limit", "before", "where"), [(0, None, "limit"), (-1, None, "limit"), (5, 0, "before"),
                                                      (5, -3, "before"), (5, 2**63, "before")])  # fmt: skip
def test_a_page_no_list_has_is_refused(month: Month, limit: int, before: int | None, where: str) -> None:
    pages: list[Callable[[], object]] = [
        lambda: month.app.journal(limit=limit, before=before),
        lambda: month.app.event_list(limit=limit, before=before),
        lambda: month.app.inbox(limit=limit, before=before),
        lambda: month.app.match_list(limit=limit, before=before),
        *([] if before is not None else [lambda: month.app.case_list(limit=limit), lambda: month.app.audit(limit)]),
    ]
    for page in pages:
        with pytest.raises(BadInput) as caught:
            page()
        assert caught.value.where == where


def test_the_last_place_of_all_is_a_place(month: Month) -> None:
    assert month.app.journal(before=2**63 - 1, limit=1) == month.app.journal(limit=1)
