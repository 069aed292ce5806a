"""Several numbers of a few groups around one centre."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as P

from core.charts import grouping, parts
from core.charts.drawing import Legend, Say, blank, notes, shown, with_notes
from core.charts.grouping import COLOURS
from core.charts.parts import OptionalColumn
from core.charts.words import listed, number, pair, sentences
from core.contracts import Chart, Engine, Schema, Table
from core.errors import BadParameter
from core.params import ColumnNames
from core.selection import Mark
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

_WORDS = {
    "mean": "Means of {count} numbers",
    "median": "Medians of {count} numbers",
    "min": "Smallest values of {count} numbers",
    "max": "Largest values of {count} numbers",
}


class Radar(Chart):
    """The profile of each group over three to twelve numbers, each on a scale of its own."""

    title = "Radar chart"
    group = "Composition"

    columns: Annotated[tuple[str, ...], ColumnNames("number", "integer", "boolean")] = P(
        title="Numbers", description="Three to twelve number columns: a spoke for each."
    )
    colour: OptionalColumn = parts.colour_field()
    aggregation: Literal["mean", "median", "min", "max"] = P(
        default="mean", title="Measure", description="What of each column is drawn for a group."
    )

    def check(self, columns: Schema) -> None:
        super().check(columns)
        if not 3 <= len(set(self.columns)) <= 12 or len(set(self.columns)) < len(self.columns):
            raise BadParameter(
                "A radar chart takes 3 to 12 different number columns. Got {count}.",
                hint="Choose more columns, or draw bars.", count=len(self.columns),
            )  # fmt: skip

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        kinds = grouping.kinds(table)
        cut = parts.cuts(table, engine, {"colour": (self.colour, COLOURS)})
        asked = {"rows": grouping.measure("count", None, None)}
        for i, name in enumerate(self.columns):
            asked[f"v{i}"] = grouping.measure(self.aggregation, name, kinds[name])
        groups = [
            row for row in parts.records(grouping.grouped(table, engine, cut, asked), cut) if row["rows"]
        ]
        order = parts.places(groups, cut, "rows")
        groups.sort(key=lambda row: [order[key][row[key]] for key in cut])
        rows: list[dict[str, Any]] = []
        for own in groups:
            for i, name in enumerate(self.columns):
                values = [one[f"v{i}"] for one in groups if one[f"v{i}"] is not None]
                value, most = own[f"v{i}"], max(map(abs, values), default=0.0)
                # a scale from 0 to the largest group: what is half as far out is half as much
                scaled = None if value is None else max(0.0, value / most) if most else 0.0
                group = {key: own[key] for key in cut}
                rows.append({**group, "column": name, "value": value, "scaled": scaled,
                             "rows": own["rows"]})  # fmt: skip
        columns = dict.fromkeys(cut, "group") | {"column": "string"}
        columns |= dict.fromkeys(("value", "scaled", "rows"), "float64")
        below = sum(row["value"] is not None and row["value"] < 0 for row in rows)
        return with_notes(parts.to_table(rows, columns), below=below, sampled=parts.sampled(cut))

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        rows, colours = parts.numbered(data), parts.groups(data, "colour")
        if not any(row["value"] is not None for row in rows):
            return blank(parts.NO_ROWS, say)
        figure, legend = go.Figure(), Legend(colours, say)
        for colour in colours:
            own = parts.of(rows, colour=colour)
            round_again = [*own, own[0]]
            figure.add_trace(
                go.Scatterpolar(
                    r=[row["scaled"] for row in round_again],
                    theta=[shown(row["column"], 24) for row in round_again],
                    mode="lines+markers", customdata=[row["row"] for row in round_again], hoverinfo="text",
                    hovertext=[f"{shown(row['column'])}: {number(row['value'])}" for row in round_again],
                    **legend.entry(colour, own),
                )
            )  # fmt: skip
        figure.update_layout(
            polar={"radialaxis": {"range": [0, 1.02], "showticklabels": False}},
            title={"text": shown(say(self._title()), 120), "x": 0, "y": 0.98, "yanchor": "top"},
        )
        legend.put(figure, self.colour)
        return figure

    def _title(self) -> Note:
        what = note(_WORDS[self.aggregation], count=len(self.columns))
        return note("{what} by {x}", what=what, x=self.colour) if self.colour else what

    def mark(self, data: pa.Table, row: int) -> Mark:
        return parts.mark(data, row, {"colour": self.colour})

    def describe(self, data: pa.Table) -> Note:
        rows = data.to_pylist()
        if not rows:
            return note("{title}: there are no rows to draw.", title=self._title())
        spokes = []
        for name in self.columns:
            own = [
                pair(group, number(row["value"]))
                if (group := parts.name_of(row, "colour"))
                else note("{value}", value=number(row["value"]))
                for row in rows
                if row["column"] == name
            ]
            spokes.append(pair(name, listed(own)))
        told = notes(data)
        return sentences(
            note(
                "{title}. Each spoke runs from 0 to its largest value. {spokes}.",
                title=self._title(), spokes=listed(spokes),
            ),
            note("Values below 0 are drawn at the centre.") if told["below"] else None,
            parts.proposals(told["sampled"]),
        )  # fmt: skip

    @classmethod
    def example(cls) -> Radar:
        return cls(columns=("price", "quantity", "id"), colour="region")
