"""Several numbers of a few groups around one centre."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field as P

from core.charts import compared, grouping, measuring, parts
from core.charts.compared import Compared
from core.charts.drawing import Legend, Say, apart, blank, notes, shown, with_notes
from core.charts.grouping import COLOURS
from core.charts.measuring import Aggregation
from core.charts.parts import OptionalColumn
from core.charts.words import brief, listed, number, pair, sentences
from core.contracts import Chart, Engine, Schema, Table
from core.errors import BadParameter
from core.params import ColumnNames
from core.selection import Mark
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

_WORDS: dict[Aggregation, str] = {
    "count": "How many values {count} columns have",
    "distinct": "How many different values {count} columns have",
    "sum": "Sums of {count} numbers",
    "share of total": "Sums of {count} numbers, % of the total",
    "standard deviation": "Standard deviations of {count} numbers",
    "10th percentile": "10th percentiles of {count} numbers",
    "25th percentile": "25th percentiles of {count} numbers",
    "75th percentile": "75th percentiles of {count} numbers",
    "90th percentile": "90th percentiles of {count} numbers",
    "mean": "Means of {count} numbers",
    "median": "Medians of {count} numbers",
    "min": "Smallest values of {count} numbers",
    "max": "Largest values of {count} numbers",
}


class Radar(Compared, Chart):
    """The profile of each group over three to twelve numbers, each on a scale of its own."""

    title = "Radar chart"
    group = "Composition"

    columns: Annotated[tuple[str, ...], ColumnNames("number", "integer", "boolean")] = P(
        title="Numbers", description="Three to twelve number columns: a spoke for each."
    )
    colour: OptionalColumn = parts.colour_field()
    aggregation: Aggregation = P(
        default="mean", title="Measure", description="What of each column is drawn for a group."
    )
    when: compared.When = compared.when_field()
    period: compared.Period = compared.period_field()
    change: compared.Change = compared.change_field()

    def check(self, columns: Schema) -> None:
        super().check(columns)
        if not 3 <= len(set(self.columns)) <= 12 or len(set(self.columns)) < len(self.columns):
            raise BadParameter(
                "A radar chart takes 3 to 12 different number columns. Got {count}.",
                hint="Choose more columns, or draw bars.", count=len(self.columns),
            )  # fmt: skip

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        both = self.compared(table, engine)
        cut = parts.cuts(table, engine, {"colour": (self.colour, COLOURS)})
        asked = {"rows": measuring.measure("count", None, None)}
        for i, name in enumerate(self.columns):
            asked[f"v{i}"] = self.measure(table, name, both)
        groups = [
            row for row in parts.records(grouping.grouped(table, engine, cut, asked), cut) if row["rows"]
        ]
        order = parts.places(groups, cut, "rows")
        groups.sort(key=lambda row: [order[key][row[key]] for key in cut])
        rows: list[dict[str, Any]] = []
        for own in groups:
            for i, name in enumerate(self.columns):
                values = [one[f"v{i}"] for one in groups if one[f"v{i}"] is not None]
                value, low, high = own[f"v{i}"], min([0.0, *values]), max([0.0, *values])
                # a scale from 0 to the largest group: what is half as far out is half as much;
                # where some are below 0, from the lowest of them
                whole = high / 2 - low / 2  # the difference itself may leave the range of a double
                scaled = None if value is None else (value / 2 - low / 2) / whole if whole else 0.0
                group = {key: own[key] for key in cut}
                rows.append({**group, "column": name, "value": value, "scaled": scaled,
                             "low": low, "high": high, "rows": own["rows"]})  # fmt: skip
        columns = dict.fromkeys(cut, "group") | {"column": "string"}
        columns |= dict.fromkeys(("value", "scaled", "low", "high", "rows"), "float64")
        return with_notes(parts.to_table(rows, columns), sampled=parts.sampled(cut), **self.told(both))

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        rows, colours = parts.numbered(data), parts.groups(data, "colour")
        if not any(row["value"] is not None for row in rows):
            return blank(parts.NO_ROWS, say)
        figure, legend = go.Figure(), Legend(colours, say)
        ends = {row["column"]: f"{brief(row['low'])} \u2013 {brief(row['high'])}" for row in rows}
        spokes = {
            name: f"{cut}<br>{ends[name]}"
            for name, cut in zip(self.columns, apart(self.columns), strict=True)
        }
        for colour in colours:
            own = parts.of(rows, colour=colour)
            round_again = [*own, own[0]]
            figure.add_trace(
                go.Scatterpolar(
                    r=[row["scaled"] for row in round_again],
                    theta=[spokes[row["column"]] for row in round_again],
                    mode="lines+markers", customdata=[row["row"] for row in round_again], hoverinfo="text",
                    hovertext=[f"{shown(row['column'])}: {number(row['value'])}" for row in round_again],
                    **legend.entry(colour, own),
                )
            )  # fmt: skip
        figure.update_layout(
            polar={
                "domain": {
                    "x": [0.24, 0.76],
                    "y": [0.12, 0.86],
                },  # room for the names around it, and the legend
                "radialaxis": {"range": [0, 1.02], "showticklabels": False, "ticks": "", "showline": False},
            },
            height=500,
            title={"text": shown(say(self._title()), 120), "x": 0, "y": 0.98, "yanchor": "top"},
        )
        legend.put(figure, self.colour)
        return self.titled(figure, data, say)

    def _title(self, data: pa.Table | None = None) -> Note:
        what = note(_WORDS[self.aggregation], count=len(self.columns))
        what = what if data is None else self.changed(data, what)
        return note("{what} by {x}", what=what, x=self.colour) if self.colour else what

    def mark(self, data: pa.Table, row: int) -> Mark:
        return parts.mark(data, row, {"colour": self.colour})

    def describe(self, data: pa.Table) -> Note:
        rows = data.to_pylist()
        if not rows:
            return note("{title}: there are no rows to draw.", title=self._title(data))
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
                "{title}. Each spoke runs from 0, or its lowest value below 0, to its largest value. "
                "{spokes}.",
                title=self._title(data), spokes=listed(spokes),
            ),
            self.apart(data),
            parts.proposals(told["sampled"]),
        )  # fmt: skip

    @classmethod
    def example(cls) -> Radar:
        return cls(columns=("price", "quantity", "id"), colour="region")
