"""The strongest break in a series: a place from which its level or its slope is another one.

At each place the straight course of the whole series is compared with two courses that meet nowhere, as in
the test of G. Chow (1960), beside a yearly season where there is one. The place was chosen for what it
explains, and what a step keeps of the one before it makes chance look like a course: how far chance goes
by itself is counted in courses of chance in which a break is looked for just so (`core.findings.chance`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.findings.chance import by_chance, courses, kept_of

EDGE = 0.15  # of the series at either end, where no break can be told
SHORTEST = 6  # steps on either side
WORTH = 0.1  # of what the course leaves unexplained: a break that explains less is told by nobody


@dataclass(frozen=True)
class Break:
    """The first step of the other course, the share of the spread it explains, and its p value."""

    at: int
    share: float
    p: float
    places: int
    kept: float = 0.0  # what neighbouring steps have in common


@dataclass(frozen=True)
class _Places:
    """The places of a break in a series of such steps, and what its trend and its season take up."""

    base: np.ndarray
    places: np.ndarray
    jumps: np.ndarray
    bends: np.ndarray

    @property
    def used(self) -> int:
        return int(self.base.shape[1]) + 2

    def best(self, series: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each column the place that explains most, how much it explains, and what neighbours keep."""
        y = series - self.base @ (self.base.T @ series)
        whole = np.maximum((y**2).sum(axis=0), 1e-300)
        explained, level, slope = _explained(self.jumps, self.bends, y)
        best, each = np.argmax(explained, axis=0), np.arange(y.shape[1])
        left = y - self.jumps[:, best] * level[best, each] - self.bends[:, best] * slope[best, each]
        return best, 1 - np.maximum((left**2).sum(axis=0) / whole, 1e-15), kept_of(left, self.used)

    def shown(self, share: np.ndarray, kept: np.ndarray) -> np.ndarray:
        """How clearly a break shows: how seldom one at a place that was known would come by chance."""
        free = len(self.base) - self.used
        return np.asarray(-np.log1p(-share) * free / 2 * (1 - kept) / (1 + kept))


def strongest(
    at: np.ndarray, course: np.ndarray, season: np.ndarray | None = None, period: int = 0
) -> Break | None:
    """The strongest break of a series with values at the steps `at`; None where it is too short.

    Beside the trend goes a season of its own for each step of the year, or one wave of so many steps.
    """
    key = (at.tobytes(), None if season is None else season.tobytes(), period)
    found = _places(*key)
    if found is None:
        return None
    y = course / max(float(np.abs(course).max()), 1e-300)  # enormous values have squares as well
    left = y - found.base @ (found.base.T @ y)
    if float(left @ left) <= 1e-20 * len(y):  # a straight course
        return None
    best, share, kept = (one[0] for one in found.best(y[:, None]))
    p = 1.0
    if share >= WORTH:
        chance, chance_kept = _chance(*key)
        p = by_chance(float(found.shown(share, kept)), float(kept), chance, chance_kept)
    return Break(int(at[found.places[best]]), float(share), p, len(found.places), float(kept))


@lru_cache(maxsize=16)
def _places(steps: bytes, seasons: bytes | None, period: int) -> _Places | None:
    at = np.frombuffer(steps, dtype=np.int64)
    season = None if seasons is None else np.frombuffer(seasons, dtype=np.int64)
    n = len(at)
    edge = max(SHORTEST, int(np.ceil(EDGE * n)))
    places = np.arange(edge, n - edge + 1)
    design = _design(at, season, period)
    if not len(places) or n - design.shape[1] - 2 < SHORTEST:
        return None
    q, _ = np.linalg.qr(design)
    jumps = (np.arange(n)[:, None] >= places[None, :]).astype(float)
    bends = jumps * (at[:, None] - at[places][None, :]) / max(1, int(np.ptp(at)))
    return _Places(q, places, jumps - q @ (q.T @ jumps), bends - q @ (q.T @ bends))


@lru_cache(maxsize=16)
def _chance(steps: bytes, seasons: bytes | None, period: int) -> tuple[np.ndarray, np.ndarray]:
    """How clearly a break shows in courses of chance, and what each of them seems to keep."""
    found = _places(steps, seasons, period)
    assert found is not None
    at = np.frombuffer(steps, dtype=np.int64)
    made = courses(int(at[-1]) + 1)[at]  # what has no value here has none there
    _, share, kept = found.best(made)
    return found.shown(share, kept), kept


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
    """What a jump and a bend explain of each column at each place, with their sizes."""
    sums = (jumps**2).sum(axis=0), (bends**2).sum(axis=0), (jumps * bends).sum(axis=0)
    jj, bb, jb = (one[:, None] for one in sums)
    jy, by = jumps.T @ y, bends.T @ y
    size = jj * bb - jb**2
    safe = np.where(size > 1e-12 * np.maximum(jj * bb, 1e-300), size, np.inf)
    level, slope = (bb * jy - jb * by) / safe, (jj * by - jb * jy) / safe
    return level * jy + slope * by, level, slope
