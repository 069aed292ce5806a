"""How something goes on through time, or along a number."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import grouping, parts
from core.charts.drawing import Legend, Say, blank, logarithmic, notes, panels, place, with_notes
from core.charts.grouping import COLOURS, FACETS, Aggregation, Cut, Group
from core.charts.parts import OptionalColumn
from core.charts.words import INFINITE, counted, listed, number, pair, sentences
from core.contracts import Chart, ColumnType, Engine, Schema, Span, Table
from core.ordinal import edges, from_text, ordinal
from core.params import ColumnName
from core.selection import Mark, Selection, Within
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

POINTS = 5_000  # in all lines together
A_LINE = 400  # points that a line needs at most to look smooth
Grain = Literal["auto", "second", "minute", "hour", "day", "week", "month", "quarter", "year"]
_DAY = 86_400
_SECONDS: dict[str, float] = {
    "second": 1, "minute": 60, "hour": 3600, "day": _DAY, "week": 7 * _DAY, "month": 30.4 * _DAY,
    "quarter": 91.3 * _DAY, "year": 365.2 * _DAY, "decade": 3652 * _DAY, "century": 36524 * _DAY,
    "millennium": 365242 * _DAY,
}  # fmt: skip


class Line(Chart):
    """How a count, a sum or a mean goes on through time, as lines."""

    title = "Line chart"
    group = "Time"

    x: Annotated[str, ColumnName("date", "datetime", "integer", "number")] = P(
        title="Along", description="The dates or numbers from left to right."
    )
    aggregation: Aggregation = parts.aggregation_field()
    y: OptionalColumn = P(default=None, title="Value", description="The column to measure; none counts rows.")
    grain: Grain = P(default="auto", title="Step", description="How long one step of time is.")
    colour: OptionalColumn = parts.colour_field()
    facet: OptionalColumn = parts.facet_field()
    log_y: bool = P(default=False, title="Logarithmic", description="Equal distances mean equal growth.")

    def check(self, columns: Schema) -> None:
        super().check(columns)
        grouping.check_measure(self.title, self.aggregation, self.y, columns)

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        cut = parts.cuts(table, engine, {"facet": (self.facet, FACETS), "colour": (self.colour, COLOURS)})
        kind = grouping.kinds(table)[self.x]
        dated = kind in ("date", "datetime")
        x, facts = self._steps(table, engine, kind, cut)
        facts |= {"dated": dated, "kind": kind, "infinite": 0, "sampled": parts.sampled(cut)}
        columns = dict.fromkeys(cut, "group") | {"x": "string" if dated else "float64"}
        columns |= {"value": "float64", "rows": "float64"}
        if not facts["rows"]:
            return with_notes(parts.to_table([], columns), **facts)
        asked = grouping.measures(table, self.aggregation, self.y)
        present = sql.template(":x IS NOT NULL", x=ordinal(self.x, kind))
        rows = parts.records(grouping.grouped(table, engine, cut, asked, {"x": x}, present), cut)
        facts["infinite"] = sum(row["infinite"] for row in rows)
        return with_notes(parts.to_table(self._filled(rows, cut, facts), columns), **facts)

    def _steps(
        self, table: Table, engine: Engine, kind: ColumnType, cut: dict[str, Cut]
    ) -> tuple[exp.Expr, dict[str, Any]]:
        """The expression of a row's step, and the facts: range, grain, what had to be coarser."""
        name, value = sql.name(self.x), ordinal(self.x, kind)
        asked = {"low": "min(:v)", "high": "max(:v)", "rows": "count(:v)", "missing": "count(*) - count(:x)",
                 "infinite_x": "count(:x) - count(:v)", "distinct": "approx_count_distinct(:v)"}  # fmt: skip
        query = exp.select(
            *[exp.alias_(sql.template(text, v=value, x=name), key) for key, text in asked.items()]
        )
        facts: dict[str, Any] = engine.rows(query.from_(table.query.copy().subquery("t"))).to_pylist()[0]
        lines = 1
        for how in cut.values():
            lines *= (COLOURS if how.kept is None else len(how.kept)) + 2
        points = min(A_LINE, POINTS // lines)
        facts |= {"grain": None, "asked": None}
        if not facts["rows"]:
            return value, facts
        if kind in ("date", "datetime"):
            return self._dates(value, kind, facts, POINTS // lines, points)
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
        self, value: exp.Expr, kind: str, facts: dict[str, Any], most: int, points: int
    ) -> tuple[exp.Expr, dict[str, Any]]:
        span = (facts["high"] - facts["low"]) * (_DAY if kind == "date" else 1)
        finest = "day" if kind == "date" else "second"
        fits = [
            g
            for g, s in _SECONDS.items()
            if s >= _SECONDS[finest] and span / s <= (points if self.grain == "auto" else most)
        ]
        grain = fits[0] if fits else "millennium"
        if self.grain != "auto":
            asked = max(_SECONDS[self.grain], _SECONDS[finest])
            grain = next(g for g, s in _SECONDS.items() if s >= max(asked, _SECONDS[grain]))
            facts["asked"] = (
                self.grain if grain != self.grain and _SECONDS[self.grain] >= _SECONDS[finest] else None
            )
        facts["grain"] = grain
        cut_off = sql.template(
            "CASE WHEN isfinite(:x) THEN date_trunc(:grain, CAST(:x AS TIMESTAMP)) END",
            x=sql.name(self.x), grain=grain,
        )  # fmt: skip
        return cut_off, facts

    def _filled(
        self, rows: list[dict[str, Any]], cut: dict[str, Cut], facts: dict[str, Any]
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
            steps = _between(steps, facts["grain"])
        nothing = 0.0 if self.aggregation in ("count", "sum", "distinct") else None
        filled = []
        for line in sorted(held, key=lambda line: [places[key][g] for key, g in zip(cut, line, strict=True)]):
            for step in steps:
                empty = dict(zip(cut, line, strict=True)) | {"x": step, "value": nothing, "rows": 0.0}
                if step in held[line] or isinstance(facts["grain"], str):
                    filled.append(held[line].get(step, empty))
        return filled

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        facts = notes(data)
        if not data.num_rows:
            return blank(note("There are no values to draw."), say)
        facets, colours = parts.groups(data, "facet"), parts.groups(data, "colour")
        names, rows = [say(facet.words()) for facet in facets], parts.numbered(data)
        what = say(grouping.measured(self.aggregation, self.y))
        figure = panels(names, title=say(self._title(facts)), x=self.x, y=what)
        legend = Legend(colours, say)
        for i, facet in enumerate(facets):
            for colour in colours:
                own = parts.of(rows, facet=facet, colour=colour)
                if not own:
                    continue
                figure.add_trace(
                    go.Scatter(
                        x=[row["x"] for row in own], y=[row["value"] for row in own], connectgaps=False,
                        customdata=[row["row"] for row in own],
                        mode="lines+markers" if len(own) <= 40 else "lines", **legend.entry(colour, own),
                    ), **place(names, i),
                )  # fmt: skip
        legend.put(figure, self.colour)
        if facts["dated"]:
            figure.update_xaxes(type="date")
        if self.log_y:
            figure.update_yaxes(logarithmic(data.column("value").to_pylist()))
        return figure

    def mark(self, data: pa.Table, row: int) -> Mark:
        facts, x = notes(data), data.column("x")[row].as_py()
        if isinstance(facts["grain"], str):
            moment = dt.datetime.fromisoformat(x)
            later, kind = _next(moment, facts["grain"]), facts["kind"]
            high = from_text(kind, later.isoformat()) if later else None
            inside = Within(column=self.x, low=from_text(kind, x), high=high)
        elif facts["grain"]:
            ends = edges(facts["low"], facts["grain"], facts["points"])
            step = round((x - facts["low"]) / facts["grain"])
            last = step == facts["points"] - 1
            low = ends[step] if step else facts["low"]
            inside = Within(
                column=self.x, low=low, high=facts["high"] if last else ends[step + 1], closed=last
            )
        else:
            inside = Within(column=self.x, low=x, high=x, closed=True)
        return parts.mark(data, row, {"facet": self.facet, "colour": self.colour}, inside)

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        return Selection.of(*parts.span(self.x, notes(data)["kind"], x)) if x is not None else Selection()

    def _title(self, facts: dict[str, Any]) -> Note:
        what = grouping.measured(self.aggregation, self.y)
        if not facts["dated"] or not facts["grain"]:
            return note("{what} by {x}", what=what, x=self.x)
        return note("{what} by {x}, step: {grain}", what=what, x=self.x, grain=note(facts["grain"]))

    def describe(self, data: pa.Table) -> Note:
        facts = notes(data)
        if not data.num_rows:
            what = grouping.measured(self.aggregation, self.y)
            return note("{what} by {x}: there are no values to draw.", what=what, x=self.x)
        lines: dict[str, list[dict[str, Any]]] = {}
        for row in data.to_pylist():
            if row["value"] is not None:
                lines.setdefault(repr([row.get(key) for key in _GROUPS]), []).append(row)
        return sentences(
            note(
                "{title}, as lines. {lines}.",
                title=self._title(facts), lines=listed([_course(rows) for rows in lines.values()], 8),
            ),
            note("A step of one {grain} would give too many points to draw.", grain=note(facts["asked"]))
            if facts["asked"] else None,
            counted("{count:,} row has no {x}. | {count:,} rows have no {x}.", facts["missing"], x=self.x),
            counted(INFINITE, facts["infinite"] + facts["infinite_x"]),
            parts.proposals(facts["sampled"]),
        )  # fmt: skip

    @classmethod
    def example(cls) -> Line:
        return cls(x="day", aggregation="sum", y="quantity", grain="month")


_GROUPS = ("facet", "facet_is", "colour", "colour_is")


def _course(rows: list[dict[str, Any]]) -> Note:
    """How one line runs: its ends, its lowest and its highest point."""
    least, most = min(rows, key=lambda row: row["value"]), max(rows, key=lambda row: row["value"])
    ends = {"first": rows[0], "last": rows[-1], "least": least, "most": most}
    words = note(
        "from {first} at {first_at} to {last} at {last_at}, lowest {least} at {least_at}, "
        "highest {most} at {most_at}",
        **{key: number(row["value"]) for key, row in ends.items()},
        **{f"{key}_at": _at(row["x"]) for key, row in ends.items()},
    )
    name = parts.name_of(rows[0], "facet", "colour")
    return pair(name, words) if name else words


def _at(x: object) -> str:
    return x.removesuffix(" 00:00:00") if isinstance(x, str) else number(x)


def _between(steps: list[str], grain: str) -> list[str]:
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
        later = _next(moment, grain)
        if later is None:
            break
        moment = later
    return found


def _next(moment: dt.datetime, grain: str) -> dt.datetime | None:
    try:
        if grain in ("second", "minute", "hour", "day", "week"):
            return moment + dt.timedelta(seconds=_SECONDS[grain])
        if grain in ("month", "quarter"):
            months = moment.year * 12 + moment.month - 1 + (1 if grain == "month" else 3)
            return moment.replace(year=months // 12, month=months % 12 + 1)
        years = {"year": 1, "decade": 10, "century": 100, "millennium": 1000}[grain]
        return moment.replace(year=moment.year + years)
    except (ValueError, OverflowError):  # past the year 9999
        return None
