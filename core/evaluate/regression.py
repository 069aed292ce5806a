"""How good predictions of numbers are."""

from __future__ import annotations

import numpy as np

from core.contracts import Json

POINTS = 5_000  # drawn one by one; more become a density
CELLS = 60


def metrics(y: np.ndarray, predicted: np.ndarray) -> dict[str, Json]:
    """RMSE, MAE and R2 (None when the target does not vary)."""
    away = y - predicted
    spread = float(((y - y.mean()) ** 2).sum()) if len(y) else 0.0
    squares = float((away**2).sum())
    return {
        "rmse": float(np.sqrt(squares / max(1, len(y)))),
        "mae": float(np.abs(away).mean()) if len(y) else 0.0,
        "r2": 1 - squares / spread if spread > 0 else None,
    }


def baseline(y: np.ndarray, train: np.ndarray) -> dict[str, Json]:
    """The same metrics of always saying the training rows' mean."""
    mean = float(train.mean())
    return {"kind": "mean", "value": mean, **metrics(y, np.full(len(y), mean))}


def curves(y: np.ndarray, predicted: np.ndarray) -> dict[str, Json]:
    """What the residual pictures are drawn from: a summary, a histogram, predicted against actual."""
    away = y - predicted
    counts, edges = np.histogram(away, bins=min(50, max(5, int(np.sqrt(len(y))))))
    quantiles = np.quantile(away, [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1])
    found: dict[str, Json] = {
        "residuals": {
            "mean": float(away.mean()),
            "sd": float(away.std()),
            "quantiles": quantiles.tolist(),
            "histogram": {"edges": edges.tolist(), "counts": counts.tolist()},
        }
    }
    if len(y) <= POINTS:
        found["predicted_actual"] = {"actual": y.tolist(), "predicted": predicted.tolist()}
        return found
    grid, across, up = np.histogram2d(y, predicted, bins=CELLS)
    found["predicted_actual"] = {
        "actual_edges": across.tolist(),
        "predicted_edges": up.tolist(),
        "counts": grid.astype(int).tolist(),
    }
    return found


def interval(y: np.ndarray, predicted: np.ndarray, seed: int, rounds: int = 500) -> list[float] | None:
    """The 95% interval of the RMSE, by drawing the rows anew; None for too few rows to tell anything."""
    squares = (y - predicted) ** 2
    count = len(squares)
    if count < 10:
        return None
    chance = np.random.default_rng(seed)
    if count > 20_000:  # the mean of so many rows is normal: no need to draw
        half = 1.96 * float(squares.std()) / np.sqrt(count)
        ends = np.array([max(0.0, squares.mean() - half), squares.mean() + half])
    else:
        means = [squares[chance.integers(0, count, count)].mean() for _ in range(rounds)]
        ends = np.quantile(means, [0.025, 0.975])
    return [float(end) for end in np.sqrt(ends)]
