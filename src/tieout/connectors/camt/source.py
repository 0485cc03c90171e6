"""Reads CAMT files: what they are (`describe`), and the document the mapping reads (`parse`)."""

import hashlib
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from defusedxml import DefusedXmlException  # type: ignore[import-untyped] # it has no type stubs
from defusedxml.ElementTree import DefusedXMLParser, ParseError  # type: ignore[import-untyped] # as above

from tieout.connectors.camt.checks import (
    BOOKED,
    Problem,
    closing_of,
    entry_problem,
    minor_of,
    opening_of,
    signed,
    statement_problem,
)
from tieout.connectors.camt.reader import (
    Amount,
    Balance,
    Day,
    Detail,
    Entry,
    Statement,
    message_of,
    read_message,
)
from tieout.connectors.camt.tokens import reference_tokens
from tieout.model.connector import Undecodable
from tieout.model.delivery import Envelope

#: The message that closes a day and is booked; the other two tell of the same money earlier or in more detail.
END_OF_DAY = "camt.053"
#: Topic of a file whose outside does not say which message it is; `parse` says what is wrong with it.
UNREADABLE = "camt"

_HEAD_BYTES_MAX = 256 * 1024
_CHUNK_BYTES = 8 * 1024
_TEXT_MAX = 500
#: A batch may hold thousands of payments; an event carries the references of so many.
_END_TO_END_MAX = 40
#: What banks write where there is no reference.
_PLACEHOLDERS = frozenset(
    {"NOTPROVIDED", "NOT PROVIDED", "NOTAVAILABLE", "NOT AVAILABLE", "NONREF", "NONE", "N/A", "NA", "0"}
)
#: An entry reference of up to so many digits is the entry's running number in the statement, not a reference.
_RUNNING_NUMBER_DIGITS = 5


def describe(headers: Mapping[str, str], parameters: Mapping[str, str], body: bytes) -> Envelope:  # noqa: ARG001
    """Topic: the message, such as camt.053. Identity: the message id, if there is one, and the hash of the file.

    Reads only the group header, so a large file is received as fast as a small one. Never raises: a file that is no
    CAMT message is described as `camt`, kept, and refused by `parse`.
    """
    head = _Head()
    parser = DefusedXMLParser(target=head, forbid_dtd=True)
    content = body[:_HEAD_BYTES_MAX].lstrip(b" \t\r\n")
    try:
        for start in range(0, len(content), _CHUNK_BYTES):
            parser.feed(content[start : start + _CHUNK_BYTES])
            if head.complete:
                break
    except (ParseError, DefusedXmlException, Undecodable, ValueError, LookupError):
        pass  # What was read until then stands; parse tells the rest.
    digest = hashlib.sha256(body).hexdigest()
    return Envelope(head.topic or UNREADABLE, f"{head.message_id}:{digest}" if head.message_id else digest)


class _Head:
    """Takes the start of the file from the parser: the Document's namespace, then GrpHdr/MsgId."""

    def __init__(self) -> None:
        self.topic: str | None = None
        self.message_id: str | None = None
        self.complete = False
        self._text: list[str] | None = None

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if name == "Document" and self.topic is None:
            self.topic = message_of(tag)[0]
        elif name == "MsgId" and self.topic is not None and self.message_id is None:
            self._text = []

    def data(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end(self, tag: str) -> None:
        if self._text is not None:
            self.message_id = " ".join("".join(self._text).split())[:140] or None
            self._text = None
        self.complete = self.complete or tag.rpartition("}")[2] == "GrpHdr"


def parse(topic: str, parameters: Mapping[str, str], body: bytes) -> Any:  # noqa: ARG001
    """The document: statements with their entries, amounts as decimal text, and every problem that was found.

    Raises Undecodable for what is not a readable CAMT message of the topic.
    """
    message = read_message(body)
    if message.kind != topic:
        raise Undecodable(f"The file is a {message.kind} message, not the “{topic}” it was delivered as.")
    names = _Names()
    return {
        "message": message.kind,
        "version": message.version,
        "message_id": message.id,
        "statements": [_statement(statement, message.kind, names) for statement in message.statements],
    }


class _Names:
    """Names handed out once per account in a file: a name that comes again gets a number, ``REF#2``.

    Two lines with the same reference are two lines, whatever the bank meant by it; the first keeps the plain name,
    so that another file with the same line still names it the same.
    """

    def __init__(self) -> None:
        self._last: dict[tuple[str | None, str, str], int] = {}

    def take(self, account: str | None, kind: str, name: str) -> str:
        number = self._last.get((account, kind, name), 0) + 1
        free = name if number == 1 else f"{name}#{number}"
        while number > 1 and (account, kind, free) in self._last:
            number += 1
            free = f"{name}#{number}"
        self._last[account, kind, name] = number
        self._last.setdefault((account, kind, free), 1)
        return free


def _statement(statement: Statement, kind: str, names: _Names) -> dict[str, Any]:
    end_of_day = kind == END_OF_DAY
    name = _statement_name(statement, names)
    entries = [_entry(entry, n, statement, name, names) for n, entry in enumerate(statement.entries, start=1)]
    problem = statement_problem(statement, end_of_day=end_of_day)
    if problem is None and not end_of_day:
        # The lines of an advice are not booked, so what is wrong with one is told of the advice as a whole.
        problem = next((p for entry in statement.entries if (p := entry_problem(entry))), None)
    opening, closing = opening_of(statement), closing_of(statement)
    currency = _statement_currency(statement)
    opened, closed = (None if balance is None else balance.at for balance in (opening, closing))
    return {
        "id": name,
        "account": statement.account,
        "currency": currency,
        "sequence": statement.sequence,
        "copy": statement.copy,
        "from": _first_that_exists(statement.first, opened),
        "to": _first_that_exists(statement.last, closed),
        "created_at": None if statement.created is None else statement.created.time or statement.created.day,
        "created_on": _day(statement.created),
        "opening": _balance(opening, currency),
        "opening_kind": None if opening is None else opening.kind,
        "opening_on": _day(opened),
        "closing": _balance(closing, currency),
        "closing_on": _day(closed),
        **_told(problem),
        "entries": entries,
    }


def _statement_name(statement: Statement, names: _Names) -> str | None:
    """The statement's id; a further page of it is named so, and an id that comes again is numbered."""
    if statement.id is None:
        return None
    page = statement.page or "1"
    name = statement.id if page.lstrip("0") in ("", "1") else f"{statement.id}.p{page}"
    return names.take(statement.account, "statement", name)


def _statement_currency(statement: Statement) -> str | None:
    amounts = [b.amount for b in statement.balances] + [e.amount for e in statement.entries]
    return statement.currency or next((a.currency for a in amounts if a.currency), None)


def _entry(
    entry: Entry, ordinal: int, statement: Statement, statement_name: str | None, names: _Names
) -> dict[str, Any]:
    problem = entry_problem(entry)
    reference, line = _line(entry, ordinal, statement, statement_name, names)
    end_to_end = [d.identifiers["EndToEndId"] for d in entry.details if _is_reference(d.identifiers.get("EndToEndId"))]
    ids = list(dict.fromkeys(end_to_end))
    return {
        "ordinal": ordinal,
        "line": line,
        "amount": _amount(entry.amount),
        "currency": entry.amount.currency,
        "credit": entry.credit,
        "reversal": entry.reversal,
        "status": entry.status,
        "nil": problem is None and entry.status == BOOKED and entry.amount.value == 0,
        "booked_at": _day(entry.booked),
        "booked_time": None if entry.booked is None else entry.booked.time,
        "value_date": _day(entry.value),
        "reference": reference,
        "end_to_end_id": ids[0] if len(ids) == 1 else None,
        "end_to_end_ids": ids[:_END_TO_END_MAX],
        "counterparty": _counterparty(entry, statement),
        "text": _text(entry),
        "tokens": _tokens(entry),
        "codes": "; ".join(code for code in (entry.domain_code, entry.proprietary_code) if code) or None,
        **_told(problem),
        "details": [_detail(detail, entry, n) for n, detail in enumerate(entry.details, start=1)],
    }


def _line(
    entry: Entry, ordinal: int, statement: Statement, statement_name: str | None, names: _Names
) -> tuple[str | None, str | None]:
    """The bank's reference, and the name of the line in its account.

    The account servicer's reference names a line for ever. An entry reference names it on its booking day: some
    banks use the same one every day. Without either, or with a mere running number, the line is named by statement
    and ordinal.
    """
    servicer, own = entry.servicer_reference, entry.entry_reference
    name = None if statement_name is None else f"{statement_name}:{ordinal}"
    if servicer is not None and _is_reference(servicer):
        own = name = servicer
    elif own is not None and _is_reference(own) and not _is_running_number(own):
        name = f"{own}@{_day(entry.booked)}"
    return own, None if name is None else names.take(statement.account, "line", name)


def _is_running_number(text: str) -> bool:
    return text.isdecimal() and len(text.lstrip("0")) <= _RUNNING_NUMBER_DIGITS


def _is_reference(text: str | None) -> bool:
    return text is not None and text.upper() not in _PLACEHOLDERS


def _counterparty(entry: Entry, statement: Statement) -> str | None:
    """The one party on the other side; None if the details name none or several."""
    found = {name for detail in entry.details if (name := _other_side(detail, entry, statement.owner))}
    return found.pop() if len(found) == 1 else None


def _other_side(detail: Detail, entry: Entry, owner: str | None) -> str | None:
    """Who paid a credit or got a debit. In a reversal the parties are still those of the payment it reverses."""
    paid_to_us = entry.credit is not entry.reversal
    sides = (detail.debtor, detail.creditor) if paid_to_us else (detail.creditor, detail.debtor)
    return next((name for name in sides if name and name != owner), None)


def _text(entry: Entry) -> str:
    """What the bank prints about the entry, for people and for recognising who paid."""
    parts = [text for d in entry.details for text in (*d.remittance, *d.references, d.further)]
    known = dict.fromkeys(text for text in (*parts, entry.further) if text)
    return " · ".join(known)[:_TEXT_MAX]


def _tokens(entry: Entry) -> list[str]:
    """Candidate references, the bank's own fields before the payer's words."""
    details = entry.details
    fields = [text for d in details for name, text in d.identifiers.items() if _is_reference(text) and name != "MsgId"]
    structured = [text for d in details for text in d.references]
    words = [text for d in details for text in (*d.remittance, d.further) if text]
    further = [entry.further] if entry.further else []
    broken = [pair for d in details for pair in pairwise(d.remittance)]
    return reference_tokens([*fields, *structured, *words, *further], broken)


def _detail(detail: Detail, entry: Entry, ordinal: int) -> dict[str, Any]:
    amount = next(iter(detail.amounts.values()), None)
    return {
        "ordinal": ordinal,
        "amount": None if amount is None else _amount(amount),
        "currency": None if amount is None else amount.currency,
        "credit": entry.credit if detail.credit is None else detail.credit,
        "end_to_end_id": detail.identifiers.get("EndToEndId"),
        "transaction_id": detail.identifiers.get("TxId"),
        "instruction_id": detail.identifiers.get("InstrId"),
        "uetr": detail.identifiers.get("UETR"),
        "debtor": detail.debtor,
        "creditor": detail.creditor,
        "text": " ".join(detail.remittance)[:_TEXT_MAX],
        "references": detail.references,
    }


def _amount(amount: Amount) -> str | None:
    """Decimal text. Text that is no plain number stands in quotation marks, so nothing takes it for one."""
    if amount.value is None:
        return None if amount.text is None else f"“{amount.text[:40]}”"
    return f"{amount.value:f}"


def _balance(balance: Balance | None, currency: str | None) -> str | None:
    """Signed decimal text; None if it is not an amount in the statement's currency, to be compared with the books."""
    value = None if balance is None else signed(balance.amount, balance.credit)
    if balance is None or value is None or balance.amount.currency != currency or currency is None:
        return None
    return None if minor_of(value, currency) is None else f"{value:f}"


def _first_that_exists(*days: Day | None) -> str | None:
    return next((day.day for day in days if day is not None and day.exists), None)


def _day(day: Day | None) -> str | None:
    return None if day is None else day.day


def _told(problem: Problem | None) -> dict[str, str | None]:
    if problem is None:
        return {"problem": None, "problem_detail": None}
    return {"problem": problem.reason, "problem_detail": problem.detail}
