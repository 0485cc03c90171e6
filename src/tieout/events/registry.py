"""Loads connectors: the built-in ones and those that others ship under the entry point `tieout.connectors`."""

import tomllib
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from tieout.events.expression import check, check_template
from tieout.model.connector import Connector, EventRule, Manifest, MappingFile
from tieout.model.error import ConfigError, NotFound


@cache
def connector_packages() -> dict[str, str]:
    """Connector name -> package, of everything installed."""
    return {point.name: point.value for point in entry_points(group="tieout.connectors")}


@cache
def load(name: str, overrides: Path | None = None) -> Connector:
    """The connector called `name`; `overrides` is a folder whose NAME.toml extends its mapping.

    Raises NotFound for an unknown name and ConfigError, naming file and field, for a wrong manifest or mapping.
    """
    try:
        package = connector_packages()[name]
    except KeyError:
        known = ", ".join(sorted(connector_packages()))
        raise NotFound(
            f"There is no connector “{name}”", where="connector", remedy=f"Installed are: {known}."
        ) from None
    source = import_module(f"{package}.source")
    signature = _optional(f"{package}.signature")
    return Connector(
        manifest=_read(package, "manifest.toml", Manifest),
        mapping=_extended(
            _checked(_read(package, "mapping.toml", MappingFile), f"{package}/mapping.toml"), overrides, name
        ),
        describe=source.describe,
        parse=source.parse,
        verify=signature.verify if signature else None,
    )


def _optional(module: str) -> ModuleType | None:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        return None


def _read(package: str, name: str, shape: type[Any]) -> Any:
    return _convert(files(package).joinpath(name).read_text(encoding="utf-8"), f"{package}/{name}", shape)


def _convert(text: str, where: str, shape: type[Any]) -> Any:
    try:
        return msgspec.convert(tomllib.loads(text), shape)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"The file is not right: {error}", where=where) from None


def _checked(mapping: MappingFile, where: str) -> MappingFile:
    """The mapping itself. Raises ConfigError, naming file and expression, for one that could never be evaluated."""
    try:
        for rule in mapping.events:
            _check_rule(rule)
        for ignore in mapping.ignores:
            _check_reach(ignore.each, ignore.when)
        for unknown in mapping.unknowns:
            _check_reach(unknown.each, {})
            check_template(unknown.subject)
            _check_all(unknown.amount.path, unknown.amount.times, unknown.currency)
        _check_all(*mapping.dimensions.values())
    except ConfigError as error:
        raise ConfigError(error.what, where=where, remedy=error.remedy) from None
    return mapping


def _check_rule(rule: EventRule) -> None:
    _check_reach(rule.each, rule.when)
    _check_all(rule.occurred_at, rule.currency, rule.held, rule.held_detail)
    _check_all(*rule.dimensions.values(), *rule.facts.values())
    for template in (rule.key, rule.aggregate):
        check_template(template)
    for template in (*rule.references, *rule.requires):
        check_template(template, plural=True)
    for part in rule.components:
        _check_reach(part.each, part.when)
        _check_all(part.amount.path, part.amount.times, part.currency, part.seller, part.label)
        _check_all(*part.dimensions.values())
    for sum_check in rule.checks:
        _check_all(sum_check.equals.path, sum_check.equals.times)


def _check_reach(each: str | None, when: dict[str, Any]) -> None:
    if each is not None:
        check(each, plural=True)
    _check_all(*when)


def _check_all(*expressions: str | None) -> None:
    for expression in expressions:
        if expression is not None:
            check(expression)


def _extended(mapping: MappingFile, overrides: Path | None, name: str) -> MappingFile:
    """The mapping with the user's own: their dimensions are added, their rules are tried before ours.

    A rule of theirs for the same fact (kind, key and `each`) takes the place of ours for the topics it names.
    """
    file = overrides / f"{name}.toml" if overrides else None
    if file is None or not file.exists():
        return mapping
    own = _checked(_convert(file.read_text(encoding="utf-8"), str(file), MappingFile), str(file))
    replaced = {(rule.kind, rule.key, rule.each, topic) for rule in own.events for topic in rule.topics}
    kept = [_less(rule, {topic for *fact, topic in replaced if fact == [rule.kind, rule.key, rule.each]})
            for rule in mapping.events]  # fmt: skip
    return MappingFile(
        version=own.version,
        events=[*own.events, *(rule for rule in kept if rule.topics)],
        ignores=[*own.ignores, *mapping.ignores],
        unknowns=[*own.unknowns, *mapping.unknowns],
        dimensions={**mapping.dimensions, **own.dimensions},
    )


def _less(rule: EventRule, topics: set[str]) -> EventRule:
    return msgspec.structs.replace(rule, topics=[topic for topic in rule.topics if topic not in topics])
