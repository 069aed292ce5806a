"""Two numbers on a plane: which rows are drawn, the range they span, and the cells they are counted in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlglot import exp

from core import sql
from core.charts import parts, tips
from core.charts.distribution import fences, within
from core.charts.drawing import logarithmic
from core.charts.grouping import Cut, grouped
from core.charts.measuring import kinds
from core.charts.prepared import prepared
from core.contracts import Engine, Span, Table
from core.ordinal import edges, logarithm, ordinal
from core.selection import Selection
from core.within import Within

if TYPE_CHECKING:
    import plotly.graph_objects as go

Axis = Literal["x", "y"]
AXES: tuple[Axis, ...] = ("x", "y")
Nodes = dict[str, exp.Expr]  # how each axis's number of a row is asked for
TOP = 300.0  # the logarithm of what nothing drawn exceeds


@dataclass(frozen=True)
class Plane:
    """Two number columns as axes, each plain or logarithmic, with far values or without."""

    x: str
    y: str
    log_x: bool = False
    log_y: bool = False
    trimmed: bool = False  # what lies far outside is left out

    def column(self, axis: Axis) -> str:
        return self.x if axis == "x" else self.y

    def log(self, axis: Axis) -> bool:
        return self.log_x if axis == "x" else self.log_y

    def value(self, axis: Axis, value: float) -> float:
        """A value again whose logarithm was counted with: people read the values themselves."""
        return float(10**value) if self.log(axis) else value

    def placed(self, table: Table) -> tuple[Table, Nodes]:
        """The table with the numbers of both axes, and how they are asked for."""
        types = kinds(table)
        return prepared(table, {axis: ordinal(self.column(axis), types[self.column(axis)]) for axis in AXES})

    def units(self, numbers: Nodes) -> Nodes:
        """The numbers in the units that are counted with: null where an axis does not have them."""
        return {key: logarithm(numbers[key]) if self.log(key) else numbers[key] for key in AXES}

    def facts(self, table: Table, engine: Engine, numbers: Nodes) -> tuple[dict[str, Any], exp.Expr]:
        """How many rows there are, how many are drawn and in what range; and the condition they meet."""
        source = table.query.copy().subquery("t")
        # asked of the numbers themselves: in a condition each logarithm is taken again
        drawable = {key: ":v > 0" if self.log(key) else ":v IS NOT NULL" for key in AXES}
        present = exp.and_(*[sql.template(text, v=numbers[key]) for key, text in drawable.items()])
        drawn: exp.Expr = present
        far: dict[Axis, tuple[float, float] | None] = dict.fromkeys(AXES)
        if self.trimmed:
            count = exp.select(exp.alias_(sql.template("count(*)"), "n")).from_(source.copy())
            rows = int(engine.rows(count).to_pylist()[0]["n"])
            far = dict(
                zip(AXES, fences(table, engine, list(self.units(numbers).values()), rows), strict=True)
            )
            for key, fence in far.items():
                if fence is not None:
                    low, high = (self.value(key, min(end, TOP)) if self.log(key) else end for end in fence)
                    near = sql.template(":v BETWEEN :a AND :b", v=numbers[key], a=low, b=high)
                    drawn = exp.and_(drawn, near)
        asked = {"n": sql.template("count(*)"), "m": sql.template("count(*) FILTER (WHERE :d)", d=drawn)}
        for key in AXES:
            for end in ("min", "max"):
                asked[f"{end} {key}"] = sql.template(
                    f"{end}(:v) FILTER (WHERE :p)", v=numbers[key], p=present
                )
        chosen = [exp.alias_(node, key, quoted=True) for key, node in asked.items()]
        row = engine.rows(exp.select(*chosen).from_(source)).to_pylist()[0]
        facts: dict[str, Any] = {"all": int(row["n"]), "rows": int(row["m"])}
        for key in AXES:
            ends = [row[f"{end} {key}"] for end in ("min", "max")]
            low, high = (0.0 if v is None else math.log10(v) if self.log(key) else v for v in ends)
            facts[key] = list(within((low, high), far[key]))
        return {**facts, "left_out": facts["all"] - facts["rows"]}, drawn

    def cells(
        self, table: Table, engine: Engine, numbers: Nodes, cut: dict[str, Cut], facts: dict[str, Any],
        where: exp.Expr, grid: dict[Axis, int], tooltip: Sequence[str] = (),
    ) -> list[dict[str, Any]]:  # fmt: skip
        """The rows counted in so many cells of each group; tells `facts` the grid and its widths."""
        extra, widths, nodes = {}, {}, self.units(numbers)
        for key in AXES:
            low, high = facts[key]
            widths[key] = (high - low) / grid[key] or 1.0
            extra[f"{key}_cell"] = sql.template(
                "CAST(greatest(0, least(:last, floor((:v - :low) / :width))) AS SMALLINT)",
                v=nodes[key], low=low, width=widths[key], last=float(grid[key] - 1),
            )  # fmt: skip
        found = grouped(table, engine, cut, {"rows": sql.template("count(*)")}, extra, where)
        rows = parts.records(found, cut)
        tips.add(rows, table, engine, tooltip, cut, extra, where)
        for row in rows:
            for key in AXES:
                row[key] = self.value(key, facts[key][0] + widths[key] * (row[f"{key}_cell"] + 0.5))
        order = parts.places(rows, cut, "rows")
        rows.sort(key=lambda row: (*[order[k][row[k]] for k in cut], row["y_cell"], row["x_cell"]))
        facts |= {"cells": grid, "widths": widths}
        return rows

    def edges(self, axis: Axis, facts: dict[str, Any]) -> list[float]:
        """The ends of the cells along an axis."""
        return edges(facts[axis][0], facts["widths"][axis], facts["cells"][axis], log=self.log(axis))

    def inside(self, facts: dict[str, Any], row: dict[str, Any]) -> list[Within]:
        """What is true of the rows in one cell."""
        found = []
        for axis in AXES:
            ends, cell = self.edges(axis, facts), row[f"{axis}_cell"]
            last = cell == facts["cells"][axis] - 1
            lost = 1e-12 if self.log(axis) else 0.0  # what a logarithm and back may lose at the ends
            high = self.value(axis, facts[axis][1]) * (1 + lost) if last else ends[cell + 1]
            low = self.value(axis, facts[axis][0]) * (1 - lost) if not cell else ends[cell]
            found.append(Within(column=self.column(axis), low=low, high=high, closed=last))
        return found

    def region(self, x: Span | None, y: Span | None) -> Selection:
        return Selection.of(*parts.span(self.x, "number", x), *parts.span(self.y, "number", y))

    def heat(self, rows: list[dict[str, Any]], facts: dict[str, Any], most: int) -> go.Heatmap:
        """The density of one panel: shades of a logarithmic scale that all panels share."""
        import numpy as np
        import plotly.graph_objects as go

        cells = facts["cells"]
        counts = np.full((cells["y"], cells["x"]), np.nan)
        behind = np.full((cells["y"], cells["x"], 2), -1)  # the row of the result, and how many it counts
        for row in rows:
            counts[row["y_cell"], row["x_cell"]] = row["rows"]
            behind[row["y_cell"], row["x_cell"]] = row["row"], row["rows"]
        sides = {axis: self.edges(axis, facts) for axis in AXES}
        ticks = list(range(int(math.log10(most)) + 1))
        return go.Heatmap(
            # on a linear scale a few crowded cells would leave all others pale
            autocolorscale=True, z=np.log10(counts), zmin=0, zmax=max(math.log10(most), 0.1), **sides,
            customdata=behind, hovertemplate="%{x:.4~g}, %{y:.4~g}: %{customdata[1]:,}<extra></extra>",
            hoverongaps=False, colorbar={"tickvals": ticks, "ticktext": [f"{10**t:,}" for t in ticks]},
        )  # fmt: skip

    def scale(self, figure: go.Figure, facts: dict[str, Any]) -> None:
        """Make the axes logarithmic that are."""
        if self.log_x:
            figure.update_xaxes(logarithmic(self.value("x", end) for end in facts["x"]))
        if self.log_y:
            figure.update_yaxes(logarithmic(self.value("y", end) for end in facts["y"]))


def grid(cells: int) -> dict[Axis, int]:
    """So many cells as a grid that is a quarter wider than high."""
    across = int(math.sqrt(cells * 1.25))
    return {"x": across, "y": int(cells / across)}
