"""Writes an outcome into a folder: matches, cases and a summary, all of them or none."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tieout.model.error import BadInput
from tieout.reconciliation.matching.dialect import Dialect
from tieout.reconciliation.matching.run import Outcome


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """A folder beside `folder` that takes its place when the block ends well, and is gone if it does not.

    Files of an earlier run are replaced; others are left alone. The summary goes first and comes last, so where there
    is one, the files beside it are of the same run.
    """
    if folder.exists() and not folder.is_dir():
        raise BadInput("It is a file, not a folder", where=str(folder), remedy="Name a folder with --out.")
    try:
        folder.absolute().parent.mkdir(parents=True, exist_ok=True)
        apart = folder.absolute().parent / f".{folder.absolute().name}.{secrets.token_hex(4)}.unfinished"
        apart.mkdir()
    except OSError as error:
        what = f"The folder cannot be written: {error.strerror}"
        raise BadInput(what, where=str(folder), remedy="Name another with --out.") from error
    try:
        yield apart
        if folder.exists():
            _replace(apart, folder)
        else:
            apart.rename(folder)
    finally:
        shutil.rmtree(apart, ignore_errors=True)


def _replace(apart: Path, folder: Path) -> None:
    (folder / "summary.json").unlink(missing_ok=True)
    files = sorted((path for path in apart.iterdir()), key=lambda path: path.name == "summary.json")
    endings = {path.suffix for path in files} - {".json"}
    for ending in {".csv", ".parquet"} - endings:
        for name in ("matches", "cases"):
            (folder / f"{name}{ending}").unlink(missing_ok=True)
    for path in files:
        path.replace(folder / path.name)


def write(dialect: Dialect, outcome: Outcome, folder: Path, summary: object, *, parquet: bool = False) -> None:
    """Writes the three files."""
    ending = "parquet" if parquet else "csv"
    ids = ("match_id", "left_id", "right_id")
    # Sorting is for people; it would take as long as matching did.
    listed = "result.match_rows" if parquet else "result.match_list"
    dialect.write(folder / f"matches.{ending}", listed, guard=ids, matches=outcome.matches)
    dialect.write(folder / f"cases.{ending}", "result.case_list", guard=("id",), cases=outcome.cases)
    text = msgspec.json.format(msgspec.json.encode(summary), indent=2).decode()
    (folder / "summary.json").write_text(text + "\n", "utf-8")
