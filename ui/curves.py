"""The pictures of an evaluation, drawn from what a run has stored: nothing is computed from rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from core.charts.drawing import shown
from ui.text import plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.judging import FitResult

Json = Any
CLASSES = 6  # drawn as curves of their own
CELLS = 25  # classes of a confusion matrix
FEATURES = 20  # of the coefficient picture
MANY = 2_000  # points above which WebGL draws them
GREY = "rgba(128,138,136,0.75)"


@dataclass(frozen=True)
class Picture:
    """A figure, what it is called, how to read it (both English), and what it shows in words."""

    key: str
    title: str
    hint: str
    figure: go.Figure
    words: str


def of_numbers(result: FitResult) -> list[Picture]:
    """Predicted against actual, the residuals, and how they are spread."""
    found = result.curves["predicted_actual"]
    if "actual" not in found:
        return [_density(found, result.target), _spread(result)]
    actual, predicted = found["actual"], found["predicted"]
    away = [a - p for a, p in zip(actual, predicted, strict=True)]
    return [_against(actual, predicted, result.target), _residuals(predicted, away, result), _spread(result)]


def _figure(x: str, y: str, **layout: Any) -> go.Figure:
    import plotly.graph_objects as go

    figure = go.Figure()
    plot = {"margin": {"t": 12}, "legend": {"font": {"size": 12}}, **layout}
    figure.update_layout(xaxis={"title": {"text": x}}, yaxis={"title": {"text": y}}, **plot)
    return figure


def _line(figure: go.Figure, x: Sequence[float], y: Sequence[float], name: str = "") -> None:
    figure.add_scatter(
        x=list(x), y=list(y), mode="lines", name=name, showlegend=bool(name), hoverinfo="skip",
        line={"color": GREY, "dash": "dash", "width": 1.5},
    )  # fmt: skip


def _dots(figure: go.Figure, x: Sequence[float], y: Sequence[float], hover: str) -> None:
    add = figure.add_scattergl if len(x) > MANY else figure.add_scatter
    add(x=x, y=y, mode="markers", showlegend=False, hovertemplate=f"{hover}<extra></extra>",
        marker={"size": 6, "opacity": 0.55 if len(x) < MANY else 0.3})  # fmt: skip


_AGAINST = "Each dot is a row. On the dashed line a prediction is exactly right."
_DENSE = (
    "How many rows lie where: the stronger the colour, the more. On the dashed line a prediction is "
    "exactly right."
)


def _against(actual: Sequence[float], predicted: Sequence[float], target: str) -> Picture:
    figure = _figure(_axis("Actual {target}", target), _axis("Predicted {target}", target))
    _dots(figure, actual, predicted, "%{x:,.4g} → %{y:,.4g}")
    ends = [min(*actual, *predicted), max(*actual, *predicted)]
    _line(figure, ends, ends)
    words = plain(
        "{rows:,} rows of {target}: actual values from {a:,.4g} to {b:,.4g}, predictions from {c:,.4g} to "
        "{d:,.4g}.",
        rows=len(actual), target=target, a=min(actual), b=max(actual), c=min(predicted), d=max(predicted),
    )  # fmt: skip
    return Picture("against", "Predicted against actual", _AGAINST, figure, words)


def _density(found: Mapping[str, Json], target: str) -> Picture:
    import numpy as np

    figure = _figure(_axis("Actual {target}", target), _axis("Predicted {target}", target))
    x, y = np.asarray(found["actual_edges"]), np.asarray(found["predicted_edges"])
    counts = np.asarray(found["counts"], dtype=float).T
    figure.add_heatmap(
        x=(x[:-1] + x[1:]) / 2, y=(y[:-1] + y[1:]) / 2, customdata=counts,
        z=np.log10(np.where(counts > 0, counts, np.nan)),  # few rows are as worth seeing as many
        coloraxis="coloraxis", hovertemplate="%{x:,.4g} → %{y:,.4g}: %{customdata:,}<extra></extra>",
    )  # fmt: skip
    low = -0.35 * max(1.0, float(np.log10(counts.max())))  # so that one row stands out from the background
    figure.update_layout(coloraxis={"cmin": low, "showscale": False})
    ends = [max(x[0], y[0]), min(x[-1], y[-1])]
    _line(figure, ends, ends)
    words = plain(
        "{rows:,} rows of {target} as a density: actual values from {a:,.4g} to {b:,.4g}, predictions from "
        "{c:,.4g} to {d:,.4g}.",
        rows=int(counts.sum()), target=target, a=x[0], b=x[-1], c=y[0], d=y[-1],
    )  # fmt: skip
    return Picture("against", "Predicted against actual", _DENSE, figure, words)


def _axis(template: str, target: str) -> str:
    return plain(template, target=shown(target))


def _residuals(predicted: Sequence[float], away: Sequence[float], result: FitResult) -> Picture:
    figure = _figure(_axis("Predicted {target}", result.target), plain("Actual minus predicted"))
    _dots(figure, predicted, away, "%{x:,.4g}: %{y:,.4g}")
    _line(figure, [min(predicted), max(predicted)], [0, 0])
    hint = "A cloud around 0 is good. A bend is a curve the model missed; a funnel is an error that grows."
    words = plain(
        "Residuals of {rows:,} rows, from {low:,.4g} to {high:,.4g}.",
        rows=len(away), low=min(away), high=max(away),
    )  # fmt: skip
    return Picture("residuals", "Residuals", hint, figure, words)


def _spread(result: FitResult) -> Picture:
    found = result.curves["residuals"]
    edges, counts = found["histogram"]["edges"], found["histogram"]["counts"]
    figure = _figure(plain("Actual minus predicted"), plain("Rows"), bargap=0.02)
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
    return Picture("spread", "Spread of the residuals", hint, figure, words)


def of_classes(result: FitResult) -> list[Picture]:
    """The confusion matrix, and ROC, precision-recall and calibration curves."""
    found = [_confusion(result.curves["confusion"])]
    if result.curves["roc"]:
        found += [_roc(result), _precision_recall(result), _calibration(result)]
    return found


def _confusion(found: Mapping[str, Json]) -> Picture:
    import numpy as np

    counts, classes = np.asarray(found["counts"]), found["classes"]
    kept = sorted(np.argsort(-counts.sum(axis=1), kind="stable")[:CELLS].tolist())
    part = counts[np.ix_(kept, kept)]
    totals = counts.sum(axis=1)[kept]
    share = part / np.maximum(totals, 1)[:, None]
    names = [shown(classes[k], 24) for k in kept]
    ticks = {"tickvals": list(range(len(kept))), "ticktext": names, "showgrid": False, "zeroline": False}
    figure = _figure(plain("Predicted"), plain("Actual"))
    figure.update_xaxes(**ticks)
    figure.update_yaxes(**ticks, autorange="reversed")
    figure.add_heatmap(
        z=share, coloraxis="coloraxis", xgap=2, ygap=2, customdata=part,
        text=[[f"{cell:,}" for cell in row] for row in part],
        texttemplate="%{text}" if len(kept) <= 12 else None,
        hovertemplate="%{y} → %{x}: %{customdata:,} (%{z:.1%})<extra></extra>",
    )  # fmt: skip
    figure.update_layout(coloraxis={"cmin": 0, "cmax": 1, "colorbar": {"tickformat": ".0%"}})
    wrong = [(int(part[i, j]), i, j) for i in range(len(kept)) for j in range(len(kept)) if i != j]
    worst = sorted((item for item in wrong if item[0]), key=lambda item: -item[0])[:3]
    said = "; ".join(f"{classes[kept[i]]} → {classes[kept[j]]}: {count:,}" for count, i, j in worst)
    words = plain(
        "{right:,} of {rows:,} rows are right. The most frequent confusions, actual → predicted: {said}.",
        right=int(np.trace(counts)), rows=int(counts.sum()), said=said or plain("none"),
    )  # fmt: skip
    hint = (
        "Each line is an actual class, each column what was predicted; the colour is the share of the "
        "line. At most 25 classes are drawn, those with the most rows."
    )
    return Picture("confusion", "Confusion matrix", hint, figure, words)


def _roc(result: FitResult) -> Picture:
    figure = _figure(plain("False positive rate"), plain("True positive rate"))
    for curve in result.curves["roc"][:CLASSES]:
        figure.add_scatter(
            x=curve["fpr"], y=curve["tpr"], mode="lines", name=shown(curve["class"], 24),
            customdata=curve["threshold"],
            hovertemplate="%{x:.1%}, %{y:.1%} (≥ %{customdata:.3f})",
        )  # fmt: skip
    _line(figure, [0, 1], [0, 1], plain("chance"))
    words = plain("Area under the ROC curve: {area}.", area=_said(result.metrics["roc_auc"]))
    hint = (
        "For every threshold: which share of the class is found, and at the price of which share of false "
        "alarms. The nearer to the upper left corner, the better."
    )
    return Picture("roc", "ROC curve", hint, figure, words)


def _said(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _precision_recall(result: FitResult) -> Picture:
    figure = _figure(plain("Recall"), plain("Precision"), yaxis_range=[0, 1.03])
    rows = {item["class"]: item["rows"] for item in result.curves["per_class"]}
    total = sum(rows.values())
    drawn = result.curves["precision_recall"][:CLASSES]
    for curve in drawn:
        figure.add_scatter(
            x=curve["recall"], y=curve["precision"], mode="lines", name=shown(curve["class"], 24),
            customdata=curve["threshold"],
            hovertemplate="%{x:.1%}, %{y:.1%} (≥ %{customdata:.3f})",
        )  # fmt: skip
    if len(drawn) == 1:
        share = rows[drawn[0]["class"]] / total
        _line(figure, [0, 1], [share, share], plain("chance"))
    parts = [f"{curve['class']}: {_half(curve):.1%}" for curve in drawn]
    words = plain("Precision where half of a class is found: {parts}.", parts="; ".join(parts))
    hint = (
        "For every threshold: how many of those named are right (precision), and how many of the class are "
        "found (recall). Tells more than ROC when a class is rare."
    )
    return Picture("precision_recall", "Precision and recall", hint, figure, words)


def _half(curve: Mapping[str, Json]) -> float:
    pairs = zip(curve["recall"], curve["precision"], strict=True)
    return float(next((precision for recall, precision in pairs if recall >= 0.5), 0.0))


def _calibration(result: FitResult) -> Picture:
    figure = _figure(
        plain("Predicted probability"), plain("Share that was true"),
        xaxis_range=[-0.03, 1.03], yaxis_range=[-0.03, 1.03],
    )  # fmt: skip
    drawn = result.curves["calibration"][:CLASSES]
    for curve in drawn:
        largest = max(curve["rows"])
        figure.add_scatter(
            x=curve["predicted"], y=curve["observed"], mode="lines+markers", name=shown(curve["class"], 24),
            marker={"size": [5 + 11 * (count / largest) ** 0.5 for count in curve["rows"]], "opacity": 0.85},
            line={"width": 1}, customdata=curve["rows"],
            hovertemplate="%{x:.1%} → %{y:.1%} (%{customdata:,})",
        )  # fmt: skip
    _line(figure, [0, 1], [0, 1], plain("as it should be"))
    pairs = [
        f"{p:.0%} → {o:.0%}"
        for curve in drawn[:1]
        for p, o in zip(curve["predicted"], curve["observed"], strict=True)
    ]
    words = plain(
        "For {name}, predicted probability → share that was true: {pairs}.",
        name=drawn[0]["class"], pairs="; ".join(pairs),
    )  # fmt: skip
    hint = (
        "Rows in ten steps of probability: of those given 70%, about 70% should be true. Larger dots stand "
        "for more rows."
    )
    return Picture("calibration", "Calibration", hint, figure, words)


def of_coefficients(rows: Sequence[Mapping[str, Json]]) -> Picture | None:
    """Each coefficient in its own standard errors, with its interval; None when none has one."""
    sure = [row for row in rows if row["ratio"] is not None and row["name"] != "intercept"]
    if not sure:
        return None
    chosen = sorted(sure, key=lambda row: -abs(row["ratio"]))[:FEATURES]
    figure = _figure(plain("Standard errors from 0"), "")
    places = list(range(len(chosen)))
    figure.add_scatter(
        x=[row["ratio"] for row in chosen], y=places, mode="markers", marker={"size": 8}, showlegend=False,
        error_x={"array": [(row["high"] - row["value"]) / row["se"] for row in chosen], "thickness": 1.5},
        customdata=[f"{row['low']:,.4g} … {row['high']:,.4g}" for row in chosen],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    _line(figure, [0, 0], [-0.6, len(chosen) - 0.4])
    names = [shown(row["name"], 28) for row in chosen]
    figure.update_yaxes(tickvals=places, ticktext=names, range=[len(chosen) - 0.4, -0.6], zeroline=False)
    apart = [str(row["name"]) for row in chosen if row["low"] > 0 or row["high"] < 0]
    words = plain(
        "{count} of the {total} coefficients shown differ from 0 by more than chance: {names}.",
        count=len(apart), total=len(chosen), names=", ".join(apart) or plain("none"),
    )  # fmt: skip
    hint = (
        "Divided by their standard errors all coefficients fit on one scale, whatever their units. An "
        "interval that reaches 0 could be chance."
    )
    return Picture("interval", "How sure the values are", hint, figure, words)


def of_history(result: FitResult) -> list[Picture]:
    """Training and validation loss by epoch, and the metric on the validation rows."""
    rows = result.history
    epochs = [row["epoch"] for row in rows]
    best = result.facts.get("best_epoch")
    figure = _figure(plain("Epoch"), plain("Mean loss of a row"), hovermode="x unified")
    for name, title in (("train_loss", "training"), ("valid_loss", "validation")):
        if any(row.get(name) is not None for row in rows):
            figure.add_scatter(x=epochs, y=[row.get(name) for row in rows], mode="lines", name=plain(title))
    if best is not None:
        figure.add_vline(x=best, line={"color": GREY, "dash": "dot", "width": 1.5})
    last = rows[-1]
    words = plain(
        "After {epochs:,} epochs the training loss is {train} and the validation loss {valid}; the weights "
        "of epoch {best} are kept.",
        epochs=last["epoch"], train=_said(last.get("train_loss")), valid=_said(last.get("valid_loss")),
        best=best if best is not None else last["epoch"],
    )  # fmt: skip
    hint = (
        "A validation loss that rises while the training loss falls is learning by heart. The dotted line "
        "is the epoch whose weights were kept."
    )
    found = [Picture("loss", "Loss", hint, figure, words)]
    if any(row.get("metric") is not None for row in rows):
        found.append(_metric(result, epochs))
    return found


def _metric(result: FitResult, epochs: Sequence[int]) -> Picture:
    title = "RMSE" if result.task == "number" else "Accuracy"
    figure = _figure(plain("Epoch"), plain(title))
    values = [row.get("metric") for row in result.history]
    figure.add_scatter(x=epochs, y=values, mode="lines", showlegend=False)
    known = [value for value in values if value is not None]
    words = plain(
        "{title} by epoch: from {first} at first to {last} in the end.",
        title=plain(title), first=_said(known[0]), last=_said(known[-1]),
    )  # fmt: skip
    return Picture(
        "metric",
        title,
        "Epoch by epoch on the validation rows, or on the training rows where there are none.",
        figure,
        words,
    )
