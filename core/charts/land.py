"""The land on maps: the countries' shapes that come with Sightline (data/maps), cut to a window."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from numpy import ndarray

FILE = Path(__file__).resolve().parents[2] / "data" / "maps" / "countries.json.gz"
Box = tuple[float, float, float, float]  # west, south, east, north
Project = Callable[["ndarray", "ndarray"], "tuple[ndarray, ndarray]"]
WORLD: Box = (-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True)
class Shape:
    """One closed line of a country's border in degrees; it may go on beyond the 180th meridian."""

    line: Any  # places x 2
    box: Box


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(gzip.decompress(FILE.read_bytes()))
    return document


@lru_cache(maxsize=1)
def _arcs() -> list[tuple[ndarray, ndarray]]:
    """Each line with which of its places a map of the world needs."""
    import numpy as np

    found = _file()
    return [
        (np.cumsum(np.reshape(steps, (-1, 2)), axis=0) / found["unit"], np.array([*level]) == "1")
        for steps, level in zip(found["arcs"], found["levels"], strict=True)
    ]


def codes() -> list[str]:
    """The countries, by their three letters; under an empty text lies land that nobody has alone."""
    return list(_file()["countries"])


def middle(code: str) -> tuple[float, float]:
    """Longitude and latitude of a place well inside the country's largest part."""
    lon, lat = _file()["countries"][code]["middle"]
    return lon, lat


@lru_cache(maxsize=1024)
def shapes(code: str, fine: bool = False) -> tuple[Shape, ...]:
    """The country's borders, its largest parts among them first in no particular order.

    For a map of the world coarse ones without small islands; `fine` for a part of it.
    """
    own = _file()["countries"][code]
    rings = own["rings"] if fine else own["rings"][: own["coarse"]]
    return tuple(_shape(numbers, fine) for numbers in rings)


def _shape(numbers: Sequence[int], fine: bool) -> Shape:
    import numpy as np

    line = _joined(numbers, fine)
    if len(line) < 4 and not fine:
        line = _joined(numbers, True)
    line = np.column_stack([np.unwrap(line[:, 0], period=360), line[:, 1]])
    if abs(line[-1, 0] - line[0, 0]) > 180:  # around the pole
        line = np.concatenate([line, [[line[-1, 0], -90], [line[0, 0], -90], line[0]]])
    (west, south), (east, north) = line.min(axis=0), line.max(axis=0)
    return Shape(line, (float(west), float(south), float(east), float(north)))


def _joined(numbers: Sequence[int], fine: bool) -> ndarray:
    import numpy as np

    pieces = []
    for number in numbers:
        line, coarse = _arcs()[number if number >= 0 else ~number]
        line = line if fine else line[coarse]
        pieces.append(line if number >= 0 else line[::-1])
    return np.concatenate([piece[1:] if i else piece for i, piece in enumerate(pieces)])


def placed(found: Iterable[Shape], window: Box) -> list[ndarray]:
    """The lines that a window from west to east shows, each moved around the globe to where it lies there."""
    import numpy as np

    west, south, east, north = window
    lines = []
    for shape in found:
        for turn in (-360.0, 0.0, 360.0):
            left, low, right, high = shape.box[0] + turn, shape.box[1], shape.box[2] + turn, shape.box[3]
            if right >= west and left <= east and high >= south and low <= north:
                lines.append(shape.line + np.array([turn, 0.0]))
    return lines


def cut(line: ndarray, box: Box) -> ndarray:
    """What a box holds of a closed line and what lies in it; it then runs along the box's sides."""
    for axis, side, sign in ((0, box[0], 1.0), (0, box[2], -1.0), (1, box[1], 1.0), (1, box[3], -1.0)):
        if len(line) and (sign * (line[:, axis] - side) < 0).any():
            line = _cut(line, axis, side, sign)
    return line


def _cut(line: ndarray, axis: int, side: float, sign: float) -> ndarray:
    """What lies on one side of a straight line (Sutherland and Hodgman)."""
    import numpy as np

    kept: list[list[float]] = []
    points = line.tolist()
    for a, b in pairwise(points):
        inside, next_inside = sign * (a[axis] - side) >= 0, sign * (b[axis] - side) >= 0
        if inside:
            kept.append(a)
        if inside != next_inside:
            share = (side - a[axis]) / (b[axis] - a[axis])
            crossing = [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share]
            crossing[axis] = side
            kept.append(crossing)
    return np.array([*kept, kept[0]]) if kept else np.empty((0, 2))


def chained(lines: Sequence[ndarray], project: Project | None = None) -> tuple[ndarray, ndarray]:
    """Many lines as one, with gaps between: how Plotly takes several parts of one thing."""
    import numpy as np

    gap = np.full((1, 2), np.nan)
    own = [part for line in lines if len(line) for part in (line, gap)]
    both = np.concatenate(own) if own else np.empty((0, 2))
    x, y = project(both[:, 0], both[:, 1]) if project else (both[:, 0], both[:, 1])
    return x.astype(np.float32), y.astype(np.float32)


def net(window: Box, step: float) -> list[ndarray]:
    """Meridians and parallels in a window, every so many degrees."""
    import numpy as np

    west, south, east, north = window
    across, up = np.linspace(west, east, 61), np.linspace(south, north, 61)
    meridians = np.arange(np.ceil(west / step), np.floor(east / step) + 1) * step
    parallels = np.arange(np.ceil(south / step), np.floor(north / step) + 1) * step
    lines = [np.column_stack([np.full_like(up, at), up]) for at in meridians]
    return lines + [np.column_stack([across, np.full_like(across, at)]) for at in parallels]


def drawn(lines: Sequence[ndarray], kind: str, project: Project | None = None, **more: Any) -> go.Scatter:
    """The ground as a trace that says nothing: "land", its "outline", land "bare" of rows, a "net"."""
    import plotly.graph_objects as go

    x, y = chained(lines, project)
    fill: dict[str, Any] = {"fill": "toself"} if kind in ("land", "bare") else {}
    if kind == "bare":  # hatched: no shade can be taken for it
        fill |= {"fillpattern": {"shape": "/", "size": 7, "solidity": 0.12, "fillmode": "overlay"}}
    return go.Scatter(
        x=x, y=y, mode="lines", hoverinfo="skip", showlegend=False, meta={"ground": kind},
        line={"width": 0.6}, **fill, **more,
    )  # fmt: skip
