"""Metrics as people read them: what they are called, what they tell, and how many digits matter."""

from __future__ import annotations

import math
from dataclasses import dataclass


def four(value: float | None, digits: int = 4) -> str:
    """A number in four significant digits: 12,346; 0.01235; 1.235e-07."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0 or not 1e-5 <= abs(value) < 1e15:
        return f"{value:.{digits}g}"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def p_value(p: float | None) -> str:
    """A p value as people read it, after the letter: = 0.013, < 1e-15."""
    if p is None:
        return "–"
    return "< 1e-15" if p < 1e-15 else f"= {p:.1e}" if p < 0.001 else f"= {p:.3f}"


@dataclass(frozen=True)
class Measure:
    """A metric as people read it."""

    title: str
    hint: str
    share: bool = False  # shown as a percentage
    unitless: bool = False  # at most 1: more than four places say nothing

    def said(self, value: float | None) -> str:
        if value is None or not math.isfinite(value):
            return four(value)
        if self.share:
            return f"{value:.1%}"
        return four(round(value, 4) + 0.0 if self.unitless else value)  # -3e-06 of an R² is 0


MEASURES = {
    "rmse": Measure(
        "RMSE",
        "Root mean squared error, in the units of {target}: the size of a typical error, "
        "large ones weighing more. 0 is perfect.",
    ),
    "mae": Measure(
        "MAE", "Mean absolute error, in the units of {target}: how far off a prediction is on average."
    ),
    "r2": Measure(
        "R²",
        "The share of the variation of {target} that the predictions explain. 1 is perfect, 0 is no "
        "better than the mean of the same rows, below 0 is worse.",
        unitless=True,
    ),
    "accuracy": Measure("Accuracy", "The share of rows whose most probable class is the right one.", True),
    "log_loss": Measure(
        "Log loss",
        "How much the probabilities are surprised by what was true, in nats a row. 0 is perfect; "
        "being sure and wrong costs most.",
    ),
    "roc_auc": Measure(
        "ROC AUC",
        "The chance that a row of a class gets a higher probability for it than a row of another "
        "class (the mean over classes when there are several). 1 is perfect, 0.5 is chance.",
        unitless=True,
    ),
    "f1": Measure(
        "F1",
        "The harmonic mean of precision and recall, averaged over the classes. 1 is perfect; classes with "
        "few rows count as much as large ones.",
        unitless=True,
    ),
}
