"""How two numbers go together: a point for each row, or how densely they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import bubbles, facets, guides, parts, tips, trend
from core.charts.drawing import Legend, Say, blank, notes, shown, with_notes
from core.charts.facets import Faceted, panels_of
from core.charts.grouping import COLOURS, Cut, Group, mark
from core.charts.guides import Axes, Reference
from core.charts.measuring import kinds
from core.charts.parts import OptionalColumn
from core.charts.plane import AXES, Plane, grid
from core.charts.words import number, sentences
from core.contracts import Engine, Schema, Span, Table
from core.ordinal import ordinal
from core.params import ColumnName
from core.selection import Mark, Selection
from core.within import Within
from core.wording import Note, counted_rows, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa


class Scatter(Faceted):
    """Two numbers against each other: each row a point, or above 20,000 rows how densely they lie."""

    title = "Scatter plot"
    group = "Relation"

    x: Annotated[str, ColumnName("number", "integer")] = P(
        title="Across", description="The numbers from left to right."
    )
    y: Annotated[str, ColumnName("number", "integer")] = P(
        title="Up", description="The numbers from bottom to top."
    )
    colour: OptionalColumn = parts.colour_field()
    size: Annotated[str | None, ColumnName("number", "integer")] = P(
        default=None, title="Size", description="A number that the area of each point tells."
    )
    shape: OptionalColumn = P(
        default=None, title="Shape",
        description=f"A shape for each of its {bubbles.SHAPES} most frequent values, and one for the rest.",
    )  # fmt: skip
    facet: OptionalColumn = facets.facet_field()
    facet_row: OptionalColumn = facets.row_field()
    facet_column: OptionalColumn = facets.column_field()
    tooltip: tips.Tooltip = tips.field()
    extremes: Literal["show", "leave out"] = P(
        default="show",
        title="Far values",
        description="Show the whole range, or leave out what lies far outside.",
    )
    log_x: bool = P(default=False, title="Logarithmic across", description="Values up to 0 are left out.")
    log_y: bool = P(default=False, title="Logarithmic up", description="Values up to 0 are left out.")
    trend: bool = P(
        default=False,
        title="Trend line",
        description="Least squares of all rows, each colour by itself, with the 95% interval of the mean.",
    )

    lines: tuple[Reference, ...] = guides.field()

    POINTS: ClassVar[int] = 20_000
    CELLS: ClassVar[int] = 5_000  # of the density, in all panels together

    def check(self, columns: Schema) -> None:
        super().check(columns)
        self._axes().check(self.title, self.lines)

    def _axes(self) -> Axes:
        return Axes("number", "number", self.log_y, self.log_x)

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        table, numbers = self._plane().placed(table)
        facts, where = self._plane().facts(table, engine, numbers)
        facts["lines"] = guides.of_plane(
            self.title, self.lines, self._axes(), self.x, self.y, table, engine, where
        )
        dense = facts["rows"] > self.POINTS
        wanted = {**self.facet_cuts(), "colour": (None if dense else self.colour, COLOURS)}
        if not dense:
            wanted["shape"] = self.shape, bubbles.SHAPES
        cut = parts.cuts(table, engine, wanted)
        if self.trend:
            coloured = parts.cuts(table, engine, {"colour": (self.colour, COLOURS)}) if dense else {}
            groups = {key: how for key, how in (cut | coloured).items() if key != "shape"}
            facts["trend"] = trend.lines(table, engine, self._plane().units(numbers), groups, facts, where)
        facts |= {"dense": dense, "sampled": parts.sampled(cut)}
        facts |= {"tips": tips.told(table, self.tooltip, single=not dense)}
        if not dense:
            return self._points(table, engine, cut, where, facts)
        cells = grid(int(self.CELLS / panels_of(cut)))
        rows = self._plane().cells(table, engine, numbers, cut, facts, where, cells, self.tooltip)
        columns = dict.fromkeys(cut, "group") | dict.fromkeys(("x_cell", "y_cell", "rows"), "int64")
        columns |= {"x": "float64", "y": "float64"} | tips.columns(table, self.tooltip)
        return with_notes(parts.to_table(rows, columns), **facts)

    def _plane(self) -> Plane:
        return Plane(self.x, self.y, self.log_x, self.log_y, self.extremes == "leave out")

    def _points(
        self, table: Table, engine: Engine, cut: dict[str, Cut], where: exp.Expr, facts: dict[str, Any]
    ) -> pa.Table:
        chosen: list[exp.Expr] = []
        marked: list[exp.Expr] = []
        for key, how in cut.items():
            text = sql.template("CAST(:v AS VARCHAR)", v=how.value())
            chosen += [exp.alias_(text, key), exp.alias_(how.missing(), f"{key}_is")]
            marked += [exp.column(key), exp.alias_(mark(key), f"{key}_is")]
        kind = kinds(table)  # the values themselves: an axis may be logarithmic, its numbers are not
        chosen += [
            exp.alias_(ordinal(name, kind[name]), axis) for axis, name in (("x", self.x), ("y", self.y))
        ]
        sized = ["size"] if self.size else []
        if self.size:
            chosen.append(exp.alias_(ordinal(self.size, kind[self.size]), "size"))
        further = tips.own(table, self.tooltip)
        chosen += [exp.alias_(node, key) for key, node in further.items()]
        chosen.append(exp.alias_(sql.name(sql.ROW), "r"))
        query = exp.select(*chosen).from_(table.query.copy().subquery("t")).where(where)
        query = exp.select(*marked, "x", "y", *sized, *further, "r").from_(query.subquery("p")).order_by("r")
        rows = [{**row, "one": 1.0} for row in parts.records(engine.rows(query), cut)]
        order = parts.places(rows, cut, "one")
        rows.sort(key=lambda row: (*[order[key][row[key]] for key in cut], row["r"]))
        columns = dict.fromkeys(cut, "group") | dict.fromkeys(("x", "y", *sized), "float64")
        columns |= tips.columns(table, self.tooltip, single=True)
        return with_notes(parts.to_table(rows, columns), **facts)

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        facts, plane = notes(data), self._plane()
        if not data.num_rows:
            return blank(note("There are no rows in which both numbers stand."), say)
        colours, rows = parts.groups(data, "colour"), parts.numbered(data)
        panels, figure = self.framed(data, self._title(facts), self.x, self.y, say)
        fast = not facts["dense"] and data.num_rows > 2_000  # drawn with WebGL, not as SVG
        if facts["dense"]:
            most, unit = max(row["rows"] for row in rows), say(note("Rows"))
            for panel in panels:
                drawn = plane.heat(
                    panel.of(
                        rows,
                    ),
                    facts,
                    most,
                )
                drawn.update(showscale=not panel.number)
                drawn.colorbar.title.text = unit
                figure.add_trace(drawn, **panel.place)
            colours = trend.groups(facts.get("trend", []), "colour")
        legend = Legend(colours, say)
        if not facts["dense"]:
            shapes = parts.groups(data, "shape") if self.shape else []
            shapes.sort(key=lambda one: (one.mark != "value", one.mark, one.label))
            sizes = bubbles.Sizes.of(row["size"] for row in rows) if self.size else None
            told_by_colour = self.shape == self.colour and len(shapes) > len(colours) - 1
            named = [] if told_by_colour else shapes  # the legend of colours shows the shapes too
            bubbles.legends(figure, named, self.shape, sizes, self.size, say)
            for panel in panels:
                for colour in colours:
                    own = panel.of(rows, colour=colour)
                    drawn = self._drawn(own, shapes, sizes, fast=fast)
                    drawn.update(legend.entry(colour, own))
                    figure.add_trace(drawn, **panel.place)
        if "trend" in facts:
            trend.draw(figure, facts["trend"], plane, panels, legend, say, named=facts["dense"], fast=fast)
        if colours:
            legend.put(figure, self.colour)
            figure.update_layout(legend={"itemsizing": "constant"})
        plane.scale(figure, facts)
        return tips.put(guides.draw(figure, data, say), data, say)

    def _drawn(
        self, own: list[dict[str, Any]], shapes: list[Group], sizes: bubbles.Sizes | None, *, fast: bool
    ) -> Any:
        """The points of one group in one panel."""
        import numpy as np
        import plotly.graph_objects as go

        if sizes is not None:  # the small ones stand before the big ones
            own = sorted(own, key=lambda row: -(row["size"] or 0.0))
        usual = {"size": 4, "opacity": 0.5} if fast else {"size": 6, "opacity": 0.8}
        texts = {}
        if sizes is not None and len(own) <= bubbles.TEXTS:
            texts = {"text": [f"{shown(self.size)}: {number(row['size'])}" for row in own]}
        return (go.Scattergl if fast else go.Scatter)(
            # arrays: Plotly looks at each item of a list, again and again
            x=np.array([row["x"] for row in own]), y=np.array([row["y"] for row in own]),
            mode="markers", customdata=np.array([row["row"] for row in own]),
            marker=bubbles.marker(own, shapes, sizes, usual), **texts,
        )  # fmt: skip

    def mark(self, data: pa.Table, row: int) -> Mark:
        """The rows at this place: those of the cell, or all that lie under this very point."""
        facts = notes(data)
        if not facts["dense"]:
            places = {axis: data.column(axis)[row].as_py() for axis in AXES}
            inside = [
                Within(column=self._plane().column(axis), low=places[axis], high=places[axis], closed=True)
                for axis in AXES
            ]
        else:
            cell = {f"{axis}_cell": data.column(f"{axis}_cell")[row].as_py() for axis in AXES}
            inside = self._plane().inside(facts, cell)
        groups = self.facets()
        if not facts["dense"]:
            groups |= {"colour": self.colour, "shape": self.shape}
        return parts.mark(data, row, groups, *inside)

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        return self._plane().region(x, y)

    def _title(self, facts: dict[str, Any]) -> Note:
        if not facts["dense"]:
            return note("{y} against {x}", y=self.y, x=self.x)
        if self.colour:
            return note("{y} against {x}, density without colour", y=self.y, x=self.x)
        return note("{y} against {x}, density", y=self.y, x=self.x)

    def describe(self, data: pa.Table) -> Note:
        facts = notes(data)
        if not data.num_rows:
            return note("{y} against {x}: there are no rows in which both numbers stand.", y=self.y, x=self.x)
        ends = {axis: [number(self._plane().value(axis, value)) for value in facts[axis]] for axis in AXES}
        (x_low, x_high), (y_low, y_high) = ends["x"], ends["y"]
        return sentences(
            note(
                "{y} against {x}: {rows}, {x} from {x_low} to {x_high}, {y} from {y_low} to {y_high}.",
                x=self.x, y=self.y, rows=counted_rows(facts["rows"]),
                x_low=x_low, x_high=x_high, y_low=y_low, y_high=y_high,
            ),
            bubbles.describe(data.to_pylist(), parts.groups(data, "shape"), self.shape, self.size)
            if not facts["dense"] else None,
            note("Size and shape are not shown above {points} rows.", points=number(self.POINTS))
            if facts["dense"] and (self.size or self.shape) else None,
            trend.describe(facts["trend"], self._plane()) if "trend" in facts else None,
            self._fullest(data) if facts["dense"] else None,
            guides.describe(data),
            tips.describe(data),
            note(
                "Above {points} rows colour by {colour} tells only the trend lines apart; use panels."
                if "trend" in facts else "Colour by {colour} is not shown above {points} rows; use panels.",
                colour=self.colour, points=number(self.POINTS),
            ) if facts["dense"] and self.colour else None,
            parts.left_out(facts["left_out"]),
            parts.proposals(facts["sampled"]),
        )  # fmt: skip

    def _fullest(self, data: pa.Table) -> Note:
        top = max(data.to_pylist(), key=lambda row: row["rows"])
        return note(
            "Shown as density: the fullest cell, near {x}, {y}, holds {rows}.",
            x=number(top["x"]), y=number(top["y"]), rows=counted_rows(top["rows"]),
        )  # fmt: skip

    @classmethod
    def example(cls) -> Scatter:
        return cls(x="quantity", y="price", colour="region")
