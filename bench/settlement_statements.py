"""Statements for sellers as PDF: a month of twenty sales each, two made at once.

The baseline is the same statements worked out but not typeset.
"""

import tempfile
import time
from datetime import date
from pathlib import Path

from bench.lab import Figure, Lab
from bench.settlement_payouts import Market
from tieout.app import Settings, Tieout
from tieout.db.embedded import start_embedded

SELLERS, LINES = 500, 10_000
PDFS_PER_SECOND_MIN = 50
SINCE, UNTIL = date(2026, 3, 1), date(2026, 3, 31)


def measure(_lab: Lab) -> list[Figure]:
    """Statements a second, over all sellers of small books."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        url = start_embedded(Path(folder) / "postgres")
        with Tieout.open(Settings(home=Path(folder), database_url=url)) as app:
            app.init("Bench", password="bench")  # noqa: S106
            Market(app, url, SELLERS, LINES)
            began = time.perf_counter()
            made = sum(pdf.startswith(b"%PDF") for _, pdf in app.every_statement(SINCE, UNTIL))
            taken = time.perf_counter() - began
            assert made == SELLERS, made
            began = time.perf_counter()
            for number in range(SELLERS):
                app.statements(f"seller {number}", SINCE, UNTIL)
            plain = time.perf_counter() - began
            return [
                Figure(
                    "settlement: statements as PDF, 20 sales each", round(made / taken), "a second",
                    PDFS_PER_SECOND_MIN, round(SELLERS / plain), higher_is_better=True,
                )
            ]  # fmt: skip
