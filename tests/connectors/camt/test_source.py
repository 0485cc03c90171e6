"""What the reader makes of statements: names of lines, directions, dates, tokens, and every check."""

import hashlib
from typing import Any

import pytest

from tests.connectors.camt.statements import IBAN, balance, entry, message, payment, statement
from tieout.connectors.camt.reader import BODY_BYTES_MAX
from tieout.connectors.camt.source import describe, parse
from tieout.model.connector import Undecodable


def only(body: bytes, topic: str = "camt.053") -> dict[str, Any]:
    """The one statement of a message."""
    (found,) = parse(topic, {}, body)["statements"]
    assert isinstance(found, dict)
    return found


def entries(*xml: str, opening: str = "0.00", closing: str = "10.00") -> list[dict[str, Any]]:
    found = only(message(statement(*xml, opening=opening, closing=closing)))["entries"]
    assert isinstance(found, list)
    return found


# ---- describe


def test_topic_is_the_message_and_identity_its_id_and_hash() -> None:
    body = message(statement(entry()), name="LHK-1")
    envelope = describe({}, {}, body)
    assert (envelope.topic, envelope.identity) == ("camt.053", f"LHK-1:{hashlib.sha256(body).hexdigest()}")


@pytest.mark.parametrize("kind", ["052", "053", "054"])
@pytest.mark.parametrize("version", range(1, 14))
def test_every_version_of_every_message_is_read(kind: str, version: int) -> None:
    body = message(statement(entry()), kind=kind, version=version)
    assert describe({}, {}, body).topic == f"camt.{kind}"
    document = parse(f"camt.{kind}", {}, body)
    assert (document["message"], document["version"]) == (f"camt.{kind}", version)
    assert [e["amount"] for e in document["statements"][0]["entries"]] == ["10.00"]


@pytest.mark.parametrize("body", [b"", b"   ", b"hello", b"<a/>", b"\xff\xfe\x00", b"<Document", b"%PDF-1.7"])
def test_what_is_no_camt_is_described_and_then_refused(body: bytes) -> None:
    envelope = describe({}, {}, body)
    assert (envelope.topic, envelope.identity) == ("camt", hashlib.sha256(body).hexdigest())
    with pytest.raises(Undecodable):
        parse(envelope.topic, {}, body)


def test_a_large_file_is_described_from_its_head() -> None:
    body = message(statement(*[entry()] * 5000), name="BIG")
    cut = body[: len(body) // 2]
    assert describe({}, {}, cut).topic == "camt.053"
    assert describe({}, {}, cut).identity.startswith("BIG:")
    with pytest.raises(Undecodable, match="not readable XML"):
        parse("camt.053", {}, cut)


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


# ---- balances


@pytest.mark.parametrize(
    ("balances", "opening", "kind", "problem"),
    [
        ([("OPBD", "1.00")], "1.00", "OPBD", None),
        ([("PRCD", "1.00")], "1.00", "PRCD", None),
        ([("PRCD", "5.00"), ("OPBD", "1.00")], "1.00", "OPBD", None),
        ([("OPBD", "1.00"), ("OPBD", "1.00")], "1.00", "OPBD", None),
        ([("OPBD", "1.00"), ("OPBD", "2.00")], None, None, "statement_incomplete"),
        ([("OPAV", "1.00")], None, None, "statement_incomplete"),
        ([("OPBD", "one")], None, None, "statement_incomplete"),
        ([("OPBD", "1.00"), ("FWAV", "7.00"), ("FWAV", "8.00"), ("ITBD", "9.00")], "1.00", "OPBD", None),
    ],
)
def test_opening_balance(
    balances: list[tuple[str, str]], opening: str | None, kind: str | None, problem: str | None
) -> None:
    xml = "".join(balance(*b) for b in balances)
    found = only(message(statement(xml, entry(), opening=None, closing="11.00")))
    assert (found["opening"], found["opening_kind"], found["problem"]) == (opening, kind, problem)


def test_overdrawn_balances_are_negative() -> None:
    parts = balance("OPBD", "20.00", "DBIT") + balance("CLBD", "25.00", "DBIT") + entry("5.00", "DBIT")
    found = only(message(statement(parts, opening=None, closing=None)))
    assert (found["opening"], found["closing"], found["problem"]) == ("-20.00", "-25.00", None)


def test_unbalanced_names_the_three_figures_and_the_difference() -> None:
    found = only(message(statement(entry("10.00"), entry("2.50", "DBIT"), opening="100.00", closing="108.00")))
    assert found["problem"] == "statement_unbalanced"
    assert found["problem_detail"] == (
        "Opening 100.00 + booked entries 7.50 = 107.50, but closing is 108.00 EUR; the difference is 0.50 EUR."
    )


def test_incomplete_names_what_is_missing_and_what_is_there() -> None:
    found = only(message(statement(entry(), balance("ITBD", "1.00"), opening=None, closing=None)))
    assert found["problem"] == "statement_incomplete"
    assert found["problem_detail"] == (
        "It has no single usable opening balance (OPBD or PRCD) and no closing balance (CLBD); its balances are: ITBD."
    )


@pytest.mark.parametrize("kind", ["052", "054"])
def test_an_advice_needs_no_balances_but_must_not_contradict_itself(kind: str) -> None:
    bare = only(message(statement(entry(), opening=None, closing=None), kind=kind), f"camt.{kind}")
    assert bare["problem"] is None
    wrong = only(message(statement(entry(), closing="11.00"), kind=kind), f"camt.{kind}")
    assert wrong["problem"] == "statement_unbalanced"
    inner = statement(entry(details=payment([("Amt", "9.00", "EUR")])), opening=None, closing=None)
    assert only(message(inner, kind=kind), f"camt.{kind}")["problem"] == "details_mismatch"


@pytest.mark.parametrize("status", ["PDNG", "INFO", "FUTR", "WHAT"])
def test_only_booked_entries_count(status: str) -> None:
    found = only(message(statement(entry(), entry("99.00", status=status))))
    assert (found["problem"], [e["status"] for e in found["entries"]]) == (None, ["BOOK", status])


@pytest.mark.parametrize(
    "odd",
    [
        balance("CLAV", "10.00", currency="USD"),
        entry("0.00", currency="USD"),
        entry("1.00", currency="USD", status="PDNG"),
    ],
)
def test_two_currencies_in_one_statement_are_never_added(odd: str) -> None:
    found = only(message(statement(entry(), odd)))
    assert found["problem"] == "statement_mixed_currencies"
    assert found["problem_detail"] == "Its balances and entries are in EUR, USD; these cannot be added."


def test_an_entry_that_cannot_be_added_leaves_the_statement_unproved() -> None:
    found = only(message(statement(entry(), entry("12,50"), entry("1.00", "BOTH"))))
    assert found["problem"] == "statement_unbalanced"
    assert found["problem_detail"] == ("Entry 2, 3 has no usable amount or direction, so the entries cannot be added.")
    assert [e["problem"] for e in found["entries"]] == [None, "amount_unusable", None]
    assert [e["credit"] for e in found["entries"]] == [True, True, None]


def test_digits_lost_in_a_balance_hold_the_statement() -> None:
    found = only(message(statement(entry("10.00"), entry("0.005"), closing="10.005")))
    assert (found["problem"], found["problem_detail"]) == (
        "amount_unusable",
        "Balance CLBD has 10.005 EUR, but EUR has 2 decimals.",
    )


def test_sums_are_exact_far_beyond_any_statement() -> None:
    large, small = "99999999999999999999999.99", "0.01"
    total = "200000000000000000000000.00"
    found = only(message(statement(entry(large), entry(large), entry(small), entry(small), closing=total)))
    assert found["problem"] is None
    off = only(message(statement(entry(large), entry(large), entry(small), closing=total)))
    assert off["problem"] == "statement_unbalanced"


# ---- amounts


@pytest.mark.parametrize(
    ("amount", "currency", "text", "problem"),
    [
        ("8.85000", "EUR", "8.85000", None),
        ("500", "JPY", "500", None),
        ("1.250", "KWD", "1.250", None),
        (" 7.10\n", "EUR", "7.10", None),
        (".50", "EUR", "0.50", None),
        ("8.855", "EUR", "8.855", "amount_unusable"),
        ("0.5", "JPY", "0.5", "amount_unusable"),
        ("-5.00", "EUR", "“-5.00”", "amount_unusable"),
        ("1,5", "EUR", "“1,5”", "amount_unusable"),
        ("1E5", "EUR", "“1E5”", "amount_unusable"),
        ("1_000", "EUR", "“1_000”", "amount_unusable"),
        ("NaN", "EUR", "“NaN”", "amount_unusable"),
        ("٣", "EUR", "“٣”", "amount_unusable"),
        ("9" * 25, "EUR", "“" + "9" * 25 + "”", "amount_unusable"),
        ("", "EUR", None, "field_missing"),
        ("5.00", "", "5.00", "field_missing"),
        ("5.00", "EURO", "5.00", "currency_unknown"),
        ("5.00", "XXX", "5.00", "currency_unknown"),
    ],
)
def test_amounts(amount: str, currency: str, text: str | None, problem: str | None) -> None:
    (line,) = entries(entry(amount, currency=currency))
    assert (line["amount"], line["problem"]) == (text, problem)


def test_zero_is_nil_only_if_it_is_booked_and_sound() -> None:
    lines = entries(
        entry("0"), entry("0.000"), entry("0", status="PDNG"), entry("0", details=payment([("Amt", "1.00", "EUR")]))
    )
    assert [(e["nil"], e["problem"]) for e in lines] == [
        (True, None),
        (True, None),
        (False, None),
        (False, "details_mismatch"),
    ]


# ---- details


@pytest.mark.parametrize(
    ("details", "problem"),
    [
        (payment(), None),
        (payment([("Amt", "10.00", "EUR")]), None),
        (payment([("Amt", "4.00", "EUR")]) + payment([("Amt", "6.000", "EUR")]), None),
        (payment([("Amt", "14.00", "EUR")]) + payment([("Amt", "4.00", "EUR")], "DBIT"), None),
        (payment([("Amt", "4.00", "EUR")]) + payment([("Amt", "5.00", "EUR")]), "details_mismatch"),
        (payment([("Amt", "10.00", "EUR")]) + payment(), "details_mismatch"),
        (payment([("Amt", "11.00", "USD")]), "details_mismatch"),
        (payment([("Amt", "11.00", "USD"), ("TxAmt", "10.00", "EUR")]), None),
        (payment([("Amt", "9.00", "EUR"), ("InstdAmt", "10.00", "EUR")]), "details_mismatch"),
        (payment([("TxAmt", "0.04", "EUR"), ("InstdAmt", "10.00", "EUR")]), None),
        (payment([("TxAmt", "0.04", "EUR")]), "details_mismatch"),
        (payment([("InstdAmt", "11.00", "USD"), ("CntrValAmt", "10.00", "EUR")]), None),
        (payment([("InstdAmt", "11.00", "USD")]), None),
        ("<Btch><NbOfTxs>3</NbOfTxs></Btch>", None),
        ('<Btch><TtlAmt Ccy="EUR">10.00</TtlAmt></Btch>', None),
        ('<Btch><TtlAmt Ccy="EUR">9.00</TtlAmt></Btch>', "details_mismatch"),
        ('<Btch><TtlAmt Ccy="USD">9.00</TtlAmt></Btch>', None),
    ],
)
def test_details_must_come_to_the_entry(details: str, problem: str | None) -> None:
    (line,) = entries(entry("10.00", details=details))
    assert line["problem"] == problem


@pytest.mark.parametrize(
    ("direction", "charge", "included", "total", "problem"),
    [
        ("CRDT", "DBIT", "true", "12.00", None),
        ("CRDT", "", "1", "12.00", None),
        ("DBIT", "DBIT", "true", "8.00", None),
        ("DBIT", "", "true", "8.00", None),
        ("CRDT", "CRDT", "true", "8.00", None),
        ("CRDT", "DBIT", "false", "12.00", "details_mismatch"),
        ("CRDT", "DBIT", "true", "8.00", "details_mismatch"),
    ],
)
def test_included_charges_explain_a_difference(
    direction: str, charge: str, included: str, total: str, problem: str | None
) -> None:
    indicator = f"<CdtDbtInd>{charge}</CdtDbtInd>" if charge else ""
    charges = f'<Chrgs><Rcrd><Amt Ccy="EUR">2.00</Amt>{indicator}<ChrgInclInd>{included}</ChrgInclInd></Rcrd></Chrgs>'
    (line,) = entries(entry("10.00", direction, details=payment([("Amt", total, "EUR")]), more=charges))
    assert line["problem"] == problem


def test_details_are_kept_one_by_one() -> None:
    refs = "<Refs><InstrId>I-1</InstrId><EndToEndId>E-1</EndToEndId><TxId>T-1</TxId><UETR>U-1</UETR></Refs>"
    first = payment([("Amt", "4.00", "EUR")], "DBIT", ["one", "two"]).replace("<TxDtls>", f"<TxDtls>{refs}")
    (line,) = entries(entry("2.00", details=first + payment([("Amt", "6.00", "EUR")])), closing="2.00")
    assert line["details"] == [
        {
            "ordinal": 1,
            "amount": "4.00",
            "currency": "EUR",
            "credit": False,
            "end_to_end_id": "E-1",
            "transaction_id": "T-1",
            "instruction_id": "I-1",
            "uetr": "U-1",
            "debtor": None,
            "creditor": None,
            "text": "one two",
            "references": [],
        },
        {
            "ordinal": 2,
            "amount": "6.00",
            "currency": "EUR",
            "credit": True,
            "end_to_end_id": None,
            "transaction_id": None,
            "instruction_id": None,
            "uetr": None,
            "debtor": None,
            "creditor": None,
            "text": "",
            "references": [],
        },
    ]


# ---- direction, parties, dates


def test_a_reversal_keeps_the_direction_of_the_entry() -> None:
    lines = entries(
        entry(more="<RvslInd>true</RvslInd>"), entry("3.00", "DBIT", more="<RvslInd>1</RvslInd>"), entry("3.00")
    )
    assert [(e["credit"], e["reversal"]) for e in lines] == [(True, True), (False, True), (True, False)]


@pytest.mark.parametrize(
    ("direction", "reversal", "expected"),
    [("CRDT", "false", "Payer"), ("DBIT", "false", "Payee"), ("CRDT", "true", "Payee"), ("DBIT", "true", "Payer")],
)
@pytest.mark.parametrize("nesting", ["{}", "<Pty>{}</Pty>"])
def test_counterparty(direction: str, reversal: str, expected: str, nesting: str) -> None:
    party = nesting.format("<Nm>{}</Nm>")
    parties = f"<Dbtr>{party.format('Payer')}</Dbtr><Cdtr>{party.format('Payee')}</Cdtr>"
    details = f"<TxDtls><RltdPties>{parties}</RltdPties></TxDtls>"
    (line,) = entries(entry(direction=direction, details=details, more=f"<RvslInd>{reversal}</RvslInd>"))
    assert line["counterparty"] == expected


def test_the_account_owner_is_not_the_counterparty_and_several_are_none() -> None:
    def named(debtor: str, creditor: str) -> str:
        return f"<TxDtls><RltdPties><Dbtr><Nm>{debtor}</Nm></Dbtr><Cdtr><Nm>{creditor}</Nm></Cdtr></RltdPties></TxDtls>"

    lines = entries(
        entry(details=named("Lindenhof", "Other")), entry(details=named("A", "Lindenhof") + named("B", "Lindenhof"))
    )
    assert [e["counterparty"] for e in lines] == ["Other", None]


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


# ---- names of statements and lines


def lines_of(*statements: str) -> list[list[str]]:
    return [[e["line"] for e in s["entries"]] for s in parse("camt.053", {}, message(*statements))["statements"]]


def test_a_line_is_named_by_the_banks_reference_else_by_its_place() -> None:
    assert lines_of(
        statement(
            entry(reference="BANK-1", own_reference="OWN-1"),
            entry(own_reference="OWN-2"),
            entry(),
            entry(own_reference="00042"),
            entry(reference="NOTPROVIDED"),
            entry(reference="nonref", own_reference="QR/77"),
            entry(reference="R" * 141),
        )
    ) == [["BANK-1", "OWN-2@2026-03-02", "S1:3", "S1:4", "S1:5", "QR/77@2026-03-02", "S1:7"]]


def test_a_reference_that_comes_again_in_a_file_names_another_line() -> None:
    twice = [entry(reference="A"), entry(reference="A"), entry(reference="A#2"), entry(reference="A")]
    assert lines_of(statement(*twice), statement(entry(reference="A"), name="S2")) == [
        ["A", "A#2", "A#2#2", "A#3"],
        ["A#4"],
    ]


def test_the_same_reference_in_another_account_is_its_own() -> None:
    other = statement(entry(reference="A"), account="AT022011100003429660")
    assert lines_of(statement(entry(reference="A")), other) == [["A"], ["A"]]


def test_pages_and_repeated_ids_of_statements_are_told_apart() -> None:
    page = "<StmtPgntn><PgNb>{}</PgNb></StmtPgntn>"
    document = parse(
        "camt.053",
        {},
        message(
            statement(page.format(1), entry()),
            statement(page.format(2), entry()),
            statement(entry()),
            statement(entry(), account="AT022011100003429660"),
        ),
    )
    assert [(s["id"], s["entries"][0]["line"]) for s in document["statements"]] == [
        ("S1", "S1:1"),
        ("S1.p2", "S1.p2:1"),
        ("S1#2", "S1#2:1"),
        ("S1", "S1:1"),
    ]


def test_without_id_only_a_reference_names_a_line() -> None:
    body = message(statement(entry(reference="A"), entry())).replace(b"<Id>S1</Id>", b"")
    found = only(body)
    assert (found["id"], [e["line"] for e in found["entries"]]) == (None, ["A", None])


# ---- references


@pytest.mark.parametrize("value", ["NOTPROVIDED", "notprovided", "NOT PROVIDED", "NONREF", "0"])
def test_no_reference_is_no_reference(value: str) -> None:
    details = f"<TxDtls><Refs><EndToEndId>{value}</EndToEndId></Refs></TxDtls>"
    (line,) = entries(entry(details=details))
    assert (line["end_to_end_id"], line["end_to_end_ids"], line["tokens"]) == (None, [], [])


def test_end_to_end_ids_are_kept_whole_and_at_most_forty() -> None:
    details = "".join(f"<TxDtls><Refs><EndToEndId>E/{n // 2}</EndToEndId></Refs></TxDtls>" for n in range(100))
    (line,) = entries(entry(details=details))
    assert line["end_to_end_id"] is None
    assert line["end_to_end_ids"] == [f"E/{n}" for n in range(40)]


def test_tokens_come_from_all_references_strongest_first() -> None:
    details = (
        "<TxDtls><Refs><EndToEndId>END-2-END</EndToEndId><Prtry><Ref>PROP0001</Ref></Prtry></Refs>"
        "<RmtInf><Ustrd>STRIPE po_1AbC2345 order 77</Ustrd>"
        "<Strd><CdtrRefInf><Ref>RF18 5390 0754</Ref></CdtrRefInf></Strd></RmtInf>"
        "<AddtlTxInf>trace 9988776</AddtlTxInf></TxDtls>"
    )
    (line,) = entries(entry(details=details, more="<AddtlNtryInf>GVC 166xyz</AddtlNtryInf>"))
    assert line["tokens"] == [
        "END-2-END", "PROP0001", "po_1AbC2345", "9988776", "166xyz", "END2END", "po1AbC2345", "RF1853900754",
    ]  # fmt: skip


def test_further_text_is_for_people() -> None:
    (line,) = entries(entry(details=payment(remittance=["a  b", "c"]), more="<AddtlNtryInf> d\n e </AddtlNtryInf>"))
    assert line["text"] == "a b · c · d e"


def test_huge_texts_are_cut() -> None:
    (line,) = entries(entry(details=payment(remittance=["x1y2z3 " * 50_000])))
    assert len(line["text"]) == 500
    assert line["tokens"][0] == "x1y2z3"


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
