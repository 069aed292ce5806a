"""How values spread: histograms, boxes, and where values are missing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts.drawing import blank, listed, notes, number, panels, place, shown, with_notes
from core.charts.grouping import COLOURS, FACETS, Group, finite, grouped, in_order, kinds
from core.charts.parts import (
    OptionalColumn,
    colour_field,
    cuts,
    facet_field,
    groups,
    of,
    records,
    to_table,
    top_field,
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
        for i, facet in enumerate(facets):
            for colour in colours:
                own = of(rows, facet=facet, colour=colour)
                middles = [to_value(facts["kind"], (row["start"] + row["end"]) / 2) for row in own]
                day = 86_400_000 if facts["kind"] == "date" else 1000
                width = facts["width"] * (day if dates else 1)
                hover = [self._range_text(facts, row) + f": {number(row['value'])} rows" for row in own]
                figure.add_trace(
                    go.Bar(
                        x=middles, y=[row["value"] for row in own], width=width, name=shown(colour.label),
                        hovertext=hover, hoverinfo="text", legendgroup=shown(colour.label, 200),
                        showlegend=len(colours) > 1 and i == 0,
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


class BoxPlot(Chart):
    """The middle half, the median and the far values of a number, for each group."""

    title = "Box plot"
    group = "Distribution"

    y: Annotated[str, ColumnName("number", "integer")] = P(
        title="Values", description="The numbers to compare."
    )
    x: OptionalColumn = P(default=None, title="Groups", description="A box for each value of this column.")
    facet: OptionalColumn = facet_field()
    top: Annotated[int, Number(2, 50)] = top_field()
    log_y: bool = P(default=False, title="Logarithmic", description="Show small values beside big ones.")

    SHOWN: ClassVar[int] = 20  # far values drawn on each side of a box; the rest is counted

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        value = finite(self.y, kinds(table)[self.y])
        cut = cuts(table, engine, {"facet": (self.facet, FACETS), "x": (self.x, self.top)})
        keys = [f"{key}{suffix}" for key in cut for suffix in ("", "_is")]
        inner: list[exp.Expr] = [exp.alias_(value, "y")]
        for key, how in cut.items():
            inner += [
                exp.alias_(sql.template("CAST(:v AS VARCHAR)", v=how.value()), key),
                exp.alias_(how.mark(), f"{key}_is"),
            ]
        values = (
            exp.select(*inner)
            .from_(table.query.copy().subquery("t"))
            .where(sql.template(":v IS NOT NULL", v=value))
        )
        by = [exp.Literal.number(i + 1) for i in range(len(keys))]
        stats = {
            "n": "count(*)", "q": "quantile_cont(y, [0.25, 0.5, 0.75])", "mean": "avg(y)",
            "least": "min(y)", "most": "max(y)",
        }  # fmt: skip
        query = exp.select(*keys, *[exp.alias_(sql.template(text), key) for key, text in stats.items()])
        query = query.from_(values.subquery("v"))
        rows = engine.rows(query.group_by(*by) if by else query).to_pylist()
        rows = [row for row in rows if row["n"]]
        self._whiskers(engine, values, keys, rows)
        return self._table(rows, cut)

    def _whiskers(
        self, engine: Engine, values: exp.Select, keys: list[str], rows: list[dict[str, Any]]
    ) -> None:
        """Add to each box the ends of its whiskers and the values beyond them."""
        for row in rows:
            q1, _, q3 = row["q"]
            row["fence_low"], row["fence_high"] = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)
            row |= {"low": row["least"], "high": row["most"], "far": [], "outliers": 0}
        wide = [r for r in rows if r["least"] < r["fence_low"] or r["most"] > r["fence_high"]]
        if not wide:
            return
        limits = exp.values(
            [tuple(sql.literal(row[key]) for key in (*keys, "fence_low", "fence_high")) for row in wide],
            alias="w", columns=[*keys, "lo", "hi"],
        )  # fmt: skip
        same = [sql.template(f"v.{key} IS NOT DISTINCT FROM w.{key}") for key in keys]
        fenced = exp.select(*[f"v.{key}" for key in keys], "y", "lo", "hi").from_(values.subquery("v"))
        fenced = fenced.join(limits, on=exp.and_(sql.template("true"), *same))
        asked = {
            "low": "min(y) FILTER (WHERE y >= lo)",
            "high": "max(y) FILTER (WHERE y <= hi)",
            "outliers": "count(*) FILTER (WHERE y < lo OR y > hi)",
            "under": f"min(y, {self.SHOWN}) FILTER (WHERE y < lo)",
            "over": f"max(y, {self.SHOWN}) FILTER (WHERE y > hi)",
        }
        query = exp.select(*keys, *[exp.alias_(sql.template(text), key) for key, text in asked.items()])
        query = query.from_(fenced.subquery("f"))
        if keys:
            query = query.group_by(*[exp.Literal.number(i + 1) for i in range(len(keys))])
        found = {tuple(row[key] for key in keys): row for row in engine.rows(query).to_pylist()}
        for row in wide:
            more = found[tuple(row[key] for key in keys)]
            # interpolated quartiles may lie beyond the last value inside the fence
            row["low"] = min(row["q"][0], more["low"] if more["low"] is not None else row["q"][0])
            row["high"] = max(row["q"][2], more["high"] if more["high"] is not None else row["q"][2])
            row["outliers"] = more["outliers"]
            row["far"] = sorted([*(more["under"] or []), *(more["over"] or [])])

    def _table(self, rows: list[dict[str, Any]], cut: dict[str, Any]) -> pa.Table:
        from core.charts.grouping import group

        for row in rows:
            for key, how in cut.items():
                row[key] = group(row[key], row.pop(f"{key}_is"), how.others)
            row["q1"], row["median"], row["q3"] = row.pop("q")
            row["part"], row["value"] = "box", None
        sizes: dict[str, dict[Group, float]] = {key: {} for key in cut}
        for row in rows:
            for key in cut:
                sizes[key][row[key]] = sizes[key].get(row[key], 0.0) + row["n"]
        places = {
            key: {g: i for i, g in enumerate(in_order(list(size), size))} for key, size in sizes.items()
        }
        rows.sort(key=lambda row: [places[key][row[key]] for key in cut])
        empty = dict.fromkeys(("n", "q1", "median", "q3", "mean", "low", "high", "outliers"))
        tall: list[dict[str, Any]] = []
        for row in rows:
            tall.append(row)
            for value in row["far"]:
                tall.append({**row, **empty, "part": "outlier", "value": value})
        numbers = dict.fromkeys(("q1", "median", "q3", "mean", "low", "high", "value"), "float64")
        columns = (
            dict.fromkeys(cut, "group") | {"part": "string", "n": "int64"} | numbers | {"outliers": "int64"}
        )
        return to_table(tall, columns)

    def figure(self, data: pa.Table) -> go.Figure:
        import plotly.graph_objects as go

        if not data.num_rows:
            return blank("There are no values to draw.")
        facets, boxes, rows = groups(data, "facet"), groups(data, "x"), data.to_pylist()
        names = [facet.label for facet in facets]
        title = f"{self.y} by {self.x}" if self.x else self.y
        figure = panels(names, title=title, x=self.x or "", y=self.y)
        for i, facet in enumerate(facets):
            own = [(k, row) for k, box in enumerate(boxes) for row in of(rows, facet=facet, x=box)]
            stats = [(k, row) for k, row in own if row["part"] == "box"]
            far = [(k, row["value"]) for k, row in own if row["part"] == "outlier"]
            values = {key: [row[key] for _, row in stats] for key in ("q1", "median", "q3", "mean")}
            figure.add_trace(
                go.Box(
                    x=[k for k, _ in stats], **values, lowerfence=[row["low"] for _, row in stats],
                    upperfence=[row["high"] for _, row in stats], name="", showlegend=False,
                ), **place(names, i),
            )  # fmt: skip
            if far:
                figure.add_trace(
                    go.Scatter(x=[k for k, _ in far], y=[v for _, v in far], mode="markers", showlegend=False,
                               name="far values", marker={"size": 4}), **place(names, i),
                )  # fmt: skip
        ticks = [shown(box.label) for box in boxes]
        figure.update_xaxes(tickmode="array", tickvals=list(range(len(boxes))), ticktext=ticks)
        if self.log_y:
            figure.update_yaxes(type="log")
        return figure

    def describe(self, data: pa.Table) -> str:
        boxes = [row for row in data.to_pylist() if row["part"] == "box"]
        if not boxes:
            return f"Box plot of {self.y}: there are no values to draw."
        parts = []
        for row in boxes:
            name = ", ".join(str(row[key]) for key in ("facet", "x") if key in row)
            text = f"median {number(row['median'])}, middle half {number(row['q1'])} to {number(row['q3'])}"
            text += f", whiskers {number(row['low'])} to {number(row['high'])}, {number(row['n'])} values"
            if row["outliers"]:
                text += f", {number(row['outliers'])} beyond the whiskers"
            parts.append(f"{name}: {text}" if name else text)
        drawn = data.num_rows - len(boxes)
        total = sum(row["outliers"] for row in boxes)
        rest = (
            f" Of {number(total)} values beyond the whiskers the {drawn} farthest are drawn."
            if total > drawn
            else ""
        )
        return f"Box plot of {self.y}. {listed(parts)}.{rest}"

    @classmethod
    def example(cls) -> BoxPlot:
        return cls(y="price", x="region")
