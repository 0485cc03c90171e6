"""What a match leaves over within its rule's limit goes to the account the rule names, by an entry of the match."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from tieout.app.accepting import reversal_on_its_day
from tieout.app.context import LedgerContext
from tieout.db.pool import Connection
from tieout.ledger import store as ledger
from tieout.ledger.correction import Terms
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import ConfigError
from tieout.model.ids import IdKind, public_id
from tieout.model.match import Allocation, MatchDraft
from tieout.model.rate import CARRIED, implied_rates, rate_text
from tieout.posting.exchange import part_of
from tieout.reconciliation import store as reconciliation
from tieout.reconciliation.engine import Group
from tieout.reconciliation.reconcile import WriteResidual
from tieout.reconciliation.store import ItemRow


def residual_writer(connection: Connection, context: LedgerContext) -> WriteResidual:
    """A function that books the residual of a match on the day its last item came, and says which item that made."""

    def write(group: Group, rows: Sequence[ItemRow]) -> tuple[int, Allocation]:
        (posted,) = ledger.post(connection, context.id, [_entry(context, group, rows)], context.accounts)
        (made,) = reconciliation.project_entry(connection, context.id, posted.entry_id)
        return posted.entry_id, Allocation(made.item.id, made.item.open_minor)

    return write


def _entry(context: LedgerContext, group: Group, rows: Sequence[ItemRow]) -> EntryDraft:
    """The entry of a residual. In a foreign currency it is worth its share of the payout it is missing from."""
    rule = group.pass_.write_off
    assert rule is not None
    account = context.accounts.get(rule.account)
    if account is None or account.clearing:
        raise ConfigError(
            f"“{rule.account}” is not an account that a difference can be written off to", where=group.pass_.id,
            remedy="Name an account that is not itself a clearing account.",
        )  # fmt: skip
    base, residual = context.entity.base_currency, group.residual_minor
    side = [row.item for row in rows if (row.item.open_minor > 0) is (residual > 0)]
    worth = part_of(sum(i.open_base_minor for i in side), residual, sum(i.open_minor for i in side))
    first = rows[0].item
    lines = (
        Line(first.account, group.currency, -residual, -worth, item=group.key),
        Line(account.code, group.currency, residual, worth),
    )
    day = max(row.item.effective_date for row in rows)
    booked = context.open_day(day, {line.account for line in lines})
    numbers = "+".join(str(a.item_id) for a in group.allocations)
    return EntryDraft(
        key=f"residual/{numbers}",
        effective_date=booked,
        occurred_at=datetime.combine(day, time(12), tzinfo=UTC),
        lines=lines,
        memo=f"Difference of {group.key}",
        rule_id=f"match.{group.pass_.id}",
        rule_version=group.pass_.version,
        why=rule.reason,
        late=booked != day,
        rate=rate_text(implied_rates(lines, base, CARRIED, day)),
    )


def take_write_off_back(
    connection: Connection, context: LedgerContext, match_id: int, reason: str, actor: str, today: date
) -> None:
    """Reverses the entry a match caused, and ties what it had made to what takes it back."""
    (match,) = reconciliation.matches(connection, context.id, [match_id])
    if match.draft.entry_id is None:
        return
    terms = Terms(today, datetime.now(UTC), reason, actor)
    draft = reversal_on_its_day(connection, context, match.draft.entry_id, terms)
    (posted,) = ledger.post(connection, context.id, [draft], context.accounts)
    made = [i for _, i in reconciliation.items_of_entries(connection, context.id, [match.draft.entry_id])]
    rows = [
        *reconciliation.open_items(connection, context.id, ids=made),
        *reconciliation.project_entry(connection, context.id, posted.entry_id),
    ]
    tied = MatchDraft(
        match.draft.account, match.draft.currency, "person", 1, match.draft.key,
        tuple(Allocation(row.item.id, row.item.open_minor) for row in rows),
        f"{public_id(IdKind.MATCH, match_id)} was taken back, and with it what it wrote off.", {"by": "a person"},
    )  # fmt: skip
    reconciliation.record_matches(connection, context.id, [(rows[0].account_id, tied)], None, actor)
