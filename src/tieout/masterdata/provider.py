"""Rate providers: declared in a few lines, read without code of their own.

A provider is a URL, and for JSON the pointers to what is wanted in the answer. Without pointers the answer is a file of
the European Central Bank. Pure: fetching is fetch.py's.
Source of the rules: RFC 6901, JSON Pointer.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from importlib.resources import files
from typing import Any
from urllib.parse import quote as quoted

import msgspec
from msgspec import Struct

from tieout.masterdata.rates import Rate, read_ecb
from tieout.model.error import BadInput, ConfigError

_JSON = msgspec.json.Decoder(float_hook=Decimal)
_CODE = re.compile(r"[A-Z]{3}")
#: What the database keeps of a rate: numeric(20, 10).
_WHOLE_MAX, _PLACES = 10**10, Decimal("1e-10")
_VARIABLE = re.compile(r"\$([A-Z][A-Z0-9_]*)")


class Pointers(Struct, frozen=True, forbid_unknown_fields=True):
    """Where in a JSON answer the rates stand. `quote`, `rate` and `each_day` are looked for in every row."""

    rows: str
    rate: str = ""
    quote: str | None = None
    day: str | None = None
    each_day: str | None = None
    base: str | None = None


class Provider(Struct, frozen=True, forbid_unknown_fields=True):
    """Where rates can be fetched: units of other currencies for one unit of `pivot`, kept as of `source`."""

    name: str
    title: str
    pivot: str
    url: str
    source: str = ""
    headers: dict[str, str] = {}
    read: Pointers | None = None

    @property
    def kept_as(self) -> str:
        """The name under which its rates are kept."""
        return self.source or self.name


def read_providers(text: str, where: str) -> list[Provider]:
    """Providers from TOML text. Raises ConfigError for anything that does not make sense."""
    try:
        found = msgspec.convert(tomllib.loads(text), dict[str, list[Provider]])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"The rate providers cannot be read: {error}", where=where) from None
    for provider in found.get("provider", []):
        _check(provider, where)
    return found.get("provider", [])


def _check(provider: Provider, where: str) -> None:
    read = provider.read
    pointers = () if read is None else tuple(p for p in msgspec.structs.astuple(read) if p)
    problems = (
        (not provider.url.startswith(("https://", "http://")), "its url begins with https:// or http://"),
        (not _CODE.fullmatch(provider.pivot), "its pivot is the code of a currency"),
        (re.sub(r"\{(day|pivot|quotes)\}", "", provider.url).count("{") > 0, "its url takes {day}, {pivot}, {quotes}"),
        (any(not pointer.startswith("/") for pointer in pointers), "a JSON pointer begins with a slash"),
        (read is not None and not (read.day or read.each_day), "it says where the day stands: day or each_day"),
        (not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", provider.kept_as), "names are small letters, digits, hyphens"),
    )
    for wrong, what in problems:
        if wrong:
            raise ConfigError(f"The rate provider {provider.name} does not make sense: {what}", where=where)


def standard_providers() -> list[Provider]:
    """The providers that come with the product."""
    return read_providers(files("tieout.rules").joinpath("rates.toml").read_text(encoding="utf-8"), "rules/rates.toml")


def address(provider: Provider, day: dt.date, quotes: Iterable[str]) -> str:
    """The URL to ask for the rates of a day."""
    fill = {"{day}": day.isoformat(), "{pivot}": provider.pivot, "{quotes}": ",".join(sorted(quotes))}
    url = provider.url
    for name, value in fill.items():
        url = url.replace(name, quoted(value, safe=","))
    return url


def headers_of(provider: Provider, environment: Mapping[str, str]) -> dict[str, str]:
    """The headers to send, with $NAME from the environment. Raises ConfigError for a variable that is not set."""

    def value_of(found: re.Match[str]) -> str:
        if found[1] not in environment:
            raise ConfigError(
                f"The rate provider {provider.name} needs {found[1]}",
                where="environment",
                remedy=f"Set {found[1]} for `tieout rates fetch` and the worker.",
            )
        return environment[found[1]]

    return {name: _VARIABLE.sub(value_of, text) for name, text in provider.headers.items()}


def read_answer(provider: Provider, body: bytes) -> list[Rate]:
    """The rates of an answer, by day and currency. Raises BadInput, with the place, if it is not what was declared."""
    if provider.read is None:
        return [msgspec.structs.replace(rate, source=provider.kept_as) for rate in read_ecb(body)]
    try:
        document = _JSON.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _refused(provider, f"The answer is no JSON ({error})", "the answer") from None
    found: dict[tuple[dt.date, str], Rate] = {}
    for rate in _rates(provider, provider.read, document):
        known = found.setdefault((rate.date, rate.quote), rate)
        if known != rate:
            raise _refused(provider, f"There are two rates, {known.rate} and {rate.rate}", f"{rate.quote} {rate.date}")
    if not found:
        raise _refused(provider, "The answer has no rates", "the answer")
    return [found[key] for key in sorted(found)]


def _rates(provider: Provider, read: Pointers, document: Any) -> Iterator[Rate]:
    if read.base is not None and (base := _at(provider, document, read.base)) != provider.pivot:
        raise _refused(provider, f"The rates are for {str(base)[:10]!r}, not for {provider.pivot}", read.base)
    rows = _at(provider, document, read.rows)
    if isinstance(rows, dict):
        pairs = list(rows.items())
    elif isinstance(rows, list) and read.quote is not None:
        pairs = [(_at(provider, row, read.quote), row) for row in rows]
    else:
        raise _refused(provider, "There is no object of rates, nor a list whose rows name a currency", read.rows)
    for quote, row in pairs:
        if read.each_day is not None:
            day = _day(provider, _at(provider, row, read.each_day), read.each_day)
        else:
            day = _day(provider, _at(provider, document, read.day or ""), read.day or "")
        if quote != provider.pivot:
            yield _rate(provider, quote, day, _at(provider, row, read.rate))


def _rate(provider: Provider, quote: object, day: dt.date, value: object) -> Rate:
    where = f"{str(quote)[:10]} on {day}"
    if not isinstance(quote, str) or not _CODE.fullmatch(quote):
        raise _refused(provider, f"{str(quote)[:10]!r} is not the code of a currency", where)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,40})?", value):
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _refused(provider, f"{str(value)[:40]!r} is not a rate", where)
    rate = Decimal(value)
    if not 0 < rate < _WHOLE_MAX or not (kept := rate.quantize(_PLACES)):
        raise _refused(provider, f"{rate} is not a rate that can be kept", where)
    return Rate(provider.pivot, quote, day, kept.normalize(), provider.kept_as)


def _day(provider: Provider, value: object, where: str) -> dt.date:
    """A day as text, or the day of a time; seconds since 1970 count as UTC."""
    try:
        if isinstance(value, str) and re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return dt.date.fromisoformat(value[:10])
        if isinstance(value, int) and not isinstance(value, bool):
            return dt.datetime.fromtimestamp(value, dt.UTC).date()
    except (ValueError, OverflowError, OSError):
        pass
    raise _refused(provider, f"{str(value)[:40]!r} is not a day", where)


def _at(provider: Provider, thing: Any, pointer: str) -> Any:
    """What a JSON pointer leads to."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(thing, dict) and name in thing:
            thing = thing[name]
        elif isinstance(thing, list) and name.isascii() and name.isdecimal() and int(name) < len(thing):
            thing = thing[int(name)]
        else:
            raise _refused(provider, f"There is nothing at {pointer}", "the answer")
    return thing


def _refused(provider: Provider, what: str, where: str) -> BadInput:
    remedy = "Look at what it answers, and at how the provider is declared."
    return BadInput(f"{provider.name}: {what}", where=where, remedy=remedy)
