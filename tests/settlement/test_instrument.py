"""Which rail takes which account, and on which days banks work."""

from datetime import date

import pytest

from tieout.model.error import ConfigError
from tieout.model.payout import PayoutPolicy, Rail, RailKind
from tieout.model.seller import PayoutAccount
from tieout.settlement.instrument import calendar_of, check_rail, rail_for

IBAN, WRONG = PayoutAccount("Birke", "DE89370400440532013000"), PayoutAccount("Birke", "DE89370400440532013001")
ACH = PayoutAccount("Birch", routing="021000021", number="123456")
ONE = PayoutAccount("Birch", routing="021000021")
WISE = PayoutAccount("Birke", provider="wise", provider_account="9001")
POLICY = PayoutPolicy(
    rails=(
        Rail("bank", RailKind.SEPA, ("EUR",)),
        Rail("ach", RailKind.NACHA, ("USD",)),
        Rail("wise", RailKind.WISE, ("EUR", "USD")),
        Rail("list", RailKind.CSV, ("SEK",)),
    )
)


@pytest.mark.parametrize(
    ("account", "currency", "wanted"),
    [
        (IBAN, "EUR", "bank"),
        (WISE, "EUR", "wise"),
        (ACH, "USD", "ach"),
        (IBAN, "SEK", "list"),
        (IBAN, "JPY", "No rail pays out JPY."),
        (WRONG, "EUR", "“DE89370400440532013001” is no IBAN. The seller has no account at wise."),
        (WRONG, "SEK", "“DE89370400440532013001” is no IBAN."),
        (IBAN, "USD", "“” is no routing number. The seller has no account at wise."),
        (ONE, "USD", "The account has no number. The seller has no account at wise."),
        (PayoutAccount(" ", "DE89370400440532013000"), "SEK", "The account names no holder."),
        (PayoutAccount("Birke"), "SEK", "The account has neither IBAN nor number."),
    ],
)  # fmt: skip
def test_the_first_rail_that_could_pay_does(account: PayoutAccount, currency: str, wanted: str) -> None:
    found = rail_for(POLICY, account, currency)
    assert (found.name if isinstance(found, Rail) else found) == wanted


@pytest.mark.parametrize(
    "rail",
    [
        Rail("bank", RailKind.SEPA, ("EUR",), WRONG),
        Rail("ach", RailKind.NACHA, ("USD",), ACH),
        Rail("list", RailKind.CSV, ("SEK",)),
        Rail("wise", RailKind.WISE, ("EUR",)),
    ],
)
def test_a_rail_without_what_it_needs_is_refused(rail: Rail) -> None:
    with pytest.raises(ConfigError):
        check_rail(rail)


def test_banks_work_by_the_calendar_of_the_currency() -> None:
    good_friday, thanksgiving, monday, sunday = (
        date(2026, 4, 3), date(2026, 11, 26), date(2026, 3, 2), date(2026, 3, 1),
    )  # fmt: skip
    open_days = {
        code: [calendar_of(code)(day) for day in (good_friday, thanksgiving, monday, sunday)]
        for code in ("EUR", "USD", "SEK")
    }
    assert open_days == {
        "EUR": [False, True, True, False], "USD": [True, False, True, False], "SEK": [True, True, True, False],
    }  # fmt: skip
