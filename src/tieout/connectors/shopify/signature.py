"""Shopify's webhook signature: base64 of HMAC-SHA256 over the raw body, keyed with the app's client secret.

Webhooks carry it as ``X-Shopify-Hmac-SHA256``, the newer Events as ``Shopify-Hmac-Sha256``. No time is signed, so
a replay is told by its identity, not by its age. While a secret is being replaced, both old and new may be known.
Source of the rule: https://shopify.dev/docs/apps/build/webhooks/subscribe/https
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from tieout.model.connector import SignatureVerdict

HEADERS = ("x-shopify-hmac-sha256", "shopify-hmac-sha256")


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> SignatureVerdict:
    """Whether one of `secrets` signed `body`. Compares in constant time; never raises."""
    del now  # no time is signed
    if not secrets:
        return SignatureVerdict(ok=False, reason="no client secret is configured for this source")
    # As bytes, since comparing text in constant time refuses what is not ASCII.
    given = [headers[name].strip().encode("utf-8", "replace") for name in HEADERS if headers.get(name)]
    if not given:
        return SignatureVerdict(ok=False, reason="the X-Shopify-Hmac-SHA256 header is missing")
    expected = [_signature(body, secret) for secret in secrets]
    # Every pair is compared, whatever the outcome of the first, so that time tells nothing.
    agreed = [hmac.compare_digest(one, other) for one in expected for other in given]
    if not any(agreed):
        return SignatureVerdict(ok=False, reason="the signature does not agree with the body and a known secret")
    return SignatureVerdict(ok=True)


def sign(body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """The header Shopify would send with `body`."""
    del now  # no time is signed
    return {"X-Shopify-Hmac-SHA256": _signature(body, secret).decode()}


def _signature(body: bytes, secret: str) -> bytes:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
