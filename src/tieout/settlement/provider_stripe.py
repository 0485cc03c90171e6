"""Stripe: a transfer from the platform's balance to a seller's, and its payout to the bank if the rail asks for it.

Source: Stripe's API reference for transfers and payouts. Requests carry an Idempotency-Key; transfers are found again
by their transfer_group, which is the order's key; payouts of a connected account by their metadata.
"""

from typing import Any

from tieout.model.payout import Answer, Outcome
from tieout.settlement.provider_client import Caller, Order, refused

_STATUSES = {
    "pending": Outcome.ACCEPTED, "in_transit": Outcome.SENT, "paid": Outcome.PAID, "failed": Outcome.FAILED,
    "canceled": Outcome.FAILED,
}  # fmt: skip
_CODES = {"balance_insufficient": "insufficient_funds", "insufficient_funds": "insufficient_funds"}


class Stripe:
    """Pays by transfer; with `to_bank` the seller's own balance is paid out to its bank account as well."""

    def __init__(self, url: str, secret: str, timeout_seconds: int, *, to_bank: bool = False) -> None:
        self._call = Caller(url or "https://api.stripe.com", {"Authorization": f"Bearer {secret}"}, timeout_seconds)
        self._to_bank = to_bank

    def send(self, order: Order) -> Answer:
        """A transfer, found again if there is one, and its payout."""
        form = {
            "amount": str(order.amount_minor), "currency": order.currency.lower(), "destination": order.destination,
            "transfer_group": order.key, "metadata[payout]": order.name,
        }  # fmt: skip
        status, transfer = self._call.ask("POST", "/v1/transfers", headers={"Idempotency-Key": order.key}, data=form)
        if refused(status):
            return _refusal(transfer)
        return self._paid_out(order, transfer["id"]) if self._to_bank else Answer(Outcome.PAID, transfer["id"])

    def look_up(self, order: Order) -> Answer | None:
        """The transfer of the order's group, and what became of its payout."""
        _, listed = self._call.ask("GET", "/v1/transfers", params={"transfer_group": order.key, "limit": "1"})
        found = listed.get("data") or []
        if not found:
            return None
        transfer = found[0]
        if transfer.get("reversed"):
            return Answer(Outcome.RETURNED, transfer["id"], "reversed", "The transfer was reversed.")
        if not self._to_bank:
            return Answer(Outcome.PAID, transfer["id"])
        account = {"Stripe-Account": order.destination}
        _, payouts = self._call.ask("GET", "/v1/payouts", headers=account, params={"limit": "100"})
        mine = [one for one in payouts.get("data", ()) if one.get("metadata", {}).get("payout") == order.name]
        return _of(transfer["id"], mine[0]) if mine else self._paid_out(order, transfer["id"])

    def _paid_out(self, order: Order, transfer: str) -> Answer:
        headers = {"Idempotency-Key": f"{order.key}-bank", "Stripe-Account": order.destination}
        form = {
            "amount": str(order.amount_minor), "currency": order.currency.lower(), "metadata[payout]": order.name,
            "statement_descriptor": order.name[:22],
        }  # fmt: skip
        status, payout = self._call.ask("POST", "/v1/payouts", headers=headers, data=form)
        return _refusal(payout, transfer) if refused(status) else _of(transfer, payout)


def _of(transfer: str, payout: dict[str, Any]) -> Answer:
    outcome = _STATUSES.get(payout.get("status", ""), Outcome.UNKNOWN)
    code, detail = payout.get("failure_code") or "", payout.get("failure_message") or ""
    return Answer(outcome, f"{transfer}/{payout['id']}", _CODES.get(code, code), detail)


def _refusal(document: dict[str, Any], reference: str = "") -> Answer:
    error = document.get("error", {})
    code = error.get("code") or error.get("type") or "refused"
    return Answer(Outcome.FAILED, reference, _CODES.get(code, code), error.get("message", ""))
