"""ECB rate files, and conversion to the last minor unit."""

import io
import zipfile
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tieout.masterdata.rates import Rate, RateOf, convert_minor, exact_rate, read_ecb
from tieout.model.error import AmountError, BadInput, NotFound
from tieout.model.money import AMOUNT_MINOR_MAX, exponent_of

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


def lookup(**rates: str) -> RateOf:
    table: Mapping[str, Decimal] = {code: Decimal(rate) for code, rate in rates.items()}
    return table.get


DAY = lookup(USD="1.1042", JPY="160.12", KWD="0.3401", GBP="0.8250", CHF="0.9433")


@pytest.mark.parametrize(
    ("amount", "source", "target", "expected"),
    [
        (10_000, "EUR", "EUR", 10_000),
        (10_000, "EUR", "USD", 11_042),
        (11_042, "USD", "EUR", 10_000),
        (10_000, "USD", "EUR", 9_056),  # 100 / 1.1042 = 90.5633…
        (10_000, "EUR", "JPY", 16_012),
        (1, "EUR", "JPY", 2),  # 1.6012
        (16_012, "JPY", "EUR", 10_000),
        (10_000, "EUR", "KWD", 34_010),
        (34_010, "KWD", "EUR", 10_000),
        (10_000, "GBP", "CHF", 11_434),  # 100 × 0.9433 / 0.8250 = 114.3393…
        (100_000, "USD", "JPY", 145_010),  # 1000 × 160.12 / 1.1042 = 145009.96…
        (0, "USD", "JPY", 0),
    ],
)
def test_conversions_by_hand(amount: int, source: str, target: str, expected: int) -> None:
    assert convert_minor(amount, source, target, DAY) == expected
    assert convert_minor(-amount, source, target, DAY) == -expected


@pytest.mark.parametrize(
    ("amount", "rate", "expected"),
    [(1, "0.5", 1), (-1, "0.5", -1), (3, "0.5", 2), (1, "0.4999999999", 0), (-1, "0.4999999999", 0), (5, "0.1", 1)],
)
def test_half_way_goes_away_from_zero(amount: int, rate: str, expected: int) -> None:
    assert convert_minor(amount, "EUR", "USD", lookup(USD=rate)) == expected


def test_the_euro_in_the_middle_is_not_rounded() -> None:
    """0.01 USD is 0.009 EUR and 1.45 JPY; by way of a rounded 0.01 EUR it would be 1.60, that is 2 JPY."""
    assert convert_minor(1, "USD", "JPY", DAY) == 1


def test_a_missing_rate_and_a_result_that_does_not_fit() -> None:
    with pytest.raises(NotFound) as caught:
        convert_minor(1, "USD", "SEK", DAY)
    assert caught.value.what == "There is no exchange rate from EUR to SEK"
    with pytest.raises(AmountError):
        convert_minor(AMOUNT_MINOR_MAX, "EUR", "USD", DAY)
    with pytest.raises(AmountError):
        convert_minor(7, "XTS", "XTS", DAY)
    assert convert_minor(AMOUNT_MINOR_MAX, "USD", "EUR", DAY) == round(Fraction(AMOUNT_MINOR_MAX) / Fraction("1.1042"))


def test_another_pivot() -> None:
    per_dollar = lookup(EUR="0.9", JPY="150")
    assert convert_minor(9_000, "EUR", "JPY", per_dollar, pivot="USD") == 15_000
    assert exact_rate("EUR", "JPY", per_dollar, pivot="USD") == Fraction(150) / Fraction("0.9")


CODES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "GBP", "CHF"])
AMOUNTS = st.integers(-(10**15), 10**15)
PER_EURO = st.fixed_dictionaries(
    {code: st.decimals("0.0001", "99999", places=4) for code in ("USD", "JPY", "KWD", "GBP", "CHF")}
)


def minor_ratio(source: str, target: str, rates: dict[str, Decimal]) -> Fraction:
    """Minor units of the target for one minor unit of the source."""
    return exact_rate(source, target, rates.get) * Fraction(10) ** (exponent_of(target) - exponent_of(source))


@given(AMOUNTS, CODES, CODES, PER_EURO)
def test_the_result_is_within_half_a_unit_and_keeps_the_sign(
    amount: int, source: str, target: str, rates: dict[str, Decimal]
) -> None:
    exact = amount * minor_ratio(source, target, rates)
    assume(abs(exact) < AMOUNT_MINOR_MAX)
    result = convert_minor(amount, source, target, rates.get)
    assert abs(result - exact) <= Fraction(1, 2)
    assert result * amount >= 0
    assert convert_minor(-amount, source, target, rates.get) == -result


@given(AMOUNTS, CODES, CODES, PER_EURO)
def test_there_and_back_is_within_one_unit_of_the_coarser_currency(
    amount: int, source: str, target: str, rates: dict[str, Decimal]
) -> None:
    back = minor_ratio(target, source, rates)
    assume(abs(amount / back) < AMOUNT_MINOR_MAX)
    there = convert_minor(amount, source, target, rates.get)
    returned = convert_minor(there, target, source, rates.get)
    assert abs(returned - amount) <= (back + 1) / 2
    if back <= 1:
        assert abs(returned - amount) <= 1


@given(CODES, CODES, CODES, PER_EURO)
def test_rates_multiply_along_the_way(one: str, two: str, three: str, rates: dict[str, Decimal]) -> None:
    direct = exact_rate(one, three, rates.get)
    assert exact_rate(one, two, rates.get) * exact_rate(two, three, rates.get) == direct
    assert exact_rate(three, one, rates.get) * direct == 1
