"""Two categories against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field as P

from core.charts import compared, grouping, measuring, natural, parts, tips
from core.charts.compared import Compared
from core.charts.drawing import (
    Say,
    blank,
    categories,
    cell_texts,
    notes,
    panels,
    room,
    shown,
    with_notes,
)  # fmt: skip
from core.charts.grouping import Group
from core.charts.measuring import Aggregation
from core.charts.parts import OptionalColumn
from core.charts.words import INFINITE, brief, counted, listed, number, pair, sentences
from core.contracts import Chart, Engine, Schema, Span, Table
from core.params import ColumnName, Number
from core.selection import Mark, Selection
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa


class HeatMap(Compared, Chart):
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
    tooltip: tips.Tooltip = tips.field()
    when: compared.When = compared.when_field()
    period: compared.Period = compared.period_field()
    change: compared.Change = compared.change_field()

    def check(self, columns: Schema) -> None:
        super().check(columns)
        measuring.check_measure(self.title, self.aggregation, self.value, columns)

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        size = measuring.size(table, self.aggregation, self.value)
        cut = parts.cuts(table, engine, {"y": (self.y, self.top), "x": (self.x, self.top)}, size)
        both = self.compared(table, engine)
        rows, left_out = parts.asked_groups(table, engine, cut, self.measures(table, self.value, both))
        tips.add(rows, table, engine, self.tooltip, cut)
        order = {key: self._order(found) for key, found in parts.places(rows, cut, "rows").items()}
        rows.sort(key=lambda row: [order[key][row[key]] for key in cut])
        columns = {"y": "group", "x": "group", "value": "float64", "rows": "float64"}
        columns |= tips.columns(table, self.tooltip)
        across = [[g.label, g.mark] for g in order["x"]]
        return with_notes(
            parts.to_table(rows, columns),
            infinite=left_out,
            order=across,
            sampled=parts.sampled(cut),
            tips=tips.told(table, self.tooltip),
            **self.told(both),
        )

    @staticmethod
    def _order(found: dict[Group, int]) -> dict[Group, int]:
        """The most frequent first; months, weekdays and numbers as they follow each other."""
        if natural.places([one.label for one in found if one.mark == "value"]) is None:
            return found
        return {one: i for i, one in enumerate(grouping.in_order(list(found), {}))}

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        if not data.num_rows:
            return blank(parts.NO_ROWS, say)
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
        what = self.what(data, self.value)
        plain = measuring.measured(self.aggregation, self.value)
        title = say(note("{what} by {y} and {x}", what=plain, y=self.y, x=self.x))
        figure = panels([], title=title, x=self.x, y=self.y)
        figure.add_trace(
            go.Heatmap(autocolorscale=True, z=grid, hovertext=hover, hoverinfo="text", xgap=1, ygap=1,
                       customdata=number_of, colorbar={"title": {"text": shown(say(what), 24)}},
                       **cell_texts(grid, brief))
        )  # fmt: skip
        figure.update_xaxes(categories(across, say))
        figure.update_yaxes(categories(down, say), autorange="reversed")
        room(figure, len(down))
        return tips.put(self.titled(figure, data, say), data, say)

    def describe(self, data: pa.Table) -> Note:
        what, told = self.what(data, self.value), notes(data)
        if not data.num_rows:
            return note("{what} by {y} and {x}: there are no rows to draw.", what=what, y=self.y, x=self.x)
        rows = sorted(
            data.to_pylist(), key=lambda row: -(row["value"] if row["value"] is not None else float("-inf"))
        )
        cells = [pair(parts.name_of(row, "y", "x") or "", number(row["value"])) for row in rows]
        return sentences(
            note(
                "{what} by {y} and {x}, as a heat map of {cells}, largest first. {list}.",
                what=what, y=self.y, x=self.x, list=listed(cells),
                cells=note("{count:,} cell | {count:,} cells", count=len(cells)),
            ),
            self.apart(data),
            tips.describe(data),
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
