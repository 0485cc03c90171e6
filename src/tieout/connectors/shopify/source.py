"""Reads Shopify's deliveries: webhook payloads, REST answers as they are, and GraphQL answers.

A webhook carries one bare object whose kind its topic tells. REST wraps objects: ``{"orders": […]}``,
``{"order": {…}}``. The document given to the mapping sorts them by what they are:

    orders refunds tenders    orders; refunds, also those inside an order; payments, also those inside either
    edits agreements          the orders/edited message; agreements of a GraphQL answer
    balance_rows payouts      Shopify Payments
    disputes compositions
    version                   twelve characters of the body's digest
"""

from collections.abc import Mapping
from typing import Any

from tieout.connectors import as_dict, dicts, digest, read_json
from tieout.connectors.shopify.agreements import agreements, orders_with_agreements
from tieout.connectors.shopify.orders import order
from tieout.connectors.shopify.payments import balance_row, compositions, dispute, nodes, payout, tender
from tieout.connectors.shopify.refunds import refund
from tieout.model.connector import Undecodable
from tieout.model.delivery import Envelope

#: The member in which REST wraps what it answers -> what is in it.
_WRAPPERS = {
    "orders": "order",
    "order": "order",
    "refunds": "refund",
    "refund": "refund",
    "transactions": "tender",
    "transaction": "tender",
    "order_edit": "edit",
    "payouts": "payout",
    "payout": "payout",
    "disputes": "dispute",
    "dispute": "dispute",
}
#: What a webhook's bare object is, by the beginning of its topic; the first that fits decides.
_WEBHOOKS = {
    "orders/edited": "edit",
    "orders/": "order",
    "refunds/": "refund",
    "order_transactions/": "tender",
    "disputes/": "dispute",
}
_TOPIC_OF_SHAPE = {
    "balance": "balance_transactions", "tender": "transactions", "refund": "refund", "order": "order",
}  # fmt: skip
_LISTS = ("orders", "refunds", "tenders", "edits", "agreements", "balance_rows", "payouts", "disputes", "compositions")


def describe(headers: Mapping[str, str], parameters: Mapping[str, str], body: bytes) -> Envelope:
    """A webhook's topic and identity are in its headers; a retry carries the same webhook id.

    Pushed objects are named by the `topic` parameter or by what they look like; their content is their identity.
    """
    topic = _header(headers, "topic")
    if topic:
        shop, webhook = _header(headers, "shop-domain"), _header(headers, "webhook-id")
        return Envelope(topic, f"{shop}:{topic}:{webhook or digest(body)}")
    topic = parameters.get("topic") or _topic_of(read_json(body))
    return Envelope(topic, digest(topic, parameters, body))


def parse(topic: str, parameters: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The document for the mapping. Raises Undecodable for what is not JSON, or another object than its topic says."""
    del parameters  # nothing in them changes what the body says
    message = read_json(body)
    document: dict[str, Any] = {name: [] for name in _LISTS}
    document["version"] = digest(body)[:12]
    if topic == "agreements":
        _read_agreements(document, as_dict(message))
    else:
        kind = _kind_of_topic(topic)
        for thing in _things(message, topic, kind):
            _sort_in(document, thing, _checked_kind(thing, kind, topic))
    document["compositions"] = compositions(document["balance_rows"])
    return document


def _header(headers: Mapping[str, str], name: str) -> str:
    """A header of webhooks (X-Shopify-…) or of the newer Events (Shopify-…)."""
    return headers.get(f"x-shopify-{name}") or headers.get(f"shopify-{name}") or ""


def _topic_of(message: Any) -> str:
    """What the body looks like: a bare object is named by its shape, REST's answer by its wrapper or first object."""
    answer = as_dict(message)
    if not _is_wrapped(answer) and _shape(answer) is not None:
        return _TOPIC_OF_SHAPE[str(_shape(answer))]
    wrapper = next((name for name in answer if name in _WRAPPERS or isinstance(answer[name], list | dict)), None)
    if wrapper in _WRAPPERS and wrapper != "transactions":
        return str(wrapper)
    if orders_with_agreements(answer):
        return "agreements"
    if _graphql_payouts(answer) is not None:
        return "payouts"
    first = next(iter(dicts(message if isinstance(message, list) else answer.get("transactions"))), answer)
    shape = _shape(first)
    return _TOPIC_OF_SHAPE[shape] if shape is not None else str(wrapper or "unnamed")


def _shape(thing: Mapping[str, Any]) -> str | None:
    """What an object is by the members only its kind has, or None."""
    if "net" in thing and "fee" in thing:
        return "balance"
    if "kind" in thing and "gateway" in thing:
        return "tender"
    if "refund_line_items" in thing:
        return "refund"
    return "order" if "line_items" in thing and "total_price" in thing else None


def _kind_of_topic(topic: str) -> str | None:
    if topic in _WRAPPERS:
        return _WRAPPERS[topic]
    if topic == "balance_transactions":
        return "balance"
    return next((kind for start, kind in _WEBHOOKS.items() if topic.startswith(start)), None)


def _things(message: Any, topic: str, kind: str | None) -> list[dict[str, Any]]:
    """The objects of a delivery whose topic names a kind; a webhook's bare object is one of them."""
    if kind is None:
        return []
    if isinstance(message, dict):
        payouts = _graphql_payouts(message)
        if payouts is not None:
            return payouts
        wrapper = next((name for name in message if _WRAPPERS.get(name) == kind or name in _aliases(kind)), None)
        message = message[wrapper] if wrapper is not None and _is_wrapped(message) else message
    things = message if isinstance(message, list) else [message]
    if len(dicts(things)) != len(things) or not all(things):
        raise Undecodable(f"“{topic}” must carry objects, and this one does not.")
    return things


def _aliases(kind: str) -> tuple[str, ...]:
    """Shopify answers payments of an order and rows of the balance under the same name."""
    return ("transactions",) if kind == "balance" else ()


def _is_wrapped(message: Mapping[str, Any]) -> bool:
    """REST's wrapper has no id of its own; an order has, and carries its refunds and payments under the same names."""
    return "id" not in message


def _checked_kind(thing: Mapping[str, Any], kind: str | None, topic: str) -> str | None:
    """The kind, after a look: an object under another's name would be booked by the wrong rule."""
    shape = _shape(thing)
    if kind in ("tender", "balance") and shape in ("tender", "balance"):
        return shape
    if shape is not None and shape != kind:
        raise Undecodable(f"“{topic}” must carry another object than the {shape} it carries.")
    return kind


def _sort_in(document: dict[str, Any], thing: dict[str, Any], kind: str | None) -> None:
    if kind == "order":
        document["orders"].append(order(thing))
        document["tenders"] += [tender(t, thing) for t in dicts(thing.get("transactions"))]
        for one in dicts(thing.get("refunds")):
            document["refunds"].append(refund(one, thing))
            document["tenders"] += [tender(t, thing) for t in dicts(one.get("transactions"))]
    elif kind == "refund":
        document["refunds"].append(refund(thing))
        document["tenders"] += [tender(t) for t in dicts(thing.get("transactions"))]
    elif kind == "tender":
        document["tenders"].append(tender(thing))
    elif kind == "balance":
        document["balance_rows"].append(balance_row(thing))
    elif kind == "edit":
        document["edits"].append(thing)
    elif kind == "payout":
        document["payouts"].append(payout(thing))
    elif kind == "dispute":
        document["disputes"].append(dispute(thing))


def _read_agreements(document: dict[str, Any], answer: Mapping[str, Any]) -> None:
    if answer.get("errors"):
        raise Undecodable("Shopify answered the query with errors instead of data.")
    orders = orders_with_agreements(answer)
    if not orders:
        raise Undecodable("The answer has no order with agreements; see the query in this connector's README.")
    for one in orders:
        document["agreements"] += agreements(one)


def _graphql_payouts(answer: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    account = as_dict(as_dict(answer.get("data")).get("shopifyPaymentsAccount"))
    return list(nodes(account["payouts"])) if "payouts" in account else None
