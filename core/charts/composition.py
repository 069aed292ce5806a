"""What a table is made of: bars of categories, and two categories against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as P

from core.charts import grouping, parts
from core.charts.drawing import (
    Legend,
    Say,
    blank,
    logarithmic,
    notes,
    panels,
    place,
    shown,
    ticks,
    with_notes,
)
from core.charts.grouping import COLOURS, FACETS, Aggregation, Cut, Group
from core.charts.parts import OptionalColumn
from core.charts.words import INFINITE, counted, listed, number, pair, sentences
from core.contracts import Chart, Engine, Schema, Span, Table
from core.params import ColumnName, Number
from core.selection import Mark, Selection
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

NO_ROWS = note("There are no rows to draw.")


def measured_groups(
    table: Table, engine: Engine, cut: dict[str, Cut], aggregation: Aggregation, y: str | None
) -> tuple[list[dict[str, Any]], int]:
    """Each group's value and rows, and how many infinite values were left out of them all."""
    rows = parts.records(grouping.grouped(table, engine, cut, grouping.measures(table, aggregation, y)), cut)
    rows = [row for row in rows if row["rows"]]  # without groups an empty table still yields a row
    return rows, sum(row["infinite"] for row in rows)


class Bar(Chart):
    """A bar for each category: how many rows, or a sum, mean or other number of them."""

    title = "Bar chart"
    group = "Composition"

    x: Annotated[str, ColumnName()] = P(
        title="Categories", description="A bar for each value of this column."
    )
    aggregation: Aggregation = parts.aggregation_field()
    y: OptionalColumn = P(default=None, title="Value", description="The column to measure; none counts rows.")
    colour: OptionalColumn = parts.colour_field()
    facet: OptionalColumn = parts.facet_field()
    top: Annotated[int, Number(2, 50)] = parts.top_field()
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
        grouping.check_measure(self.title, self.aggregation, self.y, columns)

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        wanted = {"facet": (self.facet, FACETS), "colour": (self.colour, COLOURS), "x": (self.x, self.top)}
        cut = parts.cuts(table, engine, wanted, grouping.size(table, self.aggregation, self.y))
        rows, left_out = measured_groups(table, engine, cut, self.aggregation, self.y)
        hidden = 0 if self.rest else cut["x"].others
        rows = [row for row in rows if self.rest or row["x"].mark != "other"]
        order = {**parts.places(rows, [key for key in cut if key != "x"], "rows"), "x": self._order(rows)}
        rows.sort(key=lambda row: [order[key][row[key]] for key in cut])
        columns = dict.fromkeys(cut, "group") | {"value": "float64", "rows": "float64"}
        told = {"infinite": left_out, "order": [[g.label, g.mark] for g in order["x"]], "hidden": hidden}
        return with_notes(parts.to_table(rows, columns), **told, sampled=parts.sampled(cut))

    def _order(self, rows: list[dict[str, Any]]) -> dict[Group, int]:
        """Where each bar stands. What adds up orders the bars; of a mean the largest one does."""
        size = parts.sizes([{**row, "value": row["value"] or 0.0} for row in rows], "x", "value")
        if self.aggregation not in ("count", "sum", "distinct"):
            values: dict[Group, list[float]] = {bar: [] for bar in size}
            for row in rows:
                values[row["x"]] += [row["value"]] if row["value"] is not None else []
            size = {bar: max(own, default=float("-inf")) for bar, own in values.items()}
        bars = grouping.in_order(list(size), size if self.order == "by value" else {})
        return {bar: i for i, bar in enumerate(bars)}

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        if not data.num_rows:
            return blank(NO_ROWS, say)
        facets, colours, rows = (
            parts.groups(data, "facet"),
            parts.groups(data, "colour"),
            parts.numbered(data),
        )
        bars = [Group(label, mark) for label, mark in notes(data)["order"]]
        at = {bar: i for i, bar in enumerate(bars)}
        names = [say(facet.words()) for facet in facets]
        what = grouping.measured(self.aggregation, self.y)
        scale = note("{what}, % of each bar", what=what) if self.bars == "shares" else what
        title = say(note("{what} by {x}", what=what, x=self.x))
        figure = panels(names, title=title, x=self.x, y=say(scale))
        legend = Legend(colours, say)
        for i, facet in enumerate(facets):
            for colour in colours:
                own = parts.of(rows, facet=facet, colour=colour)
                entry = legend.entry(colour, own)
                own_bars = [Group(row["x"], row["x_is"]) for row in own]
                figure.add_trace(
                    go.Bar(
                        x=[at[bar] for bar in own_bars], y=[row["value"] for row in own], **entry,
                        customdata=[row["row"] for row in own],
                        hovertext=[
                            f"{shown(say(bar.words()))}: {number(row['value'])}"
                            + (f" ({entry['name']})" if entry["name"] else "")
                            for bar, row in zip(own_bars, own, strict=True)
                        ],
                        hoverinfo="text",
                    ), **place(names, i),
                )  # fmt: skip
        figure.update_xaxes(
            tickmode="array", tickvals=list(range(len(bars))), ticklabeloverflow="allow",
            ticktext=ticks(bars, say),
        )  # fmt: skip
        figure.update_layout(
            barmode="group" if self.bars == "side by side" else "stack",
            barnorm="percent" if self.bars == "shares" else None,
        )
        legend.put(figure, self.colour)
        if self.log_y:
            figure.update_yaxes(logarithmic(data.column("value").to_pylist()))
        return figure

    def describe(self, data: pa.Table) -> Note:
        what, told = grouping.measured(self.aggregation, self.y), notes(data)
        if not data.num_rows:
            return note("{what} by {x}: there are no rows to draw.", what=what, x=self.x)
        bars = [
            pair(parts.name_of(row, "facet", "x", "colour") or "", number(row["value"]))
            for row in data.to_pylist()
        ]
        hidden = told["hidden"]
        return sentences(
            note("{what} by {x}, as bars. {bars}.", what=what, x=self.x, bars=listed(bars)),
            counted(INFINITE, told["infinite"]),
            note("Many more categories are not shown.") if hidden is None else None,
            counted(
                "{count:,} more category is not shown. | {count:,} more categories are not shown.", hidden
            ),
            parts.proposals(told["sampled"]),
        )

    def mark(self, data: pa.Table, row: int) -> Mark:
        return parts.mark(data, row, {"facet": self.facet, "colour": self.colour, "x": self.x})

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        bars = [Group(label, mark) for label, mark in notes(data)["order"]]
        return parts.among(data, "x", self.x, parts.covered(bars, x)) if bars else None

    @classmethod
    def example(cls) -> Bar:
        return cls(x="region", aggregation="mean", y="quantity")


class HeatMap(Chart):
    """Two categories against each other: a cell for each pair, shaded by its rows or a number."""

    title = "Heat map"
    group = "Composition"

    x: Annotated[str, ColumnName()] = P(title="Across", description="The categories from left to right.")
    y: Annotated[str, ColumnName()] = P(title="Down", description="The categories from top to bottom.")
    aggregation: Aggregation = parts.aggregation_field()
    value: OptionalColumn = P(
        default=None, title="Value", description="The column to measure; none counts rows."
    )
    top: Annotated[int, Number(2, 50)] = parts.top_field()

    def check(self, columns: Schema) -> None:
        super().check(columns)
        grouping.check_measure(self.title, self.aggregation, self.value, columns)

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        size = grouping.size(table, self.aggregation, self.value)
        cut = parts.cuts(table, engine, {"y": (self.y, self.top), "x": (self.x, self.top)}, size)
        rows, left_out = measured_groups(table, engine, cut, self.aggregation, self.value)
        order = parts.places(rows, cut, "rows")
        rows.sort(key=lambda row: [order[key][row[key]] for key in cut])
        columns = {"y": "group", "x": "group", "value": "float64", "rows": "float64"}
        across = [[g.label, g.mark] for g in order["x"]]
        return with_notes(
            parts.to_table(rows, columns), infinite=left_out, order=across, sampled=parts.sampled(cut)
        )

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        if not data.num_rows:
            return blank(NO_ROWS, say)
        across = [Group(label, mark) for label, mark in notes(data)["order"]]
        down = parts.groups(data, "y")
        named = {bar: shown(say(bar.words())) for bar in [*across, *down]}
        column, line = {g: i for i, g in enumerate(across)}, {g: i for i, g in enumerate(down)}
        grid: list[list[float | None]] = [[None] * len(across) for _ in down]
        hover = [[""] * len(across) for _ in down]
        number_of = [[-1] * len(across) for _ in down]
        for row in parts.numbered(data):
            y, x = Group(row["y"], row["y_is"]), Group(row["x"], row["x_is"])
            grid[line[y]][column[x]] = row["value"]
            number_of[line[y]][column[x]] = row["row"]
            hover[line[y]][column[x]] = f"{named[y]}, {named[x]}: {number(row['value'])}"
        what = grouping.measured(self.aggregation, self.value)
        title = say(note("{what} by {y} and {x}", what=what, y=self.y, x=self.x))
        figure = panels([], title=title, x=self.x, y=self.y)
        figure.add_trace(
            go.Heatmap(autocolorscale=True, z=grid, hovertext=hover, hoverinfo="text", xgap=1, ygap=1,
                       customdata=number_of, colorbar={"title": {"text": shown(say(what), 24)}})
        )  # fmt: skip
        figure.update_xaxes(tickmode="array", tickvals=list(column.values()), ticktext=ticks(across, say))
        figure.update_yaxes(
            tickmode="array", tickvals=list(line.values()), ticktext=ticks(down, say), autorange="reversed"
        )
        return figure

    def describe(self, data: pa.Table) -> Note:
        what, told = grouping.measured(self.aggregation, self.value), notes(data)
        if not data.num_rows:
            return note("{what} by {y} and {x}: there are no rows to draw.", what=what, y=self.y, x=self.x)
        rows = sorted(
            data.to_pylist(), key=lambda row: -(row["value"] if row["value"] is not None else float("-inf"))
        )
        cells = [pair(parts.name_of(row, "y", "x") or "", number(row["value"])) for row in rows]
        return sentences(
            note(
                "{what} by {y} and {x}, as a heat map of {cells} cells, largest first. {list}.",
                what=what, y=self.y, x=self.x, cells=len(cells), list=listed(cells),
            ),
            counted(INFINITE, told["infinite"]),
            parts.proposals(told["sampled"]),
        )  # fmt: skip

    def mark(self, data: pa.Table, row: int) -> Mark:
        return parts.mark(data, row, {"y": self.y, "x": self.x})

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        across = [Group(label, mark) for label, mark in notes(data)["order"]] if data.num_rows else []
        sides = [
            parts.among(data, key, column, parts.covered(groups, ends))
            for key, column, groups, ends in (
                ("x", self.x, across, x), ("y", self.y, parts.groups(data, "y"), y)
            )
        ]  # fmt: skip
        return parts.both(*sides) if across else None

    @classmethod
    def example(cls) -> HeatMap:
        return cls(x="region", y="member", aggregation="median", value="quantity")
