"""How columns go together: points or their density, and correlations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts.distribution import fences
from core.charts.drawing import Legend, blank, colour_meta, notes, number, panels, place, shown, with_notes
from core.charts.grouping import COLOURS, FACETS, Cut, Group, grouped, in_order, kinds
from core.charts.parts import OptionalColumn, colour_field, cuts, facet_field, groups, of, records, to_table
from core.contracts import Chart, Engine, Table
from core.ordinal import ordinal
from core.params import ColumnName

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa


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
    colour: OptionalColumn = colour_field()
    facet: OptionalColumn = facet_field()
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
        cut = cuts(table, engine, wanted)
        facts |= {"dense": dense, "left_out": facts["all"] - facts["rows"]}
        if dense:
            return self._density(table, engine, cut, x, y, where, facts)
        return self._points(table, engine, cut, x, y, where, facts)

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
        self, table: Table, engine: Engine, cut: dict[str, Cut], x: exp.Expr, y: exp.Expr, where: exp.Expr,
        facts: dict[str, Any],
    ) -> pa.Table:  # fmt: skip
        chosen: list[exp.Expr] = []
        for key, how in cut.items():
            chosen += [
                exp.alias_(sql.template("CAST(:v AS VARCHAR)", v=how.value()), key),
                exp.alias_(how.mark(), f"{key}_is"),
            ]
        chosen += [exp.alias_(x, "x"), exp.alias_(y, "y"), exp.alias_(sql.name(sql.ROW), "r")]
        query = exp.select(*chosen).from_(table.query.copy().subquery("t")).where(where).order_by("r")
        rows = records(engine.rows(query), cut)
        sizes: dict[str, dict[Group, float]] = {key: {} for key in cut}
        for row in rows:
            for key in cut:
                sizes[key][row[key]] = sizes[key].get(row[key], 0.0) + 1
        places = {
            key: {g: i for i, g in enumerate(in_order(list(size), size))} for key, size in sizes.items()
        }
        rows.sort(key=lambda row: (*[places[key][row[key]] for key in cut], row["r"]))
        columns = dict.fromkeys(cut, "group") | {"x": "float64", "y": "float64"}
        return with_notes(to_table(rows, columns), **facts)

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
        rows = records(grouped(table, engine, cut, {"rows": sql.template("count(*)")}, extra, where), cut)
        size: dict[Group, float] = {}
        for row in rows:
            for key in ("x", "y"):
                row[key] = facts[key][0] + widths[key] * (row[f"{key}_cell"] + 0.5)
            if how is not None:
                size[row["facet"]] = size.get(row["facet"], 0.0) + row["rows"]
        order = {g: i for i, g in enumerate(in_order(list(size), size))}
        rows.sort(key=lambda row: (order[row["facet"]] if order else 0, row["y_cell"], row["x_cell"]))
        columns = dict.fromkeys(cut, "group") | dict.fromkeys(("x_cell", "y_cell", "rows"), "int64")
        columns |= {"x": "float64", "y": "float64"}
        return with_notes(to_table(rows, columns), **facts, cells=cells, widths=widths)

    def figure(self, data: pa.Table) -> go.Figure:
        import plotly.graph_objects as go

        facts = notes(data)
        if not data.num_rows:
            return blank("There are no rows in which both numbers stand.")
        facets, rows = groups(data, "facet"), data.to_pylist()
        names = [facet.label for facet in facets]
        labels = {
            "x": f"log10 of {self.x}" if self.log_x else self.x,
            "y": f"log10 of {self.y}" if self.log_y else self.y,
        }
        title = f"{self.y} against {self.x}"
        if facts["dense"]:
            title += ", density" + (" without colour" if self.colour else "")
        figure = panels(names, title=title, **labels)
        if facts["dense"]:
            most = max(row["rows"] for row in rows)
            for i, facet in enumerate(facets):
                self._draw_density(figure, of(rows, facet=facet), facts, most, i, place(names, i))
            return figure
        colours = groups(data, "colour")
        few = data.num_rows <= 2_000  # above, the browser draws faster with WebGL than with SVG
        kind = go.Scatter if few else go.Scattergl
        legend = Legend(colours)
        for i, facet in enumerate(facets):
            for k, colour in enumerate(colours):
                own = of(rows, facet=facet, colour=colour)
                figure.add_trace(
                    kind(
                        x=[row["x"] for row in own], y=[row["y"] for row in own], mode="markers",
                        marker={"size": 6, "opacity": 0.8} if few else {"size": 4, "opacity": 0.5},
                        name=shown(colour.label), legendgroup=f"{colour.mark} {shown(colour.label, 200)}",
                        meta=colour_meta(k), showlegend=legend.shows(colour, own),
                    ), **place(names, i),
                )  # fmt: skip
        figure.update_layout(legend={"title": {"text": shown(self.colour or "")}})
        return figure

    def _draw_density(
        self, figure: go.Figure, rows: list[dict[str, Any]], facts: dict[str, Any], most: int, index: int,
        where: dict[str, int],
    ) -> None:  # fmt: skip
        import plotly.graph_objects as go

        cells, widths = facts["cells"], facts["widths"]
        grid: list[list[float | None]] = [[None] * cells["x"] for _ in range(cells["y"])]
        hover = [[""] * cells["x"] for _ in range(cells["y"])]
        for row in rows:
            # a few crowded cells would leave all others pale
            grid[row["y_cell"]][row["x_cell"]] = math.log10(row["rows"])
            hover[row["y_cell"]][row["x_cell"]] = (
                f"{number(row['rows'])} rows near {number(row['x'])}, {number(row['y'])}"
            )
        ticks = list(range(int(math.log10(most)) + 1))
        figure.add_trace(
            go.Heatmap(autocolorscale=True,
                z=grid, x0=facts["x"][0] + widths["x"] / 2, dx=widths["x"],
                y0=facts["y"][0] + widths["y"] / 2, dy=widths["y"], zmin=0, zmax=max(math.log10(most), 0.1),
                hovertext=hover, hoverinfo="text",
                showscale=index == 0, colorbar={
                    "title": {"text": "rows"}, "tickvals": ticks, "ticktext": [f"{10**t:,}" for t in ticks],
                },
            ), **where,
        )  # fmt: skip

    def describe(self, data: pa.Table) -> str:
        facts = notes(data)
        if not data.num_rows:
            return f"{self.y} against {self.x}: there are no rows in which both numbers stand."
        ends = {
            key: [number(10**v if log else v) for v in facts[key]]
            for key, log in (("x", self.log_x), ("y", self.log_y))
        }
        text = (
            f"{self.y} against {self.x}: {number(facts['rows'])} rows, "
            f"{self.x} from {ends['x'][0]} to {ends['x'][1]}, {self.y} from {ends['y'][0]} to {ends['y'][1]}."
        )
        if facts["dense"]:
            top = max(data.to_pylist(), key=lambda row: row["rows"])
            text += f" Shown as density: the fullest cell, near {number(top['x'])}, {number(top['y'])}, "
            text += f"holds {number(top['rows'])} rows."
            if self.colour:
                text += f" Colour by {self.colour} is not shown above {number(self.POINTS)} rows; use panels."
        if facts["left_out"]:
            text += f" {number(facts['left_out'])} rows are left out: "
            text += "a value is missing, infinite or outside the range."
        return text

    @classmethod
    def example(cls) -> Scatter:
        return cls(x="quantity", y="price", colour="region")
