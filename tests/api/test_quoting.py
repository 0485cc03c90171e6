"""A quote over HTTP: the same document, the same answer, and problems as problems."""

from tests.api.hub import Client
from tests.cli.test_quoting import ASKED
from tieout.app import settlement


def test_the_answer_is_that_of_the_library(api: Client) -> None:
    answer = api.post("/v1/quote", json=ASKED)
    assert (answer.status_code, answer.json()) == (200, settlement.quote_document(ASKED))
    assert answer.json()["totals"]["platform"] == "0.29"


def test_what_is_no_question(api: Client, anyone: Client) -> None:
    assert anyone.post("/v1/quote", json=ASKED).status_code == 401
    for body, what in ((b"{", "It is not JSON: Input data was truncated"), (b"1", "It is not an object")):
        answer = api.post("/v1/quote", content=body)
        assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (400, "bad_input", what)
