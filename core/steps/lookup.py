"""Lists of cells that a step holds or learned: as JSON, as rows in SQL, as arrays in pandas code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Json
from core.steps.values import code, is_stored, restored

_READ = {"integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN"}  # the others are read from text
ARROW: dict[ColumnType, str] = {
    "integer": "pa.int64()", "number": "pa.float64()", "text": "pa.string()", "boolean": "pa.bool_()",
    "date": "pa.date32()", "datetime": 'pa.timestamp("us")',
}  # fmt: skip


def is_text(value: Json) -> bool:
    """Whether this is a text that a table can hold: no halves of characters."""
    return isinstance(value, str) and not any(0xD800 <= ord(char) < 0xE000 for char in value)


def is_cell(value: Json, kind: ColumnType) -> bool:
    """Whether this stands for a cell of this type; a missing one is null."""
    return is_stored(value, kind) and (not isinstance(value, str) or is_text(value))


def as_json(cells: Sequence[Any]) -> list[Json]:
    """Cells as JSON: dates and datetimes as ISO text."""
    return [cell.isoformat() if hasattr(cell, "isoformat") else cell for cell in cells]


def in_rows(cells: Sequence[Json], kind: ColumnType) -> exp.Expr:
    """The cells as rows. One text for all of them: as literals, thousands would take seconds to write."""
    shape = f'["{_READ.get(kind, "VARCHAR")}"]'
    listed = sql.template("from_json(:cells, :shape)", cells=json.dumps(list(cells)), shape=shape)
    node: exp.Expr = sql.template("unnest(:list)", list=exp.cast(listed, f"{sql.STORAGE[kind]}[]"))
    return node


def relation(alias: str, lists: Mapping[str, tuple[Sequence[Json], ColumnType]]) -> exp.Subquery:
    """Lists of one length side by side, as the relation `alias` that a query can be joined with."""
    return sql.select_values({name: in_rows(*given) for name, given in lists.items()}).subquery(alias)


def in_python(cells: Sequence[Json], kind: ColumnType) -> str:
    """The cells as the Python code of a list."""
    return "[" + ", ".join(code(restored(cell, kind)) for cell in cells) + "]"


def as_array(cells: Sequence[Json], kind: ColumnType) -> str:
    """The cells as the code of an Arrow array."""
    return f"pa.array({in_python(cells, kind)}, {ARROW[kind]})"
