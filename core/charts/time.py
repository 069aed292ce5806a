"""How something goes on through time, or along a number: as lines."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import (
    changes,
    facets,
    gaps,
    grouping,
    guides,
    intervals,
    measuring,
    parts,
    steps,
    time_trend,
    tips,
)
from core.charts.changes import Placed, Show
from core.charts.drawing import Legend, Say, blank, logarithmic, notes, with_notes
from core.charts.facets import Faceted, Panels
from core.charts.grouping import COLOURS
from core.charts.guides import Axes, Reference
from core.charts.measuring import Aggregation
from core.charts.parts import OptionalColumn
from core.charts.steps import Grain
from core.charts.words import INFINITE, counted, listed, number, pair, sentences
from core.contracts import Engine, Schema, Span, Table
from core.errors import BadParameter
from core.ordinal import ordinal
from core.params import ColumnName, Number
from core.selection import Mark, Selection
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa


class Course(Faceted):
    """What lines and areas share: a measure of each step, for each group."""

    group = "Time"

    x: Annotated[str, ColumnName("date", "datetime", "integer", "number")] = P(
        title="Along", description="The dates or numbers from left to right."
    )
    aggregation: Aggregation = parts.aggregation_field()
    y: OptionalColumn = P(default=None, title="Value", description="The column to measure; none counts rows.")
    grain: Grain = P(default="auto", title="Step", description="How long one step of time is.")
    colour: OptionalColumn = parts.colour_field()
    facet: OptionalColumn = facets.facet_field()
    facet_row: OptionalColumn = facets.row_field()
    facet_column: OptionalColumn = facets.column_field()
    tooltip: tips.Tooltip = tips.field()
    lines: tuple[Reference, ...] = guides.field()

    def check(self, columns: Schema) -> None:
        super().check(columns)
        measuring.check_measure(self.title, self.aggregation, self.y, columns)
        self._axes(columns).check(self.title, self.lines)

    def log(self) -> bool:
        """Whether equal distances upwards multiply."""
        return False

    def _axes(self, columns: Schema) -> Axes:
        across = next(one.type for one in columns if one.name == self.x)
        return Axes(up="number", across=across, log_up=self.log())

    def _lines(
        self, rows: list[dict[str, Any]], table: Table, engine: Engine, present: exp.Expr
    ) -> guides.Found:
        title, axes = self.title, self._axes(table.columns)
        across = guides.of_rows(title, self.lines, axes, "across", self.x, table, engine, present)
        return across + guides.of_marks(title, self.lines, axes, "up", self._heights(rows))

    def _heights(self, rows: list[dict[str, Any]]) -> list[float | None]:
        """Where the points of all lines stand."""
        return [row["value"] for row in rows]

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        cut = parts.cuts(table, engine, {**self.facet_cuts(), "colour": (self.colour, COLOURS)})
        x, facts = steps.axis(table, engine, self.x, self.grain, cut)
        facts |= {"sampled": parts.sampled(cut), "tips": tips.told(table, self.tooltip)}
        columns = dict.fromkeys(cut, "group") | {"x": "string" if facts["dated"] else "float64"}
        columns |= dict.fromkeys(("value", *self._more(), "rows"), "float64")
        columns |= tips.columns(table, self.tooltip)
        if not facts["rows"]:
            return with_notes(parts.to_table([], columns), **facts)
        asked = measuring.measures(table, self.aggregation, self.y) | self._further(table)
        present = sql.template(":x IS NOT NULL", x=ordinal(self.x, facts["kind"]))
        rows = parts.records(grouping.grouped(table, engine, cut, asked, {"x": x}, present), cut)
        facts["infinite"] = sum(row["infinite"] for row in rows)
        nothing = 0.0 if self.aggregation in measuring.ZERO else None
        rows = steps.filled(rows, cut, facts, nothing)
        facts["empty"] = sum(row["value"] is None for row in rows)
        rows = self._shown(rows, list(cut), facts)
        tips.add(rows, table, engine, self.tooltip, cut, {"x": x}, present)
        facts["lines"] = self._lines(rows, table, engine, present)
        return with_notes(parts.to_table(rows, columns), **facts)

    def _further(self, table: Table) -> dict[str, exp.Expr]:
        """What else is asked of each step."""
        return {}

    def _more(self) -> tuple[str, ...]:
        """Further numbers of each step, beside the one that is drawn."""
        return ()

    def _shown(
        self, rows: list[dict[str, Any]], keys: Sequence[str], facts: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """The rows with what is drawn under "value"."""
        return rows

    def _what(self) -> Note:
        return measuring.measured(self.aggregation, self.y)

    def _axis(self) -> Note:
        """What the axis says of it: shorter than the title, which has more room."""
        return self._what()

    def _drawn_over(
        self, figure: go.Figure, data: pa.Table, panels: Panels, legend: Legend, say: Say
    ) -> None:
        """What else stands in the picture."""

    @abstractmethod
    def _style(self, line: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """How one trace is drawn."""

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        facts = notes(data)
        if not data.num_rows:
            return blank(note("There are no values to draw."), say)
        colours, rows = parts.groups(data, "colour"), parts.numbered(data)
        panels, figure = self.framed(data, self._title(facts), self.x, say(self._axis()), say)
        legend = Legend(colours, say)
        for panel in panels:
            for colour in colours:
                own = panel.of(rows, colour=colour)
                if not own:
                    continue
                style = self._style(own)
                if "stackgroup" in style:
                    style["stackgroup"] = f"{style['stackgroup']} {panel.number}"
                figure.add_trace(
                    go.Scatter(
                        x=[row["x"] for row in own], y=[row["value"] for row in own],
                        customdata=[row["row"] for row in own], **gaps.seen(style, own),
                        **legend.entry(colour, own),
                    ), **panel.place,
                )  # fmt: skip
        self._drawn_over(figure, data, panels, legend, say)
        legend.put(figure, self.colour)
        if facts["dated"]:
            steps.dated(figure, data)
        return tips.put(guides.draw(figure, data, say), data, say)

    def mark(self, data: pa.Table, row: int) -> Mark | None:
        inside = steps.behind(self.x, notes(data), data.column("x")[row].as_py())
        if inside is None:
            return None
        return parts.mark(data, row, {**self.facets(), "colour": self.colour}, inside)

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        return steps.region(self.x, data, x)

    def _title(self, facts: dict[str, Any]) -> Note:
        if not facts["dated"] or not facts["grain"]:
            return note("{what} by {x}", what=self._what(), x=self.x)
        return note("{what} by {x}, step: {grain}", what=self._what(), x=self.x, grain=note(facts["grain"]))

    def _courses(self, data: pa.Table) -> Note:
        lines: dict[str, list[dict[str, Any]]] = {}
        groups = {**self.facets(), "colour": self.colour}
        for row in data.to_pylist():
            if row["value"] is not None:
                lines.setdefault(repr([row.get(key) for key in _GROUPS]), []).append(row)
        return listed(
            [_course(rows, parts.once(groups)) for rows in lines.values()] or [note("no step has a value")], 8
        )

    def _told(self, data: pa.Table, first: Note, *more: Note | None) -> Note:
        """The picture in words: how each line runs, and what was left out."""
        facts = notes(data)
        if not data.num_rows:
            return note("{what} by {x}: there are no values to draw.", what=self._what(), x=self.x)
        return sentences(
            first, *more, counted(_EMPTY, facts.get("empty")), guides.describe(data), tips.describe(data),
            steps.too_fine(facts),
            counted("{count:,} row has no {x}. | {count:,} rows have no {x}.", facts["missing"], x=self.x),
            counted(INFINITE, facts["infinite"] + facts["infinite_x"]),
            parts.proposals(facts["sampled"]),
        )  # fmt: skip


def show_field() -> Any:
    return P(
        default="value", title="Show",
        description="The value, its change on the step or the year before, or all of it up to there.",
    )  # fmt: skip


class Line(Course):
    """How a count, a sum or a mean goes on through time, as lines."""

    title = "Line chart"

    show: Show = show_field()
    rolling: Annotated[int, Number(1, 60)] = P(
        default=1, ge=1, le=1000, title="Rolling mean",
        description="Of how many steps the mean is shown in place of each; 1 shows each as it is.",
    )  # fmt: skip
    placed: Placed = P(
        default="trailing", title="Rolling steps",
        description="Whether the rolling mean takes the steps up to each, or those around it.",
    )  # fmt: skip
    errors: bool = intervals.field()
    trend: bool = P(
        default=False, title="Trend line",
        description="Least squares through the steps of each line, with the 95% interval of its height.",
    )  # fmt: skip
    log_y: bool = P(default=False, title="Logarithmic", description="Equal distances mean equal growth.")

    def check(self, columns: Schema) -> None:
        super().check(columns)
        kind = next(column.type for column in columns if column.name == self.x)
        changes.check(self.title, self.show, self.rolling, self.aggregation, kind)
        intervals.check(self.errors, self.aggregation)
        if self.errors and self._changes():
            raise BadParameter(
                "{title}: a change and a rolling mean have no error bars.",
                hint="Show the value of each step, or draw no error bars.", title=note(self.title),
            )  # fmt: skip

    def log(self) -> bool:
        return self.log_y

    def _changes(self) -> bool:
        return self.show != "value" or self.rolling > 1

    def _more(self) -> tuple[str, ...]:
        return (*(["measured"] if self._changes() else []), *(["error"] if self.errors else []))

    def _further(self, table: Table) -> dict[str, exp.Expr]:
        return intervals.asked(table, self.y) if self.errors else {}

    def _shown(
        self, rows: list[dict[str, Any]], keys: Sequence[str], facts: dict[str, Any]
    ) -> list[dict[str, Any]]:
        if self.errors:
            rows = [{**row, "error": intervals.error(row)} for row in rows]
        if self._changes():
            rows, facts["hollow"] = changes.changed(rows, keys, facts, self.show, self.rolling, self.placed)
        if self.trend:
            facts["trend"] = time_trend.lines(rows, keys, facts["dated"], self.log_y)
        return rows

    def _what(self) -> Note:
        return changes.words(super()._what(), self.show, self.rolling, self.placed)

    def _axis(self) -> Note:
        return changes.axis(self._what(), self.show)

    def zoom(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        return None if self._changes() else self.region(data, x, y)

    def _style(self, line: Sequence[dict[str, Any]]) -> dict[str, Any]:
        style = {"mode": "lines+markers" if len(line) <= 40 else "lines", "connectgaps": False}
        return style | ({"error_y": intervals.whiskers(line)} if self.errors else {})

    def _drawn_over(
        self, figure: go.Figure, data: pa.Table, panels: Panels, legend: Legend, say: Say
    ) -> None:
        found = notes(data).get("trend") or []
        time_trend.draw(figure, data, found, panels, legend, say, log=self.log_y, by=self._by(notes(data)))

    def _by(self, facts: dict[str, Any]) -> Note:
        return note(facts["grain"]) if facts["dated"] else note("1 of {x}", x=self.x)

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        figure = super().figure(data, say)
        if self.log_y and data.num_rows:
            figure.update_yaxes(logarithmic(data.column("value").to_pylist()))
        return figure

    def describe(self, data: pa.Table) -> Note:
        facts = notes(data)
        lines = note("{title}, as lines. {lines}.", title=self._title(facts), lines=self._courses(data))
        halves = self.rolling > 1 and facts.get("empty")
        needs = note("A rolling mean needs values in half of its {steps} steps or more.", steps=self.rolling)
        trends = time_trend.describe(facts.get("trend"), self._by(facts), self.log_y) if self.trend else None
        bars = intervals.FORMULA if self.errors else None
        return self._told(
            data, lines, bars, trends, counted(HOLLOW, facts.get("hollow")), needs if halves else None
        )

    @classmethod
    def example(cls) -> Line:
        return cls(x="day", aggregation="sum", y="quantity", grain="month")


_EMPTY = "{count:,} step has no value: there is a gap. | {count:,} steps have no value: there are gaps."
HOLLOW = (
    "{count:,} step has no percentage: what it is compared with is not above zero. | "
    "{count:,} steps have no percentage: what they are compared with is not above zero."
)
_GROUPS = tuple(f"{key}{end}" for key in (*facets.KEYS, "colour") for end in ("", "_is"))


def _course(rows: list[dict[str, Any]], keys: Sequence[str]) -> Note:
    """How one line runs: its ends, its lowest and its highest point."""
    least, most = min(rows, key=lambda row: row["value"]), max(rows, key=lambda row: row["value"])
    ends = {"first": rows[0], "last": rows[-1], "least": least, "most": most}
    words = note(
        "from {first} at {first_at} to {last} at {last_at}, lowest {least} at {least_at}, "
        "highest {most} at {most_at}",
        **{key: number(row["value"]) for key, row in ends.items()},
        **{f"{key}_at": _at(row["x"]) for key, row in ends.items()},
    )
    name = parts.name_of(rows[0], *keys)
    return pair(name, words) if name else words


def _at(x: object) -> str:
    return x.removesuffix(" 00:00:00") if isinstance(x, str) else number(x)
