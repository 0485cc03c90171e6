"""Beancount as an independent judge of the demo's month."""

import shutil
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.playing import open_books, play
from tieout.model.money import from_minor
from tieout.sandbox.plan import compose
from tieout.sandbox.world import World

DAYS = (date(2026, 10, 5), date(2026, 10, 17), date(2026, 10, 31))


def tool(name: str) -> str:
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    assert found is not None, f"{name} is among the development requirements"
    return found


@pytest.mark.slow
def test_the_demo_month_passes_bean_check_and_its_balances_are_ours(database_url, tmp_path):
    plan = compose(World())
    app = open_books(database_url, tmp_path / "home", plan)
    assert play(app, plan).tied
    journal = tmp_path / "month.beancount"
    journal.write_text(app.beancount(assert_on=DAYS), encoding="utf-8")
    checked = subprocess.run([tool("bean-check"), "--no-cache", journal], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    for day in DAYS:
        assert judged(journal, day) == ours(app, day)
    app.close()


def ours(app, day: date) -> dict[tuple[str, str], Decimal]:
    return {
        (b.account, b.currency): from_minor(b.balance_minor, b.currency) for b in app.balances(day) if b.balance_minor
    }


def judged(journal: Path, day: date) -> dict[tuple[str, str], Decimal]:
    """Balances by account code and currency, added up by bean-query from the text alone."""
    query = (
        "select open_meta(account)['code'] as code, currency, sum(number) as total"
        f" where date <= {day.isoformat()} group by code, currency"
    )
    command = [tool("bean-query"), "--format", "csv", "--numberify", str(journal), query]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: dict[tuple[str, str], Decimal] = {}
    for row in answer.splitlines()[1:]:
        code, currency, total = (cell.strip().strip('"') for cell in row.split(","))
        found[code, currency] = found.get((code, currency), Decimal(0)) + Decimal(total)
    return {key: amount for key, amount in found.items() if amount}
