"""How good predictions of numbers are: against what was true, and what is left over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from core.wording import counted_rows
from ui.curves.picture import Picture, axis, dots, figure_of, line
from ui.text import plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.judging import FitResult

Json = Any


_AGAINST = "Each dot is a row. On the dashed line a prediction is exactly right."
_DENSE_AGAINST = (
    "How many rows lie where: the stronger the colour, the more. On the dashed line a prediction is "
    "exactly right."
)
_RESIDUALS = "A cloud around 0 is good. A bend is a curve the model missed; a funnel is an error that grows."
_DENSE_RESIDUALS = (
    "How many rows lie where: the stronger the colour, the more. A cloud around 0 is good. A bend is a "
    "curve the model missed; a funnel is an error that grows."
)


def of_numbers(result: FitResult) -> list[Picture]:
    """Predicted against actual, the residuals, and how they are spread."""
    found, rest = result.curves["predicted_actual"], result.curves.get("residuals_predicted")
    if "actual" in found:
        actual, predicted = found["actual"], found["predicted"]
        away = [a - p for a, p in zip(actual, predicted, strict=True)]
        drawn = [_against(actual, predicted, result.target), _residuals(predicted, away, result)]
    else:  # a run of before has no residuals in a grid
        drawn = [_dense_against(found, result.target), *([_dense_residuals(rest, result)] if rest else [])]
    return [*drawn, _spread(result)]


def _against(actual: Sequence[float], predicted: Sequence[float], target: str) -> Picture:
    figure = figure_of(axis("Actual {target}", target), axis("Predicted {target}", target))
    dots(figure, actual, predicted, "%{x:,.4g} → %{y:,.4g}")
    ends = [min(*actual, *predicted), max(*actual, *predicted)]
    line(figure, ends, ends)
    words = plain(
        "{rows:,} row of {target}: actual values from {a:,.4g} to {b:,.4g}, predictions from "
            "{c:,.4g} to {d:,.4g}. | {rows:,} rows of {target}: actual values from {a:,.4g} to "
            "{b:,.4g}, predictions from {c:,.4g} to {d:,.4g}.",
        rows=len(actual), target=target, a=min(actual), b=max(actual), c=min(predicted), d=max(predicted),
    )  # fmt: skip
    return Picture("against", "Predicted against actual", _AGAINST, figure, words)


def _dense_against(found: Mapping[str, Json], target: str) -> Picture:
    figure = figure_of(axis("Actual {target}", target), axis("Predicted {target}", target))
    x, y = found["actual_edges"], found["predicted_edges"]
    _density(figure, x, y, found["counts"])
    ends = [max(x[0], y[0]), min(x[-1], y[-1])]
    line(figure, ends, ends)
    words = plain(
        "{rows} of {target} as a density: actual values from {a:,.4g} to {b:,.4g}, predictions from "
        "{c:,.4g} to {d:,.4g}.",
        rows=counted_rows(_rows(found)), target=target, a=x[0], b=x[-1], c=y[0], d=y[-1],
    )  # fmt: skip
    return Picture("against", "Predicted against actual", _DENSE_AGAINST, figure, words + _beyond(found))


def _dense_residuals(found: Mapping[str, Json], result: FitResult) -> Picture:
    figure = figure_of(axis("Predicted {target}", result.target), plain("Actual minus predicted"))
    x, y = found["predicted_edges"], found["residual_edges"]
    _density(figure, x, y, found["counts"])
    line(figure, [x[0], x[-1]], [0, 0])
    words = plain(
        "Residuals of {rows} as a density, from {low:,.4g} to {high:,.4g}.",
        rows=counted_rows(_rows(found)), low=y[0], high=y[-1],
    )  # fmt: skip
    return Picture("residuals", "Residuals", _DENSE_RESIDUALS, figure, words + _beyond(found))


def _density(
    figure: go.Figure, x: Sequence[float], y: Sequence[float], grid: Sequence[Sequence[int]]
) -> None:
    import numpy as np

    counts = np.asarray(grid, dtype=float).T
    figure.add_heatmap(
        x=[(a + b) / 2 for a, b in pairwise(x)], y=[(a + b) / 2 for a, b in pairwise(y)],
        z=np.log10(np.where(counts > 0, counts, np.nan)),  # few rows are as worth seeing as many
        customdata=counts, coloraxis="coloraxis",
        hovertemplate="%{x:,.4g} → %{y:,.4g}: %{customdata:,}<extra></extra>",
    )  # fmt: skip
    low = -0.35 * max(1.0, float(np.log10(counts.max())))  # so that one row stands out from the background
    figure.update_layout(coloraxis={"cmin": low, "showscale": False})


def _rows(found: Mapping[str, Json]) -> int:
    return sum(map(sum, found["counts"])) + found.get("beyond", 0)


def _beyond(found: Mapping[str, Json]) -> str:
    """What a picture leaves out, so that a few rows far away do not squeeze all others into a line."""
    count = found.get("beyond", 0)
    return (
        " "
        + plain(
            "{count:,} row far beyond is not drawn. | {count:,} rows far beyond are not drawn.", count=count
        )
        if count
        else ""
    )


def _residuals(predicted: Sequence[float], away: Sequence[float], result: FitResult) -> Picture:
    figure = figure_of(axis("Predicted {target}", result.target), plain("Actual minus predicted"))
    dots(figure, predicted, away, "%{x:,.4g}: %{y:,.4g}")
    line(figure, [min(predicted), max(predicted)], [0, 0])
    words = plain(
        "Residuals of {rows}, from {low:,.4g} to {high:,.4g}.",
        rows=counted_rows(len(away)), low=min(away), high=max(away),
    )  # fmt: skip
    return Picture("residuals", "Residuals", _RESIDUALS, figure, words)


def _spread(result: FitResult) -> Picture:
    found = result.curves["residuals"]
    edges, counts = found["histogram"]["edges"], found["histogram"]["counts"]
    figure = figure_of(plain("Actual minus predicted"), plain("Rows"), bargap=0.02)
    figure.add_bar(
        x=[(a + b) / 2 for a, b in pairwise(edges)], y=counts, showlegend=False,
        customdata=[f"{a:,.4g} … {b:,.4g}" for a, b in pairwise(edges)],
        hovertemplate="%{customdata}: %{y:,}<extra></extra>",
    )  # fmt: skip
    quantiles = found["quantiles"]
    words = plain(
        "Residuals: mean {mean:,.4g}, standard deviation {sd:,.4g}; half of them lie between {a:,.4g} and "
        "{b:,.4g}, nine of ten between {c:,.4g} and {d:,.4g}.",
        mean=found["mean"], sd=found["sd"],
        a=quantiles[2], b=quantiles[4], c=quantiles[1], d=quantiles[5],
    )  # fmt: skip
    hint = "How large the errors are. Centred on 0 and narrow is good."
    return Picture("spread", "Spread of the residuals", hint, figure, words + _beyond(found["histogram"]))
