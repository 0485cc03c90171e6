"""Makes `.venv` from the hashed lock, with nothing but the standard library. Called by the Makefile.

    python3 tools/environment.py run       what the product needs
    python3 tools/environment.py dev       and what its tests need
    python3 tools/environment.py browser   a chromium for the browser tests, if it can be had
    python3 tools/environment.py judge     hledger, which adds our books up independently, if it can be had
    python3 tools/environment.py java      a Java runtime for Spark, the second engine of matching, if it can be had

A stamp in `.venv` holds the hash of everything the environment was made from, so a second call does nothing.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
#: Every environment of the left also serves as one of the right: the dev lock contains the run lock.
SERVES = {"run": ("run",), "dev": ("dev", "run")}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


class Unable(Exception):
    """The environment cannot be made; the text is one line with the remedy."""


def key(kind: str) -> str:
    """The hash of what an environment of this kind is made from: its lock, the project's metadata, the Python."""
    digest = hashlib.sha256(repr(sys.version_info[:3]).encode())
    for file in (ROOT / "requirements" / f"{kind}.lock", ROOT / "pyproject.toml"):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_ready(kind: str, venv: Path = VENV) -> bool:
    """Whether `venv` was made from the files as they are now, for this kind or one that serves it."""
    stamp = venv / "stamp"
    if not (stamp.exists() and python_of(venv).exists()):
        return False
    made, _, of = stamp.read_text(encoding="utf-8").strip().partition(" ")
    return kind in SERVES.get(made, ()) and of == key(made)


def python_of(venv: Path) -> Path:
    """The interpreter of a virtual environment."""
    return venv / "bin" / "python"


def make(kind: str, venv: Path = VENV) -> None:
    """Makes or updates `venv`. Raises Unable with one line to act on."""
    if is_ready(kind, venv):
        return
    pip = make_venv(venv)
    lock = ROOT / "requirements" / f"{kind}.lock"
    (venv / "stamp").unlink(missing_ok=True)
    install(pip, lock)
    run_quietly([*pip, "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    (venv / "stamp").write_text(f"{kind} {key(kind)}\n", encoding="utf-8")


def make_venv(venv: Path) -> list[str]:
    """Makes a virtual environment if there is none that works, and returns the command that is its pip."""
    python = str(python_of(venv))
    if not works(python):
        say(f"Making {venv.name} with Python {sys.version.split()[0]} …")
        shutil.rmtree(venv, ignore_errors=True)
        # Debian ships Python without ensurepip; its own pip, if it is there, can fill a bare environment.
        if not has("ensurepip") and not has("pip"):
            package = f"python3.{sys.version_info.minor}-venv"
            if not install_with_apt([package]):
                raise Unable(f"Python's venv cannot work here. Install it (Debian, Ubuntu: apt-get install {package}).")
        bare = [] if has("ensurepip") else ["--without-pip"]
        run_quietly([sys.executable, "-m", "venv", *bare, str(venv)])
    return [python, "-m", "pip"] if has("pip", python) else [sys.executable, "-m", "pip", "--python", python]


def works(python: str) -> bool:
    """Whether there is an interpreter there that starts and is the version of this one."""
    try:
        out = subprocess.run(
            [python, "-c", "import sys; print(sys.version)"], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return out.returncode == 0 and out.stdout.strip() == sys.version.strip()


def has(module: str, python: str = sys.executable) -> bool:
    """Whether that Python has the module. Asked of a new process, since apt may just have brought it."""
    return subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0


def install(pip: Sequence[str], lock: Path, *options: str) -> None:
    """Installs what the lock lists, every file checked against its hash, and shows how far it is."""
    total = sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines())
    command = [*pip, "install", "--require-hashes", "--no-deps", "--progress-bar", "off", *options, "-r", str(lock)]
    began = time.monotonic()
    lines: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        done = 0
        for line in process.stdout:
            lines.append(line)
            if line.startswith(("Collecting ", "Requirement already", "Ignoring ")):
                done += 1
                progress(done, total, line.split("==")[0].split(":")[-1].split()[-1])
            elif line.startswith("Installing collected"):
                progress(total, total, "unpacking")
    progress_end(f"Installed {total} packages in {time.monotonic() - began:.0f} s.")
    if process.returncode:
        raise Unable("".join(lines[-15:]) + f"Installing {lock.name} failed; the lines above are pip's own.")


def progress(done: int, total: int, what: str) -> None:
    """One line that counts, on a terminal; elsewhere nothing until the end."""
    if sys.stderr.isatty():
        bar = "█" * (24 * done // total) + "·" * (24 - 24 * done // total)
        sys.stderr.write(f"\r\033[KInstalling {bar} {done}/{total} {what}")
        sys.stderr.flush()


def progress_end(summary: str) -> None:
    """Replaces the counting line by its summary."""
    say(("\r\033[K" if sys.stderr.isatty() else "") + summary)


def find_chromium() -> str | None:
    """The path of a chromium on this machine, or None."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def browser() -> None:
    """Installs Debian's chromium if there is none and we are root; otherwise says in one line what to install."""
    get("chromium", "the browser tests", find_chromium)


def judge() -> None:
    """Installs Debian's hledger if there is none and we are root; otherwise says in one line what to install."""
    get("hledger", "the tests it judges", lambda: shutil.which("hledger"))


def find_java() -> str | None:
    """The path of a Java runtime on this machine, or None. Its version is Spark's to judge."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")


def java() -> None:
    """Installs Debian's Java if there is none and we are root; otherwise says in one line what to install."""
    get("default-jre-headless", "the tests of Spark", find_java)


def get(package: str, purpose: str, find: Callable[[], str | None]) -> None:
    """Installs a package of Debian's if what it brings is not there; what cannot be had is skipped, and said."""
    if find():
        return
    if is_root() and shutil.which("apt-get"):
        say(f"Installing {package} for {purpose} …")
        if install_with_apt([package]) and find():
            return
    say(f"No {package} here, so {purpose} are skipped. Install it (Debian: apt-get install {package}).")


def install_with_apt(packages: Sequence[str]) -> bool:
    """Installs the packages if we are root on Debian or its kin; whether that worked."""
    if not (is_root() and shutil.which("apt-get")):
        return False
    surroundings = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
        if done.returncode and "install" in command:
            say(f"apt-get could not install {' '.join(packages)}: {done.stderr.strip().splitlines()[-1:]}")
            return False
    return True


def is_root() -> bool:
    """Whether we may install things for everyone."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def run_quietly(command: Sequence[str]) -> None:
    """Runs a command and shows what it said only if it failed."""
    with tempfile.TemporaryFile("w+") as talk:
        if subprocess.run(command, stdout=talk, stderr=subprocess.STDOUT, check=False).returncode:
            talk.seek(0)
            raise Unable("".join(talk.readlines()[-15:]) + f"“{' '.join(command[-4:])}” failed; see above.")


def say(text: str) -> None:
    """Talk goes to stderr; stdout is for data."""
    print(text, file=sys.stderr)


def main(arguments: Sequence[str]) -> int:
    """Runs one command; 0 when done, 2 when it could not be."""
    try:
        match arguments:
            case ["browser"]:
                browser()
            case ["judge"]:
                judge()
            case ["java"]:
                java()
            case [("run" | "dev") as kind]:
                make(kind)
            case _:
                say(__doc__ or "")
                return 2
    except Unable as error:
        say(str(error))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
