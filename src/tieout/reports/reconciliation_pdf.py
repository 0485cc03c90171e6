"""A signed reconciliation as PDF: the bank against the books, what is on its way, who prepared and who reviewed it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from tieout.model.money import display
from tieout.reconciliation.signed import Kept
from tieout.reports.typeset import typeset


def reconciliation_pdf(content: Mapping[str, Any], signed: Kept) -> bytes:
    """The PDF. The same content and signatures give the same bytes."""
    return typeset("reconciliation", page_of(content, signed))


def page_of(content: Mapping[str, Any], signed: Kept) -> dict[str, Any]:
    """What the template prints: words and figures."""
    currency, bank = content["currency"], content["bank"]
    last = date.fromisoformat(content["last_day"])

    def money(minor: int) -> str:
        return display(minor, currency)

    told = bank["statement_minor"]
    ways = [["Balance in the books", money(bank["books_minor"])]]
    if bank["opening_minor"]:
        ways.append(["On the account before the books", money(bank["opening_minor"])])
    ways.append([f"Balance by the bank, {bank['statement_date']}", money(told) if told is not None else "none"])
    return {
        "title": f"Reconciliation {content['account']} {currency} {content['first_day']} to {content['last_day']}",
        "author": content["entity"],
        "dated": [last.year, last.month, last.day],
        "heading": f"{content['account']} {content['name']}",
        "period": f"{content['first_day']} to {content['last_day']}, in {currency}",
        "bank": ways,
        "difference": money(bank["difference_minor"]),
        "moved": f"Movement: books {money(content['moved_minor'])}, statements {money(content['told_minor'])}.",
        "statements": [
            [s["name"], f"{s['first_day']} to {s['last_day']}", money(s["opening_minor"]), money(s["closing_minor"]),
             "yes" if s["follows"] else "no"]
            for s in content["statements"]
        ],
        "clearing": [_clearing(c["line"], c["refunds_minor"], currency) for c in content["clearing"]],
        "signatures": [
            ["Prepared by", signed.prepared_by, f"{signed.prepared_at:%Y-%m-%d %H:%M} UTC", ""],
            ["Reviewed by", signed.reviewed_by or "", f"{signed.reviewed_at:%Y-%m-%d %H:%M} UTC", signed.note or ""],
        ],
        "foot": f"rec_{signed.id}  SHA-256 {signed.hash}",
        "note": "",
    }  # fmt: skip


def _clearing(line: Mapping[str, Any], refunds_minor: int, currency: str) -> list[str]:
    amounts = (
        line["balance_minor"], line["transit_minor"], refunds_minor, line["disputed_minor"], line["reserved_minor"],
        line["exceptions_minor"], line["unexplained_minor"],
    )  # fmt: skip
    return [f"{line['account']} {line['name']}", *(display(amount, currency) if amount else "–" for amount in amounts)]
