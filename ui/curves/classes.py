"""How good predicted classes are: confusions, and the curves of their probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.charts.drawing import shown
from ui.curves.picture import Picture, figure_of, line, number
from ui.text import plain

if TYPE_CHECKING:
    from core.judging import FitResult

Json = Any
CLASSES = 6  # drawn as curves of their own
CELLS = 25  # classes of a confusion matrix


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
    totals = np.asarray(found.get("totals", counts.sum(axis=1)))[kept]
    share = part / np.maximum(totals, 1)[:, None]
    names = [shown(classes[k], 24) for k in kept]
    ticks = {"tickvals": list(range(len(kept))), "ticktext": names, "showgrid": False, "zeroline": False}
    figure = figure_of(plain("Predicted"), plain("Actual"))
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
    said = plain("; ").join(f"{classes[kept[i]]} → {classes[kept[j]]}: {count:,}" for count, i, j in worst)
    words = plain(
        "{right:,} of {rows:,} rows are right. The most frequent confusions, actual → predicted: {said}.",
        right=found.get("right", int(np.trace(counts))), rows=found.get("rows", int(counts.sum())),
        said=said or plain("none"),
    )  # fmt: skip
    hint = (
        "Each line is an actual class, each column what was predicted; the colour is the share of the "
        "line. At most 25 classes are drawn, those with the most rows."
    )
    return Picture("confusion", "Confusion matrix", hint, figure, words)


def _roc(result: FitResult) -> Picture:
    figure = figure_of(plain("False positive rate"), plain("True positive rate"))
    for curve in result.curves["roc"][:CLASSES]:
        figure.add_scatter(
            x=curve["fpr"], y=curve["tpr"], mode="lines", name=shown(curve["class"], 24),
            customdata=curve["threshold"],
            hovertemplate="%{x:.1%}, %{y:.1%} (≥ %{customdata:.3f})",
        )  # fmt: skip
    line(figure, [0, 1], [0, 1], plain("chance"))
    words = plain("Area under the ROC curve: {area}.", area=number(result.metrics["roc_auc"]))
    hint = (
        "For every threshold: which share of the class is found, and at the price of which share of false "
        "alarms. The nearer to the upper left corner, the better."
    )
    return Picture("roc", "ROC curve", hint, figure, words)


def _precision_recall(result: FitResult) -> Picture:
    figure = figure_of(plain("Recall"), plain("Precision"), yaxis_range=[0, 1.03])
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
        line(figure, [0, 1], [share, share], plain("chance"))
    parts = [f"{curve['class']}: {_half(curve):.1%}" for curve in drawn]
    words = plain("Precision where half of a class is found: {parts}.", parts=plain("; ").join(parts))
    hint = (
        "For every threshold: how many of those named are right (precision), and how many of the class are "
        "found (recall). Tells more than ROC when a class is rare."
    )
    return Picture("precision_recall", "Precision and recall", hint, figure, words)


def _half(curve: Mapping[str, Json]) -> float:
    pairs = zip(curve["recall"], curve["precision"], strict=True)
    return float(next((precision for recall, precision in pairs if recall >= 0.5), 0.0))


def _calibration(result: FitResult) -> Picture:
    figure = figure_of(
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
    line(figure, [0, 1], [0, 1], plain("as it should be"))
    pairs = [
        f"{p:.0%} → {o:.0%}"
        for curve in drawn[:1]
        for p, o in zip(curve["predicted"], curve["observed"], strict=True)
    ]
    words = plain(
        "For {name}, predicted probability → share that was true: {pairs}.",
        name=drawn[0]["class"], pairs=plain("; ").join(pairs),
    )  # fmt: skip
    hint = (
        "Rows in ten steps of probability: of those given 70%, about 70% should be true. Larger dots stand "
        "for more rows."
    )
    return Picture("calibration", "Calibration", hint, figure, words)
