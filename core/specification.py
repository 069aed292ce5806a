"""What to fit: a specification, completed with what is proposed and checked against the table."""

from __future__ import annotations

from collections.abc import Collection

from pydantic import Field as P

from core import sql
from core.contracts import Engine, Json, Model, Table, Task
from core.errors import BadInput, BadParameter, MissingColumn
from core.features import Division, Split, propose
from core.features.aggregates import TOGETHER, one_row
from core.features.split import PART, TRAIN
from core.filters import Filter
from core.params import Frozen
from core.selection import selected
from core.wording import Note

MANY_CLASSES = 1_000
LARGEST = 1e100  # a number whose square can still be summed over any number of rows


class FitSpec(Frozen):
    """What to fit: everything a run needs to be repeated."""

    target: str
    task: Task | None = None  # None: what is proposed, or what the model can do
    features: tuple[str, ...] | None = None  # None: what is proposed
    split: Split = Split()
    model: dict[str, Json]
    seed: int = P(default=0, ge=0)
    rows: Filter | None = None  # these rows alone, of which some are kept aside

    def chosen(self, table: Table) -> Table:
        """The rows of the table that are used."""
        return table if self.rows is None else selected(table, *self.rows.selections)


def check_rows(table: Table, engine: Engine) -> None:
    """Say that rows are missing before anything is said about columns that cannot tell anything."""
    found = engine.rows(table.query.copy().limit(2)).num_rows
    if found < 2:
        raise BadInput(
            "Fitting needs at least two rows; this table has {rows}.",
            hint="Add rows, or choose another table.",
            rows=found or "none",
        )


def decide(
    spec: FitSpec, model: Model, table: Table, engine: Engine
) -> tuple[Task, tuple[str, ...], tuple[Note, ...]]:
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
    notes: tuple[Note, ...] = ()
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


def check_sizes(table: Table, engine: Engine, division: Division, names: Collection[str]) -> None:
    """Refuse numbers whose squares would leave the range of doubles, in rows that are used."""
    numbers = [c.name for c in table.columns if c.name in names and c.type == "number"]
    for start in range(0, len(numbers), TOGETHER):
        some = numbers[start : start + TOGETHER]
        inner = {
            f"x{i}": sql.template("CASE WHEN isfinite(:x) THEN abs(:x) END", x=sql.name(name))
            for i, name in enumerate(some)
        }
        wanted = {f"m{i}": sql.template("max(:x)", x=sql.name(f"x{i}")) for i in range(len(some))}
        row = one_row(engine, division.relation(table), wanted, inner)
        for i, name in enumerate(some):
            largest = row[f"m{i}"]
            if largest is not None and largest > LARGEST:
                raise BadInput(
                    "{column!r} holds numbers as large as {largest:.3g}: too large to compute with. "
                    "The limit is {limit:.0e}.",
                    hint="Clip its outliers or filter those rows out under Clean, or leave this column out.",
                    column=name,
                    largest=largest,
                    limit=LARGEST,
                )


def find_classes(table: Table, engine: Engine, division: Division, target: str) -> tuple[str, ...]:
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
