"""SEPA credit transfers as pain.001, versions 001.001.03 (2009) and 001.001.09 (2019).

Source of the rules: ISO 20022 “Customer Credit Transfer Initiation” and the European Payments Council's
implementation guidelines: EUR, service level SEPA, charges SLEV, a control sum in the header and in the block.
Addresses are structured (town and country) or left out: free text alone is refused by banks since November 2026.
"""

from collections.abc import Sequence
from datetime import UTC
from xml.etree import ElementTree as ET

from tieout.model.error import BadInput
from tieout.model.money import decimal_text
from tieout.model.payout import Instruction, PaymentFile
from tieout.model.seller import PayoutAccount
from tieout.settlement.instruction import check, is_iban, plain, refuse_account

VERSIONS = ("001.001.03", "001.001.09")
_ID_MAX, _NAME_MAX, _TOWN_MAX, _REMITTANCE_MAX = 35, 70, 35, 140
_AMOUNT_MINOR_MAX = 99_999_999_999  # 999,999,999.99


def pain_001(file: PaymentFile, version: str = VERSIONS[-1]) -> bytes:
    """The file as the bank takes it. Raises BadInput for what must not be sent, and for another version."""
    if version not in VERSIONS:
        raise BadInput(f"pain.{version} is not written", where="version", remedy=f"Use one of: {', '.join(VERSIONS)}.")
    check(file, "EUR", _ID_MAX)
    _check_accounts(file)
    new = version != VERSIONS[0]
    root = ET.Element("Document", xmlns=f"urn:iso:std:iso:20022:tech:xsd:pain.{version}")
    initiation = ET.SubElement(root, "CstmrCdtTrfInitn")
    header = ET.SubElement(initiation, "GrpHdr")
    _put(header, "MsgId", file.id)
    _put(header, "CreDtTm", file.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _sums(header, file.instructions)
    _put(header, "InitgPty/Nm", plain(file.debtor.holder, _NAME_MAX))
    block = ET.SubElement(initiation, "PmtInf")
    _put(block, "PmtInfId", file.id)
    _put(block, "PmtMtd", "TRF")
    _sums(block, file.instructions)
    _put(block, "PmtTpInf/SvcLvl/Cd", "SEPA")
    _put(block, "ReqdExctnDt/Dt" if new else "ReqdExctnDt", file.execute_on.isoformat())
    _put(block, "Dbtr/Nm", plain(file.debtor.holder, _NAME_MAX))
    _put(block, "DbtrAcct/Id/IBAN", file.debtor.iban)
    _agent(block, "DbtrAgt", file.debtor, new=new, required=True)
    _put(block, "ChrgBr", "SLEV")
    for instruction in file.instructions:
        _payment(block, instruction, new=new)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written + b"\n"


def _check_accounts(file: PaymentFile) -> None:
    if not is_iban(file.debtor.iban):
        raise BadInput("The file pays out of no IBAN", where=file.id, remedy="Correct the account of the platform.")
    for one in file.instructions:
        if not is_iban(one.account.iban):
            raise refuse_account(one.end_to_end, file, f"“{one.account.iban:.40}”, which is no IBAN")
        if one.amount_minor > _AMOUNT_MINOR_MAX:
            raise BadInput(f"{one.end_to_end} is over 999,999,999.99", where=file.id, remedy="Pay in parts.")


def _sums(parent: ET.Element, instructions: Sequence[Instruction]) -> None:
    _put(parent, "NbOfTxs", str(len(instructions)))
    _put(parent, "CtrlSum", decimal_text(sum(one.amount_minor for one in instructions), "EUR"))


def _payment(block: ET.Element, one: Instruction, *, new: bool) -> None:
    transfer = ET.SubElement(block, "CdtTrfTxInf")
    _put(transfer, "PmtId/EndToEndId", one.end_to_end)
    _put(transfer, "Amt/InstdAmt", decimal_text(one.amount_minor, "EUR")).set("Ccy", "EUR")
    _agent(transfer, "CdtrAgt", one.account, new=new, required=False)
    creditor = _put(transfer, "Cdtr/Nm", plain(one.account.holder, _NAME_MAX))
    if one.town and one.country:
        parent = transfer.find("Cdtr")
        assert parent is not None, f"{creditor.tag} stands in Cdtr"
        _put(parent, "PstlAdr/TwnNm", plain(one.town, _TOWN_MAX))
        address = parent.find("PstlAdr")
        assert address is not None, "the town stands in the address"
        _put(address, "Ctry", one.country)
    _put(transfer, "CdtrAcct/Id/IBAN", one.account.iban)
    if one.remittance:
        _put(transfer, "RmtInf/Ustrd", plain(one.remittance, _REMITTANCE_MAX))


def _agent(parent: ET.Element, tag: str, account: PayoutAccount, *, new: bool, required: bool) -> None:
    """The bank: by BIC, or not at all where the IBAN is enough."""
    if account.bic:
        _put(parent, f"{tag}/FinInstnId/{'BICFI' if new else 'BIC'}", account.bic)
    elif required:
        _put(parent, f"{tag}/FinInstnId/Othr/Id", "NOTPROVIDED")


def _put(parent: ET.Element, path: str, text: str) -> ET.Element:
    """A new element with text below `parent`, made with everything on the way to it."""
    for tag in path.split("/"):
        parent = ET.SubElement(parent, tag)
    parent.text = text
    return parent
