"""Stripe's objects with the fields the connector reads, for tests; each test changes what it is about."""

from typing import Any

AT = 1_772_530_200  # 2026-03-03T09:30:00Z


def charge(**changes: Any) -> dict[str, Any]:
    return {
        "id": "ch_1",
        "object": "charge",
        "amount": 8450,
        "amount_captured": 8450,
        "captured": True,
        "created": AT,
        "currency": "eur",
        "metadata": {"order_id": "5120088"},
        "payment_intent": "pi_1",
        "payment_method_details": {"type": "card"},
        "status": "succeeded",
    } | changes


def refund(**changes: Any) -> dict[str, Any]:
    return {
        "id": "re_1",
        "object": "refund",
        "amount": 2500,
        "charge": "ch_1",
        "created": AT,
        "currency": "eur",
        "metadata": {},
        "payment_intent": "pi_1",
        "status": "succeeded",
    } | changes


def row(amount: int = 8450, fee: int = 182, /, **changes: Any) -> dict[str, Any]:
    details = [{"amount": fee, "currency": "eur", "description": "Stripe processing fees", "type": "stripe_fee"}]
    return {
        "id": "txn_1",
        "object": "balance_transaction",
        "amount": amount,
        "balance_type": "payments",
        "created": AT,
        "currency": "eur",
        "exchange_rate": None,
        "fee": fee,
        "fee_details": details if fee else [],
        "net": amount - fee,
        "reporting_category": "charge",
        "source": "ch_1",
        "type": "charge",
    } | changes


def withdrawal(**changes: Any) -> dict[str, Any]:
    return row(
        -8450,
        2000,
        **{"id": "txn_2", "reporting_category": "dispute", "type": "adjustment", "source": "dp_1"} | changes,
    )


def dispute(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": "dp_1",
        "object": "dispute",
        "amount": 8450,
        "balance_transactions": list(rows),
        "charge": "ch_1",
        "created": AT,
        "currency": "eur",
        "evidence_details": {"due_by": AT + 864_000},
        "payment_intent": "pi_1",
        "reason": "fraudulent",
        "status": "needs_response",
    } | changes


def listing(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"object": "list", "url": "/v1/balance_transactions", "has_more": False, "data": list(rows)}


def event(kind: str, thing: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": "evt_1",
        "object": "event",
        "api_version": "2026-06-24.dahlia",
        "created": AT + 60,
        "data": {"object": thing},
        "livemode": True,
        "type": kind,
    } | changes
