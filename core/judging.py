"""How good a fit is: its metrics beside a baseline, its curves, its coefficients in the table's units."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import field_validator

from core.contracts import Fitted, Json, Matrix, Model, Task, TrainingData
from core.errors import BadInput
from core.evaluate import classification, regression
from core.features import Division, Encoding, Matrices
from core.models.terms import WithCoefficients
from core.params import Frozen
from core.specification import FitSpec
from core.wording import Note, note

BEYOND = note("their values lie too far beyond those of the training rows")
SHORT = ("target", "task", "model", "rows", "judged_on", "metrics", "baseline", "seconds")


class LeftOut(Frozen):
    """Rows that could not be used, and why."""

    reason: Note
    rows: int


class FitResult(Frozen):
    """What came of a fit, as JSON."""

    target: str
    task: Task
    model: dict[str, Json]
    classes: tuple[str, ...]
    features: tuple[str, ...]
    rows: dict[str, int]  # train, valid, test, left_out
    left_out: tuple[LeftOut, ...]
    judged_on: str  # "test" or "training"
    metrics: dict[str, Json]
    baseline: dict[str, Json]
    coefficients: tuple[dict[str, Json], ...]
    curves: dict[str, Json]
    history: tuple[dict[str, Json], ...]
    facts: dict[str, Json]
    seconds: float

    @field_validator("left_out", mode="before")
    @classmethod
    def _reasons(cls, given: Any) -> Any:
        """Reasons with their rows, as they were first written down."""
        if isinstance(given, dict):
            return [{"reason": reason, "rows": rows} for reason, rows in given.items()]
        return given

    def short(self) -> dict[str, Json]:
        """What a list of runs shows: a few numbers, however large the curves and the model are."""
        return {name: value for name, value in self.model_dump(mode="json").items() if name in SHORT}


def judged(
    spec: FitSpec,
    model: Model,
    data: TrainingData,
    matrices: Matrices,
    division: Division,
    fitted: Fitted,
    encoding: Encoding,
) -> FitResult:
    """The fit judged on its test rows, or on its training rows where there are no others."""
    on, judged_on = (matrices.test, "test") if len(matrices.test.y) else (data.train, "training")
    on, predicted = computable(on, fitted)
    found = _metrics(data, on, predicted, spec.seed)
    left_out = [LeftOut(reason=why, rows=rows) for why, rows in division.left_out.items()]
    beyond = len(matrices.test.y) - len(on.y) if judged_on == "test" else 0
    if beyond:
        left_out.append(LeftOut(reason=BEYOND, rows=beyond))
    return FitResult(
        target=spec.target,
        task=data.task,
        model=model.to_json(),
        classes=data.classes,
        features=tuple(column.name for column in encoding.columns),
        rows={
            "train": len(data.train.y),
            "valid": len(matrices.valid.y),
            "test": len(matrices.test.y) - beyond,
            "left_out": sum(some.rows for some in left_out) + matrices.unknown_class,
        },
        left_out=tuple(left_out),
        judged_on=judged_on,
        coefficients=coefficients(fitted, encoding),
        history=tuple(fitted.facts().get("history", ())),
        facts={},
        seconds=0.0,
        **found,
    )


def computable(on: Matrix, fitted: Fitted) -> tuple[Matrix, np.ndarray]:
    """The rows for which the model comes to a prediction, and the predictions."""
    with np.errstate(over="ignore", invalid="ignore"):  # values far beyond any that were fitted
        predicted = fitted.predict(on.x)
    fine = np.isfinite(predicted) if predicted.ndim == 1 else np.isfinite(predicted).all(axis=1)
    if fine.all():
        return on, predicted
    if not fine.any():
        raise BadInput(
            "The model comes to no finite prediction for any of the {rows:,} rows that should judge it.",
            hint="Clip the outliers of the features first, or use a smaller learning rate.",
            rows=len(fine),
        )
    return on.only(fine), predicted[fine]


def _metrics(data: TrainingData, on: Matrix, predicted: np.ndarray, seed: int) -> dict[str, Any]:
    if data.task == "number":
        metrics = {**regression.metrics(on.y, predicted), "rows": len(on.y)}
        metrics["rmse_interval"] = regression.interval(on.y, predicted, seed)
        return {
            "metrics": metrics,
            "baseline": regression.baseline(on.y, data.train.y),
            "curves": regression.curves(on.y, predicted),
        }
    metrics = {**classification.metrics(on.y, predicted), "rows": len(on.y)}
    metrics["accuracy_interval"] = classification.interval(on.y, predicted)
    return {
        "metrics": metrics,
        "baseline": classification.baseline(on.y, data.train.y, data.classes),
        "curves": classification.curves(on.y, predicted, data.classes),
    }


def coefficients(fitted: Fitted, encoding: Encoding) -> tuple[dict[str, Json], ...]:
    """Names, values and standard errors in the table's own units; null where a column is aliased."""
    if not isinstance(fitted, WithCoefficients):
        return ()
    found = fitted.coefficients()
    change = encoding.original_units()
    names = ["intercept", *encoding.names]
    rows: list[dict[str, Json]] = []
    size = len(names)
    for k, output in enumerate(found.outputs):
        values = change @ found.values[k]
        errors = None
        if found.root is not None:
            errors = np.linalg.norm(change @ found.root[k * size : (k + 1) * size], axis=1)
        if errors is not None and found.loose is not None:
            touched = (change != 0) @ found.loose[k]  # a loose one makes what it is part of loose
            errors = np.where(touched, np.inf, errors)
        for i in range(0 if found.intercept else 1, size):
            row: dict[str, Json] = {"name": names[i], "value": None, "se": None}
            if not found.aliased[i] and np.isfinite(values[i]):
                row["value"] = float(values[i])
                row["se"] = float(errors[i]) if errors is not None and errors[i] < np.inf else None
            if found.vif is not None:
                row["vif"] = float(found.vif[i]) if np.isfinite(found.vif[i]) else None
            if output:
                row["class"] = output
            rows.append(row)
    return tuple(rows)
