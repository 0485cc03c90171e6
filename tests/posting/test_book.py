"""Booking: every entry balances in every currency and in base, and nothing of an event is ever left out in silence."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.posting.words import ACCOUNTS, NOON, RATES, books, dated, event, journal
from tieout.ledger.check import check
from tieout.model.account import Role
from tieout.model.case import CaseDraft, Reason
from tieout.model.entry import EntryDraft, Line
from tieout.model.event import (
    MEMO_KINDS,
    TOTAL_SIGN,
    Component,
    ComponentKind,
    Event,
    EventDraft,
    EventKind,
    total_minor,
)
from tieout.model.money import AMOUNT_MINOR_MAX, exponent_of
from tieout.posting.book import Books, Memo, Wait, book, rate_key, with_base
from tieout.posting.rule import read_rules, standard_rules

K, C = EventKind, ComponentKind
CHARGE = ("order:1", "charge:ch_1")
SETTLED = ("txn:t", "charge:ch_1")


def booked(found: Event, around: Books | None = None) -> EntryDraft:
    outcome = book(found, around or books())
    assert isinstance(outcome, EntryDraft), outcome
    return outcome


def refused(found: Event, around: Books | None = None) -> CaseDraft:
    outcome = book(found, around or books())
    assert isinstance(outcome, CaseDraft), outcome
    return outcome


# ── The entry itself ──────────────────────────────────────────────────────────────────────────────────────────


def test_an_entry_carries_its_event_rule_and_reason() -> None:
    found = event(K.ORDER_PLACED, "item 10.00 USD", source="shop", references=("order:1", "order_name:#1001"))
    entry = booked(found)
    rule = next(r for r in standard_rules().rules if r.id == "order.placed")
    assert (entry.key, entry.event_id, entry.actor) == ("shop:order_placed:1", 7, "tieout")
    assert (entry.rule_id, entry.rule_version, entry.why) == ("order.placed", 1, rule.why)
    assert (entry.effective_date, entry.occurred_at, entry.late) == (date(2026, 1, 15), NOON, False)
    assert entry.memo == "Order placed #1001 · order:1"
    assert entry.rate == "0.9 ecb 2026-01-15"
    assert booked(event(K.ORDER_PLACED, "item 10.00 EUR", source="shop")).rate is None


def test_a_rate_of_exactly_one_is_still_named() -> None:
    found = event(K.PAYMENT_CAPTURED, "gross 5.00 USD", references=CHARGE)
    assert booked(found, books(rates={"USD": Decimal(1)})).rate == "1 ecb 2026-01-15"


@pytest.mark.parametrize(
    ("timezone", "at", "day"),
    [
        ("Europe/Berlin", datetime(2026, 1, 31, 22, 59, 59, tzinfo=UTC), date(2026, 1, 31)),
        ("Europe/Berlin", datetime(2026, 1, 31, 23, 0, 0, tzinfo=UTC), date(2026, 2, 1)),
        ("America/Los_Angeles", datetime(2026, 2, 1, 7, 59, 59, tzinfo=UTC), date(2026, 1, 31)),
        ("Europe/Berlin", datetime(2026, 3, 29, 1, 0, 0, tzinfo=UTC), date(2026, 3, 29)),
    ],
)
def test_the_day_is_that_of_the_entity(timezone: str, at: datetime, day: date) -> None:
    found = dated(event(K.PAYMENT_CAPTURED, "gross 5.00 EUR", references=CHARGE), at)
    assert booked(found, books(timezone=timezone)).effective_date == day


@pytest.mark.parametrize("timezone", ["Pacific/Auckland", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin"])
def test_the_day_of_a_bank_line_is_the_banks(timezone: str) -> None:
    """Told as noon UTC, which is the next day already in Auckland: the last day of a month must stay in it."""
    found = dated(event(K.BANK_CREDITED, "gross 5.00 EUR", source="bank"), datetime(2026, 1, 31, 12, tzinfo=UTC))
    assert booked(found, books(timezone=timezone)).effective_date == date(2026, 1, 31)


def test_late_news_is_booked_on_the_first_open_day_at_the_rate_of_its_own() -> None:
    asked = []

    def rates(currency: str, day: date) -> Any:
        asked.append((currency, day))
        return books().rate_for(currency, day)

    around = msgspec.structs.replace(books(open_day=lambda day, _accounts: day + timedelta(days=17)), rate_for=rates)
    entry = booked(event(K.PAYMENT_CAPTURED, "gross 5.00 USD", references=CHARGE), around)
    assert (entry.effective_date, entry.occurred_at, entry.late) == (date(2026, 2, 1), NOON, True)
    assert asked == [("USD", date(2026, 1, 15))]


def test_custom_dimensions_reach_the_lines_and_equal_lines_are_one() -> None:
    parts = (
        Component(C.ITEM, 1000, "EUR", dimensions={"store": "north"}),
        Component(C.ITEM, 500, "EUR", dimensions={"store": "north"}),
        Component(C.ITEM, 300, "EUR", dimensions={"store": "south", "channel": "pos"}),
        Component(C.TAX, 100, "EUR", label="VAT"),
        Component(C.TAX, 50, "EUR", label="VAT"),
        Component(C.TAX, 7, "EUR"),
    )
    found = event(
        K.ORDER_PLACED, "item 1.00 EUR", source="shop", references=("order:1",), dimensions={"channel": "web"}
    )
    found = msgspec.structs.replace(found, draft=msgspec.structs.replace(found.draft, components=parts))
    assert journal(booked(found)).splitlines() == [
        "1200              19.57 EUR  order:1  #channel=web",
        "4000             -15.00 EUR  #channel=web  #store=north",
        "4000              -3.00 EUR  #channel=pos  #store=south",
        "2100              -1.50 EUR  #channel=web  #tax=VAT",
        "2100              -0.07 EUR  #channel=web",
    ]


def test_an_item_without_any_of_its_references_is_named_after_its_event() -> None:
    entry = booked(event(K.PAYMENT_CAPTURED, "gross 5.00 EUR"))
    assert [line.item for line in entry.lines] == ["event:stripe:payment_captured:1"] * 2


@pytest.mark.parametrize("kind", sorted(MEMO_KINDS))
def test_a_memo_moves_nothing(kind: EventKind) -> None:
    assert book(event(kind, "gross 5.00 EUR"), books()) == Memo()


def test_what_comes_to_nothing_moves_nothing() -> None:
    """All of it withdrawn and reinstated; goods exchanged for the same goods; an event without money."""
    assert book(event(K.DISPUTE_LOST, "gross 9.00 EUR\ngross -9.00 EUR", references=("dispute:d",)), books()) == Memo()
    assert book(event(K.ORDER_EDITED, "item 9.00 EUR\nitem -9.00 EUR", source="shop"), books()) == Memo()
    assert book(event(K.ORDER_EDITED, "", source="shop"), books()) == Memo()
    assert book(event(K.ORDER_EDITED, "item 9.00 USD\nitem -9.00 USD", source="shop"), books(rates={})) == Memo()


def test_only_tax_inside_a_price_changed_and_that_is_booked() -> None:
    """The buyer owes nothing more, but the authority does: a total of zero is not the same as nothing."""
    entry = booked(event(K.ORDER_REFUNDED, "tax_included 1.90 EUR of=item", source="shop", references=("order:1",)))
    assert journal(entry).splitlines() == ["2100               1.90 EUR", "4200              -1.90 EUR"]


def test_an_exchange_of_goods_between_sellers_moves_what_they_are_owed() -> None:
    entry = booked(event(K.ORDER_EDITED, "item 9.00 EUR seller=Ana\nitem -9.00 EUR seller=Bo", source="shop"))
    assert journal(entry).splitlines() == ["2300              -9.00 EUR  (Ana)", "2300               9.00 EUR  (Bo)"]


# ── What goes to a person ─────────────────────────────────────────────────────────────────────────────────────


SILENT = [
    (K.PAYMENT_CAPTURED, "gross 5.00 EUR\nfee 1.00 EUR", "Rule payment.captured says nothing about fee."),
    (K.BANK_CREDITED, "gross 5.00 EUR\nfee 1.00 EUR", "Rule bank.credit.unknown says nothing about fee."),
    (K.PAYOUT_FAILED, "gross 5.00 EUR\nfee -1.00 EUR", "Rule payout.failed says nothing about fee."),
    (K.RESERVE_HELD, "gross 5.00 EUR\nfee 1.00 EUR", "Rule reserve.held says nothing about fee."),
    (K.DISPUTE_LOST, "gross 5.00 EUR\nconverted 6.00 USD", "Rule dispute.lost says nothing about converted."),
    (K.CHARGE_SETTLED, "gross 5.00 EUR\ntip 1.00 EUR\ntip 2.00 EUR", "Rule charge.settled says nothing about tip."),
    (K.ORDER_PLACED, "item 5.00 EUR\nconverted 6.00 USD", "Rule order.placed says nothing about converted."),
    (K.CASE_RESOLVED, "gross 5.00 EUR", "No posting rule covers “case_resolved” on 2026-01-15."),
]


@pytest.mark.parametrize(("kind", "text", "sentence"), SILENT)
def test_what_a_rule_says_nothing_about_is_not_left_out(kind: EventKind, text: str, sentence: str) -> None:
    found = event(kind, text, source="bank" if "bank" in kind else "stripe", references=SETTLED)
    case = refused(found)
    assert (case.reason, case.sentence) == (Reason.NO_RULE, sentence)
    assert (case.subject, case.aggregate, case.links) == (found.draft.key, "order:1", ("evt_7",))


OFF = [
    (K.ORDER_PLACED, "item 5.00 EUR\ngross 5.00 EUR", "5.00 EUR"),
    (K.ORDER_PLACED, "item 5.00 EUR\ntax_included 1.00 EUR of=duty", "−1.00 EUR"),
    # A conversion that is none is not made to balance: one currency, two others at once, signs apart.
    (K.CHARGE_SETTLED, "gross 5.00 EUR\nconverted 6.00 EUR", "−1.00 EUR"),
    (
        K.CHARGE_SETTLED,
        "gross 5.00 EUR\nconverted 6.00 USD\nconverted 1.00 GBP",
        "5.00 EUR and −6.00 USD and −1.00 GBP",
    ),
    (K.CHARGE_SETTLED, "gross 5.00 EUR\nconverted -6 JPY", "5.00 EUR and 6 JPY"),
]


@pytest.mark.parametrize(("kind", "text", "off"), OFF)
def test_what_does_not_balance_is_not_made_to(kind: EventKind, text: str, off: str) -> None:
    case = refused(event(kind, text, references=SETTLED))
    rule = "order.placed" if kind is K.ORDER_PLACED else "charge.settled"
    assert case.reason is Reason.POSTING_REFUSED
    assert case.sentence == f"Rule {rule} does not balance this event: it is off by {off}."


@pytest.mark.parametrize(
    ("text", "currencies"),
    [
        ("gross 5.00 EUR\nfee 1.00 USD", "EUR, USD"),
        ("gross 5.00 EUR\nfee 1.00 USD\nconverted 1.00 USD", "EUR, USD"),
        ("converted 5.00 EUR", "none"),
    ],
)
def test_an_event_has_one_currency_beside_what_it_was_converted_from(text: str, currencies: str) -> None:
    case = refused(event(K.CHARGE_SETTLED, text, references=SETTLED))
    assert (case.reason, case.sentence) == (Reason.POSTING_REFUSED, f"It mixes currencies: {currencies}.")


def test_a_rule_that_is_off_is_not_helped_by_a_conversion() -> None:
    """The fee stands on one side only. Without a conversion it is refused; with one it must be refused as well."""
    rules = read_rules(
        """
        [[rule]]
        id = "charge.settled"
        version = 1
        kind = "charge_settled"
        why = "Forgets where the fee goes."
        converts = true
        line = [
          { component = "gross", role = "gateway", side = "debit", item = ["txn"] },
          { component = "fee", role = "gateway", side = "credit", item = ["txn"] },
          { component = "converted", otherwise = "gross", role = "captured", side = "credit", item = ["charge"] },
        ]
        """,
        "test",
    )
    for text in ("gross 5.00 EUR\nfee 1.00 EUR", "gross 5.00 EUR\nfee 1.00 EUR\nconverted 6.00 USD"):
        case = refused(event(K.CHARGE_SETTLED, text, references=SETTLED), books(rules=rules))
        assert case.reason is Reason.POSTING_REFUSED
        assert "does not balance this event" in case.sentence


def test_a_role_nobody_plays_goes_to_a_person() -> None:
    case = refused(event(K.PAYMENT_CAPTURED, "gross 5.00 EUR", source="shop", references=CHARGE))
    assert (case.reason, case.amount_minor, case.currency) == (Reason.POSTING_REFUSED, 500, "EUR")
    assert case.sentence == "No account plays the role “captured” for “shop”."


def test_a_missing_rate_makes_the_event_wait() -> None:
    found = event(K.PAYMENT_CAPTURED, "gross 5.00 CHF", references=CHARGE)
    assert book(found, books()) == Wait(("rate:CHF/EUR:2026-01-15",))
    assert rate_key("CHF", "EUR", date(2026, 1, 15)) == "rate:CHF/EUR:2026-01-15"


@pytest.mark.parametrize("text", ["gross 5.00 CHF\nconverted 5.10 EUR", "gross 5.10 EUR\nconverted 5.00 CHF"])
def test_a_conversion_to_or_from_base_needs_no_rate(text: str) -> None:
    entry = booked(event(K.CHARGE_SETTLED, text, references=SETTLED), books(rates={}))
    assert entry.rate == "1.02 conversion 2026-01-15"
    assert sum(line.base_minor for line in entry.lines if line.base_minor > 0) == 2 * 510


def test_a_conversion_between_two_others_needs_the_rate_of_the_balance() -> None:
    found = event(K.CHARGE_SETTLED, "gross 5.00 CHF\nconverted 6.00 USD", references=SETTLED)
    assert book(found, books()) == Wait(("rate:CHF/EUR:2026-01-15",))
    entry = booked(found, books(rates={"CHF": Decimal("1.05")}))
    assert entry.rate == "CHF 1.05 ecb 2026-01-15; USD 0.875 conversion 2026-01-15"


# ── Base currency ─────────────────────────────────────────────────────────────────────────────────────────────


def in_base(amounts: list[int], rate: str, currency: str = "USD", base: str = "EUR") -> list[int]:
    lines = [Line(f"{n}", currency, amount, 0) for n, amount in enumerate(amounts)]
    return [line.base_minor for line in with_base(lines, base, currency, Fraction(rate), "1495")]


def test_base_is_rounded_once_and_shared_out() -> None:
    assert in_base([100, -100], "0.905") == [91, -91]  # halves round away from zero
    assert in_base([-100, 100], "0.905") == [-91, 91]
    assert in_base([300, -100, -100, -100], "0.8333") == [250, -84, -83, -83]
    assert in_base([3, -1, -1, -1], "0.1") == [0, 0, 0, 0]
    assert in_base([10000, -10000], "0.0060", "JPY") == [6000, -6000]
    assert in_base([1234, -1234], "2.4", "BHD") == [296, -296]
    assert in_base([100, -100], "165.5", "EUR", "JPY") == [166, -166]
    assert in_base([100, -100], "0.4166", "EUR", "BHD") == [417, -417]
    assert in_base([AMOUNT_MINOR_MAX, -AMOUNT_MINOR_MAX], "1.000000000001") == [
        9223372036863999179, -9223372036863999179,
    ]  # fmt: skip
    assert in_base([7, -7], "1", "EUR") == [7, -7]


def test_many_small_lines_do_not_pile_their_rounding_on_one() -> None:
    """A hundred lines of one cent at 0.4: rounded one by one they would be nothing, together 40."""
    assert in_base([100, *[-1] * 100], "0.4") == [40, *[-1] * 40, *[0] * 60]


def test_more_base_than_64_bits_is_refused_by_the_ledger() -> None:
    found = event(K.PAYMENT_CAPTURED, f"gross {AMOUNT_MINOR_MAX // 100} USD", references=CHARGE)
    entry = booked(found, books(rates={"USD": Decimal(2)}))
    assert max(line.base_minor for line in entry.lines) > AMOUNT_MINOR_MAX
    with pytest.raises(Exception, match="beyond 64 bits"):
        check([entry], ACCOUNTS["marketplace"])


# ── Arbitrary events ──────────────────────────────────────────────────────────────────────────────────────────

CURRENCIES = ("EUR", "USD", "JPY", "BHD")
small = st.integers(-(10**7), 10**7).filter(bool)
positive = st.integers(1, 10**12)


@st.composite
def worlds(draw: st.DrawFn) -> Books:
    """Books in any base currency, with rates of any precision."""
    base = draw(st.sampled_from(CURRENCIES))
    rate = st.decimals("0.000001", "50000", allow_nan=False, places=6)
    return books(base=base, rates={c: draw(rate) for c in CURRENCIES if c != base})


@st.composite
def wild_events(draw: st.DrawFn) -> Event:
    """Any kind, any components, sensible or not."""
    kinds = st.sampled_from([k for k in K if k not in MEMO_KINDS])
    one = st.builds(
        Component,
        kind=st.sampled_from(list(C)),
        amount_minor=small,
        currency=st.sampled_from([draw(st.sampled_from(CURRENCIES))] * 6 + list(CURRENCIES)),
        seller=st.sampled_from([None, "Ana", "North Wool"]),
        label=st.sampled_from([None, "VAT"]),
        of=st.sampled_from([None, C.ITEM, C.SHIPPING, C.FEE_CHARGED, C.DUTY]),
    )
    return made(draw(kinds), tuple(draw(st.lists(one, min_size=1, max_size=8))))


@st.composite
def order_events(draw: st.DrawFn) -> Event:
    """Orders, edits and refunds as a shop tells them, in one currency."""
    currency = draw(st.sampled_from(CURRENCIES))
    seller = st.sampled_from([None, "Ana", "Bo", "North Wool"])
    plain = st.sampled_from([k for k in C if TOTAL_SIGN[k] and k not in (C.GROSS, C.FEE, C.FEE_TAX)])
    inside = st.sampled_from([C.TAX_INCLUDED, C.FACILITATOR_TAX_INCLUDED])
    of = st.sampled_from([C.ITEM, C.SHIPPING, C.FEE_CHARGED])
    parts = st.one_of(
        st.builds(Component, kind=plain, amount_minor=small, currency=st.just(currency), seller=seller),
        st.builds(Component, kind=inside, amount_minor=small, currency=st.just(currency), seller=seller, of=of),
    )
    kind = draw(st.sampled_from([K.ORDER_PLACED, K.ORDER_EDITED, K.ORDER_REFUNDED]))
    return made(kind, tuple(draw(st.lists(parts, min_size=1, max_size=10))))


@st.composite
def settlements(draw: st.DrawFn) -> Event:
    """Charges and refunds that reached the balance, perhaps in another currency."""
    currency, theirs = draw(st.permutations(CURRENCIES))[:2]
    parts = [Component(C.GROSS, draw(positive), currency)]
    parts += draw(
        st.lists(st.builds(Component, st.sampled_from([C.FEE, C.FEE_TAX]), small, st.just(currency)), max_size=3)
    )
    if draw(st.booleans()):
        parts.append(Component(C.CONVERTED, draw(positive), theirs))
    kind = draw(st.sampled_from([K.CHARGE_SETTLED, K.REFUND_SETTLED, K.REFUND_RETURNED]))
    return made(kind, tuple(draw(st.permutations(parts))))


def made(kind: EventKind, parts: tuple[Component, ...]) -> Event:
    source = "bank" if kind in (K.BANK_CREDITED, K.BANK_DEBITED) else "stripe"
    references = ("order:1", "charge:c", "refund:r", "txn:t", "dispute:d", "payout:p")
    draft = EventDraft(f"{source}:{kind}", kind, NOON, "order:1", references, components=parts)
    return Event(1, source, draft, b"", None, NOON)


def check_entry(entry: EntryDraft, around: Books) -> None:
    """It balances in every currency and in base; base currency is worth itself; worth has the sign of its amount."""
    check([entry], ACCOUNTS["marketplace"])
    for currency in {line.currency for line in entry.lines}:
        own = [line for line in entry.lines if line.currency == currency]
        assert sum(line.amount_minor for line in own) == 0
        assert sum(line.base_minor for line in own) == 0
        debits = sum(line.amount_minor for line in own if line.amount_minor > 0)
        worth = sum(line.base_minor for line in own if line.base_minor > 0)
        for line in own:
            assert line.amount_minor * line.base_minor >= 0
            assert currency != around.base_currency or line.amount_minor == line.base_minor
            assert abs(abs(line.base_minor) - Fraction(worth * abs(line.amount_minor), debits)) <= 1
    assert len(
        {(ln.account, ln.currency, ln.party, ln.item, tuple(sorted(ln.dimensions.items()))) for ln in entry.lines}
    ) == len(entry.lines)


@given(wild_events(), worlds())
def test_whatever_comes_balances_or_goes_to_a_person(found: Event, around: Books) -> None:
    outcome = book(found, around)
    assert isinstance(outcome, EntryDraft | Memo | CaseDraft)
    if isinstance(outcome, EntryDraft):
        check_entry(outcome, around)


@given(order_events(), worlds())
def test_every_order_balances_and_the_buyer_owes_its_total(found: Event, around: Books) -> None:
    outcome = book(found, around)
    total = total_minor(found.draft.components)
    sign = -1 if found.draft.kind is K.ORDER_REFUNDED else 1
    if isinstance(outcome, Memo):
        assert total == 0
        return
    assert isinstance(outcome, EntryDraft), outcome
    check_entry(outcome, around)
    assert sum(line.amount_minor for line in outcome.lines if line.account == "1200") == sign * total
    tax = sum(c.amount_minor for c in found.draft.components if c.kind in (C.TAX, C.TAX_INCLUDED))
    assert sum(line.amount_minor for line in outcome.lines if line.account == "2100") == -sign * tax


@given(settlements(), worlds())
def test_every_settlement_balances_and_moves_the_balance_by_its_net(found: Event, around: Books) -> None:
    entry = booked(found, around)
    check_entry(entry, around)
    parts = {kind: sum(c.amount_minor for c in found.draft.components if c.kind is kind) for kind in C}
    sign = -1 if found.draft.kind is K.REFUND_SETTLED else 1
    net = sign * parts[C.GROSS] - parts[C.FEE] - parts[C.FEE_TAX]
    assert sum(line.amount_minor for line in entry.lines if line.account == "1320.stripe") == net
    captured = parts[C.CONVERTED] or parts[C.GROSS]
    assert sum(line.amount_minor for line in entry.lines if line.account == "1310.stripe") == -sign * captured
    legs = [line for line in entry.lines if line.account == "1495"]
    assert len(legs) == (2 if parts[C.CONVERTED] else 0)
    assert sum(line.base_minor for line in legs) == 0
    assert around.account_for(Role.FX_CLEARING, "") == "1495"


@given(worlds(), st.sampled_from(CURRENCIES), st.lists(positive, min_size=1, max_size=6))
def test_worth_is_the_exact_worth_to_the_minor_unit(around: Books, currency: str, parts: list[int]) -> None:
    """The total of an entry is worth the exact value rounded once, whatever it consists of."""
    assume(sum(parts) < 10**13)
    found = made(K.ORDER_PLACED, tuple(Component(C.ITEM, amount, currency, f"s{n}") for n, amount in enumerate(parts)))
    (receivable, *_) = booked(found, around).lines
    rate = around.rate_for(currency, date(2026, 1, 15))
    assert rate is not None
    shift = exponent_of(around.base_currency) - exponent_of(currency)
    exact = sum(parts) * Fraction(rate.value) * Fraction(10) ** shift
    assert abs(receivable.base_minor - exact) <= Fraction(1, 2)


def test_every_kind_that_posts_can_be_booked() -> None:
    """With the one part it is made of, in the words of its source; decisions of people excepted."""
    for kind in set(K) - MEMO_KINDS - {K.CASE_RESOLVED}:
        part = C.ITEM if kind.startswith("order_") else C.FACILITATOR_TAX if kind is K.TAX_WITHHELD else C.GROSS
        entry = booked(made(kind, (Component(part, 1000, "USD"),)))
        assert {line.currency for line in entry.lines} == {"USD"}
        assert sorted(line.base_minor for line in entry.lines) == [-900, 900]
        assert RATES["USD"] == Decimal("0.9")
