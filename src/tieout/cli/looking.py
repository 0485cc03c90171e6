"""Looking: what arrived, what it became, what is in the books, and why."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from tieout.cli.opening import opened
from tieout.cli.output import Column, format_option, limit_option, say, show, show_json
from tieout.model.error import NotFound
from tieout.model.event import total_minor
from tieout.model.ids import parse_id
from tieout.model.money import Money

if TYPE_CHECKING:
    from tieout.app.views import EntryView

_DAY = click.DateTime(["%Y-%m-%d"])


def _amount(components: Any) -> Money | None:
    return Money(total_minor(components), components[0].currency) if components else None


_EVENTS = (
    Column("event", lambda e: e.id),
    Column("happened", lambda e: e.draft.occurred_at),
    Column("source", lambda e: e.source),
    Column("kind", lambda e: e.draft.kind.value),
    Column("about", lambda e: e.draft.aggregate),
    Column("amount", lambda e: _amount(e.draft.components)),
    Column("currency", lambda e: e.draft.components[0].currency if e.draft.components else None),
    Column("state", lambda e: e.state),
    Column("waits for", lambda e: ", ".join(e.waits_for) or None),
    Column("entries", lambda e: ", ".join(e.entries) or None),
)


def _is_id(text: str) -> bool:
    try:
        parse_id(text)
    except NotFound:
        return False
    return True


@click.command("explain")
@click.argument("words", metavar="[payout] ID", nargs=-1, required=True)
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@click.option("--raw", is_flag=True, help="Print what a delivery (dlv_…) contains, instead of sentences about it.")
def explain_command(words: tuple[str, ...], output: str, raw: bool) -> None:
    """Say in a bookkeeper's words what ID is, why it is so, and what it waits for.

    ID is any id tieout shows, such as ent_12, or a number of the outside world: an order, charge or payout.
    """
    *kind, id = words
    if kind not in ([], ["payout"]):
        raise click.UsageError("Give one id")
    with opened() as app:
        if raw:
            click.echo(app.delivery(id).body)
            return
        found = [id] if _is_id(id) else [event.id for event in app.find(id)]
        if not found:
            raise NotFound(
                f"Nothing is known of “{id}”", where="id", remedy="Ids look like ent_12; references like po_… or #1001."
            )
        explanations = [app.explain(any_id) for any_id in found]
    if output == "json":
        show_json(explanations)
        return
    for number, explanation in enumerate(explanations):
        if number:
            click.echo()
        click.echo("\n".join((f"{explanation.id}  {explanation.title}", *explanation.sentences)))
    if len(found) > 1:
        say(f"{len(found)} events carry “{id}”.")


@click.command("trace")
@click.argument("id")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def trace_command(id: str, output: str) -> None:
    """Walk from ID to where it came from and to what became of it: delivery, event, entry, match, case.

    ID is any id tieout shows, such as ent_12, or a number of the outside world: an order, charge or payout.
    """
    with opened() as app:
        trace = app.trace(id)
    if output == "json":
        show_json(trace)
        return
    origins: dict[str, list[str]] = {}
    for edge in trace.edges:
        origins.setdefault(edge.later, []).append(f"{edge.earlier} {edge.relation} it")
    rows = [(node, origins.get(node.id, [])) for node in trace.nodes]
    columns = (
        Column("id", lambda row: row[0].id),
        Column("what", lambda row: row[0].title),
        Column("when", lambda row: row[0].happened_at or row[0].at),
        Column("amount", lambda row: _node_amount(row[0])),
        Column("currency", lambda row: row[0].currency),
        Column("how it came", lambda row: "; ".join(row[1]) or None),
    )
    show(rows, columns, "table")


def _node_amount(node: Any) -> Money | None:
    return None if node.amount_minor is None or node.currency is None else Money(node.amount_minor, node.currency)


def _once(column: Column) -> Column:
    """The column, shown only on the first line of an entry."""
    return Column(column.name, lambda row: column.cell(row) if row[1] is row[0].lines[0] else None)


_JOURNAL = (
    Column("entry", lambda row: row[0].id),
    Column("date", lambda row: row[0].entry.draft.effective_date),
    Column("account", lambda row: row[1].account),
    Column("name", lambda row: row[1].account_name),
    Column("debit", lambda row: Money(row[1].amount_minor, row[1].currency) if row[1].amount_minor > 0 else None),
    Column("credit", lambda row: Money(-row[1].amount_minor, row[1].currency) if row[1].amount_minor < 0 else None),
    Column("currency", lambda row: row[1].currency),
    Column("party", lambda row: row[1].party),
    Column("item", lambda row: row[1].item),
    Column("memo", lambda row: row[0].entry.draft.memo),
)
#: What all lines of an entry share. For people it stands on its first line.
_SHARED = ("entry", "date", "memo")


def _journal_columns(base: str, output: str, *, foreign: bool) -> list[Column]:
    """The journal's columns. With foreign lines, what each is worth in base currency, debit positive, too.

    An exchange difference is worth something in base currency alone, and stands nowhere else.
    """
    columns = list(_JOURNAL)
    if foreign:
        place = 1 + [column.name for column in columns].index("currency")
        columns.insert(place, Column(f"in {base}", lambda row: Money(row[1].base_minor, base)))
    return [_once(column) if output == "table" and column.name in _SHARED else column for column in columns]


def _lines(entries: "list[EntryView]") -> list[tuple[Any, Any]]:
    return [(entry, line) for entry in entries for line in entry.lines]


@click.command("journal")
@click.option("--account", help="Only entries that touch this account.")
@click.option("--since", type=_DAY, help="Only entries on this day and after.")
@click.option("--until", type=_DAY, help="Only entries up to this day.")
@click.option("--text", help="Only entries whose memo or key contains this.")
@click.option(
    "--late", is_flag=True, help="Only entries booked later than they happened, because their day was closed."
)
@limit_option
@format_option
def journal_command(
    account: str | None,
    since: datetime | None,
    until: datetime | None,
    text: str | None,
    late: bool,
    limit: int,
    output: str,
) -> None:
    """List entries with their lines, newest first."""
    filters = {
        "account": account,
        "since": since.date() if since else None,
        "until": until.date() if until else None,
        "text": text,
        "late": True if late else None,
    }
    with opened() as app:
        if account is not None and account not in {known.code for known in app.accounts()}:
            raise NotFound(
                f"There is no account “{account}”", where="account", remedy="List them with `tieout balances --all`."
            )
        entries, base = app.journal(limit=limit, **filters), app.entity().base_currency
    if output == "json":
        show_json(entries)
        return
    rows = _lines(entries)
    show(rows, _journal_columns(base, output, foreign=any(line.currency != base for _, line in rows)), output)


_BALANCES = (
    Column("account", lambda row: row[0].code),
    Column("name", lambda row: row[0].name),
    Column("type", lambda row: row[0].type, aside=True),
    Column("balance", lambda row: Money(row[2], row[1]) if row[1] else None),
    Column("currency", lambda row: row[1]),
)


@click.command("balances")
@click.option("--until", type=_DAY, help="Balances at the end of this day; all days if it is not given.")
@click.option("--all", "everything", is_flag=True, help="Accounts on which nothing ever stood, too.")
@format_option
def balances_command(until: datetime | None, everything: bool, output: str) -> None:
    """List what stands on each account, debit positive, per currency."""
    with opened() as app:
        accounts, base = app.accounts(until.date() if until else None), app.entity().base_currency
    if output == "json":
        show_json([account for account in accounts if account.balances or everything])
        return
    rows: list[tuple[Any, str | None, int]] = []
    for account in sorted(accounts, key=lambda a: a.code):
        rows += [(account, currency, amount) for currency, amount in sorted(account.balances.items())]
        if everything and not account.balances:
            rows.append((account, None, 0))
    worth = Column(f"in {base}", lambda row: Money(row[0].worth.get(row[1], 0), base) if row[1] else None)
    foreign = any(currency not in (None, base) for _, currency, _ in rows)
    show(rows, (*_BALANCES, worth) if foreign else _BALANCES, output)


_INBOX = (
    Column("delivery", lambda d: d.id),
    Column("received", lambda d: d.received_at),
    Column("source", lambda d: d.source),
    Column("door", lambda d: d.channel, aside=True),
    Column("topic", lambda d: d.topic),
    Column("verdict", lambda d: d.verdict),
    Column("why", lambda d: d.verdict_reason or None),
    Column("bytes", lambda d: d.size, aside=True),
    Column("work", lambda d: d.work or None),
)


@click.command("inbox")
@click.option("--source", help="Only what this source sent.")
@click.option("--verdict", type=click.Choice(["accepted", "repeated", "rejected"]), help="Only with this verdict.")
@limit_option
@format_option
def inbox_command(source: str | None, verdict: str | None, limit: int, output: str) -> None:
    """List what arrived, newest first: from whom, through which door, and the verdict on its signature."""
    with opened() as app:
        if source is not None and source not in {known.name for known in app.sources()}:
            raise NotFound(
                f"There is no source “{source}”", where="source", remedy="List them with `tieout source list`."
            )
        show(app.inbox(source=source, verdict=verdict, limit=limit), _INBOX, output)


@click.command("events")
@click.option("--state", type=click.Choice(["posted", "memo", "parked", "held"]), help="Only events in this state.")
@limit_option
@format_option
def events_command(state: str | None, limit: int, output: str) -> None:
    """List events, newest first: what happened to money, and where it stands."""
    with opened() as app:
        show(app.event_list(state=state, limit=limit), _EVENTS, output)
