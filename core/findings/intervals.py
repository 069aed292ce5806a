"""How sure the number of a finding is: intervals at any level, without normality of the data.

Correlations of ranks by R. Fisher's z with the spread of D. Bonett and T. Wright (2000); Cliff's delta by its
consistent variance (N. Cliff, 1993; D. Feng and N. Cliff, 2004); Cramer's V by the delta method; shares of
a spread as the square of a correlation; what has no formula by resampling with a fixed seed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Interval = tuple[float, float]
At = Callable[[float], Interval]  # the interval at a level such as 0.95
RESAMPLED = 200
MOST = 5_000  # rows that are drawn in each sample


def normal(level: float) -> float:
    """How many standard errors an interval at this level reaches to either side."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2))


def correlation(r: float, rows: int, level: float) -> Interval:
    """Of Spearman's correlation."""
    return _fisher(r, float(np.sqrt((1 + r * r / 2) / max(rows - 3, 1))), level)


def share(effect: float, rows: int, level: float) -> Interval:
    """Of a share of the spread that groups or seasons explain: of its root, as of a correlation."""
    low, high = _fisher(float(np.sqrt(max(effect, 0.0))), 1 / float(np.sqrt(max(rows - 3, 1))), level)
    return max(low, 0.0) ** 2, high**2


def _fisher(r: float, error: float, level: float) -> Interval:
    if abs(r) >= 1:
        return r, r
    z, reach = float(np.arctanh(r)), normal(level) * error
    return float(np.tanh(z - reach)), float(np.tanh(z + reach))


def cliff(values: np.ndarray, inside: np.ndarray, level: float) -> Interval:
    """Of Cliff's delta of the values inside against the others."""
    from scipy.stats import rankdata

    a, b = values[inside], values[~inside]
    ranked, n, m = rankdata(values), len(a), len(b)
    of_a = 2 * (ranked[inside] - rankdata(a)) / m - 1  # how each value stands among the others
    of_b = 1 - 2 * (ranked[~inside] - rankdata(b)) / n
    delta, z = float(of_a.mean()), normal(level)
    if min(n, m) < 2:
        return -1.0, 1.0
    least = min(n, m)
    if abs(delta) >= 1:
        low = (least - z * z) / (least + z * z)
        return (low, 1.0) if delta > 0 else (-1.0, -low)
    spread = float(of_a.var(ddof=1) / n + of_b.var(ddof=1) / m)
    root = float(np.sqrt(spread * ((1 - delta**2) ** 2 + z * z * spread)))
    under = 1 - delta**2 + z * z * spread
    middle = delta - delta**3
    return max(-1.0, (middle - z * root) / under), min(1.0, (middle + z * root) / under)


def cramer(table: np.ndarray, value: float, level: float) -> Interval:
    """Of Cramer's V of counts, around the value that was freed of its bias."""
    n = float(table.sum())
    p = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0] / n
    rows, columns = p.sum(axis=1, keepdims=True), p.sum(axis=0, keepdims=True)
    ratio = p / (rows * columns)
    slope = 2 * ratio - (p * ratio).sum(axis=1, keepdims=True) / rows
    slope = slope - (p * ratio).sum(axis=0, keepdims=True) / columns
    spread = float((p * slope**2).sum() - (p * slope).sum() ** 2) / n
    least = min(p.shape) - 1
    value = min(value, 1.0)
    if value >= 1 or value <= 0 or least < 1:
        return value, value
    error = np.sqrt(max(spread, 0.0)) / (2 * value * least) / (1 - value**2)
    low, high = _fisher(value, float(error), level)
    return max(low, 0.0), high


def resampled(values: np.ndarray, measure: Callable[[np.ndarray], float], level: float) -> Interval:
    """Of any measure of one column."""
    rng, count = np.random.default_rng(0), min(len(values), MOST)
    found = [measure(values[rng.integers(0, len(values), count)]) for _ in range(RESAMPLED)]
    reach = normal(level) * float(np.std(found)) * float(np.sqrt(count / len(values)))
    middle = measure(values)
    return middle - reach, middle + reach
