"""How far chance alone goes in a series whose neighbouring steps have something in common, by simulation.

A short course that keeps a part of what it had (M. Bartlett, 1935) leaps and swings by itself, and how much
it keeps is told by few steps only: to put in the estimate as if it were known finds too much. Here courses
that keep nothing, a little and much are made with a fixed seed, and what is looked for is looked for in
each of them. Those count that seem to keep as much as the course at hand: the p value is the share of
them that shows as much as it does.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

KEPT = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75)  # of a step, by the next one
EACH = 40_000  # steps of the courses of each kind: short ones say less, and are made more often
NEAR = 0.1  # how far apart two estimates of what is kept may lie to count as the same, roughly
SEEN = 12.0  # courses that must show as much for their share to be told; beyond, the tail is drawn out
_BEFORE = 60  # steps that run before the course begins


@lru_cache(maxsize=4)
def courses(steps: int) -> np.ndarray:
    """Courses of pure chance, one a column: as many of each kind."""
    rng = np.random.default_rng(steps)
    each = min(800, max(300, EACH // steps))
    made = rng.standard_normal((steps + _BEFORE, len(KEPT) * each))
    kept = np.repeat(KEPT, each)
    for step in range(1, len(made)):
        made[step] += kept * made[step - 1]
    return made[_BEFORE:]


def kept_of(left: np.ndarray, used: int) -> np.ndarray:
    """What neighbouring steps of each column have in common, freed of what fitting takes from it."""
    around = (left**2).sum(axis=0)
    r = (left[1:] * left[:-1]).sum(axis=0) / np.maximum(around, 1e-300)
    return np.asarray(np.clip(r + (used + 3 * np.maximum(r, 0.0)) / len(left), 0.0, 0.95))


def by_chance(shown: float, kept: float, chance: np.ndarray, chance_kept: np.ndarray) -> float:
    """The p value of what a course shows, beside what courses of chance show that seem to keep as much.

    Where too few of them show so much, their tail goes on as it falls up to there.
    """
    weight = np.exp(-0.5 * ((chance_kept - kept) / NEAR) ** 2)
    order = np.argsort(chance)[::-1]
    clear, share = chance[order], np.cumsum(weight[order]) / weight.sum()
    alike = float(weight.sum() ** 2 / (weight**2).sum())  # so many courses that count in full
    seen = min(0.3, SEEN / alike)
    more = int((clear >= shown).sum())
    if more and share[more - 1] >= seen:
        return float(share[more - 1])
    often, seldom = (float(clear[int(np.searchsorted(share, level))]) for level in (3 * seen, seen))
    return seen * float(np.exp(-np.log(3) * max(shown - seldom, 0.0) / max(seldom - often, 1e-12)))
