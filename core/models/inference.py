"""What least squares says beyond its coefficients: how sure they are, and whether the errors are as assumed.

One more pass over the rows, in the memory of a few triangles. Sources of the formulas: Greene, Econometric
Analysis (F, likelihood); MacKinnon and White 1985 (HC1 to HC3); Cook 1977 (distance); Koenker 1981
(studentised Breusch-Pagan); Durbin and Watson 1950; Belsley, Kuh and Welsch 1980 (leverage, inflation).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field as P

from core.contracts import Json, Matrix, Watch
from core.errors import Cancelled
from core.models.least_squares import Solution, design, folded
from core.wording import Note, note

PULLING = 20  # rows with the largest distance that are kept
THROUGH = 1 - 1e-10  # the leverage of a row that the fit goes through whatever its value is

Errors = Annotated[
    Literal["classical", "HC0", "HC1", "HC2", "HC3"],
    P(
        title="Standard errors",
        description="Classical ones hold when all errors spread alike. HC0 to HC3 are robust: they hold when "
        "the spread differs from row to row; HC3 is the safest of them with few rows.",
    ),
]


@dataclass(frozen=True)
class Inference:
    """What one pass over the training rows found."""

    root: np.ndarray  # [m, kept]: the covariance of the coefficients is root @ root.T
    vif: np.ndarray  # [m] variance inflation; nan for the intercept and what is aliased
    statistics: dict[str, Json]  # of the whole fit; null where a number is not finite
    pulling: list[dict[str, Json]]  # the rows with the largest Cook's distance
    warnings: tuple[Note, ...]


def infer(rows: Matrix, found: Solution, intercept: bool, errors: str, watch: Watch) -> Inference:
    """Covariance, diagnostics and influence of a fit without a penalty that has degrees of freedom left."""
    seen = _Seen(rows, found, errors)
    for part, block in design(rows.x, intercept):
        if watch.stopped():
            raise Cancelled()
        seen.add(part, block if len(found.kept) == block.shape[1] else block[:, found.kept])
        watch.progress(0.85 + 0.05 * part.stop / len(rows.y), "Judging the coefficients")
    root = found.root * math.sqrt(found.rss / found.df)
    if errors != "classical":
        root = found.root @ found.root[found.kept].T @ seen.meat.T
        if errors == "HC1":
            root *= math.sqrt(len(rows.y) / found.df)
    through: tuple[Note, ...] = ()
    if seen.through:
        through = (
            note(
                "{count:,} training row alone decides a coefficient (leverage 1): robust standard errors "
                "leave it out. | {count:,} training rows alone decide a coefficient (leverage 1): robust "
                "standard errors leave them out.",
                count=seen.through,
            ),
        )
    vif = np.full(len(found.b), np.nan)
    inflated = (found.root[found.kept] ** 2).sum(axis=1) * found.spread
    vif[found.kept] = np.where(found.kept >= intercept, inflated, np.nan)
    told = _whole(len(rows.y), found, intercept, root, seen)
    finite = {name: value if value is None or math.isfinite(value) else None for name, value in told.items()}
    return Inference(root, vif, finite, seen.farthest(), through if errors in ("HC2", "HC3") else ())


class _Seen:
    """Sums over the rows seen so far."""

    def __init__(self, rows: Matrix, found: Solution, errors: str) -> None:
        self.y, self.found, self.errors = rows.y, found, errors
        self.numbers = rows.rows
        self.sigma = math.sqrt(found.rss / found.df) or 1.0  # errors are counted in it: nothing overflows
        k = len(found.kept)
        self.steps = 0.0  # squared differences of residuals that follow one another
        self.before: float | None = None
        self.alike, self.uneven = np.zeros(k), 0.0  # columns times, and squares of, e^2 less its mean
        self.meat = np.zeros((0, k))
        self.through = self.high = self.far = 0
        self.leverage = 0.0
        self.rows: list[tuple[float, int, float, float, float]] = []

    def add(self, part: slice, wide: np.ndarray) -> None:
        found, n, k = self.found, len(self.y), len(self.found.kept)
        y = self.y[part]
        predicted = wide @ found.b[found.kept]
        e = (y - predicted) / self.sigma
        turned = wide @ found.root[found.kept]
        h = np.minimum(np.einsum("ij,ij->i", turned, turned), 1.0)
        self.steps += float((np.diff(e) ** 2).sum())
        if self.before is not None:
            self.steps += (float(e[0]) - self.before) ** 2
        self.before = float(e[-1])
        uneven = e**2 - found.rss / self.sigma**2 / n
        self.alike += wide.T @ uneven
        self.uneven += float(uneven @ uneven)
        held = h >= THROUGH
        rest = np.where(held, 1.0, 1 - h)
        self.through += int(held.sum())
        self.leverage = max(self.leverage, float(h.max()))
        self.high += int((h > 2 * k / n).sum())
        if self.errors != "classical":
            power = {"HC2": 0.5, "HC3": 1.0}.get(self.errors, 0.0)
            scaled = wide * np.where(held & (power > 0), 0.0, self.sigma * e / rest**power)[:, None]
            self.meat = folded(self.meat, scaled)
        distance = np.where(held, 0.0, e**2 * h / (k * rest**2))
        studentised = np.where(held, 0.0, e / np.sqrt(rest))
        self.far += int((distance > 4 / n).sum())
        best = np.argsort(-distance, kind="stable")[:PULLING]
        self.rows += [
            (float(distance[i]), part.start + int(i), float(h[i]), float(studentised[i]), float(predicted[i]))
            for i in best
        ]
        self.rows = sorted(self.rows, key=lambda row: (-row[0], row[1]))[:PULLING]

    def farthest(self) -> list[dict[str, Json]]:
        """The rows that pull the coefficients most, by Cook's distance; `row` counts from 0 in the table."""
        return [
            {
                "row": int(i if self.numbers is None else self.numbers[i]),
                "cook": distance, "leverage": leverage, "studentised": studentised,
                "actual": float(self.y[i]), "predicted": predicted,
            }
            for distance, i, leverage, studentised, predicted in self.rows
        ]  # fmt: skip


def _whole(n: int, found: Solution, intercept: bool, root: np.ndarray, seen: _Seen) -> dict[str, Json]:
    from scipy.stats import chi2, f

    k, rss = len(found.kept), found.rss
    slopes = k - bool(intercept and len(found.kept) and found.kept[0] == 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        r2 = 1 - np.float64(rss) / found.total
        likelihood = -n / 2 * (math.log(2 * math.pi) + np.log(np.float64(rss) / n) + 1)
        watson = np.float64(seen.steps) / rss * seen.sigma**2
    told: dict[str, Json] = {
        "rows": n, "parameters": k, "degrees_of_freedom": found.df, "residual_sum_of_squares": rss,
        "residual_standard_error": math.sqrt(rss / found.df),
        "r2": float(r2), "adjusted_r2": float(1 - (1 - r2) * (n - intercept) / found.df),
        "log_likelihood": float(likelihood),
        "aic": float(2 * k - 2 * likelihood), "bic": float(k * math.log(n) - 2 * likelihood),
        "durbin_watson": float(watson),
        "largest_leverage": seen.leverage, "high_leverage_rows": seen.high,
        "largest_cook": seen.rows[0][0], "far_rows": seen.far,
    }  # fmt: skip
    if slopes:
        ratio = _wald(found, intercept, root) / slopes
        told |= {"f": ratio, "f_slopes": slopes, "f_p": float(f.sf(ratio, slopes, found.df))}
    if intercept and slopes and seen.uneven > 0:
        uneven = n * float(((found.root[found.kept].T @ seen.alike) ** 2).sum()) / seen.uneven
        told |= {"breusch_pagan": uneven, "breusch_pagan_p": float(chi2.sf(uneven, slopes))}
    return told


def _wald(found: Solution, intercept: bool, root: np.ndarray) -> float:
    """The squared distance of all slopes from zero, in their own covariance."""
    slopes = found.kept[found.kept >= intercept]
    half = np.asarray(np.linalg.qr(root[slopes].T, mode="r"))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        try:
            away = np.linalg.solve(half.T, found.b[slopes])
        except np.linalg.LinAlgError:
            return math.inf
        return float(away @ away)
