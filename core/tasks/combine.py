"""Tables combined: the result as a dataset of its own, and beside it the rows that found no partner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from core.contracts import Engine, Json, Table
from core.errors import BadParameter
from core.jobs.work import Work
from core.recipe import Recipe, RecipeStep
from core.steps.join import Join
from core.steps.pairing import Pair
from core.store import tables
from core.store.records import Version
from core.tasks.given import Result, engine, version_of


@dataclass(frozen=True)
class _Made:
    """A table to be kept, and how it came to be; a recipe that cannot be replayed is not told."""

    name: str
    table: Table
    parent: Version
    recipe: Recipe | None


def combine(work: Work) -> Result:
    """Apply a recipe whose last step reads another table and keep the result as a new dataset.

    Parameters: version, recipe, name; left, right (optional: the rows of either table without a partner
    are kept as a dataset of this name; the last step is a join then). Result: dataset, version, rows;
    left, right (the same three, where asked for).
    """
    import pyarrow.parquet as pq

    from core.export.tables import write_table

    kept: dict[str, dict[str, Json]] = {}
    with engine(work) as ready, ExitStack() as open_files:
        written = []
        for part, made in _parts(work, ready):
            work.watch.progress(None, "Writing the new table")
            object = open_files.enter_context(work.store.new_object(work.owner, ".parquet"))
            write_table(made.table, ready, object.path)
            written.append((part, made, object, pq.read_metadata(object.path).num_rows))
    for part, made, object, rows in written:
        _, new = tables.add_dataset(
            work.store, work.owner, made.name, object=object, columns=made.table.columns, rows=rows,
            parent=made.parent.id if made.recipe else None,
            recipe=made.recipe.to_json() if made.recipe else None,
            origin=made.parent.origin,
        )  # fmt: skip
        kept[part] = {"dataset": new.dataset, "version": new.id, "rows": rows}
    return {**kept.pop("all"), **kept}


def _parts(work: Work, ready: Engine) -> Iterator[tuple[str, _Made]]:
    """The tables that are asked for, the whole result first."""
    version, table = version_of(work, work.params["version"])
    work.watch.progress(None, "Learning what the steps need")
    recipe = Recipe.from_json(work.params["recipe"]).learn(table, ready)
    yield "all", _Made(work.params["name"], recipe.apply(table, ready), version, recipe)
    for side in ("left", "right"):
        name = work.params.get(side)
        if name:
            work.watch.progress(None, "Looking for rows without a partner")
            make = _left_alone if side == "left" else _right_alone
            yield side, make(work, version, table, recipe, name, ready)


def _join(recipe: Recipe) -> Join:
    last = recipe.steps[-1].step
    if not isinstance(last, Join):
        raise BadParameter("Only a join tells which rows have no partner.")
    return last


def _left_alone(
    work: Work, version: Version, table: Table, recipe: Recipe, name: str, ready: Engine
) -> _Made:
    anti = _join(recipe).model_copy(update={"kind_of": "anti"})
    alone = Recipe(steps=(*recipe.steps[:-1], RecipeStep(step=anti))).learn(table, ready)
    return _Made(name, alone.apply(table, ready), version, alone)


def _right_alone(
    work: Work, version: Version, table: Table, recipe: Recipe, name: str, ready: Engine
) -> _Made:
    """The other table's rows without a partner: the same join, seen from there."""
    step = _join(recipe)
    keys = tuple(Pair(column=pair.other, other=pair.column) for pair in step.keys)
    anti = Join(table=version.id, keys=keys, kind_of="anti", loose=step.loose)
    before = Recipe(steps=recipe.steps[:-1])
    there, other = version_of(work, step.table)
    beside = {version.id: before.apply(table, ready)}  # what the join saw, not what is stored
    alone = Recipe(steps=(RecipeStep(step=anti),))
    seen = Table(other.query, other.columns, beside)
    alone = alone.learn(seen, ready)
    same = not any(entry.active for entry in before.steps)
    return _Made(name, alone.apply(seen, ready), there, alone if same else None)
