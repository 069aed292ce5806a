"""How each column's values spread in two tables, counted in the engine: no row comes into Python."""

from __future__ import annotations

from sqlglot import exp

from core import sql
from core.compare.categories import categories, differing
from core.compare.column import ColumnDrift
from core.compare.numbers import numbers
from core.contracts import Column, Engine, Silent, Table, Watch
from core.watching import go_on

TOGETHER = 25  # columns asked for in one query


def drift(a: Table, b: Table, engine: Engine, watch: Watch | None = None) -> tuple[ColumnDrift, ...]:
    """The columns that both tables have, in the first's order."""
    watch = watch or Silent()
    sizes = (_count(a, engine), _count(b, engine))
    types = {column.name: column.type for column in b.columns}
    both = [column for column in a.columns if column.name in types]
    found: dict[str, ColumnDrift] = {}
    scaled = [c for c in both if _scale(c) and types[c.name] in _fitting(c)]
    rest = [c for c in both if c not in scaled and types[c.name] == c.type]
    for start in range(0, len(scaled), TOGETHER):
        go_on(watch, len(found) / max(len(both), 1), "Comparing distributions")
        part = scaled[start : start + TOGETHER]
        found |= {one.name: one for one in numbers(a, b, part, types, engine, sizes)}
    for column in rest:
        go_on(watch, len(found) / max(len(both), 1), "Comparing distributions")
        found[column.name] = categories(a, b, column.name, engine, sizes)
    for column in both:
        if column.name not in found:
            found[column.name] = differing(a, b, column.name, engine, sizes)
    return tuple(found[column.name] for column in both)


def _scale(column: Column) -> bool:
    return column.type in ("integer", "number", "date", "datetime")


def _fitting(column: Column) -> tuple[str, ...]:
    return ("integer", "number") if column.type in ("integer", "number") else (column.type,)


def _count(table: Table, engine: Engine) -> int:
    query = exp.select(sql.template("count(*) AS n")).from_(table.query.copy().subquery("t"))
    return int(engine.rows(query)["n"][0].as_py())
