"""From a table and a specification to a fitted model on disk: split, encode, fit, judge, write."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import core.models  # noqa: F401  (registers the models)
from core import modelfile, sql
from core.contracts import Engine, Fitted, Json, Model, Table, TrainingData, Watch
from core.errors import Cancelled
from core.features import Matrices, Split, divide, read
from core.features.encoding import learn
from core.features.matrix import check_memory
from core.features.split import TRAIN
from core.judging import FitResult, LeftOut, judged
from core.preparation import Preparation
from core.specification import FitSpec, check_rows, check_sizes, decide, find_classes
from core.wording import Note, note

__all__ = ["CHECKPOINT", "FitResult", "FitSpec", "Split", "fit"]

CHECKPOINT = "checkpoint.safetensors"  # in the folder of a fit, while it learns by descent


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
    table = spec.chosen(table)
    check_rows(table, engine)
    task, features, notes = decide(spec, model, table, engine)
    validation = model.wants_validation()
    division = divide(table, engine, spec.target, task, spec.split, spec.seed, validation)
    check_sizes(table, engine, division, {*features, *([spec.target] if task == "number" else [])})
    classes = find_classes(table, engine, division, spec.target) if task == "category" else ()
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
    checkpoint = place / CHECKPOINT
    if resume is not None and (resume / checkpoint.name).exists() and resume != place:
        shutil.copyfile(resume / checkpoint.name, checkpoint)
    fitted = model.fit(data, spec.seed, watch, checkpoint)
    checkpoint.unlink(missing_ok=True)
    watch.progress(0.92, "Judging the model")
    result = judged(spec, model, data, matrices, division, fitted, encoding)
    facts = _facts(fitted, result.left_out, matrices, spec, [*notes, *division.notes], dropped)
    result = result.model_copy(update={"facts": facts, "seconds": time.monotonic() - started})
    modelfile.write(place, spec, result, encoding, fitted, fingerprint, preparation)
    watch.progress(1.0, "Done")
    return result


def _facts(
    fitted: Fitted,
    left_out: tuple[LeftOut, ...],
    matrices: Matrices,
    spec: FitSpec,
    notes: list[Note],
    dropped: tuple[tuple[str, Note], ...],
) -> dict[str, Json]:
    own = {key: value for key, value in fitted.facts().items() if key != "history"}
    warnings: list[Note] = [*notes, *own.pop("warnings", [])]
    warnings += [note("{name} was left out: {why}.", name=name, why=why) for name, why in dropped]
    warnings += [
        note(
            "{rows:,} row was left out: {why}. | {rows:,} rows were left out: {why}.",
            rows=some.rows,
            why=some.reason,
        )
        for some in left_out
    ]
    if matrices.unknown_class:
        warnings.append(
            note(
                "{rows:,} held-out row was left out: no training row has its class. | {rows:,} "
                "held-out rows were left out: no training row has their class.",
                rows=matrices.unknown_class,
            )
        )
    for column, count in matrices.counts.infinite.items():
        if count:
            said = (
                "{count:,} infinite value in {column} was treated as missing. | {count:,} infinite "
                "values in {column} were treated as missing."
            )
            warnings.append(note(said, count=count, column=column))
    if spec.split.test_share == 0:
        warnings.append(
            note("All rows were used to fit: the metrics are on the training rows and flatter it.")
        )
    return {**own, "warnings": warnings, "seed": spec.seed}
