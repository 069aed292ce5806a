"""What a table is made of: bars of categories, and two categories against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as P

from core.charts.drawing import (
    Legend,
    blank,
    colour_meta,
    listed,
    notes,
    number,
    panels,
    place,
    shown,
    with_notes,
)
from core.charts.grouping import (
    COLOURS,
    FACETS,
    Aggregation,
    Cut,
    Group,
    check_measure,
    grouped,
    in_order,
    infinite,
    kinds,
    measure,
    measured,
)  # fmt: skip
from core.charts.parts import (
    OptionalColumn,
    aggregation_field,
    colour_field,
    cuts,
    facet_field,
    groups,
    of,
    records,
    to_table,
    top_field,
)  # fmt: skip
from core.contracts import Chart, Engine, Schema, Table
from core.params import ColumnName, Number

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa


def measured_groups(
    table: Table, engine: Engine, cut: dict[str, Cut], aggregation: Aggregation, y: str | None
) -> tuple[list[dict[str, Any]], int]:
    """Each group's value and rows, and how many infinite values were left out of them all."""
    kind = kinds(table).get(y) if y else None
    asked = {
        "value": measure(aggregation, y, kind),
        "rows": measure("count", None, None),
        "infinite": infinite(y, kind),
    }
    rows = records(grouped(table, engine, cut, asked), cut)
    rows = [row for row in rows if row["rows"]]  # without groups an empty table still yields a row
    return rows, sum(row["infinite"] for row in rows)


class Bar(Chart):
    """A bar for each category: how many rows, or a sum, mean or other number of them."""

    title = "Bar chart"
    group = "Composition"

    x: Annotated[str, ColumnName()] = P(
        title="Categories", description="A bar for each value of this column."
    )
    aggregation: Aggregation = aggregation_field()
    y: OptionalColumn = P(default=None, title="Value", description="The column to measure; none counts rows.")
    colour: OptionalColumn = colour_field()
    facet: OptionalColumn = facet_field()
    top: Annotated[int, Number(2, 50)] = top_field()
    rest: bool = P(
        default=True, title="Show the rest", description="Show the other categories as one bar, other."
    )
    order: Literal["by value", "by name"] = P(
        default="by value", title="Order", description="How the bars stand."
    )
    bars: Literal["stacked", "side by side", "shares"] = P(
        default="stacked",
        title="Colours stand",
        description="How the bars of different colours are put together.",
    )
    log_y: bool = P(default=False, title="Logarithmic", description="Show small values beside big ones.")

    def check(self, columns: Schema) -> None:
        super().check(columns)
        check_measure(self.title, self.aggregation, self.y, {column.name: column.type for column in columns})

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        wanted = {"facet": (self.facet, FACETS), "colour": (self.colour, COLOURS), "x": (self.x, self.top)}
        cut = cuts(table, engine, wanted)
        rows, left_out = measured_groups(table, engine, cut, self.aggregation, self.y)
        hidden = 0 if self.rest else cut["x"].others
        rows = [row for row in rows if self.rest or row["x"].mark != "other"]
        places: dict[str, dict[Group, int]] = {}
        for key in cut:
            size: dict[Group, float] = {}
            for row in rows:  # what adds up orders the bars; a mean does not, its largest one does
                share = row["value"] if key == "x" else row["rows"]
                if self.aggregation in ("count", "sum", "distinct"):
                    size[row[key]] = size.get(row[key], 0.0) + (share or 0.0)
                else:
                    size[row[key]] = max(
                        size.get(row[key], float("-inf")), share if share is not None else float("-inf")
                    )
            ordered = in_order([row[key] for row in rows], size)
            if key == "x" and self.order == "by name":
                ordered = in_order(ordered, {})
            places[key] = {g: i for i, g in enumerate(ordered)}
        rows.sort(key=lambda row: [places[key][row[key]] for key in cut])
        columns = dict.fromkeys(cut, "group") | {"value": "float64", "rows": "float64"}
        order = [[g.label, g.mark] for g in places["x"]]
        return with_notes(to_table(rows, columns), infinite=left_out, order=order, hidden=hidden)

    def figure(self, data: pa.Table) -> go.Figure:
        import plotly.graph_objects as go

        if not data.num_rows:
            return blank("There are no rows to draw.")
        facets, colours, rows = groups(data, "facet"), groups(data, "colour"), data.to_pylist()
        bars = [Group(label, mark) for label, mark in notes(data)["order"]]
        at = {bar: i for i, bar in enumerate(bars)}
        names = [facet.label for facet in facets]
        what = measured(self.aggregation, self.y)
        scale = f"{what}, % of each bar" if self.bars == "shares" else what
        figure = panels(names, title=f"{what} by {self.x}", x=self.x, y=scale)
        legend = Legend(colours)
        for i, facet in enumerate(facets):
            for k, colour in enumerate(colours):
                own = of(rows, facet=facet, colour=colour)
                colour_text = f" ({shown(colour.label)})" if colour.label else ""
                labels = [shown(Group(row["x"], row["x_is"]).label) for row in own]
                figure.add_trace(
                    go.Bar(
                        x=[at[Group(row["x"], row["x_is"])] for row in own], y=[row["value"] for row in own],
                        name=shown(colour.label), legendgroup=f"{colour.mark} {shown(colour.label, 200)}",
                        meta=colour_meta(k), showlegend=legend.shows(colour, own), hoverinfo="text",
                        hovertext=[
                            f"{label}: {number(row['value'])}{colour_text}"
                            for label, row in zip(labels, own, strict=True)
                        ],
                    ), **place(names, i),
                )  # fmt: skip
        figure.update_xaxes(
            tickmode="array", tickvals=list(range(len(bars))), ticklabeloverflow="allow",
            ticktext=[shown(bar.label, 24) for bar in bars],
        )  # fmt: skip
        figure.update_layout(
            barmode="group" if self.bars == "side by side" else "stack",
            barnorm="percent" if self.bars == "shares" else None,
            legend={"title": {"text": shown(self.colour or "")}},
        )
        if self.log_y:
            figure.update_yaxes(type="log")
        return figure

    def describe(self, data: pa.Table) -> str:
        what = measured(self.aggregation, self.y)
        if not data.num_rows:
            return f"Bars of {what} by {self.x}: there are no rows to draw."
        parts = [
            ", ".join(str(row[key]) for key in ("facet", "x", "colour") if key in row)
            + f": {number(row['value'])}"
            for row in data.to_pylist()
        ]
        left = notes(data)["infinite"]
        rest = f" {number(left)} infinite values are left out." if left else ""
        if notes(data)["hidden"]:
            rest += f" {number(notes(data)['hidden'])} more categories are not shown."
        return f"Bars of {what} by {self.x}. {listed(parts)}.{rest}"

    @classmethod
    def example(cls) -> Bar:
        return cls(x="region", aggregation="mean", y="quantity")


class HeatMap(Chart):
    """Two categories against each other: a cell for each pair, shaded by its rows or a number."""

    title = "Heat map"
    group = "Composition"

    x: Annotated[str, ColumnName()] = P(title="Across", description="The categories from left to right.")
    y: Annotated[str, ColumnName()] = P(title="Down", description="The categories from top to bottom.")
    aggregation: Aggregation = aggregation_field()
    value: OptionalColumn = P(
        default=None, title="Value", description="The column to measure; none counts rows."
    )
    top: Annotated[int, Number(2, 50)] = top_field()

    def check(self, columns: Schema) -> None:
        super().check(columns)
        check_measure(
            self.title, self.aggregation, self.value, {column.name: column.type for column in columns}
        )

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        cut = cuts(table, engine, {"y": (self.y, self.top), "x": (self.x, self.top)})
        rows, left_out = measured_groups(table, engine, cut, self.aggregation, self.value)
        places: dict[str, dict[Group, int]] = {}
        for key in cut:
            size: dict[Group, float] = {}
            for row in rows:
                size[row[key]] = size.get(row[key], 0.0) + row["rows"]
            places[key] = {g: i for i, g in enumerate(in_order([row[key] for row in rows], size))}
        rows.sort(key=lambda row: [places[key][row[key]] for key in cut])
        order = [[g.label, g.mark] for g in places["x"]]
        columns = {"y": "group", "x": "group", "value": "float64", "rows": "float64"}
        return with_notes(to_table(rows, columns), infinite=left_out, order=order)

    def figure(self, data: pa.Table) -> go.Figure:
        import plotly.graph_objects as go

        if not data.num_rows:
            return blank("There are no rows to draw.")
        across = [Group(label, mark) for label, mark in notes(data)["order"]]
        down = groups(data, "y")
        column, line = {g: i for i, g in enumerate(across)}, {g: i for i, g in enumerate(down)}
        grid: list[list[float | None]] = [[None] * len(across) for _ in down]
        hover = [[""] * len(across) for _ in down]
        for row in data.to_pylist():
            i, j = line[Group(row["y"], row["y_is"])], column[Group(row["x"], row["x_is"])]
            grid[i][j] = row["value"]
            hover[i][j] = f"{shown(row['y'])}, {shown(row['x'])}: {number(row['value'])}"
        what = measured(self.aggregation, self.value)
        figure = panels([], title=f"{what} by {self.y} and {self.x}", x=self.x, y=self.y)
        figure.add_trace(
            go.Heatmap(autocolorscale=True, z=grid, hovertext=hover, hoverinfo="text", xgap=1, ygap=1,
                       colorbar={"title": {"text": shown(what, 24)}})
        )  # fmt: skip
        figure.update_xaxes(
            tickmode="array", tickvals=list(range(len(across))), ticktext=[shown(g.label, 24) for g in across]
        )
        figure.update_yaxes(
            tickmode="array", tickvals=list(range(len(down))), ticktext=[shown(g.label, 24) for g in down],
            autorange="reversed",
        )  # fmt: skip
        return figure

    def describe(self, data: pa.Table) -> str:
        what = measured(self.aggregation, self.value)
        if not data.num_rows:
            return f"Heat map of {what} by {self.y} and {self.x}: there are no rows to draw."
        rows = sorted(
            data.to_pylist(), key=lambda row: -(row["value"] if row["value"] is not None else float("-inf"))
        )
        parts = [f"{row['y']}, {row['x']}: {number(row['value'])}" for row in rows]
        left = notes(data)["infinite"]
        rest = f" {number(left)} infinite values are left out." if left else ""
        text = f"Heat map of {what} by {self.y} and {self.x}, {len(parts)} cells, largest first."
        return f"{text} {listed(parts)}.{rest}"

    @classmethod
    def example(cls) -> HeatMap:
        return cls(x="region", y="member", aggregation="median", value="quantity")
