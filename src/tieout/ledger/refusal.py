"""Says in a bookkeeper's words what the database refused, from the constraint it names and the detail it gives."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from tieout.model.error import AccountUnfit, Overdrawn, PeriodClosed, PostingRefused
from tieout.model.money import display


def refusal(message: str, constraint: str, detail: str) -> PostingRefused:
    """The error for whoever posted; `detail` is the JSON that the ledger's own checks give, or anything else."""
    worded = _WORDED.get(constraint)
    if worded is not None and detail.startswith("{"):
        return worded(msgspec.json.decode(detail, type=dict[str, Any]))
    return PostingRefused(
        f"The ledger refused: {message}",
        where=constraint,
        remedy="Correct the entry; nothing of this call was written.",
    )


def _closed(found: Mapping[str, Any]) -> PostingRefused:
    area = ("", "sales ", "purchases ", "tax ", "bank ")[found["area"]]
    span = f"{found['first_day']} to {found['last_day']}"
    hard = found["state"] == "hard"
    how = "closed for good" if hard else "closed"
    ask = "" if hard else ", or let someone allow it with `tieout period allow`"
    reason = f", and account {found['code']} is of that area" if area else ""
    return PeriodClosed(
        f"The ledger refused: {found['effective_date']} lies in the {area}period {span}, which is {how}{reason}",
        where="period_is_open",
        remedy=f"Date it after {found['last_day']}{ask}.",
    )


def _unfit(found: Mapping[str, Any]) -> PostingRefused:
    currencies, needs, takes = found["currencies"], found["needs"], found["takes"]
    if currencies is not None and found["currency"] not in currencies:
        what, remedy = f"takes only {', '.join(currencies)}", "Use another account."
    else:
        needed = f"needs {', '.join(needs)}" if needs else ""
        taken = f"takes no dimension but {', '.join(takes) or 'none'}" if takes is not None else ""
        what, remedy = " and ".join(filter(None, (needed, taken))), "Give the line these dimensions and no other."
    return AccountUnfit(
        f"The ledger refused: account {found['code']} {what}", where="account_takes_line", remedy=remedy
    )


def _overdrawn(found: Mapping[str, Any]) -> PostingRefused:
    currency = found["currency"]
    after, limit, amount = int(found["balance_minor"]), int(found["limit_minor"]), int(found["amount"])
    side = "debit" if found["guard"] == "no_debit_balance" else "credit"
    party = f" of {found['party']}" if found["party"] else ""
    sign = 1 if side == "debit" else -1
    return Overdrawn(
        f"The ledger refused: account {found['code']}{party} may have a {side} balance of at most"
        f" {display(limit, currency)} {currency}; its balance is {_balance(after - amount, currency)}"
        f" and this would take it to {_balance(after, currency)}",
        where=f"{found['code']}{' ' + found['party'] if found['party'] else ''}",
        remedy=f"At most {display(max(limit - sign * (after - amount), 0), currency)} {currency} can be booked to its"
        f" {side}; raise the limit with `tieout account guard` if more is right.",
    )


def _balance(minor: int, currency: str) -> str:
    side = "debit" if minor > 0 else "credit"
    return f"{display(abs(minor), currency)} {currency}{f' {side}' if minor else ''}"


_WORDED: Mapping[str, Callable[[Mapping[str, Any]], PostingRefused]] = {
    "period_is_open": _closed,
    "account_takes_line": _unfit,
    "guard_holds": _overdrawn,
}
