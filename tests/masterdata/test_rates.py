"""ECB rate files, and conversion to the last minor unit."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tieout.masterdata.rates import Rate, read_ecb
from tieout.model.error import BadInput

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
  <Cube>
    <Cube time="2026-03-03"><Cube currency="USD" rate="1.1042"/><Cube currency="JPY" rate="160.12"/></Cube>
    <Cube time="2026-03-02"><Cube currency="USD" rate="1.1000"/><Cube currency="JPY" rate="160"/></Cube>
  </Cube>
</gesmes:Envelope>
"""
RATES = [
    Rate("EUR", "JPY", MONDAY, Decimal(160), "ecb"),
    Rate("EUR", "USD", MONDAY, Decimal("1.1000"), "ecb"),
    Rate("EUR", "JPY", TUESDAY, Decimal("160.12"), "ecb"),
    Rate("EUR", "USD", TUESDAY, Decimal("1.1042"), "ecb"),
]
HISTORY_CSV = b"Date,USD,JPY,CYP,\n2026-03-03,1.1042,160.12,N/A,\n2026-03-02,1.1000,160,N/A,\n"
DAILY_CSV = b"Date, USD, JPY, \n03 March 2026, 1.1042, 160.12, \n"


def zipped(content: bytes, *names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return target.getvalue()


# ---- files


@pytest.mark.parametrize(
    "body",
    [
        XML,
        b"\xef\xbb\xbf" + XML,
        b"\n" + XML,
        HISTORY_CSV,
        HISTORY_CSV.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + HISTORY_CSV,
        zipped(HISTORY_CSV, "eurofxref-hist.csv"),
    ],
)
def test_the_history_in_every_form(body: bytes) -> None:
    assert read_ecb(body) == RATES


@pytest.mark.parametrize("body", [DAILY_CSV, zipped(DAILY_CSV, "eurofxref.csv")])
def test_the_daily_csv_writes_out_the_month(body: bytes) -> None:
    assert read_ecb(body) == RATES[2:]


def test_a_currency_that_no_longer_exists_is_kept() -> None:
    body = b"Date,USD,CYP,\n2007-12-31,1.4721,0.585274,\n"
    assert [(r.quote, r.rate) for r in read_ecb(body)] == [("CYP", Decimal("0.585274")), ("USD", Decimal("1.4721"))]


def test_the_same_rate_twice_is_one_rate_and_another_is_refused() -> None:
    assert read_ecb(b"Date,USD\n2026-03-02,1.1\n2026-03-02,1.10\n") == [Rate("EUR", "USD", MONDAY, Decimal("1.1"))]
    with pytest.raises(BadInput) as caught:
        read_ecb(b"Date,USD\n2026-03-02,1.1\n2026-03-02,1.2\n")
    assert (caught.value.what, caught.value.where) == ("There are two rates, 1.1 and 1.2", "USD on 2026-03-02")


@pytest.mark.parametrize(
    ("body", "what", "where"),
    [
        (b"", "The file is neither ECB XML nor ECB CSV", "the first line"),
        (b"Day,USD\n2026-03-02,1.1\n", "The file is neither ECB XML nor ECB CSV", "the first line"),
        (b"Date,USD\n", "The file has no rates", "the file"),
        (b"<a/>", "The file has no rates", "the file"),
        (b"<a>", "The file is not readable XML (no element found: line 1, column 3)", "the file"),
        (b"Date,USD\n2026-02-30,1.1\n", "“2026-02-30” is not a date", "line 2"),
        (b"Date,USD\n31 Juni 2026,1.1\n", "“31 Juni 2026” is not a date", "line 2"),
        (b"Date,USD\n2026-03-02,1.1,2\n", "The line has 3 columns and the header 2", "line 2"),
        (b"Date,USD\n2026-03-02\n", "The line has 1 columns and the header 2", "line 2"),
        (b"Date,USD\n\n2026-03-02,-1.1\n", "“-1.1” is not a rate", "USD on 2026-03-02"),
        (b"Date,USD\n2026-03-02,0\n", "“0” is not a rate", "USD on 2026-03-02"),
        (b"Date,USD\n2026-03-02,0.00\n", "“0.00” is not a rate", "USD on 2026-03-02"),
        (b"Date,USD\n2026-03-02,1E5\n", "“1E5” is not a rate", "USD on 2026-03-02"),
        (b"Date,USD\n2026-03-02,NaN\n", "“NaN” is not a rate", "USD on 2026-03-02"),
        (b"Date,USD\n2026-03-02,\n", "“” is not a rate", "USD on 2026-03-02"),
        (b"Date,USD\n2026-03-02,1.12345678901\n", "“1.12345678901” is not a rate", "USD on 2026-03-02"),
        (b"Date,usd\n2026-03-02,1.1\n", "“usd” is not the code of another currency", "usd on 2026-03-02"),
        (b"Date,EUR\n2026-03-02,1\n", "“EUR” is not the code of another currency", "EUR on 2026-03-02"),
        (XML.replace(b"1.1042", b"1,1042"), "“1,1042” is not a rate", "USD on 2026-03-03"),
        (XML.replace(b"2026-03-03", b"today"), "“today” is not a date", "Cube time 'today'"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(body: bytes, what: str, where: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_ecb(body)
    assert (caught.value.what, caught.value.where) == (what, where)
    assert caught.value.remedy.startswith("Download eurofxref-hist.xml")


def test_a_doctype_and_a_zip_of_several_files_are_refused() -> None:
    with pytest.raises(BadInput, match="not readable XML"):
        read_ecb(XML.replace(b"?>", b'?><!DOCTYPE a SYSTEM "file:///etc/hostname">', 1))
    with pytest.raises(BadInput, match="no zip with one file in it"):
        read_ecb(zipped(HISTORY_CSV, "a.csv", "b.csv"))


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda tail: b"PK\x03\x04" + tail))
@example(zipped(HISTORY_CSV, "a.csv")[:-10])
@example(zipped(HISTORY_CSV, "a.csv").replace(b"a.csv", b"b.csv", 1))
@example(b"Date,USD\n\x00")
@example(b'Date,USD\n"2026')
def test_random_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(BadInput):
        read_ecb(body)


@given(st.integers(0, len(XML) - 1), st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused(place: int, value: int) -> None:
    body = XML[:place] + bytes([value]) + XML[place + 1 :]
    try:
        found = read_ecb(body)
    except BadInput:
        return
    assert all(rate.rate > 0 and rate.base == "EUR" for rate in found)


@given(st.dictionaries(st.tuples(st.dates(), st.sampled_from(["USD", "JPY", "KWD", "GBP"])),
                       st.decimals("0.0001", "99999", places=4), min_size=1, max_size=20))  # fmt: skip
def test_xml_and_csv_say_the_same(rates: dict[tuple[date, str], Decimal]) -> None:
    cubes = "".join(f'<Cube time="{d}"><Cube currency="{c}" rate="{r}"/></Cube>' for (d, c), r in rates.items())
    codes = sorted({c for _, c in rates})
    rows = [[str(rates.get((d, c), "N/A")) for c in codes] for d in sorted({d for d, _ in rates})]
    lines = [",".join([str(d), *row, ""]) for d, row in zip(sorted({d for d, _ in rates}), rows, strict=True)]
    xml = f'<E xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube>{cubes}</Cube></E>'
    text = "\n".join([",".join(["Date", *codes, ""]), *lines])
    expected = [Rate("EUR", c, d, rates[d, c]) for d, c in sorted(rates)]
    assert read_ecb(xml.encode()) == read_ecb(text.encode()) == expected


# ---- conversion
