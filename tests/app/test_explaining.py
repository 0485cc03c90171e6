"""Any id in a bookkeeper's words."""

from datetime import date

import duckdb
import pytest

from tests.app.house import ANNA, bank_statement, charge, happened, order, push, refund, tell, the_case, work
from tests.connectors.camt import statements as camt
from tests.connectors.stripe import objects as stripe
from tieout.app import Tieout
from tieout.model.case import Action, Resolution
from tieout.model.error import SignatureRefused
from tieout.reconciliation.rule import standard_rules

AS_OF = date(2026, 3, 20)
RULE = "The charge reached the gateway's balance: gross, with the fee booked beside it and never netted."
RULES_HASH = standard_rules().hash
LABEL = "in the gateway's balance, paid out with the next payout"


def sentences(app: Tieout, any_id: str) -> list[str]:
    found = app.explain(any_id)
    assert found.id == any_id
    return [found.title, *found.sentences]


@pytest.fixture
def sale(app: Tieout) -> Tieout:
    """A sale that is paid and settled; the order and the capture tie out, the balance waits for its payout."""
    push(app, "shop", order(), "orders")
    push(app, "stripe", charge())
    push(app, "stripe", stripe.listing(stripe.row(4900, 102)))
    work(app)
    app.reconcile(date(2026, 3, 5))
    return app


def test_a_delivery(sale: Tieout) -> None:
    receipt = sale.inbox()[-1]
    title, *more = sentences(sale, receipt.id)
    assert title.startswith("“orders” from shop, received ")
    assert title.endswith(" UTC by objects.")
    assert more == ["It was accepted.", "Its 565 bytes are kept as received.", "It told of evt_1 (first)."]


def test_a_delivery_that_means_nothing_says_why(app: Tieout) -> None:
    receipt = tell(app, "stripe", charge(captured=False))
    assert sentences(app, receipt.delivery)[-1] == "The charge is only authorised; money moves when it is captured."
    again = push(app, "stripe", charge(captured=False))
    assert f"It was repeated: repeats {receipt.delivery}." in sentences(app, again.delivery)


def test_an_event_and_its_states(app: Tieout) -> None:
    tell(app, "shop", refund())
    event = happened(app)["shop:refund:51"].id
    assert sentences(app, event) == [
        "Order refunded: order:1088, 24.50 EUR.",
        "The shop accepted goods or shipping back and owes the buyer money. It happened 2026-03-03 09:12 UTC.",
        "It waits for shop:order:1088:placed; from 2026-03-06 on that is an exception.",
    ]
    tell(app, "shop", order(total="48.00"), "orders")
    held = happened(app)["shop:order:1088:placed"].id
    assert sentences(app, held)[-1] == (
        "It is held and not booked: The source states 48.00 EUR as “total_price”; the parts come to 49.00 EUR."
    )
    tell(app, "shop", order(), "orders")
    assert sentences(app, event)[-1] == "It is booked as ent_2."
    assert sentences(app, happened(app)["shop:tender:41"].id)[-1] == ("It moves no money and is kept for what it says.")


def test_an_entry_says_why_it_is_booked_so_and_what_became_of_it(sale: Tieout) -> None:
    assert sentences(sale, "ent_3") == [
        "Charge settled · charge:ch_1, booked on 2026-03-03.",
        f"Rule charge.settled@1: {RULE}",
        "Debit 1320.stripe Gateway balance: stripe 47.98 EUR.",
        "Debit 5000 Gateway fees 1.02 EUR.",
        "Credit 1310.stripe Captured, not settled: stripe 49.00 EUR.",
        "itm_4 on 1310.stripe (charge:ch_1) is tied by mat_2: Both sides name the same charge and come to zero.",
        f"itm_5 on 1320.stripe (txn:txn_1) is open with 47.98 EUR: {LABEL}, normal until 2026-03-10.",
    ]


def test_an_entry_before_any_run(app: Tieout) -> None:
    tell(app, "shop", order(), "orders")
    assert sentences(app, "ent_1")[-1] == "Credit 4000 Sales 49.00 EUR."


def test_an_item_a_match_and_a_run(sale: Tieout) -> None:
    assert sentences(sale, "itm_1") == [
        "49.00 EUR on 1200, order:1088, of 2026-03-03.",
        "It comes from ent_1.",
        "itm_1 on 1200 (order:1088) is tied by mat_1: Both sides name the same order and come to zero.",
    ]
    assert sentences(sale, "mat_1") == [
        "Ties 2 items on 1200 in EUR by order:1088.",
        "Both sides name the same order and come to zero. Pass item@1, by tieout.",
        "49.00 EUR of 2026-03-03, order placed (order:1088).",
        "−49.00 EUR of 2026-03-03, payment captured (order:1088).",
        f"Made by the matching rules as they come with the product ({RULES_HASH}), on duckdb {duckdb.__version__}.",
    ]
    title, looked, rules = sentences(sale, "run_1")
    assert title.startswith("A reconciliation as of 2026-03-05, finished ")
    assert looked == "It looked at 5 open items and tied them in 2 matches."
    assert rules.startswith("Rules ")
    assert "on duckdb" in rules


def test_a_case_with_its_whole_history(app: Tieout) -> None:
    app.import_file("bank", bank_statement(camt.entry("15.00", "DBIT"), closing="-15.00"))
    app.reconcile(AS_OF)
    case = the_case(app)
    meaning, sentence, state, opened = sentences(app, case.id)
    assert meaning == "bank_line_unknown: The bank booked an amount whose origin no rule recognises."
    assert sentence == case.case.draft.sentence
    assert state == ("State: open; money at risk: 15.00 EUR. Next: Say what it is: match it, or book it to an account.")
    assert opened.endswith(f"opened by tieout: {sentence}")
    assert f"is open with 15.00 EUR, exception {case.id}: {sentence} Next:" in sentences(app, "itm_1")[2]
    account = next(a.code for a in app.accounts() if a.role == "write_offs")
    app.resolve(case.id, Resolution(Action.BOOK, "Rent.", account=account), actor=ANNA)
    assert sentences(app, case.id)[-1].endswith("book by anna: Rent.")
    assert "is tied by mat_1: Rent." in sentences(app, "itm_1")[-1]


def test_an_event_that_was_replaced_says_by_what(app: Tieout) -> None:
    tell(app, "shop", order(total="48.00"), "orders")
    first = happened(app)["shop:order:1088:placed"].id
    tell(app, "shop", order(), "orders")
    second = happened(app)["shop:order:1088:placed"].id
    assert first != second
    assert sentences(app, first)[2:] == [
        "It was held; a sound telling of the same fact has taken its place.",
        "That one is booked as ent_1.",
    ]
    assert sentences(app, second)[2:] == ["It is booked as ent_1."]


def test_a_forged_delivery_names_no_topic(app: Tieout) -> None:
    with pytest.raises(SignatureRefused):
        app.receive_hook("shop", {}, b"{}")
    title, *more = sentences(app, app.inbox()[0].id)
    assert title.startswith("Something from shop, received ")
    assert title.endswith(" UTC by webhook.")
    assert more == [
        "It was rejected: the X-Shopify-Hmac-SHA256 header is missing.",
        "Its 2 bytes are kept as received.",
    ]


def test_a_match_that_was_taken_back_ties_nothing(sale: Tieout) -> None:
    sale.unmatch("mat_1", reason="The buyer meant another order.", actor=ANNA)
    assert sentences(sale, "itm_1")[2:] == [
        "itm_1 on 1200 (order:1088) was tied by mat_1, which mat_3 took back: The buyer meant another order.",
        "itm_1 on 1200 (order:1088) is open; no run has named it yet. Run `tieout reconcile`.",
        "1 more open under its name 1088; together they come to 0.00 EUR.",
        "Near: itm_2, −49.00 EUR of 2026-03-03; it has no difference.",
        "It would be tied by −49.00 EUR under the name 1088.",
        "Or by a person: `tieout proposals accept itm_1 itm_2 --why …`.",
    ]
