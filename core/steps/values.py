"""Values that people type, read by a column's type; and values written as Python code."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

from core.contracts import ColumnType, Json
from core.errors import BadParameter

_RULES = {
    "integer": "a whole number such as 42",
    "number": "a number such as 3.5",
    "boolean": "true or false",
    "date": "a date such as 2024-12-31",
    "datetime": "a date and time such as 2024-12-31 18:30",
}
_SWITCH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def typed(text: str, kind: ColumnType) -> Any:
    """The value that `text` stands for in a column of this type; BadParameter when it is none."""
    try:
        return _read(text if kind == "text" else text.strip(), kind)
    except (ValueError, KeyError):
        raise BadParameter(
            "{text!r} is not {rule}, which a column of type {kind} needs.",
            text=text,
            rule=_RULES[kind],
            kind=kind,
        ) from None


def _read(text: str, kind: ColumnType) -> Any:
    if kind == "integer":
        number = int(text) if re.fullmatch(r"[+-]?[0-9]{1,19}", text) else None
        if number is None or not -(2**63) <= number < 2**63:
            raise ValueError
        return number
    if kind == "number":
        value = float(text)
        if not math.isfinite(value):
            raise ValueError
        return value
    if kind == "boolean":
        return _SWITCH[text.casefold()]
    if kind == "date":
        return dt.date.fromisoformat(text)
    if kind == "datetime":
        moment = dt.datetime.fromisoformat(text)
        return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment
    return text


def stored(value: Any) -> Json:
    """A cell as JSON: dates and datetimes as ISO text."""
    return value.isoformat() if isinstance(value, dt.date) else value


def restored(value: Json, kind: ColumnType) -> Any:
    """The cell that `stored` wrote, for a column of this type."""
    if kind == "date" and value is not None:
        return dt.date.fromisoformat(value)
    if kind == "datetime" and value is not None:
        return dt.datetime.fromisoformat(value)
    return value


def is_stored(value: Json, kind: ColumnType) -> bool:
    """Whether this is JSON that `stored` gives for a cell of this type; a missing one is null."""
    if value is None:
        return True
    if kind == "integer":
        return type(value) is int and -(2**63) <= value < 2**63
    if kind == "number":
        return is_stored(value, "integer") or (type(value) is float and math.isfinite(value))
    if kind == "boolean":
        return type(value) is bool
    if kind in ("date", "datetime"):
        try:
            return getattr(restored(value, kind), "tzinfo", None) is None
        except (TypeError, ValueError):
            return False
    return type(value) is str


def code(value: Any) -> str:
    """The value as Python code, exactly: safe whatever a text holds."""
    if isinstance(value, dt.datetime):
        return f"pd.Timestamp({value.isoformat()!r})"
    if isinstance(value, dt.date):
        return f"dt.date({value.year}, {value.month}, {value.day})"
    return repr(value)
