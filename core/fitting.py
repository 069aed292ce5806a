"""From a table and a specification to a fitted model on disk: split, encode, fit, judge, write."""

from __future__ import annotations

import json
import os
import platform
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field as P

import core.models  # noqa: F401  (registers the models)
from core import sql
from core.contracts import Engine, Fitted, Json, Matrix, Model, Table, Task, TrainingData, Watch
from core.errors import BadInput, BadParameter, Cancelled, MissingColumn
from core.evaluate import classification, regression
from core.features import Division, Encoding, Matrices, Split, divide, propose, read
from core.features.encoding import learn
from core.features.matrix import check_memory
from core.features.split import PART, TRAIN
from core.models.terms import WithCoefficients
from core.params import Frozen
from core.preparation import Preparation

MANY_CLASSES = 1_000
FORMAT = 1  # of model.json


class FitSpec(Frozen):
    """What to fit: everything a run needs to be repeated."""

    target: str
    task: Task | None = None  # None: what is proposed, or what the model can do
    features: tuple[str, ...] | None = None  # None: what is proposed
    split: Split = Split()
    model: dict[str, Json]
    seed: int = P(0, ge=0)


class FitResult(Frozen):
    """What came of a fit, as JSON."""

    target: str
    task: Task
    model: dict[str, Json]
    classes: tuple[str, ...]
    features: tuple[str, ...]
    rows: dict[str, int]  # train, valid, test, left_out
    left_out: dict[str, int]  # rows that could not be used, by reason
    judged_on: str  # "test" or "training"
    metrics: dict[str, Json]
    baseline: dict[str, Json]
    coefficients: tuple[dict[str, Json], ...]
    curves: dict[str, Json]
    history: tuple[dict[str, Json], ...]
    facts: dict[str, Json]
    seconds: float


def fit(
    spec: FitSpec,
    table: Table,
    engine: Engine,
    watch: Watch,
    place: Path,
    resume: Path | None = None,
    fingerprint: str = "",
    preparation: Preparation | None = None,
) -> FitResult:
    """Fit, judge, and write weights.safetensors and model.json into the folder `place`.

    `resume` is the folder of a fit that died: descent goes on from its last checkpoint. Stopping
    before there is a model raises Cancelled; later, the best model so far is kept. `preparation`
    is the cleaning that made the table; it is written down, so that raw rows can be scored.
    """
    started = time.monotonic()
    model: Model = Model.from_json(spec.model)
    watch.progress(0.0, "Looking at the table")
    _check_rows(table, engine)
    task, features, notes = _decide(spec, model, table, engine)
    validation = model.wants_validation()
    division = divide(table, engine, spec.target, task, spec.split, spec.seed, validation)
    classes = _classes(table, engine, division, spec.target) if task == "category" else ()
    known = {column.name: column for column in table.columns}
    relation = division.relation(table)
    training = relation.copy().where(sql.template(":p = :train", p=division.part, train=TRAIN))
    check_memory(sum(division.rows), len(features))
    encoding, dropped = learn(training, tuple(known[name] for name in features), model.layout(), engine)
    if watch.stopped():
        raise Cancelled()
    matrices = read(table, engine, division, encoding, spec.target, task, classes, watch)
    data = TrainingData(
        matrices.train,
        matrices.valid if len(matrices.valid.y) else None,
        task,
        encoding.names,
        classes,
    )
    place.mkdir(parents=True, exist_ok=True)
    checkpoint = place / "checkpoint.safetensors"
    if resume is not None and (resume / checkpoint.name).exists() and resume != place:
        shutil.copyfile(resume / checkpoint.name, checkpoint)
    fitted = model.fit(data, spec.seed, watch, checkpoint)
    checkpoint.unlink(missing_ok=True)
    watch.progress(0.92, "Judging the model")
    result = _judged(spec, model, data, matrices, division, fitted, encoding)
    facts = _facts(fitted, division, matrices, spec, [*notes, *division.notes], dropped)
    result = result.model_copy(update={"facts": facts, "seconds": time.monotonic() - started})
    _write(place, spec, result, encoding, fitted, fingerprint, preparation)
    watch.progress(1.0, "Done")
    return result


def _check_rows(table: Table, engine: Engine) -> None:
    """Say that rows are missing before anything is said about columns that cannot tell anything."""
    found = engine.rows(table.query.copy().limit(2)).num_rows
    if found < 2:
        raise BadInput(
            "Fitting needs at least two rows; this table has {rows}.",
            hint="Add rows, or choose another table.",
            rows=found or "none",
        )


def _decide(
    spec: FitSpec, model: Model, table: Table, engine: Engine
) -> tuple[Task, tuple[str, ...], tuple[str, ...]]:
    """The task and the features: given, or proposed."""
    types = {column.name: column.type for column in table.columns}
    if spec.target not in types:
        raise MissingColumn(needs="The target", column=spec.target, candidates=", ".join(table.names()[:5]))
    some = table.query.copy().where(sql.template(":y IS NOT NULL", y=sql.name(spec.target))).limit(1)
    if not engine.rows(some).num_rows:
        raise BadInput(
            "{target!r} is empty in every row: there is nothing to learn from.",
            hint="Choose another target.",
            target=spec.target,
        )
    task, features = spec.task, spec.features
    notes: tuple[str, ...] = ()
    if task is None or features is None:
        proposal = propose(table, engine, spec.target)
        features = proposal.features if features is None else features
        notes = proposal.notes
        if task is None:
            task = proposal.task
            if task not in model.tasks:
                task = model.tasks[0]
                if task == "number" and types[spec.target] not in ("integer", "number"):
                    raise BadInput(
                        "{title} predicts numbers; {target!r} is {type}.",
                        hint="Change the column's type first, use logistic regression or a neural network, "
                        "or choose another target.",
                        title=model.title,
                        target=spec.target,
                        type=types[spec.target],
                    )
    _check_task(task, model, spec.target, types[spec.target])
    _check_features(features, spec, table)
    return task, features, notes


def _check_task(task: Task, model: Model, target: str, type: str) -> None:
    if task not in model.tasks:
        raise BadParameter(
            "{title} cannot predict a {task}.",
            hint="It predicts: {tasks}. Choose another model or task.",
            title=model.title,
            task=task,
            tasks=", ".join(model.tasks),
        )
    if task == "number" and type not in ("integer", "number"):
        raise BadInput(
            "{target!r} is {type}: it cannot be predicted as a number.",
            hint="Predict it as a category, or change its type first.",
            target=target,
            type=type,
        )
    if type in ("date", "datetime"):
        raise BadInput(
            "{target!r} is a {type}, which cannot be predicted as it is.",
            hint="Derive a number from it first, such as days until then.",
            target=target,
            type=type,
        )


def _check_features(features: tuple[str, ...], spec: FitSpec, table: Table) -> None:
    for name in features:
        if name not in table.names():
            raise MissingColumn(needs="The model", column=name, candidates=", ".join(table.names()[:5]))
    if spec.target in features:
        raise BadParameter("{target!r} is the target: it cannot be a feature too.", target=spec.target)
    if len(set(features)) < len(features):
        raise BadParameter("A feature is named twice.")
    if not features:
        raise BadInput(
            "There are no features to predict {target!r} with.",
            hint="Choose at least one column; the proposal says why it left the others out.",
            target=spec.target,
        )


def _classes(table: Table, engine: Engine, division: Division, target: str) -> tuple[str, ...]:
    """The classes of the training rows, in their own order: numbers by size, texts by alphabet."""
    y = sql.name(target)
    query = (
        sql.template("SELECT CAST(:y AS VARCHAR) AS label, min(:y) AS value", y=y)
        .from_(division.relation(table).subquery("d"))
        .where(sql.template(":p = :train", p=sql.name(PART), train=TRAIN))
        .group_by(sql.template("CAST(:y AS VARCHAR)", y=y))
    )
    found = engine.rows(query.limit(MANY_CLASSES + 1)).to_pylist()
    if len(found) > MANY_CLASSES:
        raise BadInput(
            "{target!r} has more than {limit:,} different values: too many classes to learn.",
            hint="Group the values first, or choose another target.",
            target=target,
            limit=MANY_CLASSES,
        )
    return tuple(row["label"] for row in sorted(found, key=lambda row: row["value"]))


def _judged(
    spec: FitSpec,
    model: Model,
    data: TrainingData,
    matrices: Matrices,
    division: Division,
    fitted: Fitted,
    encoding: Encoding,
) -> FitResult:
    on, judged_on = (matrices.test, "test") if len(matrices.test.y) else (data.train, "training")
    predicted = fitted.predict(on.x)
    found = _metrics(data, on, predicted, spec.seed)
    facts = fitted.facts()
    return FitResult(
        target=spec.target,
        task=data.task,
        model=model.to_json(),
        classes=data.classes,
        features=tuple(column.name for column in encoding.columns),
        rows={
            "train": len(data.train.y),
            "valid": len(matrices.valid.y),
            "test": len(matrices.test.y),
            "left_out": sum(division.left_out.values()) + matrices.unknown_class,
        },
        left_out=division.left_out,
        judged_on=judged_on,
        coefficients=coefficients(fitted, encoding),
        history=tuple(facts.get("history", ())),
        facts={},
        seconds=0.0,
        **found,
    )


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
            if output:
                row["class"] = output
            rows.append(row)
    return tuple(rows)


def _facts(
    fitted: Fitted,
    division: Division,
    matrices: Matrices,
    spec: FitSpec,
    notes: list[str],
    dropped: tuple[tuple[str, str], ...],
) -> dict[str, Json]:
    own = {key: value for key, value in fitted.facts().items() if key != "history"}
    warnings = [*notes, *own.pop("warnings", [])]
    warnings += [f"{name} was left out: {why}." for name, why in dropped]
    for why, rows in division.left_out.items():
        warnings.append(f"{rows:,} rows were left out: {why}.")
    if matrices.unknown_class:
        warnings.append(
            f"{matrices.unknown_class:,} held-out rows were left out: no training row has their class."
        )
    for column, count in matrices.counts.infinite.items():
        if count:
            warnings.append(f"{count:,} infinite values in {column} were treated as missing.")
    if spec.split.test_share == 0:
        warnings.append("All rows were used to fit: the metrics are on the training rows and flatter it.")
    return {**own, "warnings": warnings, "seed": spec.seed}


def _write(
    place: Path,
    spec: FitSpec,
    result: FitResult,
    encoding: Encoding,
    fitted: Fitted,
    fingerprint: str,
    preparation: Preparation | None,
) -> None:
    """Both files written whole under another name first: what is there can always be loaded."""
    import torch
    from safetensors.numpy import save

    document = {
        "format": FORMAT,
        "spec": spec.model_dump(mode="json"),
        "result": result.model_dump(mode="json"),
        "encoding": encoding.model_dump(mode="json"),
        "facts": {key: value for key, value in fitted.facts().items() if key != "history"},
        "fingerprint": fingerprint,
        "preparation": preparation.model_dump(mode="json") if preparation else None,
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "torch": torch.__version__,
        },
    }
    tensors = {name: np.ascontiguousarray(value) for name, value in fitted.tensors().items()}
    _replace(place / "weights.safetensors", save(tensors))
    _replace(place / "model.json", json.dumps(document, ensure_ascii=False, allow_nan=False).encode())


def _replace(place: Path, content: bytes) -> None:
    new = place.with_name(place.name + ".new")
    new.write_bytes(content)
    os.replace(new, place)
