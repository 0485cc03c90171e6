"""The library's face. `from tieout.app import Tieout` and everything a person can do is a method of it."""

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
