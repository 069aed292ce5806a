"""What time shows: a break in the course of a count or a median, and the rhythm of weeks and years."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Literal

import numpy as np

from core.charts import Decomposition, Line
from core.charts.words import number, sentences
from core.contracts import Json, Watch
from core.findings import breaks, intervals, rhythms
from core.findings.buckets import LEAST, Buckets, Grain, steps
from core.findings.cells import Cells, Numbers
from core.findings.finding import Finding
from core.findings.looks import Looks
from core.watching import go_on
from core.wording import Note, note

BROKEN: tuple[Grain, ...] = ("month", "week", "day", "quarter", "year")  # the first that gives enough steps
YEAR = {"month": 12, "week": 52}  # steps
SURE = 1e-4  # p of a break that is taken off before a season is looked for
CHANGED = 0.2  # of what the course leaves unexplained, explained by a break
RHYTHM = 0.15  # of what the trend leaves, explained by the season
FULL = 0.8  # of the steps must have a value
_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_YEAR = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip


def series(cells: Cells, looks: Looks, watch: Watch) -> None:
    """The rows and every number along every column of dates."""
    for step, times in enumerate(cells.times):
        go_on(watch, step / len(cells.times), "Looking through time")
        if (broken := _broken(times)) is not None:
            for one, course in _courses(broken, cells.numbers):
                _break(broken, one, course, looks)
        for kind, grain, least in (("week", "day", 56), ("year", "month", 30)):
            found = steps(times, grain)  # type: ignore[arg-type]
            if found is not None and found.count >= least:
                for one, course in _courses(found, cells.numbers):
                    _season(found, kind, one, course, looks)  # type: ignore[arg-type]


def _broken(times: Numbers) -> Buckets | None:
    return next((found for grain in BROKEN if (found := steps(times, grain)) is not None), None)


def _courses(found: Buckets, numbers: tuple[Numbers, ...]) -> Iterator[tuple[Numbers | None, np.ndarray]]:
    yield None, found.rows()
    for one in numbers:
        yield one, found.medians(one.values)


def _what(one: Numbers | None) -> Note:
    return note("The number of rows") if one is None else note("The median of {x}", x=one.name)


def _chart(found: Buckets, one: Numbers | None) -> Line:
    if one is None:
        return Line(x=found.column, grain=found.grain)
    return Line(x=found.column, y=one.name, aggregation="median", grain=found.grain)


def _taken_apart(found: Buckets, kind: Literal["week", "year"], one: Numbers | None) -> dict[str, Json]:
    """The course taken apart into trend and season: which steps are high and low is seen there at once."""
    season = 7 if kind == "week" else 12
    chart = Decomposition(x=found.column, grain=found.grain, season=season)
    if one is not None:
        chart = chart.model_copy(update={"y": one.name, "aggregation": "median"})
    return chart.to_json()


def _break(found: Buckets, one: Numbers | None, course: np.ndarray, looks: Looks) -> None:
    here = np.isfinite(course)
    if here.sum() < max(LEAST, FULL * found.count) or not np.ptp(course[here]):
        return looks.nothing()
    at = np.flatnonzero(here)
    season = found.season("year") if found.grain == "month" and found.count >= 36 else None
    whole = YEAR.get(found.grain, 0)
    period = whole if found.count >= 2 * whole - 2 else 0  # the first and the last step are left out
    best = breaks.strongest(at, course[here], None if season is None else season[at], period)
    if best is None or best.share < CHANGED:
        return looks.nothing()
    free = int(len(at) * (1 - best.kept) / (1 + best.kept))  # steps alike say less than as many others
    bounds = partial(intervals.share, best.share, free)
    return looks.add(best.p, partial(_broke, found, one, at, course[here], best), bounds)


def _broke(
    found: Buckets, one: Numbers | None, at: np.ndarray, course: np.ndarray, best: breaks.Break
) -> Finding:
    before, after = (float(np.mean(course[side])) for side in (at < best.at, at >= best.at))
    broken = note(
        "{subject} breaks with its course at {when}: {before} before, {after} from then on (means of "
        "the steps), a change by {change}; a break explains {share} of what one straight course leaves.",
        subject=_what(one), when=_when(found, best.at), before=_shown(one, before),
        after=_shown(one, after), change=_change(before, after),
        share=f"{best.share:.0%}",
    )  # fmt: skip
    short = found.grain not in ("quarter", "year") and _years(found) < 2
    season = note("In less than two years, a season looks the same.")
    more = [*([season] if short else []), *_gaps(found, one, len(at))]
    told = sentences(broken, *more) if more else broken
    columns = (found.column,) if one is None else (one.name, found.column)
    return Finding(
        kind="break", columns=columns, told=told, chart=_chart(found, one).to_json(), effect=best.share,
        measure=note("Share explained by the break"), value=best.share, p=best.p, rows=found_rows(found),
    )  # fmt: skip


def _gaps(found: Buckets, one: Numbers | None, told: int) -> list[Note]:
    """How many steps there are without a row or a value: a break may be one in what was recorded."""
    empty = int((found.rows() == 0).sum())
    lacking = found.count - told if one is not None else empty
    if not lacking:
        return []
    return [
        note(
            "{missing:,} of the {all:,} steps (each a {grain}) have no row."
            if lacking == empty
            else "{missing:,} of the {all:,} steps (each a {grain}) have no value.",
            missing=lacking, all=found.count, grain=note(found.grain),
        )
    ]  # fmt: skip


def _shown(one: Numbers | None, value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 and not (one and one.years) else number(value)


def _change(before: float, after: float) -> str:
    return f"{(after - before) / abs(before):+.0%}" if before else f"{after - before:+.4g}"


def _when(found: Buckets, step: int) -> str:
    day = found.date(step)
    return f"{day:%Y-%m}" if found.grain == "month" else str(day.year) if found.grain == "year" else str(day)


def _years(found: Buckets) -> float:
    return (found.date(found.count) - found.date(0)).days / 365.25


def found_rows(found: Buckets) -> int:
    return int((found.step >= 0).sum())


def _season(
    found: Buckets, kind: Literal["week", "year"], one: Numbers | None, course: np.ndarray, looks: Looks
) -> None:
    here = np.isfinite(course)
    if here.sum() < FULL * found.count or not np.ptp(course[here]):
        return looks.nothing()
    at = np.flatnonzero(here)
    best = breaks.strongest(at, course[here], period=YEAR[found.grain]) if found.grain in YEAR else None
    level = best.at if best is not None and best.p < SURE else None
    season = found.season(kind)[here]
    left = rhythms.trendless(at, course[here], season, level)
    strength = rhythms.rhythm(left, season)
    if strength < RHYTHM:
        return looks.nothing()
    p = rhythms.by_itself(at, course[here], season, level)
    bounds = partial(intervals.share, strength, len(left))
    return looks.add(p, partial(_seasonal, found, kind, one, left, season, strength, p), bounds)


def _seasonal(
    found: Buckets, kind: Literal["week", "year"], one: Numbers | None, left: np.ndarray, season: np.ndarray,
    strength: float, p: float,
) -> Finding:  # fmt: skip
    medians = {place: float(np.median(left[season == place])) for place in np.unique(season)}
    top, low = max(medians, key=lambda s: medians[s]), min(medians, key=lambda s: medians[s])
    names = _WEEK if kind == "week" else _YEAR
    told = note(
        "{subject} follows the week: highest on {top}, lowest on {low}; "
        "the day of the week explains {share} of what the trend leaves."
        if kind == "week"
        else "{subject} follows the year: highest in {top}, lowest in {low}; "
        "the month explains {share} of what the trend leaves.",
        subject=_what(one), top=note(names[top]), low=note(names[low]), share=f"{strength:.0%}",
    )  # fmt: skip
    columns = (found.column,) if one is None else (one.name, found.column)
    return Finding(
        kind="season", columns=columns, told=told, chart=_taken_apart(found, kind, one), effect=strength,
        measure=note("Strength of the season"), value=strength, p=p, rows=found_rows(found),
    )  # fmt: skip
