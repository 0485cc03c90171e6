"""Books in which sellers are owed: one order from its capture to a payout that came back, as entries in the ledger."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from tests.app.house import ANNA
from tests.settlement.orders import MARKET
from tests.settlement.scenario import SPLIT, drafts, order_to_return
from tieout.app import Tieout
from tieout.model.entry import EntryDraft, Line
from tieout.settlement.splits import record, split_rows

ORDER = "order:1001"
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
#: What the order's lines are of, for reports.
FACED = msgspec.structs.replace(
    MARKET,
    facts={"channel": "web"},
    lines=tuple(
        msgspec.structs.replace(line, facts={"category": category, "region": region})
        for line, category, region in zip(MARKET.lines, ("Ceramics", "Books"), ("DE", "FR"), strict=True)
    ),
)
_PAID = frozenset({"submitted", "confirmed", "came_back", "failed"})
_PROFILE = {"legal_name": "Ölmühle & Söhne", "currency": "EUR", "country": "DE", "payout_minimum_minor": 1000,
            "schedule": {"every": "week", "day": 5}}  # fmt: skip


def owed_by_order(draft: EntryDraft) -> EntryDraft:
    """The entry with its sellers' lines named after the order, or after the payout."""
    item = "payout:pay_1" if draft.rule_id.removeprefix("settlement.") in _PAID else ORDER
    lines = tuple(
        line if line.party is None or line.item else msgspec.structs.replace(line, item=item) for line in draft.lines
    )
    return msgspec.structs.replace(draft, lines=lines, rule_id=draft.rule_id)


def story(app: Tieout) -> None:
    """Posts the story of one order, in euro, a day each from 2026-10-01, and what its entries are made of."""
    made = [owed_by_order(draft) for draft in drafts(order_to_return(SPLIT)) if draft.lines]
    euro = [
        msgspec.structs.replace(
            draft, lines=tuple(msgspec.structs.replace(line, currency="EUR") for line in draft.lines)
        )
        for draft in made
    ]
    app.post(euro, actor=ANNA)
    refund, dispute = SPLIT.refunds
    with app._books() as (connection, context):
        rows = {
            "story:1": split_rows(SPLIT.legs, FACED),
            "story:5": split_rows((*refund.legs, *refund.kept), FACED),
            "story:8": split_rows((*dispute.legs, *dispute.kept), FACED),
        }
        record(connection, context.id, rows)


def profile(app: Tieout, party: str, **changes: Any) -> None:
    """Gives a seller a profile with an account at a bank."""
    content = {"party": party, **_PROFILE, **changes}
    account = {"holder": content["legal_name"], "iban": "DE89370400440532013000"}
    write(
        app,
        "insert into seller_version (ledger_id, party, version, valid_from, profile, changed_by, reason)"
        " values (1, %(party)s, 1, '2026-01-01Z', %(profile)s, 'anna', '')",
        party=party,
        profile=json.dumps(content),
    )
    write(
        app,
        "insert into seller_account (ledger_id, party, version, account, changed_by, reason, changed_at, payable_from)"
        " values (1, %(party)s, 1, %(account)s, 'anna', '', '2026-01-01Z', '2026-01-01Z')",
        party=party,
        account=json.dumps(account),
    )


def pay(app: Tieout, party: str, amount: int, lines: Mapping[str, int], day: date, to: str = "paid") -> str:
    """Makes a payout that settles available lines of these entries (key -> amount), and what became of it."""
    columns = {"party": party, "amount": amount, "keys": list(lines), "amounts": list(lines.values()), "day": day}
    number = write(
        app,
        """
        with p as (
          insert into payout (ledger_id, party, currency, amount_minor, rail, account, execute_on, end_to_end,
                              approvals_needed, made_by)
          values (1, %(party)s, 'EUR', %(amount)s, 'sepa', '{}', %(day)s, 'E' || md5(random()::text), 0, 'anna')
          returning id),
        s as (
          insert into payout_line (ledger_id, payout_id, entry_id, line_no, amount_minor)
          select 1, p.id, e.id, l.line_no, t.amount
            from p, unnest(%(keys)s::text[], %(amounts)s::bigint[]) t (key, amount)
            join entry e on e.ledger_id = 1 and e.idem_key = t.key
            join line l on l.ledger_id = 1 and l.entry_id = e.id and l.party = %(party)s
            join account a on a.ledger_id = 1 and a.id = l.account_id and a.role = 'seller_available')
        select id from p""",
        **columns,
    )
    ways = ["draft", "approved", "queued", "submitted", "paid", "returned"]
    for seq in range(1, ways.index(to) + 1):
        write(
            app,
            "insert into payout_history (ledger_id, payout_id, seq, from_state, to_state, actor)"
            " values (1, %(number)s, %(seq)s, %(before)s, %(after)s, 'anna')",
            number=number, seq=seq, before=ways[seq - 1], after=ways[seq],
        )  # fmt: skip
    return f"pay_{number}"


def write(app: Tieout, statement: str, **columns: Any) -> Any:
    """Writes to the tables by hand, as another part of the product would; the first value it returns."""
    with app.database.unit() as connection:
        cursor = connection.execute(statement, columns)
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def entry(
    key: str, day: date, *lines: tuple[str, int, str | None, str | None], rule: str, **changes: Any
) -> EntryDraft:
    """An entry of lines (account, debit positive, party, item)."""
    from tests.app.house import opening_balance

    made = tuple(Line(account, "EUR", amount, amount, party, item) for account, amount, party, item in lines)
    return opening_balance(key, lines=made, effective_date=day, rule_id=f"settlement.{rule}", **changes)
