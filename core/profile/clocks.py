"""Times of day written in several ways: "6:55 a.m.", "6:55am", "12/02/2011 6:55 a.m."."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.notation.times import COLON, HALVED, Form
from core.profile.written import PLACEHOLDERS, Written

MOSTLY = 0.6  # of the values must hold a time
DOUBTFUL = 0.1  # of the times may lack a.m. or p.m. where the others have it
BARE = 0.4  # of the values must be nothing but a time
_COLON, _HALVED = (re.compile(pattern.replace(r"\p{Z}", "")) for pattern in (COLON, HALVED))
_ONLY = re.compile(r"\s*\d{1,2}[:：]\d\d([:：]\d\d)?\s*([ap]\.?\s?m\.?)?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Clocks:
    """How most of a column's times are written, and what each other value becomes."""

    form: Form
    changes: dict[str, str | None]
    rows: int
    sure: bool


def clocks(column: Written) -> Clocks | None:
    """None for a column that holds no times of day, or dates with times, or one way of writing."""
    present = column.without(PLACEHOLDERS)
    total = sum(present.values())
    read = {value: found for value in present if (found := _read(value)) is not None}
    timed = sum(present[value] for value in read)
    bare = sum(rows for value, rows in present.items() if value in read and _ONLY.fullmatch(value))
    if not total or timed < MOSTLY * total or bare < BARE * total:
        return None
    halved = sum(present[value] for value, (_, half) in read.items() if half)
    form: Form = "12 hours" if 2 * halved >= timed else "24 hours"
    changes: dict[str, str | None] = {}
    for value, (parts, _) in read.items():
        if (shown := _shown(parts, form)) != value:
            changes[value] = shown
    rows = sum(present[value] for value in changes)
    # without a.m. or p.m., 6:55 among times that have it may be either
    doubtful = 0 if form == "24 hours" else timed - halved
    kept = 2 * rows <= timed and doubtful <= DOUBTFUL * timed
    return Clocks(form, changes, rows, sure=column.whole and kept) if changes else None


def _read(value: str) -> tuple[tuple[int, str, str], bool] | None:
    """Hour, minute and second of the first time in a text, and whether it says which half of the day."""
    found = _COLON.search(value) or _HALVED.search(value)
    if found is None:
        return None
    hour, minute, second, half = int(found[1]), found[2] or "00", found[3] or "", (found[4] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    return ((hour, minute, second), bool(half)) if hour <= 23 else None


def _shown(parts: tuple[int, str, str], form: Form) -> str:
    hour, minute, second = parts
    behind = f":{minute}" + (f":{second}" if second else "")
    if form == "24 hours":
        return f"{hour:02}{behind}"
    return f"{(hour + 11) % 12 + 1}{behind} {'a.m.' if hour < 12 else 'p.m.'}"
