"""Fellegi and Sunter's model of linkage by Splink, as its documentation sets it up for payments; optional.

Splink is no dependency of ours: where it is not installed, the baseline is skipped, and the reason said.
"""

import csv
import importlib.util
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.recon3w import baselines
from bench.recon3w.score import Answer

PROBABILITY = 0.5
WHY_SKIPPED = "Splink is not installed (pip install splink==5.0.0)"
#: What is a match in four of five cases, for the model to begin with.
SURE = "l.currency = r.currency and l.amount = r.amount and abs(l.day - r.day) <= 10"
_COLUMNS = {
    "unique_id": "varchar", "day": "integer", "amount": "bigint", "currency": "varchar", "reference": "varchar",
    "memo": "varchar",
}  # fmt: skip


def available() -> bool:
    """Whether Splink can be imported."""
    return importlib.util.find_spec("splink") is not None


def settings(*, named: bool) -> Any:
    """Comparisons and blocking: amount by percent, days, memo by edits and, where both sides have it, reference."""
    import splink.comparison_level_library as levels
    import splink.comparison_library as comparisons
    from splink import SettingsCreator, block_on

    def steps(name: str, *conditions: str) -> Any:
        nothing = levels.NullLevel(name)
        return comparisons.CustomComparison(
            output_column_name=name,
            comparison_levels=[nothing, *(levels.CustomLevel(step) for step in conditions), levels.ElseLevel()],
        )

    percent = "abs(amount_l - amount_r) * 100 <= {} * abs(amount_l)"
    apart = "abs(day_l - day_r) <= {}"
    return SettingsCreator(
        link_type="link_only",
        blocking_rules_to_generate_predictions=[
            block_on("currency", "amount"),
            block_on("currency", "day", "substr(memo, 1, 4)") if not named else block_on("reference"),
        ],
        comparisons=[
            steps("amount", "amount_l = amount_r", *(percent.format(share) for share in (1, 3, 10))),
            steps("day", *(apart.format(count) for count in (1, 4, 10, 30))),
            comparisons.LevenshteinAtThresholds("memo", [2, 6]),
            *([comparisons.ExactMatch("reference")] if named else []),
        ],
        retain_intermediate_calculation_columns=False,
    )


def run(folder: Path, as_of: int, sla_days: int) -> Answer:
    """Links the two files of a folder: mutually best pairs of a probability of at least a half, ties dropped."""
    lefts, rights = baselines.read(folder / "left.csv"), baselines.read(folder / "right.csv")
    firsts = [baselines.first_deliveries(rows) for rows in (lefts, rights)]
    by_id = [{row.id: row for row in rows} for rows in firsts]
    pairs = [(by_id[0][left], by_id[1][right]) for left, right in linked(folder, *firsts)]
    return baselines.answer(lefts, rights, pairs, as_of, sla_days, "Splink")


def linked(folder: Path, lefts: list[baselines.Told], rights: list[baselines.Told]) -> list[tuple[str, str]]:
    """Pairs of ids; none where the model finds nothing to learn from, as with batches that nothing names."""
    import duckdb
    from splink import DuckDBAPI, Linker
    from splink.internals.exceptions import EMTrainingException

    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect()
    tables = []
    api = DuckDBAPI(connection=connection)
    for name, rows in (("ours", lefts), ("theirs", rights)):
        path = folder / f"splink-{name}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(
                (row.id, row.day, row.amount, row.currency, row.batch or row.reference, row.description.upper())
                for row in rows
            )
        connection.read_csv(str(path), header=False, columns=_COLUMNS).create(name)
        tables.append(api.register(name, dataset_display_name=name))
    named = not {row.batch or row.reference for row in lefts}.isdisjoint(
        row.reference for row in rights if row.reference
    )
    linker = Linker(tables, settings(named=named), log_level=logging.ERROR)
    try:
        _train(linker, named=named)
    except EMTrainingException:
        return []
    found = linker.inference.predict(threshold_match_probability=PROBABILITY)
    return list(_mutual(found.as_duckdbpyrelation().project(
        "source_dataset_l, unique_id_l, unique_id_r, match_weight").fetchall()))  # fmt: skip


def _train(linker: Any, *, named: bool) -> None:
    """Prior, chance agreement, and agreement of partners by expectation maximisation."""
    from splink import block_on

    linker.training.estimate_probability_two_random_records_match([SURE], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=1)
    for rule in (block_on("currency", "amount"), block_on("reference") if named else block_on("currency", "day")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)


def _mutual(rows: list[tuple[str, str, str, Any]]) -> Iterator[tuple[str, str]]:
    """Pairs that are each other's only best."""
    pairs = [(one, other) if source == "ours" else (other, one) for source, one, other, _ in rows]
    best: dict[tuple[int, str], list[tuple[Any, int]]] = {}
    for number, (pair, row) in enumerate(zip(pairs, rows, strict=True)):
        for side in (0, 1):
            best.setdefault((side, pair[side]), []).append((row[3], number))
    winners = {}
    for key, found in best.items():
        found.sort(reverse=True)
        winners[key] = found[0][1] if len(found) == 1 or found[0][0] > found[1][0] else None
    for number, (left, right) in enumerate(pairs):
        if winners[0, left] == winners[1, right] == number:
            yield left, right
