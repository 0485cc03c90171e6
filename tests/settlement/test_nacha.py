"""NACHA files, character by character."""

import msgspec
import pytest

from tests.settlement.files import ACH, with_account, with_first
from tieout.model.error import BadInput
from tieout.model.payout import PaymentFile
from tieout.settlement.nacha import RECORD, Originator, nacha

BY = Originator("121042882", "First Bank", "1234567890", "Okami Market Incorporated")


def records(file: PaymentFile = ACH, by: Originator = BY) -> list[str]:
    return nacha(file, by).decode("ascii").splitlines()


def test_every_record_by_its_fields() -> None:
    found = records()
    assert {len(record) for record in found} == {RECORD}
    assert [record[0] for record in found] == ["1", "5", "6", "6", "8", "5", "6", "8", "9", "9"]
    header, ppd, zoe, bo, ppd_end, ccd, mugs, ccd_end, end, fill = found
    assert header[:40] == "101 12104288212345678902611200930A094101"
    assert (header[40:63], header[63:86]) == ("First Bank             ", "Okami Market Incorporat")
    assert ppd[:20] == "5220Okami Market Inc"
    assert ppd[40:] == "1234567890PPDPAYOUT    261123261123   1121042880000001"
    assert zoe == "622231380104744-5678-99      0000002340PAY-1          Zoe Doe                 0121042880000001"
    assert bo == "6320210000219                0000000100PAY-3          Bo Doe                  0121042880000002"
    assert ppd_end[:44] == "82200000020025238012000000000000000000002440"
    assert ppd_end[44:] == "1234567890" + " " * 25 + "121042880000001"
    assert ccd[50:53] == "CCD"
    assert mugs == "62212104288212345            0000000005PAY-2          Mugs LLC                0121042880000003"
    assert ccd_end[:44] == "82200000010012104288000000000000000000000005"
    assert ccd_end[-7:] == "0000002"
    assert end == "9000002000001000000030037342300000000000000000000002445" + " " * 39
    assert fill == "9" * RECORD


def test_blocks_are_of_ten_and_counted() -> None:
    one = msgspec.structs.replace(ACH, instructions=ACH.instructions[:1])
    assert (len(records(one)), records(one)[4][7:13]) == (10, "000001")
    many = tuple(msgspec.structs.replace(ACH.instructions[0], end_to_end=f"P-{n}") for n in range(7))
    found = records(msgspec.structs.replace(ACH, instructions=many))
    assert (len(found), found[10][7:13], found[11:]) == (20, "000002", ["9" * RECORD] * 9)
    assert found[9][10:20] == f"{23138010 * 7:010}"


def test_the_hash_keeps_ten_digits() -> None:
    first = msgspec.structs.replace(ACH.instructions[0], account=msgspec.structs.replace(
        ACH.instructions[0].account, routing="989999999"))  # fmt: skip
    many = tuple(msgspec.structs.replace(first, end_to_end=f"P-{n}") for n in range(102))
    control = next(r for r in records(msgspec.structs.replace(ACH, instructions=many)) if r[0] == "8")
    assert control[10:20] == str(98999999 * 102)[-10:]


@pytest.mark.parametrize(
    ("file", "what"),
    [
        (with_account(ACH, routing="231380105"), "PAY-1 goes to “231380105”, which is no routing number"),
        (with_account(ACH, number=""), "PAY-1 goes to an account number a bank could not have given"),
        (with_account(ACH, number="1" * 18), "an account number a bank could not have given"),
        (with_account(ACH, number="1\n6"), "an account number a bank could not have given"),
        (with_first(ACH, amount_minor=10_000_000_000), "PAY-1 is over 99,999,999.99"),
        (with_first(ACH, end_to_end="P" * 16), "cannot name a payment"),
        (with_first(ACH, currency="EUR"), "PAY-1 is in EUR, the file in USD"),
    ],
)
def test_what_must_not_be_sent(file: PaymentFile, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        records(file)


def test_our_own_bank_must_be_right() -> None:
    with pytest.raises(BadInput, match="The bank's routing number is wrong"):
        records(by=msgspec.structs.replace(BY, bank_routing="1"))
