"""Proposals by command: what could belong together, and a person's word on it; and standing by a match."""

from typing import TYPE_CHECKING

import click

from tieout.cli.group import Tree
from tieout.cli.opening import actor, opened
from tieout.cli.output import Column, counted, format_option, limit_option, say, show
from tieout.model.money import Money

if TYPE_CHECKING:
    from tieout.app.proposing import Candidate, Proposal

_WHY = click.option("--why", required=True, help="The reason, in a sentence; it is kept for ever.")
_ROWS = (
    Column("open item", lambda r: f"itm_{r[0].item.id}"),
    Column("of", lambda r: r[0].item.effective_date),
    Column("amount", lambda r: Money(r[0].item.open_minor, r[0].item.currency)),
    Column("currency", lambda r: r[0].item.currency),
    Column("rank", lambda r: r[1]),
    Column("candidate", lambda r: f"itm_{r[2].item.id}"),
    Column("differs", lambda r: ", ".join(r[2].differs)),
    Column("chosen before", lambda r: r[2].chosen_before or None, aside=True),
    Column("what decides", lambda r: r[0].decides, aside=True),
)


@click.group("proposals", cls=Tree)
def proposals_group() -> None:
    """What could belong together where no rule may decide."""


@proposals_group.command("list")
@click.option("--account", help="Only of this clearing account.")
@limit_option
@format_option
def list_command(account: str | None, limit: int, output: str) -> None:
    """List open items that others could settle, with every candidate ranked. None is chosen."""
    with opened() as app:
        found = app.proposals(account=account, limit=limit)
    rows: list[tuple[Proposal, int, Candidate]] = [
        (p, number, c) for p in found for number, c in enumerate(p.candidates, 1)
    ]
    show(found if output == "json" else rows, _ROWS, output)
    say(f"{counted(len(found), 'open item')} could be settled by a person.")


@proposals_group.command("accept")
@click.argument("item")
@click.argument("others", nargs=-1, required=True, metavar="CANDIDATE...")
@_WHY
def accept_command(item: str, others: tuple[str, ...], why: str) -> None:
    """Tie ITEM to one CANDIDATE or more: they must come to zero."""
    with opened() as app:
        click.echo(app.accept_proposal(item, others, reason=why, actor=actor()))


@proposals_group.command("refuse")
@click.argument("item")
@click.argument("candidate")
@_WHY
def refuse_command(item: str, candidate: str, why: str) -> None:
    """Say that ITEM and CANDIDATE do not belong together; they are not proposed again."""
    with opened() as app:
        app.refuse_proposal(item, candidate, reason=why, actor=actor())
    say(f"{item} and {candidate} are not proposed again.")


@click.command("confirm")
@click.argument("id")
@_WHY
def confirm_command(id: str, why: str) -> None:
    """Stand by the match ID, whatever has come since: no run looks at it again."""
    with opened() as app:
        app.confirm(id, reason=why, actor=actor())
    say(f"{id} is confirmed.")
