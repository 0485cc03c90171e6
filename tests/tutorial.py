"""Runs the console blocks of a Markdown page as a reader would: in order, in one shell.

    ```console
    $ tieout balances --output csv
    account,currency,balance
    ...
    ```

A line that begins with ``$ `` is a command (``\\`` at its end continues it); what follows is its output. ``...``
stands for anything, on a line of its own for any number of lines; no output at all means that it is not compared.
The shell has job control off and stays the same for the whole page, so variables, folders and background servers
last. ``console exit=1`` says that the block's commands end with that code.
"""

import os
import re
import secrets
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_FENCE = re.compile(r"^```console(?: exit=(?P<code>\d+))?$")


class Block(NamedTuple):
    """One console block: the line it starts at, the exit code of its commands, and (command, output) pairs."""

    line: int
    exit_code: int
    commands: tuple[tuple[str, tuple[str, ...]], ...]


class Step(NamedTuple):
    """One command as it went; `problem` says what differs from the page, or is None."""

    command: str
    problem: str | None


def tutorials(root: Path) -> list[Path]:
    """The pages whose commands are run."""
    return sorted((root / "docs" / "tutorial").glob("*.md"))


def blocks_of(page: Path, instead: Mapping[str, str] | None = None) -> list[Block]:
    """The console blocks of a page, in order; `instead` replaces texts, such as a port, throughout."""
    blocks: list[Block] = []
    text = page.read_text("utf-8")
    for old, new in (instead or {}).items():
        text = text.replace(old, new)
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        fence = _FENCE.match(lines[at])
        at += 1
        if fence:
            end = lines.index("```", at)
            blocks.append(Block(at, int(fence["code"] or 0), _commands(lines[at:end])))
            at = end + 1
    return blocks


def _commands(lines: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: list[tuple[str, list[str]]] = []
    continues = False
    for line in lines:
        if continues or line.startswith("$ "):
            text = line if continues else line.removeprefix("$ ")
            if continues:
                found[-1] = (f"{found[-1][0]}\n{text}", [])
            else:
                found.append((text, []))
            continues = text.endswith("\\")
        else:
            assert found, f"output before any command: {line}"
            found[-1][1].append(line)
    return tuple((command, tuple(output)) for command, output in found)


def play(blocks: Sequence[Block], folder: Path, surroundings: Mapping[str, str], *, seconds_max: int) -> list[Step]:
    """Runs all commands and compares. What still runs in the background at the end is stopped."""
    commands = [(block, command, output) for block in blocks for command, output in block.commands]
    mark = f"--{secrets.token_hex(8)}--"
    script = "".join(f"{command}\nprintf '\\n{mark}%s\\n' \"$?\"\n" for _, command, _ in commands)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as talk:
        shell = subprocess.Popen(
            ["bash", "-c", script],
            cwd=folder,
            env=dict(surroundings),
            stdin=subprocess.DEVNULL,
            stdout=talk,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        with suppress(subprocess.TimeoutExpired):
            shell.wait(seconds_max)
        with suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGTERM)
        shell.wait()
        talk.seek(0)
        parts = re.split(rf"\n{mark}(\d+)\n", talk.read())
    steps = []
    for number, (block, command, expected) in enumerate(commands):
        if 2 * number + 1 >= len(parts):
            problem = f"line {block.line}: “{command}” did not end within {seconds_max} s"
            steps.append(Step(command, problem))
            break
        steps.append(Step(command, _problem(block, command, expected, parts[2 * number], int(parts[2 * number + 1]))))
    return steps


def _problem(block: Block, command: str, expected: Sequence[str], printed: str, code: int) -> str | None:
    printed = "\n".join(line.rstrip() for line in printed.splitlines()).strip("\n")
    if code != block.exit_code:
        return (
            f"line {block.line}: “{command}” ended with {code}, the page says {block.exit_code}; it printed “{printed}”"
        )
    wanted = "\n".join(expected)
    pattern = re.escape(wanted).replace(r"\.\.\.", ".*")
    if expected and not re.fullmatch(pattern, printed, re.DOTALL):
        return f"line {block.line}: “{command}” printed “{printed}”, the page says “{wanted}”"
    return None
