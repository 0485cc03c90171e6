"""What the mapping gets to read: topics, names of lines, directions, parties, references."""

import hashlib

import pytest

from tests.connectors.camt.connector import entries, only
from tests.connectors.camt.statements import balance, entry, message, payment, statement
from tieout.connectors.camt.source import describe, parse
from tieout.model.connector import Undecodable

# ---- describe


def test_topic_is_the_message_and_identity_its_id_and_hash() -> None:
    body = message(statement(entry()), name="LHK-1")
    envelope = describe({}, {}, body)
    assert (envelope.topic, envelope.identity) == ("camt.053", f"LHK-1:{hashlib.sha256(body).hexdigest()}")


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


# ---- the days of a statement


@pytest.mark.parametrize(
    ("period", "closed", "expected"),
    [
        ("", "2026-03-02", ("2026-03-02", "2026-03-02", "2026-03-02")),
        (
            "<FrToDt><FrDtTm>2026-03-01T00:00:00</FrDtTm><ToDtTm>2026-03-03T23:59:59Z</ToDtTm></FrToDt>",
            "2026-03-02",
            ("2026-03-01", "2026-03-03", "2026-03-02"),
        ),
        (
            "<FrToDt><FrDt>2026-03-01</FrDt><ToDt>soon</ToDt></FrToDt>",
            "2026-03-02",
            ("2026-03-01", "2026-03-02", "2026-03-02"),
        ),
        ("", "2026-11-31", ("2026-03-02", None, "2026-11-31")),
    ],
)
def test_the_days_of_a_statement(period: str, closed: str, expected: tuple[str | None, ...]) -> None:
    parts = period + balance("OPBD", "0.00") + balance("CLBD", "10.00", day=closed) + entry()
    found = only(message(statement(parts, opening=None, closing=None)))
    assert (found["from"], found["to"], found["closing_on"]) == expected
    assert found["created_at"] == "2026-03-03T04:00:00+01:00"
    assert found["created_on"] == "2026-03-03"
