"""The books against the truth of a made-up world: balances by role, and the exceptions that should be there."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from tieout.model.case import CaseDraft
from tieout.model.money import display
from tieout.sandbox.truth import Truth

if TYPE_CHECKING:
    from tieout.app.views import AccountView
    from tieout.sandbox.trail import Oddity

BalanceKey = tuple[str, str]


def balances_by_role(accounts: "Iterable[AccountView]") -> dict[BalanceKey, int]:
    """(role, currency) -> minor units, debit positive, of all accounts that play the role."""
    sums: Counter[BalanceKey] = Counter()
    for account in accounts:
        for currency, amount in account.balances.items():
            sums[account.role, currency] += amount
    return dict(sums)


def differences(truth: Truth, held: Mapping[BalanceKey, int], cases: Sequence[CaseDraft]) -> list[str]:
    """Everything in which the books differ from the truth, in sentences; an empty list if nothing."""
    return [*_balances(truth, held), *_exceptions(truth, cases)]


def _balances(truth: Truth, held: Mapping[BalanceKey, int]) -> Iterator[str]:
    expected: Counter[BalanceKey] = Counter()
    for balance in truth.balances:
        expected[balance.role.value, balance.currency] += balance.amount_minor
    for (role, currency), amount in sorted(expected.items()):
        found = held.get((role, currency), 0)
        if found != amount:
            yield f"{role} is {display(found, currency)} {currency} and should be {display(amount, currency)}"


def _exceptions(truth: Truth, cases: Sequence[CaseDraft]) -> Iterator[str]:
    """Each expected exception takes one case; none may be left over on either side. A parked event may have one."""
    left = list(cases)
    for oddity in truth.exceptions:
        found = _case_of(oddity, left)
        if found is None:
            yield f"no {oddity.reason} about {oddity.subject} ({oddity.story})"
        else:
            left.remove(found)
    for oddity in truth.parked:
        found = _case_of(oddity, left)
        if found is not None:
            left.remove(found)
    yield from (f"an exception nobody expected: {case.reason}, {case.sentence}" for case in left)


def _case_of(oddity: "Oddity", cases: Iterable[CaseDraft]) -> CaseDraft | None:
    reasons = (oddity.reason, *oddity.accepts)
    return next((case for case in cases if case.reason in reasons and _is_about(case, oddity.subject)), None)


def _is_about(case: CaseDraft, subject: str) -> bool:
    name = subject.partition(":")[2]
    return name in case.subject or case.aggregate == subject
