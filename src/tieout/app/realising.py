"""Exchange differences that matches realise: what came at one rate and was settled at another goes to its account.

Every match sums to zero in its own currency; what its items are worth in base currency need not. That rest would stand
on the clearing account for ever. So each run and each decision ends here, in its own unit of work.
"""

from collections.abc import Sequence
from datetime import date

import msgspec

from tieout.app.context import LedgerContext
from tieout.db.pool import Connection
from tieout.ledger import store as ledger
from tieout.model.entry import EntryDraft
from tieout.model.ids import IdKind, public_id
from tieout.posting.exchange import Difference, entry_of, moved, standard_currency_rules, turned
from tieout.reconciliation import store as reconciliation

_RULES = standard_currency_rules()


def realise(connection: Connection, context: LedgerContext, today: date) -> int:
    """Books the differences of all matches since the last time; returns how many entries that took.

    A match is booked on the day its last item came, a match taken back today; or on the first open day after. To be
    called by whoever has the turn (`reconciliation.take_turn`).
    """
    found = reconciliation.differences(connection, context.id)
    entries = _of_matches(context, [d for d in found if d.reverses_id is None])
    ledger.post(connection, context.id, entries, context.accounts)
    reversals = _of_reversals(connection, context, [d for d in found if d.reverses_id is not None], today)
    ledger.post(connection, context.id, reversals, context.accounts)
    reconciliation.move_realised(connection, context.id)
    return len(entries) + len(reversals)


def _of_matches(context: LedgerContext, found: Sequence[reconciliation.Difference]) -> list[EntryDraft]:
    entries = []
    for match in found:
        rule = _RULES.choose("fx.realised", match.day)
        lines = moved(Difference(match.account, match.currency, match.base_minor), rule, context.roles.account_for)
        memo = f"Exchange difference {match.key}"
        booked = context.open_day(match.day, {line.account for line in lines})
        entries.append(entry_of(_key(match.match_id), match.day, booked, lines, memo, rule))
    return entries


def _of_reversals(
    connection: Connection, context: LedgerContext, found: Sequence[reconciliation.Difference], today: date
) -> list[EntryDraft]:
    """Takes back what the matches taken back had realised, unless someone has reversed that entry already.

    A match and its reversal may both be new here; so what the match was booked as is asked for now, not before.
    """
    booked = dict(
        reconciliation.entries_of_matches(connection, context.id, [d.reverses_id for d in found if d.reverses_id])
    )
    entries = []
    for match in found:
        number = booked.get(match.reverses_id or 0)
        if number is None or match.undone:
            continue
        (entry,) = ledger.entries(connection, context.id, [number])
        rule = _RULES.choose("fx.realised", today)
        memo = f"Exchange difference taken back {match.key}"
        lines = turned(entry.draft.lines)
        day = context.open_day(today, {line.account for line in lines})
        draft = entry_of(_key(match.match_id), today, day, lines, memo, rule, match.why)
        entries.append(msgspec.structs.replace(draft, reverses_id=number))
    return entries


def _key(match_id: int) -> str:
    """No source's name has a slash in it, so no event has such a key."""
    return f"fx/{public_id(IdKind.MATCH, match_id)}"
