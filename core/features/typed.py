"""Single values as people type them, or programs hand them over, in the form the encoding reads."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from core.contracts import ColumnType

_WORDS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "1.0"), "true"),
    **dict.fromkeys(("false", "f", "no", "n", "0", "0.0"), "false"),
}


def as_number(value: Any, type: ColumnType) -> float | None:
    """A typed or written value as the double the encoding reads; None when it is none."""
    if value is None:
        return None
    if type in ("date", "datetime"):
        return _days(value)
    if isinstance(value, bool | int | float | np.number):
        return float(value)
    if isinstance(value, str):
        written = value.strip()
        try:  # float() reads "1_0", which no table means
            return None if "_" in written else float(written)
        except ValueError:
            return None
    return None


def _days(value: Any) -> float | None:
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(dt.UTC).replace(tzinfo=None)
        return float((value - dt.datetime(1970, 1, 1)).total_seconds() / 86400)
    if isinstance(value, dt.date):
        return float((value - dt.date(1970, 1, 1)).days)
    return None


def as_category(value: Any, type: ColumnType) -> str | None:
    """A typed or written value as the text the encoding reads; None when it is none."""
    if type == "boolean":
        return _WORDS.get(str(value).strip().casefold())
    return None if value is None else str(value)
