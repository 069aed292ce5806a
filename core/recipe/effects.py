"""What each step did: rows before and after, columns added, removed, renamed, retyped, cells changed."""

from __future__ import annotations

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Engine, Table
from core.params import Frozen
from core.recipe.compiled import Stage, with_stages


class Retyped(Frozen):
    """A column whose type changed."""

    column: str
    before: ColumnType
    after: ColumnType


class Effect(Frozen):
    """What one active step did to a table.

    `cells_changed` counts, for each column that is still there under its name and type, the cells whose
    value differs (missing values compare as equal); `cells_emptied` those that had a value and have none
    now, also for columns whose type changed. Columns with a count of 0 are left out. Steps that
    change which rows there are have rows to compare, not cells: both are empty.
    """

    number: int  # the step's place in the recipe, counted from 1
    rows_before: int
    rows_after: int
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    columns_renamed: dict[str, str] = P(default_factory=dict)  # old name -> new name
    columns_retyped: tuple[Retyped, ...] = ()
    cells_changed: dict[str, int] = P(default_factory=dict)
    cells_emptied: dict[str, int] = P(default_factory=dict)


def effects(table: Table, stages: list[Stage], engine: Engine) -> tuple[Effect, ...]:
    """One effect for each stage, counted by one query."""
    if not stages:
        return ()
    counts = [_count("base", "rows_0"), *(_counts(stage) for stage in stages)]
    query = exp.select("*")
    for number, part in enumerate(counts):
        source = part.subquery(f"counted_{number}")
        query = query.join(source, join_type="cross") if number else query.from_(source)
    found = engine.rows(with_stages(query, table, stages)).to_pylist()[0]
    result: list[Effect] = []
    rows = int(found["rows_0"])
    for stage in stages:
        effect = _effect(stage, rows, found)
        rows = effect.rows_after
        result.append(effect)
    return tuple(result)


def _count(relation: str, alias: str) -> exp.Select:
    return exp.select(exp.alias_(exp.Count(this=exp.Star()), alias)).from_(relation)


def _kept(stage: Stage) -> list[tuple[str, bool]]:
    """The columns worth comparing: same name before and after, and whether the type is the same."""
    before = {column.name: column.type for column in stage.before}
    touched = {
        node.alias_or_name
        for node in stage.query.selects
        if not (isinstance(node.unalias(), exp.Column) and node.unalias().name == node.alias_or_name)
    }
    return [
        (column.name, before[column.name] == column.type)
        for column in stage.after
        if column.name in before and column.name in touched
    ]


def _counts(stage: Stage) -> exp.Select:
    """One row of counts: rows after, then changed and emptied cells for each column compared."""
    number = stage.number
    if not stage.step.keeps_rows or not _kept(stage):
        return _count(stage.relation, f"rows_{number}")
    columns = [exp.alias_(exp.Count(this=exp.Star()), f"rows_{number}")]
    for place, (_, same) in enumerate(_kept(stage)):
        pair = {"old": sql.name(f"old_{place}"), "new": sql.name(f"new_{place}")}
        empty = sql.template("count(*) FILTER (WHERE :old IS NOT NULL AND :new IS NULL)", **pair)
        columns.append(exp.alias_(empty, f"emptied_{number}_{place}"))
        if same:
            differs = sql.template("count(*) FILTER (WHERE :old IS DISTINCT FROM :new)", **pair)
            columns.append(exp.alias_(differs, f"changed_{number}_{place}"))
    return exp.select(*columns).from_(_pairs(stage).subquery(f"pairs_{number}"))


def _pairs(stage: Stage) -> exp.Select:
    """Each compared cell before and after, side by side."""
    names = [name for name, _ in _kept(stage)]
    cells: dict[str, exp.Expr]
    if _is_projection(stage, names):  # both sides in one pass
        new = {node.alias_or_name: node.unalias() for node in stage.query.selects}
        cells = {f"old_{place}": sql.name(name) for place, name in enumerate(names)}
        cells |= {f"new_{place}": new[name].copy() for place, name in enumerate(names)}
        query = sql.select_values(cells)
        query.set("from_", stage.query.args["from_"].copy())
        return query
    cells = {f"old_{place}": sql.name(name, "was") for place, name in enumerate(names)}
    cells |= {f"new_{place}": sql.name(name, "now") for place, name in enumerate(names)}
    same_row = exp.EQ(this=sql.name(sql.ROW, "was"), expression=sql.name(sql.ROW, "now"))
    return (
        sql.select_values(cells)
        .from_(exp.to_table(stage.source).as_("was"))
        .join(exp.to_table(stage.relation).as_("now"), on=same_row)
    )


def _is_projection(stage: Stage, names: list[str]) -> bool:
    """Whether the step's query reads its source row by row, with these columns as they were."""
    query = stage.query
    while {key for key, value in query.args.items() if value} == {"expressions", "from_"}:
        source = query.args["from_"].this
        if isinstance(source, exp.Table):
            return source.name == stage.source
        if not (isinstance(source, exp.Subquery) and isinstance(source.this, exp.Select)):
            return False
        query = source.this
        same = {
            n.name for n in query.selects if isinstance(n, exp.Column) or n.unalias() == sql.name(n.alias)
        }
        if not set(names) <= same:
            return False
    return False


def _effect(stage: Stage, rows: int, found: dict[str, int]) -> Effect:
    number = stage.number
    before = {column.name: column.type for column in stage.before}
    after = {column.name: column.type for column in stage.after}
    renamed = {
        node.unalias().name: node.alias_or_name
        for node in stage.query.selects
        if isinstance(node.unalias(), exp.Column)
        and node.unalias().name in before  # a join's other columns come under names of its own
        and node.alias_or_name not in {*before, sql.ROW}
        and node.unalias().name not in after
    }
    changed, emptied = {}, {}
    for place, (name, _) in enumerate(_kept(stage)):
        if count := found.get(f"changed_{number}_{place}"):
            changed[name] = count
        if count := found.get(f"emptied_{number}_{place}"):
            emptied[name] = count
    return Effect(
        number=number,
        rows_before=rows,
        rows_after=int(found[f"rows_{number}"]),
        columns_added=tuple(name for name in after if name not in before and name not in renamed.values()),
        columns_removed=tuple(name for name in before if name not in after and name not in renamed),
        columns_renamed=renamed,
        columns_retyped=tuple(
            Retyped(column=name, before=before[name], after=after[name])
            for name in after
            if name in before and before[name] != after[name]
        ),
        cells_changed=changed,
        cells_emptied=emptied,
    )
