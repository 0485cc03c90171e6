"""Matching rules as data: the passes and the timing."""

import hashlib
import tomllib
from importlib.resources import files

import msgspec
from msgspec import Struct


class Pass(Struct, frozen=True, forbid_unknown_fields=True):
    """One pass: a SQL template applied to the open items of some roles.

    `why` explains its matches to a person; {noun} in it stands for the kind of key, such as “order”.
    """

    id: str
    version: int
    template: str
    roles: list[str]
    why: str


class Timing(Struct, frozen=True, forbid_unknown_fields=True):
    """How many days each kind of open item is normal, before it is an exception."""

    order_unpaid_days: int
    order_settling_days: int
    hook_days: int
    composition_days: int
    dispute_days: int
    reserve_days: int
    withholding_days: int


class MatchingRules(Struct, frozen=True):
    """All matching rules, with the hash of their text."""

    passes: tuple[Pass, ...]
    timing: Timing
    hash: str


class _File(Struct, forbid_unknown_fields=True):
    version: int
    timing: Timing
    passes: list[Pass] = msgspec.field(name="pass")


def standard_rules() -> MatchingRules:
    """The rules that come with the product."""
    text = files("tieout.rules").joinpath("matching.toml").read_text(encoding="utf-8")
    found = msgspec.convert(tomllib.loads(text), _File)
    return MatchingRules(tuple(found.passes), found.timing, hashlib.sha256(text.encode()).hexdigest()[:16])
