"""What a person decides: the preview is the deed, the reason is required, and nothing is decided twice."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.app.house import (
    ANNA,
    balances,
    bank_statement,
    charge,
    entries,
    history,
    lines,
    number,
    open_cases,
    order,
    rates,
    tell,
    the_case,
)
from tests.connectors.camt import statements as camt
from tests.connectors.shopify import objects as shopify
from tests.connectors.stripe import objects as stripe
from tieout.app import Tieout
from tieout.app.views import Preview
from tieout.model.case import Action, CaseState, Resolution
from tieout.model.error import NotFound, PostingRefused, ResolutionRefused, TieoutError
from tieout.model.ids import IdKind, public_id
from tieout.model.period import PeriodState

AS_OF = date(2026, 3, 20)
BOOK = Resolution(Action.BOOK, "The bank says it was rent.", account="6900")


@pytest.fixture
def unknown_line(app: Tieout) -> Tieout:
    """Books in which the bank took 15.00 that nobody can explain."""
    app.import_file("bank", bank_statement(camt.entry("15.00", "DBIT"), closing="-15.00"))
    app.reconcile(AS_OF)
    return app


def write_off_account(app: Tieout) -> str:
    (found,) = [a.code for a in app.accounts() if a.role == "write_offs"]
    return found


def booking(app: Tieout, reason: str = "It was the rent of the workshop.") -> Resolution:
    return Resolution(Action.BOOK, reason, account=write_off_account(app))


# ── Booking ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_booking_ties_the_items_and_closes_the_case(unknown_line: Tieout) -> None:
    app = unknown_line
    case = the_case(app)
    assert case.case.draft.reason.value == "bank_line_unknown"
    assert case.actions == (Action.BOOK, Action.MATCH, Action.DISMISS)
    assert [(item.amount_minor, item.open_minor) for item in case.items] == [(1500, 1500)]
    account = write_off_account(app)
    done = app.resolve(case.id, booking(app), actor=ANNA)
    assert done.sentence == f"Books what is open to {account} Write-offs."
    (entry,) = [view for view in app.journal() if view.entry.draft.rule_id == "case.booked"]
    assert lines(entry) == [("1490", "EUR", -1500), (account, "EUR", 1500)]
    assert (entry.entry.draft.actor, entry.entry.draft.why) == ("anna", "It was the rent of the workshop.")
    assert entry.entry.draft.effective_date == datetime.now(UTC).date() or entry.entry.draft.late
    assert entry.entry.draft.event_id is None
    assert balances(app) == {("1100.bank", "EUR"): -1500, (account, "EUR"): 1500}
    assert app.items() == []
    (match,) = app.match_list()
    assert sorted((item.amount_minor, item.open_minor) for item in match.items) == [(-1500, 0), (1500, 0)]
    assert (match.match.draft.pass_id, match.match.actor, match.match.run_id) == ("person", "anna", None)
    case = app.case(case.id)
    assert (case.case.state, case.items, case.actions) == (CaseState.RESOLVED, (), (Action.DISMISS,))
    assert [(line.what, line.detail, line.actor) for line in case.history] == [
        ("opened", case.case.draft.sentence, "tieout"),
        ("book", "It was the rent of the workshop.", "anna"),
    ]
    assert app.audit(1)[0].action == "case.book"


def test_it_stays_closed_and_the_proof_is_clean(unknown_line: Tieout) -> None:
    app = unknown_line
    app.resolve(the_case(app).id, booking(app), actor=ANNA)
    for as_of in (AS_OF, AS_OF + timedelta(days=10)):
        report = app.reconcile(as_of)
        assert (report.items, report.matches, report.cases_opened) == (0, 0, 0)
        assert open_cases(app) == []
        assert app.proof().unexplained_minor == {"EUR": 0}


def test_the_preview_is_the_deed(unknown_line: Tieout) -> None:
    app = unknown_line
    case, before = the_case(app), (app.counts(), app.ledger_hash())
    preview = app.preview(case.id, booking(app), actor=ANNA)
    assert preview == app.preview(case.id, booking(app), actor=ANNA)
    assert (app.counts(), app.ledger_hash()) == before
    assert the_case(app).case == case.case
    assert app.resolve(case.id, booking(app), actor=ANNA) == preview
    (entry,) = preview.entries
    assert [view.entry.draft for view in app.journal() if view.entry.draft.rule_id == "case.booked"] == [entry]
    assert sum(line.amount_minor for line in entry.lines) == 0


def test_an_exception_abroad_is_closed_at_the_rate_it_was_opened(app: Tieout) -> None:
    """What is booked takes its items' own share of base currency with it, so nothing is left over in either."""
    app.import_rates(rates(("2026-03-05", "USD", "1.10")))
    app.add_source("bank-us", "camt")
    dollar = camt.entry("15.00", "DBIT", currency="USD", day="2026-03-05")
    ends = [
        camt.balance(kind, amount, currency="USD", day="2026-03-05")
        for kind, amount in (("OPBD", "0.00"), ("CLBD", "-15.00"))
    ]
    app.import_file("bank-us", camt.message(camt.statement(*ends, dollar, opening=None, closing=None)))
    app.reconcile(AS_OF)
    (entry,) = app.resolve(the_case(app).id, booking(app), actor=ANNA).entries
    assert [(line.currency, line.amount_minor, line.base_minor) for line in entry.lines] == [
        ("USD", -1500, -1364),
        ("USD", 1500, 1364),
    ]
    assert [(b.balance_minor, b.base_minor) for b in app.balances(accounts=["1490"])] == [(0, 0)]


@pytest.mark.parametrize(
    ("account", "left"),
    [("1495", {"1495": 0, "5920": 234}), ("5920", {"5920": 234})],
)
def test_an_order_paid_in_another_currency_is_settled_by_one_decision(
    app: Tieout, account: str, left: dict[str, int]
) -> None:
    """100.00 EUR are owed; 125.00 USD at 1.28 for one euro are worth 97.66 EUR: 2.34 EUR are lost."""
    app.import_rates(rates(("2026-03-03", "USD", "1.28")))
    tell(app, "shop", order(1, "100.00", line_items=[shopify.line("100.00", 1)]), "orders/create")
    tell(app, "stripe", charge(1, 12500, currency="usd"))
    app.reconcile(AS_OF)
    case = the_case(app, "order_paid_in_another_currency")
    assert case.case.draft.sentence == "100.00 EUR of order #1 was paid in another currency, with 125.00 USD."
    assert sorted((item.currency, item.open_minor, item.open_base_minor) for item in case.items) == [
        ("EUR", 10000, 10000),
        ("USD", -12500, -9766),
    ]
    app.resolve(case.id, Resolution(Action.BOOK, "Paid in dollars, as agreed.", account=account), actor=ANNA)
    app.reconcile(AS_OF)
    assert [reason for reason, _, _ in open_cases(app)] == ["charge_not_settled"]
    carried: dict[str, int] = {}
    for balance in app.balances(accounts=["1200", "1495", "5920"]):
        carried[balance.account] = carried.get(balance.account, 0) + balance.base_minor
        assert balance.account != "1200" or balance.balance_minor == 0
    assert carried == {"1200": 0, **left}
    assert app.proof().unexplained_base_minor == 0
    assert [finding for finding in app.check() if finding.what != "proof"] == []


def test_a_closed_period_moves_the_booking_to_the_first_open_day(unknown_line: Tieout) -> None:
    app = unknown_line
    today = datetime.now(UTC).date()
    app.set_period(today - timedelta(days=2), today + timedelta(days=3), PeriodState.HARD, actor=ANNA)
    preview = app.preview(the_case(app).id, booking(app), actor=ANNA)
    assert app.resolve(the_case(app).id, booking(app), actor=ANNA) == preview
    (entry,) = preview.entries
    assert (entry.effective_date, entry.late) == (today + timedelta(days=4), True)


@pytest.mark.parametrize("account", ["", "9999", "1490", "1320.stripe"])
def test_booking_needs_an_account_that_can_take_it(unknown_line: Tieout, account: str) -> None:
    app = unknown_line
    with pytest.raises(ResolutionRefused, match="is not an account that can take this"):
        app.resolve(the_case(app).id, Resolution(Action.BOOK, "Because.", account=account), actor=ANNA)
    assert the_case(app).case.state is CaseState.OPEN


# ── Refusals ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reason", ["", "  ", "\n\t"])
def test_a_reason_is_required(unknown_line: Tieout, reason: str) -> None:
    app = unknown_line
    with pytest.raises(ResolutionRefused, match="A reason is required"):
        app.resolve(the_case(app).id, booking(app, reason), actor=ANNA)
    assert app.counts() == (1, 2)


def test_nothing_is_decided_twice(unknown_line: Tieout) -> None:
    app = unknown_line
    case = the_case(app)
    app.resolve(case.id, booking(app), actor=ANNA)
    for decision in (booking(app), Resolution(Action.DISMISS, "Twice.")):
        with pytest.raises(ResolutionRefused, match="is resolved already"):
            app.resolve(case.id, decision, actor=ANNA)
    assert app.counts() == (2, 4)
    assert history(app.case(case.id)) == ["opened", "book"]


def test_two_people_who_decide_at_once_book_once(unknown_line: Tieout) -> None:
    app = unknown_line
    case, decision = the_case(app).id, booking(app)
    start = threading.Barrier(4)
    outcomes: list[object] = []

    def decide() -> None:
        start.wait()
        try:
            outcomes.append(app.resolve(case, decision, actor=ANNA))
        except TieoutError as error:
            outcomes.append(error.what)

    people = [threading.Thread(target=decide) for _ in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert len([outcome for outcome in outcomes if isinstance(outcome, Preview)]) == 1
    assert [o for o in outcomes if isinstance(o, str)] == [f"{case} is resolved already"] * 3
    assert app.counts() == (2, 4)


def test_a_run_under_way_and_a_decision_wait_for_each_other(unknown_line: Tieout) -> None:
    app = unknown_line
    case, decision = the_case(app).id, booking(app)
    failures: list[Exception] = []

    def act(deed: Callable[[], object]) -> None:
        try:
            deed()
        except Exception as error:  # noqa: BLE001 -- whatever it is, the test shows it
            failures.append(error)

    deeds: list[Callable[[], object]] = [lambda: app.reconcile(AS_OF)] * 3
    deeds.insert(1, lambda: app.resolve(case, decision, actor=ANNA))
    threads = [threading.Thread(target=act, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    app.reconcile(AS_OF)
    assert open_cases(app) == []


@pytest.mark.parametrize("wrong", ["cas_999", "cas_0", "evt_1", "cas_x", "", "cas_-1", "cas_1; drop table entry"])
def test_a_case_that_does_not_exist(unknown_line: Tieout, wrong: str) -> None:
    for look in (
        lambda: unknown_line.case(wrong),
        lambda: unknown_line.preview(wrong, booking(unknown_line), actor=ANNA),
        lambda: unknown_line.resolve(wrong, booking(unknown_line), actor=ANNA),
    ):
        with pytest.raises(NotFound):
            look()


def test_an_action_that_does_not_fit_is_refused(app: Tieout) -> None:
    tell(app, "stripe", charge(id=None))
    case = the_case(app)
    assert case.actions == (Action.DISMISS,)
    for action in (Action.BOOK, Action.MATCH, Action.RELEASE):
        with pytest.raises(ResolutionRefused, match=f"“{action}” does not fit this case"):
            app.preview(case.id, Resolution(action, "Because.", account="6900", items=(1,)), actor=ANNA)


def test_a_posting_that_the_ledger_refuses_decides_nothing(unknown_line: Tieout) -> None:
    app = unknown_line
    with app.database.unit() as connection:
        connection.execute("update account set closed_on = '2026-01-01' where code = '1490'")
    case = the_case(app)
    with pytest.raises(PostingRefused, match="account 1490 is closed"):
        app.resolve(case.id, booking(app), actor=ANNA)
    assert the_case(app).case.state is CaseState.OPEN
    assert app.counts() == (1, 2)


# ── Matching by hand, and taking it back ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
def nameless_deposit(app: Tieout) -> Tieout:
    """A payout of 47.98 and a deposit of 47.98 whose text names no payout."""
    tell(app, "stripe", stripe.listing(stripe.row(4900, 102)))
    paid = stripe.row(-4798, 0, id="txn_2", reporting_category="payout", type="payout", source="po_00000001")
    tell(app, "stripe", stripe.listing(stripe.row(4900, 102), paid), payout="po_00000001")
    deposit = camt.entry("47.98", more="<AddtlNtryInf>STRIPE PAYOUT</AddtlNtryInf>", day="2026-03-05")
    app.import_file("bank", bank_statement(deposit, closing="47.98"))
    app.reconcile(AS_OF)
    return app


def test_what_a_person_matches_is_tied_and_both_exceptions_end(nameless_deposit: Tieout) -> None:
    app = nameless_deposit
    deposit, payout = the_case(app, "bank_credit_without_payout"), the_case(app, "payout_not_arrived")
    items = tuple(item.id for view in (deposit, payout) for item in view.items)
    decision = Resolution(Action.MATCH, "The amount and the day agree.", items=items)
    preview = app.preview(deposit.id, decision, actor=ANNA)
    assert preview.sentence == "Ties 2 items together."
    assert [item.open_minor for item in preview.items] == [4798, -4798]
    assert app.resolve(deposit.id, decision, actor=ANNA) == preview
    assert app.items(account="1330.stripe") == []
    app.reconcile(AS_OF)
    assert [reason for reason, _, _ in open_cases(app)] == ["settled_without_capture"]
    assert history(app.case(payout.id)) == ["opened", "settled"]
    assert app.counts()[0] == 3, "a match posts nothing"


def test_a_match_must_be_of_open_items_that_come_to_zero(nameless_deposit: Tieout) -> None:
    app = nameless_deposit
    deposit, payout = the_case(app, "bank_credit_without_payout"), the_case(app, "payout_not_arrived")
    (mine,), (other,) = [item.id for item in deposit.items], [item.id for item in payout.items]
    stranger = next(view.item.id for view in app.items(account="1310.stripe"))
    tied = [item.id for view in app.match_list() for item in view.items]

    def attempt(*items: int) -> None:
        app.resolve(deposit.id, Resolution(Action.MATCH, "Because.", items=items), actor=ANNA)

    for items, said in (
        ((), "None of the items belongs to this case"),
        ((other,), "None of the items belongs to this case"),
        ((mine,), "must be of one account and currency and come to zero"),
        ((mine, other, stranger), "must be of one account and currency and come to zero"),
        ((mine, other, 999_999), "itm_999999 does not exist or is tied already"),
        ((mine, other, tied[0]), f"itm_{tied[0]} does not exist or is tied already"),
    ):
        with pytest.raises(ResolutionRefused, match=said):
            attempt(*items)
    attempt(mine, other, mine)
    with pytest.raises(ResolutionRefused, match="is resolved already"):
        attempt(mine, other)


def test_a_match_that_is_taken_back_opens_its_items_again(nameless_deposit: Tieout) -> None:
    app = nameless_deposit
    deposit, payout = the_case(app, "bank_credit_without_payout"), the_case(app, "payout_not_arrived")
    items = tuple(item.id for view in (deposit, payout) for item in view.items)
    app.resolve(deposit.id, Resolution(Action.MATCH, "They agree.", items=items), actor=ANNA)
    match = app.match_list(limit=1)[0]
    tied = {line.account: line.tied_minor for line in app.proof().lines}
    assert tied["1330.stripe"] == 4798
    with pytest.raises(TieoutError, match="A reason is required"):
        app.unmatch(match.id, reason=" ", actor=ANNA)
    reversal = app.unmatch(match.id, reason="It was another payout.", actor=ANNA)
    assert app.match(reversal).match.reverses_id == number(match.id, IdKind.MATCH)
    assert sorted(view.item.open_minor for view in app.items(account="1330.stripe")) == [-4798, 4798]
    assert {line.account: line.tied_minor for line in app.proof().lines}["1330.stripe"] == 0
    for again in (match.id, reversal):
        with pytest.raises(ResolutionRefused, match="is itself a reversal, or has been taken back already"):
            app.unmatch(again, reason="Once more.", actor=ANNA)
    app.reconcile(AS_OF)
    assert the_case(app, "bank_credit_without_payout").id == deposit.id
    assert app.case(deposit.id).case.state is CaseState.REOPENED
    assert history(app.case(deposit.id)) == ["opened", "match", "reopened"]
    assert app.proof().unexplained_minor == {"EUR": 0}


def test_only_a_match_can_be_taken_back(nameless_deposit: Tieout) -> None:
    """An id of another thing with the same number must not take back what nobody meant."""
    app = nameless_deposit
    match = app.match_list(limit=1)[0]
    for kind in (IdKind.CASE, IdKind.EVENT, IdKind.ITEM):
        with pytest.raises(NotFound, match="is not the id of match"):
            app.unmatch(public_id(kind, match.match.id), reason="A slip of the hand.", actor=ANNA)
    with pytest.raises(ResolutionRefused, match="does not exist"):
        app.unmatch("mat_999999", reason="A slip of the hand.", actor=ANNA)
    assert len(app.match_list()) == 1


# ── Dismissing ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_dismissed_stays_closed_until_its_amount_changes(app: Tieout) -> None:
    tell(app, "shop", order(), "orders")
    tell(app, "stripe", charge(amount=4000))
    app.reconcile(AS_OF)
    case = the_case(app, "order_paid_differently")
    assert case.case.draft.amount_minor == 900
    app.resolve(case.id, Resolution(Action.DISMISS, "The buyer pays the rest in the shop."), actor=ANNA)
    app.reconcile(AS_OF)
    app.reconcile(AS_OF + timedelta(days=1))
    assert app.case(case.id).case.state is CaseState.RESOLVED
    (item, _) = app.items(account="1200")
    assert item.case == case.id, "the open item still leads to the decision about it"
    assert app.proof().unexplained_minor == {"EUR": 0}
    tell(app, "stripe", charge(id="ch_2", amount=500))
    app.reconcile(AS_OF + timedelta(days=2))
    case = app.case(case.id)
    assert (case.case.state, case.case.draft.amount_minor) == (CaseState.REOPENED, 400)
    assert history(case) == ["opened", "dismiss", "reopened"]


def test_every_decision_is_in_the_audit_log(nameless_deposit: Tieout) -> None:
    app = nameless_deposit
    case = the_case(app, "payout_not_arrived")
    app.resolve(case.id, Resolution(Action.DISMISS, "Known."), actor=ANNA)
    newest = app.audit(1)[0]
    assert (newest.actor, newest.action, newest.subject, newest.detail) == ("anna", "case.dismiss", case.id, "Known.")


def test_a_person_who_takes_a_match_back_is_not_overruled_by_the_next_run(app: Tieout) -> None:
    """The pass would find the same match again; it says so, and leaves it to people."""
    tell(app, "shop", order(), "orders")
    tell(app, "stripe", charge())
    app.reconcile(AS_OF)
    (match,) = [view for view in app.match_list() if view.match.draft.account == "1200"]
    app.unmatch(match.id, reason="The buyer paid another order with it.", actor=ANNA)
    for _ in range(2):
        app.reconcile(AS_OF)
        case = the_case(app, "match_taken_back")
        assert case.case.draft.amount_minor == 4900
        assert case.case.draft.sentence == (
            "2 items of order:1088, 49.00 EUR each way, tie out, but a person took this match back."
        )
        assert sorted(item.open_minor for item in case.items) == [-4900, 4900]
        assert app.proof().unexplained_minor == {"EUR": 0}
    items = tuple(item.id for item in case.items)
    app.resolve(case.id, Resolution(Action.MATCH, "It was right after all.", items=items), actor=ANNA)
    app.reconcile(AS_OF)
    assert "match_taken_back" not in {reason for reason, _, _ in open_cases(app)}
    assert app.items(account="1200") == []


def test_a_match_taken_back_does_not_bind_items_that_come_later(app: Tieout) -> None:
    tell(app, "shop", order(), "orders")
    tell(app, "stripe", charge())
    app.reconcile(AS_OF)
    (match,) = [view for view in app.match_list() if view.match.draft.account == "1200"]
    app.unmatch(match.id, reason="There is more to come.", actor=ANNA)
    tell(app, "stripe", charge(id="ch_2", amount=1000))
    tell(app, "stripe", stripe.refund(id="re_2", charge="ch_2", amount=1000, metadata={"order_id": "1088"}))
    app.reconcile(AS_OF)
    assert app.items(account="1200") == []
    assert len(app.match_list(limit=1)[0].items) == 4


def test_entries_of_a_case_have_keys_of_their_own(unknown_line: Tieout) -> None:
    """Booked, taken back and booked elsewhere: two facts, neither of which swallows the other."""
    app = unknown_line
    case = the_case(app)
    app.resolve(case.id, booking(app), actor=ANNA)
    app.unmatch(app.match_list(limit=1)[0].id, reason="It was no rent.", actor=ANNA)
    app.reconcile(AS_OF)
    again = the_case(app, "match_taken_back")
    app.resolve(again.id, booking(app, "To be looked at next year."), actor=ANNA)
    assert sorted(key for key in entries(app) if key.startswith("case:")) == [
        f"case:{case.case.id}:2",
        f"case:{again.case.id}:2",
    ]
    assert app.items() == []
