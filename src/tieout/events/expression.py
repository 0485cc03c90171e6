"""The small language of `mapping.toml`: paths into a document, templates of text, conditions.

    a.b.c                 from the current element
    ^x  ^^x               from the element that encloses it, and the one around that
    $.a                   from the whole document
    @source @topic        the source's name, the delivery's topic
    @param.payout         a query parameter of the door
    a[name=colour].value  of the element of `a` whose name is colour
    a[].b[]               every element; only where something is iterated
    x | y | 'text'        the first that is not empty
    order:{id}            a template; {paths} are replaced

Nothing is computed here but lookups, so a mapping can be read by someone who does not program.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from msgspec import Struct

from tieout.model.error import ConfigError

_STEP = re.compile(r"^(?P<name>[^\[\]]*)(?:\[(?P<filter>[^\]]*)\])?$")
#: Holds the place of a plural path while the rest of its template is filled; no key or reference contains it.
_PLACE = "\x00"
_BRACES = re.compile(r"\{([^{}]+)\}")
#: A bar between alternatives, not one inside a 'text' or a [filter].
_BAR = re.compile(r"\|(?=(?:[^']*'[^']*')*[^']*$)(?![^\[\]]*\])")


class Scope(Struct, frozen=True):
    """Where a path starts: the current element, the elements around it, and the delivery's surroundings."""

    here: Any
    root: Any
    surroundings: Mapping[str, Any]
    outer: "Scope | None" = None

    def enter(self, element: Any) -> "Scope":
        """The scope of an element inside this one."""
        return Scope(element, self.root, self.surroundings, self)


class _Step(Struct, frozen=True):
    name: str
    key: str | None = None
    value: str | None = None
    every: bool = False


class _Path(Struct, frozen=True):
    base: str  # "" | "$" | "@" | "^…"
    steps: tuple[_Step, ...]
    literal: str | None = None


@lru_cache(maxsize=4096)
def _alternatives(expression: str) -> tuple[_Path, ...]:
    return tuple(_parse(part.strip()) for part in _BAR.split(expression))


def _parse(text: str) -> _Path:
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return _Path("", (), literal=text[1:-1])
    base = re.match(r"^(\$\.?|@|\^*)", text)
    assert base is not None
    steps = tuple(_step(part, text) for part in _split_steps(text[base.end() :]))
    return _Path(base[1].rstrip("."), steps)


def _split_steps(text: str) -> list[str]:
    """Splits at dots that are not inside a [filter], whose value may contain dots."""
    return [part for part in re.split(r"\.(?![^\[]*\])", text) if part]


def _step(part: str, whole: str) -> _Step:
    match = _STEP.match(part)
    if match is None:
        raise ConfigError(f"“{whole}” is not a path", where="mapping", remedy="See docs/reference/mapping.md.")
    name, inner = match["name"], match["filter"]
    if inner is None:
        return _Step(name)
    if inner == "":
        return _Step(name, every=True)
    key, equals, value = inner.partition("=")
    if not equals:
        raise ConfigError(f"“[{inner}]” in “{whole}” needs the form [name=value]", where="mapping")
    return _Step(name, key=key.strip(), value=value.strip())


def is_empty(value: Any) -> bool:
    """None, empty text and empty collections are empty; zero and False are not."""
    return value is None or value in ("", [], {})


def as_text(value: Any) -> str | None:
    """What a value is as part of a name: text, a number or a truth value. A list or an object is no text, nor is “”."""
    return str(value) if isinstance(value, str | int | Decimal) and value != "" else None


def check(expression: str, *, plural: bool = False) -> None:
    """Raises ConfigError for an expression that could never be evaluated; `plural` ones may contain ``[]``."""
    paths = _alternatives(expression)
    if not plural and any(step.every for path in paths for step in path.steps):
        remedy = "Use it in each, or as the one path with [] of a reference."
        raise ConfigError(f"“{expression}” stands for many values where one is needed", where="mapping", remedy=remedy)
    if plural and len(paths) != 1:
        raise ConfigError(f"“{expression}” cannot have alternatives here", where="mapping", remedy="Give one path.")


def check_template(template: str, *, plural: bool = False) -> None:
    """Raises ConfigError for a template that could never be evaluated; `plural` ones may have one path with ``[]``."""
    many = [path for path in _BRACES.findall(template) if "[]" in path]
    if len(many) > 1:
        raise ConfigError(f"“{template}” has more than one path with []", where="mapping", remedy="Use two references.")
    for path in _BRACES.findall(template):
        check(path, plural=plural and "[]" in path)


def look_up(scope: Scope, expression: str) -> Any:
    """The value of an expression, or None. A path that leads nowhere is empty, not an error."""
    for path in _alternatives(expression):
        value = path.literal if path.literal is not None else _follow(_start(scope, path.base), path.steps)
        if not is_empty(value):
            return value
    return None


def _start(scope: Scope, base: str) -> Any:
    if base == "$":
        return scope.root
    if base == "@":
        return scope.surroundings
    at: Scope | None = scope
    for _ in base:
        at = at.outer if at is not None else None
    return at.here if at is not None else None


def _follow(value: Any, steps: tuple[_Step, ...]) -> Any:
    for step in steps:
        assert not step.every, "a path with [] is only for each and reference templates"
        value = _into(value, step)
        if value is None:
            return None
    return value


def _into(value: Any, step: _Step) -> Any:
    if step.name:
        value = value.get(step.name) if isinstance(value, Mapping) else None
    if step.key is not None:
        found = (
            (e for e in value if isinstance(e, Mapping) and as_text(e.get(step.key)) == step.value)
            if isinstance(value, list)
            else iter(())
        )
        value = next(found, None)
    return value


def iterate(scope: Scope, each: str | None) -> Iterator[Scope]:
    """The scopes of all elements an `each` reaches; absent or ``$`` is the current element itself."""
    if each is None or each == "$":
        yield scope
        return
    (path,) = _alternatives(each)
    yield from _walk(scope, _start(scope, path.base), path.steps)


def _walk(scope: Scope, value: Any, steps: tuple[_Step, ...]) -> Iterator[Scope]:
    if not steps:
        if not is_empty(value):
            yield scope.enter(value)
        return
    step, rest = steps[0], steps[1:]
    value = _into(value, step)
    if not step.every:
        yield from _walk(scope, value, rest)
        return
    for element in value if isinstance(value, list) else ():
        if rest:
            yield from _walk(scope.enter(element), element, rest)
        else:
            yield scope.enter(element)


def fill(scope: Scope, template: str) -> str | None:
    """The template with its {paths} replaced, or None if one of them is empty or is no text."""
    texts = [as_text(look_up(scope, path)) for path in _BRACES.findall(template)]
    if None in texts:
        return None
    following = iter(texts)
    return _BRACES.sub(lambda _: str(next(following)), template)


def fill_many(scope: Scope, template: str) -> Iterator[str]:
    """Like `fill`, but a path with [] gives one text for every element; empty ones are left out."""
    plural = next((path for path in _BRACES.findall(template) if "[]" in path), None)
    if plural is None:
        text = fill(scope, template)
        if text is not None:
            yield text
        return
    rest = fill(scope, template.replace("{" + plural + "}", _PLACE))
    before, _, after = plural.rpartition("[]")
    for element in iterate(scope, before + "[]") if rest is not None else ():
        text = as_text(look_up(element, after.lstrip(".")) if after else element.here)
        if text is not None:
            assert rest is not None
            yield rest.replace(_PLACE, text)


def holds(scope: Scope, conditions: Mapping[str, Any]) -> bool:
    """Whether all conditions hold: equality, one of a list, ``*`` present, ``!`` empty, ``>0`` ``<0`` ``!=x``."""
    return all(_holds(look_up(scope, path), wanted) for path, wanted in conditions.items())


def _holds(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return any(_holds(value, one) for one in wanted)
    if not isinstance(wanted, str):
        return type(value) is type(wanted) and bool(value == wanted)
    if wanted in ("*", "!"):
        return is_empty(value) == (wanted == "!")
    if wanted in (">0", "<0"):
        return _sign(value) == (1 if wanted == ">0" else -1)
    if wanted.startswith("!="):
        return str(value) != wanted[2:]
    return isinstance(value, str | int) and not isinstance(value, bool) and str(value) == wanted


def _sign(value: Any) -> int:
    """The sign of a number or of decimal text; 0 for whatever is not a number (NaN says it is none)."""
    try:
        number = int(value) if isinstance(value, int) else Decimal(str(value))
        return (number > 0) - (number < 0)
    except ArithmeticError:
        return 0
