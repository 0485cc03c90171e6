"""What every payment file checks before it is written: amounts, accounts, names, and that nothing is paid twice."""

import unicodedata
from collections import Counter

from tieout.model.error import BadInput
from tieout.model.payout import PaymentFile

#: Characters every bank takes (European Payments Council, SEPA character set).
_ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
_SPELLED = {"ß": "ss", "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "&": "+"}
_IBAN_LENGTHS = range(15, 35)
_ROUTING_DIGITS = 9
_ROUTING_WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)


def plain(text: str, limit: int) -> str:
    """Text in the characters every bank takes: accents and ligatures spelled, anything else a point; cut to `limit`."""
    spelled = "".join(_SPELLED.get(char, char) for char in " ".join(text.split()))
    bare = (char for char in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(char))
    return " ".join("".join(char if char in _ALLOWED else "." for char in bare).split())[:limit].rstrip()


def is_iban(text: str) -> bool:
    """Whether an IBAN's form and check digits hold (ISO 13616, modulus 97)."""
    if len(text) not in _IBAN_LENGTHS or not (text.isascii() and text.isalnum() and text == text.upper()):
        return False
    if not (text[:2].isalpha() and text[2:4].isdecimal()):
        return False
    return int("".join(str(int(char, 36)) for char in text[4:] + text[:4])) % 97 == 1


def is_routing(text: str) -> bool:
    """Whether an ABA routing number's nine digits and its check digit hold."""
    if len(text) != _ROUTING_DIGITS or not (text.isascii() and text.isdecimal()):
        return False
    return sum(int(digit) * weight for digit, weight in zip(text, _ROUTING_WEIGHTS, strict=True)) % 10 == 0


def check(file: PaymentFile, currency: str, id_length_max: int) -> None:
    """Raises BadInput for a file that must not be sent, naming the payout that is wrong."""
    if not file.instructions:
        raise BadInput("There is nothing to pay", where=file.id, remedy="Make a file when a payout is approved.")
    ids = [file.id, *(one.end_to_end for one in file.instructions)]
    for name in ids:
        if not 0 < len(name) <= id_length_max or plain(name, id_length_max) != name or "//" in name or name[0] == "/":
            raise BadInput(
                f"“{name:.80}” cannot name a payment", where=file.id,
                remedy=f"Use up to {id_length_max} letters, digits and plain signs.",
            )  # fmt: skip
    twice = [name for name, count in Counter(ids[1:]).items() if count > 1]
    if twice:
        raise BadInput(f"{twice[0]} is in the file twice", where=file.id, remedy="Pay each payout once.")
    for one in file.instructions:
        if one.amount_minor <= 0:
            raise BadInput(f"{one.end_to_end} pays nothing", where=file.id, remedy="Leave it out.")
        if one.currency != currency:
            raise BadInput(
                f"{one.end_to_end} is in {one.currency}, the file in {currency}", where=file.id,
                remedy="Make a file for each currency, of a kind that takes it.",
            )  # fmt: skip
        if not plain(one.account.holder, 1):
            raise BadInput(f"{one.end_to_end} names no holder", where=file.id, remedy="Complete the seller's profile.")


def refuse_account(end_to_end: str, file: PaymentFile, what: str) -> BadInput:
    """The error for an account that cannot be paid to."""
    return BadInput(
        f"{end_to_end} goes to {what}", where=file.id, remedy="Ask the seller for the account again; nothing was sent."
    )
