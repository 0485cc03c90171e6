"""Paying sellers, by command."""

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tieout.cli.group import Tree
from tieout.cli.importing import read
from tieout.cli.opening import actor, opened
from tieout.cli.output import Column, format_option, limit_option, say, show, show_json
from tieout.cli.owning import read_object
from tieout.model.error import BadInput
from tieout.model.money import Money, to_minor
from tieout.model.payout import Outcome, PayoutState

if TYPE_CHECKING:
    from tieout.model.payout import Payout

_ID = click.argument("payout")
_WHY = click.option("--reason", required=True, help="Why, in a sentence; kept with the payout.")
_DAY = click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day; today if it is not given.")
_COLUMNS = (
    Column("payout", lambda p: p.name),
    Column("seller", lambda p: p.party),
    Column("amount", lambda p: Money(p.amount_minor, p.currency)),
    Column("currency", lambda p: p.currency),
    Column("state", lambda p: p.state.value),
    Column("rail", lambda p: p.rail),
    Column("on", lambda p: p.execute_on),
    Column("reference", lambda p: p.end_to_end),
)
_RUNS = (
    Column("run", lambda r: r.id),
    Column("day", lambda r: r.day),
    Column("made by", lambda r: r.made_by),
    Column("open parts", lambda r: r.parts_open),
    Column("sellers", lambda r: r.decisions),
    Column("payouts", lambda r: r.payouts),
)
_DECISIONS = (
    Column("seller", lambda d: d.party),
    Column("verdict", lambda d: d.verdict.value),
    Column("owed", lambda d: Money(d.owed_minor, d.currency)),
    Column("paid", lambda d: Money(d.amount_minor, d.currency)),
    Column("carried", lambda d: Money(d.carried_minor, d.currency)),
    Column("currency", lambda d: d.currency),
    Column("payout", lambda d: d.payout),
    Column("why", lambda d: d.why),
)
_FILES = (
    Column("file", lambda f: f.id),
    Column("name", lambda f: f.name),
    Column("format", lambda f: f.format),
    Column("payouts", lambda f: f.payouts),
    Column("total", lambda f: Money(f.total_minor, f.currency)),
    Column("currency", lambda f: f.currency),
    Column("taken", lambda f: f.exports),
    Column("sha256", lambda f: f.sha256),
)


def _on(day: datetime | None) -> date | None:
    return None if day is None else day.date()


def _tell(one: "Payout") -> None:
    say(f"{one.name} to {one.party} is {one.state.value}.")


@click.group("payouts", cls=Tree)
def payouts_group() -> None:
    """Pay sellers what they are owed."""


@payouts_group.group("policy", cls=Tree)
def policy_group() -> None:
    """Say and see how sellers are paid: rails, approvals, limits."""


@policy_group.command("set")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reason", required=True, help="Why, in a sentence; kept with the version.")
def policy_set(file: Path, reason: str) -> None:
    """Publish the policy in FILE, TOML or JSON; docs/howto/pay-sellers.md has every field."""
    from tieout.app.paying import read_policy

    if file.suffix == ".toml":
        try:
            document = tomllib.loads(read(file).decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadInput(f"It is not TOML: {error}", where=str(file), remedy="Correct the file.") from None
    else:
        document = read_object(file)
    with opened() as app:
        version = app.publish_payout_policy(read_policy(document), reason=reason, actor=actor())
    say(f"Version {version} of the payout policy is published.")


@policy_group.command("show")
def policy_show() -> None:
    """Show the policy in force as JSON."""
    with opened() as app:
        show_json(app.payout_policy()[1])


@payouts_group.command("run")
@_DAY
@click.option("--seller", "sellers", multiple=True, help="Pay this one whatever its schedule; may be repeated.")
@click.option("--key", help="Names a run of certain sellers, so that asked for twice it is one.")
@format_option
def run_command(day: datetime | None, sellers: tuple[str, ...], key: str | None, output: str) -> None:
    """Pay everybody who is due. The run of a day is one run, however often it is asked for."""
    with opened() as app:
        run = app.run_payouts(_on(day), parties=sellers or None, key=key, actor=actor())
        show(app.payout_run(f"run_{run.id}").decisions, _DECISIONS, output)
    say(f"Run {run.id} of {run.day} looked at {run.decisions} sellers and made {run.payouts} payouts.")


@payouts_group.command("runs")
@limit_option
@format_option
def runs_command(limit: int, output: str) -> None:
    """List runs, newest first."""
    with opened() as app:
        show(app.payout_runs(limit), _RUNS, output)


@payouts_group.command("decisions")
@click.argument("run", type=int)
@limit_option
@format_option
def decisions_command(run: int, limit: int, output: str) -> None:
    """Show what RUN said to each seller: paid, or why not."""
    with opened() as app:
        show(app.payout_run(f"run_{run}", limit=limit).decisions, _DECISIONS, output)


@payouts_group.command("make")
@click.argument("seller")
@click.option("--amount", help="What to pay, such as 120.00; all that can be paid if it is not given.")
@click.option("--currency", default="EUR", show_default=True, help="What it is owed in.")
@_DAY
@_WHY
def make_command(seller: str, amount: str | None, currency: str, day: datetime | None, reason: str) -> None:
    """Pay SELLER by hand; somebody else approves it."""
    minor = None if amount is None else to_minor(amount, currency)
    with opened() as app:
        one = app.make_payout(seller, minor, currency, reason=reason, day=_on(day), actor=actor())
    _tell(one)


@payouts_group.command("list")
@click.option("--state", type=click.Choice([state.value for state in PayoutState]), help="Only those in this state.")
@click.option("--seller", help="Only those to this seller.")
@limit_option
@format_option
def list_command(state: str | None, seller: str | None, limit: int, output: str) -> None:
    """List payouts, newest first."""
    with opened() as app:
        states = None if state is None else [PayoutState(state)]
        show(app.payout_list(states=states, party=seller, limit=limit), _COLUMNS, output)


@payouts_group.command("show")
@_ID
def show_command(payout: str) -> None:
    """Show PAYOUT as JSON: its history, approvals, attempts and the lines it settles."""
    with opened() as app:
        show_json(app.payout(payout))


@payouts_group.command("approve")
@_ID
@click.option("--note", default="", help="What was looked at.")
def approve_command(payout: str, note: str) -> None:
    """Approve PAYOUT. Whoever made it cannot."""
    with opened() as app:
        _tell(app.approve_payout(payout, note=note, actor=actor()))


@payouts_group.command("hold")
@_ID
@_WHY
def hold_command(payout: str, reason: str) -> None:
    """Stop PAYOUT, if it was not given away yet."""
    with opened() as app:
        _tell(app.hold_payout(payout, reason=reason, actor=actor()))


@payouts_group.command("release")
@_ID
@_WHY
def release_command(payout: str, reason: str) -> None:
    """Let the held PAYOUT go on."""
    with opened() as app:
        _tell(app.release_payout(payout, reason=reason, actor=actor()))


@payouts_group.command("cancel")
@_ID
@_WHY
def cancel_command(payout: str, reason: str) -> None:
    """Withdraw PAYOUT; its lines can be paid again."""
    with opened() as app:
        _tell(app.cancel_payout(payout, reason=reason, actor=actor()))


@payouts_group.command("retry")
@_ID
@_WHY
def retry_command(payout: str, reason: str) -> None:
    """Queue the failed PAYOUT again, with the same lines."""
    with opened() as app:
        _tell(app.retry_payout(payout, reason=reason, actor=actor()))


@payouts_group.command("settle")
@_ID
@click.argument("outcome", type=click.Choice([outcome.value for outcome in Outcome]))
@click.option("--code", default="", help="The bank's or provider's code, such as AC04.")
@click.option("--detail", default="", help="What they said.")
@_DAY
def settle_command(payout: str, outcome: str, code: str, detail: str, day: datetime | None) -> None:
    """Say what became of PAYOUT: OUTCOME."""
    with opened() as app:
        told = app.settle_payout(payout, Outcome(outcome), code=code, detail=detail, actor=actor(), day=_on(day))
        _tell(told)


@payouts_group.command("send")
@_DAY
def send_command(day: datetime | None) -> None:
    """Give what is queued to banks, as files, and to providers; ask those about the rest."""
    with opened() as app:
        say(f"{app.send_payouts(_on(day), actor=actor())} payouts moved.")


@payouts_group.command("files")
@limit_option
@format_option
def files_command(limit: int, output: str) -> None:
    """List files for the bank, newest first."""
    with opened() as app:
        show(app.payment_files(limit), _FILES, output)


@payouts_group.command("export")
@click.argument("file", type=int)
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), default=".", help="Into this folder.")
def export_command(file: int, folder: Path) -> None:
    """Take FILE to the bank; its payouts are in transit then. Taken again, it says so."""
    with opened() as app:
        taken = app.export_payment_file(file, actor=actor())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / taken.name).write_bytes(taken.content)
    say(f"{folder / taken.name}, sha256 {taken.sha256}.")
    if taken.warning:
        say(f"Careful: {taken.warning}")


@payouts_group.command("status")
@click.argument("file", type=click.Path(path_type=Path))
def status_command(file: Path) -> None:
    """Read a bank's status report (pain.002) in FILE."""
    with opened() as app:
        say(f"{app.read_payment_status(read(file), actor=actor())} payouts moved.")
