"""Rows of Stripe's balance, made alike: whatever the API version, and whether `source` is an id or the object.

Each row gets these fields beside Stripe's own:

    category        reporting_category, or what Stripe's table makes of `type` where an old version lacks it
    source_id       the id of `source`
    charge_id       refund_id: the same, where the row is about one
    aggregate       what the row belongs to
    fee_details     always there, and always adding up to `fee`; each with its `role`: fee, tax (on the fee) or
                    withheld (the buyer's tax, kept back to be remitted: no cost)
    converted       amount and currency the buyer's charge or refund had, where that is another currency
    problem         a reason to hold the row, and problem_detail the sentence for it
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tieout.connectors import dicts

#: `type` -> `reporting_category`, for old API versions that lack the latter.
#: Source: https://docs.stripe.com/reports/reporting-categories
_CATEGORY_OF_TYPE = {
    "charge": "charge",
    "payment": "charge",
    "payment_failure_refund": "charge_failure",
    "payment_refund": "refund",
    "payment_network_reserve_hold": "risk_reserved_funds",
    "payment_network_reserve_release": "risk_reserved_funds",
    "payout": "payout",
    "payout_cancel": "payout_reversal",
    "payout_failure": "payout_reversal",
    "refund": "refund",
    "refund_failure": "refund_failure",
    "reserve_hold": "risk_reserved_funds",
    "reserve_release": "risk_reserved_funds",
    "reserve_transaction": "risk_reserved_funds",
    "reserved_funds": "risk_reserved_funds",
    "stripe_fee": "fee",
    "stripe_fx_fee": "fee",
    "tax_fee": "tax",
    "topup": "topup",
    "topup_reversal": "topup_reversal",
}
#: What each part of a fee is. Source: https://docs.stripe.com/api/balance_transactions/object (fee_details.type).
_ROLE_OF_FEE = {
    "application_fee": "fee",
    "payment_method_passthrough_fee": "fee",
    "stripe_fee": "fee",
    "tax": "tax",
    "withheld_tax": "withheld",
}
#: Rows about a sale, from which tax can be withheld and to which it can be given back.
_OF_SALES = ("charge", "refund", "partial_capture_reversal", "refund_failure", "dispute", "dispute_reversal")
#: Rows whose other side was booked in the currency of the buyer, so that a conversion has two legs.
_CONVERTING = ("charge", "refund", "partial_capture_reversal", "refund_failure")
_PUSH_EXPANDED = "Push the list again with expand[]=data.source, which names the amount before the conversion."


def row(given: dict[str, Any], *, of_dispute: bool = False) -> dict[str, Any]:
    """A balance transaction with the fields above. `of_dispute` tells that it stood inside a dispute."""
    source = given.get("source")
    expanded = source if isinstance(source, dict) else None
    source_id = expanded.get("id") if expanded else source
    category = _category(given, source_id, of_dispute=of_dispute)
    made = given | {
        "category": category,
        "source_id": source_id,
        "charge_id": _charge_of(category, source_id, expanded),
        "refund_id": source_id if category in ("refund", "refund_failure") else None,
        "fee_details": _fee_details(given, category),
    }
    if made["category"] == "partial_capture_reversal" and made["charge_id"] is None:
        made["refund_id"] = source_id
    made["aggregate"] = _aggregate(made)
    problem = _arithmetic(made)
    if problem is None and category in _CONVERTING:
        made["converted"], problem = _conversion(given, category, expanded)
    if problem is not None:
        made["problem"], made["problem_detail"] = problem
    return made


def composition(rows: Sequence[Mapping[str, Any]], payout: str | None) -> list[dict[str, Any]]:
    """What a list says a payout consists of: one element, or none where it says nothing.

    The door's `payout` parameter names the payout. Without it a list is taken for a composition only if it proves
    it: there is exactly one payout in it, and the other rows come to exactly its amount.
    """
    payouts = [r for r in rows if r.get("category") == "payout"]
    if payout is None:
        nets = [net for r in rows if isinstance(net := r.get("net"), int)]
        if len(payouts) != 1 or len(rows) < 2 or len(nets) != len(rows) or sum(nets) != 0:
            return []
        payout = payouts[0].get("source_id")
    if not rows or not payout:
        return []
    times = [r["created"] for r in rows if isinstance(r.get("created"), int)]
    made: dict[str, Any] = {
        "payout_id": payout,
        "first": rows[0].get("id"),
        "count": len(rows),
        "at": max(times, default=None),
        "rows": [{"id": r.get("id")} for r in rows],
    }
    strangers = [str(r.get("source_id")) for r in payouts if r.get("source_id") != payout]
    if strangers:
        made["problem"] = "payout_composition_mismatch"
        made["problem_detail"] = f"The list is said to be that of {payout} and carries {', '.join(strangers)}."
    return [made]


def _category(given: Mapping[str, Any], source_id: Any, *, of_dispute: bool) -> str:
    amount, kind = given.get("amount"), str(given.get("type") or "")
    category = str(given.get("reporting_category") or "")
    category = category or _category_of_type(kind, amount, source_id, of_dispute=of_dispute)
    if amount == 0 and given.get("fee") == 0 and given.get("net") == 0:
        return "nil"
    balance = given.get("balance_type") or "payments"
    # Other balances (reserved, issuing, prefunding) are pots of their own; only that of payments is booked here.
    return category if balance == "payments" else f"{balance}:{category}"


def _category_of_type(kind: str, amount: Any, source_id: Any, *, of_dispute: bool) -> str:
    if kind != "adjustment":
        return _CATEGORY_OF_TYPE.get(kind, kind)
    rising = isinstance(amount, int) and amount > 0
    source = source_id if isinstance(source_id, str) else ""
    if of_dispute or source.startswith(("dp_", "du_")):
        return "dispute_reversal" if rising else "dispute"
    if rising and source.startswith(("re_", "pyr_")):
        return "refund_failure"
    return "other_adjustment"


def _charge_of(category: str, source_id: Any, expanded: Mapping[str, Any] | None) -> Any:
    """The charge a row is about. Only a capture's reversal looks inside its source: its refund is no refund."""
    if category == "charge":
        return source_id
    if isinstance(source_id, str) and source_id.startswith(("ch_", "py_")):
        return source_id
    if category == "partial_capture_reversal" and expanded is not None:
        charge = expanded.get("charge")
        return charge.get("id") if isinstance(charge, dict) else charge
    return None


def _aggregate(made: Mapping[str, Any]) -> str:
    for name in ("charge", "refund"):
        if made[f"{name}_id"]:
            return f"{name}:{made[f'{name}_id']}"
    return f"txn:{made.get('id')}"


def _fee_details(given: Mapping[str, Any], category: str) -> list[dict[str, Any]]:
    details = dicts(given.get("fee_details"))
    if not details and given.get("fee"):
        details = [{"amount": given["fee"], "currency": given.get("currency"), "type": "stripe_fee"}]
    return [detail | {"role": _role_of_fee(detail, category) or "fee"} for detail in details]


def _role_of_fee(detail: Mapping[str, Any], category: str) -> str | None:
    """What a part of a fee is, or None for a kind nobody knows and for tax withheld where nothing was sold."""
    role = _ROLE_OF_FEE.get(str(detail.get("type")))
    return None if role == "withheld" and category not in _OF_SALES else role


def _arithmetic(made: Mapping[str, Any]) -> tuple[str, str] | None:
    """The row's own arithmetic: amount − fee = net, and the fee is the sum of its parts."""
    amount, fee, net = (made.get(name) for name in ("amount", "fee", "net"))
    if not all(isinstance(n, int) and not isinstance(n, bool) for n in (amount, fee, net)):
        return "field_missing", "The row lacks one of amount, fee and net."
    assert isinstance(amount, int) and isinstance(fee, int) and isinstance(net, int)
    if amount - fee != net:
        return "net_mismatch", f"Amount {amount} less fee {fee} is {amount - fee}, and the row states {net}."
    parts = [d.get("amount") for d in made["fee_details"]]
    if not all(isinstance(p, int) for p in parts) or sum(parts) != fee:
        return "net_mismatch", f"The parts of the fee do not come to the fee of {fee}."
    if strange := [str(d.get("type")) for d in made["fee_details"] if _role_of_fee(d, made["category"]) is None]:
        return "code_unknown", f"A fee of the kind {', '.join(strange)} in a row of {made['category']} is not known."
    if strange := [str(d.get("currency")) for d in made["fee_details"] if d.get("currency") != made.get("currency")]:
        return "net_mismatch", f"The fee is in {', '.join(strange)}, and the row in {made.get('currency')}."
    return None


def _conversion(
    given: Mapping[str, Any], category: str, expanded: Mapping[str, Any] | None
) -> tuple[dict[str, Any] | None, tuple[str, str] | None]:
    """The leg in the buyer's currency. The exchange rate is a float, so both amounts are used and never the rate."""
    if expanded is None:
        return (None, None) if given.get("exchange_rate") is None else (None, ("field_missing", _PUSH_EXPANDED))
    currency = expanded.get("currency")
    if not isinstance(currency, str) or currency == given.get("currency"):
        return None, None
    amount = expanded.get("amount")
    if category == "charge" and expanded.get("amount_captured"):
        amount = expanded["amount_captured"]
    if not isinstance(amount, int):
        return None, ("field_missing", _PUSH_EXPANDED)
    return {"amount": amount, "currency": currency}, None
