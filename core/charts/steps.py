"""Steps of time, or of numbers, on the axis of a chart: how long they are, which ones are empty."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from sqlglot import exp

from core import sql
from core.charts import measuring, parts
from core.charts.drawing import notes
from core.charts.grouping import Cut, Group
from core.contracts import Engine, Span, Table
from core.ordinal import edges, from_text, ordinal
from core.selection import Mark, Selection
from core.within import Within
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

POINTS = 5_000  # in all lines together
FEW = 3  # steps, up to which each has its mark on the axis
A_LINE = 400  # points that a line needs at most to look smooth
Grain = Literal["auto", "second", "minute", "hour", "day", "week", "month", "quarter", "year"]
_DAY = 86_400
SECONDS: dict[str, float] = {
    "second": 1, "minute": 60, "hour": 3600, "day": _DAY, "week": 7 * _DAY, "month": 30.4 * _DAY,
    "quarter": 91.3 * _DAY, "year": 365.2 * _DAY, "decade": 3652 * _DAY, "century": 36524 * _DAY,
    "millennium": 365242 * _DAY,
}  # fmt: skip


def axis(
    table: Table, engine: Engine, x: str, grain: Grain, cut: Mapping[str, Cut], most: int = POINTS
) -> tuple[exp.Expr, dict[str, Any]]:
    """The expression of a row's step, and the facts: range, grain, what had to be coarser.

    `most` steps in all lines of the cut together; of steps that are chosen, as few as look smooth.
    """
    kind = measuring.kinds(table)[x]
    name, value = sql.name(x), ordinal(x, kind)
    asked = {"low": "min(:v)", "high": "max(:v)", "rows": "count(:v)", "missing": "count(*) - count(:x)",
             "infinite_x": "count(:x) - count(:v)", "distinct": "approx_count_distinct(:v)"}  # fmt: skip
    query = exp.select(*[exp.alias_(sql.template(text, v=value, x=name), key) for key, text in asked.items()])
    facts: dict[str, Any] = engine.rows(query.from_(table.query.copy().subquery("t"))).to_pylist()[0]
    lines = math.prod(how.groups() for how in cut.values())
    points = min(A_LINE, most // lines)
    dated = kind in ("date", "datetime")
    facts |= {"grain": None, "asked": None, "dated": dated, "kind": kind, "infinite": 0}
    if not facts["rows"]:
        return value, facts
    if dated:
        return _dates(x, grain, facts, most // lines, points)
    if facts["distinct"] * 1.2 <= points:
        return value, facts
    width = (facts["high"] - facts["low"]) / points
    facts |= {"grain": width, "points": points}
    step = sql.template(
        ":low + :width * least(:last, floor((:x - :low) / :width))",
        x=value, low=facts["low"], width=width, last=float(points - 1),
    )  # fmt: skip
    return step, facts


def _dates(
    x: str, grain: Grain, facts: dict[str, Any], most: int, points: int
) -> tuple[exp.Expr, dict[str, Any]]:
    dates = facts["kind"] == "date"
    span = (facts["high"] - facts["low"]) * (_DAY if dates else 1)
    finest = "day" if dates else "second"
    fits = [
        g
        for g, s in SECONDS.items()
        if s >= SECONDS[finest] and span / s <= (points if grain == "auto" else most)
    ]
    found = fits[0] if fits else "millennium"
    if grain != "auto":
        asked = max(SECONDS[grain], SECONDS[finest])
        found = next(g for g, s in SECONDS.items() if s >= max(asked, SECONDS[found]))
        facts["asked"] = grain if found != grain and SECONDS[grain] >= SECONDS[finest] else None
    facts["grain"] = found
    return trunc(x, found), facts


def trunc(x: str, grain: str) -> exp.Expr:
    """The beginning of a row's step of time."""
    step: exp.Expr = sql.template(
        "CASE WHEN isfinite(:x) THEN date_trunc(:grain, CAST(:x AS TIMESTAMP)) END",
        x=sql.name(x), grain=grain,
    )  # fmt: skip
    return step


def filled(
    rows: list[dict[str, Any]], cut: Mapping[str, Cut], facts: Mapping[str, Any], nothing: float | None
) -> list[dict[str, Any]]:
    """The rows in order, with the steps of time in which nothing happened.

    A count or sum of nothing is 0; a mean of nothing is a gap. Left out, a line would run
    straight through the months without a sale.
    """
    places = parts.places(rows, cut, "rows")
    held: dict[tuple[Group, ...], dict[Any, dict[str, Any]]] = {}
    for row in rows:
        held.setdefault(tuple(row[key] for key in cut), {})[row["x"]] = row
    steps = sorted({row["x"] for row in rows})
    if isinstance(facts["grain"], str):
        steps = between(steps, facts["grain"])
    found = []
    for line in sorted(held, key=lambda line: [places[key][g] for key, g in zip(cut, line, strict=True)]):
        for step in steps:
            empty = dict(zip(cut, line, strict=True)) | {"x": step, "value": nothing, "rows": 0.0}
            if step in held[line] or isinstance(facts["grain"], str):
                found.append(held[line].get(step, empty))
    return found


def moment_of(step: str) -> dt.datetime | None:
    """A step as a moment; None in years that Python has not: before 1, after 9999."""
    try:
        return dt.datetime.fromisoformat(step)
    except ValueError:
        return None


def door(x: str, facts: Mapping[str, Any], step: Any) -> Mark | None:
    """The rows in one step; None where its end cannot be told."""
    inside = behind(x, facts, step)
    return None if inside is None else Mark(parts=(inside,))


def behind(x: str, facts: Mapping[str, Any], step: Any) -> Within | None:
    """What is true of the rows in one step; None where its end cannot be told (see `moment_of`)."""
    if isinstance(facts["grain"], str):
        moment, kind = moment_of(step), facts["kind"]
        if moment is None:
            return None
        later = after(moment, facts["grain"])
        high = from_text(kind, later.isoformat()) if later else None
        return Within(column=x, low=from_text(kind, step), high=high)
    if not facts["grain"]:
        return Within(column=x, low=step, high=step, closed=True)
    ends = edges(facts["low"], facts["grain"], facts["points"])
    number = round((step - facts["low"]) / facts["grain"])
    last = number == facts["points"] - 1
    low = ends[number] if number else facts["low"]
    return Within(column=x, low=low, high=facts["high"] if last else ends[number + 1], closed=last)


def region(x: str, data: pa.Table, ends: Span | None) -> Selection:
    """The rows of all steps that begin in a range of the axis, each step with all of its rows.

    A range within one step has all of that step: half of it would be a smaller sum, which looks like a fall.
    """
    if ends is None:
        return Selection()
    facts = notes(data)
    plain = Selection.of(*parts.span(x, facts["kind"], ends))
    if not isinstance(facts["grain"], str):
        return plain
    asked = [moment_of(str(end)) for end in ends]
    known = sorted({moment for step in data.column("x").to_pylist() if (moment := moment_of(step))})
    low, high = min(filter(None, asked), default=None), max(filter(None, asked), default=None)
    before = [moment for moment in known if high is not None and moment <= high]
    if None in asked or low is None or not before:
        return plain
    begin = next((moment for moment in before if moment >= low), before[-1])
    later, kind = after(before[-1], facts["grain"]), facts["kind"]
    end = from_text(kind, later.isoformat()) if later else None
    return Selection.of(Within(column=x, low=from_text(kind, begin.isoformat()), high=end))


def dated(figure: go.Figure, data: pa.Table) -> None:
    """Make the axis one of dates; marked at the steps themselves where there are hardly any.

    Left alone, Plotly divides the time around a single day into parts of a millisecond.
    """
    figure.update_xaxes(type="date")
    known = sorted({step for step in data.column("x").to_pylist() if moment_of(step)})
    grain = notes(data).get("grain")
    if not known or len(known) > FEW or not isinstance(grain, str):
        return
    room = dt.timedelta(seconds=SECONDS[grain])
    try:
        ends = [dt.datetime.fromisoformat(known[0]) - room, dt.datetime.fromisoformat(known[-1]) + room]
    except OverflowError:  # at the ends of Python's years
        return
    names = [named_step(step, grain) for step in known]
    figure.update_xaxes(range=[end.isoformat(sep=" ") for end in ends], tickvals=known, ticktext=names)


def named_step(step: str, grain: str) -> str:
    """A step as an axis calls it: no hours of days, no days of years."""
    long = {"second": 19, "minute": 16, "hour": 16, "month": 7, "quarter": 7}
    return step[: long.get(grain, 10 if grain in ("day", "week") else 4)]


def too_fine(facts: Mapping[str, Any]) -> Note | None:
    """That the step that was asked for had to be made coarser."""
    if not facts["asked"]:
        return None
    return note("A step of one {grain} would give too many points to draw.", grain=note(facts["asked"]))


def between(steps: list[str], grain: str) -> list[str]:
    """All steps from the first to the last, as DuckDB writes them."""
    try:
        moments = [dt.datetime.fromisoformat(step) for step in steps]
    except ValueError:  # years that Python has not: the steps that hold something must do
        return steps
    moments.sort()
    found: list[str] = []
    moment = moments[0]
    while moment <= moments[-1] and len(found) <= POINTS:
        found.append(moment.isoformat(sep=" "))
        later = after(moment, grain)
        if later is None:
            break
        moment = later
    return found


def after(moment: dt.datetime, grain: str) -> dt.datetime | None:
    """The beginning of the next step; None past the year 9999."""
    try:
        if grain in ("second", "minute", "hour", "day", "week"):
            return moment + dt.timedelta(seconds=SECONDS[grain])
        if grain in ("month", "quarter"):
            months = moment.year * 12 + moment.month - 1 + (1 if grain == "month" else 3)
            return moment.replace(year=months // 12, month=months % 12 + 1)
        years = {"year": 1, "decade": 10, "century": 100, "millennium": 1000}[grain]
        return moment.replace(year=moment.year + years)
    except (ValueError, OverflowError):
        return None


def year_before(step: str, grain: str) -> str | None:
    """The step with which one is compared year on year: of a week, the one 52 weeks before.

    None where there is none: the 29th of February, steps longer than a year.
    """
    try:
        moment = dt.datetime.fromisoformat(step)
        if grain == "week":
            return (moment - dt.timedelta(weeks=52)).isoformat(sep=" ")
        if SECONDS[grain] > SECONDS["year"]:
            return None
        return moment.replace(year=moment.year - 1).isoformat(sep=" ")
    except (ValueError, OverflowError):
        return None
