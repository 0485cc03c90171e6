"""Stripe's signature: what is accepted, what is not and why, and that Stripe's own library agrees."""

import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.connectors.stripe.signature import sign, verify

NOW = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
SECRET = "whsec_first"
BODY = b'{"id":"evt_1","object":"event"}'


def headers(body: bytes = BODY, secret: str = SECRET, at: datetime = NOW) -> dict[str, str]:
    return {name.lower(): value for name, value in sign(body, secret, at).items()}


def v1(body: bytes, secret: str, at: datetime) -> str:
    signed = b"%d." % int(at.timestamp()) + body
    return hmac.new(secret.encode(), signed, "sha256").hexdigest()


def test_the_scheme_is_the_documented_one() -> None:
    assert sign(BODY, SECRET, NOW) == {"Stripe-Signature": f"t=1772530200,v1={v1(BODY, SECRET, NOW)}"}


def test_a_good_signature_is_accepted() -> None:
    verdict = verify(headers(), BODY, [SECRET], NOW)
    assert (verdict.ok, verdict.reason) == (True, "")


def test_an_empty_body_is_signed_like_any_other() -> None:
    assert verify(headers(b""), b"", [SECRET], NOW).ok


@pytest.mark.parametrize(
    ("body", "secrets"),
    [(BODY + b" ", [SECRET]), (b"", [SECRET]), (BODY, ["whsec_other"]), (BODY, [SECRET[:-1]])],
)
def test_another_body_or_secret_is_refused(body: bytes, secrets: list[str]) -> None:
    verdict = verify(headers(), body, secrets, NOW)
    assert (verdict.ok, verdict.reason) == (False, "no v1 signature agrees with the body and a known secret")


def test_while_a_secret_is_replaced_either_side_may_be_ahead() -> None:
    both = f"t=1772530200,v1={v1(BODY, 'whsec_new', NOW)},v1={v1(BODY, SECRET, NOW)}"
    assert verify({"stripe-signature": both}, BODY, [SECRET], NOW).ok
    assert verify({"stripe-signature": both}, BODY, ["whsec_new"], NOW).ok
    assert verify(headers(), BODY, ["whsec_new", SECRET], NOW).ok
    assert not verify({"stripe-signature": both}, BODY, ["whsec_third"], NOW).ok


@pytest.mark.parametrize(("seconds", "ok"), [(0, True), (300, True), (301, False), (86_400, False), (-86_400, True)])
def test_only_the_past_has_a_tolerance(seconds: int, ok: bool) -> None:
    verdict = verify(headers(), BODY, [SECRET], NOW + timedelta(seconds=seconds))
    assert verdict.ok is ok
    assert verdict.reason == ("" if ok else "the signature is older than 300 seconds")


@pytest.mark.parametrize(
    "header",
    [
        "v1=abc",
        "t=1772530200",
        "t=1772530200,v0=abc",
        "t=,v1=abc",
        "t=soon,v1=abc",
        "t=-5,v1=abc",
        "t=" + "9" * 5000 + ",v1=abc",
        "t=\u0661\u0667,v1=abc",
        "nonsense",
        ",,,",
    ],
)
def test_a_header_without_time_or_signature_is_refused(header: str) -> None:
    verdict = verify({"stripe-signature": header}, BODY, [SECRET], NOW)
    assert (verdict.ok, verdict.reason) == (False, "the Stripe-Signature header has no usable t= and v1=")


@pytest.mark.parametrize("given_headers", [{}, {"stripe-signature": ""}, {"x-shopify-hmac-sha256": "abc"}])
def test_a_missing_header_is_refused(given_headers: dict[str, str]) -> None:
    verdict = verify(given_headers, BODY, [SECRET], NOW)
    assert (verdict.ok, verdict.reason) == (False, "the Stripe-Signature header is missing")


def test_without_a_secret_nothing_is_accepted() -> None:
    verdict = verify(headers(), BODY, [], NOW)
    assert (verdict.ok, verdict.reason) == (False, "no signing secret is configured for this source")


def test_what_is_not_ascii_is_refused_and_does_not_raise() -> None:
    assert not verify({"stripe-signature": "t=1772530200,v1=ü\ud800é"}, BODY, [SECRET], NOW).ok


@given(st.text(), st.binary())
def test_no_header_raises_or_is_accepted_by_chance(header: str, body: bytes) -> None:
    assert not verify({"stripe-signature": header}, body, [SECRET], NOW).ok


@given(st.binary(), st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])), st.binary())
def test_what_is_signed_verifies_and_nothing_else_does(body: bytes, secret: str, other: bytes) -> None:
    signed = headers(body, secret)
    assert verify(signed, body, [secret], NOW).ok
    assert verify(signed, other, [secret], NOW).ok is (other == body)


def test_stripes_own_library_accepts_what_we_sign() -> None:
    stripe = pytest.importorskip("stripe", reason="stripe is a development dependency")
    header = sign(BODY, SECRET, datetime.now(UTC))["Stripe-Signature"]
    assert stripe.Webhook.construct_event(BODY, header, SECRET).id == "evt_1"
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(BODY, header, "whsec_other")
    old = sign(BODY, SECRET, datetime.now(UTC) - timedelta(seconds=302))["Stripe-Signature"]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(BODY, old, SECRET)


def test_we_accept_what_stripes_own_library_signs() -> None:
    stripe = pytest.importorskip("stripe", reason="stripe is a development dependency")
    made = stripe.WebhookSignature._compute_signature(f"1772530200.{BODY.decode()}", SECRET)
    assert verify({"stripe-signature": f"t=1772530200,v1={made},v0=old"}, BODY, [SECRET], NOW).ok
