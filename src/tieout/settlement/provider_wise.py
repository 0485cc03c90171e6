"""Wise: a quote, a transfer to a recipient, and its funding out of the platform's balance.

Source: Wise's API reference. A transfer's customerTransactionId, derived from the order's key, makes it one: asked for
again, Wise answers with the transfer there is. Funding one that is funded is refused, and then looked up.
"""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tieout.model.money import decimal_text
from tieout.model.payout import Answer, Outcome
from tieout.settlement.provider_client import Caller, Order, refused

_STATUSES = {
    "incoming_payment_waiting": Outcome.ACCEPTED, "incoming_payment_initiated": Outcome.ACCEPTED,
    "processing": Outcome.SENT, "funds_converted": Outcome.SENT, "outgoing_payment_sent": Outcome.PAID,
    "bounced_back": Outcome.RETURNED, "funds_refunded": Outcome.RETURNED, "charged_back": Outcome.RETURNED,
    "cancelled": Outcome.FAILED,
}  # fmt: skip


class Wise:
    """Pays to a recipient that Wise knows by number, in the currency it is owed in."""

    def __init__(self, url: str, secret: str, timeout_seconds: int, profile: str) -> None:
        headers = {"Authorization": f"Bearer {secret}"}
        self._call = Caller(url or "https://api.wise.com", headers, timeout_seconds)
        self._profile = profile

    def send(self, order: Order) -> Answer:
        """Quote, transfer, funding."""
        amount = decimal_text(order.amount_minor, order.currency)
        quote = {"sourceCurrency": order.currency, "targetCurrency": order.currency, "targetAmount": amount}
        status, made = self._call.ask("POST", f"/v3/profiles/{self._profile}/quotes", json=quote)
        if refused(status):
            return _refusal(made)
        transfer = {
            "targetAccount": order.destination, "quoteUuid": made["id"],
            "customerTransactionId": str(uuid5(NAMESPACE_URL, f"tieout:{order.key}")),
            "details": {"reference": order.name},
        }  # fmt: skip
        status, made = self._call.ask("POST", "/v1/transfers", json=transfer)
        return _refusal(made) if refused(status) else self._fund(made)

    def look_up(self, order: Order) -> Answer | None:
        """The transfer by Wise's number for it. Without one, asking again is what finds it."""
        if not order.reference:
            return None
        status, found = self._call.ask("GET", f"/v1/transfers/{order.reference}")
        if refused(status):
            return None
        return self._fund(found) if found.get("status") == "incoming_payment_waiting" else _of(found)

    def _fund(self, transfer: dict[str, Any]) -> Answer:
        if transfer.get("status") != "incoming_payment_waiting":
            return _of(transfer)
        path = f"/v3/profiles/{self._profile}/transfers/{transfer['id']}/payments"
        status, paid = self._call.ask("POST", path, json={"type": "BALANCE"})
        if refused(status) or paid.get("status") == "REJECTED":
            code = str(paid.get("errorCode") or "refused")
            code = "insufficient_funds" if code == "transfer.insufficient_funds" else code
            return Answer(Outcome.FAILED, str(transfer["id"]), code, "Wise did not fund the transfer.")
        return Answer(Outcome.SENT, str(transfer["id"]))


def _of(transfer: dict[str, Any]) -> Answer:
    status = transfer.get("status", "")
    outcome = _STATUSES.get(status, Outcome.UNKNOWN)
    failed = outcome in (Outcome.FAILED, Outcome.RETURNED, Outcome.UNKNOWN)
    return Answer(outcome, str(transfer["id"]), status if failed else "")


def _refusal(document: dict[str, Any]) -> Answer:
    errors = document.get("errors") or [{}]
    return Answer(Outcome.FAILED, "", errors[0].get("code", "refused"), errors[0].get("message", ""))
