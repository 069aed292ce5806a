"""Values that have an order of their own: months, days of the week, numbers written as text."""

from __future__ import annotations

import math
from collections.abc import Collection

_ENGLISH = (
    "january february march april may june july august september october november december",
    "monday tuesday wednesday thursday friday saturday sunday",
)
_CALENDARS = [
    *[{name: i for i, name in enumerate(line.split())} for line in _ENGLISH],
    *[{name[:3]: i for i, name in enumerate(line.split())} for line in _ENGLISH],
    {f"{month}月": i for i, month in enumerate([*"一二三四五六七八九十", "十一", "十二"])},
    {f"{month}月": month for month in range(1, 13)},
    *[{f"{head}{day}": i for i, day in enumerate("一二三四五六日")} for head in ("星期", "周", "礼拜")],
]


def in_calendar(names: Collection[str]) -> dict[str, float] | None:
    """Where each name stands in the year or in the week; None where they are other names."""
    plain = {name: name.strip().rstrip(".").casefold() for name in names}
    for calendar in _CALENDARS:
        if len(plain) > 1 and all(own in calendar for own in plain.values()):
            return {name: float(calendar[own]) for name, own in plain.items()}
    return None


def places(names: Collection[str]) -> dict[str, float] | None:
    """Where each name stands by itself: in the calendar, or by its number; None where they have no order."""
    return in_calendar(names) or _numbers(names)


def _numbers(names: Collection[str]) -> dict[str, float] | None:
    try:
        found = {name: float(name) for name in names}
    except ValueError:
        return None
    return found if all(math.isfinite(value) for value in found.values()) else None
