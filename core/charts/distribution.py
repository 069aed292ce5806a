"""How values spread: histograms of numbers and dates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import curve, facets, guides, parts, tips
from core.charts.drawing import Legend, Say, blank, logarithmic, notes, with_notes
from core.charts.facets import Faceted
from core.charts.grouping import COLOURS, grouped, spread
from core.charts.guides import Axes, Reference
from core.charts.measuring import kinds
from core.charts.parts import OptionalColumn
from core.charts.words import counted, number, sentences
from core.contracts import Engine, Schema, Span, Table
from core.ordinal import TAME, edges, logarithm, ordinal, to_value
from core.params import ColumnName, Number
from core.selection import Mark, Selection
from core.within import Within
from core.wording import Note, counted_rows, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

SAMPLE_ROWS = 100_000
MOST = 16_000  # bars of all colours in all panels
FENCE = 3.0  # interquartile ranges beyond the quartiles


class Histogram(Faceted):
    """How often values of a number or a date fall into each of equal ranges."""

    title = "Histogram"
    group = "Distribution"

    x: Annotated[str, ColumnName("number", "integer", "date", "datetime")] = P(
        title="Column", description="The numbers or dates to count."
    )
    bins: Annotated[int, Number(5, 200)] = P(
        default=40, ge=1, le=200, title="Bars", description="How many equal ranges to count in."
    )
    extremes: Literal["show", "fold"] = P(
        default="show",
        title="Far values",
        description="Show the whole range, or count values far outside in the first and the last bar.",
    )
    colour: OptionalColumn = parts.colour_field()
    facet: OptionalColumn = facets.facet_field()
    facet_row: OptionalColumn = facets.row_field()
    facet_column: OptionalColumn = facets.column_field()
    tooltip: tips.Tooltip = tips.field()
    log_x: bool = P(
        default=False,
        title="Logarithmic ranges",
        description="Ranges that grow; values up to 0 are left out.",
    )
    log_y: bool = P(
        default=False, title="Logarithmic counts", description="Show small counts beside big ones."
    )
    curve: bool = P(
        default=False,
        title="Density curve",
        description="A smooth curve over the bars: a kernel density of all rows by Silverman's rule.",
    )

    lines: tuple[Reference, ...] = guides.field()

    def check(self, columns: Schema) -> None:
        super().check(columns)
        self._axes(columns).check(self.title, self.lines)

    def _axes(self, columns: Schema) -> Axes:
        kind = next(one.type for one in columns if one.name == self.x)
        log = self.log_x and kind in ("number", "integer")
        return Axes("number", kind, self.log_y, log, values="across")

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        cut = parts.cuts(table, engine, {**self.facet_cuts(), "colour": (self.colour, COLOURS)})
        bars = math.prod(how.groups() for how in cut.values())  # of each range, in all panels
        value, facts = self._range(table, engine, max(1, min(self.bins, MOST // bars)))
        columns = {"start": "float64", "end": "float64", "value": "float64"}
        columns = dict.fromkeys(cut, "group") | columns
        columns |= tips.columns(table, self.tooltip)
        facts |= {"sampled": parts.sampled(cut), "tips": tips.told(table, self.tooltip)}
        if not facts["rows"]:
            return with_notes(parts.to_table([], columns), **facts)
        code = sql.template(
            "greatest(0, least(:last, CAST(floor((:x - :low) / :width) AS INTEGER)))",
            x=value, low=facts["low"], width=facts["width"], last=facts["bins"] - 1,
        )  # fmt: skip
        counts = {"value": sql.template("CAST(count(*) AS DOUBLE)")}
        bins, present = {"bin": code}, sql.template(":x IS NOT NULL", x=value)
        rows = parts.records(grouped(table, engine, cut, counts, bins, present), cut)
        tips.add(rows, table, engine, self.tooltip, cut, bins, present)
        if self.curve:
            folded = self.extremes == "fold"
            facts["curves"] = curve.curves(table, engine, cut, value, facts, folded=folded)
        title, axes = self.title, self._axes(table.columns)
        facts["lines"] = [
            *guides.of_rows(title, self.lines, axes, "across", self.x, table, engine, present),
            *guides.of_marks(title, self.lines, axes, "up", [row["value"] for row in rows]),
        ]
        ends = self._edges(facts)
        for row in rows:
            row["start"], row["end"] = ends[row["bin"]], ends[row["bin"] + 1]
        order = parts.places(rows, cut, "value")
        rows.sort(key=lambda row: (*[order[key][row[key]] for key in cut], row["start"]))
        return with_notes(parts.to_table(rows, columns), **facts)

    def _range(self, table: Table, engine: Engine, bins: int) -> tuple[exp.Expr, dict[str, Any]]:
        kind = kinds(table)[self.x]
        value = ordinal(self.x, kind)
        log = self.log_x and kind in ("number", "integer")
        if log:
            value = logarithm(value)
        asked = {
            "low": sql.template("min(:x)", x=value),
            "high": sql.template("max(:x)", x=value),
            "rows": sql.template("count(:x)", x=value),
            "missing": sql.template("count(*) - count(:x)", x=sql.name(self.x)),
            "all": sql.template("count(*)"),
        }
        query = exp.select(*[exp.alias_(node, key) for key, node in asked.items()])
        facts: dict[str, Any] = engine.rows(query.from_(table.query.copy().subquery("t"))).to_pylist()[0]
        facts |= {"left_out": facts["all"] - facts["rows"] - facts["missing"], "kind": kind, "log": log}
        if not facts["rows"]:
            return value, facts
        low, high = facts["low"], facts["high"]
        if self.extremes == "fold":
            low, high = within((low, high), fences(table, engine, [value], facts["all"])[0])
        if kind in ("integer", "date") and not log:
            low, high = math.floor(low), math.ceil(high)
            width = float(max(1, math.ceil((high - low + 1) / bins)))
            low, bins = low - (0.5 if kind == "integer" else 0.0), math.ceil((high - low + 1) / width)
        elif high > low and low + (high - low) / bins > low:
            width = (high - low) / bins
        else:
            half = max(abs(low) * 1e-6, 0.5)
            low, width, bins = low - half, 2 * half, 1
        return value, {**facts, "first": facts["low"], "last": facts["high"], "low": float(low),
                       "width": width, "bins": bins}  # fmt: skip

    def _edges(self, facts: dict[str, Any]) -> list[float]:
        return edges(facts["low"], facts["width"], facts["bins"], log=facts["log"])

    def mark(self, data: pa.Table, row: int) -> Mark:
        facts = notes(data)
        start, end = (data.column(key)[row].as_py() for key in ("start", "end"))
        ends = self._edges(facts)
        # the first and the last bar also hold what lies beyond them
        low = (math.ulp(0.0) if facts["log"] else -TAME) if start == ends[0] else start
        inside = Within(column=self.x, low=low, high=TAME if end == ends[-1] else end)
        return parts.mark(data, row, {**self.facets(), "colour": self.colour}, inside)

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        kind = notes(data)["kind"]
        return Selection.of(*parts.span(self.x, kind, x)) if x is not None else Selection()

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        facts = notes(data)
        if not data.num_rows:
            return blank(note("There are no values to draw."), say)
        colours, rows = parts.groups(data, "colour"), parts.numbered(data)
        title = note("Histogram of {x}", x=self.x)
        panels, figure = self.framed(data, title, self.x, say(note("Rows")), say)
        legend = Legend(colours, say)
        for panel in panels:
            for colour in colours:
                own = panel.of(rows, colour=colour)
                figure.add_trace(
                    go.Bar(
                        **self._bars(own, facts), y=[row["value"] for row in own], hoverinfo="text",
                        customdata=[row["row"] for row in own],
                        hovertext=[self._hover(facts, row, say) for row in own], **legend.entry(colour, own),
                    ), **panel.place,
                )  # fmt: skip
        if "curves" in facts:
            curve.draw(figure, facts, panels, len(colours))
        figure.update_layout(barmode="stack", bargap=0)
        legend.put(figure, self.colour)
        if facts["log"]:
            figure.update_xaxes(logarithmic([row["start"] for row in rows] + [row["end"] for row in rows]))
        elif facts["kind"] in ("date", "datetime"):
            figure.update_xaxes(type="date")
        if self.log_y:
            figure.update_yaxes(logarithmic([row["value"] for row in rows]))
        return tips.put(guides.draw(figure, data, say), data, say)

    def _bars(self, rows: list[dict[str, Any]], facts: dict[str, Any]) -> dict[str, Any]:
        """Where the bars stand and how wide they are, in the units of the axis."""
        ends = [(row["start"], row["end"]) for row in rows]
        if facts["log"]:
            return {"x": [(a + b) / 2 for a, b in ends], "width": [b - a for a, b in ends]}
        milliseconds = {"date": 86_400_000, "datetime": 1000}.get(facts["kind"], 1)
        middles = [to_value(facts["kind"], (start + end) / 2) for start, end in ends]
        return {"x": middles, "width": facts["width"] * milliseconds}

    def _hover(self, facts: dict[str, Any], row: dict[str, Any], say: Say) -> str:
        return say(
            note(
                "{range}: {rows} row | {range}: {rows} rows",
                range=self._range_of(facts, row),
                rows=number(row["value"]),
            )
        )

    def _range_of(self, facts: dict[str, Any], row: dict[str, Any]) -> Note:
        ends = (row["start"], row["end"])
        if facts["kind"] in ("date", "datetime"):
            texts = [str(to_value(facts["kind"], end)) for end in ends]
        else:
            texts = [number(end) for end in ends]
        return note("{start} to {end}", start=texts[0], end=texts[1])

    def describe(self, data: pa.Table) -> Note:
        facts = notes(data)
        missing = counted("{count:,} value is missing. | {count:,} values are missing.", facts["missing"])
        if not data.num_rows:
            return sentences(note("Histogram of {x}: there are no values to draw.", x=self.x), missing)
        totals: dict[float, dict[str, Any]] = {}
        for row in data.to_pylist():
            held = totals.setdefault(row["start"], {**row, "value": 0.0})
            held["value"] += row["value"]
        peak = max(totals.values(), key=lambda row: row["value"])
        ends = [to_value(facts["kind"], facts[key]) for key in ("first", "last")]
        texts = [end if isinstance(end, str) else number(10**end if facts["log"] else end) for end in ends]
        return sentences(
            note(
                "Histogram of {x}: {rows} value from {first} to {last}. | Histogram of {x}: {rows} "
                    "values from {first} to {last}.",
                x=self.x, rows=number(facts["rows"]), first=texts[0], last=texts[1],
            ),
            note(
                "The tallest of {bars} bars is {range}, with {rows}.",
                bars=facts["bins"], range=self._range_of(facts, peak), rows=counted_rows(peak["value"]),
            ),
            curve.describe(facts) if "curves" in facts else None,
            guides.describe(data),
            tips.describe(data),
            missing,
            counted(
                "{count:,} value is left out: infinite, enormous, or not above 0 on a log scale. | "
                "{count:,} values are left out: infinite, enormous, or not above 0 on a log scale.",
                facts["left_out"],
            ),
            parts.proposals(facts["sampled"]),
        )  # fmt: skip

    @classmethod
    def example(cls) -> Histogram:
        return cls(x="quantity", bins=5, colour="region")


def fences(
    table: Table, engine: Engine, values: Sequence[exp.Expr], rows: int
) -> list[tuple[float, float] | None]:
    """Beyond where each value lies far outside: three interquartile ranges from the quartiles; None: nowhere.

    The quartiles are those of rows evenly spread over the table; they only choose the range.
    """
    some = exp.select("*").from_(table.query.copy().subquery("t"))
    if (evenly := spread(rows, SAMPLE_ROWS)) is not None:
        some = some.where(evenly)
    asked = [
        exp.alias_(sql.template("quantile_cont(:x, [0.25, 0.75])", x=value), f"q{i}")
        for i, value in enumerate(values)
    ]
    row = engine.rows(exp.select(*asked).from_(some.subquery("s"))).to_pylist()[0]
    found: list[tuple[float, float] | None] = []
    for q1, q3 in ((row[f"q{i}"] or (None, None)) for i in range(len(values))):
        far = None if q1 is None or q1 == q3 else FENCE * (q3 - q1)
        found.append(None if far is None else (q1 - far, q3 + far))
    return found


def within(ends: tuple[float, float], fence: tuple[float, float] | None) -> tuple[float, float]:
    """The range of values without what lies beyond a fence."""
    return ends if fence is None else (max(ends[0], fence[0]), min(ends[1], fence[1]))
