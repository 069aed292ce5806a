"""Dates written in several ways in one column: "2024-01-31", "31 Jan 2024", "20240131"."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from core import sql
from core.profile.work import Work
from core.profile.written import PLACEHOLDERS, Written

MOSTLY = 0.95  # of the values must be read as dates
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_LIKE = re.compile(r"\d{4}|\d[-/. ]\d|[A-Za-z]{3}")
_PLAIN = re.compile(r"\d{1,7}|\d{9,}|\d*\.\d*")


@dataclass(frozen=True)
class Days:
    """How many rows are written otherwise than most, and whether all are surely read."""

    rows: int
    sure: bool


def days(column: Written, work: Work) -> Days | None:
    """None for a column whose values are no dates, or are all written in one way."""
    present = column.without(PLACEHOLDERS)
    total, iso = sum(present.values()), sum(rows for value, rows in present.items() if _ISO.fullmatch(value))
    like = sum(
        rows for value, rows in present.items()
        if len(value) <= 30 and _LIKE.search(value) and value[-1:].isdecimal() and not _PLAIN.fullmatch(value)
    )  # fmt: skip
    if not total or iso == total or iso < 0.3 * total or like < MOSTLY * total:
        return None
    from core.notation.dates import readings

    cell = sql.name("v")
    texts = sql.template("from_json(:texts, :shape)", texts=json.dumps([*present]), shape='["VARCHAR"]')
    listed = sql.select_values({"v": sql.template("unnest(:listed)", listed=texts)})
    day, month = readings(cell, "text", "date")
    read = sql.select_values({"v": cell, "day": day, "month": month}).from_(listed.subquery("t"))
    found = {row["v"]: (row["day"], row["month"]) for row in work.ask(read)}
    unread = sum(rows for value, rows in present.items() if found[value] == (None, None))
    if unread > (1 - MOSTLY) * total:
        return None
    ambiguous = any(None not in both and both[0] != both[1] for both in found.values())
    return Days(total - iso, sure=column.whole and not unread and not ambiguous)
