"""Charts of accounts: consistent in themselves, with each other, and with the rules that speak in their roles."""

import pytest

from tieout.masterdata.chart import (
    AccountClass,
    Chart,
    ChartAccount,
    Roles,
    accounts_of_source,
    class_of,
    common_accounts,
    read_chart,
    standard_charts,
)
from tieout.model.account import Account, AccountType, Role
from tieout.model.error import ConfigError
from tieout.posting.rule import standard_rules

#: What a role is by nature, whatever chart an entity uses.
TYPES = {
    AccountType.ASSET: {
        Role.BANK, Role.ORDER_RECEIVABLE, Role.CAPTURED, Role.GATEWAY, Role.PAYOUT_IN_TRANSIT, Role.DISPUTED,
        Role.RESERVE, Role.SUSPENSE, Role.FX_CLEARING, Role.INPUT_TAX, Role.SELLER_RECEIVABLE,
    },
    AccountType.LIABILITY: {
        Role.GIFT_CARD_LIABILITY, Role.STORE_CREDIT_LIABILITY, Role.TAX_PAYABLE, Role.FACILITATOR_TAX,
        Role.TIPS_PAYABLE, Role.DUTIES_PAYABLE, Role.SELLER_PAYABLE, Role.SELLER_PENDING, Role.SELLER_AVAILABLE,
        Role.SELLER_RESERVE, Role.SELLER_DISPUTE_HOLD, Role.SELLER_IN_TRANSIT, Role.FEE_TAX_PAYABLE,
        Role.DEFERRED_REVENUE,
    },
    AccountType.EQUITY: {Role.EQUITY},
    AccountType.INCOME: {
        Role.SALES, Role.SHIPPING_INCOME, Role.FEE_INCOME, Role.DISCOUNTS, Role.RETURNS, Role.COMMISSION_INCOME,
        Role.RECURRING_REVENUE, Role.SELLER_FEES, Role.DISPUTE_FEE_RECOVERY, Role.FX_FEES, Role.BREAKAGE,
        Role.PLATFORM_DISCOUNTS, Role.GOODWILL,
    },
    AccountType.EXPENSE: {
        Role.GATEWAY_FEES, Role.DISPUTE_FEES, Role.CHARGEBACK_LOSSES, Role.BANK_CHARGES, Role.WRITE_OFFS,
        Role.ROUNDING, Role.FX_DIFFERENCES, Role.FX_UNREALISED, Role.SELLER_BAD_DEBT, Role.SELLER_ADJUSTMENTS,
    },
}  # fmt: skip
#: Decomposed into open items at all times.
CLEARING = {
    Role.ORDER_RECEIVABLE, Role.CAPTURED, Role.GATEWAY, Role.PAYOUT_IN_TRANSIT, Role.DISPUTED, Role.RESERVE,
    Role.SUSPENSE, Role.FACILITATOR_TAX, Role.SELLER_IN_TRANSIT,
}  # fmt: skip
CHARTS = ["marketplace", "retailer", "subscription"]


@pytest.fixture(params=CHARTS)
def chart(request: pytest.FixtureRequest) -> Chart:
    return read_chart(request.param)


def test_the_charts_that_come_with_the_product() -> None:
    assert standard_charts() == tuple(CHARTS)
    assert [read_chart(name).sellers for name in CHARTS] == ["payable", "own", "own"]


def test_a_chart_that_is_not_there() -> None:
    with pytest.raises(ConfigError, match="There is no chart “skr03”") as refused:
        read_chart("skr03")
    assert refused.value.remedy == "Choose one of: marketplace, retailer, subscription."
    with pytest.raises(ConfigError):
        read_chart("../posting")


def test_every_role_is_played_by_exactly_one_account(chart: Chart) -> None:
    assert sorted(account.role for account in chart.account) == sorted(set(Role) - {Role.OTHER})


def test_every_account_is_of_the_type_of_its_role(chart: Chart) -> None:
    assert {account.role: account.type for account in chart.account} == {
        role: kind for kind, roles in TYPES.items() for role in roles
    }


def test_clearing_accounts_are_those_of_the_chain(chart: Chart) -> None:
    assert {account.role for account in chart.account if account.clearing} == CLEARING


def test_codes_and_names_are_given_once_and_codes_tell_the_type(chart: Chart) -> None:
    codes = [account.code for account in chart.account]
    assert len(set(codes)) == len(codes)
    assert len({account.name for account in chart.account}) == len(codes)
    first = {"asset": "1", "liability": "2", "equity": "3", "income": "4", "expense": "5"}
    assert [a.code for a in chart.account if a.code[0] != first[a.type]] == []


def test_an_account_per_scope_names_it_in_code_and_name(chart: Chart) -> None:
    per = [account for account in chart.account if account.per is not None]
    assert {account.role for account in per} == {
        Role.BANK, Role.CAPTURED, Role.GATEWAY, Role.PAYOUT_IN_TRANSIT, Role.DISPUTED, Role.RESERVE,
    }  # fmt: skip
    assert [a.code for a in per if "{scope}" not in a.code or "{scope}" not in a.name] == []
    assert {account.per for account in per if account.role is not Role.PAYOUT_IN_TRANSIT} == {"source"}
    assert [account.per for account in per if account.role is Role.PAYOUT_IN_TRANSIT] == ["connector"]
    assert [a.code for a in chart.account if a.per is None and "{" in a.code + a.name] == []


def test_every_chart_has_accounts_that_can_be_read_like_the_others() -> None:
    """The retailer's differs only in whose the goods are; that of subscriptions has other names for six roles."""
    market, retail, subscription = (read_chart(name) for name in CHARTS)
    assert (market.account, market.classes) == (retail.account, retail.classes)
    known = {account.role: account for account in market.account}
    other = {a.role: (a.code, a.name, a.parent) for a in subscription.account if a != known[a.role]}
    assert other == {
        Role.ORDER_RECEIVABLE: ("1200", "Invoices receivable", "12"),
        Role.DEFERRED_REVENUE: ("2500", "Deferred revenue", "25"),
        Role.RECURRING_REVENUE: ("4000", "Recurring revenue", "40"),
        Role.SALES: ("4010", "One-off sales", "40"),
        Role.FEE_INCOME: ("4060", "Set-up and service fees", "40"),
        Role.RETURNS: ("4200", "Refunds and credits", "42"),
    }


def test_every_account_stands_under_a_class_of_its_type(chart: Chart) -> None:
    classes = {found.code: found for found in chart.classes}
    assert len(classes) == len(chart.classes)
    assert [a.code for a in chart.account if a.parent not in classes or classes[a.parent].type is not a.type] == []
    assert [c.code for c in chart.classes if c.parent and classes[c.parent].type is not c.type] == []
    assert {c.code for c in chart.classes if c.parent is None} == {"1", "2", "3", "4", "5"}


def test_the_class_of_an_account_has_the_longest_code_that_its_own_begins_with() -> None:
    classes = [AccountClass(code, code, AccountType.ASSET) for code in ("1", "13", "132", "2")]
    assert [class_of(code, classes) for code in ("1000", "1300", "1320.stripe", "132", "3000")] == [
        "1", "13", "132", "13", None,
    ]  # fmt: skip


def test_every_role_the_rules_use_is_in_every_chart(chart: Chart) -> None:
    used = {line.role for rule in standard_rules().rules for line in rule.lines}
    assert used - {account.role for account in chart.account} == set()


def test_lines_on_clearing_accounts_name_their_item() -> None:
    """Otherwise nothing could ever match them."""
    nameless = [
        (rule.id, line.role)
        for rule in standard_rules().rules
        for line in rule.lines
        if (line.role in CLEARING) != bool(line.item)
    ]
    assert nameless == []


def test_the_accounts_a_source_brings() -> None:
    chart = read_chart("marketplace")
    found = accounts_of_source(chart, ["gateway", "payout_in_transit", "no such role"], "stripe-us", "stripe")
    assert [(account.code, account.name, account.per) for account in found] == [
        ("1320.stripe-us", "Gateway balance: stripe-us", "source"),
        ("1330.stripe", "Payouts in transit: stripe", "connector"),
    ]
    assert accounts_of_source(chart, [], "stripe-us", "stripe") == []
    assert accounts_of_source(chart, ["sales"], "stripe-us", "stripe") == [], "sales belong to no source"


def test_common_accounts_belong_to_nobody() -> None:
    assert {a.per for a in common_accounts(read_chart("retailer"))} == {None}


def account(number: int, code: str, role: Role, source: str | None = None) -> Account:
    return Account(number, code, code, AccountType.ASSET, role, source=source)


def test_a_role_is_played_by_the_scopes_own_account_or_the_common_one() -> None:
    found = [
        account(1, "1490", Role.SUSPENSE),
        account(2, "1490.b", Role.SUSPENSE, "bank-b"),
        account(3, "1320.a", Role.GATEWAY, "gateway-a"),
    ]
    roles = Roles({a.code: a for a in found})
    assert roles.account_for(Role.SUSPENSE, "bank-a") == "1490"
    assert roles.account_for(Role.SUSPENSE, "bank-b") == "1490.b"
    assert roles.account_for(Role.SUSPENSE, "") == "1490"
    assert roles.account_for(Role.GATEWAY, "gateway-a") == "1320.a"
    assert roles.account_for(Role.GATEWAY, "gateway-b") is None
    assert roles.account_for(Role.SALES, "") is None


def test_a_chart_account_says_what_it_is_not() -> None:
    plain = ChartAccount("4000", "Sales", AccountType.INCOME, Role.SALES)
    assert (plain.per, plain.clearing, plain.currencies, plain.parent) == (None, False, (), None)
