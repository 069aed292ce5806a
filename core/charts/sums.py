"""Sums of each value of a column, from one reading: the largest under their names, the rest together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from core import sql
from core.charts import parts
from core.charts.grouping import Cut, cut, grouped
from core.charts.measuring import Aggregation, measures, size
from core.contracts import Engine, Table

Wanted = Mapping[str, tuple[str | None, int]]  # {key: (column, values to keep)}


def cut_and_asked(
    table: Table, engine: Engine, wanted: Wanted, aggregation: Aggregation, y: str | None,
    asked: Mapping[str, exp.Expr],
) -> tuple[dict[str, Cut], list[dict[str, Any]], int]:  # fmt: skip
    """The cut columns, each group with what is asked of it, and how many infinite values were left out."""
    chosen = {key: (column, top) for key, (column, top) in wanted.items() if column is not None}
    if y is not None and aggregation == "sum" and len(chosen) == 1 and asked == measures(table, "sum", y):
        [(key, (column, top))] = chosen.items()
        return _summed(table, engine, key, column, top, asked)
    found = parts.cuts(table, engine, wanted, size(table, aggregation, y))
    return found, *parts.asked_groups(table, engine, found, asked)


def _summed(
    table: Table, engine: Engine, key: str, column: str, top: int, asked: Mapping[str, exp.Expr]
) -> tuple[dict[str, Cut], list[dict[str, Any]], int]:
    """Each value of the column added up once; its largest, and the rest, are found among these sums."""
    names = {name: f"{name} of {column}" for name in asked}  # none of them is the column's own name
    each = exp.select(sql.name(column), *[exp.alias_(asked[k], names[k], quoted=True) for k in asked])
    each = each.from_(table.query.copy().subquery("t")).group_by(exp.Literal.number(1))
    sums: dict[str, exp.Expr] = {
        name: sql.template("CAST(sum(:x) AS DOUBLE)", x=sql.name(own)) for name, own in names.items()
    }
    kept = tuple(one for one in table.columns if one.name == column)
    with engine.held(each) as held:
        values = Table(held, kept)
        how = cut(values, engine, column, top, sql.template("abs(:s)", s=sums["value"]))
        rows = parts.records(grouped(values, engine, {key: how}, sums), {key: how})
    return {key: how}, rows, int(sum(row["infinite"] for row in rows))
