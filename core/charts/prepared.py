"""Values that a query asks for again and again, worked out once for each row."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from core import sql
from core.contracts import Column, Table


def prepared(table: Table, values: Mapping[str, exp.Expr]) -> tuple[Table, dict[str, exp.Expr]]:
    """The table with these numbers as further columns, and how each of them is asked for.

    The engine works out `CASE WHEN isfinite(x) AND ... END` wherever it stands: a query that names it
    ten times takes about twice as long.
    """
    taken = {name.casefold() for name in table.names()}
    names = {}
    for key in values:
        name = f"value of {key}"
        while name.casefold() in taken:
            name += "'"
        taken.add(name.casefold())
        names[key] = name
    chosen: list[exp.Expr] = [sql.name(name) for name in (*table.names(), sql.ROW)]
    chosen += [exp.alias_(value, names[key], quoted=True) for key, value in values.items()]
    query = exp.select(*chosen).from_(table.query.copy().subquery("t"))
    columns = (*table.columns, *(Column(name=name, type="number") for name in names.values()))
    return Table(query, columns, table.others), {key: sql.name(name) for key, name in names.items()}
