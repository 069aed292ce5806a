"""Numbers and dates on one scale: doubles that keep order and distance."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from sqlglot import exp

from core import sql
from core.contracts import ColumnType

TAME = 1e150  # beyond, squares leave the range of a double: no variance, no binning
SQUARABLE = 1e140  # of values up to here, and from its inverse on, squares can be summed as they are


def ordinal(column: str, kind: ColumnType) -> Any:
    """The column as doubles: days since 1970 for dates, seconds for datetimes.

    What is no finite number, and numbers whose square leaves the range of a double, are null.
    """
    name = sql.name(column)
    if kind == "date":
        return sql.template("CASE WHEN isfinite(:x) THEN epoch(:x) / 86400 END", x=name)
    if kind == "datetime":
        return sql.template("CASE WHEN isfinite(:x) THEN epoch(:x) END", x=name)
    if kind == "integer":
        return sql.template("CAST(:x AS DOUBLE)", x=name)
    # Parquet's least and greatest value leave NaN out: by them the engine holds every NaN for small
    return sql.template("CASE WHEN isfinite(:x) AND abs(:x) < :tame THEN :x END", x=name, tame=TAME)


def logarithm(value: exp.Expr) -> Any:
    """The logarithm of a value to the base 10; null up to 0."""
    # built by hand: `log10` in a template becomes LOG(10, x), which takes two logarithms of each value
    power = exp.Anonymous(this="log10", expressions=[value.copy()])
    return sql.template("CASE WHEN :x > 0 THEN :power END", x=value, power=power)


def scaling(low: float, high: float) -> float:
    """What to multiply values between `low` and `high` with before their squares are summed.

    1.0 for ordinary numbers. For enormous and for minute ones a power of two, which changes no
    digit: afterwards the largest lies near 1.
    """
    largest = max(abs(low), abs(high))
    if not math.isfinite(largest) or largest == 0 or 1 / SQUARABLE < largest < SQUARABLE:
        return 1.0
    return math.ldexp(1.0, max(-1000, min(1000, -math.frexp(largest)[1])))


def edges(low: float, width: float, steps: int, *, log: bool = False) -> list[float]:
    """The `steps` + 1 ends of equal steps: a value is in step i exactly from edge i to below edge i + 1."""
    return [edge(low, width, i, log=log) for i in range(steps + 1)]


def edge(low: float, width: float, i: int, *, log: bool = False) -> float:
    """Where step i of equal steps begins.

    A query puts x into step floor((x - low) / width), on a logarithmic scale with log10(x) for x.
    That division rounds, so `low + i * width` may lie some digits beside the value where the steps change.
    """

    def step(x: float) -> float:
        value = (math.log10(x) if x > 0 else -math.inf) if log else x
        return (value - low) / width

    near = 10 ** (low + width * i) if log else low + width * i
    room = near * 1e-9 if log else (abs(near) + abs(low) + width) * 1e-9
    below, above = near - room, near + room
    while below < (middle := below / 2 + above / 2) < above:
        below, above = (below, middle) if step(middle) >= i else (middle, above)
    return above


def from_text(kind: ColumnType, text: str) -> float:
    """The ordinal value of an ISO date."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:  # years before 1 or after 9999, which Python has not
        moment = dt.datetime.min if text.endswith("(BC)") else dt.datetime.max
    passed = (moment - dt.datetime(1970, 1, 1)).total_seconds()
    return passed / 86400 if kind == "date" else passed


def dated(kind: ColumnType, value: float) -> float | str:
    """An ordinal value as the ISO text of its date or time; itself where no text says exactly that."""
    if kind not in ("date", "datetime"):
        return value
    try:
        moment = dt.datetime(1970, 1, 1) + dt.timedelta(**{"days" if kind == "date" else "seconds": value})
    except OverflowError:
        return value
    text = moment.date().isoformat() if kind == "date" else moment.isoformat(sep=" ")
    return text if from_text(kind, text) == value else value


def spanned(kind: ColumnType, low: float, high: float) -> str | None:
    """A whole year, quarter, month, day, hour or minute from `low` to below `high`, as people call it."""
    if kind not in ("date", "datetime"):
        return None
    try:
        first, end = (dt.datetime.fromisoformat(str(to_value(kind, value))) for value in (low, high))
    except ValueError:  # parts of a second that are not written
        return None
    steps = {dt.timedelta(days=1): "%Y-%m-%d", dt.timedelta(hours=1): "%Y-%m-%d %H:00"}
    steps[dt.timedelta(minutes=1)] = "%Y-%m-%d %H:%M"
    if end - first in steps and from_text(kind, first.isoformat()) == low:
        known = steps[end - first]
        return first.strftime(known) if _on(first, end - first) else None
    months = (end.year - first.year) * 12 + end.month - first.month
    whole = first == dt.datetime(first.year, first.month, 1) and end == dt.datetime(end.year, end.month, 1)
    if not whole or (months > 1 and (first.month - 1) % months) or months not in (1, 3, 12):
        return None
    return {1: f"{first:%Y-%m}", 3: f"{first:%Y} Q{first.month // 3 + 1}", 12: f"{first:%Y}"}[months]


def _on(moment: dt.datetime, step: dt.timedelta) -> bool:
    """Whether a step of this length begins at the moment."""
    return not (moment - dt.datetime(1970, 1, 1)) % step


def to_value(kind: ColumnType, value: float) -> float | str:
    """An ordinal value as people read it: a number, or an ISO date."""
    if kind not in ("date", "datetime"):
        return value
    try:
        moment = dt.datetime(1970, 1, 1) + dt.timedelta(**{"days" if kind == "date" else "seconds": value})
    except OverflowError:
        return "0001-01-01" if value < 0 else "9999-12-31"
    return moment.isoformat(sep=" ", timespec="seconds")
