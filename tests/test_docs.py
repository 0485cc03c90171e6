"""The documentation is tested: generated pages are current, links lead somewhere, commands in the tutorial work."""

import os
import re
import socket
import sys
import tomllib
from pathlib import Path

import click
import msgspec
import pytest

from tests.tutorial import Block, blocks_of, play, tutorials
from tieout import model
from tieout.events.mapping import read
from tieout.model.case import Reason
from tieout.model.connector import Connector, Manifest, MappingFile
from tieout.model.delivery import Envelope
from tools import docs

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/**/README.md")])
SOURCE = {path: path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py")}


def anchors_of(page: Path) -> set[str]:
    """The anchors a Markdown page offers, as its headings become them."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> list[str]:
    """Local links of a page that lead to no file, or to no heading of it."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            broken.append(link)
    return broken


@pytest.mark.parametrize("name", docs.PAGES)
def test_generated_pages_are_current(name: str) -> None:
    assert (docs.REFERENCE / name).read_text("utf-8") == docs.render(name), "run: make docs"


def test_local_links_lead_somewhere() -> None:
    broken = {page.relative_to(ROOT).as_posix(): links for page in PAGES if (links := broken_links(page))}
    assert broken == {}


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    copy = tmp_path / "page.md"
    copy.write_text("# One\n[there](#one) [gone](no.md) [not there](#two)\n```\n[code](nothing.md)\n```\n")
    assert broken_links(copy) == ["no.md", "#two"]


def test_pages_the_code_names_exist() -> None:
    named = {name for text in SOURCE.values() for name in re.findall(r"docs/[\w/-]+\.md", text)}
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_page_is_in_an_index() -> None:
    """docs/README.md links every page of docs, so nothing is hidden."""
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")} - {"README.md"}
    assert [page for page in sorted(pages) if f"({page})" not in index] == []


def test_every_command_has_a_help_sentence() -> None:
    """Its help page is its reference: what each command and option is for stands there."""
    commands = list(docs.walk(docs.root_command(), "tieout"))
    silent = [path for path, command in commands if not (command.help or "").strip()]
    mute = [
        f"{path} {option.opts[-1]}"
        for path, command in commands
        for option in command.params
        if isinstance(option, click.Option) and not option.hidden and not option.help
    ]
    assert (silent, mute) == ([], [])


def test_every_setting_is_documented() -> None:
    """Each TIEOUT_… variable the code reads has a row in docs/reference/settings.md, and no other row is there."""
    read = {name for text in SOURCE.values() for name in re.findall(r"[\"'](TIEOUT_[A-Z_]+)[\"']", text)}
    page = (docs.REFERENCE / "settings.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(TIEOUT_[A-Z_]+)`", page, re.MULTILINE)) == read


GLOSSARY_ROW = re.compile(r"^\| \*\*(?P<word>[^*]+)\*\*[^|]*\|[^|]+\|(?P<code>[^|]*)\|(?P<never>[^|]*)\|$")


def glossary() -> list[re.Match[str]]:
    """The rows of docs/reference/glossary.md."""
    lines = (docs.REFERENCE / "glossary.md").read_text("utf-8").splitlines()
    return [row for line in lines if (row := GLOSSARY_ROW.match(line))]


def test_glossary_words_stand_in_the_code() -> None:
    """Each name in the column “in code” is a file, class or function of the nouns or a folder of the package."""
    names = set(re.findall(r"^(?:class|def) (\w+)", "\n".join(SOURCE.values()), re.MULTILINE))
    names |= {path.name for path in (ROOT / "src" / "tieout").iterdir()}
    named = {name for row in glossary() for name in re.findall(r"`(\w+)`", row["code"])}
    assert len(glossary()) > 30
    assert sorted(named - names) == []


def test_nouns_stand_in_the_glossary() -> None:
    """Each file of nouns that is a thing of the books is in the glossary."""
    words = {name.lower() for row in glossary() for name in re.findall(r"\w+", row["word"])}
    others = {"__init__", "vocabulary", "ids", "error", "spreadsheet"}
    files = {path.stem for path in Path(model.__path__[0]).glob("*.py")} - others
    assert sorted(files - words) == []


def test_one_word_per_concept() -> None:
    """A word the glossary forbids names no class, function, argument or variable of ours.

    Connectors and the sandbox speak the providers' language, so they are left out.
    """
    never = {word for row in glossary() for word in re.findall(r"`(\w+)`", row["never"])}
    assert "transaction" in never
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path, text in SOURCE.items()
        if not {"connectors", "sandbox"} & set(path.parts)
        for name in re.findall(r"^\s*(?:class|def|async def) (\w+)", text, re.MULTILINE)
        if {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)} & never
    ]
    assert found == []


def test_the_mapping_example_does_what_the_page_says() -> None:
    page = (docs.REFERENCE / "mapping.md").read_text("utf-8")
    blocks = dict(re.findall(r"^```(json|toml)\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
    connector = Connector(
        manifest=Manifest("till", "Till", "shop", "1", "", ["objects"]),
        mapping=msgspec.convert(tomllib.loads(blocks["toml"]), MappingFile),
        describe=lambda _headers, _parameters, _body: Envelope("sale", "1"),
        parse=lambda _topic, _parameters, body: body,
    )
    document = msgspec.json.decode(blocks["json"])
    (event,) = read(connector, "till", "sale", {}, document).events
    assert (event.key, event.aggregate, event.occurred_at.isoformat()) == (
        "till:sale:17",
        "order:17",
        "2026-03-02T09:00:00+00:00",
    )
    assert event.references == ("order:17", "charge:ch_1", "charge:ch_2")
    assert [(part.amount_minor, part.currency, part.seller, dict(part.dimensions)) for part in event.components] == [
        (2000, "EUR", "anna", {"shelf": "B4"}),
        (950, "EUR", "own", {}),
    ]
    assert event.objection is None
    document["sale"]["due"] = "29.51"
    assert read(connector, "till", "sale", {}, document).events[0].objection == Reason.TOTAL_MISMATCH
    document["sale"]["state"] = "odd"
    assert [o.reason for o in read(connector, "till", "sale", {}, document).objections] == [Reason.CODE_UNKNOWN]
    document["sale"]["state"] = "draft"
    assert read(connector, "till", "sale", {}, document).notes == ("The sale is not final; nothing is owed yet.",)


@pytest.mark.slow
@pytest.mark.parametrize("page", tutorials(ROOT), ids=lambda page: page.stem)
def test_tutorial_commands_work(page: Path, tmp_path: Path) -> None:
    """Every console block of a tutorial, in order, in one shell, as a reader would type them.

    The server's port is another than the page's, so that tests disturb nothing that runs on this machine.
    """
    surroundings = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("TIEOUT_", "PYTEST_"))},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "TIEOUT_HOME": str(tmp_path / "home"),
    }
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    steps = play(blocks_of(page, {"8321": port}), ROOT, surroundings, seconds_max=300)
    assert [step.problem for step in steps if step.problem] == []


def test_the_tutorial_runner_sees(tmp_path: Path) -> None:
    """It compares output and exit codes, keeps one shell for all blocks, and says what differs."""
    page = tmp_path / "page.md"
    page.write_text(
        "```console\n$ greeting=hello\n$ echo $greeting \\\n  world\nhello world\n```\n"
        "text\n```console exit=3\n$ (echo $greeting; exit 3)\nhel...\n```\n"
        "```python\n$ not for the shell\n```\n"
        "```console\n$ echo one; echo two\none\n...\n$ echo three\nfour\n$ false\n```\n"
    )
    blocks = blocks_of(page)
    assert [(block.line, block.exit_code, len(block.commands)) for block in blocks] == [
        (1, 0, 2),
        (8, 3, 1),
        (15, 0, 3),
    ]
    steps = play(blocks, tmp_path, {"PATH": os.environ["PATH"]}, seconds_max=20)
    problems = [step.problem for step in steps]
    assert problems[:4] == [None, None, None, None]
    assert problems[4] == "line 15: “echo three” printed “three”, the page says “four”"
    assert problems[5] == "line 15: “false” ended with 1, the page says 0; it printed “”"
    assert len(problems) == 6


def test_a_tutorial_that_hangs_is_stopped(tmp_path: Path) -> None:
    steps = play([Block(1, 0, (("sleep 60", ()),))], tmp_path, {"PATH": os.environ["PATH"]}, seconds_max=1)
    assert [step.problem for step in steps] == ["line 1: “sleep 60” did not end within 1 s"]
