"""Files the journal is handed over in, and the manifest that says what they add up to.

A manifest is JSON beside its files: which books and days, how many entries and lines, debit and credit per currency, a
SHA-256 of every file, the head of the chain of seals if there is one, and who wrote it. Whoever receives the files can
check them without us, and we can check them without the books.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct

from tieout.model.account import Account
from tieout.model.error import BadInput
from tieout.model.money import to_minor
from tieout.reports import beancount, hledger, parquet, table, table_reader
from tieout.reports.beancount_reader import read_journal
from tieout.reports.incoming import ToldLine
from tieout.reports.journal import Extract, JournalEntry, Tally, Totals

FORMAT = "tieout-export-1"
MANIFEST = "manifest.json"
_CHUNK = 1 << 20


class Kind(StrEnum):
    """What the journal can be handed over as."""

    BEANCOUNT = "beancount"
    HLEDGER = "hledger"
    CSV = "csv"
    PARQUET = "parquet"


FILES: Mapping[Kind, tuple[str, ...]] = {
    Kind.BEANCOUNT: ("journal.beancount",),
    Kind.HLEDGER: ("journal.hledger",),
    Kind.CSV: ("entries.csv", "lines.csv"),
    Kind.PARQUET: ("entries.parquet", "lines.parquet"),
}


class Seal(Struct, frozen=True):
    """The newest block of the chain of seals when the export was made."""

    block: int
    hash: str


class FileSeen(Struct, frozen=True):
    """A file as it was written."""

    name: str
    bytes: int
    sha256: str


class Manifest(Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """What an export consists of. `opening` says that its first entry is what the accounts stood at before."""

    format: str
    kind: Kind
    ledger: str
    name: str
    base_currency: str
    first: date | None
    last: date
    opening: bool
    totals: Totals
    seal: Seal | None
    files: tuple[FileSeen, ...]
    generator: str
    made_at: datetime


def write_files(
    kind: Kind, extract: Extract, journal: Iterable[JournalEntry], folder: Path, *, portable: bool = False
) -> None:
    """Writes the files of an export in one pass over the journal. Raises OSError if there is no room for them."""
    paths = [folder / name for name in FILES[kind]]
    if kind is Kind.BEANCOUNT:
        _write_text(paths[0], beancount.write(extract, journal, portable=portable))
    elif kind is Kind.HLEDGER:
        _write_text(paths[0], hledger.write(extract, journal))
    elif kind is Kind.CSV:
        _write_tables(paths, extract, journal, guarded=True)
    else:
        raw = [path.with_suffix(".raw") for path in paths]
        _write_tables(raw, extract, journal, guarded=False)
        for columns, source, path in zip((table.ENTRIES, table.LINES), raw, paths, strict=True):
            parquet.to_parquet(source, columns, path)
            source.unlink()


def _write_text(path: Path, pieces: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(pieces)


def _write_tables(paths: list[Path], extract: Extract, journal: Iterable[JournalEntry], *, guarded: bool) -> None:
    accounts: Mapping[str, Account] = {account.code: account for account in extract.accounts}
    with ExitStack() as files:
        entries, lines = (
            table.Table(files.enter_context(path.open("w", encoding="utf-8", newline="")), columns, guarded=guarded)
            for path, columns in zip(paths, (table.ENTRIES, table.LINES), strict=True)
        )
        for found in journal:
            entries.write(table.entry_row(found))
            for row in table.line_rows(found, accounts, extract.entity.base_currency):
                lines.write(row)


def seen(path: Path) -> FileSeen:
    """A file's name, size and hash."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return FileSeen(path.name, path.stat().st_size, digest.hexdigest())


def encode(manifest: Manifest) -> bytes:
    """The manifest as JSON for people and programs."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def decode(body: bytes, name: str) -> Manifest:
    """Reads a manifest. Raises BadInput for what is none."""
    try:
        found = msgspec.json.decode(body, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        remedy = f"It is the {MANIFEST} beside the files of an export."
        raise BadInput(f"It is no manifest: {error}", where=name, remedy=remedy) from error
    if found.format != FORMAT:
        remedy = "Check it with the version that wrote it; it is named under “generator”."
        raise BadInput(f"Its format is “{found.format:.40}”, not {FORMAT}", where=name, remedy=remedy)
    return found


def problems(manifest: Manifest, folder: Path) -> Iterator[tuple[str, str]]:
    """(file, what is wrong) of an export: files missing or changed, or adding up to something else."""
    expected = FILES[manifest.kind]
    named = {file.name: file for file in manifest.files}
    for name in sorted(named.keys() ^ set(expected)):
        yield name, "it is not what such an export consists of" if name in named else "the manifest does not name it"
    whole = named.keys() == set(expected)
    for name in expected:
        if name not in named:
            continue
        path = folder / name
        if not path.is_file():
            yield name, "it is missing"
            whole = False
            continue
        now = seen(path)
        if now != named[name]:
            what = "its size" if now.bytes != named[name].bytes else "its content"
            yield name, f"{what} is not what was written (SHA-256 {now.sha256[:12]}, not {named[name].sha256[:12]})"
            whole = False
    if whole:
        yield from _wrong_totals(manifest, folder)


def _wrong_totals(manifest: Manifest, folder: Path) -> Iterator[tuple[str, str]]:
    now = totals_of(manifest, [folder / name for name in FILES[manifest.kind]])
    for what in ("entries", "lines", "currencies"):
        if getattr(now, what) != getattr(manifest.totals, what):
            yield MANIFEST, f"its {what} are not what the files come to: {getattr(now, what)}"
    for total in manifest.totals.currencies:
        if total.debit_minor != total.credit_minor:
            yield MANIFEST, f"debit and credit differ in {total.currency}"
    base = sum(t.base_debit_minor - t.base_credit_minor for t in manifest.totals.currencies)
    if base:
        yield MANIFEST, f"debit and credit differ in {manifest.base_currency} overall, by {base} minor units"


def totals_of(manifest: Manifest, files: list[Path]) -> Totals:
    """What the files of an export come to, read from the files alone."""
    readers: Mapping[Kind, Callable[[Manifest, list[Path]], Totals]] = {
        Kind.BEANCOUNT: _beancount_totals,
        Kind.HLEDGER: _hledger_totals,
        Kind.CSV: _csv_totals,
        Kind.PARQUET: lambda _, paths: parquet.totals_of(*paths),
    }
    return readers[manifest.kind](manifest, files)


def _beancount_totals(manifest: Manifest, files: list[Path]) -> Totals:
    told = read_journal(files[0].read_text("utf-8"), {}, manifest.base_currency)
    tally = Tally()
    for entry in told.entries:
        tally.add_entry()
        for line in entry.lines:
            _add(tally, line)
    return tally.totals()


def _csv_totals(manifest: Manifest, files: list[Path]) -> Totals:
    tally = Tally()
    with files[0].open(encoding="utf-8", newline="") as file:
        for _ in table_reader.rows_of(file, files[0].name):
            tally.add_entry()
    with files[1].open(encoding="utf-8", newline="") as file:
        for line in table_reader.lines_of(file, files[1].name, manifest.base_currency):
            _add(tally, line)
    return tally.totals()


def _add(tally: Tally, line: ToldLine) -> None:
    tally.add(line.currency, line.amount_minor, line.amount_minor if line.base_minor is None else line.base_minor)


def _hledger_totals(manifest: Manifest, files: list[Path]) -> Totals:
    tally = Tally()
    with files[0].open(encoding="utf-8") as file:
        for new, amount, currency, base in hledger.lines_of(file, manifest.base_currency):
            if new:
                tally.add_entry()
            tally.add(currency, to_minor(amount, currency), to_minor(base, manifest.base_currency))
    return tally.totals()
