"""Payments at the shop, and the balance of Shopify Payments with its payouts and disputes.

What is added:

    payments of an order  role (own, gateway), signed_amount, test, and the gateway's charge_id, payment_intent_id
                          and refund_id where the receipt names them
    rows of the balance   test, nil, withheld_tax, problem, problem_detail
    payouts               version, trace, and one shape for REST and GraphQL
    disputes              version
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tieout.connectors import as_dict, dicts, fingerprint
from tieout.connectors.shopify.figures import figure

#: What the shop itself settles; every other gateway tells of its money itself.
_OWN = ("gift_card", "store_credit", "shopify_store_credit", "shopify_payments")
_GATEWAY_ID = re.compile(r"(ch|py|pi|re|pyr)_[A-Za-z0-9_]+")
_KIND_OF_PREFIX = {"ch": "charge", "py": "charge", "pi": "payment_intent", "re": "refund", "pyr": "refund"}
_GID_NUMBER = re.compile(r"/(\d+)(?:\?.*)?$")


def tender(given: dict[str, Any], order: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A payment of an order (Shopify's order transaction), with the gateway's own ids where the receipt has them."""
    receipt = as_dict(given.get("receipt"))
    charges = dicts(as_dict(receipt.get("charges")).get("data"))
    places = [receipt.get("id"), receipt.get("latest_charge"), receipt.get("charge"), receipt.get("payment_intent")]
    places += [charge.get("id") for charge in charges] + [given.get("authorization")]
    ids: dict[str, str] = {}
    for place in places:
        match = _GATEWAY_ID.fullmatch(place) if isinstance(place, str) else None
        if match:
            ids.setdefault(_KIND_OF_PREFIX[match[1]], match[0])
    amount = figure(given.get("amount"))
    return given | {
        "role": "own" if given.get("gateway") in _OWN else "gateway",
        "signed_amount": amount if amount is None or given.get("kind") != "refund" else -amount,
        "order_id": given.get("order_id") or (order or {}).get("id"),
        "currency": given.get("currency") or (order or {}).get("currency"),
        "test": given.get("test") is True or (order or {}).get("test") is True,
        "charge_id": ids.get("charge"),
        "payment_intent_id": ids.get("payment_intent"),
        "refund_id": ids.get("refund"),
    }


def balance_row(given: dict[str, Any]) -> dict[str, Any]:
    """A row of the Shopify Payments balance. Shopify's own examples hold rows whose amount − fee is not their net.

    Tax that the channel remits is withheld as an adjustment of its own. Only one that names its order is taken for it.
    """
    amount, fee, net = (figure(given.get(name)) for name in ("amount", "fee", "net"))
    made = given | {"test": given.get("test") is True, "nil": amount == fee == net == 0}
    made["withheld_tax"] = bool(given.get("adjustment_reason") == "tax_adjustment" and given.get("source_order_id"))
    if amount is None or fee is None or net is None:
        return made | {"problem": "field_missing", "problem_detail": "The row lacks one of amount, fee and net."}
    if amount - fee != net:
        detail = f"Amount {amount} less fee {fee} is {amount - fee}, and the row states {net}."
        return made | {"problem": "net_mismatch", "problem_detail": detail}
    return made


def compositions(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the rows say payouts consist of: every row names its payout once it has one."""
    by_payout: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        payout_id = row.get("payout_id")
        if payout_id and isinstance(payout_id, str | int) and not row["test"]:
            by_payout.setdefault(str(payout_id), []).append(row)
    return [
        {
            "payout_id": payout_id,
            "first": members[0].get("id"),
            "count": len(members),
            "at": max((str(m["processed_at"]) for m in members if m.get("processed_at")), default=None),
            "rows": [{"id": m.get("id")} for m in members],
        }
        for payout_id, members in by_payout.items()
    ]


def payout(given: dict[str, Any]) -> dict[str, Any]:
    """A payout in the shape of REST, whichever API told of it; only GraphQL names the bank's trace id."""
    if "issuedAt" in given:
        net = as_dict(given.get("net"))
        given = {
            "id": given.get("legacyResourceId") or number_of(given.get("id")),
            "status": str(given.get("status") or "").lower(),
            "date": str(given.get("issuedAt") or "")[:10],
            "amount": net.get("amount"),
            "currency": net.get("currencyCode"),
            "trace": given.get("externalTraceId"),
        }
    return given | {"version": fingerprint(given)}


def dispute(given: dict[str, Any]) -> dict[str, Any]:
    """A dispute with a version, since Shopify gives it none."""
    return given | {"version": fingerprint(given)}


def number_of(gid: Any) -> str | None:
    """The number at the end of a GraphQL id such as ``gid://shopify/Order/450789469``."""
    match = _GID_NUMBER.search(gid) if isinstance(gid, str) else None
    return match[1] if match else None


def nodes(connection: Any) -> Iterator[dict[str, Any]]:
    """The elements of a GraphQL connection, asked for as nodes or as edges, or of a plain list."""
    if isinstance(connection, list):
        yield from dicts(connection)
        return
    connection = as_dict(connection)
    yield from dicts(connection.get("nodes"))
    yield from (as_dict(edge.get("node")) for edge in dicts(connection.get("edges")))
