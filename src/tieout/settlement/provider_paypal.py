"""PayPal Payouts: one batch with one item for each payout.

Source: PayPal's reference for Payouts v1. The sender's batch id is the order's key: used again within 30 days it is
refused, with a link to the batch it made the first time. So asking again is how a lost answer is looked up.
"""

from typing import Any

from tieout.model.money import decimal_text
from tieout.model.payout import Answer, Outcome
from tieout.settlement.provider_client import Caller, Order, Silent, refused

_STATUSES = {
    "SUCCESS": Outcome.PAID, "PENDING": Outcome.SENT, "UNCLAIMED": Outcome.SENT, "ONHOLD": Outcome.SENT,
    "FAILED": Outcome.FAILED, "BLOCKED": Outcome.FAILED, "DENIED": Outcome.FAILED, "RETURNED": Outcome.RETURNED,
    "REFUNDED": Outcome.RETURNED, "REVERSED": Outcome.RETURNED,
}  # fmt: skip
_CODES = {"INSUFFICIENT_FUNDS": "insufficient_funds"}


class PayPal:
    """Pays to a PayPal account, by mail address or payer id."""

    def __init__(self, url: str, secret: str, timeout_seconds: int) -> None:
        """`secret` is the client's id and its secret with a colon between."""
        self._call = Caller(url or "https://api-m.paypal.com", {}, timeout_seconds)
        self._secret = secret
        self._token = ""

    def send(self, order: Order) -> Answer:
        """A batch of one; if the batch is there already, what became of it."""
        receiver = "EMAIL" if "@" in order.destination else "PAYPAL_ID"
        amount = {"value": decimal_text(order.amount_minor, order.currency), "currency": order.currency}
        item = {
            "recipient_type": receiver, "receiver": order.destination, "amount": amount, "note": order.remittance,
            "sender_item_id": order.name,
        }  # fmt: skip
        body = {"sender_batch_header": {"sender_batch_id": order.key}, "items": [item]}
        headers = {**self._bearer(), "PayPal-Request-Id": order.key}
        status, answer = self._call.ask("POST", "/v1/payments/payouts", headers=headers, json=body)
        if not refused(status):
            return Answer(Outcome.ACCEPTED, answer["batch_header"]["payout_batch_id"])
        earlier = [link["href"] for link in answer.get("links", ()) if "/payments/payouts/" in link.get("href", "")]
        if earlier:
            return self._batch(order, earlier[0].rpartition("/")[2])
        code = answer.get("name", "refused")
        return Answer(Outcome.FAILED, "", _CODES.get(code, code), answer.get("message", ""))

    def look_up(self, order: Order) -> Answer | None:
        """The batch by PayPal's name for it. Without one, asking again is what finds it."""
        return self._batch(order, order.reference) if order.reference else None

    def _batch(self, order: Order, batch: str) -> Answer:
        status, answer = self._call.ask("GET", f"/v1/payments/payouts/{batch}", headers=self._bearer())
        if refused(status):
            raise Silent(f"batch {batch}: {status}")
        items = [i for i in answer.get("items", ()) if i.get("payout_item", {}).get("sender_item_id") == order.name]
        if not items:
            return Answer(Outcome.ACCEPTED, batch)
        found: dict[str, Any] = items[0]
        outcome = _STATUSES.get(found.get("transaction_status", ""), Outcome.UNKNOWN)
        errors = found.get("errors") or {}
        code = errors.get("name", "")
        return Answer(outcome, batch, _CODES.get(code, code), errors.get("message", ""))

    def _bearer(self) -> dict[str, str]:
        if not self._token:
            who, _, password = self._secret.partition(":")
            status, answer = self._call.ask(
                "POST", "/v1/oauth2/token", auth=(who, password), data={"grant_type": "client_credentials"}
            )
            if refused(status):
                raise Silent("PayPal does not take the client's id and secret")
            self._token = answer["access_token"]
        return {"Authorization": f"Bearer {self._token}"}
