"""Verifying: seals, their anchors, and the proof that the books are what they were."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tieout.cli.group import OK, PROBLEMS
from tieout.cli.opening import actor, opened
from tieout.cli.output import Column, counted, format_option, limit_option, progress, say, show, show_json
from tieout.model.money import display

if TYPE_CHECKING:
    from tieout.model.seal import Verified

_BLOCKS = (
    Column("block", lambda b: b.block_no),
    Column("sealed", lambda b: b.sealed_at),
    Column("entries", lambda b: b.n),
    Column("lines", lambda b: b.lines),
    Column("debits", lambda b: ", ".join(f"{display(m, c)} {c}" for c, m in b.debits.items())),
    Column("entries so far", lambda b: b.entries_upto),
    Column("hash", lambda b: b.hash.hex()[:16]),
)
_FLAWS = (Column("where", lambda f: f.where), Column("what is wrong", lambda f: f.what))


def verdict(found: "Verified") -> str:
    """A verification in a sentence or two."""
    things = (counted(found.entries, "entry", "entries"), counted(found.lines, "line"), counted(found.blocks, "block"))
    went = ", ".join(things)
    if not found.holds:
        first = found.flaws[0]
        return f"NOT what was sealed: {first.where} {first.what}. Went through {went}."
    outside = f"and with {counted(found.anchors, 'anchor')}" if found.anchors else "no anchor to compare with"
    certified = f", {counted(found.certificates, 'certificate')} of close" if found.certificates else ""
    waits = f" {counted(found.unsealed, 'entry', 'entries')} not sealed yet." if found.unsealed else ""
    return f"Verified: {went}{certified}; all agree, {outside}.{waits}"


@click.command("verify")
@click.option("--anchor", "anchors", type=click.Path(exists=True, dir_okay=False, path_type=Path), multiple=True,
              help="A file with anchors that was kept elsewhere; may be given several times.")  # fmt: skip
@click.option("--workers", type=click.IntRange(1, 16), help="Connections to work with; one for each core, at most two.")
@format_option
def verify_command(anchors: tuple[Path, ...], workers: int | None, output: str) -> int:
    """Work out again every hash, sum, seal and projection, and compare the chain with its anchors.

    Takes no lock. Names the first broken entry and says what is wrong; exit code 1 if anything is.
    """
    with opened() as app:
        entries, _ = app.counts()
        with progress("Verifying", entries) as told:
            found = app.verify(anchors, actor=actor(), workers=workers, told=lambda done, _all: told(done))
    if output == "json":
        show_json(found)
    elif found.flaws:
        show(found.flaws, _FLAWS, output)
    say(verdict(found))
    return OK if found.holds else PROBLEMS


@click.command("seal")
def seal_command() -> int:
    """Seal what was posted, and write the head of the chain to its anchors.

    A running worker does this by itself. Exit code 1 if a place did not take the head.
    """
    with opened() as app:
        sealed = app.seal()
        answers = app.anchor()
        state = app.sealed()
    for place, answer in answers.items():
        click.echo(f"{place}  {answer}")
    waiting = counted(state.lag.entries, "entry", "entries")
    held = f", {waiting} held back by {state.lag.writer or 'a poster under way'}" if state.lag.entries else ""
    head = f"block {state.head.block}, {state.head.hash}" if state.head else "nothing sealed yet"
    say(f"{counted(sealed, 'entry', 'entries')} sealed{held}; {head}.")
    return PROBLEMS if any(answer.startswith("FAILED ") for answer in answers.values()) else OK


@click.command("seals")
@limit_option
@format_option
def seals_command(limit: int, output: str) -> None:
    """List the blocks of the chain, newest first."""
    with opened() as app:
        show(app.seals(limit), _BLOCKS, output)


@click.command("inclusion")
@click.argument("entry")
def inclusion_command(entry: str) -> None:
    """Print the proof that ENTRY (ent_…) is in a block, for anybody to check without this program."""
    with opened() as app:
        show_json(app.inclusion(entry))
