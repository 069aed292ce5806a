"""Ranges that a spreadsheet has read as dates: "9-12" that has become "12-Sep"."""

from __future__ import annotations

import re

from core.profile.written import PLACEHOLDERS, Written

MOSTLY = 0.4  # of the values must be ranges
_RANGE = re.compile(r"\d{1,6}\s?[-–]\s?\d{1,6}")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_FIRST = re.compile(r"(\d{1,2})-([A-Za-z]{3})")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3})-(\d{2})")


def ranges(column: Written) -> dict[str, str | None]:
    """{a date that was a range: the range}, in a column that holds ranges."""
    present = column.without(PLACEHOLDERS)
    kept = sum(rows for value, rows in present.items() if _RANGE.fullmatch(value))
    if not column.whole or kept < max(3, MOSTLY * sum(present.values())):
        return {}
    return {value: meant for value in present if (meant := _meant(value)) is not None}


def _meant(value: str) -> str | None:
    """What was written: from the smaller to the larger number, as ranges go."""
    if found := _DAY_FIRST.fullmatch(value):
        number, name = int(found[1]), found[2].casefold()
    elif found := _MONTH_FIRST.fullmatch(value):
        number, name = int(found[2]), found[1].casefold()
    else:
        return None
    if name not in _MONTHS:
        return None
    low, high = sorted((number, _MONTHS.index(name) + 1))
    return f"{low}-{high}"
