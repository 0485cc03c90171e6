"""Worked examples of other parties, with the figures they expect, through the calls anyone can make.

They are not ours to ship: the folder named by TIEOUT_TEST_CASES, or one that lies beside the checkout, holds
`marketplace.json`. Where it is missing, the examples of our own (test_quote.py and the rest) speak for themselves.
"""

import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.settlement.orders import MARKET, TEN
from tests.settlement.scenario import order_to_return
from tieout.app.settlement import quote
from tieout.model.account import Role
from tieout.model.bucket import Bucket, Hold, HoldReason, ReserveBase, ReservePlan
from tieout.model.money import decimal_text, display, to_minor
from tieout.model.payout import Instruction, PaymentFile, PayoutLine, PayoutState, PayoutTerms, PayoutVerdict
from tieout.model.seller import PayoutAccount, Seller
from tieout.settlement.allocate import allocate, allocate_with_minimum, draw, webster
from tieout.settlement.bucket import held_by_reason, in_force, payable, release, running
from tieout.settlement.calendar import is_ach_day
from tieout.settlement.forecast import forecast
from tieout.settlement.journal import captured
from tieout.settlement.nacha import Originator, nacha
from tieout.settlement.payout import compose, free, moved, net_of_fees
from tieout.settlement.provider import invoice, split_legs, transfers
from tieout.settlement.statement import Movement, bridge, rows_of, statement
from tieout.settlement.taxpack import Quarter, dac7, form_1099k_gross

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(os.environ.get("TIEOUT_TEST_CASES", ROOT.parent / "shared" / "cases")) / "marketplace.json"
CASES = {case["id"]: case for case in json.loads(FILE.read_text("utf-8"), parse_float=Decimal)} if FILE.exists() else {}
pytestmark = pytest.mark.skipif(not CASES, reason="no worked examples beside the checkout")

Check = Callable[[dict[str, Any], dict[str, Any]], None]
CHECKS: dict[str, Check] = {}
A = {"A": 10000}


def example(name: str) -> Callable[[Check], Check]:
    def keep(check: Check) -> Check:
        CHECKS[name] = check
        return check

    return keep


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_example_passes_to_the_cent(name: str) -> None:
    assert name in CHECKS, f"nothing checks {name}: {CASES[name]['title']}"
    CHECKS[name](CASES[name]["inputs"], CASES[name]["expected"])


def minor(text: str, currency: str = "USD") -> int:
    return to_minor(text, currency)


def all_minor(texts: list[str], currency: str = "USD") -> list[int]:
    return [to_minor(text, currency) for text in texts]


def rule(**fields: Any) -> dict[str, Any]:
    return {"commission": [{"id": "r", **fields}]}


def one(price: str, rules: dict[str, Any], currency: str = "USD", quantity: int = 1, **order: Any) -> Any:
    """The split of a seller's one line."""
    line = {"line": 1, "unit_price": price, "quantity": quantity, "owners": A}
    return quote({"currency": currency, "lines": [line], **order}, rules)


@example("W01")
def percentage(given, expected):
    split = one(given["unit_price"], rule(percent=given["rate_pct"]), quantity=given["quantity"])
    assert split.totals.commission_minor == minor(expected["commission"])


@example("W02")
def flat_per_unit(given, expected):
    rules = rule(fixed={"USD": given["flat_per_unit"]})
    assert one(given["unit_price"], rules, quantity=3).totals.commission_minor == minor(expected["commission"])
    lines = [{"line": n, "unit_price": given["unit_price"], "owners": A} for n in (1, 2, 3)]
    three = quote({"currency": "USD", "lines": lines}, rules)
    assert three.totals.commission_minor == minor(expected["commission_if_sold_as_three_lines_of_one"])


@example("W04")
def base_net_of_contained_vat(given, expected):
    split = one(given["price_incl_vat"], rule(percent=given["rate_pct"], base=given["base"]),
                taxes=[{"amount": given["vat_in_price"], "included": True}])  # fmt: skip
    assert split.totals.commission_minor == minor(expected["commission"])


@example("W06")
def base_after_discounts(given, expected):
    rules = rule(percent=given["rate_pct"])
    found = [one(given["price"], rules, discounts=[{"amount": amount}]) for amount in given["discounts"]]
    assert [split.totals.commission_minor for split in found] == all_minor(expected["commission"])


@example("W07")
def floor_and_cap(given, expected):
    found = [
        one(
            given["price"],
            rule(
                percent=r["rate_pct"],
                **({"minimum": r["min"]} if "min" in r else {}),
                **({"maximum": r["max"]} if "max" in r else {}),
            ),
        )
        for r in given["rules"]
    ]
    assert [split.totals.commission_minor for split in found] == all_minor(expected["commission"])


@example("W08")
def bounds_per_currency(given, expected):
    sale = given["sale"]
    found = [
        one(
            sale["price"],
            rule(percent=given["rate_pct"], maximum={c: b["max"] for c, b in bounds.items()}),
            sale["currency"],
        )
        for bounds in given["bounds"]
    ]
    assert {split.currency for split in found} == {expected["currency"]}
    assert [split.totals.commission_minor for split in found] == all_minor(expected["commission"])


@example("W09")
@example("W10")
def vat_on_the_fee(given, expected):
    split = one(given["price"], rule(percent=given["rate_pct"], vat_percent=given["fee_vat_pct"]), given["currency"])
    fee, vat = split.totals.commission_minor, split.totals.fee_tax_minor
    assert (fee, vat, fee + vat) == tuple(all_minor([expected["commission"], expected["fee_vat"], expected["total"]]))
    assert split.totals.sellers_minor == {"A": minor(given["price"]) - fee - vat}


@example("W13")
def first_match_wins(given, expected):
    def when(condition: str) -> dict[str, str]:
        return {} if condition == "any" else dict([condition.split(" = ")])

    rules = [
        {"id": str(n), "when": when(r["if"]), "percent": r["rate_pct"]} for n, r in enumerate(given["rules_in_order"])
    ]
    lines = [
        {
            "line": n,
            "unit_price": "100.00",
            "owners": {line["seller"] or "nobody in particular": 10000},
            "facts": {k: line[k] for k in ("product", "category")},
        }
        for n, line in enumerate(given["lines"])
    ]
    split = quote({"currency": "USD", "lines": lines}, {"commission": rules})
    assert [fee.percent for fee in split.fees] == [Decimal(rate) for rate in expected["rate_pct"]]


@example("W15")
def twice_is_once(given, expected):
    line = {"line": 1, "unit_price": given["item"], "shipping": given["shipping"], "owners": A}
    order = {"currency": given["currency"], "lines": [line]}
    runs = [quote(order, rule(percent=given["rate_pct"], with_shipping=True)) for _ in range(given["runs"])]
    assert runs[0] == runs[1]
    commission = [leg for leg in runs[1].legs if leg.kind == "commission"]
    assert (len(commission), [leg.part for leg in commission]) == (expected["commission_lines"], ["goods", "shipping"])
    assert sum(leg.amount_minor for leg in commission) == minor(expected["commission_total"])


@example("W16")
def percentage_and_fixed(given, expected):
    rules = rule(percent=Decimal(given["basis_points"]) / 100, fixed=decimal_text(given["fixed_minor"], "USD"))
    found = [one(decimal_text(amount, "USD"), rules) for amount in given["amounts_minor"]]
    assert [split.totals.commission_minor for split in found] == expected["fee_minor"]


@example("W18")
def base_with_tax_and_a_fee_for_foreign_cards(given, expected):
    rules = rule(
        percent=Decimal(given["basis_points"]) / 100, fixed=decimal_text(given["fixed_minor"], "USD"), base="gross"
    )
    international = {
        "id": "i",
        "when": {"card": "foreign"},
        "percent": Decimal(given["foreign_card_basis_points"]) / 100,
    }
    rules["fees"] = {"international": [{**international, "base": "gross"}]}
    order: dict[str, Any] = {"taxes": [{"amount": decimal_text(given["tax_minor"], "USD")}]}
    foreign = one(decimal_text(given["amount_minor"], "USD"), rules, facts={"card": "foreign"}, **order).totals
    assert foreign.commission_minor == expected["payment_fee_minor"]
    assert foreign.fees_minor == expected["international_fee_minor"]
    assert (
        one(decimal_text(given["amount_minor"], "USD"), rules, facts={"card": "home"}, **order).totals.fees_minor == 0
    )


def two_lines(given, recipient, **order):
    lines = [
        {"line": n["line"], "unit_price": n["unit_price"], "quantity": n["quantity"], "owners": A}
        for n in given["lines"]
    ]
    asked = {"currency": given["currency"], "lines": lines, "shipping": given["shipping"], "shipping_to": recipient}
    return quote(asked | order, rule(percent=given["rate_pct"])).totals


@example("W20")
def shipping_to_either(given, expected):
    found = [two_lines(given, recipient) for recipient in given["shipping_recipient"]]
    assert {totals.buyer_minor for totals in found} == {minor(expected["order_total"])}
    assert [totals.platform_minor for totals in found] == all_minor(expected["platform"])
    assert [totals.sellers_minor["A"] for totals in found] == all_minor(expected["seller"])


def coupon(given):
    funded = given["coupon"]["funded_by"]
    parts = {"platform": "100"} if funded == "platform" else {k.removesuffix("_pct"): v for k, v in funded.items()}
    kind = (
        {"percent": given["coupon"]["pct"]} if "pct" in given["coupon"] else {"per_unit": given["coupon"]["per_unit"]}
    )
    return {**kind, "lines": given["coupon"]["lines"], "funded_by": parts}


@example("W21")
@example("W23")
@example("W24")
def coupon_by_who_funds_it(given, expected):
    totals = two_lines(given, given["shipping_recipient"], discounts=[coupon(given)])
    assert totals.buyer_minor == minor(expected["buyer_pays"])
    net = totals.commission_minor + totals.discounts_minor
    assert net == minor(expected.get("net_commission_excl_shipping") or expected["net_commission"])
    seller = totals.sellers_minor["A"]
    assert seller == minor(expected.get("seller") or expected["seller_incl_shipping"])
    if "platform_part" in expected:
        assert -totals.discounts_minor == minor(expected["platform_part"])
        assert 5500 - totals.buyer_minor + totals.discounts_minor == minor(expected["seller_part"])
    if "seller_excl_shipping" in expected:
        assert seller - minor(given["shipping"]) == minor(expected["seller_excl_shipping"])


@example("W25")
def two_parties(given, expected):
    totals = one(given["total"], rule(percent=given["platform_pct"])).totals
    assert totals.commission_minor == minor(expected["platform"])
    assert totals.sellers_minor["A"] == minor(expected["seller"])


@example("W30")
def partial_refund(given, expected):
    for n, amount in enumerate(given["refunds"]):
        split = one(given["item_total"], rule(percent="20"), refunds=[{"amount": amount}])
        assert split.totals.sellers_minor["A"] == minor(given["seller"])
        assert -split.refunds[0].totals.sellers_minor["A"] == minor(expected["seller_back"][n])
        assert -split.refunds[0].totals.commission_minor == minor(expected["platform_back"][n])


@example("W31")
def refund_of_a_line_with_a_coupon(given, expected):
    lines = [
        {"line": 1, "unit_price": "5.00", "quantity": 3, "owners": A},
        {"line": 2, "unit_price": "10.00", "quantity": 2, "owners": A},
    ]
    order = {"currency": "USD", "lines": lines, "shipping": "20.00", "shipping_to": "platform",
             "discounts": [{"percent": "20", "lines": [1], "funded_by": "platform"}],
             "refunds": [{"lines": [{"line": 1, "amount": given["refund"]}]}]}  # fmt: skip
    split = quote(order, rule(percent="10"))
    first = [leg for leg in split.legs if leg.line == 1 and leg.part == "goods"]
    paid = {kind: sum(leg.amount_minor for leg in first if leg.kind in kinds) for kind, kinds in
            {"platform_net": ("commission", "discount"), "seller": ("seller",)}.items()}  # fmt: skip
    assert paid == {kind: minor(given["line1"][kind]) for kind in paid}
    back = split.refunds[0].totals
    platform, seller = -back.commission_minor - back.discounts_minor, -back.sellers_minor["A"]
    assert platform + seller == minor(expected["sum"])
    assert abs(platform - 100 * Fraction(expected["exact"]["platform_back"])) == Fraction(1, 2)
    assert abs(seller - 100 * Fraction(expected["exact"]["seller_back"])) == Fraction(1, 2)
    left = minor(given["order_before"]["platform_net"]) - platform, minor(given["order_before"]["seller"]) - seller
    assert sum(left) == minor(expected["left_sum"])
    assert split.left is not None
    assert split.left.sellers_minor["A"] == left[1]


@example("W32")
def no_rule_no_commission(given, expected):
    lines = [
        {"line": n, "unit_price": line["amount"], "owners": A, "facts": {"rate": line["rate_pct"] or "none"}}
        for n, line in enumerate(given["lines"])
    ]
    rules = [{"id": "r", "when": {"rate": "10"}, "percent": "10"}]
    totals = quote({"currency": "TRY", "lines": lines}, {"commission": rules}).totals
    assert (totals.commission_minor, totals.sellers_minor["A"]) == tuple(all_minor(list(expected.values())))


@example("W33")
def the_rate_of_the_capture(given, expected):
    rates = [capture["rate_pct"] for capture in given["captures"]]
    rules = {
        "commission": [
            {"id": "old", "percent": rates[0], "valid_until": "2026-06-01"},
            {"id": "new", "percent": rates[1], "valid_from": "2026-06-01"},
        ]
    }
    first = one(given["captures"][0]["amount"], rules, "TRY", captured_at="2026-05-31T10:00:00Z",
                refunds=[{"amount": given["refund"]["amount"]}])  # fmt: skip
    second = one(given["captures"][1]["amount"], rules, "TRY", captured_at="2026-06-01T10:00:00Z")
    back = first.refunds[0].totals
    assert -back.commission_minor == minor(expected["commission_back"])
    assert -back.sellers_minor["A"] == minor(expected["seller_back"])
    assert first.left is not None
    assert sum(s.left.sellers_minor.get("A", 0) for s in (first, second)) == minor(expected["seller_left"])


@example("W35")
def fixed_fee_over_captures(given, expected):
    rules = rule(fixed={"TRY": given["fixed"]}, fixed_per="order")
    for n, captures in enumerate(given["captures"]):
        found = one(given["order"], rules, "TRY", captures=captures).captures
        assert [portion.totals.buyer_minor for portion in found] == all_minor(captures)
        assert sum(portion.totals.commission_minor for portion in found) == minor(expected["commission"][n])
        assert sum(portion.totals.sellers_minor["A"] for portion in found) == minor(expected["seller"][n])


@example("W38")
def the_fee_is_kept(given, expected):
    split = one(given["sale"], rule(fixed=given["fee"], kept_on_refund="all"), refunds=[{"amount": given["refund"]}])
    assert split.totals.sellers_minor["A"] == minor(expected["seller_credited"])
    assert split.left is not None
    assert split.left.sellers_minor["A"] == minor(expected["seller_balance"])
    assert split.left.commission_minor == minor(expected["platform_fee_kept"])


@example("W39")
def settled_in_another_currency(given, expected):
    refund = given["refund"]
    settled = {"settled": given["settled"]["amount"], "settled_currency": given["settled"]["currency"]}
    split = one(refund["net"], {}, refund["currency"], refunds=[settled],
                taxes=[{"amount": refund["tax"], "collector": "facilitator"}])  # fmt: skip
    (back,) = split.refunds
    assert (back.rate, back.settled_currency) == (expected["rate"], expected["currency"])
    assert back.settled is not None
    assert back.settled.sellers_minor["A"] == minor(expected["net"])
    assert back.settled.tax_minor == minor(expected["tax"])


@example("W51")
def largest_remainder(given, expected):
    found = [allocate(case["amount_minor"], case["weights"]) for case in given["cases"]]
    assert found == expected["parts_minor"]


@example("W52")
def signs(given, expected):
    assert allocate(given["sale_minor"], given["weights"]) == expected["sale_parts"]
    assert allocate(given["full_refund_minor"], given["weights"]) == expected["refund_parts"]


@example("W53")
def half_a_refund(given, expected):
    assert draw(given["refund_minor"], given["shares_minor"])[0] == expected["parts_minor"]


@example("W54")
def the_alabama_paradox(given, expected):
    left, drawn = given["shares_minor"], []
    for refund in given["refunds_minor"]:
        parts, left = draw(refund, left)
        drawn.append(parts)
    assert drawn == expected["remaining_share_lrm"]
    sums = [0, given["refunds_minor"][0], sum(given["refunds_minor"])]
    targets = [webster(total, given["shares_minor"]) for total in sums]
    assert [[b - a for a, b in zip(*two, strict=True)] for two in pairwise(targets)] == expected["cumulative_webster"]


@example("W56")
def no_floats(given, expected):
    rules = rule(percent=given["rate_pct"])
    assert one(decimal_text(given["total_minor"], "USD"), rules).totals.commission_minor == expected["commission_minor"]


@example("W58")
def a_minimum_per_recipient(given, expected):
    shares = {name: minor(share) for name, share in given["shares"].items()}
    found = allocate_with_minimum(minor(given["available"]), shares, minor(given["minimum_per_recipient"]))
    assert found == {name: minor(part) for name, part in expected["parts"].items()}


@example("W64")
def tax_split_to_the_platform(given, expected):
    for variant, sums in expected["transfer_minor"].items():
        for split_tax, transfer in zip(given["tax_split_to_platform"], sums, strict=True):
            included = variant == "tax included in price"
            taxes = [
                {"amount": given["sales_tax"], "of": "goods", "included": included,
                 "collector": "facilitator" if split_tax else "seller"},
                {"amount": given["shipping_tax"], "of": "shipping", "included": included},
            ]  # fmt: skip
            dropped = {"no tax": (0, 1), "no sales tax": (0,), "no shipping tax": (1,)}.get(variant, ())
            line = {"line": 1, "unit_price": given["items"], "owners": A,
                    "taxes": [tax for n, tax in enumerate(taxes) if n not in dropped]}  # fmt: skip
            rules = {} if variant == "no commission" else rule(fixed={"EUR": given["commission"]})
            totals = quote({"currency": "EUR", "lines": [line]}, rules).totals
            assert totals.sellers_minor["A"] == transfer, (variant, split_tax)


@example("W85")
def an_affiliate_bears_its_part_of_the_fees(given, expected):
    def fee(of):
        return [{"id": of, "percent": given[of]["pct"], "fixed": decimal_text(given[of]["fixed_minor"], "USD")}]

    rules = {"commission": fee("platform_fee"), "fees": {"card": fee("card_fee")}}
    for n, sale in enumerate(given["sales"]):
        points = int(sale["affiliate_pct"]) * 100
        owned = {"listing": "x", "valid_from": "2026-01-01T00:00:00Z", "shares": [
            {"party": "seller", "basis_points": 10000 - points},
            {"party": "affiliate", "basis_points": points, "rounds_down": True}]}  # fmt: skip
        line = {"line": 1, "unit_price": decimal_text(sale["price_minor"], "USD"), "listing": "x"}
        totals = quote({"currency": "USD", "lines": [line]}, rules, [owned]).totals
        assert totals.commission_minor == expected["platform_minor"][n]
        assert totals.fees_minor == expected["card_minor"][n]
        assert totals.sellers_minor == {
            "affiliate": expected["affiliate_minor"][n],
            "seller": expected["seller_minor"][n],
        }


@example("W86")
def order_ledger(given, expected):
    line = {"line": 1, "unit_price": "180.00", "owners": A, "shipping": given["shipping"]}
    rules = rule(fixed=given["platform"]) | {"gateway_fee": {"id": "g", "fixed": given["processing_cost"]}}
    split = quote({"currency": "USD", "lines": [line]}, rules)
    assert split.totals.buyer_minor == minor(given["paid"]) == minor(expected["sum_owed"])
    assert split.gateway_fee_minor == minor(expected["processing_expense"])
    assert split.totals.buyer_minor - split.gateway_fee_minor == minor(expected["cash_after_processing"])
    sellers = {leg.part.value: leg.amount_minor for leg in split.legs if leg.kind == "seller"}
    owed = {"seller": sellers["goods"], "shipping": sellers["shipping"], "platform": split.totals.platform_minor}
    assert owed == {name: minor(amount) for name, amount in expected["owed"].items()}


@example("W89")
def the_platforms_coupon_on_the_full_price(given, expected):
    discount = {"percent": given["coupon_pct"], "funded_by": given["funded_by"]}
    rules = rule(percent=100 - Decimal(given["seller_share_pct"]))
    totals = one(given["price"], rules, discounts=[discount]).totals
    found = (totals.buyer_minor, totals.sellers_minor["A"], totals.platform_minor)
    assert found == tuple(minor(expected[name]) for name in ("buyer_pays", "seller", "platform"))


@example("W91")
def a_coupon_without_commission(given, expected):
    for n, funder in enumerate(given["funded_by"]):
        totals = one(given["price"], {}, discounts=[{"amount": given["coupon"], "funded_by": funder}]).totals
        assert totals.buyer_minor == minor(expected["buyer_pays"])
        assert totals.sellers_minor["A"] == minor(expected["seller"][n])
        assert totals.platform_minor == minor(expected["platform"][n])


@example("W92")
def shown_is_withdrawable(given, expected):
    balance = one(given["price"], rule(percent=given["commission_pct"])).totals.sellers_minor["A"]
    assert decimal_text(balance, "USD") == expected["balance"] == expected["withdrawable"]
    assert display(balance, "USD") == "1,129.50"


#: What the examples call an account -> the role it has here, and whether a seller's name follows.
ACCOUNTS = {
    "PSP clearing": Role.GATEWAY, "Platform-funded discounts": Role.PLATFORM_DISCOUNTS,
    "Commission": Role.COMMISSION_INCOME, "Shipping revenue": Role.SHIPPING_INCOME,
    "Sales tax payable": Role.TAX_PAYABLE, "PSP fees": Role.GATEWAY_FEES, "Bank": Role.BANK,
    "Disputes receivable": Role.DISPUTED, "Dispute fees": Role.DISPUTE_FEES,
    "Dispute-fee recovery": Role.DISPUTE_FEE_RECOVERY, "Payouts in transit": Role.SELLER_IN_TRANSIT,
    "Seller pending": Role.SELLER_PENDING, "Seller available": Role.SELLER_AVAILABLE,
    "Seller reserve": Role.SELLER_RESERVE, "Dispute hold": Role.SELLER_DISPUTE_HOLD,
}  # fmt: skip
BUCKETS = {"Seller pending", "Seller available", "Seller reserve", "Dispute hold"}


def account_of(name: str) -> tuple[Role, str | None]:
    stem, _, party = name.rpartition(" ")
    return (ACCOUNTS[stem], party) if stem in BUCKETS else (ACCOUNTS[name], None)


def whole_order(given: dict[str, Any]) -> Any:
    """A whole order as the examples describe it, with what comes back of it."""
    lines = [
        {
            "line": line["line"],
            "quantity": line["quantity"],
            "unit_price": line["unit_price"],
            "owners": line["entitlement_bps"],
            "shipping": line["shipping"],
            "shipping_to": line["shipping_recipient"],
        }
        for line in given["lines"]
    ]
    order = {
        "currency": given["currency"],
        "lines": lines,
        "discounts": [{"percent": given["coupon"]["pct"], "funded_by": given["coupon"]["funded_by"]}],
        "taxes": [{"percent": given["tax"]["pct"], "collector": "facilitator"}],
        "refunds": [{"lines": [{"line": 1, "quantity": 1}]}, {"lines": [{"line": 2, "of": "line"}]}],
    }
    rules = rule(percent=given["commission"]["pct"])
    if "psp_fee" in given:
        rules["gateway_fee"] = {"id": "psp", "percent": given["psp_fee"]["pct"], "fixed": given["psp_fee"]["fixed"]}
    return quote(order, rules)


def sums_of(postings: Any) -> dict[tuple[Role, str | None], int]:
    sums: dict[tuple[Role, str | None], int] = {}
    for posting in postings:
        party = posting.party if posting.role is not Role.SELLER_IN_TRANSIT else None
        sums[posting.role, party] = sums.get((posting.role, party), 0) + posting.amount_minor
    return sums


def journal_of(expected: dict[str, Any]) -> dict[tuple[Role, str | None], int]:
    debits = {account_of(name): minor(amount) for name, amount in expected["debit"].items()}
    return debits | {account_of(name): -minor(amount) for name, amount in expected["credit"].items()}


@example("W93")
def a_whole_order(given, expected):
    fee, reserve = minor(given["dispute_fee"]), given["rolling_reserve"]
    assert reserve["party"] == "A"
    told = [postings for _, _, postings in order_to_return(whole_order(given), fee, reserve["pct"])]
    assert len(told) == len(given["events"])
    assert [sums_of(postings) for postings in told] == [journal_of(journal) for journal in expected["journals"]]
    balances = sums_of(posting for postings in told for posting in postings)
    wanted = {
        account_of(name): 0 if isinstance(side, str) else minor(side.get("debit", "0")) - minor(side.get("credit", "0"))
        for name, side in expected["balances"].items()
    }
    assert balances == wanted
    assert sum(balances.values()) == minor(expected["trial_sum"])


@example("W94")
def the_same_with_a_coupon_of_the_sellers(given, expected):
    split = whole_order(given)
    assert split.totals.buyer_minor == minor(expected["buyer_pays"])
    (journal,) = expected["journals"]
    assert sums_of(captured(split.legs, split.tenders_minor)) == journal_of(journal)


@example("W63")
def three_sub_balances(given, expected):
    names = ("received", "reserved", "balance")
    moves = [{name: event.get(name, 0) for name in names} for event in given["events"]]
    assert running(moves) == expected["after_each"]
    assert -moves[0]["received"] == given["payout_minor"]


@example("W75")
def the_sum_of_named_causes(given, expected):
    reasons = {"chargeback": HoldReason.DISPUTE, "open claim": HoldReason.CLAIM}
    day = date(2026, 10, 1)
    holds = [Hold("A", reasons[cause], day, "eva", "it is over", minor(a)) for cause, a in given["causes"].items()]
    found = held_by_reason(in_force(holds, "A", day))
    assert found == {reasons[cause]: minor(amount) for cause, amount in given["causes"].items()}
    assert sum(found.values()) == minor(expected["account_level_reserve"])


@example("W76")
def a_reserve_of_the_whole(given, expected):
    split = one(
        given["item"], rule(fixed=given["seller_fees"]), taxes=[{"amount": given["tax"], "collector": "facilitator"}]
    )
    net = split.totals.sellers_minor["A"]
    assert net == minor(expected["seller_net_before_reserve"])
    plan = ReservePlan(percent=Decimal(given["reserve_pct_of_total"]), base=ReserveBase.TOTAL)
    freed = release(net, split.totals.buyer_minor, plan, 0, date(2026, 10, 1))
    assert (freed.reserve_minor, freed.available_minor) == (minor(expected["reserve"]), minor(expected["available"]))


@example("W79")
def a_minimum_stays(given, expected):
    assert payable(minor(given["available"]), minor(given["minimum_balance"])) == minor(expected["payout"])


@example("W37")
def a_refund_after_the_payout_is_a_debt(given, expected):
    lines = [
        {"line": n, "unit_price": line["amount"], "owners": A, "facts": {"rate": line["rate_pct"] or "none"}}
        for n, line in enumerate(given["lines"])
    ]
    rules = {"commission": [{"id": "r", "when": {"rate": "10"}, "percent": "10"}]}
    split = quote({"currency": "TRY", "lines": lines, "refunds": [{"amount": given["refund"]}]}, rules)
    earned, back = split.totals.sellers_minor["A"], split.refunds[0].totals
    assert earned == minor(expected["seller_earned"]) == minor(given["paid_out"])
    assert -back.commission_minor == minor(expected["commission_back"])
    assert -back.sellers_minor["A"] == minor(expected["seller_back"])
    open_lines = [
        PayoutLine("sale", earned, "sales"),
        PayoutLine("payout", -minor(given["paid_out"]), "payout"),
        PayoutLine("refund", back.sellers_minor["A"], "refund"),
    ]
    assert sum(line.amount_minor for line in open_lines) == minor(expected["seller_balance"])
    made = compose(Seller("A", "A", "TRY"), open_lines, [], date(2026, 10, 1), name="po")
    assert (made.amount_minor, made.verdict) == (minor(expected["next_payout"]), PayoutVerdict.OWES)


@example("W60")
def transfers_to_two_sellers(given, expected):
    charge, sums = given["charge_minor"], given["transfers_minor"]
    owners = dict(zip("XY", allocate(10000, sums), strict=True))
    line = {"line": 1, "unit_price": decimal_text(charge, "USD"), "owners": owners}
    fee = decimal_text(charge - sum(sums), "USD")
    sent = transfers(quote({"currency": given["currency"], "lines": [line]}, rule(fixed=fee)).totals)
    assert list(sent.to_sellers.values()) == sums
    assert sent.platform_keeps_minor == expected["platform_keeps_minor"]


@example("W62")
def split_payment(given, expected):
    seller, commission, fee = given["splits"]
    rules = rule(fixed=decimal_text(commission["amount_minor"], "USD"))
    line = {"line": 1, "unit_price": decimal_text(given["amount_minor"], "USD"), "owners": {"seller": 10000}}
    totals = quote({"currency": "USD", "lines": [line]}, rules).totals
    legs = split_legs(totals, fee_borne_by=expected["payment_fee_borne_by"])
    assert [(leg.account, leg.amount_minor) for leg in legs] == [
        (split["account"], split["amount_minor"]) for split in (seller, commission, fee)
    ]
    assert sum(leg.amount_minor or 0 for leg in legs) == expected["sum_of_legs_with_amount_minor"]
    assert totals.commission_minor == expected["commission_minor"]


@example("W66")
def a_billing_cycle(given, expected):
    items = {name: minor(given[name]) for name in ("subscription", "other_credits", "other_invoices")}
    made = invoice(minor(given["amount_to_pay_out"]), items)
    assert made.from_seller == expected["seller_to_operator_minor"]
    assert made.to_seller == expected["operator_to_seller_minor"]
    assert made.payout_minor == expected["payout_minor"]


@example("W70")
def a_held_payout_claims_the_balance(given, expected):
    balance, state, found = given["available_minor"], PayoutState.DRAFT, []
    for step in given["steps"]:
        to = {"request": PayoutState.PENDING_APPROVAL, "held": PayoutState.HELD, "cancel": PayoutState.CANCELED}
        state = moved(state, to[step.split()[0]])
        found.append(free(balance, {"po_1": (state, balance)}))
    assert found == expected["available_minor"]
    again = compose(payee("US"), [PayoutLine("l", found[-1], "sales")], [], date(2026, 10, 1), name="po")
    assert (again.amount_minor == balance) is expected["payable_again_at_once"]


def payee(country):
    return Seller("A", "Anna", "USD", country=country, account=PayoutAccount("Anna", routing="231380104", number="1"))


@example("W71")
def fees_inside_the_balance(given, expected):
    for n, payout in enumerate(given["payouts"]):
        terms = PayoutTerms(
            given["account_fee_minor_if_no_payout_in_30_days"],
            given["payout_fee"]["basis_points"],
            given["payout_fee"]["fixed_minor"],
            given["cross_border_basis_points"][payout["country"]],
        )
        made = net_of_fees(given["balance_minor"], terms, account_fee_due=not payout["paid_in_last_30_days"])
        assert made.account_fee_minor == expected["account_fee_minor"][n]
        assert made.cross_border_minor == expected["cross_border_minor"][n]
        assert made.payout_fee_minor == expected["payout_fee_minor"][n]
        assert made.net_minor == expected["net_minor"][n]
        assert sum(made) == given["balance_minor"]


@example("W78")
def a_holiday_on_a_saturday(given, expected):
    holiday, day = date.fromisoformat(given["holiday"]["date"]), date.fromisoformat(given["date"])
    assert (f"{holiday:%A}", f"{day:%A}") == (expected["holiday_weekday"], expected["date_weekday"])
    assert is_ach_day(day) is expected["ach_business_day"]
    assert not is_ach_day(holiday)


@example("W80")
def a_statement(given, expected):
    available, reserve = Bucket.AVAILABLE, Bucket.RESERVE
    kinds = ("sales", "shipping", "commission", "refund", "commission_back", "to_reserve", "payout")
    moves = [Movement(available, kind, minor(given[kind])) for kind in kinds]
    moves.append(Movement(reserve, "to_reserve", -minor(given["to_reserve"])))
    made = statement({available: minor(given["opening"])}, moves)
    assert made.closing == {
        available: minor(expected["closing_available"]),
        reserve: minor(expected["closing_reserve"]),
    }
    told = rows_of(quote(MARKET, TEN), "A")
    assert told == {name: minor(given[name]) for name in ("sales", "shipping", "commission")}


@example("W81")
def a_bridge(given, expected):
    first, second = ({name: minor(amount) for name, amount in given[p].items()} for p in ("P1", "P2"))
    assert (sum(first.values()), sum(second.values())) == (minor(expected["P1"]), minor(expected["P2"]))
    drivers = bridge(first, second)
    assert drivers == {name: minor(amount) for name, amount in expected["bridge"].items()}
    assert sum(drivers.values()) == minor(expected["bridge_sum"])


@example("W82")
def tax_reports(given, expected):
    quarters = {
        name: Quarter(minor(q["gross"], "SEK"), minor(q["fees"], "SEK"), 0, q["activities"])
        for name, q in given["quarters"].items()
    }
    figures = dac7(quarters)
    wanted = expected["dac7"]
    assert (figures["ConsQ1"], figures["FeesQ1"]) == (minor(wanted["ConsQ1"], "SEK"), minor(wanted["FeesQ1"], "SEK"))
    assert figures["NumbQ1"] == wanted["NumbQ1"]
    assert form_1099k_gross(quarters) == minor(expected["form_1099k_gross"], "SEK")


@example("W84")
def a_nacha_file(given, expected):
    (entry,) = given["entries"]
    account = PayoutAccount("Anna", routing=entry["routing"], number="744-5678-99")
    paid = Instruction("po-1", entry["amount_minor"], "USD", account, company=given["sec_code"] == "CCD")
    at = datetime(2026, 10, 1, 9, tzinfo=UTC)
    file = PaymentFile("run-1", at, date(2026, 10, 2), PayoutAccount("Market"), (paid,))
    records = nacha(file, Originator("121042882", "Bank", "121042882", "Market")).decode().splitlines()
    header, detail, control, end = records[1], records[2], records[3], records[4]
    assert (header[1:4], header[50:53], detail[1:3]) == (expected["service_class"], given["sec_code"], entry["code"])
    assert (int(control[4:10]), control[10:20]) == (expected["entry_addenda_count"], expected["entry_hash"])
    assert int(control[20:32]) == expected["total_debit_minor"]
    assert int(control[32:44]) == int(end[43:55]) == expected["total_credit_minor"]
    assert (int(end[1:7]), int(end[7:13])) == (given["batches"], expected["block_count"])
    assert records[5:] == ["9" * 94] * expected["filler_lines"]


@example("W88")
def a_forecast(given, expected):
    found = forecast([amount * 100 for amount in given["history"]], given["season_length"], given["season_length"])
    assert found is not None
    assert round(Decimal(found.growth.numerator) / found.growth.denominator, 4) == Decimal(expected["growth"])
    assert found.naive == [amount * 100 for amount in expected["seasonal_naive"]]
    assert found.scaled == [minor(amount) for amount in expected["scaled"]]
