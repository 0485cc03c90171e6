"""A marketplace that owes its sellers money: books for tests of payouts, and ways to look at them."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec

from tieout.app import Settings, Tieout
from tieout.model.entity import Actor
from tieout.model.entry import EntryDraft, Line
from tieout.model.payout import PayoutPolicy, Rail, RailKind
from tieout.model.seller import PayoutAccount, Seller
from tieout.settlement import sellers

ANNA, EVA, IDA = (Actor(name, "person") for name in ("anna", "eva", "ida"))
#: A Tuesday on which TARGET and the Federal Reserve work.
DAY = date(2026, 3, 3)
IBANS = {"birke": "DE89370400440532013000", "linde": "FR1420041010050500013M02606", "ahorn": "NL91ABNA0417164300"}
PLATFORM = PayoutAccount("Lindenhof GmbH", "DE02120300000000202051", "BYLADEM1001")
SEPA = Rail("bank", RailKind.SEPA, ("EUR",), PLATFORM)
POLICY = PayoutPolicy(rails=(SEPA,))


def open_market(url: str, home: Path, policy: PayoutPolicy = POLICY) -> Tieout:
    """Opens books with a bank and a payout policy; nobody sells yet."""
    app = Tieout.open(Settings(home=home, database_url=url), connections_max=6)
    app.init("Lindenhof GmbH", password="not-a-secret")
    app.add_source("bank", "camt")
    app.publish_payout_policy(policy, reason="first", actor=ANNA)
    return app


def seller_of(party: str = "birke", *, account: PayoutAccount | None = None, **profile: Any) -> Seller:
    """A seller, with an account at a bank if none is given."""
    found = account or PayoutAccount(party.title(), IBANS.get(party, IBANS["birke"]))
    seller = Seller(party, party.title(), profile.pop("currency", "EUR"), town="Köln", country="DE")
    return msgspec.structs.replace(seller, account=found, **profile)


def sell(app: Tieout, party: str = "birke", **profile: Any) -> None:
    """Somebody sells."""
    app.add_seller(seller_of(party, **profile), reason="new", actor=ANNA)


def sell_unchecked(app: Tieout, party: str = "birke", **profile: Any) -> None:
    """Somebody whose account nobody looked at: imported from elsewhere before there were checks."""
    seller = seller_of(party, **profile)
    assert seller.account is not None
    with app._books() as (connection, context):
        now = datetime(2026, 1, 1, tzinfo=UTC)
        sellers.add_version(connection, context.id, seller, 1, now, "anna", "new")
        sellers.add_account(connection, context.id, party, seller.account, now, "anna", "new")


def owe(app: Tieout, party: str, *amounts: int, currency: str = "EUR", base: int | None = None, mark: str = "") -> None:
    """What sales make payable to a seller: an entry each, credit positive, out of what is pending."""
    app.post(
        [
            EntryDraft(
                key=f"sale:{party}:{currency}:{mark}{place}", effective_date=DAY,
                occurred_at=datetime(2026, 3, 3, 9, tzinfo=UTC),
                lines=(
                    Line("2310", currency, amount, base or amount, party, f"order:{party}{mark}{place}"),
                    Line("2320", currency, -amount, -(base or amount), party, f"order:{party}{mark}{place}"),
                ),
                memo=f"Order {place} of {party}", rule_id="settlement.released", rule_version=1, why="Delivered.",
            )
            for place, amount in enumerate(amounts)
        ],
        actor=ANNA,
    )  # fmt: skip


def balance(app: Tieout, account: str, party: str | None = None) -> int:
    """What an account comes to, debit positive; of one party if it is named."""
    total = 0
    for view in app.journal(limit=500):
        for line in view.entry.draft.lines:
            if line.account == account and party in (None, line.party):
                total += line.amount_minor
    return total


def said(app: Tieout, run: int) -> dict[str, tuple[str, int, int]]:
    """Verdict, amount and carried of each seller a run looked at."""
    return {
        one.party: (one.verdict.value, one.amount_minor, one.carried_minor)
        for one in app.payout_run(f"run_{run}").decisions
    }


def way(app: Tieout, any_id: str) -> list[str]:
    """The states a payout went through."""
    return ["draft", *(step.to_state.value for step in app.payout(any_id).history)]
