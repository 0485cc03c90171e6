"""Settlement: payout runs over many sellers, what a seller is owed at a date, statements.

One file a subject, `bench/settlement_*.py`, each with a function `measure(lab) -> list[Figure]`.
"""

from bench import settlement_payouts, settlement_statements
from bench.lab import Figure, Lab


def measure(lab: Lab) -> list[Figure]:
    """The figures of all subjects, in order."""
    return [figure for subject in (settlement_payouts, settlement_statements) for figure in subject.measure(lab)]
