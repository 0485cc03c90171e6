"""Reading the XML: every version, both nestings, all encodings, and what is refused with which sentence."""

from typing import Any

import pytest

from tests.connectors.camt.connector import entries, only
from tests.connectors.camt.statements import IBAN, entry, message, payment, statement
from tieout.connectors.camt.reader import BODY_BYTES_MAX
from tieout.connectors.camt.source import describe, parse
from tieout.model.connector import Undecodable


@pytest.mark.parametrize("kind", ["052", "053", "054"])
@pytest.mark.parametrize("version", range(1, 14))
def test_every_version_of_every_message_is_read(kind: str, version: int) -> None:
    body = message(statement(entry()), kind=kind, version=version)
    assert describe({}, {}, body).topic == f"camt.{kind}"
    document = parse(f"camt.{kind}", {}, body)
    assert (document["message"], document["version"]) == (f"camt.{kind}", version)
    assert [e["amount"] for e in document["statements"][0]["entries"]] == ["10.00"]


# ---- what is refused, and with which sentence


def refusal(body: bytes, topic: str = "camt.053") -> str:
    with pytest.raises(Undecodable) as caught:
        parse(topic, {}, body)
    return str(caught.value)


def test_a_message_without_statements_is_refused() -> None:
    said = "The file is a camt.053 message but contains no statement (BkToCstmrStmt/Stmt)."
    assert refusal(message()) == said
    assert refusal(b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"/>') == said


@pytest.mark.parametrize(
    "namespace",
    [
        "",
        "urn:iso:std:iso:20022:tech:xsd:camt.053.001.00",
        "urn:iso:std:iso:20022:tech:xsd:camt.053.001.14",
        "urn:iso:std:iso:20022:tech:xsd:camt.055.001.08",
        "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08x",
        "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09",
    ],
)
def test_an_unknown_namespace_is_refused(namespace: str) -> None:
    body = message(statement(entry())).replace(b"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", namespace.encode())
    assert refusal(body) == (
        f"Its namespace “{namespace}” is not camt.052, camt.053 or camt.054 in versions 001.01 to 001.13."
    )


def test_a_file_of_another_message_than_its_topic_is_refused() -> None:
    said = refusal(message(statement(entry()), kind="052"), topic="camt.053")
    assert said == "The file is a camt.052 message, not the “camt.053” it was delivered as."


def test_two_documents_in_one_envelope_are_refused() -> None:
    document = message(statement(entry())).partition(b"?>")[2]
    assert refusal(b"<Bag>" + document * 2 + b"</Bag>") == (
        "The file starts with “Bag” and has 2 CAMT documents in it."
    )


def test_a_doctype_is_refused() -> None:
    body = message(statement(entry())).replace(b"?>", b'?><!DOCTYPE Document SYSTEM "file:///etc/passwd">', 1)
    assert refusal(body) == "The file has a document type definition, which no bank statement has; refused."


def test_a_billion_laughs_is_refused_before_it_grows() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{levels}]><Document>&l9;</Document>'
    assert (
        refusal(bomb.encode(), "camt")
        == "The file has a document type definition, which no bank statement has; refused."
    )
    assert describe({}, {}, bomb.encode()).topic == "camt"


def test_a_file_over_the_limit_is_refused() -> None:
    assert refusal(b" " * (BODY_BYTES_MAX + 1)) == "The file is larger than 64 MiB, which no bank statement is."


def test_a_deep_file_is_read_without_recursion() -> None:
    deep = "<X>" * 100_000 + "</X>" * 100_000
    assert only(message(statement(entry(more=deep))))["problem"] is None


# ---- encodings


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "ISO-8859-1", "windows-1252", "US-ASCII"])
def test_declared_encodings_are_read(encoding: str) -> None:
    name = "Muster" if encoding == "US-ASCII" else "Müßter"
    (line,) = entries_in(encoding, name)
    assert line["text"] == name


def entries_in(encoding: str, text: str) -> list[dict[str, Any]]:
    body = message(statement(entry(details=payment(remittance=[text]))), encoding=encoding)
    assert describe({}, {}, body).topic == "camt.053"
    found = only(body)["entries"]
    assert isinstance(found, list)
    return found


def test_latin_1_that_claims_to_be_utf_8_is_refused_not_mended() -> None:
    body = message(statement(entry(more="<AddtlNtryInf>Müller</AddtlNtryInf>"))).decode().encode("latin-1")
    assert refusal(body).startswith("The file is not readable XML: not well-formed (invalid token)")


def test_an_unknown_encoding_is_refused() -> None:
    body = message(statement(entry())).replace(b"UTF-8", b"KLINGON", 1)
    assert refusal(body).startswith("The file is not readable XML: ")


def test_blank_lines_before_the_declaration_do_no_harm() -> None:
    body = b"\r\n  \n" + message(statement(entry()))
    assert describe({}, {}, body).topic == "camt.053"
    assert only(body)["id"] == "S1"


@pytest.mark.parametrize(
    ("written", "day", "time"),
    [
        ("<Dt>2026-03-02</Dt>", "2026-03-02", None),
        ("<Dt>2026-03-02+01:00</Dt>", "2026-03-02", None),
        ("<Dt>2026-03-02Z</Dt>", "2026-03-02", None),
        ("<DtTm>2026-03-02T23:59:59-11:00</DtTm>", "2026-03-02", "2026-03-02T23:59:59-11:00"),
        ("<Dt>2026-03-02T00:00:00.000000000</Dt>", "2026-03-02", "2026-03-02T00:00:00.000000000"),
        ("<Dt>2026-02-30</Dt>", "2026-02-30", None),
        ("<Dt>02.03.2026</Dt>", "02.03.2026", None),
        ("", None, None),
    ],
)
def test_booking_days_are_the_banks_own(written: str, day: str | None, time: str | None) -> None:
    body = message(statement(entry())).replace(b"<Dt>2026-03-02</Dt></BookgDt>", f"{written}</BookgDt>".encode())
    (line,) = only(body)["entries"]
    assert (line["booked_at"], line["booked_time"]) == (day, time)


@pytest.mark.parametrize("written", ["<Sts>BOOK</Sts>", "<Sts><Cd>BOOK</Cd></Sts>", "<Sts>\n <Cd> BOOK </Cd>\n</Sts>"])
def test_status_in_both_forms(written: str) -> None:
    body = message(statement(entry())).replace(b"<Sts>BOOK</Sts>", written.encode())
    assert only(body)["entries"][0]["status"] == "BOOK"


def test_an_iban_is_normalised_and_another_account_number_kept() -> None:
    assert only(message(statement(entry(), account="de20 7015 0000 0012 3456 78")))["account"] == IBAN
    other = message(statement(entry())).replace(f"<IBAN>{IBAN}</IBAN>".encode(), b"<Othr><Id> 0815 / x </Id></Othr>")
    assert only(other)["account"] == "0815 / x"


def test_codes_name_domain_and_proprietary() -> None:
    code = (
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>"
        "<Prtry><Cd>166</Cd></Prtry></BkTxCd>"
    )
    lines = entries(entry(more=code), entry(more="<BkTxCd/>"))
    assert [e["codes"] for e in lines] == ["PMNT/RCDT/ESCT; 166", None]


def test_foreign_elements_are_supplements_and_not_read() -> None:
    foreign = '<Ntry xmlns="urn:example"><Amt Ccy="EUR">99.00</Amt></Ntry>'
    found = only(message(statement(entry(), foreign)))
    assert (found["problem"], [e["amount"] for e in found["entries"]]) == (None, ["10.00"])
