"""A week of the small company's books, worked out by hand: what tests that only read look at.

Two orders are paid and paid out, one payout has arrived and one is on its way; a third order's charge is not settled
yet. The bank took 15.00 nobody can explain, and a refund waits for an order that nobody has sent.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct

from tests.app.house import bank_statement, charge, happened, open_house, order, push, refund, tell
from tests.connectors.camt import statements as camt
from tests.connectors.shopify import objects as shopify
from tests.connectors.stripe import objects as stripe
from tieout.app import Tieout

AS_OF = date(2026, 3, 6)
PAYOUTS = {1: "po_1March2026", 2: "po_2March2026"}
BASKET = (shopify.line("24.50", 2), shopify.line("20.00", 1, id=12, sku="LOEFFEL", vendor="Esche"))


class Month(Struct, frozen=True):
    """The open books, the delivery that told of each thing, and the id of everything by its key."""

    app: Tieout
    deliveries: Mapping[str, str]
    events: Mapping[str, str]
    entries: Mapping[str, str]

    def case(self, reason: str) -> str:
        """The id of the one open case of a reason."""
        (view,) = self.app.case_list(reason=reason)
        return view.id

    def match(self, pass_id: str, account: str, key: str = "") -> str:
        """The id of the one match of a pass on an account."""
        (found,) = [
            view.id
            for view in self.app.match_list()
            if (view.match.draft.pass_id, view.match.draft.account) == (pass_id, account)
            and key in view.match.draft.key
        ]
        return found

    def item(self, account: str) -> str:
        """The id of the one open item on an account."""
        (found,) = [view.id for view in self.app.items(account=account)]
        return found


def paid_out(number: int, amount: int, fee: int) -> dict[str, Any]:
    """The gateway's list of a payout: one charge and the payout itself."""
    net = amount - fee
    line = stripe.row(amount, fee, id=f"txn_{number}", source=f"ch_{number}")
    sent = stripe.row(
        -net, 0, id=f"txn_{number}9", source=PAYOUTS[number], type="payout", reporting_category="payout",
        created=stripe.AT + 3600,
    )  # fmt: skip
    return stripe.listing(line, sent)


def statement_of_the_week() -> bytes:
    """The first payout comes in, and 15.00 go out to nobody knows where."""
    arrived = camt.entry(
        "47.98", day="2026-03-05", reference="B1", details=camt.payment(remittance=["STRIPE PAYOUT po_1March2026"])
    )
    gone = camt.entry("15.00", "DBIT", day="2026-03-05", reference="B2")
    return bank_statement(arrived, gone, closing="32.98")


def live_through(url: str, home: Path) -> Month:
    """Opens the books, lets the week arrive, and reconciles at its end."""
    app = open_house(url, home)
    told = {
        "order 1088": tell(app, "shop", order(), "orders"),
        "order 1089": tell(app, "shop", {"order": shopify.order("69.00", *BASKET, id=1089, name="#1089")}, "orders"),
        "order 1090": tell(app, "shop", order(1090, "24.50", line_items=[shopify.line("24.50", 1)]), "orders"),
        "refund": tell(app, "shop", refund(1099), "refunds"),
    }
    for number, (of, amount) in enumerate([(1088, 4900), (1089, 6900), (1090, 2450)], start=1):
        told[f"ch_{number}"] = tell(app, "stripe", charge(of, amount, id=f"ch_{number}", payment_intent=f"pi_{number}"))
    told["po_1"] = tell(app, "stripe", paid_out(1, 4900, 102), "balance_transactions", payout=PAYOUTS[1])
    told["po_2"] = tell(app, "stripe", paid_out(2, 6900, 150), "balance_transactions", payout=PAYOUTS[2])
    told["order 1088 again"] = push(app, "shop", order(), "orders")
    deliveries = {name: receipt.delivery for name, receipt in told.items()}
    deliveries["statement"] = app.import_file("bank", statement_of_the_week(), name="week.xml").delivery
    app.reconcile(AS_OF)
    entries = {view.entry.draft.key: view.id for view in app.journal(limit=500)}
    return Month(app, deliveries, {key: view.id for key, view in happened(app).items()}, entries)
