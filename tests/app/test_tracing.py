"""From any id to where it came from and what became of it, one step each way, both ways."""

from datetime import date

import pytest

from tests.app.house import (
    ANNA,
    bank_statement,
    charge,
    entries,
    happened,
    order,
    push,
    refund,
    tell,
    the_case,
    work,
)
from tests.connectors.camt import statements as camt
from tests.connectors.stripe import objects as stripe
from tieout.app import Tieout
from tieout.model.case import Action, Resolution
from tieout.model.error import NotFound, SignatureRefused
from tieout.model.ids import IdKind
from tieout.model.trace import Trace

AS_OF = date(2026, 3, 20)


@pytest.fixture
def chain(app: Tieout) -> dict[str, str]:
    """One sale all the way to the bank; the ids by what they are."""
    ids = {
        "order": push(app, "shop", order(), "orders").delivery,
        "charge": push(app, "stripe", charge()).delivery,
    }
    paid = stripe.row(-4798, 0, id="txn_2", reporting_category="payout", type="payout", source="po_00000001")
    ids["rows"] = push(app, "stripe", stripe.listing(stripe.row(4900, 102), paid), payout="po_00000001").delivery
    work(app)
    deposit = camt.entry("47.98", more="<AddtlNtryInf>STRIPE PO_00000001</AddtlNtryInf>", day="2026-03-05")
    ids["statement"] = app.import_file("bank", bank_statement(deposit, closing="47.98")).delivery
    app.reconcile(AS_OF)
    assert app.case_list() == []
    return ids


def kinds(trace: Trace) -> list[str]:
    return [node.kind for node in trace.nodes]


def steps(trace: Trace) -> set[tuple[str, str, str]]:
    return {(edge.earlier, edge.relation, edge.later) for edge in trace.edges}


def titles(trace: Trace) -> list[str]:
    return [node.title for node in trace.nodes if node.kind == "entry"]


def test_a_sale_is_traced_to_the_bank_and_back(app: Tieout, chain: dict[str, str]) -> None:
    """The same five entries, whether one starts at the webhook, at any fact, entry or match, or at the bank line."""
    booked = entries(app)
    whole = {view.id for view in booked.values()}
    assert len(whole) == 5
    starts = [*chain.values(), *whole, *(view.id for view in happened(app).values() if view.state == "posted")]
    starts += [view.id for view in app.match_list()]
    starts += [f"itm_{item.id}" for view in app.match_list() for item in view.items]
    for start in starts:
        found = app.trace(start)
        reached = {node.id for node in found.nodes if node.kind == "entry"}
        assert reached == whole, start
        assert set(chain.values()) <= {node.id for node in found.nodes}, start


def test_the_trace_is_in_the_order_of_the_flow(app: Tieout, chain: dict[str, str]) -> None:
    found = app.trace(chain["order"])
    times = [node.happened_at or node.at for node in found.nodes]
    assert times == sorted(times)
    assert found.start == chain["order"]
    assert {node.kind for node in found.nodes} == {"delivery", "event", "entry", "match"}
    assert kinds(found).count("match") == 4


def test_every_step_is_one_step_and_says_what_it_is(app: Tieout, chain: dict[str, str]) -> None:
    found = app.trace(chain["order"])
    event = happened(app)["shop:order:1088:placed"]
    (entry,) = event.entries
    match = next(view for view in app.match_list() if view.match.draft.key == "order:1088")
    assert (chain["order"], "told of", event.id) in steps(found)
    assert (event.id, "was booked as", entry) in steps(found)
    assert (entry, "is tied by", match.id) in steps(found)
    assert {relation for _, relation, _ in steps(found)} == {"told of", "was booked as", "is tied by"}
    known = {node.id for node in found.nodes}
    assert all(edge.earlier in known and edge.later in known for edge in found.edges)


def test_amounts_and_sentences_of_the_nodes(app: Tieout, chain: dict[str, str]) -> None:
    found = {node.id: node for node in app.trace(chain["order"]).nodes}
    event = happened(app)["shop:order:1088:placed"]
    assert (found[event.id].title, found[event.id].amount_minor) == ("Order placed · order:1088", 4900)
    entry = found[event.entries[0]]
    assert (entry.amount_minor, entry.currency, entry.title) == (4900, "EUR", "Order placed #1088 · order:1088")
    assert "by rule order.placed@1" in entry.detail
    delivery = found[chain["order"]]
    assert delivery.title == "shop · orders"
    assert delivery.detail.startswith("objects accepted, ")


def test_a_delivery_that_repeats_and_one_that_contradicts(app: Tieout) -> None:
    first = tell(app, "stripe", charge())
    again = tell(app, "stripe", stripe.event("charge.succeeded", charge()))
    other = tell(app, "stripe", charge(amount=5000))
    event = happened(app)["stripe:charge:ch_1:captured"].id
    case = the_case(app)
    assert steps(app.trace(event)) == {
        (first.delivery, "told of", event),
        (again.delivery, "told again of", event),
        (other.delivery, "told differently of", event),
        (event, "was booked as", "ent_1"),
        (event, "raised", case.id),
        (other.delivery, "raised", case.id),
    }
    for start in (first.delivery, again.delivery, other.delivery, case.id, "ent_1"):
        assert {event, case.id, "ent_1"} <= {node.id for node in app.trace(start).nodes}, start


def test_an_exception_leads_to_what_it_is_about_and_back(app: Tieout) -> None:
    receipt = tell(app, "shop", order(), "orders")
    app.reconcile(AS_OF)
    case = the_case(app)
    (entry,) = happened(app)["shop:order:1088:placed"].entries
    assert (entry, "raised", case.id) in steps(app.trace(case.id))
    for start in (receipt.delivery, "evt_1", entry, "itm_1", case.id):
        assert {node.id for node in app.trace(start).nodes} == {receipt.delivery, "evt_1", entry, case.id}, start
    node = next(node for node in app.trace(entry).nodes if node.id == case.id)
    assert (node.title, node.amount_minor, node.currency) == ("Order unpaid · open", 4900, "EUR")


def test_a_parked_event_and_an_objection_are_found_too(app: Tieout) -> None:
    waiting = tell(app, "shop", refund())
    odd = tell(app, "stripe", charge(id=None))
    event = happened(app)["shop:refund:51"].id
    assert {node.id for node in app.trace(event).nodes} == {waiting.delivery, event}
    case = the_case(app, "field_missing")
    assert steps(app.trace(case.id)) == {(odd.delivery, "raised", case.id)}
    assert steps(app.trace(odd.delivery)) == {(odd.delivery, "raised", case.id)}


def test_what_a_person_booked_stands_in_the_trace(app: Tieout) -> None:
    app.import_file("bank", bank_statement(camt.entry("15.00", "DBIT"), closing="-15.00"))
    app.reconcile(AS_OF)
    case = the_case(app)
    account = next(a.code for a in app.accounts() if a.role == "write_offs")
    app.resolve(case.id, Resolution(Action.BOOK, "Rent.", account=account), actor=ANNA)
    line, booked = "ent_1", "ent_2"
    for start in (line, booked, case.id, app.match_list()[0].id):
        found = {node.id for node in app.trace(start).nodes}
        assert {line, booked, app.match_list()[0].id} <= found, start


def test_a_gap_between_statements_leads_to_both(app: Tieout) -> None:
    """A case about two memos; it must not be a dead end."""
    first = app.import_file("bank", bank_statement(opening="0.00", closing="0.00", name="S1", day="2026-03-02"))
    second = app.import_file("bank", bank_statement(opening="7.00", closing="7.00", name="S2", day="2026-03-03"))
    app.reconcile(AS_OF)
    case = the_case(app)
    assert (case.case.draft.reason.value, case.case.draft.amount_minor) == ("statement_gap", 700)
    found = app.trace(case.id)
    assert {first.delivery, second.delivery, case.id} <= {node.id for node in found.nodes}
    assert case.id in {node.id for node in app.trace(second.delivery).nodes}


def test_a_rejected_delivery_leads_nowhere_but_exists(app: Tieout) -> None:
    with pytest.raises(SignatureRefused):
        app.receive_hook("stripe", {"stripe-signature": "t=1,v1=00"}, b"{}")
    (view,) = app.inbox(verdict="rejected")
    assert [node.id for node in app.trace(view.id).nodes] == [view.id]


@pytest.mark.usefixtures("chain")
def test_ids_are_read_as_people_write_them(app: Tieout) -> None:
    assert app.trace(" ENT_1 ").nodes == app.trace("ent_1").nodes
    assert app.trace("ent_001").nodes == app.trace("ent_1").nodes


@pytest.mark.parametrize("number", ["0", "999999", "999999999999999999"])
def test_an_id_that_does_not_exist_is_said_to_be_nothing(app: Tieout, number: str) -> None:
    for kind in IdKind:
        for look in (app.trace, app.explain):
            with pytest.raises(NotFound, match=f"There is nothing called “{kind}_{number}”"):
                look(f"{kind}_{number}")


WRONG = (
    "",
    "x",
    "ent",
    "ent_",
    "ent_x",
    "ent_-1",
    "ent_1.5",
    "txn_1",
    "ent_\uff11",
    "_1",
    "ent_99999999999999999999999999",
)


def test_what_is_no_id(app: Tieout) -> None:
    for wrong in WRONG:
        for look in (app.trace, app.explain):
            with pytest.raises(NotFound, match="is not an id"):
                look(wrong)


@pytest.mark.parametrize("reference", ["order:1088", "1088", "#1088", " 1088 "])
def test_a_reference_is_traced_from_all_that_carries_it(app: Tieout, chain: dict[str, str], reference: str) -> None:
    """What an order number leads to is what its own message leads to, and what else names it."""
    by_number, by_message = app.trace(reference), app.trace(chain["order"])
    assert by_number.start == reference.strip()
    assert {node.id for node in by_message.nodes} <= {node.id for node in by_number.nodes}
    assert "bank" in " ".join(titles(by_number)).lower()


def test_a_payout_is_traced_by_its_number(app: Tieout, chain: dict[str, str]) -> None:
    assert {node.id for node in app.trace("po_00000001").nodes} == {
        node.id for node in app.trace("payout:po_00000001").nodes
    }
    assert chain["rows"] in {node.id for node in app.trace("po_00000001").nodes}


def test_a_reference_nobody_carries_is_said_to_be_no_id(app: Tieout, chain: dict[str, str]) -> None:
    del chain
    with pytest.raises(NotFound, match="“order:9” is not an id"):
        app.trace("order:9")


def test_a_repeat_is_traced_to_what_the_first_one_did(app: Tieout, chain: dict[str, str]) -> None:
    again = push(app, "shop", order(), "orders").delivery
    assert app.delivery(again).verdict == "repeated"
    trace = app.trace(again)
    assert {node.id for node in trace.nodes} == {again, *(node.id for node in app.trace(chain["order"]).nodes)}
    assert (chain["order"], "came again as", again) in steps(trace)
