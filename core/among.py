"""A fit judged again on some of the rows that judged it: those of a segment, beside all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sqlglot import exp

from core import sql
from core.contracts import Engine, Json, Matrix, Model, Table, Watch
from core.errors import BadParameter
from core.evaluate import classification, regression
from core.features import Division, divide, read
from core.features.split import PART, TEST, TRAIN
from core.filters import Filter
from core.judging import computable
from core.params import Frozen, validated
from core.score import Scorer
from core.specification import FitSpec


class Judged(Frozen):
    """How good the predictions of some rows are; without metrics where none of them was kept aside."""

    rows: int
    metrics: dict[str, Json]
    baseline: dict[str, Json]


def judged_among(
    scorer: Scorer, table: Table, engine: Engine, filters: tuple[Filter, ...], watch: Watch
) -> tuple[Judged, ...]:
    """The metrics of each filter's rows among those that judged the model, in the table it learned from.

    The rows are divided once more, just as for the fit: none that it learned from is among them.
    """
    spec = validated(FitSpec, scorer.document["spec"])
    result = scorer.document["result"]
    own = spec.chosen(table)
    wants = Model.from_json(spec.model).wants_validation()
    division = divide(own, engine, scorer.target, scorer.task, spec.split, spec.seed, wants)
    part = TEST if result["judged_on"] == "test" else TRAIN
    train = _trained_on(scorer, own, engine, division, result)
    found = []
    for place, one in enumerate(filters):
        some = _only(own, engine, division, part, one)
        found.append(_judged(scorer, own, engine, some, part, train, spec.seed, watch))
        watch.progress((place + 1) / len(filters), "Judging the model")
    return tuple(found)


def _only(table: Table, engine: Engine, division: Division, part: int, wanted: Filter) -> Division:
    """Of the divided rows those of one part that are in the filter."""
    if any(one.looks_around() for one in wanted.selections):
        raise BadParameter(
            "A model is not judged on rows that were found by the first of their group.",
            hint="Select rows by what is in them.",
        )
    conditions = [one.where(table.columns) for one in wanted.selections]
    kept = sql.template(":p = :part", p=exp.paren(division.part.copy()), part=part)
    some = replace(division, usable=exp.and_(division.usable.copy(), kept, *conditions))
    count = exp.select(exp.alias_(sql.template("count(*)"), "n")).from_(some.relation(table).subquery("d"))
    rows = int(engine.rows(count).column("n")[0].as_py())
    return replace(some, rows=(rows, 0, 0) if part == TRAIN else (0, 0, rows))


def _trained_on(
    scorer: Scorer, table: Table, engine: Engine, division: Division, result: dict[str, Any]
) -> np.ndarray:
    """What the baseline says, as values of the target: their mean or the shares of their classes."""
    if scorer.task == "number":
        return np.array([float(result["baseline"]["value"])])
    label = sql.template("CAST(:y AS VARCHAR)", y=sql.name(scorer.target))
    counted = exp.select(exp.alias_(label, "v"), exp.alias_(sql.template("count(*)"), "n"))
    counted = counted.from_(division.relation(table).subquery("d"))
    counted = counted.where(sql.template(":p = :train", p=sql.name(PART), train=TRAIN))
    counts = {row["v"]: row["n"] for row in engine.rows(counted.group_by(label.copy())).to_pylist()}
    return np.repeat(np.arange(len(scorer.classes)), [counts.get(name, 0) for name in scorer.classes])


def _judged(
    scorer: Scorer, table: Table, engine: Engine, some: Division, part: int, train: np.ndarray, seed: int,
    watch: Watch,
) -> Judged:  # fmt: skip
    if not sum(some.rows):
        return Judged(rows=0, metrics={}, baseline={})
    matrices = read(table, engine, some, scorer.encoding, scorer.target, scorer.task, scorer.classes, watch)
    on: Matrix = matrices.train if part == TRAIN else matrices.test
    if not len(on.y):  # all of them have classes that no training row has
        return Judged(rows=0, metrics={}, baseline={})
    on, predicted = computable(on, scorer.fitted)
    if scorer.task == "number":
        metrics = regression.metrics(on.y, predicted)
        metrics["rmse_interval"] = regression.interval(on.y, predicted, seed)
        baseline = regression.baseline(on.y, train)
    else:
        metrics = classification.metrics(on.y, predicted)
        metrics["accuracy_interval"] = classification.interval(on.y, predicted)
        baseline = classification.baseline(on.y, train, scorer.classes)
    return Judged(rows=len(on.y), metrics=metrics, baseline=baseline)
