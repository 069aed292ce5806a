"""What a line shows of its values: themselves, their change, their running total, their rolling mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any, Literal

from core.charts import steps
from core.charts.measuring import ADDS_UP, Aggregation
from core.errors import BadParameter
from core.wording import Note, note

Show = Literal["value", "change", "change, %", "year on year", "year on year, %", "running total"]
Placed = Literal["trailing", "centred"]
Row = dict[str, Any]


def check(title: str, show: Show, rolling: int, aggregation: Aggregation, kind: str | None) -> None:
    """Refuse what cannot be shown: a year of numbers, a total of means, a rolling total."""
    if show.startswith("year") and kind not in ("date", "datetime", None):
        raise BadParameter(
            "{title}: year on year needs dates; {got} has no years.",
            hint="Choose a date column, or the change on the step before.",
            title=title, got=kind,
        )  # fmt: skip
    if show != "running total":
        return
    check_adds_up(title, aggregation)
    if rolling > 1:
        raise BadParameter(
            "{title}: a running total has no rolling mean.",
            hint="Set the rolling mean to 1 step, or show the value.", title=title,
        )  # fmt: skip


def check_adds_up(title: str, aggregation: Aggregation) -> None:
    """Refuse a measure that has no total: of two means, the sum says nothing."""
    if aggregation not in ADDS_UP:
        raise BadParameter(
            "{title}: {aggregation!r} does not add up to a total.",
            hint="Choose a count or a sum, or another way to show it.", title=title, aggregation=aggregation,
        )  # fmt: skip


def changed(
    rows: Sequence[Row],
    keys: Sequence[str],
    facts: Mapping[str, Any],
    show: Show,
    rolling: int,
    placed: Placed,
) -> tuple[list[Row], int]:
    """The rows of all lines with what is shown under "value" and their own values under "measured".

    Beside them how many steps have no percentage because what they are compared with is not above zero.
    """
    found: list[Row] = []
    hollow = 0
    lines: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        lines.setdefault(tuple(row[key] for key in keys), []).append(row)
    for line in lines.values():
        measured = [row["value"] for row in line]
        smooth = rolled(measured, rolling, placed)
        if show == "running total":
            shown = _total(smooth)
        else:
            before = _before([row["x"] for row in line], smooth, show, facts["grain"])
            shown = [_compared(now, then, show) for now, then in zip(smooth, before, strict=True)]
            if show.endswith("%"):
                hollow += sum(_hollow(now, then) for now, then in zip(smooth, before, strict=True))
        found += [
            {**row, "value": value, "measured": own}
            for row, value, own in zip(line, shown, measured, strict=True)
        ]
    return found, hollow


def rolled(values: Sequence[float | None], window: int, placed: Placed) -> list[float | None]:
    """The mean of each `window` steps in a row: up to the step, or around it.

    A window that reaches beyond the ends, or has values in less than half of its steps, gives none.
    """
    if window <= 1:
        return list(values)
    later = (window - 1) // 2 if placed == "centred" else 0
    found: list[float | None] = []
    for i in range(len(values)):
        first, last = i + later - window + 1, i + later
        some = [value for value in values[max(first, 0) : last + 1] if value is not None]
        whole = first >= 0 and last < len(values) and len(some) * 2 >= window
        found.append(sum(some) / len(some) if whole and some else None)
    return found


def _total(values: Sequence[float | None]) -> list[float | None]:
    total, found = 0.0, list[float | None]()
    for value in values:
        total += value or 0.0
        found.append(total if isfinite(total) else None)
    return found


def _before(
    at: Sequence[Any], values: Sequence[float | None], show: Show, grain: object
) -> list[float | None]:
    """What each step is compared with: the step before, or the same one a year earlier."""
    if not show.startswith("year"):
        return [None, *values[:-1]]
    held = dict(zip(at, values, strict=True))
    earlier: Callable[[Any], Any] = lambda x: steps.year_before(x, str(grain))  # noqa: E731
    return [held.get(earlier(x)) for x in at]


def _compared(now: float | None, then: float | None, show: Show) -> float | None:
    if show == "value":
        return now
    if now is None or then is None:
        return None
    if show.endswith("%"):
        return (now / then - 1) * 100 if then > 0 and isfinite(now / then) else None
    return now - then if isfinite(now - then) else None


def _hollow(now: float | None, then: float | None) -> bool:
    return now is not None and then is not None and then <= 0


def words(what: Note, show: Show, rolling: int, placed: Placed) -> Note:
    """What is shown, as a title says it: "Sum of price, rolling mean of 7 steps, change in %"."""
    if rolling > 1:
        template = {
            "trailing": "{what}, mean of the last {steps} steps",
            "centred": "{what}, mean of {steps} steps around",
        }[placed]
        what = note(template, what=what, steps=rolling)
    return note(_WORDS[show], what=what) if show != "value" else what


def axis(what: Note, show: Show) -> Note:
    """The same on the axis beside the title: what it is a change of stands there."""
    return note(_SHORT[show]) if show in _SHORT else what


_SHORT: dict[Show, str] = {
    "change": "Change on the step before",
    "change, %": "Change on the step before, %",
    "year on year": "Change on the year before",
    "year on year, %": "Change on the year before, %",
}
_WORDS: dict[Show, str] = {
    "change": "{what}, change on the step before",
    "change, %": "{what}, change on the step before in %",
    "year on year": "{what}, change on the year before",
    "year on year, %": "{what}, change on the year before in %",
    "running total": "{what}, running total",
}
