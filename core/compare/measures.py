"""How far two distributions lie apart: PSI, Kolmogorov-Smirnov, Jensen-Shannon, from counts alone.

Population stability index: sum over bins of (q - p) ln(q / p), with p and q the shares of the two
tables. Below 0.1 little has changed, from 0.25 on much has (N. Siddiqi, Credit Risk Scorecards, Wiley
2006, chapter 9; the index is the symmetric divergence of S. Kullback and R. Leibler, 1951). An empty
bin counts as half a row, so that the index stays finite. Without any change, PSI divided by
(1/n + 1/m) follows a chi-squared distribution with one degree of freedom less than there are bins
(B. Yurdakul, Statistical Properties of Population Stability Index, 2018): in small tables a large
index may be chance.

Kolmogorov-Smirnov: the greatest distance between the two cumulative shares; by chance alone it stays
below 1.358 sqrt((n + m) / (n m)) in 95 of 100 cases (N. Smirnov, 1948).

Jensen-Shannon divergence: the mean divergence of both from their average, in bits: 0 for equal
distributions, 1 where they have no value in common (J. Lin, IEEE Trans. Inf. Theory 37, 1991).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Literal

Level = Literal["little", "some", "much"]
SOME, MUCH = 0.1, 0.25  # of the PSI
_SMIRNOV = 1.3581  # sqrt(-ln(0.05 / 2) / 2)
_NORMAL_95 = 1.6449


def psi(a: Sequence[float], b: Sequence[float]) -> float:
    """The population stability index of two lists of counts in the same bins."""
    p, q = _shares(a), _shares(b)
    return sum((y - x) * math.log(y / x) for x, y in zip(p, q, strict=True))


def _shares(counts: Sequence[float]) -> list[float]:
    whole = sum(counts)
    if not whole:
        return [1.0] * len(counts)
    return [max(count, 0.5) / whole for count in counts]


def psi_by_chance(bins: int, n: int, m: int) -> float:
    """The PSI that samples of n and m rows from one population stay below in 95 of 100 cases.

    The chi-squared quantile is that of E. Wilson and M. Hilferty (1931), within 1% for these bins.
    """
    freedom = max(bins - 1, 1)
    if not n or not m:
        return math.inf
    part = 2 / (9 * freedom)
    quantile = freedom * (1 - part + _NORMAL_95 * math.sqrt(part)) ** 3
    return quantile * (1 / n + 1 / m)


def kolmogorov(a: Sequence[float], b: Sequence[float]) -> float:
    """The greatest distance between the cumulative shares of two lists of counts in ordered bins."""
    whole_a, whole_b = sum(a), sum(b)
    if not whole_a or not whole_b:
        return 0.0
    pairs = zip(accumulate(a), accumulate(b), strict=True)
    return max((abs(x / whole_a - y / whole_b) for x, y in pairs), default=0.0)


def kolmogorov_by_chance(n: int, m: int) -> float:
    """The distance that samples of n and m rows from one population stay below in 95 of 100 cases."""
    return _SMIRNOV * math.sqrt((n + m) / (n * m)) if n and m else math.inf


def jensen_shannon(a: Sequence[float], b: Sequence[float]) -> float:
    """The Jensen-Shannon divergence of two lists of counts, in bits."""
    whole_a, whole_b = sum(a), sum(b)
    if not whole_a or not whole_b:
        return 0.0
    found = 0.0
    for x, y in zip(a, b, strict=True):
        p, q = x / whole_a, y / whole_b
        middle = (p + q) / 2
        found += sum(part / 2 * math.log2(part / middle) for part in (p, q) if part)
    return min(max(found, 0.0), 1.0)


def level(index: float, bins: int, n: int, m: int) -> Level:
    """What a PSI means: chance is called little, however large it looks."""
    if index < SOME or index < psi_by_chance(bins, n, m):
        return "little"
    return "some" if index < MUCH else "much"
