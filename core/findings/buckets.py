"""A column of dates in steps of equal length: what was counted or measured in each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.findings.cells import Numbers

Grain = Literal["day", "week", "month", "quarter", "year"]
GRAINS: tuple[Grain, ...] = ("day", "week", "month", "quarter", "year")
MOST = 400  # steps of a series
LEAST = 24
_DAY = 86_400
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Buckets:
    """The rows of a table by steps of time: `step` of each row counted from the first, -1 without a date.

    The first and the last step are left out: a table seldom begins or ends with a whole one.
    """

    column: str
    grain: Grain
    step: np.ndarray
    count: int
    first: int  # days since 1970, weeks since the Monday before, or months

    def date(self, step: int) -> dt.date:
        """The first day of a step."""
        number = self.first + step
        if self.grain in _MONTHS:
            month = number * _MONTHS[self.grain]
            return dt.date(1970 + month // 12, month % 12 + 1, 1)
        days = number if self.grain == "day" else number * 7 - 3
        return dt.date(1970, 1, 1) + dt.timedelta(days=days)

    def season(self, kind: Literal["week", "year"]) -> np.ndarray:
        """For each step its place in the week (0: Monday) or in the year (0: January)."""
        steps = np.arange(self.count) + self.first
        if kind == "week":
            return (steps + 3) % 7
        return steps % (12 // _MONTHS[self.grain])

    def rows(self) -> np.ndarray:
        """How many rows each step has."""
        return np.bincount(self.step[self.step >= 0], minlength=self.count).astype(float)

    def medians(self, values: np.ndarray) -> np.ndarray:
        """The median of each step; nan where it has no value."""
        held = (self.step >= 0) & np.isfinite(values)
        order = np.lexsort((values[held], self.step[held]))
        steps, ordered = self.step[held][order], values[held][order]
        ends = np.searchsorted(steps, np.arange(self.count + 1))
        found = np.full(self.count, np.nan)
        full = ends[1:] > ends[:-1]
        sizes = (ends[1:] - ends[:-1])[full]
        low, high = ends[:-1][full] + (sizes - 1) // 2, ends[:-1][full] + sizes // 2
        found[full] = ordered[low] / 2 + ordered[high] / 2
        return found


def steps(times: Numbers, grain: Grain) -> Buckets | None:
    """The steps of a column of dates; None where there are too few or too many."""
    seconds = times.values * (_DAY if times.kind == "date" else 1)
    here = np.isfinite(seconds)
    here &= np.abs(np.where(here, seconds, 0.0)) < 8e9  # the years that calendars here know
    if here.sum() < LEAST:
        return None
    numbers = _numbers(seconds[here], grain)
    first, last = int(numbers.min()) + 1, int(numbers.max()) - 1
    if not LEAST <= last - first + 1 <= MOST:
        return None
    inside = (numbers >= first) & (numbers <= last)
    step = np.full(len(seconds), -1, dtype=np.int64)
    step[np.flatnonzero(here)[inside]] = numbers[inside] - first
    return Buckets(times.name, grain, step, last - first + 1, first)


def _numbers(seconds: np.ndarray, grain: Grain) -> np.ndarray:
    days = np.floor(seconds / _DAY).astype(np.int64)
    if grain == "day":
        return days
    if grain == "week":
        return (days + 3) // 7
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months // _MONTHS[grain]
