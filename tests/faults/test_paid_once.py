"""A payout run whose workers are killed at random points pays everybody once."""

import random
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from tests.app.payroom import DAY, balance, open_market, owe, sell

SELLERS = 40


def start(url: str, run: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.faults.paymaster", url, str(run)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def test_workers_killed_in_the_middle_of_a_run_pay_once(database_url: str, tmp_path: Path) -> None:
    dice = random.Random(11)  # noqa: S311 -- chance, not secrets
    with open_market(database_url, tmp_path) as app:
        for number in range(SELLERS):
            sell(app, f"shop{number:02}", kept_minimum_minor=100)
            owe(app, f"shop{number:02}", 1000, number + 1, -50)
        run = app.open_payout_run(DAY, size=1)
        unfinished = []
        for _ in range(2):
            doomed = [start(database_url, run), start(database_url, run)]
            for worker in doomed:
                assert worker.stdout is not None
                assert worker.stdout.readline() == b"ready\n"
            time.sleep(dice.uniform(0.02, 0.15))
            for worker in doomed:
                worker.kill()
                worker.communicate()
            unfinished.append(app.payout_run(f"run_{run}").run.parts_open)
        assert unfinished[0] > 0, "they were killed before they were done"
        app.work_payout_run(run)
        app.send_payouts(DAY)
        assert app.run_payouts(DAY).id == run
        paid = {one.party: one.amount_minor for one in app.payout_list(limit=200)}
        assert paid == {f"shop{n:02}": 851 + n for n in range(SELLERS)}
        assert {one.state.value for one in app.payout_list(limit=200)} == {"submitted"}
        assert (balance(app, "2320"), balance(app, "2350")) == (-100 * SELLERS, -sum(paid.values()))
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("select count(*), count(distinct (entry_id, line_no)) from payout_line").fetchone()
        assert rows == (4 * SELLERS, 4 * SELLERS)
        assert connection.execute("select sum(payouts), sum(total_minor) from payment_file").fetchone() == (
            SELLERS, sum(paid.values()),
        )  # fmt: skip
