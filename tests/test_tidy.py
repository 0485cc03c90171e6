"""The repository lints itself: the house rules that ruff, mypy and import-linter cannot see.

(They see docstrings, annotations, prints, unused names and layers.) Exceptions stand in tidy.toml, each with its
reason, and an exception that is no longer needed fails too.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tieout.model.account import Role
from tieout.model.case import NEXT_STEP, Reason
from tieout.model.event import MEMO_KINDS, TOTAL_SIGN, ComponentKind, EventKind
from tieout.model.ids import IdKind
from tieout.model.payout import PayoutState
from tieout.model.vocabulary import Word

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "tieout"
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 400
ALLOWED: dict[str, dict[str, str]] = tomllib.loads((ROOT / "tests" / "tidy.toml").read_text(encoding="utf-8"))


@cache
def files() -> tuple[Path, ...]:
    """Every file of the repository, those not yet committed included, those ignored left out.

    Whoever owns the checkout: CI often runs as another user than the one who cloned.
    """
    command = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return tuple(path for name in sorted(set(names)) if name and (path := ROOT / name).is_file())


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def texts() -> dict[str, str]:
    """Name -> text of every file that is text."""
    found = {}
    for path in files():
        body = path.read_bytes()
        if b"\0" not in body:
            found[name_of(path)] = body.decode("utf-8", errors="replace")
    return found


@cache
def trees() -> dict[str, ast.Module]:
    """Name -> syntax tree of every Python file."""
    return {name: ast.parse(text, name) for name, text in texts().items() if name.endswith(".py")}


def source_trees() -> Iterator[tuple[str, ast.Module]]:
    return ((name, tree) for name, tree in trees().items() if name.startswith("src/"))


def compare(found: set[str], allowance: str) -> None:
    """Asserts that what was found is exactly what tidy.toml allows, with a reason of more than a few words."""
    allowed = ALLOWED[allowance]
    new, old = sorted(found - set(allowed)), sorted(set(allowed) - found)
    assert new == [], f"mend, or allow under [{allowance}] in tests/tidy.toml: {new}"
    assert old == [], f"no longer needed under [{allowance}] in tests/tidy.toml: {old}"
    assert [name for name, reason in allowed.items() if len(reason.split()) < 4] == []


def test_functions_are_short() -> None:
    found = {
        f"{name}::{node.name}"
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > FUNCTION_LINES_MAX
    }
    compare(found, "long_functions")


def test_files_are_short() -> None:
    """Tests may be longer: a table of cases is not hard to read."""
    kinds = (".py", ".sql", ".html", ".js", ".css", ".sh")
    long = {name for name, text in texts().items() if name.endswith(kinds) and len(text.splitlines()) > FILE_LINES_MAX}
    compare({name for name in long if not name.startswith("tests/")}, "long_files")


def test_money_never_becomes_a_float() -> None:
    """No `float(…)`, and no JSON decoder that would make one: numbers are decoded as Decimal."""
    found = [
        f"{name}:{node.lineno}"
        for name, tree in source_trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and makes_floats(node)
    ]
    assert found == [], found


def makes_floats(call: ast.Call) -> bool:
    function = ast.unparse(call.func)
    given = {keyword.arg for keyword in call.keywords}
    if function == "float":
        return True
    if function in ("json.loads", "json.load"):
        return "parse_float" not in given
    if function in ("msgspec.json.decode", "json.decode"):
        return "type" not in given
    return function in ("msgspec.json.Decoder", "json.Decoder") and not (call.args or given & {"type", "float_hook"})


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("float(x)", True),
        ("json.loads(x)", True),
        ("json.loads(x, parse_float=Decimal)", False),
        ("msgspec.json.decode(x)", True),
        ("msgspec.json.decode(x, type=Line)", False),
        ("msgspec.json.Decoder()", True),
        ("msgspec.json.Decoder(float_hook=Decimal)", False),
        ("round(x)", False),
    ],
)
def test_the_float_check_sees(code: str, wrong: bool) -> None:
    call = ast.parse(code, mode="eval").body
    assert isinstance(call, ast.Call)
    assert makes_floats(call) is wrong


SQL = re.compile(
    r"^\s*(select\s.+\sfrom|insert\s+into|update\s+\w+\s+set|delete\s+from|truncate\s|create\s+(table|index|function)"
    r"|alter\s+(table|system)|drop\s+(table|database)|with\s+\w+\s+as\s*\(|copy\s+\w+\s)",
    re.IGNORECASE | re.DOTALL,
)


def test_sql_stands_in_sql_files() -> None:
    found = {
        name
        for name, tree in source_trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
    }
    compare(found, "sql_in_python")


def test_only_stores_execute() -> None:
    found = {
        name
        for name, tree in source_trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("execute", "executemany", "copy_expert", "cursor")
        if not (name.endswith("/store.py") or name.startswith("src/tieout/db/"))
    }
    compare(found, "executes")


def test_every_named_query_is_used() -> None:
    """By the Python beside it or, for templates of matching, by a rule."""
    rules = "\n".join(text for name, text in texts().items() if name.startswith("src/tieout/rules/"))
    unused = []
    for name, text in texts().items():
        if name.startswith("src/") and name.endswith(".sql") and "/migrations/" not in name:
            python = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / name).parent.glob("*.py"))
            queries = re.findall(r"^-- name: (\w+)", text, re.MULTILINE)
            unused += [f"{name}: {query}" for query in queries if not re.search(rf"[.\"']{query}\b", python + rules)]
    assert unused == [], unused


def test_migrations_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in sorted((SOURCE / "db" / "migrations").glob("*.sql"))]
    assert numbers == list(range(1, len(numbers) + 1))


def index_hosts() -> set[str]:
    """The hosts this machine's installers are set up to ask, and the public ones."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    settings = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    hosts = {urlsplit(url).hostname or "" for url in re.findall(r"https?://[^\s'\"]+", settings)}
    return {host for host in hosts if host} | {"py" + "pi.org", "files.python" + "hosted.org"}


def test_nothing_names_an_index_a_machine_or_an_unfinished_thing() -> None:
    """A clone works on any machine, from any mirror, and carries no promises."""
    hosts = "|".join(re.escape(host) for host in sorted(index_hosts()))
    banned = re.compile(
        rf"({hosts}|--(extra-)?index-url|--find-links|(?<![\w.:$/}}])/(home|root|Users|work|opt|mnt|tmp)/\w|\b(TO{''}DO|FIX{''}ME)\b)"
    )
    found = {
        f"{name}: {match[0]}"
        for name, text in texts().items()
        if name not in ("LICENSE", "tests/test_tidy.py")
        for match in banned.finditer(text)
    }
    compare(found, "banned_words")


def test_every_module_has_its_test() -> None:
    """src/tieout/ledger/store.py has tests/ledger/test_store.py."""
    untested = set()
    for name in trees():
        path = Path(name)
        if not name.startswith("src/") or path.name in ("__init__.py", "__main__.py"):
            continue
        inside = path.relative_to("src/tieout")
        if not (ROOT / "tests" / inside.parent / f"test_{inside.stem}.py").exists():
            untested.add(name)
    compare(untested, "without_test")


def test_every_module_is_used() -> None:
    """No dead files: each module is imported, or named by its full name where something is loaded by name.

    A connector's modules are loaded by the contract in model/connector.py.
    """
    used = {module_of(name) for name in trees() if re.search(r"/connectors/\w+/(source|signature)\.py$", name)}
    for name, tree in source_trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                used |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            elif isinstance(node, ast.Import):
                used |= {alias.name for alias in node.names}
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                used |= set(re.findall(r"tieout(?:\.\w+)+", node.value)) - {module_of(name)}
    used |= set(re.findall(r"tieout(?:\.\w+)+", texts()["pyproject.toml"]))
    modules = {module_of(name) for name, _ in source_trees() if not name.endswith(("__init__.py", "__main__.py"))}
    compare(modules - used, "loaded_by_name")


def module_of(name: str) -> str:
    return name.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")


CHECKS = re.compile(r"(^|[._])(raises|warns|fail|assert|check|compare|expect|until)")


def can_fail(function: ast.AST, helpers: frozenset[str] = frozenset()) -> bool:
    """Whether a function asserts, expects an error, or calls a helper that does or whose name says so."""
    return any(
        isinstance(inner, ast.Assert)
        or (
            isinstance(inner, ast.Call)
            and (ast.unparse(inner.func) in helpers or CHECKS.search(ast.unparse(inner.func)))
        )
        for inner in ast.walk(function)
    )


def test_every_test_can_fail() -> None:
    """One whose own name says that something never raises fails by the raising."""
    toothless = []
    for name, tree in trees().items():
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        helpers = frozenset(node.name for node in functions if can_fail(node))
        toothless += [
            f"{name}::{node.name}"
            for node in functions
            if name.startswith("tests/") and node.name.startswith("test_") and not can_fail(node, helpers)
            if not re.search(r"_never_raises?$", node.name)
        ]
    assert toothless == [], toothless


VOCABULARIES: tuple[type[Word], ...] = (EventKind, ComponentKind, Reason, Role, PayoutState)


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_words_are_codes_with_a_sentence(vocabulary: type[Word]) -> None:
    """The code is the name in lower case; the meaning is a sentence; no two mean the same."""
    words = list(vocabulary)
    assert [word.value for word in words] == [word.name.lower() for word in words]
    assert [word for word in words if not re.fullmatch(r"[A-Z].*\.", word.meaning)] == []
    assert len({word.meaning for word in words}) == len(words)


def test_vocabularies_are_covered() -> None:
    assert set(NEXT_STEP) == set(Reason)
    assert set(TOTAL_SIGN) == set(ComponentKind)
    assert set(EventKind) > MEMO_KINDS
    assert {kind for kind in EventKind if "memo" in kind.meaning} == MEMO_KINDS


def test_id_prefixes_are_three_letters() -> None:
    assert [kind for kind in IdKind if not re.fullmatch("[a-z]{3}", kind.value)] == []
