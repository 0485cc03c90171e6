"""Figures for tax reports on sellers: Form 1099-K in the United States, DAC7 in the European Union.

Source of the rules: 26 U.S.C. § 6050W(e) as amended in 2025 (over 20,000 USD and over 200 payments); Directive (EU)
2021/514, annex V, section I B (4) (fewer than 30 sales and at most 2,000 EUR are excluded).
"""

from collections.abc import Mapping
from typing import NamedTuple

_1099K_GROSS_MINOR = 20_000_00
_1099K_PAYMENTS = 200
_DAC7_SALES = 30
_DAC7_CONSIDERATION_MINOR = 2_000_00


class Quarter(NamedTuple):
    """A seller's quarter: what buyers paid, the fees and taxes the platform took of it, and how many sales."""

    gross_minor: int
    fees_minor: int = 0
    taxes_minor: int = 0
    activities: int = 0


def dac7(quarters: Mapping[str, Quarter]) -> dict[str, int]:
    """The figures of the DAC7 report by its own names, for quarters called Q1 to Q4. Consideration is net of fees."""
    figures: dict[str, int] = {}
    for name, quarter in sorted(quarters.items()):
        figures[f"Cons{name}"] = quarter.gross_minor - quarter.fees_minor - quarter.taxes_minor
        figures[f"Fees{name}"] = quarter.fees_minor
        figures[f"Tax{name}"] = quarter.taxes_minor
        figures[f"Numb{name}"] = quarter.activities
    return figures


def dac7_reportable(quarters: Mapping[str, Quarter], consideration_eur_minor: int) -> bool:
    """Whether a seller of goods is reported for the year. The consideration is the year's, in euro cents."""
    sales = sum(quarter.activities for quarter in quarters.values())
    return sales >= _DAC7_SALES or consideration_eur_minor > _DAC7_CONSIDERATION_MINOR


def form_1099k_gross(quarters: Mapping[str, Quarter]) -> int:
    """What goes on Form 1099-K: the gross amount, before fees, refunds and anything else."""
    return sum(quarter.gross_minor for quarter in quarters.values())


def form_1099k_reportable(gross_minor: int, payments: int) -> bool:
    """Whether the federal threshold is passed, both parts of it. States have lower ones of their own."""
    return gross_minor > _1099K_GROSS_MINOR and payments > _1099K_PAYMENTS
