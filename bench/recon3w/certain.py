"""The lower bound of Clopper and Pearson on a share, exactly, from the binomial law alone."""

import math

ENOUGH = 1e-12
TERM_LEAST = 1e-25


def lower_bound(right: int, total: int, confidence: float = 0.95) -> float:
    """The share that, with this confidence, the true share is not below (one-sided; C. J. Clopper, E. S. Pearson 1934).

    It is the share p at which `right` or more of `total` have a probability of 1 − confidence.
    """
    if not 0 <= right <= total or total == 0:
        raise ValueError(f"{right} of {total} is no share")
    if right == 0:
        return 0.0
    if right == total:
        return math.pow(1 - confidence, 1 / total)
    low, high = 0.0, right / total
    while high - low > ENOUGH:
        middle = (low + high) / 2
        if at_least(right, total, middle) < 1 - confidence:
            low = middle
        else:
            high = middle
    return low


def at_least(count: int, total: int, share: float) -> float:
    """The probability of `count` or more in `total`, summed from `count` on, for a share of at most count / total.

    From there on every term is smaller than the one before, so what is left out is less than what is left of rounding.
    """
    if share <= 0:
        return 0.0
    ways = math.lgamma(total + 1) - math.lgamma(count + 1) - math.lgamma(total - count + 1)
    term = math.exp(ways + count * math.log(share) + (total - count) * math.log1p(-share))
    terms, odds = [term], share / (1 - share)
    for number in range(count, total):
        term *= (total - number) / (number + 1) * odds
        terms.append(term)
        if term < TERM_LEAST:
            break
    return math.fsum(terms)
