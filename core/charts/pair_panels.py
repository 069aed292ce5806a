"""The small pictures of a pair plot: bars of one number, points or cells of two, their correlation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from core.charts import parts
from core.charts.drawing import Legend, colour_meta

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

BARS = 20


def width(facts: dict[str, Any], i: int, part: str) -> float:
    """How wide a step of a number is, as a bar or as a side of a cell."""
    low, high = facts["ends"][i]
    wide = (high - low) / facts["steps"][part] or 1.0
    return float(wide) if low + wide > low else 1.0


def panel(
    down: int, across: int, rows: list[dict[str, Any]], points: list[dict[str, Any]],
    colours: list[Any], facts: dict[str, Any], most: int, legend: Legend,
) -> list[Any]:  # fmt: skip
    """Bars on the diagonal; below it points or cells; above it a number instead."""
    import numpy as np
    import plotly.graph_objects as go

    if across > down:
        return []
    if across == down:
        own = [row for row in rows if row["part"] == "bar" and row["first"] == down]
        low, wide = facts["ends"][down][0], width(facts, down, "bar")
        return [
            go.Bar(
                x=[low + wide * (row["i"] + 0.5) for row in own], y=[row["rows"] for row in own],
                customdata=[row["row"] for row in own], width=wide, showlegend=False,
                meta=colour_meta(0),
            )
        ]  # fmt: skip
    if not facts["dense"]:
        return [
            go.Scatter(
                x=np.array([row[f"v{across}"] for row in own], float),
                y=np.array([row[f"v{down}"] for row in own], float), mode="markers",
                customdata=np.array([row["row"] for row in own]), marker={"size": 4, "opacity": 0.7},
                **legend.entry(colour, own),
            )
            for colour in colours if (own := _both(parts.of(points, colour=colour), across, down))
        ]  # fmt: skip
    side = facts["steps"]["cell"]
    counts, behind = np.full((side, side), np.nan), np.full((side, side), -1)
    for row in rows:
        if row["part"] == "cell" and (row["first"], row["second"]) == (across, down):
            counts[row["j"], row["i"]], behind[row["j"], row["i"]] = row["rows"], row["row"]
    edges = [
        [facts["ends"][k][0] + width(facts, k, "cell") * i for i in range(side + 1)] for k in (across, down)
    ]
    return [
        go.Heatmap(
            x=edges[0], y=edges[1], z=np.log10(counts), zmin=0, zmax=max(math.log10(most), 0.1),
            autocolorscale=True, showscale=False, customdata=behind, hoverongaps=False,
            hoverinfo="x+y",
        )
    ]  # fmt: skip


def strength(figure: go.Figure, down: int, across: int, facts: dict[str, Any]) -> None:
    """The correlation of the pair, in the panel that mirrors its picture."""
    figure.update_xaxes(visible=False, row=down + 1, col=across + 1)
    figure.update_yaxes(visible=False, row=down + 1, col=across + 1)
    r = facts["r"][f"{down}_{across}"]
    figure.add_annotation(
        text="" if r is None else f"r = {r:.2f}", x=0.5, y=0.5, showarrow=False,
        row=down + 1, col=across + 1,
    )  # fmt: skip
    figure.update_xaxes(range=[0, 1], row=down + 1, col=across + 1)
    figure.update_yaxes(range=[0, 1], row=down + 1, col=across + 1)


def is_point(data: pa.Table) -> Any:
    import pyarrow.compute as pc

    return pc.equal(data.column("part"), "point")


def _both(rows: list[dict[str, Any]], i: int, j: int) -> list[dict[str, Any]]:
    return [row for row in rows if row[f"v{i}"] is not None and row[f"v{j}"] is not None]
