"""Trend lines: least squares of all rows that are drawn, with the interval of the mean, from sums."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from core import sql
from core.charts import parts
from core.charts.drawing import Legend, Say, shown
from core.charts.facets import Panels
from core.charts.grouping import Cut, Group, grouped
from core.charts.plane import AXES, Nodes, Plane
from core.charts.words import counted, listed, number, sentences
from core.contracts import Engine, Table
from core.ordinal import scaling
from core.wording import Note, counted_rows, note

if TYPE_CHECKING:
    import plotly.graph_objects as go

LEVEL = 0.95
STEPS = 24  # of the interval's edges, which are bent

Line = dict[str, Any]  # a group's line as JSON: its groups, n, slope, r, and what its interval needs


def lines(
    table: Table, engine: Engine, nodes: Nodes, cut: dict[str, Cut], facts: dict[str, Any], where: exp.Expr
) -> list[Line]:
    """The line of each group, the biggest group first; its slope is None where it has none.

    All rows that are drawn count, whether as points of their own or in cells. Sums of squares are
    taken from the means, and enormous or minute numbers are brought near 1 before.
    """
    scale = {axis: scaling(*facts[axis]) for axis in AXES}
    at = {
        axis: nodes[axis] if scale[axis] == 1 else sql.template(":v * :s", v=nodes[axis], s=scale[axis])
        for axis in AXES
    }
    asked = {"n": "count(*)", "low": "min(:x)", "high": "max(:x)", "mx": "avg(:x)", "my": "avg(:y)"}
    asked |= {key: f"regr_{key}(:y, :x)" for key in ("sxx", "syy", "sxy")}
    sums = {key: sql.template(text, **at) for key, text in asked.items()}
    rows = parts.records(grouped(table, engine, cut, sums, None, where), cut)
    rows = [row for row in rows if row["n"]]
    order = parts.places(rows, cut, "n")
    rows.sort(key=lambda row: [order[key][row[key]] for key in cut])
    found = []
    for row in rows:
        groups = {key: [row[key].label, row[key].mark] for key in cut}
        found.append({"groups": groups, "n": row["n"], **fitted(row, scale["x"], scale["y"])})
    return found


def fitted(row: dict[str, Any], sx: float, sy: float) -> Line:
    """Slope, means, spread and residual error in the axes' own units, from the scaled sums."""
    from scipy.special import stdtrit

    none = {"slope": None}
    n, sxx, syy, sxy = (row[key] for key in ("n", "sxx", "syy", "sxy"))
    if n < 3 or not sxx > 0:
        return none
    left = max(0.0, syy - sxy * sxy / sxx)
    fit = {
        "slope": sxy / sxx * (sx / sy), "x": row["mx"] / sx, "y": row["my"] / sy,
        "spread": math.sqrt(sxx) / sx, "error": math.sqrt(left / (n - 2)) / sy,
        "r": max(-1.0, min(1.0, sxy / math.sqrt(sxx) / math.sqrt(syy))) if syy > 0 else 0.0,
        "t": float(stdtrit(n - 2, (1 + LEVEL) / 2)), "low": row["low"] / sx, "high": row["high"] / sx,
    }  # fmt: skip
    return fit if all(math.isfinite(value) for value in fit.values()) else none


def mean_at(line: Line, x: float) -> float:
    """How high the line is at a place."""
    return float(line["y"] + line["slope"] * (x - line["x"]))


def room_at(line: Line, x: float) -> float:
    """Half the interval of the mean there: t(0.975, n - 2) * s * sqrt(1/n + (x - mean of x)^2 / sxx)."""
    near = ((x - line["x"]) / line["spread"]) ** 2
    return float(line["t"] * line["error"] * math.sqrt(1 / line["n"] + near))


def _of(line: Line, key: str) -> Group:
    return Group(*line["groups"][key]) if key in line["groups"] else Group("")


def groups(found: list[Line], key: str) -> list[Group]:
    """The groups that have lines, in their order."""
    return list(dict.fromkeys(_of(line, key) for line in found))


def draw(
    figure: go.Figure, found: list[Line], plane: Plane, panels: Panels, legend: Legend, say: Say,
    *, named: bool, fast: bool,
) -> None:  # fmt: skip
    """Put each group's line and the interval of its mean on its panel; `named` ones enter the legend."""
    import plotly.graph_objects as go

    kind = go.Scattergl if fast else go.Scatter  # on the same layer as the points, so above them
    for line in found:
        panel = panels.find(line["groups"])
        if line["slope"] is None or panel is None:
            continue
        looks = legend.entry(_of(line, "colour"), [line] if named else [])
        xs = [line["low"] + (line["high"] - line["low"]) * i / STEPS for i in range(STEPS + 1)]
        means = [mean_at(line, x) for x in xs]
        rooms = [room_at(line, x) for x in xs]
        low = [mean - room for mean, room in zip(means, rooms, strict=True)]
        high = [mean + room for mean, room in zip(means, rooms, strict=True)]
        across = [_value(plane, "x", x) for x in xs]
        figure.add_trace(
            kind(
                x=across + across[::-1], y=[_value(plane, "y", y) for y in high + low[::-1]], mode="lines",
                fill="toself", line={"width": 0}, opacity=0.4, hoverinfo="skip",
                **{**looks, "showlegend": False},
            ), **panel.place,
        )  # fmt: skip
        figure.add_trace(
            kind(
                x=across, y=[_value(plane, "y", y) for y in means], mode="lines", line={"width": 2.5},
                hoverinfo="text", hovertext=shown(say(_words(line, plane)), 300), **looks,
            ), **panel.place,
        )  # fmt: skip


def _value(plane: Plane, axis: Any, value: float) -> float | None:
    """The value on its axis; None beyond what a double holds."""
    try:
        return plane.value(axis, value)
    except OverflowError:
        return None


def describe(found: list[Line], plane: Plane) -> Note | None:
    """The lines in words: slope with its interval, r, rows."""
    straight = [line for line in found if line["slope"] is not None]
    if not found:
        return None
    return sentences(
        note("Trend by least squares of all rows shown. {lines}.", lines=listed(
            [_words(line, plane) for line in straight]
        )) if straight else None,
        counted(
            "{count:,} group has no trend line: it needs three rows and two different values. | "
            "{count:,} groups have no trend line: they need three rows and two different values.",
            len(found) - len(straight),
        ),
    )  # fmt: skip


def _words(line: Line, plane: Plane) -> Note:
    room = line["t"] * line["error"] / line["spread"]
    ends = (line["slope"], line["slope"] - room, line["slope"] + room)
    slope, low, high = (number(_value(plane, "y", end)) if plane.log_y else number(end) for end in ends)
    template = {
        (False, False): "{y} changes by {slope} ({low} to {high}) for each 1 of {x}, r {r}, {rows}",
        (True, False): "{y} changes by {slope} ({low} to {high}) for each tenfold of {x}, r {r}, {rows}",
        (False, True): "{y} is multiplied by {slope} ({low} to {high}) for each 1 of {x}, r {r}, {rows}",
        (
            True,
            True,
        ): "{y} is multiplied by {slope} ({low} to {high}) for each tenfold of {x}, r {r}, {rows}",
    }[plane.log_x, plane.log_y]
    words = note(
        template, x=plane.x, y=plane.y, slope=slope, low=low, high=high, r=f"{line['r']:.3f}",
        rows=counted_rows(line["n"]),
    )  # fmt: skip
    names = [_of(line, key).words() for key in line["groups"]]
    return note("{names}: {words}", names=names, words=words) if names else words
