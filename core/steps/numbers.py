"""Columns of numbers as steps learn from them: what can be reckoned with, of rows drawn by their place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from core import sql
from core.contracts import Engine, Schema, Table

if TYPE_CHECKING:
    import numpy as np

LARGEST = 1e150  # a larger number squares to infinity, which no sum survives


def usable(cell: exp.Expr) -> exp.Expr:
    """The cell as a number that can be reckoned with, or NULL."""
    node: exp.Expr = sql.template(
        "CASE WHEN abs(CAST(:x AS DOUBLE)) <= :most THEN CAST(:x AS DOUBLE) END", x=cell, most=LARGEST
    )
    return node


def drawn(table: Table, columns: Sequence[str], count: int, engine: Engine) -> np.ndarray:
    """The numbers [rows, columns] of at most `count` rows, drawn by their place; NaN where there is none."""
    import numpy as np

    cells = {f"x{place}": usable(sql.name(name)) for place, name in enumerate(columns)}
    row = sql.name(sql.ROW)
    some = sql.select("t", cells)
    some.set("from_", exp.From(this=table.query.subquery("t")))
    digest = sql.template("md5(CAST(:row AS VARCHAR))", row=row)
    some = some.order_by(digest, row.copy()).limit(count)
    # in the table's order: the sums of what is learned depend on it in their last digits
    ordered = exp.select(*[sql.name(name) for name in cells]).from_(some.subquery("drawn"))
    rows = engine.rows(ordered.order_by(row.copy()))
    return np.column_stack([rows.column(name).to_numpy().astype(np.float64) for name in cells])


def unused(columns: Schema) -> str:
    """What no column's name begins with."""
    mark = "estimate_"
    while any(column.name.casefold().startswith(mark) for column in columns):
        mark += "_"
    return mark
