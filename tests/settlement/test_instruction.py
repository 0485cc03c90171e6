"""What no payment file may contain, whatever its format."""

import msgspec
import pytest

from tests.settlement.files import SEPA, with_account, with_first
from tieout.model.error import BadInput
from tieout.model.payout import PaymentFile
from tieout.settlement.instruction import check, is_iban, is_routing, plain


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Anna Müller & Söhne", "Anna Muller + Sohne"),
        ("Łódź  Straße\nØ", "Lodz Strasse O"),
        ("東京 <b>", ".. .b."),
        ("abc  ", "abc"),
        ("", ""),
    ],
)
def test_text_in_the_characters_every_bank_takes(text: str, bare: str) -> None:
    assert plain(text, 70) == bare
    assert plain(text, 3) == bare[:3].rstrip()


@pytest.mark.parametrize(
    "iban", ["DE89370400440532013000", "NL91ABNA0417164300", "FR1420041010050500013M02606", "NO9386011117947"]
)
def test_an_iban_holds_by_its_check_digits(iban: str) -> None:
    assert is_iban(iban)
    assert not is_iban(iban[:-1] + ("1" if iban[-1] != "1" else "2")), "one digit off"
    assert not any(
        is_iban(wrong) for wrong in (iban.lower(), iban[:14], iban + " ", f"{iban[:4]} {iban[4:]}", "12" + iban)
    )


def test_two_digits_that_changed_places_are_noticed() -> None:
    assert not is_iban("DE98370400440532013000")
    assert not is_iban("")


@pytest.mark.parametrize(("number", "holds"), [
    ("231380104", True), ("021000021", True), ("121042882", True), ("231380105", False), ("23138010", False),
    ("2313801041", False), ("23138010a", False), ("²31380104", False),
])  # fmt: skip
def test_a_routing_number_holds_by_its_check_digit(number: str, holds: bool) -> None:
    assert is_routing(number) is holds


@pytest.mark.parametrize(
    ("file", "what"),
    [
        (msgspec.structs.replace(SEPA, instructions=()), "There is nothing to pay"),
        (msgspec.structs.replace(SEPA, id=""), "“” cannot name a payment"),
        (msgspec.structs.replace(SEPA, id="x" * 36), "cannot name a payment"),
        (with_first(SEPA, end_to_end="pay_1042"), "“pay_1042” cannot name a payment"),
        (with_first(SEPA, end_to_end="/1"), "cannot name a payment"),
        (with_first(SEPA, end_to_end="PAY-1043"), "PAY-1043 is in the file twice"),
        (with_first(SEPA, amount_minor=0), "PAY-1042 pays nothing"),
        (with_first(SEPA, amount_minor=-5), "PAY-1042 pays nothing"),
        (with_first(SEPA, currency="USD"), "PAY-1042 is in USD, the file in EUR"),
        (with_account(SEPA, holder=" "), "PAY-1042 names no holder"),
    ],
)
def test_a_file_that_must_not_be_sent(file: PaymentFile, what: str) -> None:
    check(SEPA, "EUR", 35)
    with pytest.raises(BadInput, match=what):
        check(file, "EUR", 35)
