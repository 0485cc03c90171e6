"""Edits and returns by an order's agreements: only the difference, and never what a refund tells as well."""

from typing import Any

import pytest

from tests.connectors.shopify.connector import only, parts, reading, reasons
from tests.connectors.shopify.objects import agreement, answer, money, sale, told_refund
from tieout.model.event import EventDraft, total_minor

EDIT, RETURN, REFUND = "OrderEditAgreement", "ReturnAgreement", "RefundAgreement"


def edited(*agreements: dict[str, Any], **changes: Any) -> list[EventDraft]:
    found = reading("agreements", answer(*agreements, **changes))
    assert found.objections == ()
    return list(found.events)


def test_an_edit_books_what_the_buyer_owes_more() -> None:
    draft = only("agreements", answer(agreement(EDIT, sale("PRODUCT", "12.90", "2.06"))))
    assert (draft.key, draft.kind.value) == ("shop:agreement:91", "order_edited")
    assert draft.references == ("order:1088", "order_name:#1088")
    assert draft.requires == ("shop:order:1088:placed",)
    assert draft.occurred_at.isoformat() == "2026-03-04T10:01:30+00:00"
    assert parts(draft) == [("item", 1084), ("tax/item", 206)]
    assert total_minor(draft.components) == 1290
    assert {(part.seller, part.currency) for part in draft.components} == {("Birke", "EUR")}


@pytest.mark.parametrize(
    ("line_type", "kind", "of"),
    [
        ("PRODUCT", "item", "item"),
        ("GIFT_CARD", "gift_card_sold", "item"),
        ("SHIPPING", "shipping", "shipping"),
        ("TIP", "tip", "item"),
        ("DUTY", "duty", "item"),
        ("FEE", "fee_charged", "item"),
        ("ADDITIONAL_FEE", "fee_charged", "item"),
        ("ADJUSTMENT", "adjustment", "item"),
    ],
)
def test_every_line_type_has_its_kind(line_type: str, kind: str, of: str) -> None:
    (more,) = edited(agreement(EDIT, sale(line_type, "11.90", "1.90")))
    assert parts(more) == [(kind, 1000), (f"tax/{of}", 190)]
    (less,) = edited(agreement(EDIT, sale(line_type, "-11.90", "-1.90", -1)))
    assert parts(less) == [(kind, -1000), (f"tax/{of}", -190)]


def test_agreements_of_placing_and_refunding_are_told_elsewhere() -> None:
    found = reading("agreements", answer(agreement("OrderAgreement", sale("PRODUCT", "9", "0")), agreement(REFUND)))
    assert found.events == ()
    assert found.notes == (
        "What was agreed when the order was placed is booked from orders/create.",
        "What was agreed for a refund is booked from refunds/create.",
    )


def test_an_edit_that_nets_to_nothing_keeps_both_sides() -> None:
    (draft,) = edited(agreement(EDIT, sale("PRODUCT", "-12.90", "-2.06", -1), sale("PRODUCT", "12.90", "2.06", 1, 12)))
    assert total_minor(draft.components) == 0
    assert parts(draft) == [("item", -1084), ("item", 1084), ("tax/item", -206), ("tax/item", 206)]


def test_a_removal_that_is_a_refund_too_is_booked_from_the_refund() -> None:
    removal, addition = sale("PRODUCT", "-23.25", "-3.71", -1), sale("PRODUCT", "12.90", "2.06", 1, 12)
    (draft,) = edited(agreement(EDIT, removal, addition), refunds=[told_refund(51, (11, 1))])
    assert parts(draft) == [("item", 1084), ("tax/item", 206)]
    found = reading("agreements", answer(agreement(EDIT, removal), refunds=[told_refund(51, (11, 1))]))
    assert found.events == ()
    assert found.notes == (
        "All that this edit or return takes away stands in a refund too, and the refund is the record.",
    )


@pytest.mark.parametrize(
    "refunds",
    [[], [told_refund(51, (12, 1))], [told_refund(51, (11, 2))]],
    ids=["none", "another line", "another number of pieces"],
)
def test_a_removal_that_no_refund_tells_is_booked_from_the_edit(refunds: list[dict[str, Any]]) -> None:
    (draft,) = edited(agreement(EDIT, sale("PRODUCT", "-23.25", "-3.71", -1)), refunds=refunds)
    assert total_minor(draft.components) == -2325


def test_two_equal_removals_need_two_refunds() -> None:
    twice = [
        agreement(EDIT, sale("PRODUCT", "-10.00", "0.00", -1), number=n, happenedAt=f"2026-03-0{n}T08:00:00Z")
        for n in (4, 5)
    ]
    assert [d.key for d in edited(*twice, refunds=[told_refund(51, (11, 1))])] == ["shop:agreement:5"]
    assert [d.key for d in edited(*reversed(twice), refunds=[told_refund(51, (11, 1))])] == ["shop:agreement:5"]
    assert edited(*twice, refunds=[told_refund(51, (11, 1)), told_refund(52, (11, 1))]) == []


def test_a_refund_with_an_agreement_of_its_own_hides_no_edit() -> None:
    removal = agreement(EDIT, sale("PRODUCT", "-10.00", "0.00", -1))
    own = agreement(REFUND, sale("PRODUCT", "-10.00", "0.00", -1), number=92, refund={"id": "gid://shopify/Refund/51"})
    (draft,) = edited(removal, own, refunds=[told_refund(51, (11, 1))])
    assert (draft.key, total_minor(draft.components)) == ("shop:agreement:91", -1000)


def test_a_return_that_was_refunded_leaves_what_was_exchanged() -> None:
    exchange = agreement(RETURN, sale("PRODUCT", "-49.90", "-7.97", -1), sale("PRODUCT", "55.00", "8.78", 1, 12))
    (draft,) = edited(exchange, refunds=[told_refund(51, (11, 1))])
    assert total_minor(draft.components) == 5500


def test_connections_are_read_as_nodes_or_edges() -> None:
    one = agreement(EDIT, sale("PRODUCT", "12.90", "2.06"))
    one["sales"] = {"edges": [{"node": node} for node in one["sales"]["nodes"]]}
    (draft,) = edited(agreements={"edges": [{"node": one}]})
    assert total_minor(draft.components) == 1290
    whole = {"data": {"orders": {"nodes": [answer(one)["data"]["order"], {"id": "gid://shopify/Order/2"}]}}}
    assert only("agreements", whole).key == "shop:agreement:91"


def test_an_older_answer_without_types_is_read_by_its_reason() -> None:
    one = agreement(EDIT, sale("PRODUCT", "12.90", "2.06"), __typename=None, reason="ORDER_EDIT")
    assert [draft.key for draft in edited(one)] == ["shop:agreement:91"]


def test_taxes_that_do_not_come_to_the_tax_are_one_tax() -> None:
    part = {"amount": money("1.00"), "taxLine": {"title": "State", "channelLiable": True}}
    (draft,) = edited(agreement(EDIT, sale("PRODUCT", "12.90", "2.06", taxes=[part])))
    assert parts(draft) == [("item", 1084), ("tax/item", 206)]
    (draft,) = edited(agreement(EDIT, sale("PRODUCT", "12.90", "1.00", taxes=[part])))
    assert parts(draft) == [("item", 1190), ("facilitator_tax/item", 100)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (answer(agreement(EDIT, sale("UNKNOWN", "4.00", "0.00"))), "code_unknown"),
        (answer(agreement("SubscriptionAgreement", sale("PRODUCT", "4.00", "0.00"))), "code_unknown"),
        (answer(agreement(EDIT, sales={"nodes": [], "pageInfo": {"hasNextPage": True}})), "field_missing"),
        (answer(agreement(EDIT, sale("PRODUCT", "4.00", "0.00", totalAmount=None))), "field_missing"),
        (answer(agreement(EDIT, sale("PRODUCT", "4.00", "0.00"), id=None)), "field_missing"),
        (answer(agreement(EDIT, sale("PRODUCT", "4.00", "0.00"), happenedAt=None)), "field_missing"),
    ],
)
def test_an_agreement_that_cannot_be_booked_stops(body: dict[str, Any], reason: str) -> None:
    assert reasons("agreements", body) == [reason]
