"""Stripe's webhook signature: ``Stripe-Signature: t=1700000000,v1=…``, HMAC-SHA256 over ``t.body`` in hexadecimal.

A header carries several ``v1`` while a secret is being replaced, and several secrets may be known here.
Source of the rule: https://docs.stripe.com/webhooks/signature; the tolerance is the one of Stripe's own libraries.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from tieout.model.connector import SignatureVerdict

HEADER = "stripe-signature"
#: How old a signature may be. Only the past is checked: a clock that is slow here must not refuse good hooks.
TOLERANCE_SECONDS = 300

_SCHEME = b"v1"
_TIMESTAMP_DIGITS_MAX = 12


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> SignatureVerdict:
    """Whether one of `secrets` signed `body` within the tolerance. Compares in constant time; never raises."""
    if not secrets:
        return SignatureVerdict(ok=False, reason="no signing secret is configured for this source")
    header = headers.get(HEADER, "")
    if not header:
        return SignatureVerdict(ok=False, reason="the Stripe-Signature header is missing")
    signed_at, given = _read(header)
    if signed_at is None or not given:
        return SignatureVerdict(ok=False, reason="the Stripe-Signature header has no usable t= and v1=")
    expected = [_signature(body, secret, signed_at) for secret in secrets]
    # Every pair is compared, whatever the outcome of the first, so that time tells nothing.
    agreed = [hmac.compare_digest(one, other) for one in expected for other in given]
    if not any(agreed):
        return SignatureVerdict(ok=False, reason="no v1 signature agrees with the body and a known secret")
    if now.timestamp() - signed_at > TOLERANCE_SECONDS:
        return SignatureVerdict(ok=False, reason=f"the signature is older than {TOLERANCE_SECONDS} seconds")
    return SignatureVerdict(ok=True)


def sign(body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """The headers Stripe would send with `body` at `now`."""
    signed_at = int(now.timestamp())
    return {"Stripe-Signature": f"t={signed_at},v1={_signature(body, secret, signed_at).decode()}"}


def _signature(body: bytes, secret: str, signed_at: int) -> bytes:
    return hmac.new(secret.encode(), b"%d." % signed_at + body, hashlib.sha256).hexdigest().encode()


def _read(header: str) -> tuple[int | None, list[bytes]]:
    """The time and the v1 signatures. As bytes, since comparing text in constant time refuses what is not ASCII."""
    signed_at: int | None = None
    given: list[bytes] = []
    for part in header.encode("utf-8", "replace").split(b","):
        name, _, value = part.strip().partition(b"=")
        if name == b"t" and value.isdigit() and len(value) <= _TIMESTAMP_DIGITS_MAX:
            signed_at = int(value)
        elif name == _SCHEME:
            given.append(value)
    return signed_at, given
