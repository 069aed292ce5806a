"""Rows counted in the steps of several columns at once: each alone, and two by two, in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import sqlglot
from sqlglot import exp

from core import sql
from core.contracts import Engine, Table


def step(value: exp.Expr, low: float, width: float, steps: int) -> Any:
    """In which of equal steps a value is that is not below the first one; -1 without a value."""
    # the smaller one of a number and null would be the number
    return sql.template(
        "least(:last, coalesce(floor((:v - :low) / :width), -1))",
        v=value, low=low, width=width, last=float(steps - 1),
    )  # fmt: skip


def counted(
    table: Table, engine: Engine, codes: Mapping[str, exp.Expr], sets: Sequence[tuple[str, ...]]
) -> list[tuple[tuple[str, ...], tuple[int, ...], int]]:
    """How many rows have each combination of codes, for each set of them: (set, codes, rows).

    The names of the codes are letters and digits of our own. A row with a code of -1 is left out of its sets.
    """
    if not sets:
        return []
    short = {name: sql.template("CAST(:c AS TINYINT)", c=code) for name, code in codes.items()}
    inner = [exp.alias_(code, name) for name, code in short.items()]  # grouped sooner than long numbers
    used = [name for name in codes if any(name in one for one in sets)]
    # a set that is part of another one is added up from that
    asked = [one for one in sets if not any(set(one) < set(other) for other in sets)]
    groups = ", ".join(f"({', '.join(one)})" for one in asked)
    # a name that is not in a row's set is null there
    text = f"SELECT {', '.join(used)}, count(*) AS n FROM codes GROUP BY GROUPING SETS ({groups})"
    query = sqlglot.parse_one(text, read="duckdb")
    if not isinstance(query, exp.Select):
        raise TypeError("a query of our own is a selection")
    source = exp.select(*inner).from_(table.query.copy().subquery("t")).subquery("codes")
    whole: dict[tuple[str, ...], dict[tuple[int, ...], int]] = {}
    for row in engine.rows(query.from_(source)).to_pylist():
        names = tuple(name for name in used if row[name] is not None)
        whole.setdefault(names, {})[tuple(row[name] for name in names)] = int(row["n"])
    found = []
    for one in sets:
        names, counts = next(((own, n) for own, n in whole.items() if set(one) <= set(own)), ((), {}))
        kept = [i for i, name in enumerate(names) if name in one]
        added: Counter[tuple[int, ...]] = Counter()
        for places, n in counts.items():
            added[tuple(places[i] for i in kept)] += n
        own = tuple(names[i] for i in kept)
        found += [(own, places, n) for places, n in added.items() if min(places) >= 0]
    return sorted(found)
