"""Posting entries of one's own from a file, as programs do over HTTP."""

from pathlib import Path

import click

from tieout.cli.importing import read
from tieout.cli.opening import actor, opened
from tieout.cli.output import Column, counted, format_option, say, show

_POSTED = (Column("key", lambda row: row["key"]), Column("entry", lambda row: row["entry"]))


@click.command("post")
@click.argument("file", type=click.Path(path_type=Path))
@format_option
def post_command(file: Path, output: str) -> None:
    """Post the entries in FILE, JSON as POST /v1/entries takes it: all of them, or none.

    What is there already, with the same content, is not posted again. Use - for standard input.
    """
    from tieout.app.drafting import NewEntries, decoded, drafts_of

    sent = decoded(read(file), NewEntries)
    with opened() as app:
        posted = app.post(drafts_of(sent, app.base_currency, actor().name), actor=actor())
    rows = [{"key": entry.key, "entry": name} for entry, name in zip(sent.entries, posted, strict=True)]
    show(rows, _POSTED, output)
    say(f"{counted(len(posted), 'entry', 'entries')} in the books.")
