"""The period that marks lie in: what a chart zooms to."""

from __future__ import annotations

from core.contracts import Schema
from core.ordinal import TAME
from core.selection import Selection
from core.within import Within

_DATED = ("date", "datetime")


def period(selection: Selection, columns: Schema) -> Selection | None:
    """The range of time, or else of numbers, that all marks of a selection lie in; None without one."""
    kinds = {column.name: column.type for column in columns}
    if selection.exclude or not selection.marks:
        return None
    ranges = [{part.column: part for part in mark.parts if _plain(part)} for mark in selection.marks]
    common = [name for name in ranges[0] if name in kinds and all(name in own for own in ranges)]
    dated = [name for name in common if kinds[name] in _DATED]
    parts = [_whole(name, [own[name] for own in ranges]) for name in dated or common]
    known = [part for part in parts if part is not None]
    return Selection.of(*known) if known else None


def _plain(part: Within) -> bool:
    """Whether it is a range of the rows' own values."""
    return part.first_of is None and (part.low is not None or part.high is not None)


def dated(selection: Selection, columns: Schema) -> bool:
    """Whether a condition of it is on a column of dates or times."""
    kinds = {column.name: column.type for column in columns}
    return any(kinds.get(name) in _DATED for name in selection.columns())


def _end(value: float) -> float | None:
    """An end of a range; None where it is as far out as numbers are compared."""
    return None if abs(value) >= TAME else value


def _whole(name: str, parts: list[Within]) -> Within | None:
    """From where the first range begins to where the last one ends; None where that leaves nothing out."""
    if any(part.outside for part in parts):
        return None
    lows, highs = [part.low for part in parts], [part.high for part in parts]
    low = None if None in lows else _end(min(one for one in lows if one is not None))
    high = None if None in highs else _end(max(one for one in highs if one is not None))
    if low is None and high is None:
        return None
    closed = any(part.closed for part in parts if part.high == high)
    return Within(column=name, low=low, high=high, closed=closed)
