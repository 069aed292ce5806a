"""Exponential smoothing: the form that fits a series best, its forecast, and the naive guess."""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

LEVELS = (80, 95)  # per cent
ESTIMATED = 24  # seasons up to here have their first values fitted, longer ones have them from averages
_searching = threading.Lock()


@dataclass(frozen=True)
class Form:
    """Which parts an exponential smoothing has: it always has a level."""

    trend: bool = False
    damped: bool = False
    season: int = 1
    log: bool = False

    def parameters(self) -> int:
        """How many numbers are fitted: weights, beginnings, and the spread of what is left."""
        seasonal = self.season if self.season > 1 else 0
        return 3 + 2 * self.trend + self.damped + seasonal


@dataclass(frozen=True)
class Ahead:
    """Values of steps ahead: the middle, and (low, high) for each of LEVELS."""

    value: np.ndarray
    bounds: tuple[tuple[np.ndarray, np.ndarray], ...]


@dataclass(frozen=True)
class Found:
    """The numbers of a form that suit some values best, and how likely they make them."""

    params: tuple[float, ...]
    llf: float


def fit(values: Sequence[float], form: Form) -> Any:
    """statsmodels' results of one form on values that are about 1 in size; None where it finds none."""
    found = search(tuple(map(float, values)), form)
    if found is None:
        return None
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return _model(values, form).smooth(np.asarray(found.params))


@lru_cache(maxsize=64)  # the form that suits best is asked for again
def search(values: tuple[float, ...], form: Form) -> Found | None:
    """The best numbers of one form; None where there are none."""
    with _one_thread(), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # a search that did not end is no candidate, see below
        try:
            model = _model(values, form)
            params = model.fit(disp=False, maxiter=500, return_params=True)
            llf = model.loglike(params)
        except (ValueError, np.linalg.LinAlgError):
            return None
    return Found(tuple(params), float(llf)) if np.isfinite(llf) and np.isfinite(params).all() else None


def _model(values: Sequence[float], form: Form) -> Any:
    import pandas as pd
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    season = form.season > 1
    return ETSModel(
        pd.Series(np.log(values) if form.log else np.asarray(values, dtype=float)), error="add",
        trend="add" if form.trend else None, damped_trend=form.damped,
        seasonal="add" if season else None, seasonal_periods=form.season if season else None,
        initialization_method="estimated" if form.season <= ESTIMATED else "heuristic",
    )  # fmt: skip


@contextmanager
def _one_thread() -> Iterator[None]:
    """Matrices of a few numbers, which threads of linear algebra only wait for: most of the time, if let.

    One search at a time: the number of threads is the whole process's, to be put back by whoever set it.
    """
    with _searching, _pools().limit(limits=1, user_api="blas"):
        yield


@cache
def _pools() -> ThreadpoolController:
    import scipy.optimize  # noqa: F401  the libraries that are loaded by now are told
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def criterion(found: Found, values: Sequence[float], form: Form) -> float:
    """AICc on the scale of the values, so that forms of their logarithm can be compared; lower is better."""
    n, k = len(values), form.parameters()
    if n - k - 1 <= 0:
        return math.inf
    likelihood = found.llf - (float(np.log(values).sum()) if form.log else 0.0)
    return float(-2 * likelihood + 2 * k + 2 * k * (k + 1) / (n - k - 1))


def best(values: Sequence[float], season: int, logarithms: bool | None) -> tuple[Form, float] | None:
    """The form with the least AICc, and it; None where none can be fitted.

    `logarithms`: whether it is one of the logarithm; None tries both where all values are above zero.
    """
    scale = size(values)
    y = [float(value / scale) for value in values]
    seasons = (1, season) if season > 1 and len(values) >= 2 * season + 3 else (1,)
    logs = [log for log in (False, True) if logarithms in (None, log) and (not log or min(values) > 0)]
    found: list[tuple[float, Form]] = []
    for log in logs:
        for own in seasons:
            for trend, damped in ((False, False), (True, False), (True, True)):
                form = Form(trend, damped, own, log)
                if len(y) - form.parameters() - 1 <= 0:
                    continue
                fitted = search(tuple(y), form)
                if fitted is not None:
                    found.append((criterion(fitted, y, form), form))
    if not found:
        return None
    aicc, form = min(found, key=lambda one: one[0])
    return (form, aicc) if math.isfinite(aicc) else None


def ahead(values: Sequence[float], form: Form, horizon: int) -> Ahead | None:
    """The forecast of the next steps, on the values' own scale. Of logarithms the middle is the median."""
    scale = size(values)
    found = fit([float(value / scale) for value in values], form)
    if found is None:
        return None
    n = len(values)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        predicted = found.get_prediction(n, n + horizon - 1)
        pairs = [np.asarray(predicted.pred_int(alpha=1 - level / 100), dtype=float) for level in LEVELS]
    back = (lambda z: np.exp(z) * scale) if form.log else (lambda z: np.asarray(z) * scale)
    middle = back(np.asarray(predicted.predicted_mean))
    bounds = tuple((back(pair[:, 0]), back(pair[:, 1])) for pair in pairs)
    whole = all(np.isfinite(part).all() for part in (middle, *(end for pair in bounds for end in pair)))
    return Ahead(middle, bounds) if whole else None


def naive(values: Sequence[float], season: int, horizon: int) -> np.ndarray:
    """The guess to be beaten: each step as it was one season before; without a season, as the last one."""
    last = np.asarray(values[-season:], dtype=float)
    return last[np.arange(horizon) % len(last)]


def size(values: Sequence[float]) -> float:
    """What the values are divided by, so that the search sees numbers about 1."""
    return float(np.abs(values).mean()) or 1.0


def naive_error(values: Sequence[float], season: int) -> float:
    """The mean absolute error of the naive guess one season ahead, within the values: the M of MASE."""
    y = np.asarray(values, dtype=float)
    return float(np.abs(y[season:] - y[:-season]).mean()) if len(y) > season else math.nan
