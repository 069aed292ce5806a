"""Numbers and ranges that a spreadsheet read as dates: "9-12" that is now "12-Sep", 1998 "1905-06-20"."""

from __future__ import annotations

import datetime as dt
import re

from core.profile.written import PLACEHOLDERS, Written

MOSTLY = 0.4  # of the values must be ranges
NUMBERS = 0.6  # or ranges and whole numbers together
_RANGE = re.compile(r"\d{1,6}\s?[-–]\s?\d{1,6}")
_WHOLE = re.compile(r"\d{1,6}")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_FIRST = re.compile(r"(\d{1,2})-([A-Za-z]{3})")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3})-(\d{2})")
_WITH_YEAR = re.compile(r"20\d\d-(\d\d)-(\d\d)|(\d{1,2})/(\d{1,2})/20\d\d")
_EARLY = re.compile(r"19\d\d-\d\d-\d\d")
_START = dt.date(1899, 12, 30)  # from which spreadsheets count days


def ranges(column: Written) -> dict[str, str | None]:
    """{a date that was a range or a number: what it was}, in a column that holds such."""
    present = column.without(PLACEHOLDERS)
    total = sum(present.values())
    kept = sum(rows for value, rows in present.items() if _RANGE.fullmatch(value))
    whole = {int(value): rows for value, rows in present.items() if _WHOLE.fullmatch(value)}
    numbers = kept + sum(whole.values()) >= NUMBERS * total
    if not column.whole or not (kept >= max(3, MOSTLY * total) or (numbers and total >= 20)):
        return {}
    as_written = _month_leads(present)
    found: dict[str, str | None] = {}
    for value in present:
        meant = _meant(value, as_written, with_year=kept >= 3)
        if meant is None and numbers and whole:
            meant = _counted(value, max(whole))
        if meant is not None:
            found[value] = meant
    return found


def _month_leads(present: dict[str, int]) -> bool:
    """Whether the month was surely the first number: then 10-2, short for 10-12, has become 2-Oct.

    Ranges go from the smaller to the larger number, unless the second one is shortened.
    """
    bounds = [tuple(map(int, re.split("[-–]", value))) for value in present if _RANGE.fullmatch(value)]
    short = sum(high < low for low, high in bounds)
    days = [
        (int(found[1]), _MONTHS.index(found[2].casefold()) + 1)
        for value in present
        if (found := _DAY_FIRST.fullmatch(value)) and found[2].casefold() in _MONTHS
    ]
    later = sum(day >= month for day, month in days)
    return short >= 3 and later >= 0.7 * len(days)


def _meant(value: str, as_written: bool, with_year: bool) -> str | None:
    """What was written: from the smaller to the larger number, as ranges go."""
    if found := _DAY_FIRST.fullmatch(value):
        number, name = int(found[1]), found[2].casefold()
    elif found := _MONTH_FIRST.fullmatch(value):
        number, name = int(found[2]), found[1].casefold()
    elif with_year and (found := _WITH_YEAR.fullmatch(value)):
        first, second = (int(part) for part in found.groups() if part is not None)
        return f"{first}-{second}"
    else:
        return None
    if name not in _MONTHS:
        return None
    month = _MONTHS.index(name) + 1
    low, high = (month, number) if as_written else sorted((number, month))
    return f"{low}-{high}"


def _counted(value: str, largest: int) -> str | None:
    """The number whose day this is in a spreadsheet's count, if the column's numbers reach so far."""
    if not _EARLY.fullmatch(value):
        return None
    try:
        number = (dt.date.fromisoformat(value) - _START).days
    except ValueError:
        return None
    return str(number) if 0 < number <= max(1.2 * largest, 31) else None
