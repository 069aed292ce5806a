"""How many rows lie where on earth: a grid of cells over the land, finer the closer one looks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field as P

from core.charts import compared, coordinates, parts, tips
from core.charts.compared import Compared
from core.charts.coordinates import CELLS, Extent, Places
from core.charts.drawing import Say, blank, notes, panels, shown, with_notes
from core.charts.grouping import grouped
from core.charts.measuring import Aggregation, check_measure, measured
from core.charts.words import counted, number, pair, sentences
from core.contracts import Chart, Engine, Schema, Span, Table
from core.params import ColumnName, Number
from core.selection import Mark, Selection
from core.wording import Note, counted_rows, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa


def in_cells(
    table: Table, engine: Engine, places: Places, extent: Extent, most: int,
    asked: dict[str, Any], tooltip: Sequence[str] = (), **facts: Any,
) -> pa.Table:  # fmt: skip
    """The rows of a table counted in the cells of a map, from south to north and west to east."""
    width = places.width(extent, most) if extent.rows else coordinates.WIDEST
    cells, valid = places.cells(table, width), places.valid(table)
    rows = grouped(table, engine, {}, asked, cells, valid).to_pylist() if extent.rows else []
    tips.add(rows, table, engine, tooltip, {}, cells, valid)
    around, begins = round(360 / width), math.floor(extent.west / width)
    for row in rows:
        turned = around if row["lon_cell"] < begins else 0
        row["latitude"] = (row["lat_cell"] + 0.5) * width
        row["longitude"] = (row["lon_cell"] + turned + 0.5) * width
    rows.sort(key=lambda row: (row["latitude"], row["longitude"]))
    columns = dict.fromkeys(("latitude", "longitude"), "float64")
    columns |= dict.fromkeys(("lat_cell", "lon_cell"), "int64") | {
        key: "float64" if key == "value" else "int64" for key in asked
    }
    facts |= {"width": width, "dense": True, "tips": tips.told(table, tooltip)}
    return with_notes(parts.to_table(rows, columns | tips.columns(table, tooltip)), **asdict(extent), **facts)


def shaded_cells(data: pa.Table, key: str, unit: Note, say: Say, *, log: bool) -> go.Heatmap:
    """The cells as shades: of a logarithmic scale, where a few crowded cells would leave all others pale."""
    import numpy as np
    import plotly.graph_objects as go

    width, rows = notes(data)["width"], parts.numbered(data)
    x = [round(row["longitude"] / width - 0.5) for row in rows]
    y = [round(row["latitude"] / width - 0.5) for row in rows]
    west, south = min(x), min(y)
    across, up = max(x) - west + 1, max(y) - south + 1
    values = np.full((up, across), np.nan)
    behind, texts = np.full((up, across), -1), np.full((up, across), "", object)
    for row, i, j in zip(rows, x, y, strict=True):
        value = row[key]
        if value is not None:
            values[j - south, i - west] = math.log10(value) if log else value
            behind[j - south, i - west] = row["row"]
            where = coordinates.place(row["latitude"], row["longitude"])
            texts[j - south, i - west] = shown(say(pair(where, number(value))), 80)
    heat = go.Heatmap(
        autocolorscale=True, z=values, customdata=behind, hoverongaps=False,
        x=(west + np.arange(across + 1)) * width, y=(south + np.arange(up + 1)) * width,
        hoverinfo="text", hovertext=texts.tolist(), colorbar={"title": {"text": shown(say(unit))}},
    )  # fmt: skip
    known = values[np.isfinite(values)]
    if log and len(known):
        low, high = float(known.min()), float(known.max())
        ticks = _ticks(low, high)
        heat.update(zmin=low, zmax=max(high, low + 0.1))
        heat.colorbar.update(
            tickvals=[math.log10(one) for one in ticks], ticktext=[number(one) for one in ticks]
        )
    return heat


def _ticks(low: float, high: float) -> list[float]:
    powers = range(math.floor(low), math.ceil(high) + 1, max(1, math.ceil((high - low) / 6)))
    steps = (1.0, 2.0, 5.0) if high - low < 2.5 else (1.0,)
    marks = [step * 10.0**power for power in powers for step in steps]
    return [one for one in marks if low - 1e-9 <= math.log10(one) <= high + 1e-9] or [10**low, 10**high]


class DensityMap(Compared, Chart):
    """How many rows lie where on earth, or a measure of them: cells over the land, by their coordinates."""

    title = "Density map"
    group = "Map"

    latitude: Annotated[str, ColumnName("number", "integer")] = coordinates.latitude_field()
    longitude: Annotated[str, ColumnName("number", "integer")] = coordinates.longitude_field()
    aggregation: Aggregation = parts.aggregation_field()
    y: Annotated[str | None, ColumnName()] = P(
        default=None, title="Value", description="The column to measure; without it rows are counted."
    )
    cells: Annotated[int, Number(100, CELLS)] = P(
        default=2_000, ge=100, le=CELLS, title="Most cells",
        description="How finely to divide the window: as many cells as there may be at the most.",
    )  # fmt: skip
    log: bool = P(
        default=True, title="Logarithmic shades",
        description="Show sparse cells beside crowded ones; where a value is not above 0, shades are even.",
    )  # fmt: skip
    when: compared.When = compared.when_field()
    period: compared.Period = compared.period_field()
    change: compared.Change = compared.change_field()

    def check(self, columns: Schema) -> None:
        super().check(columns)
        check_measure(self.title, self.aggregation, self.y, columns)

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        places = self._places()
        extent = places.extent(table, engine)
        both = self.compared(table, engine)
        data = in_cells(table, engine, places, extent, self.cells, self.measures(table, self.y, both))
        return with_notes(data, **notes(data), **self.told(both))

    def _places(self) -> Places:
        return Places(self.latitude, self.longitude)

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        if not any(value is not None for value in data.column("value").to_pylist()):
            return blank(note("There are no rows with a latitude and a longitude and a value."), say)
        figure = panels([], title=say(self._title()), x=self.longitude, y=self.latitude)
        figure.add_trace(
            shaded_cells(data, "value", self.what(data, self.y), say, log=self.log and not self._low(data))
        )
        coordinates.grounded(figure, coordinates.extent_of(notes(data)).padded(), fill=False)
        return self.titled(figure, data, say)

    def _low(self, data: pa.Table) -> bool:
        """Whether some value has no logarithm."""
        return any(value is not None and value <= 0 for value in data.column("value").to_pylist())

    def _title(self) -> Note:
        return note("{measure} on the map", measure=measured(self.aggregation, self.y))

    def mark(self, data: pa.Table, row: int) -> Mark | None:
        lat, lon = (data.column(key)[row].as_py() for key in ("lat_cell", "lon_cell"))
        return Mark(parts=self._places().cell(lat, lon, notes(data)["width"]))

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        return self._places().region(x, y)

    def describe(self, data: pa.Table) -> Note:
        facts = notes(data)
        extent = coordinates.extent_of(facts)
        measure = self.what(data, self.y)
        known = [row for row in data.to_pylist() if row["value"] is not None]
        if not known:
            return sentences(
                note("{measure} on the map: there are no rows with a place and a value.", measure=measure),
                coordinates.left_out(extent),
            )
        top, low = (end(known, key=lambda row: row["value"]) for end in (max, min))
        width = facts["width"]
        return sentences(
            note(
                "{measure} on the map: {rows} in {cells} of {width}\u00b0, {window}.",
                measure=measure, rows=counted_rows(extent.rows),
                cells=note("{count:,} cell | {count:,} cells", count=len(known)), width=number(width),
                window=coordinates.from_corner_to_corner(extent),
            ),
            note(
                "Most is around {place}: {value}; least around {other}: {low}.",
                place=coordinates.place(top["latitude"], top["longitude"]), value=number(top["value"]),
                other=coordinates.place(low["latitude"], low["longitude"]), low=number(low["value"]),
            ),
            note("Shades are in even steps: a value is not above 0.")
            if self.log and self._low(data)
            else None,
            self.apart(data),
            coordinates.left_out(extent),
            counted(
                "{count:,} infinite value is left out. | {count:,} infinite values are left out.",
                sum(row["infinite"] for row in known),
            ),
        )  # fmt: skip

    @classmethod
    def example(cls) -> DensityMap:
        return cls(latitude="quantity", longitude="price", aggregation="mean", y="id")
