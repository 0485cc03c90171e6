"""Public ids: a three-letter prefix and the row's number, as in ``ent_1042``. They can be pasted anywhere."""

from enum import StrEnum

from tieout.model.error import NotFound

#: What the database's 64-bit numbers always hold.
_DIGITS_MAX = 18


class IdKind(StrEnum):
    """What a prefixed id points to."""

    DELIVERY = "dlv"
    EVENT = "evt"
    ENTRY = "ent"
    ITEM = "itm"
    MATCH = "mat"
    CASE = "cas"
    RUN = "run"
    PAYOUT = "pay"


def public_id(kind: IdKind, number: int) -> str:
    """``ent_1042`` for entry 1042."""
    return f"{kind.value}_{number}"


def parse_id(text: str) -> tuple[IdKind, int]:
    """(kind, number) of a pasted id. Raises NotFound for anything else."""
    prefix, _, number = text.strip().partition("_")
    try:
        kind = IdKind(prefix.lower())
        if not number.isascii() or not number.isdecimal() or len(number) > _DIGITS_MAX:
            raise ValueError(number)
        return kind, int(number)
    except ValueError:
        known = ", ".join(f"{k.value}_…" for k in IdKind)
        raise NotFound(f"“{text:.80}” is not an id", where="id", remedy=f"Ids look like {known}.") from None
