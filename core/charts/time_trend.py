"""Trend lines of lines: least squares through the steps of each, with the interval of its height."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.charts import trend
from core.charts.drawing import Legend, Say, shown
from core.charts.facets import Panels
from core.charts.grouping import Group
from core.charts.trend import Line
from core.charts.words import counted, listed, number, sentences
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa


def lines(rows: Sequence[Mapping[str, Any]], keys: Sequence[str], dated: bool, log: bool) -> list[Line]:
    """The trend of each line; its slope is None where it has none.

    Steps of time count 0, 1, 2, ... from the first one drawn: months are one step each, however long.
    On a logarithmic axis the logarithms are fitted, which is growth by the same part in each step.
    """
    steps = sorted({row["x"] for row in rows})
    at = {x: float(i) if dated else float(x) for i, x in enumerate(steps)}
    held: dict[tuple[Group, ...], list[tuple[float, float]]] = {}
    for row in rows:
        value = _height(row["value"], log)
        own = held.setdefault(tuple(row[key] for key in keys), [])
        own += [] if value is None else [(at[row["x"]], value)]
    return [
        {"groups": {key: [one.label, one.mark] for key, one in zip(keys, groups, strict=True)},
         "n": len(points), **_fit(points)}
        for groups, points in held.items()
    ]  # fmt: skip


def _height(value: float | None, log: bool) -> float | None:
    if value is None or not log:
        return value
    return math.log10(value) if value > 0 else None


def _fit(points: Sequence[tuple[float, float]]) -> Line:
    """As `trend.fitted`, of points: sums of squares are taken from the means."""
    if len(points) < 3:
        return {"slope": None}
    sides = list(zip(*points, strict=True))
    # enormous numbers are brought near 1, for their squares
    scale = [1 / most if (most := max(map(abs, side))) > 1e100 else 1.0 for side in sides]
    xs, ys = ([value * by for value in side] for side, by in zip(sides, scale, strict=True))
    mx, my = (math.fsum(side) / len(side) for side in (xs, ys))
    sums = {
        "sxx": math.fsum((x - mx) ** 2 for x in xs), "syy": math.fsum((y - my) ** 2 for y in ys),
        "sxy": math.fsum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True)),
    }  # fmt: skip
    ends = {"n": len(xs), "mx": mx, "my": my, "low": min(xs), "high": max(xs)}
    return trend.fitted(sums | ends, *scale)


def draw(
    figure: go.Figure, data: pa.Table, found: Sequence[Line], panels: Panels, legend: Legend, say: Say,
    *, log: bool, by: Note,
) -> None:  # fmt: skip
    """Put each line's trend and the interval of its height on its panel."""
    import plotly.graph_objects as go

    steps = sorted(set(data.column("x").to_pylist()))
    dated = bool(steps) and isinstance(steps[0], str)
    for line in found:
        panel = panels.find(line["groups"])
        if line["slope"] is None or panel is None:
            continue
        places = [(float(i) if dated else float(x), x) for i, x in enumerate(steps)]
        places = [(at, x) for at, x in places if line["low"] <= at <= line["high"]]
        across = [x for _, x in places]
        means = [trend.mean_at(line, at) for at, _ in places]
        rooms = [trend.room_at(line, at) for at, _ in places]
        high = [_value(mean + room, log) for mean, room in zip(means, rooms, strict=True)]
        low = [_value(mean - room, log) for mean, room in zip(means, rooms, strict=True)]
        looks = legend.entry(Group(*line["groups"].get("colour", ("", "value"))), [])
        figure.add_trace(
            go.Scatter(
                x=across + across[::-1], y=high + low[::-1], mode="lines", fill="toself",
                line={"width": 0}, opacity=0.4, hoverinfo="skip", **looks,
            ), **panel.place,
        )  # fmt: skip
        figure.add_trace(
            go.Scatter(
                x=across, y=[_value(mean, log) for mean in means], mode="lines",
                line={"width": 2.5, "dash": "dash"}, hoverinfo="text",
                hovertext=shown(say(_words(line, by, log)), 300), **looks,
            ), **panel.place,
        )  # fmt: skip


def _value(height: float, log: bool) -> float | None:
    """The height on its axis; None beyond what a double holds."""
    if not log:
        return height if math.isfinite(height) else None
    return 10.0**height if abs(height) < 308 else None


def describe(found: Sequence[Line] | None, by: Note, log: bool) -> Note | None:
    """The trends in words: slope with its interval, r, steps."""
    if not found:
        return None
    straight = [line for line in found if line["slope"] is not None]
    return sentences(
        note(
            "Trend by least squares through the steps. {lines}. "
            "Its interval takes the steps as independent of each other.",
            lines=listed([_words(line, by, log) for line in straight]),
        ) if straight else None,
        counted(
            "{count:,} line has no trend: it needs three steps with a value. | "
            "{count:,} lines have no trend: they need three steps with a value.",
            len(found) - len(straight),
        ),
    )  # fmt: skip


def _words(line: Line, by: Note, log: bool) -> Note:
    room = line["t"] * line["error"] / line["spread"]
    ends = (line["slope"], line["slope"] - room, line["slope"] + room)
    slope, low, high = (number(_value(end, log)) for end in ends)
    template = {
        False: "changes by {slope} ({low} to {high}) for each {by}, r {r}, {n} steps",
        True: "is multiplied by {slope} ({low} to {high}) for each {by}, r {r}, {n} steps",
    }[log]
    words = note(template, by=by, slope=slope, low=low, high=high, r=f"{line['r']:.3f}", n=number(line["n"]))
    names = [Group(*one).words() for one in line["groups"].values()]
    return note("{names}: {words}", names=names, words=words) if names else words
