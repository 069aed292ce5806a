"""How a number spreads in each group."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import facets, guides, parts
from core.charts.drawing import Say, blank, colour_meta, logarithmic, notes, shown, strips, with_notes
from core.charts.facets import Faceted
from core.charts.grouping import Cut, group, mark
from core.charts.guides import Axes, Reference
from core.charts.measuring import finite, kinds
from core.charts.parts import OptionalColumn
from core.charts.words import listed, number, pair, sentences
from core.contracts import Engine, Schema, Span, Table
from core.params import ColumnName, Number
from core.selection import Mark, Selection
from core.within import Within
from core.wording import Note, counted_values, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

HALF = 0.25  # of a box, in distances from one to the next


class BoxPlot(Faceted):
    """The middle half, the median and the far values of a number, for each group."""

    title = "Box plot"
    group = "Distribution"

    y: Annotated[str, ColumnName("number", "integer")] = P(
        title="Values", description="The numbers to compare."
    )
    x: OptionalColumn = P(default=None, title="Groups", description="A box for each value of this column.")
    facet: OptionalColumn = facets.facet_field()
    facet_row: OptionalColumn = facets.row_field()
    facet_column: OptionalColumn = facets.column_field()
    top: Annotated[int, Number(2, 50)] = parts.top_field()
    log_y: bool = P(default=False, title="Logarithmic", description="Show small values beside big ones.")

    lines: tuple[Reference, ...] = guides.field()

    STEPS: ClassVar[int] = 60  # along the axis of a box: far values in the same step are one mark
    MARKS: ClassVar[int] = 4_000  # of far values, in all boxes together

    def check(self, columns: Schema) -> None:
        super().check(columns)
        self._axes().check(self.title, self.lines)

    def _axes(self) -> Axes:
        return Axes(up="number", log_up=self.log_y)

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        value = finite(self.y, kinds(table)[self.y])
        cut = parts.cuts(table, engine, {**self.facet_cuts(), "x": (self.x, self.top)})
        keys = [f"{key}{suffix}" for key in cut for suffix in ("", "_is")]
        inner: list[exp.Expr] = [exp.alias_(value, "y")]
        for key, how in cut.items():
            inner += [
                exp.alias_(sql.template("CAST(:v AS VARCHAR)", v=how.value()), key),
                exp.alias_(how.missing(), f"{key}_is"),
            ]
        found = exp.select(*inner).from_(table.query.copy().subquery("t"))
        found = found.where(sql.template(":v IS NOT NULL", v=value))
        marked = [part for key in cut for part in (exp.column(key), exp.alias_(mark(key), f"{key}_is"))]
        values = exp.select("y", *marked).from_(found.subquery("m"))
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
        lines = guides.of_rows(self.title, self.lines, self._axes(), "up", self.y, table, engine)
        return self._table(rows, cut, lines)

    def _whiskers(
        self, engine: Engine, values: exp.Select, keys: list[str], rows: list[dict[str, Any]]
    ) -> None:
        """Add to each box the ends of its whiskers, and its far values in steps along the axis."""
        steps = max(4, min(self.STEPS, self.MARKS // max(1, len(rows))))
        for row in rows:
            q1, _, q3 = row["q"]
            row["fence_low"], row["fence_high"] = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)
            row["step"] = row["most"] / steps - row["least"] / steps or 1.0  # the difference may overflow
            row |= {"low": row["least"], "high": row["most"], "far": [], "outliers": 0}
        wide = [r for r in rows if r["least"] < r["fence_low"] or r["most"] > r["fence_high"]]
        if not wide:
            return
        known = ("least", "step", "fence_low", "fence_high")
        limits = exp.values(
            [tuple(sql.literal(row[key]) for key in (*keys, *known)) for row in wide],
            alias="w", columns=[*keys, "base", "step", "lo", "hi"],
        )  # fmt: skip
        same = [sql.template(f"v.{key} IS NOT DISTINCT FROM w.{key}") for key in keys]
        place = "CASE WHEN y < lo OR y > hi THEN CAST(floor(y / step - base / step) AS INTEGER) END"
        placed: list[exp.Expr] = [*(exp.column(key, table="v") for key in keys), exp.column("y")]
        placed += [exp.alias_(sql.template(place), "place"), exp.alias_(sql.template("y > hi"), "above")]
        fenced = exp.select(*placed).from_(values.subquery("v"))
        fenced = fenced.join(limits, on=exp.and_(sql.template("true"), *same))
        asked = {"n": "count(*)", "first": "min(y)", "last": "max(y)"}
        query = exp.select(
            *keys, "place", "above", *[exp.alias_(sql.template(text), key) for key, text in asked.items()]
        )
        query = query.from_(fenced.subquery("f"))
        found = engine.rows(
            query.group_by(*[exp.Literal.number(i + 1) for i in range(len(keys) + 2)])
        ).to_pylist()
        boxes = {tuple(row[key] for key in keys): row for row in wide}
        for part in found:
            self._put(boxes[tuple(part[key] for key in keys)], part)

    @staticmethod
    def _put(box: dict[str, Any], part: dict[str, Any]) -> None:
        """Add to a box the values inside its fences, or those of one step outside."""
        if part["place"] is None:
            # interpolated quartiles may lie beyond the last value inside the fences
            box["low"], box["high"] = min(box["q"][0], part["first"]), max(box["q"][2], part["last"])
            return
        box["outliers"] += part["n"]
        value = part["last"] if part["above"] else part["first"]
        box["far"].append({"value": value, "n": part["n"], "first": part["first"], "last": part["last"]})

    def _table(self, rows: list[dict[str, Any]], cut: dict[str, Cut], lines: guides.Found) -> pa.Table:
        for row in rows:
            for key, how in cut.items():
                row[key] = group(row[key], row.pop(f"{key}_is"), how.others)
            row["q1"], row["median"], row["q3"] = row.pop("q")
            row |= {"part": "box", "value": None, "first": None, "last": None}
        order = parts.places(rows, cut, "n")
        rows.sort(key=lambda row: [order[key][row[key]] for key in cut])
        empty = dict.fromkeys(("n", "q1", "median", "q3", "mean", "low", "high", "outliers"))
        tall: list[dict[str, Any]] = []
        for row in rows:
            tall.append(row)
            for far in sorted(row["far"], key=lambda far: far["value"]):
                tall.append({**row, **empty, "part": "outlier", **far})
        ends = ("q1", "median", "q3", "mean", "low", "high", "value", "first", "last")
        numbers = dict.fromkeys(ends, "float64")
        columns = (
            dict.fromkeys(cut, "group") | {"part": "string", "n": "int64"} | numbers | {"outliers": "int64"}
        )
        return with_notes(parts.to_table(tall, columns), sampled=parts.sampled(cut), lines=lines)

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        if not data.num_rows:
            return blank(note("There are no values to draw."), say)
        boxes, rows = parts.groups(data, "x"), parts.numbered(data)
        title = note("{y} by {x}", y=self.y, x=self.x) if self.x else note("{column}", column=self.y)
        panels, figure = self.framed(data, title, self.x or "", self.y, say)
        for panel in panels:
            own = [(k, row) for k, box in enumerate(boxes) for row in panel.of(rows, x=box)]
            stats = [(k, row) for k, row in own if row["part"] == "box"]
            far = [(k, row) for k, row in own if row["part"] == "outlier"]
            for trace in _boxes(stats, say):
                figure.add_trace(trace, **panel.place)
            if far:
                hover = [
                    say(note("{rows} at or near {value}", rows=number(row["n"]), value=number(row["value"])))
                    for _, row in far
                ]
                figure.add_trace(
                    go.Scatter(
                        x=[k for k, _ in far], y=[row["value"] for _, row in far], mode="markers",
                        showlegend=False, marker={"size": 4}, hovertext=hover, hoverinfo="text",
                        meta=colour_meta(0), customdata=[row["row"] for _, row in far],
                    ), **panel.place,
                )  # fmt: skip
        figure.update_xaxes(strips(boxes, say))
        if self.log_y:
            figure.update_yaxes(logarithmic(row[key] for row in rows for key in ("low", "high", "value")))
        return guides.draw(figure, data, say)

    def mark(self, data: pa.Table, row: int) -> Mark:
        """The rows of a box with a value; of a far mark those near it, from its first value to its last."""
        low, high = -sys.float_info.max, sys.float_info.max
        if data.column("part")[row].as_py() == "outlier":
            low, high = (data.column(key)[row].as_py() for key in ("first", "last"))
        inside = Within(column=self.y, low=low, high=high, closed=True)
        return parts.mark(data, row, {**self.facets(), "x": self.x}, inside)

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        inside = Selection.of(*parts.span(self.y, "number", y)) if y is not None else Selection()
        if x is None or self.x is None or not data.num_rows:
            return inside
        return parts.both(parts.among(data, "x", self.x, parts.covered(parts.groups(data, "x"), x)), inside)

    def describe(self, data: pa.Table) -> Note:
        boxes = [row for row in data.to_pylist() if row["part"] == "box"]
        if not boxes:
            return note("Box plot of {y}: there are no values to draw.", y=self.y)
        marks = data.num_rows - len(boxes)
        total = sum(row["outliers"] for row in boxes)
        return sentences(
            note("Box plot of {y}. {boxes}.", y=self.y, boxes=listed([_spread(row) for row in boxes])),
            note(
                "Whiskers end at the last value within 1.5 times the middle half's width of it; "
                "the dashed line is the mean."
            ),
            note(
                "{total} values beyond the whiskers are drawn as {marks}.",
                total=number(total), marks=note("{count:,} mark | {count:,} marks", count=marks),
            ) if total > marks else None,
            guides.describe(data),
            parts.proposals(notes(data)["sampled"]),
        )  # fmt: skip

    @classmethod
    def example(cls) -> BoxPlot:
        return cls(y="price", x="region")


def _boxes(stats: list[tuple[int, dict[str, Any]]], say: Say) -> list[go.Bar | go.Scatter]:
    """The boxes of one panel: their middle halves, which say all of them, and the lines on and around them.

    Plotly's own boxes speak of q1, med and lower fence, in English.
    """
    import plotly.graph_objects as go

    look: dict[str, Any] = {"showlegend": False, "name": "", "meta": colour_meta(0)}
    lines: dict[str, list[tuple[float | None, float | None]]] = {"solid": [], "dash": []}
    for k, row in stats:
        low, high, q1, q3 = (row[key] for key in ("low", "high", "q1", "q3"))
        corners = [(k - HALF, q1), (k - HALF, q3), (k + HALF, q3), (k + HALF, q1), (k - HALF, q1)]
        across = [[(k - wide, y), (k + wide, y)] for wide, y in
                  ((HALF, row["median"]), (HALF / 2, low), (HALF / 2, high))]  # fmt: skip
        strokes: list[Any] = [corners, *across, [(k, low), (k, q1)], [(k, q3), (k, high)]]
        for stroke in strokes:
            lines["solid"] += [*stroke, (None, None)]
        lines["dash"] += [(k - HALF, row["mean"]), (k + HALF, row["mean"]), (None, None)]
    box = go.Bar(
        x=[k for k, _ in stats], base=[row["q1"] for _, row in stats], width=2 * HALF,
        y=[row["q3"] - row["q1"] for _, row in stats], marker={"opacity": 0.5, "line": {"width": 0}},
        hovertext=[shown(say(_spread(row)), 300) for _, row in stats], hoverinfo="text",
        customdata=[row["row"] for _, row in stats], **look,
    )  # fmt: skip
    drawn = [
        go.Scatter(
            x=[x for x, _ in found], y=[y for _, y in found], mode="lines", hoverinfo="skip",
            line={"width": 1.6, "dash": dash}, **look,
        )
        for dash, found in lines.items()
    ]  # fmt: skip
    return [box, *drawn]


def _spread(row: dict[str, Any]) -> Note:
    """One box in words."""
    words = note(
        "median {median}, middle half {q1} to {q3}, whiskers {low} to {high}, {values}",
        values=counted_values(row["n"]),
        **{key: number(row[key]) for key in ("median", "q1", "q3", "low", "high")},
    )
    if row["outliers"]:
        words = note("{box}, {far} beyond the whiskers", box=words, far=number(row["outliers"]))
    name = parts.name_of(row, *facets.KEYS, "x")
    return pair(name, words) if name else words
