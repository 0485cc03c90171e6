"""What a statement claims about itself, checked: it must add up, and so must the details of its entries.

A problem is a reason code (see model/case.py) with the figures behind it. Nothing is corrected and nothing is left
out: the mapping holds what has a problem until a person has looked at it.
"""

from collections.abc import Iterable
from decimal import Decimal, localcontext

from msgspec import Struct

from tieout.connectors.camt.reader import Amount, Balance, Detail, Entry, Statement
from tieout.model.error import AmountError
from tieout.model.money import exponent_of, to_minor

BOOKED = "BOOK"
#: Digits enough to add any number of amounts the reader accepts without rounding.
_DIGITS = 60
#: Opening booked; where a bank gives none, the closing balance before this statement says the same.
_OPENING = ("OPBD", "PRCD")
_CLOSING = ("CLBD",)


class Problem(Struct, frozen=True):
    """A reason code and the sentence with the figures."""

    reason: str
    detail: str


def signed(amount: Amount, credit: bool | None) -> Decimal | None:  # noqa: FBT001 -- the standard's CdtDbtInd
    """Positive for a credit, negative for a debit; None if amount or direction cannot be used."""
    if amount.value is None or credit is None:
        return None
    return amount.value if credit else amount.value.copy_negate()


def opening_of(statement: Statement) -> Balance | None:
    """The opening balance: OPBD, else PRCD; None if there is none, or several that differ."""
    return _single(statement, _OPENING)


def closing_of(statement: Statement) -> Balance | None:
    """The closing balance CLBD; None if there is none, or several that differ."""
    return _single(statement, _CLOSING)


def _single(statement: Statement, kinds: Iterable[str]) -> Balance | None:
    for kind in kinds:
        found = [balance for balance in statement.balances if balance.kind == kind]
        if found:
            usable = signed(found[0].amount, found[0].credit) is not None
            same = {(signed(b.amount, b.credit), b.amount.currency) for b in found}
            return found[0] if usable and len(same) == 1 else None
    return None


def statement_problem(statement: Statement, *, end_of_day: bool) -> Problem | None:
    """The first thing that keeps the statement from being proved.

    In order: several currencies in one statement; no opening and closing pair (only an end-of-day statement must
    have one); opening plus booked entries is not closing.
    """
    currencies = _currencies(statement)
    if len(currencies) > 1:
        named = ", ".join(sorted(currencies))
        return Problem("statement_mixed_currencies", f"Its balances and entries are in {named}; these cannot be added.")
    opening, closing = opening_of(statement), closing_of(statement)
    if opening is None or closing is None:
        return _incomplete(statement, opening, closing) if end_of_day else None
    for balance in (opening, closing):
        if (problem := _digits_problem(balance.amount, f"Balance {balance.kind}")) is not None:
            return problem
    return _sum_problem(statement, opening, closing)


def _currencies(statement: Statement) -> set[str]:
    amounts = [b.amount for b in statement.balances] + [e.amount for e in statement.entries]
    return {code for code in (statement.currency, *(a.currency for a in amounts)) if code}


def _incomplete(statement: Statement, opening: Balance | None, closing: Balance | None) -> Problem:
    wanted = [(opening, "opening balance (OPBD or PRCD)"), (closing, "closing balance (CLBD)")]
    missing = " and no ".join(name for balance, name in wanted if balance is None)
    there = ", ".join(dict.fromkeys(balance.kind or "?" for balance in statement.balances)) or "none"
    return Problem("statement_incomplete", f"It has no single usable {missing}; its balances are: {there}.")


def _sum_problem(statement: Statement, opening: Balance, closing: Balance) -> Problem | None:
    booked = [(n, e) for n, e in enumerate(statement.entries, start=1) if e.status == BOOKED]
    amounts = [(n, signed(entry.amount, entry.credit)) for n, entry in booked]
    unusable = [str(n) for n, amount in amounts if amount is None]
    if unusable:
        detail = f"Entry {', '.join(unusable)} has no usable amount or direction, so the entries cannot be added."
        return Problem("statement_unbalanced", detail)
    start, end = signed(opening.amount, opening.credit), signed(closing.amount, closing.credit)
    assert start is not None, "a balance that was chosen is usable"
    assert end is not None, "a balance that was chosen is usable"
    currency = opening.amount.currency or ""
    with localcontext(prec=_DIGITS):
        moved = sum((amount for _, amount in amounts if amount is not None), Decimal(0))
        if start + moved == end:
            return None
        detail = (
            f"Opening {start:f} + booked entries {moved:f} = {start + moved:f}, but closing is {end:f} {currency}; "
            f"the difference is {end - start - moved:f} {currency}."
        )
    return Problem("statement_unbalanced", detail)


def entry_problem(entry: Entry) -> Problem | None:
    """The first thing wrong with one entry: its amount, its currency, or details that do not add up to it."""
    problem = _amount_problem(entry.amount)
    if problem is not None or entry.amount.value is None:
        return problem
    return _details_problem(entry, entry.amount.value)


def _amount_problem(amount: Amount) -> Problem | None:
    if amount.text is None or amount.currency is None:
        missing = "amount" if amount.text is None else "currency"
        return Problem("field_missing", f"The entry has no {missing}.")
    if amount.value is None:
        return Problem("amount_unusable", f"“{amount.text[:40]}” is not a plain decimal number.")
    return _digits_problem(amount, "The entry")


def _digits_problem(amount: Amount, what: str) -> Problem | None:
    """Digits that would be lost in the currency's minor unit (8.850 EUR loses none), or more than 64 bits hold."""
    assert amount.value is not None, "only called for usable amounts"
    currency = amount.currency or ""
    try:
        decimals = exponent_of(currency)
    except AmountError as error:
        return Problem("currency_unknown", f"{error.what}.")
    if minor_of(amount.value, currency) is not None:
        return None
    scaled = amount.value.scaleb(decimals)
    lost = scaled != scaled.to_integral_value()
    limit = f"{currency} has {decimals} decimals" if lost else "no account holds so much"
    return Problem("amount_unusable", f"{what} has {amount.text} {currency}, but {limit}.")


def minor_of(value: Decimal, currency: str) -> int | None:
    """The value in minor units; None if the currency is unknown, digits would be lost, or it does not fit 64 bits."""
    try:
        return to_minor(value, currency)
    except AmountError:
        return None


def _details_problem(entry: Entry, amount: Decimal) -> Problem | None:
    """Details must come to the entry, in the entry's currency; originals in other currencies take no part.

    Each detail may state several amounts. The one in the element Amt decides where it is given; otherwise any kind
    of amount that all details have in the entry's currency may prove the sum. Charges the bank says are included in
    the entry explain a difference.
    """
    stated = [detail for detail in entry.details if detail.amounts]
    if not stated:
        return _batch_problem(entry, amount)
    with localcontext(prec=_DIGITS):
        sums = {kind: _sum(entry, kind) for kind in ("Amt", "TxAmt", "CntrValAmt", "InstdAmt")}
        usable = {kind: total for kind, total in sums.items() if total is not None}
        if not usable:
            foreign = any("Amt" in detail.amounts for detail in stated)
            return _foreign_details(entry, stated) if foreign else None
        deciding = [usable["Amt"]] if "Amt" in usable else list(usable.values())
        if any(total in (amount, amount + _included_charges(entry)) for total in deciding):
            return None
    detail = (
        f"Its details ({len(entry.details)}) come to {deciding[0]:f} {entry.amount.currency}, "
        f"but the entry is {amount:f} {entry.amount.currency}."
    )
    return Problem("details_mismatch", detail)


def _sum(entry: Entry, kind: str) -> Decimal | None:
    """What all details come to in this kind of amount, in the entry's direction; None if one has no such amount."""
    total = Decimal(0)
    for detail in entry.details:
        amount = detail.amounts.get(kind)
        if amount is None or amount.value is None or amount.currency != entry.amount.currency:
            return None
        total += amount.value if detail.credit in (None, entry.credit) else -amount.value
    return total


def _foreign_details(entry: Entry, stated: list[Detail]) -> Problem:
    named = ", ".join(f"{d.amounts['Amt'].text} {d.amounts['Amt'].currency}" for d in stated[:5] if "Amt" in d.amounts)
    detail = f"Its details ({named}) cannot be added up in the entry's currency, {entry.amount.currency}."
    return Problem("details_mismatch", detail)


def _batch_problem(entry: Entry, amount: Decimal) -> Problem | None:
    """A batch without details stays one entry; only the batch's own total, if given, can be compared."""
    total = entry.batch_total
    if total is None or total.value is None or total.currency != entry.amount.currency or total.value == amount:
        return None
    detail = f"Its batch comes to {total.value:f} {total.currency}, but the entry is {amount:f} {total.currency}."
    return Problem("details_mismatch", detail)


def _included_charges(entry: Entry) -> Decimal:
    """How far charges make the entry smaller than its details (credit) or larger (then negative: debit)."""
    charges = Decimal(0)
    for amount, credit in entry.charges_included:
        if amount.value is not None and amount.currency == entry.amount.currency:
            # A charge without a direction is money the bank took.
            charges += amount.value if bool(credit) is not entry.credit else -amount.value
    return charges
