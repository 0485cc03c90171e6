"""Payouts through providers: each asked about before it is sent, and asked again until its end is known."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date

import httpx

from tieout.app.context import LedgerContext
from tieout.app.payout_run import Screen
from tieout.app.payout_sending import secret_of, settle
from tieout.db.pool import Connection
from tieout.model.payout import Answer, Outcome, Payout, PayoutPolicy, Rail, RailKind, Screening
from tieout.model.seller import Seller
from tieout.settlement import attempts, payouts
from tieout.settlement.attempts import Attempt
from tieout.settlement.provider_client import Busy, Order, Provider, Silent
from tieout.settlement.provider_paypal import PayPal
from tieout.settlement.provider_stripe import Stripe
from tieout.settlement.provider_wise import Wise
from tieout.settlement.sellers import SellerRow

Books = Callable[[], AbstractContextManager[tuple[Connection, LedgerContext]]]
_SILENCE = "The sanctions list did not answer; nobody is paid until it does."
_ENDS = "A person has looked at it and released this."


def provider_of(rail: Rail) -> Provider:
    """The provider behind a rail. Raises ConfigError without its key."""
    secret = secret_of(rail)
    if rail.kind is RailKind.STRIPE:
        return Stripe(rail.url, secret, rail.timeout_seconds, to_bank=rail.profile == "to_bank")
    if rail.kind is RailKind.PAYPAL:
        return PayPal(rail.url, secret, rail.timeout_seconds)
    return Wise(rail.url, secret, rail.timeout_seconds, rail.profile)


def pursue(books: Books, policy: PayoutPolicy, day: date) -> int:
    """Sends what was submitted and not heard of, and asks what became of the rest; returns how many payouts moved."""
    rails = {rail.name: rail for rail in policy.rails if not rail.kind.by_file}
    if not rails:
        return 0
    with books() as (connection, context):
        waiting = attempts.under_way(connection, context.id, list(rails))
    providers: dict[str, Provider] = {}
    moved = 0
    for number in waiting:
        with books() as (connection, context):
            if not attempts.take_one(connection, context.id, number):
                continue
            (one,) = payouts.payouts(connection, context.id, ids=[number])
            if one.rail not in providers:
                providers[one.rail] = provider_of(rails[one.rail])
            tried = attempts.attempts(connection, context.id, [number])[-1]
            answer = _asked(providers[one.rail], one, tried)
            if answer is not None:
                moved += settle(connection, context, one, answer, day, "tieout", policy) is not one.state
    return moved


def _asked(provider: Provider, one: Payout, tried: Attempt) -> Answer | None:
    """What the provider says; None if it is to be asked later. Never sends what it has heard of."""
    order = Order(
        tried.idempotency_key, one.name, one.amount_minor, one.currency, one.account.provider_account,
        one.account.holder, one.remittance, tried.answer.provider_ref if tried.answer else "",
    )  # fmt: skip
    try:
        return provider.look_up(order) or provider.send(order)
    except Silent as error:
        return Answer(Outcome.UNKNOWN, order.reference, "provider_away", str(error))
    except Busy:
        return None


def screened(policy: PayoutPolicy, rows: Sequence[SellerRow], screen: Screen | None = None) -> dict[str, str]:
    """Sellers on a sanctions list, each with a sentence; all of them if the list is silent and silence holds."""
    if not rows or (policy.screening is None and screen is None):
        return {}
    asked = [row.seller for row in rows]
    try:
        hits = screen(asked) if screen is not None else _ask_list(policy.screening, asked)
    except (httpx.HTTPError, OSError, ValueError):
        holds = policy.screening is None or policy.screening.silence_holds
        return {seller.party: _SILENCE for seller in asked} if holds else {}
    return {party: f"{said} {_ENDS}".strip() for party, said in hits.items()}


def _ask_list(screening: Screening | None, asked: Sequence[Seller]) -> Mapping[str, str]:
    assert screening is not None, "somebody is asked"
    names = [{"party": one.party, "name": one.legal_name, "country": one.country} for one in asked]
    answer = httpx.post(screening.url, json={"names": names}, timeout=screening.timeout_seconds)
    answer.raise_for_status()
    hits = answer.json().get("hits", {})
    return {str(party): str(said) for party, said in hits.items()}
