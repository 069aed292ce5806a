"""How values spread: histograms, boxes, and where values are missing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts.drawing import Legend, blank, colour_meta, notes, number, panels, place, shown, with_notes
from core.charts.grouping import COLOURS, FACETS, Group, grouped, in_order, kinds
from core.charts.parts import (
    OptionalColumn,
    colour_field,
    cuts,
    facet_field,
    groups,
    of,
    records,
    to_table,
)  # fmt: skip
from core.contracts import Chart, Engine, Table
from core.ordinal import ordinal, to_value
from core.params import ColumnName, Number

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

SAMPLE_ROWS = 100_000
FENCE = 3.0  # interquartile ranges beyond the quartiles


class Histogram(Chart):
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
    colour: OptionalColumn = colour_field()
    facet: OptionalColumn = facet_field()
    log_x: bool = P(
        default=False,
        title="Logarithmic ranges",
        description="Ranges that grow; values up to 0 are left out.",
    )
    log_y: bool = P(
        default=False, title="Logarithmic counts", description="Show small counts beside big ones."
    )

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        value, facts = self._range(table, engine)
        columns = {"start": "float64", "end": "float64", "value": "float64"}
        cut = cuts(table, engine, {"facet": (self.facet, FACETS), "colour": (self.colour, COLOURS)})
        columns = dict.fromkeys(cut, "group") | columns
        if not facts["rows"]:
            return with_notes(to_table([], columns), **facts)
        code = sql.template(
            "greatest(0, least(:last, CAST(floor((:x - :low) / :width) AS INTEGER)))",
            x=value, low=facts["low"], width=facts["width"], last=facts["bins"] - 1,
        )  # fmt: skip
        rows = records(
            grouped(
                table, engine, cut, {"value": sql.template("CAST(count(*) AS DOUBLE)")},
                {"bin": code}, sql.template(":x IS NOT NULL", x=value),
            ), cut,
        )  # fmt: skip
        sizes: dict[str, dict[Group, float]] = {key: {} for key in cut}
        for row in rows:
            low = facts["low"] + facts["width"] * row["bin"]
            row["start"], row["end"] = low, low + facts["width"]
            for key in cut:
                sizes[key][row[key]] = sizes[key].get(row[key], 0.0) + row["value"]
        places = {
            key: {g: i for i, g in enumerate(in_order(list(size), size))} for key, size in sizes.items()
        }
        rows.sort(key=lambda row: (*[places[key][row[key]] for key in cut], row["start"]))
        return with_notes(to_table(rows, columns), **facts)

    def _range(self, table: Table, engine: Engine) -> tuple[exp.Expr, dict[str, Any]]:
        kind = kinds(table)[self.x]
        value = ordinal(self.x, kind)
        log = self.log_x and kind in ("number", "integer")
        if log:
            value = sql.template("CASE WHEN :x > 0 THEN log10(:x) END", x=value)
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
            low, high = fences(table, engine, value, facts["all"], low, high)
        bins = self.bins
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

    def figure(self, data: pa.Table) -> go.Figure:
        import plotly.graph_objects as go

        facts = notes(data)
        if not data.num_rows:
            return blank("There are no values to draw.")
        facets, colours, rows = groups(data, "facet"), groups(data, "colour"), data.to_pylist()
        names = [facet.label for facet in facets]
        axis = f"log10 of {self.x}" if facts["log"] else self.x
        figure = panels(names, title=f"Histogram of {self.x}", x=axis, y="rows")
        dates = facts["kind"] in ("date", "datetime")
        legend = Legend(colours)
        for i, facet in enumerate(facets):
            for k, colour in enumerate(colours):
                own = of(rows, facet=facet, colour=colour)
                middles = [to_value(facts["kind"], (row["start"] + row["end"]) / 2) for row in own]
                day = 86_400_000 if facts["kind"] == "date" else 1000
                width = facts["width"] * (day if dates else 1)
                hover = [self._range_text(facts, row) + f": {number(row['value'])} rows" for row in own]
                figure.add_trace(
                    go.Bar(
                        x=middles, y=[row["value"] for row in own], width=width, name=shown(colour.label),
                        hovertext=hover, hoverinfo="text", legendgroup=shown(colour.label, 200),
                        meta=colour_meta(k), showlegend=legend.shows(colour, own),
                    ), **place(names, i),
                )  # fmt: skip
        figure.update_layout(barmode="stack", bargap=0, legend={"title": {"text": shown(self.colour or "")}})
        if dates:
            figure.update_xaxes(type="date")
        if self.log_y:
            figure.update_yaxes(type="log")
        return figure

    def _range_text(self, facts: dict[str, Any], row: dict[str, Any]) -> str:
        ends = (row["start"], row["end"])
        if facts["kind"] in ("date", "datetime"):
            texts = [str(to_value(facts["kind"], end)) for end in ends]
        else:
            texts = [number(10**end if facts["log"] else end) for end in ends]
        return f"{texts[0]} to {texts[1]}"

    def describe(self, data: pa.Table) -> str:
        facts = notes(data)
        if not data.num_rows:
            return (
                f"Histogram of {self.x}: there are no values to draw; {number(facts['missing'])} are missing."
            )
        totals: dict[float, dict[str, Any]] = {}
        for row in data.to_pylist():
            held = totals.setdefault(row["start"], {**row, "value": 0.0})
            held["value"] += row["value"]
        peak = max(totals.values(), key=lambda row: row["value"])
        ends = [to_value(facts["kind"], facts[key]) for key in ("first", "last")]
        texts = [end if isinstance(end, str) else number(10**end if facts["log"] else end) for end in ends]
        text = (
            f"Histogram of {self.x}: {number(facts['rows'])} values from {texts[0]} to {texts[1]}. "
            f"The tallest of {facts['bins']} bars is {self._range_text(facts, peak)}, "
            f"with {number(peak['value'])} rows."
        )
        if facts["missing"]:
            text += f" {number(facts['missing'])} values are missing."
        if facts["left_out"]:
            text += f" {number(facts['left_out'])} values are left out: "
            text += "infinite, enormous, or not above 0 on a log scale."
        return text

    @classmethod
    def example(cls) -> Histogram:
        return cls(x="quantity", bins=5, colour="region")


def fences(
    table: Table, engine: Engine, value: exp.Expr, rows: int, low: float, high: float
) -> tuple[float, float]:
    """The range without far values: three interquartile ranges beyond the quartiles.

    The quartiles are those of rows evenly spread over the table; they only choose the range.
    """
    step = max(1, math.ceil(rows / SAMPLE_ROWS))
    some = exp.select("*").from_(table.query.copy().subquery("t"))
    some = some.where(sql.template(":row % :step = 0", row=sql.name(sql.ROW), step=step))
    asked = [
        exp.alias_(sql.template("quantile_cont(:x, :q)", x=value, q=q), f"q{i}")
        for i, q in enumerate((0.25, 0.75))
    ]
    row = engine.rows(exp.select(*asked).from_(some.subquery("s"))).to_pylist()[0]
    if row["q0"] is None or row["q0"] == row["q1"]:
        return low, high
    far = FENCE * (row["q1"] - row["q0"])
    return max(low, row["q0"] - far), min(high, row["q1"] + far)
