"""Cells before and after: which values the steps of a recipe changed, and what stood there before.

Rows are followed by their hidden order: through steps that leave rows out, and through steps that
put them in another order. A step that makes new rows (a summary of groups) starts anew: cells
after it are compared with what that step made.

    found = compare(recipe, table, engine)                  # the whole recipe
    rows = engine.rows(found.after.query, 100)
    found.changed_cells(engine, rows.column(ROW).to_pylist())
    # {"price": {0: None, 7: "1,250"}}: column -> row -> the value before
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from core import sql
from core.contracts import Column, Engine, Schema, Table
from core.recipe.compiled import Stage, compiled, with_stages
from core.recipe.recipe import Recipe

_WAS = "__was__"  # a row's place before the step that moved it


@dataclass(frozen=True)
class Comparison:
    """The same rows before and after some steps of a recipe."""

    table: Table
    stages: tuple[Stage, ...]  # all active steps up to the last one compared
    start: int  # the first of `stages` whose changes are counted; len(stages): none are
    before: Schema
    after: Table
    origins: Mapping[str, Column] = field(default_factory=dict)  # column -> what it was before
    touched: tuple[str, ...] = ()  # columns whose cells may have changed

    @property
    def since(self) -> int | None:
        """The number of the first step that is compared; None when no step is."""
        return self.stages[self.start].number if self.start < len(self.stages) else None

    @property
    def added(self) -> tuple[str, ...]:
        """Columns that had no counterpart before."""
        return tuple(name for name in self.after.names() if name not in self.origins)

    def changed_cells(
        self, engine: Engine, rows: Sequence[int], *, longest: int | None = None
    ) -> dict[str, dict[int, Any]]:
        """Of these rows (values of ROW after the steps) each changed cell with its value before.

        With `longest`, texts from before are given up to this many characters.
        """
        if not self.touched or not rows:
            return {}
        cells: dict[str, exp.Expr] = {}
        for place, name in enumerate(self.touched):
            cells[f"differs_{place}"] = self._differs(name)
            was: exp.Expr = sql.name(self.origins[name].name, "was")
            if longest is not None and self.origins[name].type == "text":
                was = sql.template("left(:was, :longest)", was=was, longest=longest)
            cells[f"was_{place}"] = was
        wanted = exp.In(this=self._row(), expressions=[sql.literal(row) for row in rows])
        found = engine.rows(self._pairs(cells).where(wanted)).to_pydict()
        changed: dict[str, dict[int, Any]] = {}
        for place, name in enumerate(self.touched):
            columns = (found[sql.ROW], found[f"differs_{place}"], found[f"was_{place}"])
            if cells_ := {row: was for row, differs, was in zip(*columns, strict=True) if differs}:
                changed[name] = cells_
        return changed

    def changed_rows(self) -> Table:
        """The rows after the steps in which at least one cell changed, in their order."""
        cells: dict[str, exp.Expr] = {name: sql.name(name, "now") for name in self.after.names()}
        differs = exp.or_(*[self._differs(name) for name in self.touched]) if self.touched else exp.false()
        query = self._pairs(cells).where(differs).order_by(sql.name(sql.ROW))
        return Table(query, self.after.columns)

    def removed_rows(self) -> Table:
        """The rows before the steps that are not there after them, as they were, in their order."""
        cells: dict[str, exp.Expr] = {column.name: sql.name(column.name, "was") for column in self.before}
        row = sql.name(sql.ROW, "was")
        query = sql.select_values(cells).select(exp.alias_(row, sql.ROW, quoted=True))
        kept, place = self._now(exp.Select())
        gone = exp.Not(this=exp.In(this=row, query=kept.select(place).subquery()))
        query = query.from_(exp.to_table(self._source()).as_("was")).where(gone).order_by(sql.name(sql.ROW))
        return Table(with_stages(query, self.table, list(self.stages)), self.before)

    def _source(self) -> str:
        """The relation of the rows before."""
        if self.start < len(self.stages):
            return self.stages[self.start].source
        return self.stages[-1].relation if self.stages else "base"

    def _row(self) -> exp.Column:
        return sql.name(sql.ROW, "now")

    def _differs(self, name: str) -> Any:
        was, after = self.origins[name], next(c for c in self.after.columns if c.name == name)
        old, new = sql.name(was.name, "was"), sql.name(name, "now")
        if was.type == after.type:
            return sql.template("(:old IS DISTINCT FROM :new)", old=old, new=new)
        if was.type == "text":  # "12" and 12 are the same, "1,250" and 1250 are not
            kind = "DOUBLE" if after.type == "integer" else sql.STORAGE[after.type]
            same = {"a": _as(old, kind), "b": _as(new, kind)}
        else:
            same = {"a": old, "b": _as(new, sql.STORAGE[was.type])}
        lost = "(:old IS NULL) <> (:new IS NULL)"
        return sql.template(f"({lost} OR (:a IS DISTINCT FROM :b))", old=old, new=new, **same)

    def _pairs(self, cells: Mapping[str, exp.Expr]) -> exp.Select:
        """`cells` over each row `now` and the row `was` that it was before."""
        chosen = sql.select_values(cells).select(exp.alias_(self._row(), sql.ROW, quoted=True))
        query, place = self._now(chosen)
        same = exp.EQ(this=place, expression=sql.name(sql.ROW, "was"))
        query = query.join(exp.to_table(self._source()).as_("was"), on=same)
        return with_stages(query, self.table, list(self.stages))

    def _now(self, query: exp.Select) -> tuple[exp.Select, exp.Column]:
        """`query` over the rows after the steps, called `now`, and the place each had before them."""
        place = self._row()
        query = query.from_(exp.to_table(self.stages[-1].relation if self.stages else "base").as_("now"))
        for stage in reversed(self.stages[self.start :]):
            if _moves(stage):
                moved = f"moved_{stage.number}"
                same = exp.EQ(this=place, expression=sql.name(sql.ROW, moved))
                query = query.join(_moved(stage).subquery(moved), on=same)
                place = sql.name(_WAS, moved)
        return query, place


def compare(
    recipe: Recipe, table: Table, engine: Engine, *, start: int = 1, end: int | None = None
) -> Comparison:
    """What the active steps from number `start` to number `end` do to the cells of this table."""
    stages = [stage for stage in recipe.stages(table, engine) if end is None or stage.number <= end]
    first = next((place for place, stage in enumerate(stages) if stage.number >= start), len(stages))
    for place in range(first, len(stages)):
        if not (stages[place].step.keeps_rows or _follows(stages[place])):
            first = place + 1
    before = stages[first - 1].after if first else table.columns
    columns = stages[-1].after if stages else table.columns
    origins = {column.name: column for column in before}
    touched: set[str] = set()
    for stage in stages[first:]:
        origins, touched = _trace(stage, origins, touched)
    after = Table(compiled(table, stages), columns)
    names = tuple(column.name for column in columns if column.name in touched)
    return Comparison(table, tuple(stages), first, before, after, origins, names)


def _trace(
    stage: Stage, origins: Mapping[str, Column], touched: set[str]
) -> tuple[dict[str, Column], set[str]]:
    """The columns after a step: what each was before, and which may hold other values than then."""
    direct = isinstance(stage.query.args["from_"].this, exp.Table)
    found: dict[str, Column] = {}
    changed: set[str] = set()
    for node in stage.query.selects:
        name, cell = node.alias_or_name, node.unalias()
        if name == sql.ROW:
            continue
        source = cell.name if isinstance(cell, exp.Column) and cell.name in origins else name
        if source not in origins:
            continue
        found[name] = origins[source]
        if source in touched or not (direct and isinstance(cell, exp.Column)):
            changed.add(name)
    return found, changed


def _place(stage: Stage) -> exp.Expr | None:
    """The expression of ROW in a step that reads its source row by row; None where it does not."""
    args = stage.query.args
    source = args["from_"].this
    if any(args.get(part) for part in ("joins", "laterals", "pivots", "group", "distinct", "with_")):
        return None
    if not (isinstance(source, exp.Table) and source.name == stage.source):
        return None
    return next(node.unalias() for node in stage.query.selects if node.alias_or_name == sql.ROW)


def _follows(stage: Stage) -> bool:
    """Whether every row after the step is a row from before it, if in another place."""
    place = _place(stage)
    return place is not None and not any(
        isinstance(node, exp.UDTF | exp.Explode)
        or (isinstance(node, exp.AggFunc) and not isinstance(node.parent, exp.Window))
        for select in stage.query.selects
        for node in select.walk()
    )


def _moves(stage: Stage) -> bool:
    """Whether a step gives its rows new places."""
    return not stage.step.keeps_rows and _place(stage) != sql.name(sql.ROW)


def _moved(stage: Stage) -> exp.Select:
    """Each row's place after the step and before it."""
    query = stage.query.copy()
    chosen = [node for node in query.selects if node.alias_or_name == sql.ROW]
    query.set("expressions", [*chosen, exp.alias_(sql.name(sql.ROW, stage.source), _WAS, quoted=True)])
    return query


def _as(value: exp.Expr, kind: str) -> exp.Expr:
    return exp.TryCast(this=value, to=exp.DataType.build(kind, dialect="duckdb"))
