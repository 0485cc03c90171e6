"""Handing the journal over: as files other programs read, each with a manifest to check them by."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from importlib import metadata
from itertools import chain
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from msgspec import Struct

from tieout.app.context import LedgerContext
from tieout.app.opened import Opened
from tieout.app.understanding import utc_now
from tieout.app.views import Finding
from tieout.ledger import store as ledger
from tieout.model.error import BadInput
from tieout.reports import beancount, hledger, manifest, store
from tieout.reports.journal import Extract, JournalEntry, Tally, Totals, day_before, opening_entry
from tieout.reports.manifest import FILES, MANIFEST, Kind, Manifest, Seal

_TEXTS = (Kind.BEANCOUNT, Kind.HLEDGER)


class _Handover(Struct, frozen=True):
    """What is handed over, and what it must come to by the database's own count."""

    extract: Extract
    journal: Iterable[JournalEntry]
    expected: Totals
    seal: Seal | None
    opening: bool


class Exporting(Opened):
    """The part of the face that hands the journal over."""

    def export(
        self, kind: Kind, folder: Path, *, first: date | None = None, last: date | None = None, portable: bool = False
    ) -> Manifest:
        """Writes the journal of some days as files into a folder, with a manifest, and returns that.

        With `first`, the files open with what every account stood at before. Files of an earlier export are replaced
        when all of the new ones are written. Raises BadInput if they cannot be written, or for days out of order.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".tieout-", dir=folder) as made:
                found = self._write(kind, Path(made), first, last, portable=portable)
                for name in (*FILES[kind], MANIFEST):
                    Path(made, name).replace(folder / name)
        except OSError as error:
            what = f"The files cannot be written: {error.strerror or error}"
            raise BadInput(what, where=str(folder), remedy="Choose another folder with --out.") from error
        return found

    def export_archive(self, kind: Kind, *, first: date | None = None, last: date | None = None) -> BinaryIO:
        """The files of an export and their manifest as one ZIP archive: an open file that is gone when it is closed."""
        with tempfile.TemporaryDirectory(prefix="tieout-") as made:
            self._write(kind, Path(made), first, last, portable=False)
            archive = tempfile.TemporaryFile()  # noqa: SIM115 -- whoever reads it closes it
            with ZipFile(archive, "w", ZIP_DEFLATED) as files:
                for name in (*FILES[kind], MANIFEST):
                    files.write(Path(made, name), name)
        archive.seek(0)
        return archive

    def journal_file(self, kind: Kind, *, first: date | None = None, last: date | None = None) -> BinaryIO:
        """The journal as one text, Beancount or hledger: an open file that is gone when it is closed."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 -- whoever reads it closes it
        for piece in self.journal_text(kind, first=first, last=last):
            file.write(piece.encode())
        file.seek(0)
        return file

    def journal_text(
        self, kind: Kind, *, first: date | None = None, last: date | None = None, portable: bool = False
    ) -> Iterator[str]:
        """The journal as one text in pieces, Beancount or hledger. The unit of work lasts until all are taken."""
        assert kind in _TEXTS, f"{kind} is no text"
        with self._handover(first, last) as found:
            if kind is Kind.BEANCOUNT:
                yield from beancount.write(found.extract, found.journal, portable=portable)
            else:
                yield from hledger.write(found.extract, found.journal)

    def beancount(self, until: date | None = None, assert_on: Sequence[date] = ()) -> str:
        """The journal up to a day as Beancount text, with our balances asserted at the end of the given days."""
        with self._handover(None, until, assert_on) as found:
            return "".join(beancount.write(found.extract, found.journal))

    def _write(self, kind: Kind, folder: Path, first: date | None, last: date | None, *, portable: bool) -> Manifest:
        tally = Tally()
        with self._handover(first, last) as found:
            manifest.write_files(kind, found.extract, tally.count(found.journal), folder, portable=portable)
        totals, extract = tally.totals(), found.extract
        assert totals == found.expected, f"wrote {totals}, the books have {found.expected}"
        entity = extract.entity
        made = Manifest(
            manifest.FORMAT, kind, entity.code, entity.name, entity.base_currency, extract.first, extract.last,
            found.opening, totals, found.seal, tuple(manifest.seen(folder / name) for name in FILES[kind]),
            f"tieout {metadata.version('tieout')}", utc_now(),
        )  # fmt: skip
        (folder / MANIFEST).write_bytes(manifest.encode(made))
        return made

    @contextmanager
    def _handover(
        self, first: date | None, last: date | None, assert_on: Sequence[date] | None = None
    ) -> Iterator[_Handover]:
        """One picture of the books. Balances are asserted at the end of the last day, unless other days are given."""
        with self.database.unit() as connection:
            store.hold_still(connection)
            context = LedgerContext(connection, self.settings)
            begin, end = _days(first, last, store.last_day(connection, context.id))
            opening = None
            if first is not None:
                opening = opening_entry(ledger.balances(connection, context.id, until=day_before(first)), first)
            tally = Tally()
            tally.add_totals(store.totals(connection, context.id, begin, end))
            used = store.first_days(connection, context.id, begin, end)
            if opening is not None:
                tally.add_entry(opening)
                used |= {line.account: begin for line in opening.entry.draft.lines}
            closing = [
                balance
                for day in ((end,) if assert_on is None else assert_on)
                for balance in ledger.balances(connection, context.id, until=day)
            ]
            extract = Extract(context.entity, tuple(context.accounts.values()), first, end, used, tuple(closing))
            head = store.seal_head(connection, context.id)
            seal = Seal(head[0], head[1].hex()) if head else None
            journal = store.journal(connection, context.id, begin, end)
            entries = chain([opening] if opening else [], journal)
            yield _Handover(extract, entries, tally.totals(), seal, opening is not None)


def _days(first: date | None, last: date | None, newest: date | None) -> tuple[date, date]:
    """The first and the last day of an extract; without a last one, up to the newest entry."""
    end = last or max(newest or utc_now().date(), first or date.min)
    if first is not None and first > end:
        what = f"{first} is after {end}"
        raise BadInput(what, where="from", remedy="Give a first day, and a last one that is not before it.")
    return first or date.min, end


def check_export(file: Path) -> list[Finding]:
    """Checks the files of an export against their manifest, without the books. An empty list if all is as written.

    Raises BadInput if the manifest cannot be read.
    """
    try:
        body = file.read_bytes()
    except OSError as error:
        what = f"The manifest cannot be read: {error.strerror or error}"
        raise BadInput(what, where=str(file), remedy=f"Name the {MANIFEST} of an export.") from error
    found = manifest.decode(body, str(file))
    remedy = "Export again; if the file was changed on its way, find out where."
    return [Finding(name, False, what, remedy) for name, what in manifest.problems(found, file.parent)]
