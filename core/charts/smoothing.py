"""Exponential smoothing: the form that fits a series best, its forecast, and the naive guess."""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

LEVELS = (80, 95)  # per cent
ESTIMATED = 12  # seasons up to here have their first values fitted, longer ones (in time) from averages
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


class Choice(NamedTuple):
    """A form, how well it fits, and the numbers that were found for it."""

    form: Form
    aicc: float
    found: tuple[float, ...]


@dataclass(frozen=True)
class Ahead:
    """Values of steps ahead: the middle, and (low, high) for each of LEVELS; `found` to start again from."""

    value: np.ndarray
    bounds: tuple[tuple[np.ndarray, np.ndarray], ...]
    found: tuple[float, ...]


@dataclass(frozen=True)
class Found:
    """The numbers of a form that suit some values best, and how likely they make them."""

    params: tuple[float, ...]
    llf: float


def fit(values: Sequence[float], form: Form, start: tuple[float, ...] | None = None) -> Any:
    """statsmodels' results of one form on values that are about 1 in size; None where it finds none.

    `start`: what was found on almost the same values; from there the search is short.
    """
    found = search(tuple(map(float, values)), form, start)
    if found is None:
        return None
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return _model(values, form).smooth(np.asarray(found.params))


@lru_cache(maxsize=64)  # the same forecast is asked for again, with another horizon
def search(values: tuple[float, ...], form: Form, start: tuple[float, ...] | None = None) -> Found | None:
    """The best numbers of one form; None where there are none."""
    import statsmodels.tsa.exponential_smoothing.ets  # noqa: F401  it shows its warnings from here on

    with _one_thread(), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # a search that did not end is no candidate, see below
        try:
            model = _model(values, form)
            begin = _begin(model) if start is None else np.asarray(start)
            params = model.fit(disp=False, maxiter=500, start_params=begin, return_params=True)
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


def _begin(model: Any) -> np.ndarray:
    """Weights from which to search: of a few, those that fit best before any search.

    From statsmodels' own, which are small, the search may end at a straight line through a wandering series.
    """
    usual = np.asarray(model.start_params, dtype=float)
    tried = [usual]
    for weights in product((0.1, 0.4, 0.9), (0.02, 0.3), (0.05, 0.5)):
        level, trend, season = weights
        own = {"smoothing_level": level, "smoothing_trend": trend * level,
               "smoothing_seasonal": season * (1 - level)}  # fmt: skip
        tried.append(np.array([own.get(name, at) for name, at in zip(model.param_names, usual, strict=True)]))
    # each form takes some of the weights: the same few come again for those without trend or season
    fits = {tuple(one): float(model.loglike(one)) for one in tried}
    return np.array(max(fits, key=lambda one: fits[one] if math.isfinite(fits[one]) else -math.inf))


def criterion(found: Found, values: Sequence[float], form: Form) -> float:
    """AICc on the scale of the values, so that forms of their logarithm can be compared; lower is better."""
    n, k = len(values), form.parameters()
    if n - k - 1 <= 0:
        return math.inf
    likelihood = found.llf - (float(np.log(values).sum()) if form.log else 0.0)
    return float(-2 * likelihood + 2 * k + 2 * k * (k + 1) / (n - k - 1))


def best(values: Sequence[float], season: int, logarithms: bool | None) -> Choice | None:
    """The form with the least AICc; None where none can be fitted.

    First whether there is a season, and on which scale; then whether there is a trend, and which.
    `logarithms`: whether it is one of the logarithm; None tries both where all values are above zero.
    """
    scale = size(values)
    y = [float(value / scale) for value in values]
    seasons = (1, season) if season > 1 and len(values) >= least(season) else (1,)
    logs = [log for log in (False, True) if logarithms in (None, log) and (not log or min(values) > 0)]
    rough = _choose(y, [Form(trend=True, season=own, log=log) for log in logs for own in seasons])
    if rough is None:
        return _choose(y, [Form(log=log) for log in logs])
    others = [replace(rough.form, trend=False), replace(rough.form, damped=True)]
    finer = _choose(y, others)
    return rough if finer is None or rough.aicc <= finer.aicc else finer


def _choose(y: Sequence[float], forms: Sequence[Form]) -> Choice | None:
    found = []
    for form in forms:
        if len(y) - form.parameters() - 1 <= 0:
            continue
        fitted = search(tuple(y), form)
        if fitted is not None and math.isfinite(aicc := criterion(fitted, y, form)):
            found.append(Choice(form, aicc, fitted.params))
    return min(found, key=lambda one: one.aicc, default=None)


def least(season: int) -> int:
    """How many steps a season needs to be told from chance."""
    return 2 * season + 3 if season > 1 else 0


def ahead(
    values: Sequence[float], form: Form, horizon: int, start: tuple[float, ...] | None = None
) -> Ahead | None:
    """The forecast of the next steps, on the values' own scale. Of logarithms the middle is the median.

    The spread is that of what is left, with as many degrees of freedom as the fitted numbers leave.
    """
    scale, n = size(values), len(values)
    free = n - form.parameters() + 1
    found = fit([value / scale for value in values], form, start) if free > 0 else None
    if found is None:
        return None
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        predicted = found.get_prediction(n, n + horizon - 1)
        pairs = [np.asarray(predicted.pred_int(alpha=1 - level / 100), dtype=float) for level in LEVELS]
    middle, wider = np.asarray(predicted.predicted_mean), math.sqrt(n / free)
    back = (lambda z: np.exp(z) * scale) if form.log else (lambda z: np.asarray(z) * scale)
    bounds = tuple(
        (back(middle + (pair[:, 0] - middle) * wider), back(middle + (pair[:, 1] - middle) * wider))
        for pair in pairs
    )
    value = back(middle)
    whole = all(np.isfinite(part).all() for part in (value, *(end for pair in bounds for end in pair)))
    return Ahead(value, bounds, tuple(map(float, found.params))) if whole else None


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
