"""Payouts as CSV, for banks and providers that take a list, and for people."""

import csv
import io

from tieout.model.money import decimal_text
from tieout.model.payout import PaymentFile

_HEADING = ("payout", "holder", "iban", "bic", "routing", "account", "amount", "currency", "remittance")
#: A spreadsheet takes text that starts like this for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def payout_list(file: PaymentFile) -> str:
    """One row for each payout, amounts as plain decimal text. Text that a spreadsheet would run is quoted apart."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADING)
    for one in file.instructions:
        account = one.account
        row = (one.end_to_end, account.holder, account.iban, account.bic, account.routing, account.number)
        writer.writerow(
            [
                *map(_harmless, row),
                decimal_text(one.amount_minor, one.currency),
                one.currency,
                _harmless(one.remittance),
            ]
        )
    return text.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
