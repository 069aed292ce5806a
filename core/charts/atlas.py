"""The picture of a filled map: countries as areas, small ones as dots, names without a place beneath."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from core.charts import land, parts
from core.charts.drawing import Say, panels, shown
from core.charts.grouping import Group
from core.charts.projection import equal_earth
from core.charts.words import number, pair
from core.contracts import Span
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa
    from numpy import ndarray

GLOBE: land.Box = (-2.71, -1.03, 2.71, 1.31)  # without Antarctica, in radii of a globe of the same area
WIDE = 0.45  # of the globe: from there on all of it is shown
NEAR = 0.35  # of the globe: up to here with fine borders
DOT = 0.006  # of the window: smaller countries are dots
ABREAST = (2, 1)  # names beneath the map in one line; of longer ones, with a guess beside them


@dataclass(frozen=True)
class Outline:
    """One part of a country on the plane."""

    line: Any  # places x 2
    box: land.Box
    area: float


@lru_cache(maxsize=1024)
def outlines(code: str, fine: bool = False) -> tuple[Outline, ...]:
    """The parts of a country on the plane, the largest first, cut where the map ends."""
    import numpy as np

    found = []
    for line in land.placed(land.shapes(code, fine), land.WORLD):
        line = land.cut(line, land.WORLD)
        if len(line):
            x, y = equal_earth(line[:, 0], line[:, 1])
            box = (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
            area = abs(float(x[:-1] @ y[1:] - x[1:] @ y[:-1])) / 2
            found.append(Outline(np.column_stack([x, y]), box, area))
    return tuple(sorted(found, key=lambda one: -one.area))


def spot(code: str) -> tuple[float, float]:
    """A place on the plane well inside a country."""
    import numpy as np

    x, y = equal_earth(*(np.array([end]) for end in land.middle(code)))
    return float(x[0]), float(y[0])


class Atlas:
    """The rows of a filled map laid out: what lies where, and how dark it is."""

    def __init__(self, data: pa.Table, by_rank: bool) -> None:
        self.rows = parts.numbered(data)
        self.by_rank = by_rank
        self.on_map = [row for row in self.rows if row["code"] is not None]
        self.beneath = [row for row in self.rows if row["code"] is None]
        self.abreast = ABREAST[any(row["nearest"] for row in self.beneath)]
        self.window = self._window()
        west, _, east, _ = self.window
        self.share = (east - west) / (GLOBE[2] - GLOBE[0])
        self.fine = self.share < NEAR
        scaled = self.on_map or self.rows  # what is on no map does not stretch the scale
        values = [row["value"] for row in scaled if row["value"] is not None]
        self.values = sorted(values)
        self.places = self._places()

    def _window(self) -> land.Box:
        """The part of the map that holds the countries with rows."""
        boxes = []
        for row in self.on_map:
            several = outlines(row["code"])
            boxes += [one.box for one in several if one.area > several[0].area / 10]
            x, y = spot(row["code"])
            boxes.append((x, y, x, y))
        if not boxes:
            return GLOBE
        west, south, east, north = (
            pick(box[i] for box in boxes) for i, pick in enumerate((min, min, max, max))
        )
        wide = max(east - west, (north - south) * 1.6, 0.1) * 1.12
        if wide > WIDE * (GLOBE[2] - GLOBE[0]):
            return (GLOBE[0], min(GLOBE[1], south), GLOBE[2], max(GLOBE[3], north))
        tall = max((north - south) * 1.12, wide / 3)
        x, y = (west + east) / 2, (south + north) / 2
        return (x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)

    def _places(self) -> dict[int, tuple[float, float]]:
        """Where the names without a place stand: in lines beneath the map."""
        west, south, east, _ = self.window
        return {
            row["row"]: (
                west + (east - west) * (0.01 + (i % self.abreast) / self.abreast),
                south - self._step() * (1.6 + i // self.abreast)
            )
            for i, row in enumerate(self.beneath)
        }  # fmt: skip

    def _step(self) -> float:
        return (self.window[3] - self.window[1]) * 0.09

    def shade(self, value: float | None) -> float | None:
        """How far along the scale a value lies."""
        if value is None or not self.values:
            return None
        low, high = self.values[0], self.values[-1]
        value = min(high, max(low, value))
        if low == high:
            return 0.5
        if not self.by_rank:
            return float(
                (value / 2 - low / 2) / (high / 2 - low / 2)
            )  # halves: a range may leave the doubles
        import bisect

        place = bisect.bisect_left(self.values, value) + bisect.bisect_right(self.values, value) - 1
        return place / 2 / (len(self.values) - 1)

    def within(self, x: Span | None, y: Span | None) -> list[int]:
        """The rows whose country, or whose name beneath the map, a window shows."""
        (west, east), (south, north) = (
            sorted(float(end) for end in ends) if ends else (-math.inf, math.inf) for ends in (x, y)
        )
        box = (west, south, east, north)
        found = [row["row"] for row in self.on_map if _shows(row["code"], box)]
        return found + [row for row, at in self.places.items() if _holds(box, *at)]

    def figure(self, say: Say, title: Note, measure: Note) -> go.Figure:
        west, south, east, north = self.window
        figure = panels([], title=say(title), x="", y="")
        for trace in (*self._ground(say), *self._areas(say), self._dots(say), self._names(say)):
            if trace is not None:
                figure.add_trace(trace)
        if self.values:
            figure.add_trace(self._legend(say(measure)))
        lines = math.ceil(len(self.beneath) / self.abreast)
        if lines:
            south -= self._step() * (lines + 1.2)
            figure.add_annotation(
                text=shown(say(note("Not on the map"))), x=west, y=self.window[1] - self._step() * 1.6,
                yshift=18,  # a line above the first name, however small the map is

                showarrow=False, xanchor="left",
            )  # fmt: skip
            figure.update_layout(height=450 + 22 * lines)
        for axis, ends in (("xaxis", [west, east]), ("yaxis", [south, north])):
            figure.update_layout(
                {axis: {"visible": False, "range": ends, "constrain": "domain",
                        "autorangeoptions": {"clipmin": ends[0], "clipmax": ends[1], "include": ends}}}
            )  # fmt: skip
        figure.update_yaxes(scaleanchor="x", scaleratio=1)
        figure.update_layout(legend={"y": 0, "yanchor": "top"})  # beneath the map that it tells of
        return figure

    def _seen(self, code: str) -> list[ndarray]:
        own = outlines(code, self.fine)
        return [land.cut(one.line, self.window) for one in own if _meet(one.box, self.window)]

    def _small(self, code: str) -> bool:
        several = outlines(code)
        if not several:
            return True
        west, south, east, north = several[0].box
        return max(east - west, north - south) < DOT * (self.window[2] - self.window[0])

    def _ground(self, say: Say) -> Iterator[go.Scatter]:
        """The net of degrees, and the countries without rows."""
        yield land.drawn(land.net(land.WORLD, 30 if self.share > WIDE else 10), "net", equal_earth)
        filled = {row["code"] for row in self.on_map if not self._small(row["code"])}
        bare = [line for code in land.codes() if code not in filled for line in self._seen(code)]
        if bare:
            trace = land.drawn(bare, "bare")
            trace.update(name=shown(say(note("no rows"))), showlegend=bool(self.on_map))
            yield trace

    def _areas(self, say: Say) -> Iterator[go.Scatter]:
        import plotly.graph_objects as go

        for row in self.on_map:
            if self._small(row["code"]) or not (lines := self._seen(row["code"])):
                continue
            x, y = land.chained(lines)
            yield go.Scatter(
                x=x, y=y, mode="lines", fill="toself", hoveron="fills", hoverinfo="text",
                text=self._text(row, say), name="", showlegend=False, customdata=[row["row"]],
                line={"width": 0.6},
                meta={"shade": self.shade(row["value"]), "middle": list(spot(row["code"]))},
            )  # fmt: skip

    def _dots(self, say: Say) -> go.Scatter | None:
        """Countries too small to be seen as areas."""
        small = [row for row in self.on_map if self._small(row["code"])]
        return self._points([(row, spot(row["code"])) for row in small], say, 9, "circle")

    def _names(self, say: Say) -> go.Scatter | None:
        """What the column says that no map knows: each with its shade, under the map."""
        trace = self._points([(row, self.places[row["row"]]) for row in self.beneath], say, 12, "square")
        if trace is not None:
            texts = [self._text(row, say, 52 // self.abreast) for row in self.beneath]
            trace.update(mode="markers+text", text=texts, textposition="middle right", cliponaxis=False)
        return trace

    def _points(
        self, found: list[tuple[dict[str, Any], tuple[float, float]]], say: Say, size: int, symbol: str
    ) -> go.Scatter | None:
        import plotly.graph_objects as go

        if not found:
            return None
        return go.Scatter(
            x=[x for _, (x, _) in found], y=[y for _, (_, y) in found],
            mode="markers", name="", showlegend=False,
            customdata=[row["row"] for row, _ in found], hoverinfo="text",
            hovertext=[self._text(row, say) for row, _ in found],
            marker={"size": size, "symbol": symbol, "line": {"width": 1}},
            meta={"shades": [self.shade(row["value"]) for row, _ in found]},
        )  # fmt: skip

    def _text(self, row: dict[str, Any], say: Say, longest: int = 100) -> str:
        value = number(row["value"])
        return shown(say(pair(shown(say(guessed(row)), longest - len(value) - 2), value)), longest)

    def _legend(self, unit: str) -> go.Heatmap:
        """The scale: a grid too small to be seen, with a bar that all shades can be read from."""
        import plotly.graph_objects as go

        low, high = self.values[0], self.values[-1]
        bar: dict[str, Any] = {"title": {"text": shown(unit)}}
        ends = (low, high) if low < high else (low - 0.5, high + 0.5)
        if self.by_rank and low < high:
            ends = (0.0, 1.0)
            steps = [0.0, 0.25, 0.5, 0.75, 1.0]
            own = [self.values[round(step * (len(self.values) - 1))] for step in steps]
            bar |= {"tickvals": steps, "ticktext": [number(one) for one in own]}
        west, south = self.window[:2]
        return go.Heatmap(
            z=[[ends[0], ends[1]]], x=[west, west + 1e-9, west + 2e-9], y=[south, south + 1e-9], zmin=ends[0],
            zmax=ends[1], autocolorscale=True, hoverinfo="skip", colorbar=bar,
        )  # fmt: skip


def guessed(row: Mapping[str, Any]) -> Note:
    """What a row is called; a name that no map knows with the known one that comes closest."""
    name = Group(row["place"], row["place_is"]).words()
    return note("{name} ({nearest}?)", name=name, nearest=row["nearest"]) if row["nearest"] else name


def _meet(one: land.Box, other: land.Box) -> bool:
    return one[0] <= other[2] and one[2] >= other[0] and one[1] <= other[3] and one[3] >= other[1]


def _holds(box: land.Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _shows(code: str, box: land.Box) -> bool:
    """Whether a window shows some of a country: a piece of its border, or nothing but its inside."""
    if _holds(box, *spot(code)):
        return True
    west, south, east, north = box
    for one in outlines(code):
        x, y = one.line[:, 0], one.line[:, 1]
        if not _meet(one.box, box):
            continue
        if bool(((x >= west) & (x <= east) & (y >= south) & (y <= north)).any()):
            return True
        if _inside(one.line, (west + east) / 2, (south + north) / 2):
            return True
    return False


def _inside(line: ndarray, x: float, y: float) -> bool:
    """Whether a place lies inside a closed line: a ray from it crosses the line an odd number of times."""
    ax, ay, bx, by = line[:-1, 0], line[:-1, 1], line[1:, 0], line[1:, 1]
    over = (ay > y) != (by > y)
    at = (bx - ax)[over] * (y - ay[over]) / (by - ay)[over] + ax[over]
    return bool((x < at).sum() % 2)
