"""The one public pair of files with a known truth: Splink's `transactions_origin` and `transactions_destination`.

45,326 payments a side, one to one, with lag, drifting amounts and cut memos (MIT licence). They are not shipped: name a
folder that holds both Parquet files in RECON3W_PUBLIC.
"""

import csv
import os
from pathlib import Path

from bench.recon3w import days
from bench.recon3w.rows import LEFT, RIGHT
from bench.recon3w.truth import Edge, Item, Truth

NAMES = {LEFT: "transactions_origin", RIGHT: "transactions_destination"}
WHY_SKIPPED = "RECON3W_PUBLIC names no folder with transactions_origin.parquet and transactions_destination.parquet"


def folder() -> Path | None:
    """Where the pair lies, if it does."""
    named = os.environ.get("RECON3W_PUBLIC", "")
    found = Path(named)
    return found if named and all((found / f"{name}.parquet").exists() for name in NAMES.values()) else None


def write(source: Path, target: Path, sla_days: int) -> Truth:
    """The pair as left.csv and right.csv, and the truth: every payment has arrived, some with another amount."""
    import duckdb

    target.mkdir(parents=True, exist_ok=True)
    truth, amounts, last = Truth(), {}, 0
    for side, name in NAMES.items():
        rows = duckdb.read_parquet(str(source / f"{name}.parquet")).project(
            "ground_truth, unique_id, transaction_date - date '1970-01-01',"
            " cast(round(amount * 100) as bigint), trim(memo)"
        ).order("unique_id").fetchall()  # fmt: skip
        with (target / f"{side}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("id", "date", "amount", "currency", "description"))
            for known, id, day, amount, memo in rows:
                writer.writerow((f"{side}-{id}", days.text(day), f"{amount // 100}.{amount % 100:02}", "GBP", memo))
                amounts[side, known] = (f"{side}-{id}", amount)
                truth.items[side, f"{side}-{id}"] = Item(amount, "GBP", "plain", ("match", "propose"))
                last = max(last, day)
    for (side, known), (id, amount) in amounts.items():
        if side == LEFT and (RIGHT, known) in amounts:
            other, arrived = amounts[RIGHT, known]
            truth.edges[id, other] = Edge(amount, arrived)
    (target / "rules.toml").write_text(
        f"as_of = {days.text(last)}\nsla_days = {sla_days}\nwindow_days = {sla_days}\n", "utf-8"
    )
    return truth
