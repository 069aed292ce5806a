"""How two numbers go together: a point for each row, or how densely they lie."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import parts
from core.charts.distribution import fences
from core.charts.drawing import Legend, Say, blank, logarithmic, notes, panels, place, with_notes
from core.charts.grouping import COLOURS, FACETS, Cut, grouped, kinds, mark
from core.charts.parts import OptionalColumn
from core.charts.words import counted, number, sentences
from core.contracts import Chart, Engine, Span, Table
from core.ordinal import edges, ordinal
from core.params import ColumnName
from core.selection import Mark, Selection, Within
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

_AXES: tuple[Literal["x", "y"], ...] = ("x", "y")


class Scatter(Chart):
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
    facet: OptionalColumn = parts.facet_field()
    extremes: Literal["show", "leave out"] = P(
        default="show",
        title="Far values",
        description="Show the whole range, or leave out what lies far outside.",
    )
    log_x: bool = P(default=False, title="Logarithmic across", description="Values up to 0 are left out.")
    log_y: bool = P(default=False, title="Logarithmic up", description="Values up to 0 are left out.")

    POINTS: ClassVar[int] = 20_000
    CELLS: ClassVar[int] = 5_000  # of the density, in all panels together

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        x, y = self._axis(table, self.x, self.log_x), self._axis(table, self.y, self.log_y)
        drawn = sql.template(":x IS NOT NULL AND :y IS NOT NULL", x=x, y=y)
        facts = self._facts(table, engine, x, y, drawn)
        limits = sql.template(":x BETWEEN :a AND :b AND :y BETWEEN :c AND :d", x=x, y=y, a=facts["x"][0],
                              b=facts["x"][1], c=facts["y"][0], d=facts["y"][1])  # fmt: skip
        where = limits if self.extremes == "leave out" and facts["all_drawn"] else drawn
        if self.extremes == "leave out" and facts["all_drawn"]:
            query = exp.select(exp.alias_(sql.template("count(*)"), "n")).from_(
                table.query.copy().subquery("t")
            )
            facts["rows"] = int(engine.rows(query.where(where)).to_pylist()[0]["n"])
        dense = facts["rows"] > self.POINTS
        wanted = {"facet": (self.facet, FACETS), "colour": (None if dense else self.colour, COLOURS)}
        cut = parts.cuts(table, engine, wanted)
        facts |= {"dense": dense, "left_out": facts["all"] - facts["rows"], "sampled": parts.sampled(cut)}
        if dense:
            return self._density(table, engine, cut, x, y, where, facts)
        return self._points(table, engine, cut, where, facts)

    def _axis(self, table: Table, column: str, log: bool) -> Any:
        value = ordinal(column, kinds(table)[column])
        return sql.template("CASE WHEN :x > 0 THEN log10(:x) END", x=value) if log else value

    def _facts(
        self, table: Table, engine: Engine, x: exp.Expr, y: exp.Expr, drawn: exp.Expr
    ) -> dict[str, Any]:
        asked = {"n": sql.template("count(*)"), "m": sql.template("count(*) FILTER (WHERE :d)", d=drawn)}
        for key, node in (("x", x), ("y", y)):
            asked[f"{key}0"] = sql.template("min(:v) FILTER (WHERE :d)", v=node, d=drawn)
            asked[f"{key}1"] = sql.template("max(:v) FILTER (WHERE :d)", v=node, d=drawn)
        query = exp.select(*[exp.alias_(node, key) for key, node in asked.items()])
        row = engine.rows(query.from_(table.query.copy().subquery("t"))).to_pylist()[0]
        facts: dict[str, Any] = {"all": int(row["n"]), "all_drawn": int(row["m"]), "rows": int(row["m"])}
        for key, node in (("x", x), ("y", y)):
            low, high = row[f"{key}0"] or 0.0, row[f"{key}1"] or 0.0
            if self.extremes == "leave out" and facts["rows"]:
                low, high = fences(table, engine, node, facts["all"], low, high)
            facts[key] = [low, high]
        return facts

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
        chosen.append(exp.alias_(sql.name(sql.ROW), "r"))
        query = exp.select(*chosen).from_(table.query.copy().subquery("t")).where(where)
        query = exp.select(*marked, "x", "y", "r").from_(query.subquery("p")).order_by("r")
        rows = [{**row, "one": 1.0} for row in parts.records(engine.rows(query), cut)]
        order = parts.places(rows, cut, "one")
        rows.sort(key=lambda row: (*[order[key][row[key]] for key in cut], row["r"]))
        columns = dict.fromkeys(cut, "group") | {"x": "float64", "y": "float64"}
        return with_notes(parts.to_table(rows, columns), **facts)

    def _density(
        self, table: Table, engine: Engine, cut: dict[str, Cut], x: exp.Expr, y: exp.Expr, where: exp.Expr,
        facts: dict[str, Any],
    ) -> pa.Table:  # fmt: skip
        how = cut.get("facet")
        facets = 1 if how is None else (FACETS if how.kept is None else len(how.kept)) + 2
        across = int(math.sqrt(self.CELLS / facets * 1.25))
        cells = {"x": across, "y": int(self.CELLS / facets / across)}
        extra, widths = {}, {}
        for key, node in (("x", x), ("y", y)):
            low, high = facts[key]
            widths[key] = (high - low) / cells[key] or 1.0
            extra[f"{key}_cell"] = sql.template(
                "greatest(0, least(:last, CAST(floor((:v - :low) / :width) AS INTEGER)))",
                v=node, low=low, width=widths[key], last=cells[key] - 1,
            )  # fmt: skip
        rows = parts.records(
            grouped(table, engine, cut, {"rows": sql.template("count(*)")}, extra, where), cut
        )
        for row in rows:
            for key in _AXES:
                row[key] = self._value(key, facts[key][0] + widths[key] * (row[f"{key}_cell"] + 0.5))
        order = parts.places(rows, cut, "rows")
        rows.sort(key=lambda row: (*[order[k][row[k]] for k in cut], row["y_cell"], row["x_cell"]))
        columns = dict.fromkeys(cut, "group") | dict.fromkeys(("x_cell", "y_cell", "rows"), "int64")
        columns |= {"x": "float64", "y": "float64"}
        return with_notes(parts.to_table(rows, columns), **facts, cells=cells, widths=widths)

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import numpy as np
        import plotly.graph_objects as go

        facts = notes(data)
        if not data.num_rows:
            return blank(note("There are no rows in which both numbers stand."), say)
        facets, colours, rows = (
            parts.groups(data, "facet"),
            parts.groups(data, "colour"),
            parts.numbered(data),
        )
        names = [say(facet.words()) for facet in facets]
        figure = panels(names, title=say(self._title(facts)), x=self.x, y=self.y)
        if facts["dense"]:
            most, unit = max(row["rows"] for row in rows), say(note("Rows"))
            for i, facet in enumerate(facets):
                drawn = self._cells(parts.of(rows, facet=facet), facts, most)
                drawn.update(showscale=i == 0)
                drawn.colorbar.title.text = unit
                figure.add_trace(drawn, **place(names, i))
        else:
            few = data.num_rows <= 2_000  # above, the browser draws faster with WebGL than with SVG
            kind = go.Scatter if few else go.Scattergl
            legend = Legend(colours, say)
            for i, facet in enumerate(facets):
                for colour in colours:
                    own = parts.of(rows, facet=facet, colour=colour)
                    figure.add_trace(
                        kind(
                            # arrays: Plotly looks at each item of a list, again and again
                            x=np.array([row["x"] for row in own]), y=np.array([row["y"] for row in own]),
                            mode="markers", customdata=np.array([row["row"] for row in own]),
                            marker={"size": 6, "opacity": 0.8} if few else {"size": 4, "opacity": 0.5},
                            **legend.entry(colour, own),
                        ), **place(names, i),
                    )  # fmt: skip
            legend.put(figure, self.colour)
        if self.log_x:
            figure.update_xaxes(logarithmic(self._value("x", end) for end in facts["x"]))
        if self.log_y:
            figure.update_yaxes(logarithmic(self._value("y", end) for end in facts["y"]))
        return figure

    def _value(self, axis: Literal["x", "y"], value: float) -> float:
        """A value again whose logarithm was counted with: people read the values themselves."""
        return float(10**value) if (self.log_x if axis == "x" else self.log_y) else value

    def _column(self, axis: Literal["x", "y"]) -> str:
        return self.x if axis == "x" else self.y

    def _edges(self, axis: Literal["x", "y"], facts: dict[str, Any]) -> list[float]:
        log = self.log_x if axis == "x" else self.log_y
        return edges(facts[axis][0], facts["widths"][axis], facts["cells"][axis], log=log)

    def mark(self, data: pa.Table, row: int) -> Mark:
        """The rows at this place: those of the cell, or all that lie under this very point."""
        facts = notes(data)
        if not facts["dense"]:
            places = {axis: data.column(axis)[row].as_py() for axis in _AXES}
            inside = [
                Within(column=self._column(axis), low=places[axis], high=places[axis], closed=True)
                for axis in _AXES
            ]
        else:
            inside = []
            for axis in _AXES:
                ends, cell = self._edges(axis, facts), data.column(f"{axis}_cell")[row].as_py()
                last = cell == facts["cells"][axis] - 1
                high = self._value(axis, facts[axis][1]) if last else ends[cell + 1]
                low = self._value(axis, facts[axis][0]) if not cell else ends[cell]
                inside.append(Within(column=self._column(axis), low=low, high=high, closed=last))
        groups = {"facet": self.facet, "colour": None if facts["dense"] else self.colour}
        return parts.mark(data, row, groups, *inside)

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        return Selection.of(*parts.span(self.x, "number", x), *parts.span(self.y, "number", y))

    def _title(self, facts: dict[str, Any]) -> Note:
        if not facts["dense"]:
            return note("{y} against {x}", y=self.y, x=self.x)
        if self.colour:
            return note("{y} against {x}, density without colour", y=self.y, x=self.x)
        return note("{y} against {x}, density", y=self.y, x=self.x)

    def _cells(self, rows: list[dict[str, Any]], facts: dict[str, Any], most: int) -> go.Heatmap:
        """The density of one panel: shades of a logarithmic scale that all panels share."""
        import numpy as np
        import plotly.graph_objects as go

        cells = facts["cells"]
        counts = np.full((cells["y"], cells["x"]), np.nan)
        behind = np.full((cells["y"], cells["x"], 2), -1)  # the row of the result, and how many it counts
        for row in rows:
            counts[row["y_cell"], row["x_cell"]] = row["rows"]
            behind[row["y_cell"], row["x_cell"]] = row["row"], row["rows"]
        sides = {axis: self._edges(axis, facts) for axis in _AXES}
        ticks = list(range(int(math.log10(most)) + 1))
        return go.Heatmap(
            # on a linear scale a few crowded cells would leave all others pale
            autocolorscale=True, z=np.log10(counts), zmin=0, zmax=max(math.log10(most), 0.1), **sides,
            customdata=behind, hovertemplate="%{x:.4~g}, %{y:.4~g}: %{customdata[1]:,}<extra></extra>",
            hoverongaps=False, colorbar={"tickvals": ticks, "ticktext": [f"{10**t:,}" for t in ticks]},
        )  # fmt: skip

    def describe(self, data: pa.Table) -> Note:
        facts = notes(data)
        if not data.num_rows:
            return note("{y} against {x}: there are no rows in which both numbers stand.", y=self.y, x=self.x)
        ends = {axis: [number(self._value(axis, value)) for value in facts[axis]] for axis in _AXES}
        (x_low, x_high), (y_low, y_high) = ends["x"], ends["y"]
        return sentences(
            note(
                "{y} against {x}: {rows} rows, {x} from {x_low} to {x_high}, {y} from {y_low} to {y_high}.",
                x=self.x, y=self.y, rows=number(facts["rows"]),
                x_low=x_low, x_high=x_high, y_low=y_low, y_high=y_high,
            ),
            self._fullest(data) if facts["dense"] else None,
            note(
                "Colour by {colour} is not shown above {points} rows; use panels.",
                colour=self.colour, points=number(self.POINTS),
            ) if facts["dense"] and self.colour else None,
            counted(
                "{count:,} row is left out: a value is missing, infinite or outside the range. | "
                "{count:,} rows are left out: a value is missing, infinite or outside the range.",
                facts["left_out"],
            ),
            parts.proposals(facts["sampled"]),
        )  # fmt: skip

    def _fullest(self, data: pa.Table) -> Note:
        top = max(data.to_pylist(), key=lambda row: row["rows"])
        return note(
            "Shown as density: the fullest cell, near {x}, {y}, holds {rows} rows.",
            x=number(top["x"]), y=number(top["y"]), rows=number(top["rows"]),
        )  # fmt: skip

    @classmethod
    def example(cls) -> Scatter:
        return cls(x="quantity", y="price", colour="region")
