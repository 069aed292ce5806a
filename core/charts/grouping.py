"""Groups and measures: the part of a chart's query that bounds its result.

A category column is cut to its most frequent values; the rest is one group, "other", and rows
without a value are one more, "(missing)". Both are marked in a column of their own, so that a
real value called "other" stays itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Engine, Table
from core.errors import BadParameter

if TYPE_CHECKING:
    import pyarrow as pa

Aggregation = Literal["count", "sum", "mean", "median", "min", "max", "distinct"]
COLOURS = 8
FACETS = 6

_MEASURES = {
    "sum": "sum(:y)",
    "mean": "avg(:y)",
    "median": "median(:y)",
    "min": "min(:y)",
    "max": "max(:y)",
}


@dataclass(frozen=True)
class Group:
    """One group of rows: a value, the rest of the values ("other"), or no value ("missing")."""

    label: str
    mark: Literal["value", "other", "missing"] = "value"


@dataclass(frozen=True)
class Cut:
    """A category column cut to its most frequent values."""

    column: str
    kept: tuple[Any, ...] | None  # None: all values are kept
    others: int  # distinct values that became "other"

    def value(self) -> Any:
        name = sql.name(self.column)
        if self.kept is None:
            return name
        if not self.kept:
            return exp.Null()
        return exp.Case(ifs=[exp.If(this=name.isin(*map(sql.literal, self.kept)), true=name.copy())])

    def mark(self) -> Any:
        if self.kept is None:
            return sql.template(
                "CASE WHEN :x IS NULL THEN 'missing' ELSE 'value' END", x=sql.name(self.column)
            )
        return sql.template(
            "CASE WHEN :x IS NULL THEN 'missing' WHEN :v IS NULL THEN 'other' ELSE 'value' END",
            x=sql.name(self.column), v=self.value(),
        )  # fmt: skip


def cut(table: Table, engine: Engine, column: str, top: int) -> Cut:
    """Keep the `top` most frequent values of a column; ties go to the smaller value."""
    name = sql.name(column)
    counted = (
        exp.select(exp.alias_(name, "v"), exp.alias_(sql.template("count(*)"), "n"))
        .from_(table.query.copy().subquery("t"))
        .where(sql.template(":x IS NOT NULL", x=name))
        .group_by(exp.Literal.number(1))  # a column of the table may be called v
    )
    query = (
        exp.select("v", exp.alias_(sql.template("count(*) OVER ()"), "all"))
        .from_(counted.subquery("c"))
        .order_by("n DESC", "v")
        .limit(top + 1)
    )
    rows = engine.rows(query)
    values, everything = rows.column("v").to_pylist(), rows.column("all").to_pylist()
    if len(values) <= top:
        return Cut(column, None, 0)
    return Cut(column, tuple(values[:top]), int(everything[0]) - top)


def measure(aggregation: Aggregation, column: str | None, kind: ColumnType | None) -> Any:
    """The aggregate as a double; infinite values are left out of it (see `infinite`)."""
    if column is None:
        return sql.template("CAST(count(*) AS DOUBLE)")
    x = sql.name(column)
    if aggregation == "count":
        return sql.template("CAST(count(:x) AS DOUBLE)", x=x)
    if aggregation == "distinct":
        return sql.template("CAST(count(DISTINCT :x) AS DOUBLE)", x=x)
    return sql.template(f"CAST({_MEASURES[aggregation]} AS DOUBLE)", y=finite(column, kind))


def finite(column: str, kind: ColumnType | None) -> Any:
    """The column as a double, infinite values null."""
    x = sql.name(column)
    if kind == "number":
        return sql.template("CASE WHEN isfinite(:x) THEN :x END", x=x)
    if kind == "boolean":
        return sql.template("CAST(CAST(:x AS INTEGER) AS DOUBLE)", x=x)
    return sql.template("CAST(:x AS DOUBLE)", x=x)


def infinite(column: str | None, kind: ColumnType | None) -> Any:
    """How many rows of a group have an infinite value, which no measure can use."""
    if column is None or kind != "number":
        return sql.template("CAST(0 AS BIGINT)")
    return sql.template("count(*) FILTER (WHERE isinf(:x))", x=sql.name(column))


def grouped(
    table: Table, engine: Engine, keys: Mapping[str, Cut], measures: Mapping[str, exp.Expr],
    extra: Mapping[str, exp.Expr] | None = None, where: exp.Expr | None = None,
) -> pa.Table:  # fmt: skip
    """Group the rows by the cut columns and `extra` expressions, and measure each group.

    The result has a text column and a mark for each key (`colour`, `colour_is`), the extra
    columns, and the measures; groups stand in no particular order.
    """
    inner: list[exp.Expr] = []
    outer: list[exp.Expr] = []
    by: list[exp.Expr] = []
    for key, how in keys.items():
        inner += [exp.alias_(how.value(), key), exp.alias_(how.mark(), f"{key}_is")]
        by += [exp.column(key), exp.column(f"{key}_is")]
        outer += [
            exp.alias_(sql.template("CAST(:k AS VARCHAR)", k=exp.column(key)), key),
            exp.column(f"{key}_is"),
        ]
    for key, node in (extra or {}).items():
        inner.append(exp.alias_(node, key))
        by.append(exp.column(key))
        # steps of time become text after the grouping: text is slow to group by
        timed = node.find(exp.TimestampTrunc, exp.DateTrunc) is not None
        shown = sql.template("CAST(:k AS VARCHAR)", k=exp.column(key)) if timed else exp.column(key)
        outer.append(exp.alias_(shown, key))
    inner += [exp.alias_(node, key) for key, node in measures.items()]
    outer += [exp.column(key) for key in measures]
    query = exp.select(*inner).from_(table.query.copy().subquery("t"))
    if where is not None:
        query = query.where(where)
    if by:
        # positions, because an alias may be called like a column of the table
        query = query.group_by(*[exp.Literal.number(i + 1) for i in range(len(by))])
    return engine.rows(exp.select(*outer).from_(query.subquery("g")))


def group(label: str | None, mark: str, others: int = 0) -> Group:
    if mark == "missing":
        return Group("(missing)", "missing")
    if mark == "other":
        return Group(f"other ({others:,} values)" if others else "other", "other")
    return Group("" if label is None else label)


def in_order(groups: Sequence[Group], size: Mapping[Group, float]) -> list[Group]:
    """Biggest first, ties by label; "other" and "(missing)" stand last."""
    last = {"value": 0, "other": 1, "missing": 2}
    return sorted(set(groups), key=lambda g: (last[g.mark], -size.get(g, 0.0), g.label))


def kinds(table: Table) -> dict[str, ColumnType]:
    return {column.name: column.type for column in table.columns}


def check_measure(
    title: str, aggregation: Aggregation, y: str | None, columns: Mapping[str, ColumnType]
) -> None:
    """Refuse a measure without its column, or one that the column's type does not have."""
    if aggregation != "count" and y is None:
        raise BadParameter(
            "{title}: {aggregation!r} needs a column to measure.",
            hint="Choose the value column, or count the rows.",
            title=title, aggregation=aggregation,
        )  # fmt: skip
    if y is not None and aggregation in _MEASURES and columns.get(y) not in ("integer", "number", "boolean"):
        raise BadParameter(
            "{title}: {aggregation!r} needs a number column; {column!r} is {got}.",
            hint="Choose a number column, or count rows or distinct values.",
            title=title, aggregation=aggregation, column=y, got=columns.get(y),
        )  # fmt: skip


def measured(aggregation: Aggregation, y: str | None) -> str:
    """The measure in words: "mean of price", "rows"."""
    if y is None:
        return "rows"
    words = {"count": "values of", "distinct": "different values of", "min": "smallest", "max": "largest"}
    return f"{words.get(aggregation, aggregation + ' of')} {y}"
