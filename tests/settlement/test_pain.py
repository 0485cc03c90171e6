"""pain.001: valid against ISO 20022's own schema, and what it says is what is paid."""

from importlib.resources import as_file, files
from xml.etree import ElementTree as ET

import msgspec
import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.settlement.files import ANNA, CREATED, DAY, MARKET, SEPA, with_account, with_first
from tieout.model.error import BadInput
from tieout.model.payout import Instruction, PaymentFile
from tieout.settlement.pain import VERSIONS, pain_001


@pytest.fixture(scope="module", params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def schema(version: str) -> xmlschema.XMLSchema:
    """The schema ISO publishes, as another library ships it; we only read it."""
    with as_file(files("sepaxml") / "schemas" / f"pain.{version}.xsd") as path:
        return xmlschema.XMLSchema(path)


def texts(body: bytes, version: str) -> dict[str, list[str]]:
    """Path -> texts of all elements that have one."""
    space = f"{{urn:iso:std:iso:20022:tech:xsd:pain.{version}}}"
    found: dict[str, list[str]] = {}

    def walk(element: ET.Element, path: str) -> None:
        here = f"{path}/{element.tag.removeprefix(space)}"
        if (element.text or "").strip():
            found.setdefault(here, []).append(element.text or "")
        for child in element:
            walk(child, here)

    for child in ET.fromstring(body):  # noqa: S314 -- our own file
        walk(child, "")
    return found


def test_the_file_is_valid_and_says_what_is_paid(version: str, schema: xmlschema.XMLSchema) -> None:
    body = pain_001(SEPA, version)
    schema.validate(body.decode())
    said = texts(body, version)
    transfer = "/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf"
    assert said["/CstmrCdtTrfInitn/GrpHdr/CtrlSum"] == said["/CstmrCdtTrfInitn/PmtInf/CtrlSum"] == ["1000023.39"]
    assert said["/CstmrCdtTrfInitn/GrpHdr/NbOfTxs"] == said["/CstmrCdtTrfInitn/PmtInf/NbOfTxs"] == ["2"]
    assert said["/CstmrCdtTrfInitn/GrpHdr/CreDtTm"] == ["2026-11-20T09:30:00Z"]
    assert said["/CstmrCdtTrfInitn/PmtInf/Dbtr/Nm"] == ["Okami Market sstore"]
    assert said[f"{transfer}/PmtId/EndToEndId"] == ["PAY-1042", "PAY-1043"]
    assert said[f"{transfer}/Amt/InstdAmt"] == ["23.40", "999999.99"]
    assert said[f"{transfer}/Cdtr/Nm"] == ["Anna Muller + Sohne", "Bo Celik"]
    assert said[f"{transfer}/Cdtr/PstlAdr/TwnNm"] == ["Koln"]
    assert said[f"{transfer}/Cdtr/PstlAdr/Ctry"] == ["DE"]
    assert said[f"{transfer}/CdtrAcct/Id/IBAN"] == [ANNA.iban, "NL91ABNA0417164300"]
    assert said[f"{transfer}/RmtInf/Ustrd"] == ["Payout PAY-1042 for October"]
    new = version == "001.001.09"
    bic, day = ("BICFI", "ReqdExctnDt/Dt") if new else ("BIC", "ReqdExctnDt")
    assert said[f"{transfer}/CdtrAgt/FinInstnId/{bic}"] == ["COBADEFFXXX"]
    assert said[f"/CstmrCdtTrfInitn/PmtInf/{day}"] == ["2026-11-23"]
    assert not any("AdrLine" in path for path in said), "an address that is only free text is refused"


def test_an_account_without_bic_and_an_address_in_part(version: str, schema: xmlschema.XMLSchema) -> None:
    debtor = msgspec.structs.replace(MARKET, bic="")
    body = pain_001(msgspec.structs.replace(with_first(SEPA, country=""), debtor=debtor), version)
    schema.validate(body.decode())
    said = texts(body, version)
    assert said["/CstmrCdtTrfInitn/PmtInf/DbtrAgt/FinInstnId/Othr/Id"] == ["NOTPROVIDED"]
    assert not any("PstlAdr" in path for path in said)


TEXT = st.text(min_size=1, max_size=150).map(lambda text: f"x{text}")


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 99_999_999_999), TEXT, TEXT, TEXT), min_size=1, max_size=3))
def test_whatever_sellers_are_called_the_file_is_valid(schema, version, rows) -> None:
    instructions = tuple(
        Instruction(f"P-{n}", amount, "EUR", msgspec.structs.replace(ANNA, holder=name), remittance, town, "DE")
        for n, (amount, name, remittance, town) in enumerate(rows)
    )
    body = pain_001(PaymentFile("R", CREATED, DAY, MARKET, instructions), version)
    assert [str(error) for error in schema.iter_errors(body.decode())] == []


@pytest.mark.parametrize(
    ("file", "what"),
    [
        (
            with_account(SEPA, iban="DE00370400440532013000"),
            "PAY-1042 goes to “DE00370400440532013000”, which is no IBAN",
        ),
        (with_account(SEPA, iban=""), "which is no IBAN"),
        (
            msgspec.structs.replace(SEPA, debtor=msgspec.structs.replace(MARKET, iban="")),
            "The file pays out of no IBAN",
        ),
        (with_first(SEPA, amount_minor=100_000_000_000), "PAY-1042 is over 999,999,999.99"),
        (with_first(SEPA, currency="CHF"), "PAY-1042 is in CHF, the file in EUR"),
    ],
)
def test_what_must_not_be_sent(file: PaymentFile, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        pain_001(file)


def test_other_versions_are_not_guessed() -> None:
    with pytest.raises(BadInput, match=r"pain.001.001.02 is not written"):
        pain_001(SEPA, "001.001.02")
