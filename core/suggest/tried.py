"""Steps tried on a table: the rows each one touches, and a few cells before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlglot import exp

from core import sql
from core.contracts import Engine, Step, Table
from core.errors import SightlineError
from core.recipe import Recipe, RecipeStep
from core.recipe.compiled import Stage
from core.wording import Note

PAIRS = 3
SHOWN = 80  # characters of a cell in a pair


@dataclass(frozen=True)
class Candidate:
    """A step that may help.

    `open` says that a person has to fill in something before it is right: a new name, a new value.
    Such a step is not tried itself; `like` is one that touches the same rows.
    """

    step: Step
    open: bool = False
    remark: Note | None = None
    like: Step | None = None


class Pair(NamedTuple):
    """A cell before and after the step (None: missing), and the rows in which that happens."""

    before: str | None
    after: str | None
    rows: int


@dataclass(frozen=True)
class Suggestion:
    """A step that works on the table, and what it would do."""

    step: Step
    touched: int  # rows that it changes or removes, or in which it puts a value into a new column
    removes: bool  # the rows touched are removed
    pairs: tuple[Pair, ...]
    open: bool = False  # a person has to fill in something first
    remark: Note | None = None

    def said(self) -> Note:
        return self.step.describe()


def tried(table: Table, engine: Engine, column: str, candidates: Sequence[Candidate]) -> list[Suggestion]:
    """The candidates that work and touch any row, in their order; one query tries them all.

    The pairs show the cells of `column`, the most frequent change first.
    """
    stages: list[tuple[Candidate, Stage]] = []
    for candidate in _once(candidates):
        try:
            candidate.step.check(table.columns)
            recipe = Recipe(steps=(RecipeStep(step=candidate.like or candidate.step),)).learn(table, engine)
            stages += [(candidate, stage) for stage in recipe.stages(table, engine)]
        except SightlineError:
            continue  # not for this table: there is nothing to suggest
    if not stages:
        return []
    parts = [_changes(number, stage, column) for number, (_, stage) in enumerate(stages)]
    query: exp.Query = parts[0]
    for part in parts[1:]:
        query = exp.union(query, part, distinct=False, copy=False)
    query = query.with_("base", as_=table.query.copy(), materialized=True, copy=False)
    for number, (_, stage) in enumerate(stages):
        query = query.with_(_relation(number), as_=stage.query.copy(), copy=False)
    found: dict[int, list[dict[str, Any]]] = {}
    for row in engine.rows(query).to_pylist():
        found.setdefault(row["number"], []).append(row)
    return [
        _suggestion(candidate, stage, found.get(number, []))
        for number, (candidate, stage) in enumerate(stages)
        if number in found or candidate.open
    ]


def _relation(number: int) -> str:
    return f"tried_{number}"


def _once(candidates: Sequence[Candidate]) -> list[Candidate]:
    kept: list[Candidate] = []
    for candidate in candidates:
        if all(candidate.step != other.step for other in kept):
            kept.append(candidate)
    return kept


def _suggestion(candidate: Candidate, stage: Stage, rows: list[dict[str, Any]]) -> Suggestion:
    ordered = sorted(rows, key=lambda row: int(row["place"]))
    gone = len(stage.after) < len(stage.before) and not _made(stage)  # columns go: no cell comes of it
    told = [] if candidate.open or gone else ordered  # of an open one it is not known yet
    pairs = tuple(Pair(row["before"], row["after"], row["rows"]) for row in told)
    touched = ordered[0]["touched"] if ordered else 0
    removes = not stage.step.keeps_rows
    return Suggestion(candidate.step, touched, removes, pairs, candidate.open, candidate.remark)


def _changes(number: int, stage: Stage, column: str) -> exp.Select:
    """The most frequent changes of the column's cells, at most PAIRS of them, and the rows touched."""
    was, now = exp.to_table("base").as_("was"), exp.to_table(_relation(number)).as_("now")
    same_row = exp.EQ(this=sql.name(sql.ROW, "was"), expression=sql.name(sql.ROW, "now"))
    cells = {"before": _shown(sql.name(column, "was")), "row": sql.name(sql.ROW, "was")}
    if stage.step.keeps_rows:
        cells["after"] = _after(stage, column)
        rows = sql.select_values(cells).from_(was).join(now, on=same_row)
        changed = _changed(stage)
        rows = rows.where(changed) if changed is not None else rows
    else:
        cells["after"] = exp.cast(exp.Null(), "VARCHAR")
        rows = sql.select_values(cells).from_(was).join(now, on=same_row, join_type="anti")
    counted = sql.select_values(
        {
            "number": sql.literal(number),
            "before": sql.name("before"),
            "after": sql.name("after"),
            "rows": sql.template("count(*)"),
            "touched": sql.template("CAST(sum(count(*)) OVER () AS BIGINT)"),
            "place": sql.template(
                "row_number() OVER (ORDER BY count(*) DESC, min(:row))", row=sql.name("row")
            ),
        }
    )
    counted = counted.from_(rows.subquery("rows")).group_by(sql.name("before"), sql.name("after"))
    return counted.qualify(sql.template(":place <= :most", place=sql.name("place"), most=PAIRS))


def _shown(cell: exp.Expr) -> exp.Expr:
    node: exp.Expr = sql.template("left(CAST(:x AS VARCHAR), :n)", x=cell, n=SHOWN)
    return node


def _made(stage: Stage) -> list[str]:
    """The new columns."""
    before = {column.name for column in stage.before}
    return [column.name for column in stage.after if column.name not in before]


def _after(stage: Stage, column: str) -> exp.Expr:
    """The cell after the step: in the column itself or, where that stays as it is, in the new columns."""
    if column in _touched(stage) and column in {c.name for c in stage.after}:
        return _shown(sql.name(column, "now"))
    new = [_shown(sql.name(name, "now")) for name in _made(stage)[:6]]
    if not new:
        return exp.cast(exp.Null(), "VARCHAR")
    if len(new) == 1:
        return new[0]
    return exp.Anonymous(this="concat_ws", expressions=[sql.literal(" | "), *new])


def _touched(stage: Stage) -> list[str]:
    """The old columns that the step writes anew."""
    names = {column.name for column in stage.before}
    return [
        node.alias_or_name
        for node in stage.query.selects
        if node.alias_or_name in names
        and not (isinstance(node.unalias(), exp.Column) and node.unalias().name == node.alias_or_name)
    ]


def _changed(stage: Stage) -> exp.Expr | None:
    """What is true of a row that the step touches; None where it touches all."""
    before = {column.name: column.type for column in stage.before}
    after = {column.name: column.type for column in stage.after}
    if any(name not in after for name in before):  # a column is dropped or renamed
        return None
    tests: list[exp.Expr] = []
    for name in _touched(stage):
        pair = {"old": sql.name(name, "was"), "new": sql.name(name, "now")}
        text = ":old IS DISTINCT FROM :new" if before[name] == after[name] else "NOT :old IS NULL"
        tests.append(sql.template(text, **pair))
    tests += [sql.template("NOT :new IS NULL", new=sql.name(name, "now")) for name in _made(stage)]
    return exp.or_(*tests) if tests else exp.false()
