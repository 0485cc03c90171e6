"""Accounts: five types, one role each."""

import msgspec
import pytest

from tieout.model.account import Account, AccountType, Role


def test_an_account_is_open_and_takes_any_currency_unless_it_says_otherwise() -> None:
    account = Account(7, "1200", "Orders receivable", AccountType.ASSET, Role.ORDER_RECEIVABLE)
    assert (account.open, account.currency, account.clearing, account.source, account.parent) == (
        True, None, False, None, None,
    )  # fmt: skip


def test_there_are_the_five_types_of_double_entry() -> None:
    assert [kind.value for kind in AccountType] == ["asset", "liability", "equity", "income", "expense"]


def test_an_account_cannot_be_changed_in_place() -> None:
    account = Account(7, "1200", "Orders receivable", AccountType.ASSET, Role.ORDER_RECEIVABLE)
    with pytest.raises(AttributeError):
        account.open = False  # type: ignore[misc]


def test_a_role_or_type_that_does_not_exist_is_refused_on_the_wire() -> None:
    good = {"id": 1, "code": "4000", "name": "Sales", "type": "income", "role": "sales"}
    assert msgspec.convert(good, Account).role is Role.SALES
    for wrong in ({"role": "turnover"}, {"type": "revenue"}):
        with pytest.raises(msgspec.ValidationError, match="Invalid enum value"):
            msgspec.convert(good | wrong, Account)
