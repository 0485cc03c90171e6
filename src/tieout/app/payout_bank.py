"""What the bank says of payouts: a debit that names one, or the file it was in, confirms it; a credit brings it back.

A bank line nobody recognises waits in suspense. One that names payouts which come to its amount, and no others, is
booked on to payouts in transit, where it ties with them; anything else stays an exception.
"""

from datetime import UTC, datetime

from tieout.app.booking import with_rate
from tieout.app.context import LedgerContext
from tieout.app.payout_sending import in_transit_account, settle
from tieout.db.pool import Connection
from tieout.ledger import store as ledger
from tieout.model.account import Role
from tieout.model.entry import EntryDraft, Line
from tieout.model.payout import Answer, Outcome, Payout
from tieout.settlement import attempts, payouts
from tieout.settlement.attempts import BankNews


def confirm(connection: Connection, context: LedgerContext) -> int:
    """Confirms what bank lines in suspense say of payouts; returns how many lines could be."""
    suspense = context.roles.account_for(Role.SUSPENSE, "")
    if suspense is None or context.roles.account_for(Role.SELLER_IN_TRANSIT, "") is None:
        return 0
    _, policy = payouts.policy(connection, context.id)
    done: set[int] = set()
    for news in attempts.bank_news(connection, context.id, context.accounts[suspense].id):
        if news.event_id in done:
            continue
        meant = payouts.taken(connection, context.id, news.payouts)
        paid = news.kind == "bank_debited"
        if not meant or sum(one.amount_minor for one in meant) != abs(news.amount_minor):
            continue
        done.add(news.event_id)
        _book(connection, context, news, meant, suspense)
        said = f"The bank booked it on {news.day} ({news.item})."
        for one in meant:
            answer = Answer(Outcome.PAID if paid else Outcome.RETURNED, "", "bank", said)
            settle(connection, context, one, answer, news.day, "tieout", policy)
    return len(done)


def _book(connection: Connection, context: LedgerContext, news: BankNews, meant: list[Payout], suspense: str) -> None:
    """Suspense → in transit, each payout by its name, at what the bank's line was worth in base currency."""
    own = context.entity.base_currency
    transit = in_transit_account(context)
    (entry,) = ledger.entries(connection, context.id, [news.entry_id])
    whole = next(line for line in entry.draft.lines if line.item == news.item)
    sign = 1 if whole.amount_minor > 0 else -1
    lines = [Line(suspense, news.currency, -whole.amount_minor, -whole.base_minor, whole.party, news.item)]
    rest = whole.base_minor
    for place, one in enumerate(meant, start=1):
        base = (
            sign * one.amount_minor
            if news.currency == own
            else whole.base_minor * one.amount_minor // abs(whole.amount_minor)
        )
        base = rest if place == len(meant) else base
        rest -= base
        lines.append(Line(transit, news.currency, sign * one.amount_minor, base, one.party, f"payout:{one.name}"))
    draft = EntryDraft(
        key=f"settlement/bank/{news.item}",
        effective_date=context.open_day(news.day, {suspense, transit}),
        occurred_at=datetime.combine(news.day, datetime.min.time(), UTC),
        lines=tuple(lines),
        memo=f"{'Paid' if sign > 0 else 'Came back'}: {', '.join(one.name for one in meant[:5])}"
        + (f" and {len(meant) - 5} more" if len(meant) > 5 else ""),
        rule_id="settlement.confirmed",
        rule_version=1,
        why="The bank's line names these payouts, and they come to its amount.",
    )
    ledger.post(connection, context.id, [with_rate(draft, own)], context.accounts)
