"""Makes countries.json.gz from world-atlas's countries-50m.json and the ISO codes of i18n-iso-countries.

    python data/maps/make.py path/to/world-atlas/countries-50m.json path/to/i18n-iso-countries/codes.json

Both are packages of the npm registry (world-atlas 2.0.2, i18n-iso-countries 7.14.0). README.md beside
this file says what the result holds, and under which licences.
"""

from __future__ import annotations

import gzip
import json
import math
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

UNIT = 100  # steps of a degree
FINE, COARSE = 0.02, 0.15  # degrees that a line may leave its course
FINE_RING, COARSE_RING = 0.04, 0.3  # degrees: smaller islands are left out, unless they are the largest
NO_CODE = {"Kosovo": "XKX", "Somaliland": "SOM", "N. Cyprus": "CYP"}
# Overseas parts that Natural Earth draws with their state, and that have an ISO code: (lon, lat) around them
PARTS = {
    "FRA": {
        "GUF": (-53, 4), "GLP": (-61.5, 16.2), "MTQ": (-61, 14.6), "REU": (55.5, -21.1),
        "MYT": (45.2, -12.8),
    },
    "NOR": {"SJM": (18, 78), "BVT": (3.4, -54.4)},
    "NLD": {"BES": (-68.3, 12.2)},
}  # fmt: skip
NEAR = {"SJM": 20.0, "GUF": 3.0}  # degrees; else 0.9
# too small to be drawn at this scale: a place alone
POINTS = {
    "GIB": (-5.35, 36.14), "TUV": (179.2, -8.52), "TKL": (-171.85, -9.17), "BVT": (3.36, -54.42),
    "CCK": (96.87, -12.17), "CXR": (105.64, -10.49), "UMI": (166.63, 19.29),
}  # fmt: skip

Line = np.ndarray[Any, np.dtype[np.float64]]


def decoded(topology: dict[str, Any]) -> list[Line]:
    """The arcs as longitudes and latitudes."""
    scale, move = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    return [straight(np.cumsum(np.array(arc), axis=0) * scale + move) for arc in topology["arcs"]]


def straight(line: Line) -> Line:
    """The line without a jump where it crosses the 180th meridian: it goes on to 181 degrees."""
    return np.column_stack([np.unwrap(line[:, 0], period=360), line[:, 1]])


def kept(line: Line, tolerance: float) -> Line:
    """Which points a line needs to stay within `tolerance` of its course (Douglas and Peucker)."""
    found = np.zeros(len(line), bool)
    found[[0, -1]] = True
    waiting = [(0, len(line) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        own, (a, b) = line[first + 1 : last], (line[first], line[last])
        way = b - a
        long = math.hypot(*way)
        away = own - a
        far = np.abs(way[0] * away[:, 1] - way[1] * away[:, 0]) / long if long else np.hypot(*away.T)
        most = int(far.argmax())
        if far[most] > tolerance:
            middle = first + 1 + most
            found[middle] = True
            waiting += [(first, middle), (middle, last)]
    return found


def ring(arcs: list[Line], numbers: list[int]) -> Line:
    pieces = [arcs[number] if number >= 0 else arcs[~number][::-1] for number in numbers]
    line = straight(np.concatenate([piece if not i else piece[1:] for i, piece in enumerate(pieces)]))
    if abs(line[-1, 0] - line[0, 0]) > 180:  # around the pole
        line = np.concatenate([line, [[line[-1, 0], -90], [line[0, 0], -90], line[0]]])
    return line


def area(line: Line) -> float:
    x, y = line[:, 0] * math.cos(math.radians(line[:, 1].mean())), line[:, 1]
    return float(abs(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2)


def inside(line: Line, x: Line, y: Line) -> Any:
    found = np.zeros(len(x), bool)
    for (ax, ay), (bx, by) in pairwise(line):
        if ay != by:
            found ^= ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    return found


def middle(line: Line) -> list[float]:
    """A place well inside: of many, the one furthest from the border."""
    steps = 25
    (west, south), (east, north) = line.min(axis=0), line.max(axis=0)
    x, y = (
        axis.ravel() for axis in np.meshgrid(*(a + (b - a) * (np.arange(steps) + 0.5) / steps
                                               for a, b in ((west, east), (south, north))))
    )  # fmt: skip
    within = inside(line, x, y)
    if not within.any():
        return [round(float(v), 2) for v in line.mean(axis=0)]
    x, y, narrow = x[within], y[within], math.cos(math.radians(line[:, 1].mean()))
    far = np.min(np.hypot((x[:, None] - line[None, :, 0]) * narrow, y[:, None] - line[None, :, 1]), axis=1)
    best = int(far.argmax())
    return [round((float(x[best]) + 180) % 360 - 180, 2), round(float(y[best]), 2)]


def part_of(code: str, line: Line) -> str:
    x, y = (line.min(axis=0) + line.max(axis=0)) / 2
    for own, (lon, lat) in PARTS.get(code, {}).items():
        near = NEAR.get(own, 0.9)
        if abs(y - lat) < near / (2 if own == "SJM" else 1) and abs(x - lon) < near * (
            2 if own == "SJM" else 1
        ):
            return own
    return code


def main(atlas: Path, codes: Path) -> None:
    topology = json.loads(atlas.read_text(encoding="utf-8"))
    alpha = {number: three for _, three, number, *_ in json.loads(codes.read_text(encoding="utf-8"))}
    arcs = decoded(topology)
    rings: dict[str, list[list[int]]] = {}
    for shape in topology["objects"]["countries"]["geometries"]:
        code = alpha.get(shape.get("id", "")) or NO_CODE.get(shape["properties"]["name"], "")
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        for polygon in polygons:
            own = part_of(code, ring(arcs, polygon[0]))
            rings.setdefault(own, []).extend(polygon)
    countries = {}
    used: set[int] = set()
    for code, several in sorted(rings.items()):
        lines = {i: ring(arcs, numbers) for i, numbers in enumerate(several)}
        order = sorted(lines, key=lambda i: -area(lines[i]))
        wide = {i: float((lines[i].max(axis=0) - lines[i].min(axis=0)).max()) for i in order}
        order = [i for i in order if wide[i] >= FINE_RING or i == order[0]]
        first = order[0]
        small = {i: wide[i] < COARSE_RING and i != first for i in order}
        order.sort(key=small.__getitem__)
        countries[code] = {"rings": [several[i] for i in order], "coarse": len(order) - sum(small.values()),
                           "middle": middle(lines[first])}  # fmt: skip
        used |= {number if number >= 0 else ~number for i in order for number in several[i]}
    places = {old: new for new, old in enumerate(sorted(used))}
    lines, levels = [], []
    for old in sorted(used):
        line = arcs[old]
        fine = kept(line, FINE)
        some = kept(line[fine], COARSE)
        steps = np.round(line[fine] * UNIT).astype(int)
        lines.append(np.diff(steps, axis=0, prepend=np.zeros((1, 2), int)).ravel().tolist())
        levels.append("".join("1" if one else "0" for one in some))
    for country in countries.values():
        country["rings"] = [
            [places[n] if n >= 0 else ~places[~n] for n in numbers] for numbers in country["rings"]
        ]
    for code, place in POINTS.items():
        countries.setdefault(code, {"rings": [], "coarse": 0, "middle": list(place)})
    made = {
        "source": "Natural Earth 1:50m (public domain), by way of world-atlas 2.0.2 (ISC)",
        "unit": UNIT, "arcs": lines, "levels": levels, "countries": countries,
    }  # fmt: skip
    text = json.dumps(made, separators=(",", ":"), sort_keys=True)
    target = Path(__file__).with_name("countries.json.gz")
    target.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    points = sum(map(len, levels))
    sys.stdout.write(
        f"{len(countries)} countries, {len(lines)} lines of {points} points, {target.stat().st_size} bytes\n"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
