"""Settings: where this installation lives and its limits. All from the environment, none needed."""

import os
from pathlib import Path

import platformdirs
from msgspec import Struct

from tieout.ledger.anchor import Mail, place_of
from tieout.model.error import ConfigError


class Settings(Struct, frozen=True):
    """`home` holds the embedded database, the user's mappings and the key file; limits are in bytes and days."""

    home: Path
    database_url: str | None = None
    body_bytes_max: int = 5_000_000
    file_bytes_max: int = 200_000_000
    park_days: int = 3
    attempts_max: int = 6
    batch: int = 200
    seal_seconds: int = 10
    anchors: tuple[str, ...] = ()
    anchor_minutes: int = 60
    rates_hour: int | None = None
    mail: Mail = Mail()

    @property
    def mappings(self) -> Path:
        """The folder of the user's own mapping extensions, one NAME.toml per connector."""
        return self.home / "mappings"


def settings_from_environment(home: Path | None = None) -> Settings:
    """TIEOUT_HOME, TIEOUT_DATABASE_URL, TIEOUT_BODY_MAX_BYTES, TIEOUT_FILE_MAX_BYTES, TIEOUT_PARK_DAYS.

    And for seals: TIEOUT_SEAL_SECONDS, TIEOUT_ANCHORS, TIEOUT_ANCHOR_MINUTES, TIEOUT_SMTP_URL, TIEOUT_MAIL_FROM.
    For exchange rates: TIEOUT_RATES_HOUR.
    """
    standard = Path(os.environ.get("TIEOUT_HOME") or platformdirs.user_data_dir("tieout", appauthor=False))
    return Settings(
        home=(home or standard).expanduser().resolve(),
        database_url=os.environ.get("TIEOUT_DATABASE_URL") or None,
        body_bytes_max=_whole("TIEOUT_BODY_MAX_BYTES", 5_000_000),
        file_bytes_max=_whole("TIEOUT_FILE_MAX_BYTES", 200_000_000),
        park_days=_whole("TIEOUT_PARK_DAYS", 3),
        seal_seconds=_whole("TIEOUT_SEAL_SECONDS", 10),
        anchors=tuple(place_of(place) for place in os.environ.get("TIEOUT_ANCHORS", "").split(",") if place.strip()),
        anchor_minutes=_whole("TIEOUT_ANCHOR_MINUTES", 60),
        rates_hour=_hour("TIEOUT_RATES_HOUR"),
        mail=Mail(os.environ.get("TIEOUT_SMTP_URL", ""), os.environ.get("TIEOUT_MAIL_FROM") or "tieout@localhost"),
    )


def _hour(name: str) -> int | None:
    text = os.environ.get(name)
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or int(text) > 23:
        remedy = "Give an hour of the day in UTC, 0 to 23; 16 is after the ECB has published."
        raise ConfigError(f"{name} is “{text}”", where=name, remedy=remedy)
    return int(text)


def _whole(name: str, standard: int) -> int:
    text = os.environ.get(name)
    if not text:
        return standard
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise ConfigError(f"{name} is “{text}”", where=name, remedy=f"Give a whole number, such as {standard}.")
    return int(text)
