"""Attempts, answers and files: written down in order, each under a key of its own."""

from pathlib import Path

from tests.app.payroom import ANNA, DAY, open_market, owe, sell
from tieout.model.payout import Answer, Outcome
from tieout.settlement import attempts


def test_what_was_given_away_and_what_came_of_it(database_url: str, tmp_path: Path) -> None:
    with open_market(database_url, tmp_path) as app:
        sell(app)
        owe(app, "birke", 1000)
        app.run_payouts(DAY)
        app.send_payouts(DAY)
        with app._books() as (connection, context):
            (tried,) = attempts.attempts(connection, context.id, [1])
            assert (tried.number, tried.idempotency_key, tried.file_id, tried.answer) == (1, "SP0000000001-1", 1, None)
            for outcome in (Outcome.UNKNOWN, Outcome.ACCEPTED):
                attempts.answered(connection, context.id, 1, 1, Answer(outcome, "ref"))
            assert attempts.attempts(connection, context.id, [1])[0].answer == Answer(Outcome.ACCEPTED, "ref")
            assert attempts.payouts_of_file(connection, context.id, 1) == [1]
            assert attempts.file_by_message(connection, context.id, "FSP000000000102") == 1
            assert attempts.under_way(connection, context.id, ["bank"]) == [1]
            assert attempts.take_one(connection, context.id, 1)
            content, time, first = attempts.export(connection, context.id, 1, ANNA.name)
            assert (content[:5], time, first) == (b"<?xml", 1, None)
            _, time, first = attempts.export(connection, context.id, 1, "eva")
            assert first is not None
            assert (time, first[0]) == (2, ANNA.name)
