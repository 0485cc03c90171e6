"""Stripe's messages: webhook events and lists of balance transactions, in the shape of API 2026-06-24.dahlia.

Source of the rules: https://docs.stripe.com/api. Only fields Stripe has; amounts are whole minor units.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from tieout.sandbox.calendar import utc
from tieout.sandbox.dice import Dice
from tieout.sandbox.emission import Door, Emission, json_body
from tieout.sandbox.trail import Charge, Dispute, Gateway, GatewayRefund, Payout, Row, RowKind

API_VERSION = "2026-06-24.dahlia"

#: Row kind -> Stripe's `type` and `reporting_category`. The last is none that Stripe documents.
_CATEGORIES = {
    RowKind.CHARGE: ("charge", "charge"),
    RowKind.REFUND: ("refund", "refund"),
    RowKind.DISPUTE: ("adjustment", "dispute"),
    RowKind.DISPUTE_RETURN: ("adjustment", "dispute_reversal"),
    RowKind.FEE: ("stripe_fee", "fee"),
    RowKind.RESERVE_HOLD: ("reserve_hold", "risk_reserved_funds"),
    RowKind.RESERVE_RELEASE: ("reserve_release", "risk_reserved_funds"),
    RowKind.PAYOUT: ("payout", "payout"),
    RowKind.UNHEARD_OF: ("climate_levy", "climate_levy"),
}
_FEE_TEXTS = {
    RowKind.CHARGE: "Stripe processing fees",
    RowKind.DISPUTE: "Dispute fee",
    RowKind.DISPUTE_RETURN: "Dispute fee refund",
}


def unix(moment: datetime) -> int:
    """Unix seconds."""
    return int(moment.timestamp())


class StripeWire:
    """Tells of one gateway account. `rows` are all rows of the account by their id."""

    def __init__(self, gateway: Gateway, rows: Mapping[str, Row], seed: int) -> None:
        self._gateway = gateway
        self._rows = rows
        self._dice = Dice(seed, f"wire {gateway.source}")

    # -- events -------------------------------------------------------------------------------------------------

    def event(
        self,
        kind: str,
        thing: Mapping[str, Any],
        at: datetime,
        about: Sequence[str],
        previous: Mapping[str, Any] | None = None,
    ) -> Emission:
        """A webhook event about an object as it is at `at`, sent a moment later."""
        data: dict[str, Any] = {"object": thing}
        if previous is not None:
            data["previous_attributes"] = previous
        body = {
            "id": f"evt_3T{self._dice.token(22)}",
            "object": "event",
            "api_version": API_VERSION,
            "created": unix(at),
            "data": data,
            "livemode": True,
            "pending_webhooks": 1,
            "request": {"id": f"req_{self._dice.token(14)}", "idempotency_key": None},
            "type": kind,
        }
        return Emission(
            at=at + timedelta(milliseconds=400 + self._dice.below(2500)),
            source=self._gateway.source,
            connector="stripe",
            door=Door.HOOK,
            topic=kind,
            body=json_body(body),
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            },
            about=tuple(about),
        )

    def charge_events(self, charge: Charge) -> list[Emission]:
        """All that is told of a charge: declined; or made and captured at once; or authorised, then captured."""
        about = _about(charge)
        at = charge.authorised_at
        if charge.failed:
            return [self.event("charge.failed", self.charge(charge, at), at, about)]
        events = [self.event("charge.succeeded", self.charge(charge, at), at, about)]
        if charge.direct:
            return [*events, self.event("payment_intent.succeeded", self.intent(charge, at), at, about)]
        events.append(self.event("payment_intent.amount_capturable_updated", self.intent(charge, at), at, about))
        if charge.captured_at is not None:
            at = charge.captured_at
            previous = {"amount_captured": 0, "balance_transaction": None, "captured": False}
            events.append(self.event("charge.captured", self.charge(charge, at), at, about, previous))
            events.append(self.event("payment_intent.succeeded", self.intent(charge, at), at, about))
        elif charge.ends_at is not None:
            at = charge.ends_at
            events.append(self.event("payment_intent.canceled", self.intent(charge, at), at, about))
        return events

    def refund_events(self, refund: GatewayRefund, refunded_minor: int) -> list[Emission]:
        """A refund; `refunded_minor` is what of its charge has been refunded with it."""
        about = (*_about(refund.charge), f"refund:{refund.id}")
        before = {"amount_refunded": refunded_minor - refund.amount_minor, "refunded": False}
        charge = self.charge(refund.charge, refund.at, refunded_minor)
        return [
            self.event("refund.created", self.refund(refund), refund.at, about),
            self.event("charge.refunded", charge, refund.at, about, before),
        ]

    def dispute_events(self, dispute: Dispute) -> list[Emission]:
        """A dispute from its opening to its end, as far as it has come."""
        about = (*_about(dispute.charge), f"dispute:{dispute.id}")
        at = dispute.opened_at
        events = [
            self.event(f"charge.dispute.{news}", self.dispute(dispute, at), at, about)
            for news in ("created", "funds_withdrawn")
        ]
        if dispute.closed_at is None:
            return events
        at = dispute.closed_at
        if dispute.won:
            events.append(self.event("charge.dispute.funds_reinstated", self.dispute(dispute, at), at, about))
        events.append(self.event("charge.dispute.closed", self.dispute(dispute, at), at, about))
        return events

    def payout_events(self, payout: Payout) -> list[Emission]:
        """A payout from its making to the trace id, which comes last."""
        about = (f"payout:{payout.id}",)
        arrived, reconciled, traced = (utc(payout.arrival, hour) for hour in (8, 10, 12))
        waiting, known = {"status": "pending", "value": None}, {"status": "supported", "value": payout.trace}
        return [
            self.event(kind, self.payout(payout, status, reconciliation, trace), at, about, previous)
            for kind, status, reconciliation, trace, at, previous in (
                ("payout.created", "in_transit", "in_progress", waiting, payout.created, None),
                ("payout.paid", "paid", "in_progress", waiting, arrived, None),
                ("payout.reconciliation_completed", "paid", "completed", waiting, reconciled, None),
                ("payout.updated", "paid", "completed", known, traced, {"trace_id": waiting}),
            )
        ]

    # -- settlement objects -------------------------------------------------------------------------------------

    def day_list(self, day: date, rows: Sequence[Row]) -> Emission:
        """All rows of the balance made on `day`, fetched early next morning."""
        at = utc(day + timedelta(days=1), 2, 30)
        return self._list(rows, at, {"topic": "balance_transactions"})

    def payout_list(self, payout: Payout) -> Emission:
        """What a payout consists of, fetched once the gateway has reconciled it; its own row comes last."""
        rows = [row for row in payout.rows if row.id != payout.left_out]
        parameters = {"topic": "balance_transactions", "payout": payout.id}
        return self._list([*rows, payout.row], utc(payout.arrival, 10, 20), parameters)

    def _list(self, rows: Sequence[Row], at: datetime, parameters: Mapping[str, str]) -> Emission:
        body = {
            "object": "list",
            "url": "/v1/balance_transactions",
            "has_more": False,
            "data": [self.balance_row(row, at) for row in rows],
        }
        return Emission(
            at=at,
            source=self._gateway.source,
            connector="stripe",
            door=Door.OBJECTS,
            topic="balance_transactions",
            body=json_body(body),
            headers={"Content-Type": "application/json"},
            parameters=parameters,
            about=tuple(f"txn:{row.id}" for row in rows),
        )

    # -- objects ------------------------------------------------------------------------------------------------

    def charge(self, charge: Charge, at: datetime, refunded_minor: int = 0) -> dict[str, Any]:
        """The charge as it is at `at`."""
        captured = charge.captured_at is not None and charge.captured_at <= at
        order = charge.order
        return {
            "id": charge.id,
            "object": "charge",
            "amount": charge.amount_minor,
            "amount_captured": charge.captured_minor if captured else 0,
            "amount_refunded": refunded_minor,
            "application": None,
            "application_fee": None,
            "balance_transaction": charge.row_id if captured else None,
            "billing_details": {
                "address": {
                    "city": order.buyer.city, "country": order.buyer.country_code, "line1": order.buyer.street,
                    "line2": None, "postal_code": order.buyer.zip, "state": order.buyer.province_code,
                } if order else None,
                "email": order.buyer.email if order else None,
                "name": order.buyer.name if order else None,
                "phone": None,
            },
            "calculated_statement_descriptor": "CLAY AND LOOM",
            "captured": captured,
            "created": unix(charge.authorised_at),
            "currency": charge.currency.lower(),
            "customer": None,
            "description": f"Clay & Loom {order.name}" if order and not charge.failed else charge.note or None,
            "disputed": False,
            "failure_code": "card_declined" if charge.failed else None,
            "failure_message": "Your card was declined." if charge.failed else None,
            "livemode": True,
            "metadata": self._metadata(charge),
            "on_behalf_of": None,
            "outcome": {
                "network_status": "declined_by_network" if charge.failed else "approved_by_network",
                "reason": "generic_decline" if charge.failed else None,
                "risk_level": "normal",
                "seller_message": "The bank declined the payment." if charge.failed else "Payment complete.",
                "type": "issuer_declined" if charge.failed else "authorized",
            },
            "paid": not charge.failed,
            "payment_intent": charge.intent,
            "payment_method_details": {
                "card": {
                    "brand": charge.card.brand, "country": charge.card.country, "funding": "credit",
                    "last4": charge.card.last4, "network": charge.card.brand, "exp_month": 8, "exp_year": 2029,
                },
                "type": "card",
            },
            "receipt_email": None,
            "refunded": refunded_minor > 0 and refunded_minor == charge.captured_minor,
            "shipping": None,
            "source_transfer": None,
            "statement_descriptor": None,
            "status": "failed" if charge.failed else "succeeded",
            "transfer_data": None,
            "transfer_group": None,
        }  # fmt: skip

    def intent(self, charge: Charge, at: datetime) -> dict[str, Any]:
        """The payment intent behind a charge as it is at `at`."""
        captured = charge.captured_at is not None and charge.captured_at <= at
        ended = charge.ends_at is not None and charge.ends_at <= at
        status = "succeeded" if captured else "canceled" if ended else "requires_capture"
        return {
            "id": charge.intent,
            "object": "payment_intent",
            "amount": charge.amount_minor,
            "amount_capturable": 0 if captured or ended else charge.amount_minor,
            "amount_received": charge.captured_minor if captured else 0,
            "canceled_at": unix(at) if ended else None,
            "cancellation_reason": "requested_by_customer" if ended else None,
            "capture_method": "automatic" if charge.direct else "manual",
            "created": unix(charge.authorised_at - timedelta(seconds=20)),
            "currency": charge.currency.lower(),
            "customer": None,
            "description": f"Clay & Loom {charge.order.name}" if charge.order else charge.note or None,
            "latest_charge": charge.id,
            "livemode": True,
            "metadata": self._metadata(charge),
            "payment_method_types": ["card"],
            "status": status,
            "transfer_data": None,
        }

    def _metadata(self, charge: Charge) -> dict[str, str]:
        """The shop's plugin writes the order into it; a declined attempt has no order yet."""
        if charge.order is None or charge.failed:
            return {}
        return {"order_id": str(charge.order.id), "order_name": charge.order.name, "shop": charge.order.shop.domain}

    def refund(self, refund: GatewayRefund, status: str = "succeeded") -> dict[str, Any]:
        """The refund."""
        return {
            "id": refund.id,
            "object": "refund",
            "amount": refund.amount_minor,
            "balance_transaction": refund.row_id,
            "charge": refund.charge.id,
            "created": unix(refund.at),
            "currency": refund.charge.currency.lower(),
            "destination_details": {"card": {"type": "refund"}, "type": "card"},
            "metadata": self._metadata(refund.charge),
            "payment_intent": refund.charge.intent,
            "reason": "requested_by_customer",
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": status,
            "transfer_reversal": None,
        }

    def dispute(self, dispute: Dispute, at: datetime) -> dict[str, Any]:
        """The dispute as it is at `at`, with the balance rows it has caused by then."""
        closed = dispute.closed_at is not None and dispute.closed_at <= at
        row_ids = [dispute.row_id, *([dispute.return_row_id] if closed and dispute.won else [])]
        status = ("won" if dispute.won else "lost") if closed else "needs_response"
        return {
            "id": dispute.id,
            "object": "dispute",
            "amount": dispute.charge.captured_minor,
            "balance_transactions": [self.balance_row(self._rows[row_id], at) for row_id in row_ids],
            "charge": dispute.charge.id,
            "created": unix(dispute.opened_at),
            "currency": dispute.charge.currency.lower(),
            "evidence_details": {
                "due_by": unix(utc(dispute.opened_at.date() + timedelta(days=10))) - 1,
                "has_evidence": closed,
                "past_due": False,
                "submission_count": 1 if closed else 0,
            },
            "is_charge_refundable": False,
            "livemode": True,
            "metadata": {},
            "payment_intent": dispute.charge.intent,
            "reason": dispute.reason,
            "status": status,
        }

    def payout(
        self, payout: Payout, status: str, reconciliation: str, trace: Mapping[str, str | None]
    ) -> dict[str, Any]:
        """The payout in a state."""
        return {
            "id": payout.id,
            "object": "payout",
            "amount": payout.amount_minor,
            "application_fee": None,
            "arrival_date": unix(utc(payout.arrival)),
            "automatic": True,
            "balance_transaction": payout.row.id,
            "created": unix(payout.created),
            "currency": payout.currency.lower(),
            "description": "STRIPE PAYOUT",
            "destination": f"ba_{self._gateway.account[5:]}",
            "failure_balance_transaction": None,
            "failure_code": None,
            "failure_message": None,
            "livemode": True,
            "metadata": {},
            "method": "standard",
            "original_payout": None,
            "reconciliation_status": reconciliation,
            "reversed_by": None,
            "source_type": "card",
            "statement_descriptor": None,
            "status": status,
            "trace_id": dict(trace),
            "type": "bank_account",
        }

    def balance_row(self, row: Row, at: datetime) -> dict[str, Any]:
        """A row of the balance as the API shows it at `at`."""
        kind, category = _CATEGORIES[row.kind]
        currency = row.currency.lower()
        parts = (
            ("stripe_fee", row.fee_minor, _FEE_TEXTS.get(row.kind)),
            ("withheld_tax", row.withheld_minor, "Sales tax withheld"),
        )
        return {
            "id": row.id,
            "object": "balance_transaction",
            "amount": row.amount_minor,
            "available_on": unix(utc(row.available_on)),
            "balance_type": "payments",
            "created": unix(row.created),
            "currency": currency,
            "description": row.description,
            "exchange_rate": None,
            "fee": row.fee_minor + row.withheld_minor,
            "fee_details": [
                {"amount": amount, "application": None, "currency": currency, "description": text, "type": name}
                for name, amount, text in parts
                if amount
            ],
            "net": row.net_minor,
            "reporting_category": category,
            "source": row.subject,
            "status": "available" if utc(row.available_on) <= at else "pending",
            "type": kind,
        }


def _about(charge: Charge) -> tuple[str, ...]:
    order = (f"order:{charge.order.id}",) if charge.order and not charge.failed else ()
    return (*order, f"charge:{charge.id}")
