import msgspec

from tests.api.hub import Client
from tieout.app import Tieout
from tieout.app.views import CaseView, Preview, RunReport
from tieout.model.case import Action, CaseState


def bookable(books: Tieout) -> CaseView:
    """The exception of a bank line nobody knows."""
    return books.case(books.case_list(reason="bank_line_unknown")[0].id)


def test_a_preview_shows_the_posting_and_does_nothing(books: Tieout, program: Client) -> None:
    case, before = bookable(books), books.ledger_hash()
    decision = {"action": "book", "reason": "Rent", "account": "5900"}
    answer = program.post(f"/v1/cases/{case.id}/preview", json=decision)
    shown = msgspec.json.decode(answer.content, type=Preview)
    amount = case.items[0].open_minor
    assert answer.status_code == 200
    assert [(line.account, line.amount_minor) for line in shown.entries[0].lines] == [
        ("1490", -amount),
        ("5900", amount),
    ]
    assert shown.entries[0].actor == "tests"
    assert books.ledger_hash() == before
    assert books.case(case.id) == case


def test_a_decision_posts_what_the_preview_showed(books: Tieout, program: Client) -> None:
    case = bookable(books)
    decision = {"action": "book", "reason": "Rent", "account": "5900"}
    shown = program.post(f"/v1/cases/{case.id}/preview", json=decision).json()
    done = program.post(f"/v1/cases/{case.id}/resolve", json=decision)
    assert (done.status_code, done.json()) == (200, shown)
    assert books.journal(limit=1)[0].entry.draft.why == "Rent"
    now = books.case(case.id)
    assert (now.case.state, now.items) == (CaseState.RESOLVED, ())
    again = program.post(f"/v1/cases/{case.id}/resolve", json=decision)
    assert (again.status_code, again.json()["code"]) == (409, "resolution_refused")


def test_a_decision_without_reason_is_refused_and_nothing_happens(books: Tieout, program: Client) -> None:
    case, before = bookable(books), books.ledger_hash()
    for reason in ("", "  "):
        answer = program.post(f"/v1/cases/{case.id}/resolve", json={"action": "dismiss", "reason": reason})
        assert answer.status_code == 409
    assert program.post(f"/v1/cases/{case.id}/resolve", json={"action": "dismiss"}).status_code == 400
    assert program.post(f"/v1/cases/{case.id}/resolve", json={"action": "burn", "reason": "x"}).status_code == 400
    assert (books.ledger_hash(), books.case(case.id)) == (before, case)


def test_what_does_not_fit_the_case_is_refused(books: Tieout, program: Client) -> None:
    case = bookable(books)
    assert Action.RELEASE not in case.actions
    answer = program.post(f"/v1/cases/{case.id}/preview", json={"action": "release", "reason": "x"})
    assert (answer.status_code, answer.json()["code"]) == (409, "resolution_refused")
    clearing = {"action": "book", "reason": "x", "account": "1200"}
    assert program.post(f"/v1/cases/{case.id}/preview", json=clearing).json()["where"] == "account"


def test_a_match_is_taken_back_once(books: Tieout, program: Client) -> None:
    match = books.match_list(limit=1)[0]
    answer = program.post(f"/v1/matches/{match.id}/reverse", json={"reason": "Another payout"})
    reversal = books.match(answer.json()["match"])
    assert (answer.status_code, reversal.match.reverses_id, reversal.match.actor) == (200, match.match.id, "tests")
    assert program.post(f"/v1/matches/{match.id}/reverse", json={"reason": "again"}).status_code == 409
    assert program.post(f"/v1/matches/{match.id}/reverse", json={"reason": " "}).status_code == 400


def test_reconciliation_runs_as_of_a_day(books: Tieout, program: Client) -> None:
    answer = program.post("/v1/reconcile", params={"as_of": "2026-10-31"})
    report = msgspec.json.decode(answer.content, type=RunReport)
    assert (answer.status_code, str(report.as_of), report.matches) == (200, "2026-10-31", 0)
    assert books.proof().run_id == int(report.run.removeprefix("run_"))


def test_a_delivery_is_read_again_and_nothing_is_booked_twice(books: Tieout, program: Client) -> None:
    before = books.ledger_hash()
    accepted = next(view for view in books.inbox() if view.verdict == "accepted")
    answer = program.post(f"/v1/deliveries/{accepted.id}/replay", json={"reason": "New mapping"})
    assert (answer.status_code, answer.json()["deliveries"], answer.json()["entries"]) == (200, 1, 0)
    assert books.ledger_hash() == before
    rejected = books.inbox(verdict="rejected")[0]
    assert program.post(f"/v1/deliveries/{rejected.id}/replay", json={"reason": "x"}).status_code == 400
