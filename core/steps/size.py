"""How large a join would become: counted before, so that a mistake in its keys does not run for hours."""

from __future__ import annotations

from sqlglot import exp

from core import sql
from core.contracts import Engine, Table
from core.errors import BadParameter

MOST_ROWS = 500_000_000  # of a result; more of them are a mistake


def rows_of(table: Table, engine: Engine) -> int:
    """How many rows a table has."""
    counted = exp.select(sql.template("count(*) AS n")).from_(table.query.subquery("t"))
    return int(engine.rows(counted).column(0)[0].as_py())


def check_rows(query: exp.Query, engine: Engine) -> None:
    """Refuse a join for which the query, a single number, counts far too many rows."""
    count = engine.rows(query).column(0)[0].as_py() or 0
    if count > MOST_ROWS:
        raise BadParameter(
            "This join would put {count:,} pairs of rows together, far too many.",
            hint="Choose keys that tell rows apart, or a smaller distance.",
            count=int(count),
        )
