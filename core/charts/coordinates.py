"""Latitude and longitude as two columns of a table: what part of the earth its rows lie in, and its cells.

Cells are 36, 12 or 4 degrees wide, or a half, a quarter ... of 4: every end of a cell is a number that
doubles have exactly, so a cell holds the same rows in the picture and when its rows are asked for, and
the cells of a closer look lie within those of the wider one. Rows around the 180th meridian lie together:
what is west of the window's western end is shown 360 degrees further east.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import land
from core.charts.measuring import kinds
from core.charts.projection import stretch
from core.charts.words import counted
from core.contracts import Engine, Span, Table
from core.ordinal import ordinal
from core.selection import Mark, Selection
from core.within import Within
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go

POINTS = 20_000  # above, a map shows how many rows lie where
CELLS = 5_000
WIDEST = 36.0  # degrees of a cell
EXACT = 4.0  # narrower ones are halves of this
SMALLEST = 2.0**-24
EMPTY = 90.0  # degrees without rows from which on a map may begin elsewhere than at the 180th meridian
BIN = 5


@dataclass(frozen=True)
class Extent:
    """Where the rows lie: a window that may go on beyond 180 degrees, and how many have no place."""

    rows: int
    left_out: int
    west: float = 0.0
    south: float = 0.0
    east: float = 0.0
    north: float = 0.0

    def shown(self, longitude: float) -> float:
        """Where a longitude lies in the window."""
        return longitude + 360 if longitude < self.west else longitude

    def padded(self) -> land.Box:
        """The window with some room around it, however small it is."""
        across = stretch(self.south, self.north)  # degrees of longitude as long as one of latitude
        tall = max(self.north - self.south, (self.east - self.west) / across / 3, 0.02) * 1.08
        wide = min(360.0, max((self.east - self.west) * 1.08, 1.6 * tall * across))
        x, y = (self.west + self.east) / 2, (self.south + self.north) / 2
        return x - wide / 2, max(-90.0, y - tall / 2), x + wide / 2, min(90.0, y + tall / 2)


@dataclass(frozen=True)
class Places:
    """The two columns, and what is asked of them."""

    latitude: str
    longitude: str

    def values(self, table: Table) -> tuple[Any, Any]:
        kind = kinds(table)
        return ordinal(self.latitude, kind[self.latitude]), ordinal(self.longitude, kind[self.longitude])

    def valid(self, table: Table) -> Any:
        """SQL that is true of rows that have a place on earth."""
        lat, lon = self.values(table)
        return sql.template(
            "coalesce(:lat BETWEEN -90 AND 90 AND :lon BETWEEN -180 AND 180, false)", lat=lat, lon=lon
        )

    def extent(self, table: Table, engine: Engine) -> Extent:
        """Where the rows lie: one query for at most 73 stripes of 5 degrees."""
        lat, lon = self.values(table)
        stripe = sql.template(
            "CASE WHEN :valid THEN CAST(floor(:lon / :bin) AS INTEGER) END",
            valid=self.valid(table), lon=lon, bin=float(BIN),
        )  # fmt: skip
        asked = {"stripe": stripe, "n": sql.template("count(*)")}
        for key, node in (("lat", lat), ("lon", lon)):
            asked |= {f"{key}0": sql.template("min(:v)", v=node), f"{key}1": sql.template("max(:v)", v=node)}
        query = exp.select(*[exp.alias_(node, key) for key, node in asked.items()])
        query = query.from_(table.query.copy().subquery("t")).group_by(exp.Literal.number(1))
        rows = engine.rows(query).to_pylist()
        left_out = sum(row["n"] for row in rows if row["stripe"] is None)
        found = sorted((row for row in rows if row["stripe"] is not None), key=lambda row: row["lon0"])
        if not found:
            return Extent(0, left_out)
        west, east = _ends(found)
        return Extent(
            sum(row["n"] for row in found), left_out, west, min(row["lat0"] for row in found),
            east, max(row["lat1"] for row in found),
        )  # fmt: skip

    def width(self, extent: Extent, most: int) -> float:
        """The narrowest cells of which not more than `most` fill the window."""
        width = WIDEST
        while width > SMALLEST and self._cells(extent, _narrower(width)) <= most:
            width = _narrower(width)
        return width

    def _cells(self, extent: Extent, width: float) -> float:
        return ((extent.east - extent.west) / width + 2) * ((extent.north - extent.south) / width + 2)

    def cells(self, table: Table, width: float) -> dict[str, exp.Expr]:
        """The two numbers of each row's cell; the very last latitude and longitude end the last ones."""
        lat, lon = self.values(table)
        code = "least(CAST(floor(floor(:v / :width) / :several) AS INTEGER), :last)"
        how, last = {"width": min(width, EXACT), "several": max(1.0, width / EXACT)}, _last(width)
        return {
            "lat_cell": sql.template(code, v=lat, last=last[0], **how),
            "lon_cell": sql.template(code, v=lon, last=last[1], **how),
        }

    def cell(self, lat_cell: int, lon_cell: int, width: float) -> tuple[Within, Within]:
        """What is true of the rows in a cell."""
        last = _last(width)
        south, north = max(-90.0, lat_cell * width), min(90.0, (lat_cell + 1) * width)
        west = lon_cell * width
        return (
            Within(column=self.latitude, low=south, high=north, closed=lat_cell == last[0]),
            Within(column=self.longitude, low=west, high=west + width, closed=lon_cell == last[1]),
        )

    def region(self, x: Span | None, y: Span | None) -> Selection:
        """The rows in a window of the map: a range of latitudes and one of longitudes, or two."""
        if x is None and y is None:
            return Selection.of()
        low, high = sorted(max(-90.0, min(90.0, float(end))) for end in y or (-90.0, 90.0))
        inside = Within(column=self.latitude, low=low, high=high, closed=True)
        west, east = sorted(float(end) for end in x or (-180.0, 180.0))
        marks = []
        for turn in (-360.0, 0.0, 360.0):
            ends = max(-180.0, west - turn), min(180.0, east - turn)
            if ends[0] <= ends[1] and (turn == 0 or ends[0] < ends[1]):
                along = Within(column=self.longitude, low=ends[0], high=ends[1], closed=True)
                marks.append(Mark(parts=(inside, along)))
        beyond = y is not None and (max(map(float, y)) < -90 or min(map(float, y)) > 90)
        return (
            Selection(exclude=True) if beyond or not marks else Selection(marks=tuple(dict.fromkeys(marks)))
        )


def _narrower(width: float) -> float:
    return width / 3 if width > EXACT else width / 2


def _ends(stripes: list[dict[str, Any]]) -> tuple[float, float]:
    """The window's western and eastern end: it begins after the widest part without any rows."""
    first, last = stripes[0]["lon0"], stripes[-1]["lon1"]
    gaps = [(after["lon0"] - before["lon1"], i + 1) for i, (before, after) in
            enumerate(pairwise(stripes))]  # fmt: skip
    widest, begins = max(gaps, default=(0.0, 0))
    if widest > EMPTY and widest > first + 360 - last:
        return stripes[begins]["lon0"], stripes[begins - 1]["lon1"] + 360
    return first, last


def _last(width: float) -> tuple[int, int]:
    """The numbers of the northernmost and the easternmost cell."""
    return -int(-90 // width) - 1, int(180 // width) - 1


def grounded(figure: go.Figure, window: land.Box, *, fill: bool) -> None:
    """Put land, its borders and a net of degrees into a figure of plain degrees, and fix its axes."""
    west, south, east, north = window
    wide = max(east - west, north - south)
    step = next(
        (one for one in (30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01) if wide / one >= 5), 0.005
    )
    seen = land.placed((shape for code in land.codes() for shape in land.shapes(code, wide < 90)), window)
    seen = [land.cut(line, window) for line in seen]
    if seen:
        figure.add_trace(land.drawn(seen, "land" if fill else "outline"))
    figure.update_xaxes(
        autorangeoptions={"clipmin": west, "clipmax": east, "include": [west, east]},
        range=[west, east],
        dtick=step,
        ticksuffix="\u00b0",
        zeroline=False,
        constrain="domain",
    )
    figure.update_yaxes(
        autorangeoptions={"clipmin": south, "clipmax": north, "include": [south, north]},
        range=[south, north], dtick=step, ticksuffix="\u00b0", zeroline=False, constrain="domain",
        scaleanchor="x", scaleratio=stretch(south, north),
    )  # fmt: skip
    if east > 180:  # degrees beyond are those of the other side
        marks = [at * step for at in range(int(-(-west // step)), int(east // step) + 1)]
        texts = [f"{(at + 180) % 360 - 180:g}\u00b0" for at in marks]
        figure.update_xaxes(tickvals=marks, ticktext=texts, tickmode="array")


def place(latitude: float, longitude: float) -> Note:
    """A place in words: "42.03\u00b0 N, 93.62\u00b0 W"."""
    lon = (longitude + 180) % 360 - 180
    lat_text, lon_text = (f"{abs(end):.3f}".rstrip("0").rstrip(".") for end in (latitude, lon))
    templates = {
        (True, True): note("{lat}\u00b0 N, {lon}\u00b0 E", lat=lat_text, lon=lon_text),
        (True, False): note("{lat}\u00b0 N, {lon}\u00b0 W", lat=lat_text, lon=lon_text),
        (False, True): note("{lat}\u00b0 S, {lon}\u00b0 E", lat=lat_text, lon=lon_text),
        (False, False): note("{lat}\u00b0 S, {lon}\u00b0 W", lat=lat_text, lon=lon_text),
    }
    return templates[(latitude >= 0, lon >= 0)]


def from_corner_to_corner(extent: Extent) -> Note:
    """The window in words."""
    return note(
        "from {southwest} to {northeast}",
        southwest=place(extent.south, extent.west), northeast=place(extent.north, extent.east),
    )  # fmt: skip


def latitude_field() -> Any:
    return P(title="Latitude", description="Degrees north of the equator, from -90 to 90.")


def longitude_field() -> Any:
    return P(title="Longitude", description="Degrees east of Greenwich, from -180 to 180.")


def left_out(extent: Extent) -> Note | None:
    """How many rows are on no map, and why."""
    return counted(
        "{count:,} row is left out: it has no latitude from -90 to 90 and longitude from -180 to 180. | "
        "{count:,} rows are left out: they have no latitude from -90 to 90 and longitude from -180 to 180.",
        extent.left_out,
    )


def extent_of(facts: dict[str, Any]) -> Extent:
    """The window again, from what a result carries with it."""
    return Extent(**{key: facts[key] for key in ("rows", "left_out", "west", "south", "east", "north")})
