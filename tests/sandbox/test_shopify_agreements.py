"""Agreements come to the order and its edits, with taxes and signs."""

from typing import Any

import pytest
from hypothesis import given

from tests.sandbox.test_trade import DOLLAR, EURO, order
from tests.sandbox.worlds import WORLDS, cents, demo, document, told
from tieout.sandbox.plan import compose
from tieout.sandbox.shopify_agreements import agreements_body
from tieout.sandbox.trade import Edit, Line, ReturnedLine, Shop
from tieout.sandbox.world import World


def total(agreement: Any) -> int:
    return sum(cents(sale["totalAmount"]["shopMoney"]["amount"]) for sale in agreement["sales"]["nodes"])


def nodes(body: Any) -> list[Any]:
    found: list[Any] = body["data"]["order"]["agreements"]["nodes"]
    return found


@given(world=WORLDS)
def test_agreements_come_to_the_order_and_its_edits(world: World) -> None:
    plan = compose(world)
    edits = {f"agreement:{edit.id}": edit for edit in plan.facts.edits}
    for emission in told(plan.emissions, "agreements"):
        first, *later = nodes(document(emission))
        (edit,) = (edits[name] for name in emission.about if name in edits)
        assert total(first) == edit.order.total_minor
        assert [total(agreement) for agreement in later] == [edit.delta_minor]
        assert later[0]["id"] == f"gid://shopify/OrderEditAgreement/{edit.id}"


@pytest.mark.parametrize(("shop", "taken", "added"), [(EURO, -2160, 2790), (DOLLAR, -2504, 2973)])
def test_an_edit_to_the_figure(shop: Shop, taken: int, added: int) -> None:
    """One of two mugs (taxes 600 and 89, halved and rounded down) goes, another book comes."""
    made = order(shop)
    mugs, book = made.lines
    edit = Edit(
        77,
        made,
        made.placed_at,
        (Line(15, book.product, 1, 2790, (), book.taxes),),
        (ReturnedLine(mugs, 1, 2160, 344),),
    )
    placed, edited = nodes(agreements_body(made, [edit]))
    assert (placed["__typename"], placed["reason"], total(placed)) == ("OrderAgreement", "ORDER", made.total_minor)
    assert [sale["lineType"] for sale in placed["sales"]["nodes"]] == ["PRODUCT", "PRODUCT", "SHIPPING", "TIP"]
    assert (edited["__typename"], edited["reason"]) == ("OrderEditAgreement", "ORDER_EDIT")
    new, gone = edited["sales"]["nodes"]
    assert (new["quantity"], cents(new["totalAmount"]["shopMoney"]["amount"])) == (1, added)
    assert (gone["quantity"], cents(gone["totalAmount"]["shopMoney"]["amount"])) == (-1, taken)
    assert gone["lineItem"]["vendor"] == "Tonwerk Ilmenau"
    assert [cents(tax["amount"]["shopMoney"]["amount"]) for tax in gone["taxes"]] == [-300, -44]
    assert cents(gone["totalTaxAmount"]["shopMoney"]["amount"]) == -344


def test_times_are_universal_and_the_tax_policy_is_said() -> None:
    emission = told(demo().emissions, "agreements", source="shop")[0]
    answer = document(emission)["data"]["order"]
    assert answer["taxesIncluded"] is True
    assert all(agreement["happenedAt"].endswith("Z") for agreement in nodes(document(emission)))
    assert emission.parameters == {"topic": "agreements"}
