"""CAMT XML into plain nouns: statements, balances, entries and their details, as the bank wrote them.

Nothing is judged here (see checks.py) and nothing is repaired: what is not there is None. The rules are those of
the ISO 20022 message definitions camt.052, camt.053 and camt.054, versions 001.01 to 001.13; where a later version
only nests a value deeper (``Sts/Cd``, ``Pty/Nm``), both forms are read.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException, DTDForbidden  # type: ignore[import-untyped] # it has no type stubs
from defusedxml.ElementTree import ParseError, fromstring  # type: ignore[import-untyped] # as above
from msgspec import Struct

from tieout.model.connector import Undecodable

#: Far above any real statement; parsing needs about ten times this in memory.
BODY_BYTES_MAX = 64 * 1024 * 1024
_VERSIONS = range(1, 14)
_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(camt\.05[234])\.001\.([0-9]{2})")
#: Message -> the element that carries the message, and the one that repeats for each statement in it.
_SHAPES = {
    "camt.052": ("BkToCstmrAcctRpt", "Rpt"),
    "camt.053": ("BkToCstmrStmt", "Stmt"),
    "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}
#: The standard allows 18 digits, 5 of them decimals. 27 digits are still exact in all arithmetic on decimals.
_DECIMAL = re.compile(r"[0-9]{1,18}(\.[0-9]{0,9})?|\.[0-9]{1,9}")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T.*|Z|[+-][0-9]{2}:[0-9]{2})?", re.DOTALL)
_SHORT_MAX = 140
_LONG_MAX = 2_000


class Amount(Struct, frozen=True):
    """An amount as written; `value` is None if the text is not a plain unsigned decimal number."""

    text: str | None
    value: Decimal | None
    currency: str | None


class Day(Struct, frozen=True):
    """A date as the bank wrote it. `day` is ISO text, or the bank's own text if no such day exists; `time` if given."""

    day: str
    exists: bool = False
    time: str | None = None


class Balance(Struct, frozen=True):
    """One balance; `kind` is the standard's code such as OPBD, PRCD or CLBD."""

    kind: str | None
    amount: Amount
    credit: bool | None
    at: Day | None


class Detail(Struct, frozen=True):
    """One payment inside an entry. `amounts` by the element that carries them: Amt, TxAmt, CntrValAmt, InstdAmt."""

    amounts: dict[str, Amount]
    credit: bool | None
    identifiers: dict[str, str]
    references: list[str]
    debtor: str | None
    creditor: str | None
    remittance: list[str]
    further: str | None


class Entry(Struct, frozen=True):
    """One line of the statement. `credit` is the line's own direction, also when it reverses an earlier one."""

    amount: Amount
    credit: bool | None
    reversal: bool
    status: str | None
    booked: Day | None
    value: Day | None
    servicer_reference: str | None
    entry_reference: str | None
    further: str | None
    domain_code: str | None
    proprietary_code: str | None
    batch_total: Amount | None
    charges_included: list[tuple[Amount, bool | None]]
    details: list[Detail]


class Statement(Struct, frozen=True):
    """One statement, report or notification of one account."""

    id: str | None
    page: str | None
    account: str | None
    owner: str | None
    currency: str | None
    sequence: str | None
    copy: str | None
    created: Day | None
    first: Day | None
    last: Day | None
    balances: list[Balance]
    entries: list[Entry]


class Message(Struct, frozen=True):
    """A CAMT message: `kind` is camt.052, camt.053 or camt.054, `version` the number after 001."""

    kind: str
    version: int
    id: str | None
    statements: list[Statement]


def read_message(body: bytes) -> Message:
    """Reads a CAMT file. Raises Undecodable, with a sentence for the bookkeeper, for anything that is none."""
    if len(body) > BODY_BYTES_MAX:
        raise Undecodable(f"The file is larger than {BODY_BYTES_MAX // 1024 // 1024} MiB, which no bank statement is.")
    document = _document(_parsed(body))
    kind, version = message_of(document.tag)
    _strip_namespace(document)
    message_tag, statement_tag = _SHAPES[kind]
    message = document.find(message_tag)
    statements = [] if message is None else message.findall(statement_tag)
    if message is None or not statements:
        raise Undecodable(f"The file is a {kind} message but contains no statement ({message_tag}/{statement_tag}).")
    read = [_statement(element) for element in statements]
    return Message(kind, version, _text(message, "GrpHdr/MsgId"), read)


def message_of(tag: str) -> tuple[str, int]:
    """Message and version of a qualified tag. Raises Undecodable unless its namespace is a CAMT one we know."""
    namespace = tag[1:].partition("}")[0] if tag.startswith("{") else ""
    match = _NAMESPACE.fullmatch(namespace)
    if match is None or int(match[2]) not in _VERSIONS:
        raise Undecodable(
            f"Its namespace “{namespace[:100]}” is not camt.052, camt.053 or camt.054 in versions 001.01 to 001.13."
        )
    return match[1], int(match[2])


def _parsed(body: bytes) -> Element:
    if not body.strip():
        raise Undecodable("The file is empty.")
    try:
        # Blank lines before the XML declaration are not allowed but common, and harmless.
        root: Element = fromstring(body.lstrip(b" \t\r\n"), forbid_dtd=True)
    except DTDForbidden:
        raise Undecodable("The file has a document type definition, which no bank statement has; refused.") from None
    except DefusedXmlException:
        raise Undecodable("The file declares XML entities, which no bank statement does; refused.") from None
    except (ParseError, ValueError, LookupError) as error:
        raise Undecodable(f"The file is not readable XML: {error}.") from None
    return root


def _document(root: Element) -> Element:
    """The one Document, which some banks wrap into an envelope with a business header."""
    if _local(root.tag) == "Document":
        return root
    found = [element for element in root.iter() if _local(element.tag) == "Document"]
    if len(found) != 1:
        raise Undecodable(f"The file starts with “{_local(root.tag)[:60]}” and has {len(found)} CAMT documents in it.")
    return found[0]


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _strip_namespace(document: Element) -> None:
    """Leaves plain tags, and drops elements of other namespaces: they are the bank's own supplements."""
    prefix = document.tag[: document.tag.index("}") + 1]
    for element in document.iter():
        foreign = [child for child in element if not child.tag.startswith(prefix)]
        for child in foreign:
            element.remove(child)
        element.tag = element.tag.removeprefix(prefix)


def _statement(element: Element) -> Statement:
    account = _identifier(element, "Acct/Id/IBAN")
    return Statement(
        id=_identifier(element, "Id"),
        page=_text(element, "StmtPgntn/PgNb", "RptPgntn/PgNb", "NtfctnPgntn/PgNb"),
        account=account.replace(" ", "").upper() if account else _identifier(element, "Acct/Id/Othr/Id"),
        owner=_text(element, "Acct/Ownr/Nm"),
        currency=_text(element, "Acct/Ccy"),
        sequence=_text(element, "ElctrncSeqNb", "LglSeqNb"),
        copy=_text(element, "CpyDplctInd"),
        created=_day_text(_text(element, "CreDtTm")),
        first=_day_text(_text(element, "FrToDt/FrDtTm", "FrToDt/FrDt")),
        last=_day_text(_text(element, "FrToDt/ToDtTm", "FrToDt/ToDt")),
        balances=[_balance(balance) for balance in element.findall("Bal")],
        entries=[_entry(entry) for entry in element.findall("Ntry")],
    )


def _balance(element: Element) -> Balance:
    return Balance(
        kind=_text(element, "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry"),
        amount=_amount(element.find("Amt")),
        credit=_credit(element),
        at=_day(element, "Dt"),
    )


def _entry(element: Element) -> Entry:
    details = [_detail(detail) for detail in element.findall("NtryDtls/TxDtls")]
    batches = [_amount(total) for total in element.findall("NtryDtls/Btch/TtlAmt")]
    return Entry(
        amount=_amount(element.find("Amt")),
        credit=_credit(element),
        reversal=_text(element, "RvslInd") in ("true", "1"),
        status=_text(element, "Sts/Cd", "Sts/Prtry", "Sts"),
        booked=_day(element, "BookgDt"),
        value=_day(element, "ValDt"),
        servicer_reference=_identifier(element, "AcctSvcrRef"),
        entry_reference=_identifier(element, "NtryRef"),
        further=_text(element, "AddtlNtryInf", limit=_LONG_MAX),
        domain_code=_domain_code(element),
        proprietary_code=_text(element, "BkTxCd/Prtry/Cd"),
        batch_total=batches[0] if len(batches) == 1 else None,
        charges_included=[
            (_amount(record.find("Amt")), _credit(record))
            for record in element.findall("Chrgs/Rcrd")
            if _text(record, "ChrgInclInd") in ("true", "1")
        ],
        details=details,
    )


def _domain_code(element: Element) -> str | None:
    """Domain, family and sub-family as one text: PMNT/RCDT/ESCT."""
    paths = ("BkTxCd/Domn/Cd", "BkTxCd/Domn/Fmly/Cd", "BkTxCd/Domn/Fmly/SubFmlyCd")
    return "/".join(code for path in paths if (code := _text(element, path))) or None


def _detail(element: Element) -> Detail:
    places = {"Amt": "Amt", "TxAmt": "AmtDtls/TxAmt/Amt"}
    places |= {"CntrValAmt": "AmtDtls/CntrValAmt/Amt", "InstdAmt": "AmtDtls/InstdAmt/Amt"}
    amounts = {name: element.find(path) for name, path in places.items()}
    names = ("EndToEndId", "TxId", "InstrId", "UETR", "PmtInfId", "ChqNb", "ClrSysRef", "AcctSvcrRef", "MsgId")
    identifiers = {name: _text(element, f"Refs/{name}") for name in names}
    return Detail(
        amounts={name: _amount(amount) for name, amount in amounts.items() if amount is not None},
        credit=_credit(element),
        identifiers={name: text for name, text in identifiers.items() if text},
        references=list(_references(element)),
        debtor=_party(element, "Dbtr", "UltmtDbtr"),
        creditor=_party(element, "Cdtr", "UltmtCdtr"),
        remittance=[text for line in element.findall("RmtInf/Ustrd") if (text := _tidy(line.text, _LONG_MAX))],
        further=_text(element, "AddtlTxInf", limit=_LONG_MAX),
    )


def _references(element: Element) -> Iterator[str]:
    """The structured references: creditor references, document numbers, proprietary references, further words."""
    paths = ("RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/RfrdDocInf/Nb", "Refs/Prtry/Ref", "RmtInf/Strd/AddtlRmtInf")
    for path in paths:
        for found in element.findall(path):
            if text := _tidy(found.text, _SHORT_MAX):
                yield text


def _party(element: Element, *roles: str) -> str | None:
    paths = [f"RltdPties/{role}{nesting}/Nm" for role in roles for nesting in ("", "/Pty")]
    return _text(element, *paths)


def _text(element: Element, *paths: str, limit: int = _SHORT_MAX) -> str | None:
    """The first of the paths that has text, with runs of white space as one blank; None if there is none."""
    for path in paths:
        found = element.find(path)
        if found is not None and (text := _tidy(found.text, limit)):
            return text
    return None


def _identifier(element: Element, path: str) -> str | None:
    """Like `_text`, but never cut: half a name could be another thing's name, so an overlong one is no name."""
    text = _text(element, path, limit=_SHORT_MAX + 1)
    return text if text is not None and len(text) <= _SHORT_MAX else None


def _tidy(text: str | None, limit: int) -> str:
    return " ".join((text or "")[: 4 * limit].split())[:limit]


def _amount(element: Element | None) -> Amount:
    if element is None:
        return Amount(None, None, None)
    text = _tidy(element.text, _SHORT_MAX) or None
    plain = text is not None and _DECIMAL.fullmatch(text) is not None
    currency = (element.get("Ccy") or "").strip()[:16] or None
    return Amount(text, Decimal(text) if text is not None and plain else None, currency)


def _credit(element: Element) -> bool | None:
    return {"CRDT": True, "DBIT": False}.get(_text(element, "CdtDbtInd") or "")


def _day(element: Element, path: str) -> Day | None:
    """A date from ``Dt`` or ``DtTm`` below `path`; both occur, and a date-time occurs inside ``Dt``."""
    return _day_text(_text(element, f"{path}/Dt", f"{path}/DtTm"))


def _day_text(text: str | None) -> Day | None:
    """The bank's own day: the clock time and zone do not move it, or balances by day would not agree with the bank."""
    if text is None:
        return None
    match = _DAY.fullmatch(text)
    if match is None:
        return Day(text)
    try:
        date.fromisoformat(match[1])
    except ValueError:
        return Day(text)
    time = (match[2] or "").startswith("T")
    return Day(match[1], exists=True, time=text if time else None)
