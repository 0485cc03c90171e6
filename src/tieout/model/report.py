"""Reports: a table of named columns, and what of it was compared with the ledger."""

from collections.abc import Mapping

from msgspec import Struct

from tieout.model.money import Money

#: What a report is called, and what it says.
REPORTS: Mapping[str, str] = {
    "liability": "What sellers are owed, from opening to closing",
    "reserves": "What is kept back, by cause and release date",
    "fee-yield": "What fees yield by category, channel, region or day",
    "rates": "Refund and dispute rates by seller",
    "1099-k": "Form 1099-K by seller, with its threshold",
    "dac7": "DAC7 by seller and quarter, with its thresholds",
    "forecast": "Payouts of the next thirteen weeks",
}
GROUPINGS = ("category", "channel", "region", "day")
Cell = Money | str | int | None


class Tie(Struct, frozen=True):
    """A figure of a report and the same figure of the ledger, in minor units of one currency."""

    what: str
    currency: str
    report_minor: int
    ledger_minor: int

    @property
    def off_minor(self) -> int:
        """By how much they differ; nil if the report ties out."""
        return self.report_minor - self.ledger_minor


class Report(Struct, frozen=True):
    """A report: its columns, its rows in that order, what it was compared with, and what has to be known to read it.

    Amounts are minor units with their currency. A report that cannot honestly be made has no rows and says why.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    ties: tuple[Tie, ...] = ()
    notes: tuple[str, ...] = ()
