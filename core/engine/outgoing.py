"""What columns of any type become on their way out of a statement: the few types that tables have."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.contracts import ColumnType
from core.engine.duckdb import column_type

_WHOLE = re.compile(r"U?HUGEINT|UBIGINT|DECIMAL\((?:19|2\d|3\d),\s*0\)")  # may not fit 64 bits
_DAYS = "DATE '0001-01-01' AND DATE '9999-12-31'"
_TIMES = "TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999'"
_FAR = "error('A date lies outside the years 1 to 9999; CAST(… AS VARCHAR) shows it')"


def projection(kinds: Sequence[str]) -> str:
    """The columns of a result as c0, c1, ...: constants of ours with places in them, no names.

    Whole numbers that may be too long for 64 bits come as DECIMAL(38, 0), all that is nested or
    has no type of ours as text.
    """
    return ", ".join(f"{_cast(kind, f'#{place}')} AS c{place - 1}" for place, kind in enumerate(kinds, 1))


def _cast(kind: str, place: str) -> str:
    kind = kind.upper()
    if _WHOLE.fullmatch(kind):
        return f"CAST({place} AS DECIMAL(38, 0))"
    if kind.startswith("DECIMAL") and kind.replace(" ", "").endswith(",0)"):
        return f"CAST({place} AS BIGINT)"
    match column_type(kind):
        case "integer":
            return f"CAST({place} AS BIGINT)"
        case "number":
            return f"CAST({place} AS DOUBLE)"
        case "boolean":
            return place
        case "date":
            return f"CASE WHEN {place} IS NULL OR {place} BETWEEN {_DAYS} THEN {place} ELSE {_FAR} END"
        case "datetime":
            time = f"CAST({place} AS TIMESTAMP)"
            return f"CASE WHEN {place} IS NULL OR {time} BETWEEN {_TIMES} THEN {time} ELSE {_FAR} END"
    return f"CAST({place} AS VARCHAR)"


def settled(kind: str, *, fits: bool) -> ColumnType:
    """The type of a column in a table; `fits`: its whole numbers do not need more than 64 bits."""
    name = kind.upper()
    if _WHOLE.fullmatch(name) or (name.startswith("DECIMAL") and name.replace(" ", "").endswith(",0)")):
        return "integer" if fits else "number"
    return column_type(kind)
