"""Whether what was counted is what chance would bring."""

from math import exp, lgamma, log

IMPOSSIBLE = 1e-9
"""What happens less often than this does not happen in a test."""


def unlikely(seen: int, tries: int, probability: float) -> bool:
    """Whether so many of so many tries is no chance: either tail of the binomial."""
    if probability >= 1 - 1e-12:
        return seen < tries
    low = sum(_exactly(k, tries, probability) for k in range(seen + 1))
    high = sum(_exactly(k, tries, probability) for k in range(seen, tries + 1))
    return min(low, high) < IMPOSSIBLE


def _exactly(seen: int, tries: int, probability: float) -> float:
    ways = lgamma(tries + 1) - lgamma(seen + 1) - lgamma(tries - seen + 1)
    return exp(ways + seen * log(probability) + (tries - seen) * log(1 - probability))
