"""The library's face: doors, people, keys, periods and entries of one's own."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.app.house import (
    ANNA,
    ROBOT,
    balances,
    bank_statement,
    charge,
    happened,
    history,
    open_cases,
    order,
    push,
    refund,
    tell,
    the_case,
    work,
)
from tests.connectors.camt import statements as camt
from tests.connectors.stripe import objects as stripe
from tieout.app import Tieout, WorkReport, agreeing, face
from tieout.app.understanding import utc_now
from tieout.connectors.shopify import signature as shopify_signature
from tieout.connectors.stripe import signature as stripe_signature
from tieout.events import mapping
from tieout.model.delivery import Receipt, Verdict
from tieout.model.error import (
    BadInput,
    NotFound,
    SignatureRefused,
    TooLarge,
)

PLACED = "shop:order:1088:placed"
SHOP_SECRET = "secret-of-shop"


def signed(thing: Any, hook_id: str = "hook-1", secret: str = SHOP_SECRET) -> tuple[dict[str, str], bytes]:
    """Headers and body of an order's webhook as the shop would send it."""
    body = json.dumps(thing).encode()
    headers = {k.lower(): v for k, v in shopify_signature.sign(body, secret, utc_now()).items()}
    return headers | {"x-shopify-topic": "orders/create", "x-shopify-webhook-id": hook_id}, body


def hook(app: Tieout, thing: Any, hook_id: str = "hook-1", secret: str = SHOP_SECRET) -> Receipt:
    return app.receive_hook("shop", *signed(thing, hook_id, secret))


# ── Webhooks ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_signed_hook_is_kept_as_it_came_and_worked_on_later(app: Tieout) -> None:
    headers, body = signed(order()["order"])
    receipt = app.receive_hook("shop", headers | {"Authorization": "Bearer x", "cookie": "a=b", "X-Other": "1"}, body)
    assert (receipt.verdict, receipt.reason) == (Verdict.ACCEPTED, "")
    assert app.counts() == (0, 0)
    (row,) = app.inbox()
    assert (row.id, row.source, row.channel, row.topic, row.identity, row.verdict, row.size, row.work) == (
        receipt.delivery, "shop", "webhook", "orders/create", ":orders/create:hook-1", "accepted", len(body), "ready",
    )  # fmt: skip
    assert app.delivery(receipt.delivery).headers == headers | {"x-other": "1"}, "credentials are not kept"
    assert work(app) == WorkReport(deliveries=1, events=1, entries=1)
    assert app.inbox()[0].work == "done"


@pytest.mark.parametrize(
    ("source", "headers", "why"),
    [
        ("shop", {}, "the X-Shopify-Hmac-SHA256 header is missing"),
        ("shop", {"x-shopify-hmac-sha256": "AAAA"}, "the signature does not agree with the body and a known secret"),
        ("stripe", {"stripe-signature": "t=1,v1=00"}, "no v1 signature agrees with the body and a known secret"),
        ("bank", {}, "Bank statements (CAMT) sends no webhooks"),
        ("mute", {}, "no secret is configured for this source"),
    ],
)
def test_a_hook_that_does_not_verify_is_kept_and_causes_nothing(
    app: Tieout, source: str, headers: dict[str, str], why: str
) -> None:
    app.add_source("mute", "stripe")
    with pytest.raises(SignatureRefused) as refused:
        app.receive_hook(source, headers, b'{"id": 1088}')
    assert refused.value.what == f"The signature does not verify: {why}"
    assert (refused.value.where, refused.value.status) == (f"/hooks/{source}", 401)
    (row,) = app.inbox()
    assert (row.verdict, row.verdict_reason, row.topic, row.identity, row.work) == ("rejected", why, "", "", "")
    assert app.delivery(row.id).body == '{\n  "id": 1088\n}'
    assert app.work() == WorkReport()
    assert open_cases(app) == []
    assert app.event_count() == 0


def test_a_forged_hook_does_not_keep_the_true_one_out(app: Tieout) -> None:
    with pytest.raises(SignatureRefused):
        hook(app, order()["order"] | {"total_price": "1.00"}, secret="guessed")
    assert hook(app, order()["order"]).verdict is Verdict.ACCEPTED


def test_an_old_signature_is_refused(app: Tieout) -> None:
    body = json.dumps(stripe.event("charge.succeeded", charge())).encode()
    for age, fine in ((timedelta(minutes=4), True), (timedelta(minutes=6), False)):
        headers = stripe_signature.sign(body, "whsec_of_stripe", utc_now() - age)
        lowered = {k.lower(): v for k, v in headers.items()}
        if fine:
            assert app.receive_hook("stripe", lowered, body).verdict is Verdict.ACCEPTED
        else:
            with pytest.raises(SignatureRefused, match="older than 300 seconds"):
                app.receive_hook("stripe", lowered, body)


def test_a_hook_that_comes_twice_is_one(app: Tieout) -> None:
    first, again = hook(app, order()["order"]), hook(app, order()["order"])
    assert (again.verdict, again.reason) == (Verdict.REPEATED, f"repeats {first.delivery}")
    assert again.delivery != first.delivery
    assert work(app) == WorkReport(deliveries=1, events=1, entries=1)
    assert open_cases(app) == []
    assert [(row.verdict, row.verdict_reason) for row in app.inbox()] == [
        ("repeated", f"repeats {first.delivery}"),
        ("accepted", ""),
    ]


def test_one_identity_with_two_contents_is_a_case_and_the_first_stands(app: Tieout) -> None:
    first = hook(app, order()["order"])
    again = hook(app, order()["order"] | {"note": "in a hurry"})
    assert again.verdict is Verdict.REPEATED
    assert app.inbox()[0].verdict_reason == f"same identity as {first.delivery}, other content"
    case = the_case(app, "content_changed").case.draft
    assert case.subject == "shop::orders/create:hook-1"
    assert case.links == (again.delivery, first.delivery)
    assert case.sentence == (
        "shop sent “orders/create” again under the same identity with other content; the first stands."
    )
    hook(app, order()["order"] | {"note": "in a greater hurry"})
    assert len(app.case_list()) == 1, "it is the same news"
    assert work(app) == WorkReport(deliveries=1, events=1, entries=1)


def test_a_signed_hook_that_cannot_be_read_is_kept_with_a_case(app: Tieout) -> None:
    body = b"{ not json"
    given = stripe_signature.sign(body, "whsec_of_stripe", utc_now())
    receipt = app.receive_hook("stripe", {k.lower(): v for k, v in given.items()}, body)
    assert receipt.verdict is Verdict.ACCEPTED
    assert work(app) == WorkReport(deliveries=1, cases=1)
    case = the_case(app, "delivery_unreadable").case.draft
    assert case.links == (receipt.delivery,)
    assert app.delivery(receipt.delivery).body == "{ not json"


# ── All doors ─────────────────────────────────────────────────────────────────────────────────────────────────────


def through(door: str, app: Tieout, source: str, body: bytes) -> object:
    """Sends a body through a door, unsigned."""
    if door == "hook":
        return app.receive_hook(source, {}, body)
    if door == "objects":
        return app.receive_objects(source, {}, body, actor=ROBOT)
    return app.import_file(source, body)


@pytest.mark.parametrize("door", ["hook", "objects", "file"])
def test_what_is_over_the_limit_is_not_kept(house: Callable[..., Tieout], door: str) -> None:
    app = house(body_bytes_max=1000, file_bytes_max=1000)
    with pytest.raises(TooLarge, match="1,001 bytes are over the limit of 1,000") as refused:
        through(door, app, "shop", b"x" * 1001)
    assert refused.value.status == 413
    assert app.inbox() == []
    with pytest.raises((SignatureRefused, BadInput)):
        through(door, app, "shop", b"x" * 1000)


def test_hooks_and_files_have_limits_of_their_own(house: Callable[..., Tieout]) -> None:
    app = house(body_bytes_max=10, file_bytes_max=5000)
    push(app, "shop", order(), "orders")
    with pytest.raises(TooLarge):
        hook(app, order()["order"])


@pytest.mark.parametrize("door", ["hook", "objects", "file"])
@pytest.mark.parametrize("body", [b"", b" \r\n\t"])
def test_nothing_is_not_kept(app: Tieout, door: str, body: bytes) -> None:
    with pytest.raises(BadInput, match="There is nothing in it") as refused:
        through(door, app, "shop", body)
    assert refused.value.where == "shop"
    assert app.inbox() == []


@pytest.mark.parametrize("door", ["hook", "objects", "file"])
def test_a_source_that_is_not_there_takes_nothing(app: Tieout, door: str) -> None:
    with pytest.raises(NotFound, match="There is no source “shoop”") as refused:
        through(door, app, "shoop", b"{}")
    assert refused.value.remedy == "Sources are: shop, stripe, bank. Add one with `tieout source add`."
    assert app.inbox() == []


@pytest.mark.parametrize("body", [b"not json", b"{", b"\xff\xfe", b'{"a": NaN}'])
def test_what_is_no_message_at_all_is_refused_at_the_door(app: Tieout, body: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        app.receive_objects("stripe", {}, body, actor=ROBOT)
    assert refused.value.where == "stripe"
    assert refused.value.remedy == "Look at the raw file: is it the format of this source, and complete?"
    assert app.inbox() == []


@pytest.mark.parametrize(
    "act",
    [
        lambda app: app.receive_objects("stripe", {"topic": "char\0ge"}, b'{"object": "charge"}', actor=ROBOT),
        lambda app: app.receive_objects("stripe", {"payout": "po\0"}, b'{"object": "charge"}', actor=ROBOT),
        lambda app: app.receive_hook("shop", {"x-shopify-topic": "\0"}, b"{}"),
        lambda app: app.import_file("bank", bank_statement(closing="0.00"), name="march\0.xml"),
        lambda app: app.log_in("ann\0", "x"),
        lambda app: app.find("ch_\ud800"),
        lambda app: app.find("ch_\0"),
        lambda app: app.journal(text="\0"),
        lambda app: app.inbox(source="\0"),
        lambda app: app.rotate_secret("shop", "a\0"),
        lambda app: app.new_api_key("\0"),
    ],
)
def test_a_text_that_cannot_be_kept_is_the_senders_mistake(app: Tieout, act: Callable[[Tieout], object]) -> None:
    with pytest.raises(BadInput, match="A text has a character that cannot be kept") as refused:
        act(app)
    assert refused.value.status == 400
    assert app.inbox() == []


def test_objects_say_who_pushed_them(app: Tieout) -> None:
    receipt = push(app, "stripe", charge(), payout="po_1")
    assert app.delivery(receipt.delivery).headers == {"x-tieout-actor": "robot"}
    assert (app.inbox()[0].channel, app.inbox()[0].topic) == ("objects", "charge")


# ── Files ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_import_says_what_it_came_to(app: Tieout) -> None:
    body = bank_statement(
        camt.entry("50.00"), camt.entry("15.00", "DBIT"), camt.entry("3.00", status="PDNG"), closing="35.00"
    )
    report = app.import_file("bank", body, name="march.xml", actor=ANNA)
    assert (report.verdict, report.reason, report.events, report.entries, report.cases) == ("accepted", "", 3, 2, ())
    assert report.notes == (
        "The entry is pending (PDNG): the bank has not booked it yet, and will tell again when it has.",
    )
    assert balances(app) == {("1100.bank", "EUR"): 3500, ("1490", "EUR"): -3500}
    newest = app.audit(1)[0]
    assert (newest.actor, newest.action, newest.subject, newest.detail) == (
        "anna", "file.imported", report.delivery, "march.xml",
    )  # fmt: skip
    assert app.inbox()[0].work == "done"


def test_a_file_that_was_imported_before_books_nothing(app: Tieout) -> None:
    body = bank_statement(camt.entry("50.00"), closing="50.00")
    first = app.import_file("bank", body)
    again = app.import_file("bank", body)
    assert (again.verdict, again.reason) == ("repeated", f"repeats {first.delivery}")
    assert (again.events, again.entries, again.cases) == (0, 0, ())
    assert app.counts() == (1, 2)


def test_a_file_that_is_no_statement_is_kept_with_a_case(app: Tieout) -> None:
    report = app.import_file("bank", b"Date;Amount\n2026-03-03;12.00\n")
    assert (report.verdict, report.events, report.entries) == ("accepted", 0, 0)
    assert report.cases == (the_case(app, "delivery_unreadable").id,)
    assert app.delivery(report.delivery).body == "Date;Amount\n2026-03-03;12.00\n"


def test_an_import_that_fails_says_so_and_does_not_wait(app: Tieout, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> mapping.Reading:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(mapping, "read", fail)
    before = datetime.now(UTC)
    report = app.import_file("bank", bank_statement(camt.entry("50.00"), closing="50.00"))
    assert (report.events, report.entries) == (0, 0)
    assert app.inbox()[0].work == "ready", "it is tried again later"
    assert datetime.now(UTC) - before < timedelta(seconds=face.WORK_OFF_SECONDS)


# ── Working ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_work_takes_no_more_than_it_is_told(app: Tieout) -> None:
    for number in range(1, 6):
        push(app, "shop", order(number), "orders")
    assert [app.work(limit=2).deliveries for _ in range(4)] == [2, 2, 1, 0]


def test_what_breaks_before_anything_is_claimed_is_not_swallowed(app: Tieout, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> list[Any]:
        raise RuntimeError("claiming is broken")

    monkeypatch.setattr("tieout.intake.store.claim", fail)
    push(app, "shop", order(), "orders")
    with pytest.raises(RuntimeError, match="claiming is broken"):
        app.work()


def test_an_arrival_wakes_who_waits(app: Tieout) -> None:
    assert app.wait_for_work(0) is True, "whoever begins to listen looks once"
    assert app.wait_for_work(0) is False
    push(app, "shop", order(), "orders")
    assert app.wait_for_work(5) is True


def test_a_sweep_raises_what_is_past_its_deadline(app: Tieout) -> None:
    tell(app, "shop", refund())
    assert app.sweep() == WorkReport(cases=1)
    assert open_cases(app) == [("prerequisite_missing", "shop:refund:51", 2450)]
    assert app.sweep() == WorkReport()


def test_reading_again_needs_a_reason_and_changes_nothing(app: Tieout) -> None:
    receipt = tell(app, "shop", order(), "orders")
    before = (app.ledger_hash(), app.counts(), app.event_count())
    for reason in ("", "  \n"):
        with pytest.raises(BadInput, match="A reason is required"):
            app.replay(receipt.delivery, reason=reason, actor=ANNA)
    assert app.replay(receipt.delivery, reason="To be sure.", actor=ANNA) == WorkReport(deliveries=1)
    assert (app.ledger_hash(), app.counts(), app.event_count()) == before
    assert len(happened(app)[PLACED].deliveries) == 1
    newest = app.audit(1)[0]
    assert (newest.action, newest.subject, newest.detail) == ("delivery.replayed", receipt.delivery, "To be sure.")


def test_only_an_accepted_delivery_can_be_read_again(app: Tieout) -> None:
    hook(app, order()["order"])
    repeated = hook(app, order()["order"]).delivery
    with pytest.raises(SignatureRefused):
        hook(app, order()["order"], secret="guessed")
    rejected = app.inbox()[0].id
    for wrong in (repeated, rejected, "dlv_99999", "ent_1"):
        with pytest.raises(BadInput, match=f"{wrong} has no work to repeat"):
            app.replay(wrong, reason="To be sure.", actor=ANNA)
    with pytest.raises(NotFound):
        app.replay("delivery one", reason="To be sure.", actor=ANNA)
    assert all(line.action != "delivery.replayed" for line in app.audit())


def test_an_import_waits_for_its_own_file_and_for_nothing_else(app: Tieout) -> None:
    """However much waits before it, and with a worker or without."""
    before = [push(app, "stripe", charge(4000 + n, 900, id=f"ch_{n}")).delivery for n in range(5)]
    report = app.import_file("bank", bank_statement(camt.entry("10.00"), closing="10.00"))
    assert report.entries == 1
    assert [view.work for view in app.inbox() if view.id in before] == ["ready"] * 5
    assert work(app).deliveries == 5


# ── Reconciling ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_run_says_what_it_did_and_a_second_one_finds_the_same(app: Tieout) -> None:
    tell(app, "shop", order(), "orders")
    tell(app, "stripe", charge())
    tell(app, "stripe", charge(4711, 900, id="ch_2"))
    first = app.reconcile(date(2026, 3, 20))
    assert (first.as_of, first.items, first.matches, first.cases_opened, first.cases_settled) == (
        date(2026, 3, 20), 5, 1, 3, 0,
    )  # fmt: skip
    assert open_cases(app) == [
        ("charge_not_settled", "1310.stripe/EUR/charge:ch_1", 4900),
        ("charge_not_settled", "1310.stripe/EUR/charge:ch_2", 900),
        ("payment_without_order", "1200/EUR/order:4711", 900),
    ]
    again = app.reconcile(date(2026, 3, 20))
    assert (again.matches, again.cases_settled) == (0, 0)
    assert again.run != first.run
    tell(app, "shop", order(4711, "9.00", line_items=[]) | {"order": order(4711, "49.00")["order"]}, "orders")
    tell(app, "stripe", charge(4711, 4000, id="ch_3"))
    last = app.reconcile(date(2026, 3, 20))
    assert last.cases_settled == 1
    case = the_case(app, "payment_without_order", only_open=None)
    assert (case.case.state.value, history(case)) == ("resolved", ["opened", "settled"])


def test_without_a_day_a_run_is_as_of_today_in_the_entitys_own_calendar(
    app: Tieout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half past eleven at night in UTC is tomorrow in Berlin."""
    monkeypatch.setattr(agreeing, "utc_now", lambda: datetime(2026, 3, 5, 23, 30, tzinfo=UTC))
    assert app.reconcile().as_of == date(2026, 3, 6)


def test_an_earlier_day_does_not_settle_what_is_overdue(app: Tieout) -> None:
    """A past day is proved with `proof(at)`; the exceptions of today stay what they are."""
    tell(app, "shop", order(), "orders")
    app.reconcile(date(2026, 6, 1))
    (case,) = app.case_list()
    report = app.reconcile(date(2026, 3, 4))
    assert (report.as_of, report.cases_settled) == (date(2026, 6, 1), 0)
    assert [view.id for view in app.case_list()] == [case.id]
    (line,) = app.proof(date(2026, 3, 4)).lines
    assert (line.transit_minor, line.exceptions_minor) == (4900, 0)
    app.reconcile(date(2999, 1, 1))
    assert app.reconcile().as_of < date(2999, 1, 1), "a slip of the pen does not last"
