"""Where rows lie on earth: each a point, or above 20,000 rows how many lie where."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import bubbles, coordinates, parts, tips
from core.charts.coordinates import CELLS, POINTS, Extent, Places
from core.charts.density_map import in_cells, shaded_cells
from core.charts.drawing import Legend, Say, blank, notes, panels, with_notes
from core.charts.grouping import COLOURS, mark
from core.charts.measuring import finite, kinds
from core.charts.parts import OptionalColumn
from core.charts.words import number, sentences
from core.contracts import Chart, Engine, Span, Table
from core.params import ColumnName
from core.selection import Mark, Selection
from core.within import Within
from core.wording import Note, counted_rows, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa


class PointMap(Chart):
    """Rows at their places on earth: each a point, or above 20,000 rows how many lie where."""

    title = "Map of points"
    group = "Map"

    latitude: Annotated[str, ColumnName("number", "integer")] = coordinates.latitude_field()
    longitude: Annotated[str, ColumnName("number", "integer")] = coordinates.longitude_field()
    colour: OptionalColumn = parts.colour_field()
    size: Annotated[str | None, ColumnName("number", "integer")] = P(
        default=None, title="Size", description="A number that the area of each point shows."
    )
    tooltip: tips.Tooltip = tips.field()

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        places = Places(self.latitude, self.longitude)
        extent = places.extent(table, engine)
        if extent.rows > POINTS:
            rows = {"rows": sql.template("count(*)")}
            return in_cells(table, engine, places, extent, CELLS, rows, self.tooltip)
        return self._points(table, engine, places, extent)

    def _points(self, table: Table, engine: Engine, places: Places, extent: Extent) -> pa.Table:
        cut = parts.cuts(table, engine, {"colour": (self.colour, COLOURS)})
        chosen: list[exp.Expr] = []
        marked: list[exp.Expr] = []
        for key, how in cut.items():
            text = sql.template("CAST(:v AS VARCHAR)", v=how.value())
            chosen += [exp.alias_(text, key), exp.alias_(how.missing(), f"{key}_is")]
            marked += [exp.column(key), exp.alias_(mark(key), f"{key}_is")]
        lat, lon = places.values(table)
        own = {"latitude": lat, "longitude": lon, "r": sql.name(sql.ROW)}
        if self.size:
            own["size"] = finite(self.size, kinds(table)[self.size])
        own |= tips.own(table, self.tooltip)
        chosen += [exp.alias_(node, key) for key, node in own.items()]
        query = exp.select(*chosen).from_(table.query.copy().subquery("t")).where(places.valid(table))
        query = exp.select(*marked, *own).from_(query.subquery("p")).order_by("r")
        rows = [{**row, "one": 1.0} for row in parts.records(engine.rows(query), cut)]
        order = parts.places(rows, cut, "one")
        rows.sort(key=lambda row: (*[order[key][row[key]] for key in cut], row["r"]))
        columns = dict.fromkeys(cut, "group") | dict.fromkeys([key for key in own if key != "r"], "float64")
        columns |= tips.columns(table, self.tooltip, single=True)
        return with_notes(
            parts.to_table(rows, columns),
            **asdict(extent),
            dense=False,
            sampled=parts.sampled(cut),
            tips=tips.told(table, self.tooltip, single=True),
        )

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        facts = notes(data)
        if not data.num_rows:
            return blank(note("There are no rows with a latitude and a longitude."), say)
        extent = coordinates.extent_of(facts)
        figure = panels([], title=say(self._title(facts)), x=self.longitude, y=self.latitude)
        if facts["dense"]:
            figure.add_trace(shaded_cells(data, "rows", note("Rows"), say, log=True))
            coordinates.grounded(figure, extent.padded(), fill=False)
            return tips.put(figure, data, say)
        coordinates.grounded(figure, extent.padded(), fill=True)
        self._add_points(figure, data, extent, say)
        return tips.put(figure, data, say)

    def _add_points(self, figure: go.Figure, data: pa.Table, extent: Extent, say: Say) -> None:
        import numpy as np
        import plotly.graph_objects as go

        rows, few = parts.numbered(data), data.num_rows <= 2_000
        kind = go.Scatter if few else go.Scattergl
        groups = parts.groups(data, "colour")
        legend = Legend(groups, say)
        sizes = bubbles.Sizes.of(row["size"] for row in rows) if self.size else None
        bubbles.legends(figure, [], None, sizes, self.size, say)
        for group in groups:
            own = parts.of(rows, colour=group)
            if sizes is not None:  # the small ones stand before the big ones
                own = sorted(own, key=lambda row: -(row["size"] or 0.0))
            usual = {"size": 7, "opacity": 0.75} if few else {"size": 5, "opacity": 0.5}
            figure.add_trace(
                kind(
                    x=np.array([extent.shown(row["longitude"]) for row in own]),
                    y=np.array([row["latitude"] for row in own]),
                    customdata=np.array([row["row"] for row in own]),
                    mode="markers", marker=bubbles.marker(own, [], sizes, usual), **legend.entry(group, own),
                )
            )  # fmt: skip
        legend.put(figure, self.colour)
        figure.update_layout(legend={"itemsizing": "constant"})

    def _title(self, facts: dict[str, Any]) -> Note:
        if facts["dense"]:
            return note("How many rows lie where")
        return note("Where the rows lie")

    def mark(self, data: pa.Table, row: int) -> Mark | None:
        """The rows of the cell, or all that lie under this very point."""
        facts, places = notes(data), Places(self.latitude, self.longitude)
        if facts["dense"]:
            lat, lon = (data.column(key)[row].as_py() for key in ("lat_cell", "lon_cell"))
            return Mark(parts=places.cell(lat, lon, facts["width"]))
        own = [(self.latitude, "latitude"), (self.longitude, "longitude")]
        ends = [(column, data.column(key)[row].as_py()) for column, key in own]
        inside = [Within(column=column, low=end, high=end, closed=True) for column, end in ends]
        return parts.mark(data, row, {"colour": self.colour}, *inside)

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        return Places(self.latitude, self.longitude).region(x, y)

    def describe(self, data: pa.Table) -> Note:
        facts = notes(data)
        extent = coordinates.extent_of(facts)
        if not data.num_rows:
            return sentences(
                note("A map of rows: there are none with a latitude and a longitude."),
                coordinates.left_out(extent),
            )
        rows = data.to_pylist()
        return sentences(
            note(
                "A map of {rows}, {window}.",
                rows=counted_rows(extent.rows), window=coordinates.from_corner_to_corner(extent),
            ),
            self._fullest(rows, facts) if facts["dense"] else self._middle(rows, extent),
            self._groups(data) if self.colour and not facts["dense"] else None,
            self._largest(rows) if self.size and not facts["dense"] else None,
            self._unshown(facts),
            tips.describe(data),
            coordinates.left_out(extent),
            parts.proposals(facts.get("sampled")),
        )  # fmt: skip

    def _fullest(self, rows: list[dict[str, Any]], facts: dict[str, Any]) -> Note:
        top = max(rows, key=lambda row: row["rows"])
        return note(
            "Shown in cells of {width}\u00b0: the fullest, around {place}, holds {rows}.",
            width=number(facts["width"]), place=coordinates.place(top["latitude"], top["longitude"]),
            rows=counted_rows(top["rows"]),
        )  # fmt: skip

    def _middle(self, rows: list[dict[str, Any]], extent: Extent) -> Note:
        import numpy as np

        lat = float(np.median([row["latitude"] for row in rows]))
        lon = float(np.median([extent.shown(row["longitude"]) for row in rows]))
        return note("Half of them lie north, half east of {place}.", place=coordinates.place(lat, lon))

    def _groups(self, data: pa.Table) -> Note:
        labels = parts.groups(data, "colour")
        rows = data.to_pylist()
        largest = parts.of(rows, colour=labels[0])
        return note(
            "Colours show {column}; most points, {count}, are of {group}.",
            column=self.colour, count=number(len(largest)), group=labels[0].words(),
        )  # fmt: skip

    def _largest(self, rows: list[dict[str, Any]]) -> Note | None:
        known = [row for row in rows if row["size"] is not None]
        if not known:
            return None
        top = max(known, key=lambda row: row["size"])
        return note(
            "The area of a point is its {column}, at the most {value}, at {place}.",
            column=self.size, value=number(top["size"]),
            place=coordinates.place(top["latitude"], top["longitude"]),
        )  # fmt: skip

    def _unshown(self, facts: dict[str, Any]) -> Note | None:
        names = [name for name in (self.colour, self.size) if name]
        if not facts["dense"] or not names:
            return None
        return note(
            "Above {points} rows it is not shown: {columns}.",
            points=number(POINTS),
            columns=" + ".join(names),
        )

    @classmethod
    def example(cls) -> PointMap:
        return cls(latitude="quantity", longitude="price", colour="region")
