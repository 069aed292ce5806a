"""Which rows at the top of a table on a sheet are titles, and which hold the names of its columns."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from core.sources.grid import Sheet, empty

_LOOK = 30  # rows from the top in which titles are looked for
_BODY = 200  # rows below the names that tell names from values
_NAMES = 8  # rows of names above one another


def names_above(sheet: Sheet, top: int, bottom: int, left: int, right: int) -> tuple[int, str]:
    """How many rows above the names are titles, and what the last of them says."""
    rows = [row[left:right] for row in sheet.rows[top : min(bottom, top + _LOOK)]]
    filled = [sum(not empty(cell) for cell in row) for row in rows]
    widest, usual = max(filled), sorted(filled)[len(filled) // 2]
    title = ""
    for i, count in enumerate(filled):
        # one long row makes no title of the rows above it, unless each of those is a single cell
        few = count * 2 <= widest and (count == 1 or count * 2 <= usual)
        if not few or _groups(sheet, top + i, bottom, left, right):
            return i, title
        title = next(str(cell).strip() for cell in rows[i] if not empty(cell)) if count else title
    return 0, ""


def rows_of_names(sheet: Sheet, top: int, bottom: int, left: int, right: int) -> int:
    """How many of the first rows hold names: 0 where the first one holds values."""
    end = top + 1
    while (
        end < min(bottom - 1, top + _NAMES) and (reach := _below(sheet, top, end, bottom, left, right)) > end
    ):
        end = reach
    if end > top + 1:
        return end - top
    first = sheet.rows[top][left:right]
    return int(_is_header(first, [row[left:right] for row in sheet.rows[top + 1 : min(bottom, top + _BODY)]]))


def _below(sheet: Sheet, top: int, end: int, bottom: int, left: int, right: int) -> int:
    """Where the names end, when the row before `end` is one of them: below what it merges or groups."""
    reach = end
    if _groups(sheet, end - 1, bottom, left, right):
        reach = end + 1
    numbers = range(sheet.numbers[top], sheet.numbers[end - 1] + 1)
    for first, column, last, _ in sheet.grid.merged:
        if first in numbers and first < last < first + _NAMES and left <= column - sheet.left < right:
            inner = sum(1 for number in sheet.numbers[top : min(bottom, top + _NAMES)] if number <= last)
            reach = max(reach, top + inner)
    return min(reach, top + _NAMES, bottom - 1)


def _groups(sheet: Sheet, row: int, bottom: int, left: int, right: int) -> bool:
    """Whether a row names groups of the columns that the row below names one by one."""
    if row + 2 >= bottom or sheet.numbers[row + 1] != sheet.numbers[row] + 1:
        return False
    cells, below = sheet.rows[row][left:right], sheet.rows[row + 1][left:right]
    filled = [i for i, cell in enumerate(cells) if not empty(cell)]
    if any(isinstance(cell, float) and not _is_year(cell) for cell in cells) or not all(
        isinstance(cell, str) or empty(cell) or _is_year(cell) for cell in below
    ):
        return False
    wide = [
        (column - sheet.left, last - sheet.left)
        for first, column, end, last in sheet.grid.merged
        if first == end == sheet.numbers[row] and last > column
    ]
    if wide:
        named = sum(not empty(cell) for cell in below)
        inner = [(a, b) for a, b in wide if left <= a and b < right]
        return (
            named > 1
            and any(b - a + 1 < right - left for a, b in inner)
            and (len(filled) > 1 or inner[0][0] > left)
        )
    names = [str(cell).strip() for cell in below if not empty(cell)]
    twice = {name for name, count in Counter(names).items() if count > 1}
    over = [i for i in filled if not empty(below[i])]
    if len(over) < 2 or len(over) >= len(names) or not twice:
        return False
    group, pairs = "", []
    for cell, under in zip(cells, below, strict=True):
        group = str(cell) if not empty(cell) else group
        if str(under).strip() in twice:
            pairs.append((group, str(under).strip()))
    return len(set(pairs)) == len(pairs)


def _is_header(first: Sequence[Any], body: Sequence[Sequence[Any]]) -> bool:
    """Whether a row holds names for the rows below it."""
    named = [str(cell).strip() for cell in first if not empty(cell)]
    if not named:
        return False
    if not body:
        return not any(_kind(cell) in ("number", "date", "boolean") for cell in first)
    above, values = 0, []
    for i, cell in enumerate(first):
        kinds = Counter(_kind(row[i]) for row in body if not empty(row[i]))
        usual = kinds.most_common(1)[0][0] if kinds else ""
        if empty(cell) or not usual:
            continue
        above += _kind(cell) == "text" != usual
        if _kind(cell) == usual != "text":
            values.append(cell)
    if values:  # years can be names of columns of numbers
        years = all(map(_is_year, values)) and len(values) < len(named)
        return years and (above > 0 or _ascends(values))
    if above:
        return True
    typed = [cell for cell in first if _kind(cell) != "text" and not empty(cell)]
    if typed:
        return len(typed) < len(named) and _ascends(typed)
    again = len(set(named)) < len(named) > 1
    return not (again and any(set(named) & {str(cell) for cell in row} for row in body[:50]))


def _ascends(cells: Sequence[Any]) -> bool:
    """Whether values can be names all the same: years or days, each later than the one before."""
    days = all(isinstance(cell, dt.date) for cell in cells)
    if not days and not all(_is_year(cell) for cell in cells):
        return False
    try:
        return len(cells) > 1 and all(a < b for a, b in pairwise(cells))
    except TypeError:  # a day and a time of day
        return False


def _kind(cell: Any) -> str:
    if isinstance(cell, str):
        return "text"
    if isinstance(cell, bool):
        return "boolean"
    if isinstance(cell, (int, float)):
        return "number"
    return "date" if isinstance(cell, (dt.date, dt.time, dt.timedelta)) else ""


def _is_year(cell: Any) -> bool:
    return _kind(cell) == "number" and float(cell).is_integer() and 1800 <= cell < 2200
