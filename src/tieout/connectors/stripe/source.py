"""Reads Stripe's deliveries: webhook events, single API objects, and lists as the API answers them.

The document given to the mapping is the same for all three:

    event                 id, created, type, api_version of the webhook event; empty for pushed objects
    charges refunds       the objects themselves, sorted by what they are, each with a few fields added:
    disputes payouts          aggregate, version, problem, problem_detail, see README.md
    balance_transactions  rows of the balance, from a list or from inside a dispute (see balance.py)
    compositions          which rows a list says a payout consists of
    connected             what happened on another account than the webhook's own (Connect)
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tieout.connectors import as_dict, dicts, digest, fingerprint, read_object
from tieout.connectors.stripe.balance import composition, row
from tieout.model.connector import Undecodable
from tieout.model.delivery import Envelope

#: What a webhook's `data.object` must be, by the beginning of the event's type; the first that fits decides.
_OBJECT_OF_EVENT = {
    "charge.dispute.": "dispute",
    "charge.refund.": "refund",
    "charge.": "charge",
    "refund.": "refund",
    "payout.": "payout",
}
_LISTS = {
    "charge": "charges",
    "refund": "refunds",
    "dispute": "disputes",
    "payout": "payouts",
    "balance_transaction": "balance_transactions",
}
_BALANCE_TOPICS = ("balance_transactions", "balance_transaction")


def describe(headers: Mapping[str, str], parameters: Mapping[str, str], body: bytes) -> Envelope:
    """A webhook's topic is the event's type and its identity the event's id; both are inside the signed body.

    Pushed objects are named by the `topic` parameter or by what they say they are; their content is their identity.
    """
    del headers  # everything is in the body, which is signed
    document = read_object(body)
    if _is_event(document):
        event_id, kind = document.get("id"), document.get("type")
        if not _is_text(event_id) or not _is_text(kind):
            raise Undecodable("The event has no id or no type.")
        return Envelope(str(kind), str(event_id))
    topic = parameters.get("topic") or _topic_of(document)
    return Envelope(topic, digest(topic, parameters, body))


def parse(topic: str, parameters: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The document for the mapping. Raises Undecodable for what is no Stripe object, or another than it claims."""
    message = read_object(body)
    event = _event(message) if _is_event(message) else {}
    objects = [as_dict(as_dict(message.get("data")).get("object"))] if event else _objects(message)
    _check_kind(topic, objects, of_event=bool(event))
    document: dict[str, Any] = {"event": event, **{name: [] for name in _LISTS.values()}}
    document |= {"compositions": [], "connected": []}
    if event and message.get("account"):
        document["connected"] = objects
        return document
    for thing in objects:
        _sort_in(document, thing, event)
    if not event and topic in _BALANCE_TOPICS:
        document["compositions"] = composition(document["balance_transactions"], parameters.get("payout"))
    return document


def _is_event(document: Mapping[str, Any]) -> bool:
    return document.get("object") == "event"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _topic_of(document: Mapping[str, Any]) -> str:
    """What the body says it is: a list is named by its first element, an empty one by its address."""
    if document.get("object") != "list":
        return str(document.get("object") or "unnamed")
    first = next(iter(dicts(document.get("data"))), {})
    name = first.get("object") or str(document.get("url") or "list").rstrip("/").rsplit("/", 1)[-1]
    return "balance_transactions" if name == "balance_transaction" else str(name)


def _event(message: Mapping[str, Any]) -> dict[str, Any]:
    if not as_dict(as_dict(message.get("data")).get("object")):
        raise Undecodable("The event carries no object.")
    return {name: message.get(name) for name in ("id", "created", "type", "api_version")}


def _objects(message: dict[str, Any]) -> list[dict[str, Any]]:
    if not _is_text(message.get("object")):
        raise Undecodable("The body is no Stripe object: it does not say which kind of object it is.")
    if message["object"] != "list":
        return [message]
    data = message.get("data")
    if not isinstance(data, list) or len(dicts(data)) != len(data):
        raise Undecodable("The list has no “data” of objects.")
    return data


def _check_kind(topic: str, objects: list[dict[str, Any]], *, of_event: bool) -> None:
    """Refuses an object under another's name: booked by the wrong rule, a charge would become a refund."""
    if of_event:
        expected = next((kind for start, kind in _OBJECT_OF_EVENT.items() if topic.startswith(start)), None)
    else:
        expected = "balance_transaction" if topic in _BALANCE_TOPICS else topic if topic in _LISTS else None
    for thing in objects:
        if expected is not None and thing.get("object") != expected:
            raise Undecodable(f"“{topic}” must carry a {expected}, and this one carries “{thing.get('object')}”.")


def _sort_in(document: dict[str, Any], thing: dict[str, Any], event: Mapping[str, Any]) -> None:
    kind = thing.get("object")
    if kind == "charge":
        document["charges"].append(_charge(thing))
        document["refunds"] += [_refund(r) for r in dicts(as_dict(thing.get("refunds")).get("data"))]
    elif kind == "refund":
        document["refunds"].append(_refund(thing))
    elif kind == "dispute":
        dispute = _dispute(thing, event)
        document["disputes"].append(dispute)
        document["balance_transactions"] += dispute["balance_transactions"]
    elif kind == "payout":
        document["payouts"].append(_payout(thing, event))
    elif kind == "balance_transaction":
        document["balance_transactions"].append(row(thing))


def _charge(charge: dict[str, Any]) -> dict[str, Any]:
    order = _order_of(charge)
    added = {
        "payment_intent": _id(charge.get("payment_intent")),
        "order_id": order,
        "aggregate": f"order:{order}" if order else f"charge:{charge.get('id')}",
        # Old API versions have no amount_captured; there `amount` was lowered to what was captured.
        "captured_amount": charge["amount_captured"] if "amount_captured" in charge else charge.get("amount"),
    }
    if charge.get("captured") is True and added["captured_amount"] == 0 and charge.get("amount") != 0:
        # Held, with the charge's own amount at risk; that is what a person releases or dismisses.
        added["captured_amount"] = charge.get("amount")
        added["problem"] = "field_missing"
        added["problem_detail"] = "The charge says it is captured, and that nothing of it is."
    return charge | added


def _refund(refund: dict[str, Any]) -> dict[str, Any]:
    order = _order_of(refund)
    charge = _id(refund.get("charge"))
    return refund | {
        "charge": charge,
        "payment_intent": _id(refund.get("payment_intent")),
        "order_id": order,
        "aggregate": f"order:{order}" if order else f"charge:{charge}" if charge else f"refund:{refund.get('id')}",
    }


def _dispute(dispute: dict[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    due = as_dict(dispute.get("evidence_details")).get("due_by")
    added: dict[str, Any] = {
        "charge": _id(dispute.get("charge")),
        "payment_intent": _id(dispute.get("payment_intent")),
        "version": event.get("id") or fingerprint(dispute),
        "evidence_due": _iso_date(due),
        "balance_transactions": [row(r, of_dispute=True) for r in dicts(dispute.get("balance_transactions"))],
    }
    if dispute.get("status") == "lost" and not added["balance_transactions"]:
        added["problem"] = "field_missing"
        added["problem_detail"] = "The dispute is lost, and it does not list the balance transaction that withdrew it."
    return dispute | added


def _payout(payout: dict[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    currency = payout.get("currency")
    return payout | {
        "currency": currency.upper() if isinstance(currency, str) else currency,
        "version": event.get("id") or fingerprint(payout),
        "arrival_on": _iso_date(payout.get("arrival_date")),
        "trace": as_dict(payout.get("trace_id")).get("value"),
    }


def _order_of(thing: Mapping[str, Any]) -> str | None:
    """The shop's order, as plugins and merchants put it into the metadata."""
    metadata = as_dict(thing.get("metadata"))
    for name in ("order_id", "shopify_order_id"):
        value = metadata.get(name)
        if isinstance(value, str | int) and str(value).strip():
            return str(value).strip()
    return None


def _id(value: Any) -> str | None:
    """The id of a reference, whether Stripe gave the id or the expanded object."""
    value = value.get("id") if isinstance(value, dict) else value
    return value if _is_text(value) else None


def _iso_date(seconds: Any) -> str | None:
    """The UTC day of unix seconds as text. Stripe gives dates as midnight UTC."""
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None
