"""How categories spread in two tables: rows of the commonest values of either, and of all others."""

from __future__ import annotations

import math
from typing import Any

from sqlglot import exp

from core import sql
from core.compare import measures
from core.compare.column import LABEL, Bin, ColumnDrift, base, judged
from core.contracts import Engine, Table

PROPOSE = 100_000  # rows of each table that propose values
COMMON = 30  # values that each table proposes


def categories(a: Table, b: Table, name: str, engine: Engine, sizes: tuple[int, int]) -> ColumnDrift:
    common, repeated = [], False
    for table, rows in ((a, sizes[0]), (b, sizes[1])):
        values, often = _common(table, name, engine, rows)
        common += values
        repeated = repeated or often
    values = list(dict.fromkeys(common))
    left, right = (_of_values(table, name, values, engine) for table in (a, b))
    column = base(name, "category", left[1], right[1], *sizes)
    if not left[1] or not right[1]:
        return column.model_copy(update={"kind": "empty"})
    if not repeated:
        return column.model_copy(update={"kind": "identifier"})
    bins = [Bin(label=_label(value), a=left[0].get(value, 0), b=right[0].get(value, 0)) for value in values]
    bins.sort(key=lambda one: -max(one.a / left[1], one.b / right[1]))
    others = left[1] - sum(one.a for one in bins), right[1] - sum(one.b for one in bins)
    if any(others):
        bins.append(Bin(label=None, a=others[0], b=others[1]))
    pairs = [one.a for one in bins], [one.b for one in bins]
    return judged(column, pairs, bins, js=measures.jensen_shannon(*pairs))


def _label(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= LABEL else text[: LABEL - 1] + "…"


def _common(table: Table, name: str, engine: Engine, rows: int) -> tuple[list[Any], bool]:
    """The commonest values of a part of the rows, and whether any of them is common at all."""
    stride = max(1, math.ceil(rows / PROPOSE))
    x = sql.name(name)
    query = exp.select(x, sql.template("count(*) AS n")).from_(table.query.copy().subquery("t"))
    query = query.where(sql.template(":x IS NOT NULL", x=x))
    if stride > 1:
        query = query.where(sql.template(":row % :stride = 0", row=sql.name(sql.ROW), stride=stride))
    query = (
        query.group_by(x.copy())
        .order_by(exp.Ordered(this=sql.template("count(*)"), desc=True), x.copy())
        .limit(COMMON)
    )
    found = engine.rows(query)
    counts = found["n"].to_pylist()
    return found.column(0).to_pylist(), bool(counts) and (counts[0] > 1 or len(counts) < 5)


def _of_values(table: Table, name: str, values: list[Any], engine: Engine) -> tuple[dict[Any, int], int]:
    """Rows of each of these values, and rows with any value."""
    x = sql.name(name)
    among = exp.In(this=x, expressions=[sql.literal(value) for value in values] or [exp.Null()])
    query = exp.select(
        exp.alias_(exp.Case(ifs=[exp.If(this=among, true=x.copy())]), "v"),
        sql.template("count(*) AS n"),
        sql.template("count(:x) AS present", x=x.copy()),
    ).from_(table.query.copy().subquery("t"))
    query = query.group_by(exp.Literal.number(1))
    rows = engine.rows(query).to_pylist()
    known = {row["v"]: int(row["n"]) for row in rows if row["v"] is not None}
    return known, sum(int(row["present"]) for row in rows)


def differing(a: Table, b: Table, name: str, engine: Engine, sizes: tuple[int, int]) -> ColumnDrift:
    """A column whose types cannot be compared: only what is missing is told."""
    present = [_of_values(table, name, [], engine)[1] for table in (a, b)]
    return base(name, "types differ", present[0], present[1], *sizes)
