"""Who sells, where they are paid, what they are owed, and what people do to their balances, by command."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
import msgspec

from tieout.cli.group import Tree
from tieout.cli.importing import read
from tieout.cli.opening import actor, opened
from tieout.cli.output import Column, format_option, say, show, show_json
from tieout.cli.owning import read_object
from tieout.model.bucket import HoldReason
from tieout.model.error import BadInput
from tieout.model.money import decimal_text

if TYPE_CHECKING:
    from tieout.app.acting import ActRow
    from tieout.app.selling import Owed

_Noun = TypeVar("_Noun")
_FILE = click.argument("file", type=click.Path(path_type=Path))
_DAY = click.DateTime(["%Y-%m-%d"])
_REASON = click.option("--reason", required=True, help="Why, in a sentence; kept for ever.")


def _noun(noun: type[_Noun], found: object, where: str) -> _Noun:
    try:
        return msgspec.convert(found, noun)
    except msgspec.ValidationError as error:
        remedy = "Compare with docs/howto/run-a-marketplace.md."
        raise BadInput(str(error), where=where, remedy=remedy) from None


@click.group("sellers", cls=Tree)
def sellers_group() -> None:
    """Keep sellers: profiles, accounts, holds, balances and what is done to them."""


@sellers_group.command("add")
@_FILE
@click.option("--reason", default="", help="Why, in a sentence.")
def add(file: Path, reason: str) -> None:
    """Add the seller whose profile is in FILE, a JSON object with “party”, “legal_name” and “currency”."""
    from tieout.model.seller import Seller

    seller = _noun(Seller, read_object(file), str(file))
    with opened() as app:
        made = app.add_seller(seller, reason=reason, actor=actor())
    say(f"Seller {made.seller.party} is added.")


@sellers_group.command("change")
@_FILE
@_REASON
@click.option("--from", "valid_from", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help="From then on, not at once.")
def change(file: Path, reason: str, valid_from: datetime | None) -> None:
    """Replace a seller's profile by the one in FILE, at once or from a later moment on."""
    from tieout.model.seller import Seller

    seller = _noun(Seller, read_object(file), str(file))
    with opened() as app:
        made = app.change_seller(seller, reason=reason, valid_from=valid_from, actor=actor())
    say(f"Version {made.version} of {seller.party} holds from {made.valid_from.isoformat(timespec='seconds')}.")


@sellers_group.command("import")
@_FILE
def import_file(file: Path) -> None:
    """Add the sellers of a CSV file, all or none. Its first line names the columns."""
    with opened() as app:
        say(f"{app.import_sellers(read(file), actor=actor())} sellers are added.")


_COLUMNS = (
    Column("party", lambda row: row.seller.party),
    Column("legal name", lambda row: row.seller.legal_name),
    Column("currency", lambda row: row.seller.currency),
    Column("tax status", lambda row: row.seller.tax_status.value),
    Column("paused", lambda row: row.seller.paused),
    Column("version", lambda row: row.version),
)


@sellers_group.command("list")
@format_option
def list_(output: str) -> None:
    """List the sellers there are now."""
    with opened() as app:
        show(app.sellers(), _COLUMNS, output)


@sellers_group.command("show")
@click.argument("party")
def show_one(party: str) -> None:
    """Show every version of a seller's profile and account, and its holds, as JSON."""
    with opened() as app:
        show_json(app.seller(party))


@sellers_group.command("account")
@click.argument("party")
@_FILE
@_REASON
def account(party: str, file: Path, reason: str) -> None:
    """Ask for another account to pay PARTY to: a JSON object with “holder” and “iban”, or “routing” and “number”."""
    from tieout.model.seller import PayoutAccount

    wanted = _noun(PayoutAccount, read_object(file), str(file))
    with opened() as app:
        row = app.set_payout_account(party, wanted, reason=reason, actor=actor())
    if row.version == 1:
        say(f"Account 1 of {party} is good at once.")
    else:
        say(f"Account {row.version} of {party} waits until {row.payable_from:%Y-%m-%d %H:%M} UTC and a second person.")


@sellers_group.command("decide-account")
@click.argument("party")
@click.argument("version", type=int)
@click.option("--approve/--refuse", required=True, help="What you decide.")
@_REASON
def decide_account(party: str, version: int, approve: bool, reason: str) -> None:
    """Approve or refuse a change of account somebody else asked for."""
    with opened() as app:
        app.decide_account(party, version, approve=approve, reason=reason, actor=actor())
    say(f"Account {version} of {party} is {'approved' if approve else 'refused'}.")


@sellers_group.command("hold")
@click.argument("party")
@click.option("--why", type=click.Choice([one.value for one in HoldReason]), required=True, help="The reason's code.")
@click.option("--ends-when", required=True, help="What ends it; the seller reads this.")
@click.option("--amount", help="Only this much, in the seller's currency; all if it is not given.")
@click.option("--until", type=_DAY, help="The first day on which it holds no more.")
def hold(party: str, why: str, ends_when: str, amount: str | None, until: datetime | None) -> None:
    """Hold a seller's money."""
    from tieout.model.money import to_minor

    with opened() as app:
        currency = app.seller(party).versions[-1].seller.currency
        minor = None if amount is None else to_minor(amount, currency)
        last = None if until is None else until.date()
        row = app.hold_seller(
            party, HoldReason(why), ends_when=ends_when, amount_minor=minor, until=last, actor=actor()
        )
    say(f"Hold {row.id} is on {party}.")


@sellers_group.command("unhold")
@click.argument("hold", type=int)
@_REASON
def unhold(hold: int, reason: str) -> None:
    """End a hold at once."""
    with opened() as app:
        app.release_seller(hold, reason=reason, actor=actor())
    say(f"Hold {hold} has ended.")


def _amount(owed: "Owed") -> str:
    return decimal_text(owed.amount_minor, owed.currency)


@sellers_group.command("balance")
@click.argument("party")
@click.option("--at", type=_DAY, help="At the end of this day; now if it is not given.")
@format_option
def balance(party: str, at: datetime | None, output: str) -> None:
    """Show what a seller is owed, by bucket; below zero it owes."""
    columns = (
        Column("bucket", lambda owed: owed.bucket.value),
        Column("currency", lambda owed: owed.currency),
        Column("amount", _amount),
    )
    day: date | None = None if at is None else at.date()
    with opened() as app:
        show(app.seller_balance(party, day), columns, output)


@sellers_group.command("release")
@click.option("--as-of", type=_DAY, help="What is due by this day; today if it is not given.")
def release(as_of: datetime | None) -> None:
    """Release what is due now, as the worker does about every second."""
    with opened() as app:
        done = app.release_due(None if as_of is None else as_of.date())
    say(f"{done.released} parts of sales are released and {done.reserves} reserves have ended.")


@sellers_group.command("policy")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--reason", default="", help="Why, in a sentence; needed to publish one.")
def policy(file: Path | None, reason: str) -> None:
    """Show the policy in force as JSON, or publish the one in FILE."""
    from tieout.model.seller import SettlementPolicy

    with opened() as app:
        if file is None:
            show_json(app.settlement_policy())
            return
        wanted = _noun(SettlementPolicy, read_object(file), str(file))
        version = app.publish_settlement_policy(wanted, reason=reason, actor=actor())
    say(f"Version {version} of the policy is published.")


@sellers_group.command("tell")
@click.argument("sale")
@_FILE
def tell(sale: str, file: Path) -> None:
    """Tell what happened to SALE that no shop or gateway tells: the facts in FILE, a JSON object with “facts”."""
    from tieout.app.acting import Fact

    facts = _noun(list[Fact], read_object(file).get("facts"), str(file))
    with opened() as app:
        made = app.tell_sale(sale, *facts, actor=actor())
    say(f"{len(facts)} facts are told; {made} entries came of it.")


@sellers_group.command("act")
@_FILE
def act(file: Path) -> None:
    """Do what FILE says to a seller's balance or for a buyer; over the limit it waits for a second person."""
    from tieout.app.acting import Act

    wanted = _noun(Act, read_object(file), str(file))
    with opened() as app:
        row = app.act(wanted, actor=actor())
    say(f"Act {row.id} {'waits for a second person' if row.needs_second and row.approved is None else 'is booked'}.")


@sellers_group.command("decide")
@click.argument("number", type=int)
@click.option("--approve/--refuse", required=True, help="What you decide.")
@_REASON
def decide(number: int, approve: bool, reason: str) -> None:
    """Approve or refuse an act somebody else asked for; approved, it is booked."""
    with opened() as app:
        app.decide_act(number, approve=approve, reason=reason, actor=actor())
    say(f"Act {number} is {'approved and booked' if approve else 'refused'}.")


def _state(row: "ActRow") -> str:
    if not row.needs_second:
        return "booked"
    return {None: "waits", True: "approved", False: "refused"}[row.approved]


@sellers_group.command("acts")
@click.option("--waiting", is_flag=True, help="Only those that wait for a second person.")
@format_option
def acts(waiting: bool, output: str) -> None:
    """List what was done to sellers' balances, newest first."""
    columns = (
        Column("act", lambda row: row.id),
        Column("step", lambda row: row.act.step),
        Column("seller", lambda row: row.act.party),
        Column("amount", lambda row: decimal_text(row.act.amount_minor, row.act.currency)),
        Column("currency", lambda row: row.act.currency),
        Column("reason", lambda row: row.act.reason.value),
        Column("asked by", lambda row: row.asked_by),
        Column("state", _state),
    )
    with opened() as app:
        show(app.act_list(waiting=waiting), columns, output)
