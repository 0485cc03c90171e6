"""Settlement's journals: balanced, as an accountant would write them, and judged by Beancount.

The story is the order every page of the settlement speaks of, from capture to a payout that comes back.
"""

import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.settlement.orders import fee_rules, orders
from tests.settlement.scenario import SPLIT, Event, chart, drafts, entries, order_to_return, other_events, roles
from tieout.ledger.check import check
from tieout.model.account import Role
from tieout.model.balance import Balance
from tieout.model.bucket import Bucket
from tieout.model.commission import FeeRule, FeeRules, Keep
from tieout.model.error import ConfigError
from tieout.model.settlement import Leg, LegKind, Order, OrderLine, Part, Refund
from tieout.reports.beancount import export
from tieout.settlement.journal import Occasion, Posting, Step, accrued, captured, entry, refunded, step, together
from tieout.settlement.quote import quote

HERE = Path(__file__).parent
STORY = order_to_return(msgspec.structs.replace(SPLIT, gateway_fee_minor=287))


def written(title: str, events: list[Event]) -> str:
    """The journal of events as Beancount text, with what every account comes to in the end."""
    made = entries(events)
    sums: dict[str, int] = {}
    for one in made:
        for line in one.draft.lines:
            sums[line.account] = sums.get(line.account, 0) + line.amount_minor
    last = made[-1].draft.effective_date
    balances = [Balance(code, "USD", amount, amount, last) for code, amount in sums.items()]
    return export(title, "USD", chart().values(), made, balances)


@pytest.mark.parametrize(("name", "events"), [("story", STORY), ("other_events", other_events())])
def test_the_journal_is_the_golden_one_and_bean_check_accepts_it(
    name: str, events: list[Event], tmp_path: Path
) -> None:
    text, golden = written(name.replace("_", " ").capitalize(), events), HERE / "golden" / f"{name}.beancount"
    if os.environ.get("TIEOUT_TEST_UPDATE"):
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")
    program = shutil.which("bean-check", path=str(Path(sys.executable).parent)) or shutil.which("bean-check")
    assert program is not None, "bean-check belongs to the development environment"
    file = tmp_path / "journal.beancount"
    file.write_text(text, "utf-8")
    checked = subprocess.run([program, "--no-cache", file], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_every_entry_is_one_the_ledger_takes() -> None:
    check(drafts(STORY), chart())
    check(drafts(other_events()), chart())
    assert [draft.rule_id for draft in drafts(STORY)][:3] == [
        "settlement.captured",
        "settlement.fee_taken",
        "settlement.settled",
    ]


def test_every_step_is_told_in_one_of_the_two_journals() -> None:
    """The fee of a dispute is told with the dispute."""
    told = {name for name, _, _ in (*STORY, *other_events())}
    assert {which.value for which in Step} - told == {"dispute_fee"}


def by_role(events: list[Event]) -> dict[tuple[str, str | None], int]:
    sums: dict[tuple[str, str | None], int] = {}
    for _, _, postings in events:
        for posting in postings:
            key = (posting.role.value, posting.party)
            sums[key] = sums.get(key, 0) + posting.amount_minor
    return {key: amount for key, amount in sums.items() if amount}


def test_what_the_story_comes_to() -> None:
    assert by_role(STORY) == {
        ("gateway", None): -7278, ("platform_discounts", None): 250, ("commission_income", None): -250,
        ("tax_payable", None): -228, ("gateway_fees", None): 287, ("bank", None): 8569,
        ("seller_available", "A"): -2850, ("seller_available", "B"): 1500, ("dispute_fees", None): 1500,
        ("dispute_fee_recovery", None): -1500,
    }  # fmt: skip


@given(orders(), fee_rules, st.integers(0, 10**6))
def test_a_sale_and_its_refunds_balance_and_end_at_nothing_but_kept_fees(order, rules, amount) -> None:
    total = quote(order, rules).totals.buyer_minor
    refunds = (Refund(amount_minor=min(amount, total)), Refund())
    split = quote(msgspec.structs.replace(order, refunds=refunds), rules)
    events = [captured(split.legs, split.tenders_minor), *(refunded(portion, {}) for portion in split.refunds)]
    assert [sum(posting.amount_minor for posting in postings) for postings in events] == [0, 0, 0]
    sums = by_role([("", "", postings) for postings in events])
    own = sums.pop(("sales", None), 0) + sums.pop(("returns", None), 0)
    kept = sum(sums.pop((role, None), 0) for role in ("commission_income", "seller_fees", "fee_tax_payable"))
    owed = sum(amount for (role, _), amount in sums.items() if role in ("seller_pending", "seller_available"))
    assert own == 0
    assert kept + owed == 0
    assert {role for role, _ in sums} <= {"seller_pending", "seller_available"}


def test_own_goods_come_back_as_returns() -> None:
    split = quote(Order("EUR", (OrderLine(1, 100),), refunds=(Refund(),)), FeeRules())
    assert refunded(split.refunds[0], {}) == (
        Posting(Role.RETURNS, 100),
        Posting(Role.GATEWAY, -100),
    )


def test_a_kept_fee_is_in_the_refunds_own_entry() -> None:
    rules = FeeRules((FeeRule("r", fixed_minor={"EUR": 15}, kept_on_refund=Keep.ALL),))
    split = quote(Order("EUR", (OrderLine(1, 100, owners={"A": 10_000}),), refunds=(Refund(),)), rules)
    assert refunded(split.refunds[0], {"A": {Bucket.PENDING: 85}}) == (
        Posting(Role.SELLER_PENDING, 85, "A"),
        Posting(Role.SELLER_AVAILABLE, 15, "A"),
        Posting(Role.GATEWAY, -100),
    )


def test_what_was_booked_without_the_split_is_completed() -> None:
    """The order's own entry owed A 45.00 and B 27.00 and took all shipping as income; the coupon was the sellers'."""
    booked = [
        Posting(Role.SELLER_PAYABLE, -4500, "A"),
        Posting(Role.SELLER_PAYABLE, -2700, "B"),
        Posting(Role.SHIPPING_INCOME, -1000),
        Posting(Role.TAX_PAYABLE, -656),
    ]
    assert accrued(SPLIT.legs, booked) == (
        Posting(Role.PLATFORM_DISCOUNTS, 800),
        Posting(Role.SHIPPING_INCOME, 600),
        Posting(Role.SELLER_PAYABLE, 4500, "A"),
        Posting(Role.SELLER_PAYABLE, 2700, "B"),
        Posting(Role.COMMISSION_INCOME, -800),
        Posting(Role.SELLER_PENDING, -5100, "A"),
        Posting(Role.SELLER_PENDING, -1890, "B"),
        Posting(Role.SELLER_PENDING, -810, "C"),
    )
    with pytest.raises(ConfigError, match="The split and what was booked differ by -56 minor units"):
        accrued(SPLIT.legs, [*booked[:3], Posting(Role.TAX_PAYABLE, -600)])


def test_postings_are_added_up_debits_first() -> None:
    mixed = [Posting(Role.BANK, -5), Posting(Role.SALES, 2, tax="a"), Posting(Role.BANK, 2), Posting(Role.SALES, 3)]
    assert together(mixed) == (Posting(Role.SALES, 2, tax="a"), Posting(Role.SALES, 3), Posting(Role.BANK, -3))
    assert together([Posting(Role.BANK, 1), Posting(Role.BANK, -1)]) == ()


def test_a_step_names_sellers_on_their_buckets_and_items_on_clearing_accounts() -> None:
    assert step(Step.FEE_RECHARGED, {"B": 5}, "x") == (
        Posting(Role.SELLER_AVAILABLE, 5, "B"),
        Posting(Role.DISPUTE_FEE_RECOVERY, -5),
    )
    assert step(Step.HELD, {"B": 5, "C": 0}) == (
        Posting(Role.SELLER_AVAILABLE, 5, "B"),
        Posting(Role.SELLER_DISPUTE_HOLD, -5, "B"),
    )
    assert step(Step.SETTLED, 5, "x") == (Posting(Role.BANK, 5), Posting(Role.GATEWAY, -5, item="x"))


DAY = date(2026, 10, 1)
OCCASION = Occasion("captured", "Why.", "key", "Memo", "USD", DAY, datetime(2026, 10, 1, tzinfo=UTC))


def test_in_base_currency_every_line_has_its_worth_and_they_balance() -> None:
    made = entry(OCCASION, captured(SPLIT.legs, SPLIT.tenders_minor), roles(chart()), Fraction("0.91337"))
    assert sum(line.base_minor for line in made.lines) == sum(line.amount_minor for line in made.lines) == 0
    assert (made.lines[0].amount_minor, made.lines[0].base_minor, made.rate) == (8856, 8089, "91337/100000")
    check([made], chart())


@given(orders(), fee_rules, st.fractions(Fraction(1, 1000), 1000))
def test_the_worth_always_balances(order, rules, rate) -> None:
    split = quote(order, rules)
    postings = captured(split.legs, split.tenders_minor)
    worth = [line.base_minor for line in entry(OCCASION, postings, roles(chart()), rate).lines]
    assert sum(worth) == 0
    assert all(one * posting.amount_minor >= 0 for one, posting in zip(worth, postings, strict=True))


def test_taxes_carry_their_label() -> None:
    legs = [Leg(1, Part.GOODS, LegKind.TAX, 5, label="TX"), Leg(1, Part.GOODS, LegKind.CHANNEL_TAX, 7, label="CA")]
    made = entry(OCCASION, captured(legs, {"gateway": 12}, "charge:1"), roles(chart()))
    assert [(line.dimensions, line.item) for line in made.lines] == [
        ({}, "charge:1"), ({"tax": "TX"}, None), ({"tax": "CA"}, None),
    ]  # fmt: skip


def test_what_has_no_account_is_refused() -> None:
    with pytest.raises(ConfigError, match="No account plays the role “bank”"):
        entry(OCCASION, step(Step.SETTLED, 5), {Role.GATEWAY: "1320"}.get)
    with pytest.raises(ConfigError, match="No account is known for the tender “cheque”"):
        captured(SPLIT.legs, {"cheque": 8856})
    with pytest.raises(AssertionError, match="key does not balance"):
        entry(OCCASION, [Posting(Role.BANK, 1)], roles(chart()))
