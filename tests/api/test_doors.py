import json
from datetime import UTC, datetime

import msgspec

from tests.api.hub import Client, plan, served
from tests.app.house import bank_statement, rates
from tieout.app import Tieout
from tieout.app.views import ImportReport
from tieout.connectors.stripe import signature
from tieout.model.delivery import Receipt, Verdict
from tieout.sandbox.emission import Door

SECRET = "secret-of-stripe"


def charge(number: int = 1) -> bytes:
    """A hook that Stripe might send."""
    thing = {"id": f"ch_new{number}", "object": "charge", "amount": 1200, "currency": "eur"}
    event = {"id": f"evt_new{number}", "object": "event", "type": "charge.succeeded", "data": {"object": thing}}
    return json.dumps({**event, "created": 1_790_000_000}).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return signature.sign(body, secret, datetime.now(UTC))


def test_a_signed_hook_is_kept_and_answered(books: Tieout) -> None:
    with served(books) as anyone:
        body = charge()
        answers = [anyone.post("/hooks/stripe", content=body, headers=signed(body)) for _ in range(2)]
    receipts = [msgspec.json.decode(answer.content, type=Receipt) for answer in answers]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [receipt.verdict for receipt in receipts] == [Verdict.ACCEPTED, Verdict.REPEATED]
    assert receipts[1].reason == f"repeats {receipts[0].delivery}"
    kept = books.delivery(receipts[0].delivery)
    assert json.loads(kept.body) == json.loads(body)
    assert "authorization" not in kept.headers


def test_a_forged_hook_is_refused_and_kept_as_rejected(books: Tieout) -> None:
    body = charge()
    with served(books) as anyone:
        answer = anyone.post("/hooks/stripe", content=body, headers=signed(body, "another secret"))
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_refused")
    assert answer.headers["content-type"] == "application/problem+json"
    newest = books.inbox(limit=1)[0]
    assert (newest.verdict, newest.source) == ("rejected", "stripe")


def test_a_hook_without_signature_or_body_is_refused(books: Tieout) -> None:
    with served(books) as anyone:
        assert anyone.post("/hooks/stripe", content=charge()).status_code == 401
        assert anyone.post("/hooks/stripe", content=b"").json()["code"] == "bad_input"
        assert anyone.post("/hooks/nobody", content=charge()).status_code == 404


def test_objects_carry_their_topic_in_the_address(books: Tieout, program: Client) -> None:
    listed = next(e for e in plan().emissions if e.door is Door.OBJECTS and "payout" in e.parameters)
    parameters = {**listed.parameters, "topic": listed.topic}
    answer = program.post(f"/v1/objects/{listed.source}", params=parameters, content=listed.body)
    assert answer.status_code == 200
    receipt = msgspec.json.decode(answer.content, type=Receipt)
    kept = books.delivery(receipt.delivery)
    assert (kept.topic, kept.channel, kept.headers["x-tieout-actor"]) == (listed.topic, "objects", "tests")


def test_a_file_is_booked_at_once(books: Tieout, program: Client) -> None:
    body = bank_statement(closing="0.00", name="NEW", message="NEW")
    answer = program.post("/v1/files/bank", params={"name": "november.xml"}, content=body)
    report = msgspec.json.decode(answer.content, type=ImportReport)
    assert (answer.status_code, report.verdict) == (200, "accepted")
    assert books.delivery(report.delivery).channel == "file"


def test_a_file_that_is_none_is_kept_and_becomes_an_exception(books: Tieout, program: Client) -> None:
    report = program.post("/v1/files/bank", content=b"hello").json()
    (case,) = report["cases"]
    assert (report["events"], books.case(case).case.draft.reason) == (0, "delivery_unreadable")
    empty = program.post("/v1/files/bank", content=b"  ")
    assert (empty.status_code, empty.json()["code"]) == (400, "bad_input")


def test_rates_are_counted_once(program: Client) -> None:
    body = rates(("2027-01-04", "USD", "1.0840"), ("2027-01-05", "USD", "1.0850"))
    answers = [program.post("/v1/rates", content=body) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"new": 2}, {"new": 0}]


def test_doors_have_limits_of_their_own(books: Tieout, program: Client) -> None:
    small = Tieout(
        books.database, msgspec.structs.replace(books.settings, body_bytes_max=100, file_bytes_max=2_000_000)
    )
    with served(small) as client:
        client.headers.update(program.headers)
        body = charge()
        assert len(body) > 100
        assert client.post("/hooks/stripe", content=body, headers=signed(body)).status_code == 413
        # More than a form may have, less than a file may have.
        assert client.post("/v1/files/bank", content=b"x" * 1_500_000).status_code == 200
        assert client.post("/v1/files/bank", content=b"x" * 2_500_000).json()["code"] == "too_large"


def test_a_journal_is_posted_once_after_a_dry_run(books: Tieout, program: Client) -> None:
    body = b"id,date,memo,account,currency,amount\n1,2026-03-02,Mug,5000,EUR,12.50\n1,2026-03-02,Mug,4000,EUR,-12.50\n"
    before = books.counts()
    tried = program.post("/v1/journals?name=old.csv&dry_run=true", content=body).json()
    assert (tried["dry_run"], tried["new"], tried["refusals"], books.counts()) == (True, 1, [], before)
    answers = [program.post("/v1/journals?format=csv", content=body).json() for _ in range(2)]
    assert [(answer["new"], answer["repeated"]) for answer in answers] == [(1, 0), (0, 1)]
    assert books.journal(limit=1)[0].entry.draft.actor == "tests"
    refused = program.post("/v1/journals?name=old.csv", content=body.replace(b"4000", b"9999"))
    assert (refused.status_code, refused.json()["code"], refused.json()["where"]) == (
        400, "import_refused", "old.csv, line 3"
    )  # fmt: skip
    opened = program.post(
        "/v1/journals?name=b.csv&opening=2026-01-01", content=b"account,currency,amount\n1500,EUR,5\n"
    )  # fmt: skip
    assert [row["account"] for row in opened.json()["balances"]] == ["1500", "3000"]
    assert program.post("/v1/journals?name=b.xls", content=body).json()["code"] == "bad_input"
