"""Accounts that can be paid to, and those that cannot."""

import pytest

from tieout.model.error import BadInput
from tieout.model.seller import PayoutAccount
from tieout.settlement.payee import checked

IBAN = "DE89370400440532013000"


def test_an_account_is_kept_without_blanks() -> None:
    found = checked(PayoutAccount(" Anna ", iban="de89 3704 0044 0532 0130 00", bic="COBA DE FF"), "anna")
    assert found == PayoutAccount("Anna", IBAN, "COBADEFF")
    american = PayoutAccount("Bo", routing="021000021", number="12345")
    assert checked(american, "bo") == american
    wallet = PayoutAccount("Bo", provider="stripe", provider_account="acct_1")
    assert checked(wallet, "bo") == wallet


@pytest.mark.parametrize(
    ("account", "what"),
    [
        (PayoutAccount("Anna", iban="DE89370400440532013001"), "is no IBAN"),
        (PayoutAccount("Anna", iban="XX00"), "is no IBAN"),
        (PayoutAccount("Anna", iban=IBAN, bic="NOPE"), "is no BIC"),
        (PayoutAccount("", iban=IBAN), "names no holder"),
        (PayoutAccount("Anna"), "one of three kinds"),
        (PayoutAccount("Anna", iban=IBAN, routing="021000021", number="1"), "one of three kinds"),
        (PayoutAccount("Anna", routing="021000022", number="1"), "is no routing number"),
        (PayoutAccount("Anna", routing="021000021"), "account number is missing"),
        (PayoutAccount("Anna", provider="wise"), "provider's account is missing"),
    ],
)
def test_a_wrong_account_is_refused_with_its_reason(account: PayoutAccount, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        checked(account, "anna")
