"""The cleaning between raw rows and the rows a model was fitted on, kept with the model.

New rows arrive as raw as the first ones did. The recipes that made the training table are applied
to them with the constants learned then. Steps that only choose or order rows are left out: every
row that comes in gets a prediction. What the recipes read of other tables comes along where it is small.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import Field as P
from sqlglot import exp

from core import beside, sql
from core.beside import Beside, KeptTable
from core.contracts import Column, Engine, Json, Schema, Table, near
from core.errors import MissingColumn, NotFound
from core.params import Frozen
from core.recipe import Recipe
from core.recipe.compiled import Stage
from core.wording import Note


@dataclass(frozen=True)
class Prepared:
    """Raw rows after their cleaning."""

    table: Table
    keeps_rows: bool  # row for row the table that came in; False once a step groups rows
    skipped: tuple[Note, ...]  # the steps left out, in words
    unreadable: dict[str, int]  # values that could not take their column's type, now missing


class Preparation(Frozen):
    """Recipes with what they learned, in order, and the columns of the raw table they begin with.

    `others` are the tables that the recipes read besides, those that are small enough.
    """

    columns: Schema
    recipes: tuple[dict[str, Json], ...]
    others: dict[str, KeptTable] = P(default_factory=dict)

    def keeping(self, table: Table, engine: Engine) -> Preparation:
        """The same with what its recipes read of small tables that lie beside the raw `table`."""
        wanted: dict[str, set[str]] = {}
        current = table
        try:
            for document in self.recipes:
                recipe, _ = _for_scoring(Recipe.from_json(document), current, engine)
                for stage in recipe.stages(current, engine):
                    for id in stage.step.reads():
                        wanted.setdefault(id, set()).update(beside.columns_read(stage.query, id))
                current = recipe.apply(current, engine)
        except NotFound:  # a table was deleted since: a model can be fitted all the same
            return self
        kept = {id: beside.keep(table.other(id), names, engine) for id, names in wanted.items()}
        return self.model_copy(update={"others": {id: found for id, found in kept.items() if found}})

    def apply(self, table: Table, engine: Engine, needs: tuple[str, ...]) -> Prepared:
        """Clean a raw table as the training table was; `needs` are the columns wanted at the end.

        Columns that none of `needs` depends on may be absent (the target, above all). Raises
        MissingColumn for any other.
        """
        known = {column.name: column.type for column in table.columns}
        absent = {column.name for column in self.columns if column.name not in known}
        origins = {column.name: frozenset({column.name}) for column in self.columns}
        current, unreadable = self._typed(table, engine)
        keeps_rows, skipped = True, []
        for document in self.recipes:
            recipe, left_out = _for_scoring(Recipe.from_json(document), current, engine)
            skipped += left_out
            stages = recipe.stages(current, engine)
            for stage in stages:
                read: dict[str, Origins] = {sql.other(id): {} for id in stage.step.reads()}
                origins = _origins(stage.query, {stage.source: origins, **read})
                keeps_rows = keeps_rows and stage.step.stays(stage.learned)
            current = recipe.apply(current, engine)
        for name in needs:
            for column in sorted(origins.get(name, frozenset()) & absent):
                raise MissingColumn(
                    needs="The cleaning before the model",
                    column=column,
                    candidates=", ".join(near(column, known)),
                )
        return Prepared(current, keeps_rows, tuple(skipped), unreadable)

    def _typed(self, table: Table, engine: Engine) -> tuple[Table, dict[str, int]]:
        """The raw columns with the types they had; absent ones are empty."""
        known = {column.name: column.type for column in table.columns}
        chosen: dict[str, exp.Expr] = {}
        doubtful: dict[str, exp.Expr] = {}
        for column in self.columns:
            node: exp.Expr = sql.name(column.name) if column.name in known else exp.Null()
            if known.get(column.name) != column.type:
                node = exp.TryCast(this=node, to=exp.DataType.build(sql.STORAGE[column.type]))
                if column.name in known:
                    doubtful[column.name] = node
            chosen[column.name] = node
        query = sql.over(table.query, chosen, row=True)
        others = Beside(self.others, table.others)
        return Table(query, self.columns, others), _lost(table, doubtful, engine)


def with_predictions(raw: Table, scored: Table, names: list[str], predicted: tuple[str, ...]) -> Table:
    """The raw rows with the columns `predicted` of `scored`, row for row, under these names.

    Both are stored tables, so their row orders count 0, 1, 2, ...
    """
    chosen = {name: sql.name(name, "r") for name in raw.names()}
    chosen |= {new: sql.name(old, "s") for new, old in zip(names, predicted, strict=True)}
    query = (
        exp.select(*(exp.alias_(node, name, quoted=True) for name, node in chosen.items()))
        .select(exp.alias_(sql.name(sql.ROW, "r"), sql.ROW, quoted=True))
        .from_(raw.query.subquery("r"))
        .join(
            scored.query.subquery("s"),
            on=exp.EQ(this=sql.name(sql.ROW, "r"), expression=sql.name(sql.ROW, "s")),
        )
        .order_by(sql.name(sql.ROW))
    )
    kinds = {column.name: column.type for column in scored.columns}
    added = (Column(name=new, type=kinds[old]) for new, old in zip(names, predicted, strict=True))
    return Table(query, (*raw.columns, *added))


def _lost(table: Table, doubtful: dict[str, exp.Expr], engine: Engine) -> dict[str, int]:
    if not doubtful:
        return {}
    counts = [
        exp.alias_(
            sql.template("count(*) FILTER (WHERE NOT :x IS NULL AND :y IS NULL)", x=sql.name(name), y=node),
            f"n{i}",
        )
        for i, (name, node) in enumerate(doubtful.items())
    ]
    found = engine.rows(exp.select(*counts).from_(table.query.subquery("t"))).to_pylist()[0]
    return {name: found[f"n{i}"] for i, name in enumerate(doubtful) if found[f"n{i}"]}


def _for_scoring(recipe: Recipe, table: Table, engine: Engine) -> tuple[Recipe, list[Note]]:
    """The recipe as new rows meet it, without the steps that change no cell: they choose or order rows."""
    steps, kept, skipped = [], [], []
    for entry in recipe.steps:
        step = entry.step.for_new_rows() if entry.active else None
        if step is not None:
            steps.append(entry.model_copy(update={"step": step}))
        elif entry.active:
            skipped.append(entry.step.describe())
    stages = iter(Recipe(steps=tuple(steps)).stages(table, engine))
    for entry in steps:
        if _changes_no_cell(next(stages)):
            skipped.append(entry.step.describe())
        else:
            kept.append(entry)
    return Recipe(steps=tuple(kept)), skipped


def _changes_no_cell(stage: Stage) -> bool:
    if stage.before != stage.after:
        return False
    return all(
        isinstance(node.unalias(), exp.Column) and node.unalias().name == node.alias_or_name
        for node in stage.query.selects
        if node.alias_or_name != sql.ROW
    )


Origins = Mapping[str, frozenset[str]]  # column -> the raw columns it depends on


def _origins(query: exp.Query, sources: Mapping[str, Origins]) -> dict[str, frozenset[str]]:
    """Which raw columns each column of a query depends on, through expressions and subqueries."""
    known = dict(sources)
    for cte in query.ctes:
        known[cte.alias] = _origins(cte.this, known)
    scope: dict[str, frozenset[str]] = {}
    for part in (query.args.get("from_"), *(query.args.get("joins") or ())):
        if part is None:
            continue  # values that the query holds itself
        source = part.this
        found = _origins(source.this, known) if isinstance(source, exp.Subquery) else known[source.name]
        if part.args.get("on") is not None:  # which row is put beside this one is decided by the keys
            keys = _mentioned(part.args["on"], _either(scope, found))
            found = {name: origins | keys for name, origins in found.items()}
        scope = _either(scope, found)
    group = query.args.get("group")
    keys = _mentioned(group, scope) if group is not None else frozenset()
    found = dict(scope) if query.is_star else {}
    selected = (node for node in query.selects if not isinstance(node, exp.Star))
    return found | {node.alias_or_name: keys | _mentioned(node, scope) for node in selected}


def _mentioned(node: exp.Expr, scope: Origins) -> frozenset[str]:
    return frozenset().union(*(scope.get(column.name, frozenset()) for column in node.find_all(exp.Column)))


def _either(one: Origins, other: Origins) -> dict[str, frozenset[str]]:
    """What columns of two relations depend on, by name."""
    both = {**one, **other}
    return {name: one.get(name, frozenset()) | other.get(name, frozenset()) for name in both}
