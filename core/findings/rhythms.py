"""The rhythm of a series: what the steps of a week or a year have in common beside the trend.

Steps of one kind are compared by ranks, as W. Kruskal and W. Wallis (1952) do. What a step keeps of the one
before it makes steps that stand together alike: how far chance goes by itself is counted in courses of
chance in which a rhythm is looked for just so (`core.findings.chance`).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from core.findings.chance import by_chance, courses, kept_of


def trendless(
    at: np.ndarray, course: np.ndarray, season: np.ndarray | None = None, level: int | None = None
) -> np.ndarray:
    """What a smooth curve of the third degree through time leaves, where it may leap at the step `level`.

    A season is fitted beside the curve and left in what is left, so that the curve does not bend with it.
    """
    return _left(_design(at, level), _beside(season), course)[0]


def rhythm(left: np.ndarray, season: np.ndarray) -> float:
    """The strength of a season: the share of the spread that its means explain, freed of its bias."""
    means = np.bincount(season, weights=left) / np.maximum(np.bincount(season), 1)
    around, whole = float(((left - means[season]) ** 2).sum()), float(((left - left.mean()) ** 2).sum())
    free, kinds = len(left) - 1, len(np.unique(season))
    if not whole or free <= kinds:
        return 0.0
    return max(0.0, 1.0 - (around / (free + 1 - kinds)) / (whole / free))


def by_itself(at: np.ndarray, course: np.ndarray, season: np.ndarray, level: int | None) -> float:
    """The p value of a rhythm beside the trend: how often chance by itself shows one as clear."""
    y = course / max(float(np.abs(course).max()), 1e-300)
    shown, kept = _shown(at, season, level, y[:, None])
    chance, chance_kept = _chance(at.tobytes(), season.tobytes(), level)
    return by_chance(float(shown[0]), float(kept[0]), chance, chance_kept)


@lru_cache(maxsize=16)
def _chance(steps: bytes, seasons: bytes, level: int | None) -> tuple[np.ndarray, np.ndarray]:
    at, season = (np.frombuffer(one, dtype=np.int64) for one in (steps, seasons))
    return _shown(at, season, level, courses(int(at[-1]) + 1)[at])


def _shown(
    at: np.ndarray, season: np.ndarray, level: int | None, series: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Of each column how clearly steps of one kind are alike, and what neighbours keep beside that."""
    from scipy.stats import rankdata

    design, beside = _design(at, level), _beside(season)
    left, rest = _left(design, beside, series)
    ranked = rankdata(left, axis=0) - (len(at) + 1) / 2
    kinds = [season == kind for kind in np.unique(season)]
    between = sum(ranked[kind].sum(axis=0) ** 2 / kind.sum() for kind in kinds)
    spread = np.maximum((ranked**2).sum(axis=0), 1e-300)
    return (len(at) - 1) * np.asarray(between) / spread, kept_of(rest, design.shape[1] + len(kinds) - 1)


def _design(at: np.ndarray, level: int | None) -> np.ndarray:
    x = 2.0 * (at - at.min()) / max(1, int(np.ptp(at))) - 1.0
    design = np.polynomial.polynomial.polyvander(x, 3)
    return design if level is None else np.column_stack([design, at >= level])


def _beside(season: np.ndarray | None) -> list[np.ndarray]:
    return [] if season is None else [(season == kind).astype(float) for kind in np.unique(season)[1:]]


def _left(design: np.ndarray, beside: list[np.ndarray], series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the trend leaves, and what trend and season leave."""
    whole = np.column_stack([design, *beside])
    found = np.linalg.lstsq(whole, series, rcond=None)[0]
    return series - design @ found[: design.shape[1]], series - whole @ found
