"""Worlds for these tests: how Hypothesis makes them, and the demo's, worked out once."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st

from tieout.sandbox.emission import Emission
from tieout.sandbox.plan import Plan, compose
from tieout.sandbox.world import World

_DECODER = msgspec.json.Decoder(float_hook=Decimal)

WORLDS = st.builds(
    World,
    seed=st.integers(0, 2**40),
    month=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    orders=st.integers(0, 45),
    clean=st.booleans(),
)


@cache
def demo() -> Plan:
    """The month of the demo: 600 orders of October 2026."""
    return compose(World())


@cache
def clean() -> Plan:
    """A month of some size with nothing wrong in it."""
    return compose(World(seed=5, orders=250, clean=True))


def document(emission: Emission) -> Any:
    """The JSON of an emission, numbers with a decimal point as Decimal."""
    return _DECODER.decode(emission.body)


def told(emissions: Iterable[Emission], *topics: str, source: str | None = None) -> list[Emission]:
    """The emissions of these topics, of one source or of all."""
    return [e for e in emissions if e.topic in topics and source in (None, e.source)]


def only(things: Iterable[Any], fits: Callable[[Any], bool] = bool) -> Any:
    """The one thing that fits."""
    (thing,) = [thing for thing in things if fits(thing)]
    return thing


def cents(text: str) -> int:
    """Minor units of Shopify's decimal text."""
    return int(Decimal(text).scaleb(2))
