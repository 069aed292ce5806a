"""Strips: every value of a number as a point beside the others of its group, or how densely they lie."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import facets, guides, parts
from core.charts.drawing import Say, blank, colour_meta, logarithmic, notes, strips, with_notes
from core.charts.facets import Faceted
from core.charts.grouping import Cut, grouped, mark
from core.charts.guides import Axes, Reference
from core.charts.measuring import kinds
from core.charts.parts import OptionalColumn
from core.charts.words import listed, number, pair, sentences
from core.contracts import Engine, Schema, Span, Table
from core.ordinal import TAME, edges, logarithm, ordinal
from core.params import ColumnName, Number
from core.selection import Mark, Selection
from core.within import Within
from core.wording import Note, counted_values, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

GOLDEN = 0.6180339887498949  # its multiples never fall together: neighbours stand apart
HALF = 0.36  # of a strip, in distances from one to the next


class Strip(Faceted):
    """Each value of a number as a point in its group's strip, or above 4,000 how densely they lie."""

    title = "Strip plot"
    group = "Distribution"

    y: Annotated[str, ColumnName("number", "integer")] = P(
        title="Values", description="The numbers to compare."
    )
    x: OptionalColumn = P(default=None, title="Groups", description="A strip for each value of this column.")
    facet: OptionalColumn = facets.facet_field()
    facet_row: OptionalColumn = facets.row_field()
    facet_column: OptionalColumn = facets.column_field()
    top: Annotated[int, Number(2, 50)] = parts.top_field(12)
    log_y: bool = P(default=False, title="Logarithmic", description="Values up to 0 are left out.")

    lines: tuple[Reference, ...] = guides.field()

    POINTS: ClassVar[int] = 4_000
    CELLS: ClassVar[int] = 5_000  # in all strips together
    STEPS: ClassVar[int] = 100

    def check(self, columns: Schema) -> None:
        super().check(columns)
        self._axes().check(self.title, self.lines)

    def _axes(self) -> Axes:
        return Axes(up="number", log_up=self.log_y)

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        value = ordinal(self.y, kinds(table)[self.y])
        if self.log_y:
            value = logarithm(value)
        asked = {"n": "count(*)", "m": "count(:x)", "low": "min(:x)", "high": "max(:x)"}
        query = exp.select(*[exp.alias_(sql.template(text, x=value), key) for key, text in asked.items()])
        row = engine.rows(query.from_(table.query.copy().subquery("t"))).to_pylist()[0]
        cut = parts.cuts(table, engine, {**self.facet_cuts(), "x": (self.x, self.top)})
        facts = {
            "rows": int(row["m"]), "left_out": int(row["n"] - row["m"]), "low": row["low"] or 0.0,
            "high": row["high"] or 0.0, "dense": row["m"] > self.POINTS, "sampled": parts.sampled(cut),
        }  # fmt: skip
        where = sql.template(":x IS NOT NULL", x=value)
        facts["lines"] = guides.of_rows(
            self.title, self.lines, self._axes(), "up", self.y, table, engine, where
        )  # fmt: skip
        if facts["dense"]:
            return self._density(table, engine, cut, value, where, facts)
        return self._points(table, engine, cut, where, facts)

    def _points(
        self, table: Table, engine: Engine, cut: dict[str, Cut], where: exp.Expr, facts: dict[str, Any]
    ) -> pa.Table:
        chosen: list[exp.Expr] = []
        marked: list[exp.Expr] = []
        for key, how in cut.items():
            text = sql.template("CAST(:v AS VARCHAR)", v=how.value())
            chosen += [exp.alias_(text, key), exp.alias_(how.missing(), f"{key}_is")]
            marked += [exp.column(key), exp.alias_(mark(key), f"{key}_is")]
        chosen.append(exp.alias_(ordinal(self.y, kinds(table)[self.y]), "y"))
        chosen.append(exp.alias_(sql.name(sql.ROW), "r"))
        query = exp.select(*chosen).from_(table.query.copy().subquery("t")).where(where)
        query = exp.select(*marked, "y", "r").from_(query.subquery("p")).order_by("y", "r")
        rows = [{**row, "one": 1.0} for row in parts.records(engine.rows(query), cut)]
        order = parts.places(rows, cut, "one")
        rows.sort(key=lambda row: [order[key][row[key]] for key in cut])  # by value within each group
        columns = dict.fromkeys(cut, "group") | {"y": "float64"}
        return with_notes(parts.to_table(rows, columns), **facts)

    def _density(
        self, table: Table, engine: Engine, cut: dict[str, Cut], value: exp.Expr, where: exp.Expr,
        facts: dict[str, Any],
    ) -> pa.Table:  # fmt: skip
        most = math.prod(how.groups() for how in cut.values())
        steps = max(8, min(self.STEPS, self.CELLS // most))
        low, width = facts["low"], (facts["high"] - facts["low"]) / steps or 1.0
        width = width if low + width > low else 1.0
        place = sql.template(
            "greatest(0, least(:last, CAST(floor((:v - :low) / :width) AS INTEGER)))",
            v=value, low=low, width=width, last=steps - 1,
        )  # fmt: skip
        counts = {"rows": sql.template("count(*)")}
        rows = parts.records(grouped(table, engine, cut, counts, {"step": place}, where), cut)
        for row in rows:
            row["y"] = self._value(low + width * (row["step"] + 0.5))
        order = parts.places(rows, cut, "rows")
        rows.sort(key=lambda row: (*[order[key][row[key]] for key in cut], row["step"]))
        columns = dict.fromkeys(cut, "group") | {"step": "int64", "rows": "int64", "y": "float64"}
        return with_notes(parts.to_table(rows, columns), **facts, steps=steps, width=width)

    def _value(self, value: float) -> float:
        return float(10**value) if self.log_y else value

    def _edges(self, facts: dict[str, Any]) -> list[float]:
        return edges(facts["low"], facts["width"], facts["steps"], log=self.log_y)

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        if not data.num_rows:
            return blank(note("There are no values to draw."), say)
        facts, groups, rows = notes(data), parts.groups(data, "x"), parts.numbered(data)
        panels, figure = self.framed(data, self._title(facts), self.x or "", self.y, say)
        for panel in panels:
            own = [(k, row) for k, one in enumerate(groups) for row in panel.of(rows, x=one)]
            if facts["dense"]:
                trace = self._cells(own, facts, len(groups), max(row["rows"] for row in rows), say)
                trace.update(showscale=not panel.number)
            else:
                trace = self._drawn(own)
            figure.add_trace(trace, **panel.place)
        figure.update_xaxes(strips(groups, say))
        if self.log_y:
            figure.update_yaxes(logarithmic(self._value(facts[end]) for end in ("low", "high")))
        return guides.draw(figure, data, say)

    def _title(self, facts: dict[str, Any]) -> Note:
        title = note("{y} by {x}", y=self.y, x=self.x) if self.x else note("{column}", column=self.y)
        return note("{title}, density", title=title) if facts["dense"] else title

    def _drawn(self, own: list[tuple[int, dict[str, Any]]]) -> Any:
        """A panel's points, moved aside by steps that keep neighbours apart."""
        import numpy as np
        import plotly.graph_objects as go

        aside = (np.arange(len(own)) * GOLDEN % 1 - 0.5) * 2 * HALF
        return (go.Scatter if len(own) <= 2_000 else go.Scattergl)(
            x=np.array([k for k, _ in own]) + aside, y=np.array([row["y"] for _, row in own]),
            customdata=np.array([row["row"] for _, row in own]), mode="markers", showlegend=False,
            marker={"size": 5, "opacity": 0.6}, hoverinfo="y", meta=colour_meta(0),
        )  # fmt: skip

    def _cells(
        self, own: list[tuple[int, dict[str, Any]]], facts: dict[str, Any], strips: int, most: int, say: Say
    ) -> Any:
        """A panel's strips: shades of a logarithmic scale that all panels share."""
        import numpy as np
        import plotly.graph_objects as go

        counts = np.full((facts["steps"], strips), np.nan)
        behind = np.full((facts["steps"], strips, 2), -1)
        for k, row in own:
            counts[row["step"], k] = row["rows"]
            behind[row["step"], k] = row["row"], row["rows"]
        ticks = list(range(int(math.log10(most)) + 1))
        return go.Heatmap(
            autocolorscale=True, z=np.log10(counts), zmin=0, zmax=max(math.log10(most), 0.1), xgap=8,
            x=[k - 0.5 for k in range(strips + 1)], y=self._edges(facts), customdata=behind,
            hovertemplate="%{y:.4~g}: %{customdata[1]:,}<extra></extra>", hoverongaps=False,
            colorbar={"tickvals": ticks, "ticktext": [f"{10**t:,}" for t in ticks],
                      "title": {"text": say(note("Rows"))}},
        )  # fmt: skip

    def mark(self, data: pa.Table, row: int) -> Mark:
        """The rows of a step of a group, or all that have this very value in it."""
        facts, own = notes(data), data.slice(row, 1).to_pylist()[0]
        low, high, closed = own["y"], own["y"], True
        if facts["dense"]:
            ends = self._edges(facts)
            closed = own["step"] == facts["steps"] - 1
            # without an end beyond the first and the last step: they hold what a rounded logarithm lost
            low = ends[own["step"]] if own["step"] else (math.ulp(0.0) if self.log_y else -TAME)
            high = TAME if closed else ends[own["step"] + 1]
        inside = Within(column=self.y, low=low, high=high, closed=closed)
        return parts.mark(data, row, {**self.facets(), "x": self.x}, inside)

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        inside = Selection.of(*parts.span(self.y, "number", y)) if y is not None else Selection()
        if x is None or self.x is None or not data.num_rows:
            return inside
        return parts.both(parts.among(data, "x", self.x, parts.covered(parts.groups(data, "x"), x)), inside)

    def describe(self, data: pa.Table) -> Note:
        facts = notes(data)
        if not data.num_rows:
            return note("{chart} of {y}: there are no values to draw.", chart=note(self.title), y=self.y)
        found: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in data.to_pylist():
            name = tuple(row.get(f"{key}{end}") for key in (*facets.KEYS, "x") for end in ("", "_is"))
            count = row.get("rows") or 1
            held = found.setdefault(name, {**row, "rows": 0, "low": row["y"], "high": row["y"], "most": 0})
            held["rows"] += count
            held["low"], held["high"] = min(held["low"], row["y"]), max(held["high"], row["y"])
            if facts["dense"] and count > held["most"]:
                held |= {"most": count, "at": row["y"]}
        ends = [number(self._value(facts[end])) for end in ("low", "high")]
        told = note(
            "{rows} from {low} to {high}", rows=counted_values(facts["rows"]), low=ends[0], high=ends[1]
        )
        return sentences(
            note("{chart} of {y}: {values}.", chart=note(self.title), y=self.y, values=told),
            note("{groups}.", groups=listed([_words(row) for row in found.values()])) if self.x else None,
            note(
                "Shown as density: above {points} values no point stands for one.",
                points=number(self.POINTS),
            ) if facts["dense"] else None,
            parts.left_out(facts["left_out"]),
            guides.describe(data),
            parts.proposals(facts["sampled"]),
        )  # fmt: skip

    @classmethod
    def example(cls) -> Strip:
        return cls(y="price", x="region")


def _words(row: dict[str, Any]) -> Note:
    """One strip in words."""
    template = "{rows}, most of them near {at}" if "at" in row else "{rows} from {low} to {high}"
    words = note(
        template, at=number(row.get("at")), rows=counted_values(row["rows"]), low=number(row["low"]),
        high=number(row["high"]),
    )  # fmt: skip
    name = parts.name_of(row, *facets.KEYS, "x")
    return pair(name, words) if name else words
