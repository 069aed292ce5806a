"""What is computed of a group of rows: counts, sums, means, quantiles, shares. New ones are added here."""

from __future__ import annotations

from typing import Any, Literal

from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Schema, Table
from core.errors import BadParameter
from core.ordinal import TAME
from core.wording import Note, note

Aggregation = Literal[
    "count", "sum", "mean", "median", "min", "max", "distinct", "standard deviation",
    "10th percentile", "25th percentile", "75th percentile", "90th percentile", "share of total",
]  # fmt: skip
# without the share of a whole, which for a series that goes on is not known yet
Own = Literal[
    "count", "sum", "mean", "median", "min", "max", "distinct", "standard deviation",
    "10th percentile", "25th percentile", "75th percentile", "90th percentile",
]  # fmt: skip
# parts of these make a whole; means do not: a chart whose areas are parts of a whole takes only these
Adding = Literal["sum", "count", "share of total"]
ADDS_UP: tuple[Aggregation, ...] = ("count", "sum", "share of total")
ZERO: tuple[Aggregation, ...] = (*ADDS_UP, "distinct")  # what these are of no rows; a mean is nothing then
_MEASURES = {
    "sum": "sum(:y)",
    "mean": "avg(:y)",
    "median": "median(:y)",
    "min": "min(:y)",
    "max": "max(:y)",
    # a square that leaves the range of a double would stop the whole query
    "standard deviation": f"stddev_samp(CASE WHEN abs(:y) < {TAME} THEN :y END)",
    **{f"{q}th percentile": f"quantile_cont(:y, {q / 100})" for q in (10, 25, 75, 90)},
}


def measure(
    aggregation: Aggregation, column: str | None, kind: ColumnType | None, where: exp.Expr | None = None
) -> Any:
    """The aggregate as a double; infinite values are left out of it (see `infinite`).

    `where`: only of rows that meet a condition. A share is in %, of the sum (or the rows) of all groups.
    """
    if aggregation == "share of total":
        part = measure("sum" if column else "count", column, kind, where)
        whole = sql.template("sum(:p) OVER ()", p=part)
        share = "CASE WHEN isfinite(:w) AND abs(:w) > 1e-300 AND abs(:p) < :tame THEN 100 * (:p / :w) END"
        return sql.template(share, p=part, w=whole, tame=TAME)
    if column is None:
        counted = "count(*)" if where is None else "count_if(:c)"
        return sql.template(f"CAST({counted} AS DOUBLE)", **({} if where is None else {"c": where}))
    if aggregation in ("count", "distinct"):
        every = "DISTINCT " if aggregation == "distinct" else ""
        return sql.template(f"CAST(count({every}:x) AS DOUBLE)", x=_only(sql.name(column), where))
    y = _only(finite(column, kind), where)
    return sql.template(f"CAST({_MEASURES[aggregation]} AS DOUBLE)", y=y)


def _only(node: exp.Expr, where: exp.Expr | None) -> exp.Expr:
    """The node in rows that meet a condition; in others nothing, which no aggregate looks at."""
    if where is None:
        return node
    only: exp.Expr = sql.template("CASE WHEN :c THEN :n END", c=where, n=node)
    return only


def size(table: Table, aggregation: Aggregation, column: str | None) -> exp.Expr | None:
    """What makes a category large where sums are drawn; None: its rows do."""
    if aggregation not in ("sum", "share of total") or column is None:
        return None
    added: exp.Expr = sql.template("abs(:m)", m=measure("sum", column, kinds(table)[column]))
    return added


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


def kinds(table: Table) -> dict[str, ColumnType]:
    return {column.name: column.type for column in table.columns}


def measures(table: Table, aggregation: Aggregation, column: str | None) -> dict[str, Any]:
    """What is asked of each group: its value, its rows, and its infinite values."""
    kind = kinds(table).get(column) if column else None
    return {
        "value": measure(aggregation, column, kind),
        "rows": measure("count", None, None),
        "infinite": infinite(column, kind),
    }


def check_measure(title: str, aggregation: Aggregation, y: str | None, schema: Schema) -> None:
    """Refuse a measure without its column, or one that the column's type does not have."""
    columns = {column.name: column.type for column in schema}
    if aggregation not in ("count", "share of total") and y is None:
        raise BadParameter(
            "{title}: {aggregation!r} needs a column to measure.",
            hint="Choose the value column, or count the rows.",
            title=title, aggregation=aggregation,
        )  # fmt: skip
    summed = aggregation in _MEASURES or aggregation == "share of total"
    if y is not None and summed and columns.get(y) not in ("integer", "number", "boolean"):
        raise BadParameter(
            "{title}: {aggregation!r} needs a number column; {column!r} is {got}.",
            hint="Choose a number column, or count rows or distinct values.",
            title=title, aggregation=aggregation, column=y, got=columns.get(y),
        )  # fmt: skip


_WORDS = {
    "count": "Values of {column}",
    "distinct": "Different values of {column}",
    "sum": "Sum of {column}",
    "mean": "Mean of {column}",
    "median": "Median of {column}",
    "standard deviation": "Standard deviation of {column}",
    "10th percentile": "10th percentile of {column}",
    "25th percentile": "25th percentile of {column}",
    "75th percentile": "75th percentile of {column}",
    "90th percentile": "90th percentile of {column}",
    "min": "Smallest {column}",
    "max": "Largest {column}",
    "share of total": "Sum of {column}, % of the total",
}


def measured(aggregation: Aggregation, y: str | None) -> Note:
    """The measure in words: "Mean of price", "Rows"."""
    if y is None:
        return note("Rows, % of all") if aggregation == "share of total" else note("Rows")
    return note(_WORDS[aggregation], column=y)
