"""All looks of one search, judged together: how many there were, and which show more than chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.findings.finding import Finding
from core.findings.intervals import At

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Tell = Callable[[], Finding]


def adjusted(p: ArrayLike) -> np.ndarray:
    """The p values as Benjamini and Hochberg adjust them: below q, a discovery at the rate q."""
    given = np.asarray(p, dtype=float)
    if not given.size:
        return given
    order = np.argsort(given, kind="stable")[::-1]
    ranks = np.arange(given.size, 0, -1)
    steps = np.minimum.accumulate(given[order] * given.size / ranks)
    found = np.empty_like(given)
    found[order] = np.minimum(steps, 1.0)
    return found


@dataclass(frozen=True)
class Discovery:
    """A finding that is believed, and the interval of its number at any level."""

    finding: Finding
    interval: At | None


class Looks:
    """The p value of every look, and how to tell those that may be worth it."""

    def __init__(self) -> None:
        self._p: list[float] = []
        self._tell: list[tuple[Tell, At | None]] = []
        self._nothing = 0

    @property
    def count(self) -> int:
        return len(self._p) + self._nothing

    def nothing(self, count: int = 1) -> None:
        """Looks that showed nothing that matters: they count, with a p value of 1."""
        self._nothing += count

    def add(self, p: float, tell: Tell, interval: At | None = None) -> None:
        """A look with an effect that matters; what it tells is put into words only if it is believed."""
        if np.isfinite(p):
            self._p.append(min(max(float(p), 0.0), 1.0))
            self._tell.append((tell, interval))
        else:
            self.nothing()

    def found(self, q: float) -> list[Discovery]:
        """What is believed at the false discovery rate q."""
        sure = adjusted(np.concatenate([np.array(self._p), np.ones(self._nothing)]))[: len(self._p)]
        return [
            Discovery(tell().model_copy(update={"adjusted": float(p)}), interval)
            for p, (tell, interval) in zip(sure, self._tell, strict=True)
            if p <= q
        ]
