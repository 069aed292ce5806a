"""Rows counted in the steps of several columns at once: each alone, and two by two, in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlglot
from sqlglot import exp

from core import sql
from core.contracts import Engine, Table


def step(value: exp.Expr, low: float, width: float, steps: int) -> Any:
    """In which of equal steps a value is; null without one."""
    # the smaller one of a number and null is the number
    return sql.template(
        "CASE WHEN :v IS NOT NULL THEN "
        "greatest(0, least(:last, CAST(floor((:v - :low) / :width) AS INTEGER))) END",
        v=value, low=low, width=width, last=steps - 1,
    )  # fmt: skip


def counted(
    table: Table, engine: Engine, codes: Mapping[str, exp.Expr], sets: Sequence[tuple[str, ...]]
) -> list[tuple[tuple[str, ...], tuple[int, ...], int]]:
    """How many rows have each combination of codes, for each set of them: (set, codes, rows).

    The names of the codes are letters and digits of our own. Rows without one of a set's codes are left out.
    """
    if not sets:
        return []
    short = {name: sql.template("CAST(coalesce(:c, -1) AS TINYINT)", c=code) for name, code in codes.items()}
    inner = [exp.alias_(code, name) for name, code in short.items()]  # grouped sooner than long numbers
    used = [name for name in codes if any(name in one for one in sets)]
    groups = ", ".join(f"({', '.join(one)})" for one in sets)
    # a name that is not in a row's set is null there
    text = f"SELECT {', '.join(used)}, count(*) AS n FROM codes GROUP BY GROUPING SETS ({groups})"
    query = sqlglot.parse_one(text, read="duckdb")
    if not isinstance(query, exp.Select):
        raise TypeError("a query of our own is a selection")
    source = exp.select(*inner).from_(table.query.copy().subquery("t")).subquery("codes")
    found = []
    for row in engine.rows(query.from_(source)).to_pylist():
        names = tuple(name for name in used if row[name] is not None)
        places = tuple(row[name] for name in names)
        if min(places, default=-1) >= 0:
            found.append((names, places, int(row["n"])))
    return sorted(found)
