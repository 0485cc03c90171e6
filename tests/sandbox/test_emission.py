"""Hooks are signed as the provider signs them, forged ones are not, and other doors need no signature."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.sandbox.worlds import demo, only
from tieout.connectors.shopify import signature as shopify_signature
from tieout.connectors.stripe import signature as stripe_signature
from tieout.sandbox.emission import Door, Emission, json_body

NOW = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
VERIFY = {"shopify": shopify_signature.verify, "stripe": stripe_signature.verify}


def verdict(emission: Emission, secret: str, now: datetime = NOW) -> bool:
    headers = {name.lower(): value for name, value in emission.headers_signed(secret, NOW).items()}
    return VERIFY[emission.connector](headers, emission.body, [secret], now).ok


def test_every_hook_verifies_but_the_forged_one() -> None:
    hooks = [emission for emission in demo().emissions if emission.door is Door.HOOK]
    assert [emission for emission in hooks if verdict(emission, "whsec_1") == emission.forged] == []
    assert only(hooks, lambda emission: emission.forged).topic == "charge.succeeded"


def test_a_changed_body_or_another_secret_does_not_verify() -> None:
    for connector, verify in VERIFY.items():
        hook = next(e for e in demo().emissions if e.door is Door.HOOK and e.connector == connector)
        headers = {name.lower(): value for name, value in hook.headers_signed("whsec_1", NOW).items()}
        assert verify(headers, hook.body, ["whsec_1"], NOW).ok
        assert not verify(headers, hook.body + b" ", ["whsec_1"], NOW).ok
        assert not verify(headers, hook.body, ["whsec_2"], NOW).ok


def test_a_signature_is_of_the_time_of_sending() -> None:
    hook = next(e for e in demo().emissions if e.connector == "stripe")
    assert hook.at < NOW
    assert verdict(hook, "whsec_1")
    assert not verdict(hook, "whsec_1", NOW + timedelta(minutes=6))


@pytest.mark.parametrize("door", [Door.OBJECTS, Door.FILE])
def test_other_doors_are_not_signed(door: Door) -> None:
    emission = next(e for e in demo().emissions if e.door is door)
    assert emission.headers_signed("whsec_1", NOW) == emission.headers


def test_decimals_become_json_numbers() -> None:
    assert json_body({"rate": Decimal("0.19"), "name": "Töpferei"}) == '{"rate":0.19,"name":"Töpferei"}'.encode()
