"""RECON-3W: how right the matching engine is, by regime and difficulty, on worlds it was not tuned on.

What is measured and how the worlds are made: docs/explanation/recon-3w.md. `RECON3W_ITEMS` makes the regimes smaller
than 100,000 rows, `RECON3W_PUBLIC` names the folder of the public pair, `RECON3W_SEED` another seed than the held-out
one.
"""

from bench.lab import Figure, Lab
from bench.recon3w import report


def measure(lab: Lab) -> list[Figure]:
    """All figures; accuracy does not depend on how often it is measured, so each is measured once."""
    del lab
    return report.measure()
