"""Shopify's signature: what is accepted, and what is not and why."""

import base64
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.connectors.shopify.signature import sign, verify

NOW = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
SECRET = "shpss_first"
BODY = '{"id":820982911946154508,"note":"Größe 42"}'.encode()


def headers(body: bytes = BODY, secret: str = SECRET) -> dict[str, str]:
    return {name.lower(): value for name, value in sign(body, secret, NOW).items()}


def test_the_scheme_is_the_documented_one() -> None:
    expected = base64.b64encode(hmac.new(SECRET.encode(), BODY, "sha256").digest()).decode()
    assert sign(BODY, SECRET, NOW) == {"X-Shopify-Hmac-SHA256": expected}


def test_it_is_the_hmac_of_a_known_vector() -> None:
    known = bytes.fromhex("f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8")
    signed = sign(b"The quick brown fox jumps over the lazy dog", "key", NOW)
    assert signed == {"X-Shopify-Hmac-SHA256": base64.b64encode(known).decode()}


@pytest.mark.parametrize("name", ["x-shopify-hmac-sha256", "shopify-hmac-sha256"])
def test_webhooks_and_events_name_the_header_differently(name: str) -> None:
    (value,) = headers().values()
    verdict = verify({name: value}, BODY, [SECRET], NOW)
    assert (verdict.ok, verdict.reason) == (True, "")
    assert verify({name: f" {value}\r\n"}, BODY, [SECRET], NOW).ok


def test_no_time_is_signed() -> None:
    assert verify(headers(), BODY, [SECRET], NOW + timedelta(days=400)).ok


@pytest.mark.parametrize(
    ("body", "secrets"),
    [(BODY + b" ", [SECRET]), (b"", [SECRET]), (BODY, ["shpss_other"]), (BODY, [SECRET.upper()])],
)
def test_another_body_or_secret_is_refused(body: bytes, secrets: list[str]) -> None:
    verdict = verify(headers(), body, secrets, NOW)
    assert (verdict.ok, verdict.reason) == (False, "the signature does not agree with the body and a known secret")


def test_an_empty_body_is_signed_like_any_other() -> None:
    assert verify(headers(b""), b"", [SECRET], NOW).ok


def test_while_a_secret_is_replaced_both_are_accepted() -> None:
    assert verify(headers(), BODY, ["shpss_new", SECRET], NOW).ok
    assert verify(headers(secret="shpss_new"), BODY, ["shpss_new", SECRET], NOW).ok


@pytest.mark.parametrize("given_headers", [{}, {"x-shopify-hmac-sha256": ""}, {"stripe-signature": "t=1,v1=a"}])
def test_a_missing_header_is_refused(given_headers: dict[str, str]) -> None:
    verdict = verify(given_headers, BODY, [SECRET], NOW)
    assert (verdict.ok, verdict.reason) == (False, "the X-Shopify-Hmac-SHA256 header is missing")


def test_without_a_secret_nothing_is_accepted() -> None:
    verdict = verify(headers(), BODY, [], NOW)
    assert (verdict.ok, verdict.reason) == (False, "no client secret is configured for this source")


@pytest.mark.parametrize("value", ["ü\ud800é", "%%%", "=", "a" * 100_000])
def test_nonsense_is_refused_and_does_not_raise(value: str) -> None:
    assert not verify({"x-shopify-hmac-sha256": value}, BODY, [SECRET], NOW).ok


@given(st.text(), st.binary())
def test_no_header_is_accepted_by_chance(header: str, body: bytes) -> None:
    assert not verify({"x-shopify-hmac-sha256": header}, body, [SECRET], NOW).ok


@given(st.binary(), st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])), st.binary())
def test_what_is_signed_verifies_and_nothing_else_does(body: bytes, secret: str, other: bytes) -> None:
    signed = headers(body, secret)
    assert verify(signed, body, [secret], NOW).ok
    assert verify(signed, other, [secret], NOW).ok is (other == body)
