"""The library's face. `from tieout.app import Tieout` and everything a person can do is a method of it.

What is named here is imported when it is first asked for: comparing two files needs no database driver.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tieout.app import settlement
    from tieout.app.exporting import check_export
    from tieout.app.face import SYSTEM, Tieout, home_of
    from tieout.app.importing import JournalFormat
    from tieout.app.settings import Settings, settings_from_environment
    from tieout.app.understanding import WorkReport
    from tieout.db.pool import DatabaseAway
    from tieout.reports.manifest import Kind as ExportKind

__all__ = [
    "SYSTEM",
    "DatabaseAway",
    "ExportKind",
    "JournalFormat",
    "Settings",
    "Tieout",
    "WorkReport",
    "check_export",
    "home_of",
    "settings_from_environment",
    "settlement",
]

#: Where each name stands, if not in the face.
_ELSEWHERE = {
    "check_export": "tieout.app.exporting",
    "JournalFormat": "tieout.app.importing",
    "Settings": "tieout.app.settings",
    "settings_from_environment": "tieout.app.settings",
    "WorkReport": "tieout.app.understanding",
    "DatabaseAway": "tieout.db.pool",
    "ExportKind": "tieout.reports.manifest",
}


def __getattr__(name: str) -> Any:
    """Imports a name of the face. Raises AttributeError for one it does not have."""
    if name not in __all__:
        raise AttributeError(f"tieout.app has no {name}")
    if name == "settlement":
        return import_module("tieout.app.settlement")
    module = import_module(_ELSEWHERE.get(name, "tieout.app.face"))
    return getattr(module, "Kind" if name == "ExportKind" else name)
