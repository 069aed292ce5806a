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
    """What the pictures of right and wrong are drawn from, bounded whatever the number of rows.

    A summary and a histogram of the residuals, predicted against actual, and the residuals against
    the predictions: as points for few rows, as counts in a grid for many.
    """
    away = y - predicted
    low, high = _span(away)
    bins = min(50, max(5, int(np.sqrt(len(y)))))
    counts, edges = np.histogram(away, bins=bins, range=(low, high))
    quantiles = np.quantile(away, [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1])
    found: dict[str, Json] = {
        "residuals": {
            "mean": float(away.mean()),
            "sd": float(away.std()),
            "quantiles": quantiles.tolist(),
            "histogram": {
                "edges": edges.tolist(),
                "counts": counts.tolist(),
                "beyond": len(away) - int(counts.sum()),
            },
        }
    }
    if len(y) <= POINTS:
        found["predicted_actual"] = {"actual": y.tolist(), "predicted": predicted.tolist()}
        return found
    found["predicted_actual"] = _density(y, predicted, "actual_edges", "predicted_edges")
    found["residuals_predicted"] = _density(predicted, away, "predicted_edges", "residual_edges")
    return found


def _density(across: np.ndarray, up: np.ndarray, x_name: str, y_name: str) -> dict[str, Json]:
    """Rows counted in a grid of equal cells, [across, up], and how many lie beyond it."""
    grid, x_edges, y_edges = np.histogram2d(across, up, bins=CELLS, range=[_span(across), _span(up)])
    return {
        x_name: x_edges.tolist(),
        y_name: y_edges.tolist(),
        "counts": grid.astype(int).tolist(),
        "beyond": len(across) - int(grid.sum()),
    }


def _span(values: np.ndarray) -> tuple[float, float]:
    """The ends of a picture: all values, unless a few far away would squeeze the others into a line."""
    low, first, last, high = np.quantile(values, [0, 0.005, 0.995, 1])
    width = last - first
    if width > 0:
        low, high = max(low, first - width), min(high, last + width)
    size = max(abs(low), abs(high))
    if high - low > 1e-9 * size:
        return float(low), float(high)
    half = 0.5 * max(1.0, 1e-6 * size)  # too close together to be told apart in doubles
    return float(low) - half, float(high) + half


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
