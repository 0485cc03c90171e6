"""Writes small CAMT statements for the tests."""

from collections.abc import Sequence

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.{message}.001.{version:02d}"
SHAPES = {
    "052": ("BkToCstmrAcctRpt", "Rpt"),
    "053": ("BkToCstmrStmt", "Stmt"),
    "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}
IBAN = "DE20701500000012345678"


def entry(
    amount: str = "10.00",
    direction: str = "CRDT",
    *,
    currency: str = "EUR",
    status: str = "BOOK",
    day: str = "2026-03-02",
    reference: str = "",
    own_reference: str = "",
    details: str = "",
    more: str = "",
) -> str:
    return (
        "<Ntry>"
        + (f"<NtryRef>{own_reference}</NtryRef>" if own_reference else "")
        + f'<Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd><Sts>{status}</Sts>'
        + f"<BookgDt><Dt>{day}</Dt></BookgDt>"
        + (f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else "")
        + (f"<NtryDtls>{details}</NtryDtls>" if details else "")
        + more
        + "</Ntry>"
    )


def balance(kind: str, amount: str, direction: str = "CRDT", currency: str = "EUR", day: str = "2026-03-02") -> str:
    """A balance; one below zero is the bank's to claim."""
    if amount.startswith("-"):
        amount, direction = amount[1:], "DBIT"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{amount}</Amt>'
        f"<CdtDbtInd>{direction}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def statement(
    *parts: str, opening: str | None = "0.00", closing: str | None = "10.00", name: str = "S1", account: str = IBAN
) -> str:
    balances = [balance(kind, amount) for kind, amount in (("OPBD", opening), ("CLBD", closing)) if amount is not None]
    return (
        f"<Id>{name}</Id><CreDtTm>2026-03-03T04:00:00+01:00</CreDtTm>"
        f"<Acct><Id><IBAN>{account}</IBAN></Id><Ownr><Nm>Lindenhof</Nm></Ownr></Acct>{''.join([*balances, *parts])}"
    )


def message(*statements: str, kind: str = "053", version: int = 8, encoding: str = "UTF-8", name: str = "M1") -> bytes:
    top, one = SHAPES[kind]
    namespace = NAMESPACE.format(message=kind, version=version)
    body = "".join(f"<{one}>{text}</{one}>" for text in statements)
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><Document xmlns="{namespace}"><{top}>'
        f"<GrpHdr><MsgId>{name}</MsgId></GrpHdr>{body}</{top}></Document>"
    )
    return text.encode(encoding)


def payment(amounts: Sequence[tuple[str, str, str]] = (), direction: str = "", remittance: Sequence[str] = ()) -> str:
    """A TxDtls; `amounts` are (element, amount, currency), where the element Amt stands on its own."""
    plain = [f'<Amt Ccy="{currency}">{amount}</Amt>' for name, amount, currency in amounts if name == "Amt"]
    nested = [
        f'<{name}><Amt Ccy="{currency}">{amount}</Amt></{name}>' for name, amount, currency in amounts if name != "Amt"
    ]
    return (
        "<TxDtls>"
        + "".join(plain)
        + (f"<CdtDbtInd>{direction}</CdtDbtInd>" if direction else "")
        + (f"<AmtDtls>{''.join(nested)}</AmtDtls>" if nested else "")
        + (f"<RmtInf>{''.join(f'<Ustrd>{text}</Ustrd>' for text in remittance)}</RmtInf>" if remittance else "")
        + "</TxDtls>"
    )
