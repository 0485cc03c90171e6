"""The ledger: posting, balances as of a day, verification; each against the least work that has the same outcome.

One file a subject, `bench/ledger_*.py`, each with a function `measure(lab) -> list[Figure]`.
"""

from bench import ledger_alongside, ledger_balances, ledger_posting, ledger_verify
from bench.lab import Figure, Lab


def measure(lab: Lab) -> list[Figure]:
    """The figures of all subjects, in order."""
    return [
        figure
        for subject in (ledger_posting, ledger_balances, ledger_verify, ledger_alongside)
        for figure in subject.measure(lab)
    ]
