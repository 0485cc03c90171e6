"""Accounts: five types, one role each."""

from datetime import date

import msgspec
import pytest

from tieout.model.account import Account, AccountType, Guard, Role
from tieout.model.period import Area


def test_an_account_is_open_and_takes_any_currency_unless_it_says_otherwise() -> None:
    account = Account(7, "1200", "Orders receivable", AccountType.ASSET, Role.ORDER_RECEIVABLE)
    assert (account.open, account.currencies, account.clearing, account.source, account.parent) == (
        True, (), False, None, None,
    )  # fmt: skip
    assert (account.area, account.needs, account.takes, account.guard) == (Area.ALL, (), None, Guard.NONE)


def test_an_account_is_open_from_its_first_day_to_the_one_before_it_closes() -> None:
    first, closed = date(2026, 1, 1), date(2026, 2, 1)
    account = Account(
        7, "4000", "Sales", AccountType.INCOME, Role.SALES, opened_on=first, closed_on=closed
    )  # fmt: skip
    days = [date(2025, 12, 31), first, date(2026, 1, 31), closed]
    assert [account.open_on(day) for day in days] == [False, True, True, False]
    assert account.open is False


def test_there_are_the_five_types_of_double_entry() -> None:
    assert [kind.value for kind in AccountType] == ["asset", "liability", "equity", "income", "expense"]


def test_an_account_cannot_be_changed_in_place() -> None:
    account = Account(7, "1200", "Orders receivable", AccountType.ASSET, Role.ORDER_RECEIVABLE)
    with pytest.raises(AttributeError):
        account.clearing = True  # type: ignore[misc]


def test_a_role_or_type_that_does_not_exist_is_refused_on_the_wire() -> None:
    good = {"id": 1, "code": "4000", "name": "Sales", "type": "income", "role": "sales"}
    assert msgspec.convert(good, Account).role is Role.SALES
    for wrong in ({"role": "turnover"}, {"type": "revenue"}):
        with pytest.raises(msgspec.ValidationError, match="Invalid enum value"):
            msgspec.convert(good | wrong, Account)
