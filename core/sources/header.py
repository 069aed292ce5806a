"""Which of the first rows of a table hold the names of its columns: one, several, or groups above them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from core.wording import Note, note

MOST_NAMES = 3  # rows below the header that may belong to the names
_ABSENT = {"na", "n/a", "nan", "null", "none", "missing", "unknown", "nil", "inf", "-inf"}
_NUMBER = re.compile(r"\s*[-+]?(\d+([.,']\d+)*|[.,]\d+)([eE][-+]?\d+)?\s*%?\s*")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]\d{1,2}:\d{2}.*)?")
_YEAR = re.compile(r"(1[89]|20|21)\d\d")


def number_like(cell: str) -> bool:
    return _NUMBER.fullmatch(cell) is not None


def date_like(cell: str) -> bool:
    return _DATE.fullmatch(cell) is not None


def typed(cell: str) -> bool:
    """True when a cell looks like a value (a number, a date, a truth value) and not like a name."""
    text = cell.strip()
    if text[:1].isalpha():  # most cells that are not, at a glance
        return len(text) < 6 and text.lower() in ("true", "false")
    return number_like(text) or date_like(text)


def has_header(rows: Sequence[Sequence[str]]) -> tuple[bool, Note | None]:
    """Whether the first row holds names, and a word on it when that is not certain."""
    if not rows:
        return True, None
    first, rest = rows[0], rows[1:]
    values = [cell for cell in first if typed(cell)]
    if values:
        years = [int(cell) for cell in values if _YEAR.fullmatch(cell.strip())]
        if len(years) == len(values) < len(first) and years == sorted(set(years)) and len(years) > 1:
            return True, None  # country, 1990, 1991, ...
        if len(values) * 10 <= len(first) and len(first) >= 10:
            return True, None
        return False, note("the first row holds values: the columns were given names")
    named = [cell.strip() for cell in first if cell.strip()]
    if not named:
        return False, note("the first row is empty: the columns were given names")
    if any(typed(cell) for row in rest[:50] for cell in row):
        return True, None
    if len(set(named)) < len(named) and len(named) > 1 and any(set(row) & set(named) for row in rest[:50]):
        return False, note("the first row repeats values of the rows below: the columns were given names")
    return True, note(
        "every column is text, so nothing tells names from values: the first row was taken as names"
    )


def rows_of_names(rows: Sequence[Sequence[str]]) -> int:
    """How many rows below the header name the columns, too: words where the rows below have values."""
    if len(rows) > 2 and is_group_row(rows[0], rows[1:]):
        return 1 + min(MOST_NAMES - 1, rows_of_names(rows[1:]))
    below = rows[2:60]
    words = [place for place, cell in enumerate(rows[1]) if _worded(cell)] if below else []
    typed_below = (sum(typed(row[place]) for row in below if place < len(row)) for place in words)
    if sum(2 * count >= len(below) - 2 for count in typed_below) < 2:
        return 0  # words where most rows have words, too
    for more in range(MOST_NAMES, 0, -1):
        body = rows[1 + more : 60]
        if len(body) < 3:
            continue
        columns = [[row[place].strip() for row in body if place < len(row)] for place in range(len(rows[0]))]
        measured = [
            place
            for place, cells in enumerate(columns)
            if sum(map(typed, cells)) >= 0.5 * len(body)
            and sum(typed(c) or not c for c in cells) >= 0.9 * len(body)
        ]
        if len(measured) >= 2 and all(_names(row, measured) for row in rows[1 : 1 + more]):
            return more
    return 0


def _names(row: Sequence[str], measured: Sequence[int]) -> bool:
    """Whether a row has words, and no value, in the columns of values."""
    cells = [row[place].strip() for place in measured if place < len(row)]
    worded = sum(map(_worded, cells))
    return worded >= 2 and worded + cells.count("") == len(cells)


def _worded(cell: str) -> bool:
    """Whether a cell is a word, and neither a value nor the lack of one."""
    text = cell.strip()
    return any(map(str.isalpha, text)) and not typed(text) and text.lower() not in _ABSENT


def is_group_row(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a row names groups of the columns that the row below it names: ",,2020,,2021," over six names.

    A title, or keys and their values, are none: a group stands over several columns.
    """
    names = [cell.strip() for cell in below[0]] if below else []
    texts = [cell.strip() for cell in row]
    filled = [place for place, text in enumerate(texts) if text]
    groups = [texts[place] for place in filled]
    if len(texts) != len(names) or not all(names) or len(set(groups)) < max(2, len(groups)):
        return False
    if any(typed(name) and not _YEAR.fullmatch(name) for name in names):
        return False
    years = [bool(_YEAR.fullmatch(group)) for group in groups]
    if any(years) and not all(years):
        return False
    if any(typed(group) or ":" in group or len(group) > 40 for group in groups) and not all(years):
        return False
    spans = [end - begin for begin, end in pairwise([*filled, len(texts)])]
    above = ["" for _ in range(filled[0])]
    for group, span in zip(groups, spans, strict=True):
        above.extend([group] * span)
    if len(set(names)) < len(names) == len(set(zip(above, names, strict=True))):
        return max(spans) > 1  # names that only their groups tell apart
    return min(spans) > 1 and 2 * filled[0] <= len(texts) and has_header(below) == (True, None)
