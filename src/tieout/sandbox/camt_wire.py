"""Bank statements as CAMT.053.001.08 files, the way banks send them at the end of the day.

Source of the rules: ISO 20022 message definition BankToCustomerStatementV08.
"""

from xml.sax.saxutils import escape

from tieout.model.money import decimal_text
from tieout.sandbox.calendar import utc
from tieout.sandbox.emission import Door, Emission
from tieout.sandbox.trail import Bank, BankBooking, BankLineKind, Statement

#: The standard's code of a line (BkTxCd): domain, family, sub-family. A credit transfer out is an issued one.
_CODES = {
    BankLineKind.PAYOUT: ("PMNT", "RCDT", "ESCT"),
    BankLineKind.CHARGES: ("ACMT", "MDOP", "CHRG"),
    BankLineKind.INTEREST: ("ACMT", "MCOP", "INTR"),
    BankLineKind.RENT: ("PMNT", "ICDT", "ESCT"),
    BankLineKind.SUPPLIER: ("PMNT", "ICDT", "ESCT"),
}


def statement_emission(statement: Statement) -> Emission:
    """The statement file, sent at 20:30 UTC of its day."""
    bank = statement.bank
    return Emission(
        at=utc(statement.day, 20, 30),
        source=bank.source,
        connector="camt",
        door=Door.FILE,
        topic="camt.053",
        body=statement_xml(statement),
        parameters={"name": f"{bank.source}-{statement.day.isoformat()}.xml"},
        about=tuple(f"bank_line:{booking.reference}" for booking in statement.bookings),
    )


def statement_xml(statement: Statement) -> bytes:
    """The file's bytes."""
    bank, day = statement.bank, statement.day.isoformat()
    identity = f"{bank.bic[:4]}{statement.day:%y%m%d}{bank.currency}{statement.number:05d}"
    created = f"{day}T20:30:00+00:00"
    entries = "".join(_entry(booking) for booking in statement.bookings)
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">
  <BkToCstmrStmt>
    <GrpHdr>
      <MsgId>{identity}</MsgId>
      <CreDtTm>{created}</CreDtTm>
      <MsgPgntn><PgNb>1</PgNb><LastPgInd>true</LastPgInd></MsgPgntn>
    </GrpHdr>
    <Stmt>
      <Id>{identity}S</Id>
      <ElctrncSeqNb>{statement.number}</ElctrncSeqNb>
      <CreDtTm>{created}</CreDtTm>
      <FrToDt><FrDtTm>{day}T00:00:00+00:00</FrDtTm><ToDtTm>{day}T23:59:59+00:00</ToDtTm></FrToDt>
{_account(bank)}
{_balance("OPBD", statement.opening_minor, bank.currency, day)}
{_balance("CLBD", statement.closing_minor, bank.currency, day)}
{entries}    </Stmt>
  </BkToCstmrStmt>
</Document>
"""
    return text.encode()


def _account(bank: Bank) -> str:
    number = f"<IBAN>{bank.iban}</IBAN>" if bank.iban else f"<Othr><Id>{bank.number}</Id></Othr>"
    return f"""      <Acct>
        <Id>{number}</Id>
        <Ccy>{bank.currency}</Ccy>
        <Ownr><Nm>{escape(bank.owner)}</Nm></Ownr>
        <Svcr><FinInstnId><BICFI>{bank.bic}</BICFI><Nm>{escape(bank.bank_name)}</Nm></FinInstnId></Svcr>
      </Acct>"""


def _balance(kind: str, amount_minor: int, currency: str, day: str) -> str:
    return f"""      <Bal>
        <Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>
        {_amount(amount_minor, currency)}
        <Dt><Dt>{day}</Dt></Dt>
      </Bal>"""


def _amount(amount_minor: int, currency: str) -> str:
    """The amount without its sign, and the direction beside it."""
    direction = "DBIT" if amount_minor < 0 else "CRDT"
    value = decimal_text(abs(amount_minor), currency)
    return f'<Amt Ccy="{currency}">{value}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'


def _entry(booking: BankBooking) -> str:
    domain, family, sub_family = _CODES[booking.kind]
    # The other party is the debtor of money that comes in, the creditor of money that goes out.
    role = "Dbtr" if booking.amount_minor > 0 else "Cdtr"
    party = booking.counterparty and (
        f"<RltdPties><{role}><Pty><Nm>{escape(booking.counterparty)}</Nm></Pty></{role}></RltdPties>"
    )
    lines = "".join(f"<Ustrd>{escape(line)}</Ustrd>" for line in booking.text)
    return f"""      <Ntry>
        {_amount(booking.amount_minor, booking.currency)}
        <Sts><Cd>BOOK</Cd></Sts>
        <BookgDt><Dt>{booking.booked.isoformat()}</Dt></BookgDt>
        <ValDt><Dt>{booking.value.isoformat()}</Dt></ValDt>
        <AcctSvcrRef>{booking.reference}</AcctSvcrRef>
        <BkTxCd><Domn><Cd>{domain}</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub_family}</SubFmlyCd></Fmly></Domn></BkTxCd>
        <NtryDtls>
          <TxDtls>
            <Refs><EndToEndId>{escape(booking.end_to_end)}</EndToEndId></Refs>
            {_amount(booking.amount_minor, booking.currency)}
            {party}
            <RmtInf>{lines}</RmtInf>
          </TxDtls>
        </NtryDtls>
      </Ntry>
"""
