"""Statement files say what the statements say, in the elements of the standard."""

from datetime import date
from xml.etree import ElementTree as ET

from hypothesis import given

from tests.sandbox.worlds import WORLDS, cents
from tieout.sandbox import cast
from tieout.sandbox.camt_wire import statement_emission, statement_xml
from tieout.sandbox.trail import BankBooking, BankLineKind, Statement
from tieout.sandbox.world import World

DAY = date(2026, 10, 15)
N = "{urn:iso:std:iso:20022:tech:xsd:camt.053.001.08}"


def booking(amount: int, kind: BankLineKind = BankLineKind.PAYOUT) -> BankBooking:
    return BankBooking("bank", "2026101500001", kind, DAY, DAY, amount, "EUR", "Kiln & <Co>", "E2E-1", ("A & B", "C"))


def signed(element: ET.Element) -> int:
    sign = 1 if element.findtext(f"{N}CdtDbtInd") == "CRDT" else -1
    return sign * cents(element.findtext(f"{N}Amt") or "")


def statement_of(statement: Statement) -> ET.Element:
    found = ET.fromstring(statement_xml(statement)).find(f"{N}BkToCstmrStmt/{N}Stmt")  # noqa: S314 -- our own file
    assert found is not None
    return found


def test_a_statement_to_the_element() -> None:
    found = statement_of(Statement(cast.BANKS[0], 200, DAY, -500, (booking(123_456),)))
    assert found.findtext(f"{N}Acct/{N}Id/{N}IBAN") == cast.BANKS[0].iban
    assert found.findtext(f"{N}Acct/{N}Ownr/{N}Nm") == "Clay & Loom GmbH"
    assert found.findtext(f"{N}ElctrncSeqNb") == "200"
    balances = {b.findtext(f"{N}Tp/{N}CdOrPrtry/{N}Cd"): signed(b) for b in found.findall(f"{N}Bal")}
    assert balances == {"OPBD": -500, "CLBD": 122_956}
    (entry,) = found.findall(f"{N}Ntry")
    assert entry.findtext(f"{N}Sts/{N}Cd") == "BOOK"
    assert entry.findtext(f"{N}BookgDt/{N}Dt") == entry.findtext(f"{N}ValDt/{N}Dt") == "2026-10-15"
    assert entry.findtext(f"{N}AcctSvcrRef") == "2026101500001"
    detail = entry.find(f"{N}NtryDtls/{N}TxDtls")
    assert detail is not None
    assert signed(detail) == signed(entry) == 123_456
    assert detail.findtext(f"{N}Refs/{N}EndToEndId") == "E2E-1"
    assert detail.findtext(f"{N}RltdPties/{N}Dbtr/{N}Pty/{N}Nm") == "Kiln & <Co>"
    assert [line.text for line in detail.findall(f"{N}RmtInf/{N}Ustrd")] == ["A & B", "C"]


def test_money_out_names_the_creditor_and_its_code() -> None:
    found = statement_of(Statement(cast.BANKS[1], 1, DAY, 0, (booking(-1290, BankLineKind.RENT),)))
    assert found.findtext(f"{N}Acct/{N}Id/{N}Othr/{N}Id") == "000482915507"
    code = f"{N}Ntry/{N}BkTxCd/{N}Domn"
    family = f"{code}/{N}Fmly/{N}"
    assert [found.findtext(p) for p in (f"{code}/{N}Cd", f"{family}Cd", f"{family}SubFmlyCd")] == [
        "PMNT",
        "ICDT",
        "ESCT",
    ]
    assert found.find(f".//{N}Dbtr") is None
    assert found.findtext(f".//{N}Cdtr/{N}Pty/{N}Nm") == "Kiln & <Co>"


@given(world=WORLDS)
def test_opening_and_entries_lead_to_closing(world: World) -> None:
    for statement in world.facts.statements:
        found = statement_of(statement)
        opening, closing = (signed(balance) for balance in found.findall(f"{N}Bal"))
        entries = [signed(entry) for entry in found.findall(f"{N}Ntry")]
        assert (opening, closing) == (statement.opening_minor, statement.closing_minor)
        assert opening + sum(entries) == closing
        assert {amount.get("Ccy") for amount in found.iter(f"{N}Amt")} == {statement.bank.currency}


def test_every_statement_has_its_own_id() -> None:
    statements = World(seed=1, orders=2).facts.statements
    assert len({statement_of(statement).findtext(f"{N}Id") for statement in statements}) == len(statements) == 43


def test_the_file_goes_through_the_file_door_in_the_evening() -> None:
    emission = statement_emission(Statement(cast.BANKS[0], 200, DAY, 0, (booking(100),)))
    assert (emission.source, emission.door, emission.topic) == ("bank", "file", "camt.053")
    assert emission.parameters == {"name": "bank-2026-10-15.xml"}
    assert emission.at.isoformat() == "2026-10-15T20:30:00+00:00"
    assert emission.about == ("bank_line:2026101500001",)
