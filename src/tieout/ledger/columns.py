"""Entries as the columns in which they go to the database: a few long values instead of one for each field.

A driver spends more time on an entry's forty values one by one than the database on storing them. Numbers and days go
as array literals, texts joined by a separator that none of them has, hashes one after the other.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from tieout.model.account import Account
from tieout.model.entry import EntryDraft

#: Control characters that no text of ours has; where a stranger's has one, a word that nobody can guess is put between.
_SEPARATOR, _NOTHING = "\x1f", "\x1e"


def columns(
    drafts: Sequence[EntryDraft],
    hashes: Sequence[bytes],
    numbers: Sequence[int] | None,
    accounts: Mapping[str, Account],
) -> dict[str, Any]:
    """The parameters of `post_entries` for checked entries, their content hashes and, if reserved, their numbers."""
    lines = [line for draft in drafts for line in draft.lines]
    texts = {
        "keys": [d.key for d in drafts],
        "rules": [d.rule_id for d in drafts],
        "whys": [d.why for d in drafts],
        "memos": [d.memo for d in drafts],
        "actors": [d.actor for d in drafts],
        "currencies": [line.currency for line in lines],
    }
    optional = {
        "rates": [d.rate for d in drafts],
        "parties": [line.party for line in lines],
        "items": [line.item for line in lines],
        "dims": [msgspec.json.encode(x.dimensions).decode() if x.dimensions else None for x in lines],
    }
    return {
        "reserved": None if numbers is None else _array(numbers),
        "days": _array(d.effective_date for d in drafts),
        "times": _array(d.occurred_at.isoformat() for d in drafts),
        "counts": _array(len(d.lines) for d in drafts),
        "hashes": b"".join(hashes),
        "events": _sparse([d.event_id for d in drafts]),
        "versions": _array(d.rule_version for d in drafts),
        "reverses": _sparse([d.reverses_id for d in drafts]),
        "lates": _array(d.late for d in drafts),
        "accounts": _array(accounts[line.account].id for line in lines),
        "amounts": _array(line.amount_minor for line in lines),
        "bases": _array(line.base_minor for line in lines),
        **_joined(texts, optional),
    }


def _array(values: Iterable[object]) -> str:
    return f"{{{','.join(map(str, values))}}}"


def _sparse(values: Sequence[int | None]) -> str | None:
    """An array of numbers that are mostly missing; None if all are."""
    if values.count(None) == len(values):
        return None
    return _array("null" if value is None else value for value in values)


def _joined(texts: Mapping[str, list[str]], optional: Mapping[str, list[str | None]]) -> dict[str, str | None]:
    """Each column with a separator after every value, and the separators; a column of nothing is None."""
    separator, nothing = _SEPARATOR, _NOTHING
    values = [v for column in texts.values() for v in column]
    values += [v for column in optional.values() for v in column if v is not None]
    everything = "".join(values)
    if separator in everything or nothing in everything:
        word = secrets.token_hex(16)
        separator, nothing = f"{_SEPARATOR}{word}{_NOTHING}", f"{_NOTHING}{word}{_NOTHING}"
    given: dict[str, str | None] = {name: separator.join([*column, ""]) for name, column in texts.items()}
    for name, column in optional.items():
        empty = column.count(None) == len(column)
        filled = [nothing if value is None else value for value in column]
        given[name] = None if empty else separator.join([*filled, ""])
    return {"separator": separator, "nothing": nothing, **given}
