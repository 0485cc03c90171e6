"""The outside: one folder for each shop, gateway and bank format. A connector sees only the nouns.

What every JSON connector needs stands here, so that all of them read the same bytes the same way.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from tieout.model.connector import Undecodable

#: No amount, id or rate has more digits; a longer number is nonsense that arithmetic would choke on.
DIGITS_MAX = 40

_BOM = b"\xef\xbb\xbf"
_LONG_NUMBER = re.compile(rb"\d{%d}" % (DIGITS_MAX + 1))
#: The escape of the NUL character, with the pairs of backslashes before it kept: a database's text cannot hold it.
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def read_json(body: bytes) -> Any:
    """The document in `body`: dicts, lists, text, int, Decimal, bool and None, never a float.

    Raises Undecodable for whatever is not JSON in UTF-8, is nested too deeply, or has absurdly long numbers.
    """
    try:
        document = _DECODER.decode(_NUL.sub(rb"\1", body.removeprefix(_BOM)))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Undecodable(f"The body is not JSON: {error}.") from None
    except RecursionError:
        raise Undecodable("The body is nested too deeply to be what it claims to be.") from None
    if _LONG_NUMBER.search(body) and any(_is_long(value) for value in _leaves(document)):
        raise Undecodable(f"The body has a whole number of more than {DIGITS_MAX} digits.")
    return document


def read_object(body: bytes) -> dict[str, Any]:
    """Like `read_json`, for a body that must be one object."""
    document = read_json(body)
    if not isinstance(document, dict):
        raise Undecodable("The body is JSON, but not an object.")
    return document


def dicts(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; anything else has none."""
    return [element for element in value if isinstance(element, dict)] if isinstance(value, list) else []


def as_dict(value: Any) -> dict[str, Any]:
    """The object itself, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def digest(*parts: str | bytes | Mapping[str, str]) -> str:
    """SHA-256 over the parts in hexadecimal, each with its length, so that no two lists of parts can be confused."""
    whole = hashlib.sha256()
    for part in parts:
        raw = _raw(part)
        whole.update(b"%d:" % len(raw) + raw)
    return whole.hexdigest()


def fingerprint(document: Any) -> str:
    """Twelve characters that differ when an object's content does; the version of an object that names none."""
    try:
        return digest(msgspec.json.encode(document, order="sorted"))[:12]
    except RecursionError:
        raise Undecodable("The body is nested too deeply to be what it claims to be.") from None


def _raw(part: str | bytes | Mapping[str, str]) -> bytes:
    if isinstance(part, Mapping):
        return msgspec.json.encode(sorted(part.items()))
    return part.encode() if isinstance(part, str) else part


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except ArithmeticError:
        raise Undecodable("The body has a number that is beyond any amount.") from None
    if abs(value.adjusted()) > DIGITS_MAX:
        raise Undecodable("The body has a number that is beyond any amount.")
    return value


def _is_long(value: Any) -> bool:
    return isinstance(value, int) and abs(value) >= 10**DIGITS_MAX


def _leaves(document: Any) -> Iterator[Any]:
    """Every value in a document that is neither object nor list. Without recursion, since depth is the sender's."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        else:
            yield value


_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=_number)
