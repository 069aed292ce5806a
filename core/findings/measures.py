"""The tests behind findings: by ranks and counts, so that far values and units make no difference.

Spearman's correlation with the t approximation (M. Kendall, 1948); the Kruskal-Wallis test with the
share of the ranks' spread that lies between the groups (W. Kruskal and W. Wallis, 1952), freed of its
bias (B. Cohen, 2008); for two groups it is the test of Mann and Whitney, and Cliff's delta says how much
more often a value of one group is the larger one (N. Cliff, 1993). Pearson's chi-squared test of two
categories, with values too rare for it taken together, and Cramer's V freed of its bias (W. Bergsma,
2013).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Tested:
    """An effect, its p value and the rows it is of."""

    effect: float
    p: float
    rows: int


NOTHING = Tested(0.0, 1.0, 0)
EXPECTED = 5.0  # rows in each cell, as the chi-squared test wants


def ranks(values: np.ndarray) -> np.ndarray:
    """The ranks of values from 1; equal values share the mean of theirs."""
    from scipy.stats import rankdata

    ranked: np.ndarray = rankdata(values)
    return ranked


def ordered_ranks(values: np.ndarray) -> np.ndarray:
    """The same of values that stand in order already."""
    first = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    ends = np.r_[first[1:], len(values)]
    return np.repeat((first + 1 + ends) / 2, ends - first)


def medians(values: np.ndarray, codes: np.ndarray, kinds: int) -> np.ndarray:
    """The median of each group of values that stand in order; nan for a group without any."""
    order = np.argsort(codes.astype(np.int16), kind="stable")
    grouped, sizes = values[order], np.bincount(codes, minlength=kinds)
    start = np.cumsum(sizes) - sizes
    found, full = np.full(kinds, np.nan), sizes > 0
    low, high = start[full] + (sizes[full] - 1) // 2, start[full] + sizes[full] // 2
    found[full] = grouped[low] / 2 + grouped[high] / 2
    return found


def correlated(r: np.ndarray | float, rows: np.ndarray | float, lost: float = 2.0) -> np.ndarray:
    """The two-sided p value of a correlation of so many rows; `lost` degrees of freedom are used up."""
    from scipy.special import stdtr

    r, free = np.asarray(r, dtype=float), np.maximum(np.asarray(rows, dtype=float) - lost, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(r) * np.sqrt(free / np.maximum(1.0 - r * r, 1e-300))
    return np.asarray(2.0 * stdtr(free, -t))


def spearman(x: np.ndarray, y: np.ndarray) -> Tested:
    """Spearman's correlation over the rows that have both values."""
    both = np.isfinite(x) & np.isfinite(y)
    rows = int(both.sum())
    if rows < 4:
        return NOTHING
    a, b = ranks(x[both]), ranks(y[both])
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    if not size:
        return NOTHING
    r = float(np.clip(a @ b / size, -1.0, 1.0))
    return Tested(r, float(correlated(r, rows)), rows)


def kruskal(ranked: np.ndarray, codes: np.ndarray) -> Tested:
    """Whether ranks differ between the groups that `codes` tell.

    The effect is the share of their spread between the groups, freed of what groups have by chance.
    """
    from scipy.special import chdtrc

    counts = np.bincount(codes)
    groups, rows = int((counts > 0).sum()), len(ranked)
    spread = float(((ranked - (rows + 1) / 2) ** 2).sum())
    if groups < 2 or not spread:
        return NOTHING
    sums = np.bincount(codes, weights=ranked)
    held = counts > 0
    between = float((counts[held] * (sums[held] / counts[held] - (rows + 1) / 2) ** 2).sum())
    h = (rows - 1) * between / spread
    freed = max(0.0, (h - groups + 1) / (rows - groups)) if rows > groups else 0.0
    return Tested(freed, float(chdtrc(groups - 1, h)), rows)


def cliff(ranked: np.ndarray, inside: np.ndarray) -> float:
    """How much more often a value inside is above one outside than below it, from -1 to 1."""
    n = int(inside.sum())
    m = len(ranked) - n
    if not n or not m:
        return 0.0
    return float(2.0 * (ranked[inside].sum() - n * (n + 1) / 2) / (n * m) - 1.0)


def counts(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """How many rows have each pair of codes; rows without one of both are left out."""
    both = (a >= 0) & (b >= 0)
    if not both.any():
        return np.zeros((0, 0))
    wide = int(b.max()) + 1
    found = np.bincount(a[both] * wide + b[both], minlength=(int(a.max()) + 1) * wide)
    return found.reshape(-1, wide).astype(float)


def gathered(table: np.ndarray) -> np.ndarray:
    """The counts with the rarest values of either side taken together until the test holds."""
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    while min(table.shape, default=0) >= 2:
        down, across = table.sum(axis=1), table.sum(axis=0)
        if down.min() * across.min() / table.sum() >= EXPECTED:
            return table
        axis = 0 if (down.min() <= across.min() and len(down) > 2) or len(across) == 2 else 1
        if table.shape[axis] == 2:
            break
        first, second = np.argsort(table.sum(axis=1 - axis), kind="stable")[:2]
        joined = np.delete(table, [first, second], axis=axis)
        both = table.take([first, second], axis=axis).sum(axis=axis, keepdims=True)
        table = np.concatenate([joined, both], axis=axis)
    return np.zeros((0, 0))


def chi2(table: np.ndarray) -> Tested:
    """Whether two categories go together; the effect is Cramer's V without its bias."""
    from scipy.special import chdtrc

    table = gathered(table)
    if min(table.shape, default=0) < 2:
        return NOTHING
    n, (r, c) = table.sum(), table.shape
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    statistic = float(((table - expected) ** 2 / expected).sum())
    phi = max(0.0, statistic / n - (r - 1) * (c - 1) / (n - 1))
    least = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return Tested(
        float(np.sqrt(phi / least)) if least > 0 else 0.0, float(chdtrc((r - 1) * (c - 1), statistic)), int(n)
    )
