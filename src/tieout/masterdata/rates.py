"""Exchange rates of the European Central Bank: reading its files.

The ECB publishes one rate for each currency and TARGET working day, as units of the currency for one euro. Its files
are read as they are offered for download: `eurofxref-daily.xml`, `eurofxref-hist-90d.xml`, `eurofxref-hist.xml`, and
`eurofxref.csv` and `eurofxref-hist.csv`, these two also in the zip they come in.

Source of the rules: the bank's page “Euro foreign exchange reference rates”. Rounding: Council Regulation (EC)
No 1103/97, article 5: to the nearest unit, and a result exactly half-way is rounded up, that is, away from zero.
The euro in the middle of a cross rate is not rounded (article 4(4) allows rounding it, but does not ask for it).
"""

import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from decimal import Decimal

from defusedxml import DefusedXmlException  # type: ignore[import-untyped] # it has no type stubs
from defusedxml.ElementTree import ParseError, fromstring  # type: ignore[import-untyped] # as above
from msgspec import Struct

from tieout.model.error import BadInput

PIVOT = "EUR"
SOURCE = "ecb"
#: The whole history since 1999 is about 10 MiB as XML.
FILE_BYTES_MAX = 64 * 1024 * 1024

_CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
_CODE = re.compile(r"[A-Z]{3}")
#: What the database keeps of a rate: numeric(20, 10).
_RATE = re.compile(r"[0-9]{1,10}(\.[0-9]{1,10})?")
_MONTHS = ("January", "February", "March", "April", "May", "June",
           "July", "August", "September", "October", "November", "December")  # fmt: skip
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONG_DAY = re.compile(r"([0-9]{1,2}) ([A-Z][a-z]+) ([0-9]{4})")
_REMEDY = "Download eurofxref-hist.xml or eurofxref-hist.zip from the European Central Bank and import it unchanged."


class Rate(Struct, frozen=True, order=True):
    """One unit of `base` is `rate` units of `quote` on `date`, says `source`."""

    base: str
    quote: str
    date: dt.date
    rate: Decimal
    source: str = SOURCE


def read_ecb(body: bytes) -> list[Rate]:
    """The rates of an ECB file (XML, CSV or zipped CSV), by day and currency.

    Raises BadInput, with the place, for anything that is no such file, and for two rates of one day and currency
    that differ.
    """
    if len(body) > FILE_BYTES_MAX:
        raise _refused(f"The file is larger than {FILE_BYTES_MAX // 1024 // 1024} MiB", "the file")
    content = _unzipped(body) if body.startswith(b"PK") else body
    found: dict[tuple[dt.date, str], Rate] = {}
    for rate in _xml(content) if content.lstrip(b" \t\r\n\xef\xbb\xbf").startswith(b"<") else _csv(content):
        known = found.setdefault((rate.date, rate.quote), rate)
        if known != rate:
            raise _refused(f"There are two rates, {known.rate} and {rate.rate}", f"{rate.quote} on {rate.date}")
    if not found:
        raise _refused("The file has no rates", "the file")
    return [found[key] for key in sorted(found)]


def _refused(what: str, where: str) -> BadInput:
    return BadInput(what, where=where, remedy=_REMEDY)


def _unzipped(body: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            (name,) = archive.namelist()
            with archive.open(name) as file:
                content = file.read(FILE_BYTES_MAX + 1)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise _refused(f"The file is no zip with one file in it ({error})", "the file") from None
    if len(content) > FILE_BYTES_MAX:
        raise _refused(f"The file in the zip is larger than {FILE_BYTES_MAX // 1024 // 1024} MiB", "the file")
    return content


def _xml(content: bytes) -> Iterator[Rate]:
    try:
        root = fromstring(content.lstrip(b" \t\r\n"), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise _refused(f"The file is not readable XML ({error})", "the file") from None
    for day in root.iterfind(f"{_CUBE}/{_CUBE}"):
        time = day.get("time") or ""
        date = _date(time, f"Cube time {time!r}")
        for cube in day.iterfind(_CUBE):
            yield _rate(cube.get("currency") or "", date, cube.get("rate") or "")


def _csv(content: bytes) -> Iterator[Rate]:
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _refused(f"The file is neither XML nor CSV ({error})", "the file") from None
    header = [name.strip() for name in rows[0]] if rows else []
    if not header or header[0] != "Date":
        raise _refused("The file is neither ECB XML nor ECB CSV", "the first line")
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            raise _refused(f"The line has {len(row)} columns and the header {len(header)}", f"line {number}")
        date = _date(row[0].strip(), f"line {number}")
        # Both files end each line with a comma, which makes a last column without a name.
        for code, text in zip(header[1:], (cell.strip() for cell in row[1:]), strict=True):
            if text != "N/A" and (code or text):
                yield _rate(code, date, text)


def _date(text: str, where: str) -> dt.date:
    """A day as the ECB writes it: 2026-03-02, or 02 March 2026 in the daily CSV."""
    try:
        if _ISO_DAY.fullmatch(text):
            return dt.date.fromisoformat(text)
        if long := _LONG_DAY.fullmatch(text):
            return dt.date(int(long[3]), _MONTHS.index(long[2]) + 1, int(long[1]))
    except ValueError:
        pass
    raise _refused(f"“{text[:40]}” is not a date", where)


def _rate(code: str, date: dt.date, text: str) -> Rate:
    where = f"{code[:10]} on {date}"
    if not _CODE.fullmatch(code) or code == PIVOT:
        raise _refused(f"“{code[:10]}” is not the code of another currency", where)
    if not _RATE.fullmatch(text) or not (value := Decimal(text)):
        raise _refused(f"“{text[:40]}” is not a rate", where)
    return Rate(PIVOT, code, date, value)
