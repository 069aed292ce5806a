"""What a fit found, and how it got there: its coefficients, and its losses epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.charts.drawing import shown
from ui.curves.picture import GREY, Picture, figure_of, line, number
from ui.text import feature, plain

if TYPE_CHECKING:
    from core.judging import FitResult

Json = Any
FEATURES = 20  # of the coefficient picture


def of_coefficients(rows: Sequence[Mapping[str, Json]]) -> Picture | None:
    """Each coefficient in its own standard errors, with its interval; None when none has one."""
    sure = [row for row in rows if row["ratio"] is not None and row["name"] != "intercept"]
    if not sure:
        return None
    chosen = sorted(sure, key=lambda row: -abs(row["ratio"]))[:FEATURES]
    figure = figure_of(plain("Standard errors from 0"), "")
    places = list(range(len(chosen)))
    figure.add_scatter(
        x=[row["ratio"] for row in chosen], y=places, mode="markers", marker={"size": 8}, showlegend=False,
        error_x={"array": [(row["high"] - row["value"]) / row["se"] for row in chosen], "thickness": 1.5},
        customdata=[f"{row['low']:,.4g} … {row['high']:,.4g}" for row in chosen],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    line(figure, [0, 0], [-0.6, len(chosen) - 0.4])
    names = [shown(feature(row["name"]), 28) for row in chosen]
    figure.update_yaxes(tickvals=places, ticktext=names, range=[len(chosen) - 0.4, -0.6], zeroline=False)
    apart = [feature(row["name"]) for row in chosen if row["low"] > 0 or row["high"] < 0]
    words = plain(
        "{count} of the {total} coefficients shown differ from 0 by more than chance: {names}.",
        count=len(apart), total=len(chosen), names=apart or plain("none"),
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
    figure = figure_of(plain("Epoch"), plain("Mean loss of a row"), hovermode="x unified")
    for name, title in (("train_loss", "training"), ("valid_loss", "validation")):
        if any(row.get(name) is not None for row in rows):
            figure.add_scatter(x=epochs, y=[row.get(name) for row in rows], mode="lines", name=plain(title))
    if best is not None:
        figure.add_vline(x=best, line={"color": GREY, "dash": "dot", "width": 1.5})
    last = rows[-1]
    words = plain(
        "After {epochs:,} epochs the training loss is {train} and the validation loss {valid}; the weights "
        "of epoch {best} are kept.",
        epochs=last["epoch"], train=number(last.get("train_loss")), valid=number(last.get("valid_loss")),
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
    figure = figure_of(plain("Epoch"), plain(title))
    values = [row.get("metric") for row in result.history]
    figure.add_scatter(x=epochs, y=values, mode="lines", showlegend=False)
    known = [value for value in values if value is not None]
    words = plain(
        "{title} by epoch: from {first} at first to {last} in the end.",
        title=plain(title), first=number(known[0]), last=number(known[-1]),
    )  # fmt: skip
    return Picture(
        "metric",
        title,
        "Epoch by epoch on the validation rows, or on the training rows where there are none.",
        figure,
        words,
    )
