"""The proof: reconcile, and show every clearing account decomposed and every bank account against its statement."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from tieout.cli.group import OK, PROBLEMS
from tieout.cli.opening import opened
from tieout.cli.output import Column, counted, format_option, say, show, show_json
from tieout.model.money import Money, display

if TYPE_CHECKING:
    from tieout.model.proof import Proof

_LINES = (
    Column("account", lambda ln: ln.account),
    Column("name", lambda ln: ln.name),
    Column("currency", lambda ln: ln.currency),
    Column("balance", lambda ln: Money(ln.balance_minor, ln.currency)),
    Column("in transit", lambda ln: Money(ln.transit_minor, ln.currency), spare=True),
    Column("disputed", lambda ln: Money(ln.disputed_minor, ln.currency), spare=True),
    Column("reserved", lambda ln: Money(ln.reserved_minor, ln.currency), spare=True),
    Column("exceptions", lambda ln: Money(ln.exceptions_minor, ln.currency), spare=True),
    Column("unexplained", lambda ln: Money(ln.unexplained_minor, ln.currency)),
    Column("open items", lambda ln: ln.items, spare=True),
)
_BANKS = (
    Column("bank account", lambda b: b.account),
    Column("name", lambda b: b.name, aside=True),
    Column("currency", lambda b: b.currency),
    Column("books", lambda b: Money(b.books_minor, b.currency)),
    Column("statement", lambda b: None if b.statement_minor is None else Money(b.statement_minor, b.currency)),
    Column("of", lambda b: b.statement_date),
    Column("difference", lambda b: Money(b.difference_minor, b.currency)),
    Column("statements", lambda b: "complete" if b.continuous else "with gaps"),
)
#: Only shown where there is such a thing.
_OPENING = Column("before the books", lambda b: Money(b.opening_minor, b.currency), spare=True)
_REASONS = (
    Column("exceptions", lambda r: r.reason.value),
    Column("count", lambda r: r.count),
    Column("money at risk", lambda r: Money(r.amount_minor, r.currency) if r.currency else None),
    Column("currency", lambda r: r.currency),
    Column("meaning", lambda r: r.reason.meaning, aside=True),
)


def show_proof(proof: "Proof", output: str = "table") -> int:
    """Prints a proof and returns the exit code that says whether it holds."""
    if output == "json":
        show_json(proof)
    elif output == "csv":
        show(proof.lines, _LINES, "csv")
    else:
        opened_before = any(bank.opening_minor for bank in proof.banks)
        banks = (*_BANKS[:4], _OPENING, *_BANKS[4:]) if opened_before else _BANKS
        for rows, columns in ((proof.lines, _LINES), (proof.banks, banks), (proof.exceptions, _REASONS)):
            if rows:
                show(rows, columns, "table")
                click.echo()
    say(verdict(proof))
    return OK if proof.tied else PROBLEMS


def _as_of(proof: "Proof") -> str:
    return f" as of {proof.as_of}" if proof.cut_off else f", judged as of {proof.as_of}"


def verdict(proof: "Proof") -> str:
    """The proof in a sentence."""
    queued, held_up = proof.deliveries_waiting, proof.events_parked
    waiting = f" Not booked yet: {counted(queued, 'delivery', 'deliveries')}." if queued else ""
    parked = f" Waiting for something that must come first: {counted(held_up, 'event')}." if held_up else ""
    if not (proof.lines or proof.banks):
        return f"Nothing to prove yet{_as_of(proof)}: nothing is booked that must tie out.{waiting}{parked}"
    if proof.tied:
        unexplained = ", ".join(f"{display(0, currency)} {currency}" for currency in sorted(proof.unexplained_minor))
        said = f"Tied out{_as_of(proof)}: unexplained {unexplained or 'nothing'}, every bank account agrees."
        return f"{said}{waiting}{parked}"
    found = [f"{display(m, c)} {c} is unexplained" for c, m in sorted(proof.unexplained_minor.items()) if m]
    if proof.unexplained_base_minor:
        off = display(proof.unexplained_base_minor, proof.base_currency)
        found.append(f"{off} {proof.base_currency} of exchange differences is unexplained")
    found += [
        f"{bank.name} differs from its statement by {display(bank.difference_minor, bank.currency)} {bank.currency}"
        for bank in proof.banks
        if bank.difference_minor
    ]
    found += [f"a statement of {bank.name} is missing" for bank in proof.banks if not bank.continuous]
    return f"Not tied out{_as_of(proof)}: {'; '.join(found)}.{waiting}{parked}"


@click.command("reconcile")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Judge ages by this day, and prove the books as of its end. Without it: by today, and all that is booked.",
)
@click.option("--full", is_flag=True, help="Look at everything, not only at what came or changed since the last run.")
@format_option
def reconcile_command(as_of: datetime | None, full: bool, output: str) -> int:
    """Tie what can be tied without a guess, name what stays open, and print the proof.

    Exit code 1 if anything is unexplained or a bank account differs from its statement.
    """
    with opened() as app:
        report = app.reconcile(as_of.date() if as_of else None, full=full)
        proof = app.proof(as_of.date() if as_of else None)
    found = f"{counted(report.items, 'open item')}, {counted(report.matches, 'new match', 'new matches')}"
    raised = f"{counted(report.cases_opened, 'exception')}, {report.cases_settled:,} settled by themselves"
    say(f"{report.run}: {found}, {raised}.")
    return show_proof(proof, output)


@click.command("proof")
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="As of the end of this day; else of all that is booked.")
@format_option
def proof_command(at: datetime | None, output: str) -> int:
    """Print the proof as the last `tieout reconcile` left it; exit code 1 if it does not hold."""
    with opened() as app:
        return show_proof(app.proof(at.date() if at else None), output)
