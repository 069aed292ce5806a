"""SQL as trees: the few helpers with which steps and charts write DuckDB expressions.

Identifiers and values are always nodes, never text: a column named `a"; drop table t` is just a
name. A template is a constant of our own source code; what it is filled with are nodes.

    template("quantile_cont(:x, :q)", x=name("price"), q=0.5)
    template("CASE WHEN :x > :limit THEN :limit ELSE :x END", x=name("price"), limit=100)
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp

if TYPE_CHECKING:
    from core.contracts import ColumnType

ROW = "__row__"  # the hidden column that holds a table's row order; no table may have one like it

# how an engine stores the six column types
STORAGE: dict[ColumnType, str] = {
    "integer": "BIGINT",
    "number": "DOUBLE",
    "text": "VARCHAR",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}


def name(column: str, table: str | None = None) -> exp.Column:
    """A column, quoted, whatever characters its name is made of."""
    return exp.column(exp.to_identifier(column, quoted=True), table=table, quoted=True)


def literal(value: Any) -> exp.Expr:
    """A Python value as a SQL literal: None, bool, int, float, str, date, datetime."""
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int):
        return exp.Neg(this=exp.Literal.number(-value)) if value < 0 else exp.Literal.number(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return exp.cast(exp.Literal.string(str(value)), "DOUBLE")
        # 17 digits and an exponent, so that DuckDB reads a DOUBLE and not a DECIMAL
        number = exp.Literal.number(f"{abs(value):.17e}")
        return exp.Neg(this=number) if math.copysign(1, value) < 0 else number
    if isinstance(value, dt.datetime):
        return exp.cast(exp.Literal.string(value.isoformat(sep=" ")), "TIMESTAMP")
    if isinstance(value, dt.date):
        return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
    if isinstance(value, str):
        return exp.Literal.string(value)
    raise TypeError(f"no SQL literal for {type(value).__name__}")


@lru_cache(maxsize=1024)
def _parsed(text: str) -> exp.Expr:
    tree = sqlglot.parse_one(text, read="duckdb")
    # "NOT :x" is read as DuckDB's "alias: expression" without an alias: only the expression is meant
    clean: exp.Expr = tree.transform(
        lambda node: node.this if isinstance(node, exp.Alias) and not node.alias else node
    )
    return clean


def template(text: str, /, **nodes: Any) -> Any:
    """A constant piece of SQL with `:placeholders` filled by nodes; plain values become literals.

    The pieces are copied: one node may be used many times. Each is wrapped in parentheses when
    it is an operation, so that precedence never depends on what was put in.
    """
    ready = {key: value if isinstance(value, exp.Expr) else literal(value) for key, value in nodes.items()}
    ready = {
        key: exp.paren(node)
        if isinstance(node, (exp.Binary, exp.Unary, exp.Between, exp.In, exp.Is))
        and not isinstance(node, (exp.Paren, exp.Dot))
        else node
        for key, node in ready.items()
    }

    def fill(node: exp.Expr) -> exp.Expr:
        return ready[node.name].copy() if isinstance(node, exp.Placeholder) else node

    return _parsed(text).transform(fill)


def select(source: str, columns: Mapping[str, exp.Expr], *, row: bool = True) -> exp.Select:
    """`SELECT expression AS "column", ... FROM source`, with the row order carried along."""
    chosen = [exp.alias_(node, alias, quoted=True) for alias, node in columns.items()]
    if row:
        chosen.append(name(ROW))
    return exp.select(*chosen, copy=False).from_(exp.to_table(source), copy=False)


def select_values(values: Mapping[str, exp.Expr]) -> exp.Select:
    """`SELECT expression AS "column", ...` without a source: one row."""
    return exp.select(*[exp.alias_(node, alias, quoted=True) for alias, node in values.items()], copy=False)


def other(id: str) -> str:
    """The relation in which a step finds another table: a name of letters and digits, whatever the id."""
    safe = re.sub(r"[^a-z0-9]", lambda found: f"_{ord(found[0]):x}_" if found[0] != "_" else "__", id)
    return f"other_{safe}"


def parquet(place: Path, columns: list[str]) -> exp.Select:
    """The rows of one Parquet file, with their order in the hidden column `ROW`."""
    chosen = [name(column) for column in columns]
    table = (
        template("SELECT * FROM read_parquet(:place, file_row_number = true)", place=str(place))
        .args["from_"]
        .this
    )
    return exp.select(*chosen, exp.alias_(name("file_row_number"), ROW, quoted=True)).from_(table)


def text(query: exp.Expr, *, pretty: bool = False) -> str:
    """The query as DuckDB reads it."""
    return query.sql(dialect="duckdb", pretty=pretty, comments=False)


def over(query: exp.Query, columns: Mapping[str, exp.Expr], *, row: bool = False) -> exp.Select:
    """`SELECT expression AS "column", ... FROM (query)`, in the order that `query` asks for."""
    inner = query.copy()
    order = inner.args.get("order")
    if order is not None and inner.args.get("limit") is None:
        inner.set("order", None)
    outer = select("t", columns, row=row)
    outer.set("from_", exp.From(this=inner.subquery("t")))
    if order is not None:
        outer.set("order", order.copy())
    return outer
