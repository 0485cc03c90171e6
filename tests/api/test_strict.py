"""What a body must be to the letter is told in tests/app/test_drafting.py."""

import json

from tests.api.hub import served
from tests.app.house import open_house


def test_a_body_is_read_as_the_struct_its_handler_takes(database_url, tmp_path) -> None:
    """And not converted leniently, as other handlers' are: a fraction is no amount."""
    line = {"account": "4000", "currency": "EUR", "amount_minor": 500.0}
    sent = {"key": "k", "effective_date": "2026-03-02", "memo": "A mug", "why": "Because.", "lines": [line, line]}
    with open_house(database_url, tmp_path) as app, served(app) as client:
        client.headers["Authorization"] = f"Bearer {app.new_api_key('tests')}"
        answer = client.post("/v1/entry", content=json.dumps(sent).encode())
    assert (answer.status_code, answer.json()["where"]) == (400, "lines[0].amount_minor")
    assert answer.json()["remedy"].startswith("Send whole minor units")
