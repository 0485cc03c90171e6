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

from tieout.model.connector import Connector, Manifest, MappingFile
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
        mapping=_extended(_read(package, "mapping.toml", MappingFile), overrides, name),
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


def _extended(mapping: MappingFile, overrides: Path | None, name: str) -> MappingFile:
    """The mapping with the user's own: their rules are tried before ours, their dimensions are added."""
    file = overrides / f"{name}.toml" if overrides else None
    if file is None or not file.exists():
        return mapping
    own: MappingFile = _convert(file.read_text(encoding="utf-8"), str(file), MappingFile)
    return MappingFile(
        version=own.version,
        events=[*own.events, *mapping.events],
        ignores=[*own.ignores, *mapping.ignores],
        unknowns=[*own.unknowns, *mapping.unknowns],
        dimensions={**mapping.dimensions, **own.dimensions},
    )
