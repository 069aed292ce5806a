"""The strongest break in a series: a place from which its level or its slope is another one.

At each place the straight course of the whole series is compared with two courses that meet nowhere,
by the F test of G. Chow (1960), beside a yearly season where there is one. The place was chosen for
its F, so that its p value is multiplied by the places that could have been chosen, which is too
strict rather than too lenient. What a step keeps of the one before it (correlation of neighbours
around the two courses) makes chance look like a course: F is divided by what that adds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

EDGE = 0.15  # of the series at either end, where no break can be told
SHORTEST = 6  # steps on either side


@dataclass(frozen=True)
class Break:
    """The first step of the other course, the share of the spread it explains, and its p value."""

    at: int
    share: float
    f: float  # before what neighbours have in common is taken off
    p: float
    places: int
    kept: float = 0.0  # what neighbouring steps have in common


def strongest(
    at: np.ndarray, course: np.ndarray, season: np.ndarray | None = None, period: int = 0
) -> Break | None:
    """The strongest break of a series with values at the steps `at`; None where it is too short.

    Beside the trend goes a season of its own for each step of the year, or one wave of so many steps.
    """
    from scipy.special import fdtrc

    n = len(course)
    edge = max(SHORTEST, int(np.ceil(EDGE * n)))
    places = np.arange(edge, n - edge + 1)
    base = _design(at, season, period)
    free = n - base.shape[1] - 2
    if not len(places) or free < SHORTEST:
        return None
    q, _ = np.linalg.qr(base)
    y = course / max(float(np.abs(course).max()), 1e-300)  # enormous values have squares as well
    y = y - q @ (q.T @ y)
    whole = float(y @ y)
    if whole <= 1e-20 * n:  # a straight course
        return None
    jumps = (np.arange(n)[:, None] >= places[None, :]).astype(float)
    bends = jumps * (at[:, None] - at[places][None, :]) / max(1, int(np.ptp(at)))
    jumps, bends = jumps - q @ (q.T @ jumps), bends - q @ (q.T @ bends)
    explained, level, slope = _explained(jumps, bends, y)
    best = int(np.argmax(explained))
    left = y - jumps[:, best] * level[best] - bends[:, best] * slope[best]
    rest = max(float(left @ left), 1e-15 * whole)
    f = (whole - rest) / 2 / (rest / free)
    kept = _kept(left, base.shape[1] + 2)
    p = float(fdtrc(2, free, f * (1 - kept) / (1 + kept))) * len(places)
    return Break(int(at[places[best]]), 1 - rest / whole, f, min(1.0, p), len(places), kept)


def _design(at: np.ndarray, season: np.ndarray | None, period: int) -> np.ndarray:
    columns = [np.ones(len(at)), (at - at.mean()) / max(1, int(np.ptp(at)))]
    if season is not None:
        columns += [(season == place).astype(float) for place in np.unique(season)[1:]]
    elif period:
        columns += [way(2 * np.pi * at / period) for way in (np.sin, np.cos)]
    return np.column_stack(columns)


def _explained(
    jumps: np.ndarray, bends: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What a jump and a bend explain at each place, with their sizes."""
    jj, bb, jb = (jumps**2).sum(axis=0), (bends**2).sum(axis=0), (jumps * bends).sum(axis=0)
    jy, by = jumps.T @ y, bends.T @ y
    size = jj * bb - jb**2
    safe = np.where(size > 1e-12 * np.maximum(jj * bb, 1e-300), size, np.inf)
    level, slope = (bb * jy - jb * by) / safe, (jj * by - jb * jy) / safe
    return level * jy + slope * by, level, slope


def _kept(left: np.ndarray, used: int) -> float:
    """The correlation of neighbouring steps, freed of what fitting takes from it; 0 where it is negative."""
    around = float(left @ left)
    r = float(left[1:] @ left[:-1]) / around if around else 0.0
    n = len(left)
    return float(np.clip(r + (used + 3 * max(r, 0.0)) / n, 0.0, 0.95))
