"""Days as a calendar: weeks from left to right, weekdays from top to bottom, a year in each panel."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import changes, grouping, measuring, parts, steps
from core.charts.drawing import Say, blank, notes, shown, with_notes
from core.charts.measuring import Aggregation
from core.charts.parts import OptionalColumn
from core.charts.time import HOLLOW
from core.charts.words import INFINITE, counted, listed, number, pair, sentences
from core.contracts import Chart, Engine, Schema, Span, Table
from core.ordinal import from_text, ordinal
from core.params import ColumnName, Number
from core.selection import Mark, Selection
from core.within import Within
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

YEARS = 10
_DAYS = 7
_COLUMNS = 54  # weeks that a year can begin or end in
_FEWEST = 12  # weeks of a panel
_NAMES = [note("Mon"), note("Tue"), note("Wed"), note("Thu"), note("Fri"), note("Sat"), note("Sun")]


class CalendarHeatMap(Chart):
    """A cell for each day, shaded by its rows or a number: weekdays and seasons show at once."""

    title = "Calendar"
    group = "Time"
    lasting: ClassVar[bool] = True

    x: Annotated[str, ColumnName("date", "datetime")] = P(title="Days", description="The dates to lay out.")
    aggregation: Aggregation = parts.aggregation_field()
    y: OptionalColumn = P(default=None, title="Value", description="The column to measure; none counts rows.")
    show: Literal["value", "change", "change, %"] = P(
        default="value", title="Show", description="The value of each day, or its change on the day before."
    )
    years: Annotated[int, Number(1, YEARS)] = P(
        default=4, ge=1, le=YEARS, title="Most years", description="How many years to show, the latest first."
    )

    def check(self, columns: Schema) -> None:
        super().check(columns)
        measuring.check_measure(self.title, self.aggregation, self.y, columns)

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        kind = measuring.kinds(table)[self.x]
        value = ordinal(self.x, kind)
        asked = {"years": "list(DISTINCT year(:day))", "missing": "count(*) - count(:v)"}
        day = sql.template("CASE WHEN :v IS NOT NULL THEN :x END", v=value, x=sql.name(self.x))
        query = exp.select(
            *[exp.alias_(sql.template(text, v=value, day=day), key) for key, text in asked.items()]
        )
        found = engine.rows(query.from_(table.query.copy().subquery("t"))).to_pylist()[0]
        # years that Python's calendar has
        known = sorted({year for year in found["years"] or [] if year is not None and 1 < year < 9999})
        shown_years = known[-self.years :]
        facts = {
            "kind": kind, "grain": "day", "missing": found["missing"], "infinite": 0, "years": shown_years,
            "hidden": len(set(found["years"] or []) - {None}) - len(shown_years),
        }  # fmt: skip
        columns = {"x": "string", "value": "float64", "rows": "float64"}
        if not shown_years:
            return with_notes(parts.to_table([], columns), **facts)
        among = sql.template("year(:day)", day=day).isin(*map(sql.literal, shown_years))
        measured = measuring.measures(table, self.aggregation, self.y)
        rows = grouping.grouped(table, engine, {}, measured, {"x": steps.trunc(self.x, "day")}, among)
        records = sorted(rows.to_pylist(), key=lambda row: row["x"])
        facts["infinite"] = sum(row["infinite"] for row in records)
        if self.show != "value":
            records, facts["hollow"] = self._changed(records, facts)
            columns["measured"] = "float64"
        return with_notes(parts.to_table(records, columns), **facts)

    def _changed(self, rows: list[dict[str, Any]], facts: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
        """The days that have rows, each against the day before: one without rows counts and sums to 0."""
        nothing = 0.0 if self.aggregation in measuring.ZERO else None
        whole = steps.filled(rows, {}, facts, nothing)
        found, hollow = changes.changed(whole, (), facts, self.show, 1, "trailing")
        return [row for row in found if row["rows"]], hollow

    def _what(self) -> Note:
        what = measuring.measured(self.aggregation, self.y)
        return note(_SHOWN[self.show], what=what) if self.show != "value" else what

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        from plotly.subplots import make_subplots

        if not data.num_rows:
            return blank(note("There are no values to draw."), say)
        years, what = notes(data)["years"], say(self._what())
        figure = make_subplots(rows=len(years), cols=1, vertical_spacing=min(0.1, 0.3 / len(years)))
        rows = parts.numbered(data)
        for panel, year in enumerate(years, start=1):
            own = [row for row in rows if int(row["x"][:4]) == year]
            weeks = _shown_weeks(year, own if len(years) == 1 else [])
            figure.add_trace(_sheet(year, own, weeks, say), row=panel, col=1)
            figure.update_yaxes(
                title={"text": str(year)}, tickmode="array", tickvals=[0, 2, 4, 6],
                ticktext=[say(_NAMES[day]) for day in (0, 2, 4, 6)], autorange="reversed", row=panel, col=1,
            )  # fmt: skip
            months = [day for day in _months(year) if _week(day) in weeks]
            figure.update_xaxes(
                tickmode="array", tickvals=[_place(day) for day in months],
                ticktext=[say(_MONTHS[day.month - 1]) for day in months], row=panel, col=1,
            )  # fmt: skip
        title = {"text": shown(say(self._title()), 120), "x": 0, "y": 0.98, "yanchor": "top"}
        figure.update_layout(
            title=title, height=130 * len(years) + 120, margin={"t": 56},
            coloraxis={"autocolorscale": True, "colorbar": {"title": {"text": shown(what, 24)}}},
        )  # fmt: skip
        return figure

    def mark(self, data: pa.Table, row: int) -> Mark | None:
        return steps.door(self.x, notes(data), data.column("x")[row].as_py())

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        """The days in a range of weeks and weekdays: x counts the weeks of all years, y is 0 on Mondays."""
        if x is None and y is None:
            return Selection()
        facts = notes(data)
        found = []
        for year in facts["years"]:
            begin = year * _COLUMNS
            columns = _between(x, begin, begin + _week(dt.date(year, 12, 31)))
            weeks, days = [column - begin for column in columns], _between(y, 0, _DAYS - 1)
            if weeks and days and len(days) == _DAYS:
                found.append(_days(year, weeks[0], 0, weeks[-1], _DAYS - 1))
            elif weeks and days:
                found += [_days(year, week, days[0], week, days[-1]) for week in weeks]
        marks = [
            Mark(parts=(Within(column=self.x, low=low, high=high),))
            for ends in found if ends
            for low, high in [[from_text(facts["kind"], end.isoformat()) for end in ends]]
        ]  # fmt: skip
        return Selection(marks=tuple(marks)) if marks else Selection(exclude=True)

    def zoom(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        """The period alone: whoever comes closer to some weeks wants all of their days."""
        return self.region(data, x, None) if x is not None else None

    def _title(self) -> Note:
        return note("{what} of each day of {x}", what=self._what(), x=self.x)

    def describe(self, data: pa.Table) -> Note:
        facts, rows = notes(data), [row for row in data.to_pylist() if row["value"] is not None]
        if not rows:
            what = self._what()
            return note("{what} by {x}: there are no values to draw.", what=what, x=self.x)
        by_day: list[list[float]] = [[] for _ in range(_DAYS)]
        for row in rows:
            by_day[dt.date.fromisoformat(row["x"][:10]).weekday()].append(row["value"])
        means = [
            pair(_NAMES[i], number(sum(values) / len(values))) for i, values in enumerate(by_day) if values
        ]
        rows.sort(key=lambda row: -row["value"])
        return sentences(
            note(
                "{title}, as a calendar of {years}: {days} with rows. Highest: {high}. Lowest: {low}.",
                title=self._title(), years=[str(year) for year in facts["years"]],
                days=note("{count:,} day | {count:,} days", count=len(rows)),
                high=_day(rows[0]), low=_day(rows[-1]),
            ),
            note("Mean of the days by weekday: {means}.", means=listed(means)),
            counted(_HIDDEN, facts["hidden"]),
            counted(HOLLOW, facts.get("hollow")),
            counted("{count:,} row has no {x}. | {count:,} rows have no {x}.", facts["missing"], x=self.x),
            counted(INFINITE, facts["infinite"]),
        )  # fmt: skip

    @classmethod
    def example(cls) -> CalendarHeatMap:
        return cls(x="day", aggregation="sum", y="quantity")


_MONTHS = [
    note("Jan"), note("Feb"), note("Mar"), note("Apr"), note("May"), note("Jun"),
    note("Jul"), note("Aug"), note("Sep"), note("Oct"), note("Nov"), note("Dec"),
]  # fmt: skip
_SHOWN = {
    "change": "{what}, change on the day before",
    "change, %": "{what}, change on the day before in %",
}
_HIDDEN = "{count:,} more year is not shown. | {count:,} more years are not shown."


def _shown_weeks(year: int, rows: list[dict[str, Any]]) -> range:
    """The weeks of a year's panel: all of them, or those around the days of a single short period."""
    last = _week(dt.date(year, 12, 31))
    held = [_week(dt.date.fromisoformat(row["x"][:10])) for row in rows]
    if not held:
        return range(last + 1)
    spare = max(1, (_FEWEST - (max(held) - min(held))) // 2)
    return range(max(0, min(held) - spare), min(last, max(held) + spare) + 1)


def _months(year: int) -> list[dt.date]:
    return [dt.date(year, month, 1) for month in range(1, 13)]


def _sheet(year: int, rows: list[dict[str, Any]], weeks: range, say: Say) -> go.Heatmap:
    """One year: a grid of weekdays and weeks, empty where a day has no rows."""
    import plotly.graph_objects as go

    wide = len(weeks)
    grid: list[list[float | None]] = [[None] * wide for _ in range(_DAYS)]
    behind = [[-1] * wide for _ in range(_DAYS)]
    hover = [[""] * wide for _ in range(_DAYS)]
    for row in rows:
        day = dt.date.fromisoformat(row["x"][:10])
        down, across = day.weekday(), _week(day) - weeks[0]
        grid[down][across], behind[down][across] = row["value"], row["row"]
        hover[down][across] = f"{day.isoformat()} {say(_NAMES[down])}: {number(row['value'])}"
    return go.Heatmap(
        x=[year * _COLUMNS + week for week in weeks],
        z=grid,
        customdata=behind,
        hovertext=hover,
        hoverinfo="text",
        coloraxis="coloraxis",
        xgap=1,
        ygap=1,
    )


def _week(day: dt.date) -> int:
    """In which column of its year a day stands: columns are weeks that begin on Monday."""
    return (day.timetuple().tm_yday - 1 + dt.date(day.year, 1, 1).weekday()) // 7


def _place(day: dt.date) -> int:
    """Where a day's week stands on the axis: each year has its own weeks, in whichever panel it is drawn."""
    return day.year * _COLUMNS + _week(day)


def _between(ends: Span | None, first: int, last: int) -> range:
    """The whole numbers of `first` to `last` in a range; within one of them, that one."""
    low, high = sorted(float(end) for end in ends) if ends is not None else (first, last)
    low, high = max(low, first - 0.5), min(high, last + 0.5)
    if low > high:
        return range(0)
    some = range(math.ceil(low), math.floor(high) + 1)
    middle = min(last, max(first, round((low + high) / 2)))
    return some or range(middle, middle + 1)


def _days(year: int, week: int, day: int, last_week: int, last_day: int) -> tuple[dt.date, dt.date] | None:
    """From which day to before which: weekdays of a year's weeks, none of them of another year."""
    begin = dt.date(year, 1, 1)
    monday = begin - dt.timedelta(days=begin.weekday())
    first = max(begin, monday + dt.timedelta(weeks=week, days=day))
    after = min(dt.date(year + 1, 1, 1), monday + dt.timedelta(weeks=last_week, days=last_day + 1))
    return (first, after) if first < after else None


def _day(row: dict[str, Any]) -> Note:
    return pair(str(row["x"])[:10], number(row["value"]))
