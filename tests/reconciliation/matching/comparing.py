"""Small files, compared: rows as text in, rows of matches and cases out."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tieout.app import matching

HEADING = "id,date,amount,currency,reference,batch,description"
Row = Mapping[str, str]


class Compared:
    """What a comparison of two small files wrote."""

    def __init__(self, folder: Path, summary: matching.Summary) -> None:
        self.summary = summary
        self.matches = read(folder / "matches.csv")
        self.cases = read(folder / "cases.csv")

    def tied(self) -> list[tuple[str, str, str, str, str]]:
        """(left, right, amount, pass, status) of every allocation."""
        return [(m["left_id"], m["right_id"], m["amount"], m["pass"], m["status"]) for m in self.matches]

    def open(self) -> list[tuple[str, str, str]]:
        """(side, id, reason) of every case."""
        return [(c["side"], c["id"], c["reason"]) for c in self.cases]

    def why(self, id_: str) -> str:
        """Why a row is a case."""
        return next(c["why"] for c in self.cases if c["id"] == id_)


def read(file: Path) -> list[Row]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def files_of(folder: Path) -> dict[str, bytes]:
    """The files that a comparison in this folder wrote."""
    return {path.name: path.read_bytes() for path in (folder / "out").iterdir()}


def table(rows: str | Sequence[str]) -> str:
    """Rows as CSV under the standard heading; a line that stops short has empty fields after it."""
    lines = rows.split("\n") if isinstance(rows, str) else rows
    wide = HEADING.count(",")
    return "\n".join([HEADING, *(f"{line.strip()}{',' * (wide - line.count(','))}" for line in lines if line.strip())])


def compare(folder: Path, left: str | Sequence[str], right: str | Sequence[str], **options: Any) -> Compared:
    """Compares rows of a left with rows of a right file."""
    files = folder / "left.csv", folder / "right.csv"
    for file, rows in zip(files, (left, right), strict=True):
        file.write_text(table(rows) + "\n", "utf-8")
    return Compared(folder / "out", matching.match(*files, out=folder / "out", **options))
