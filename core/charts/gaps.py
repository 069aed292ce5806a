"""Lines and areas around gaps: values between two gaps are seen, and no area spans one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go


def seen(style: dict[str, Any], rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The style with dots for values between gaps: a line leads neither to them nor away from them."""
    values = [None, *(row["value"] for row in rows), None]
    alone = [
        values[i] is not None and values[i - 1] is None and values[i + 1] is None
        for i in range(1, len(values) - 1)
    ]
    if style["mode"] != "lines" or not any(alone):
        return style
    return {
        **style,
        "mode": "lines+markers",
        "marker": {"size": [6 if one else 0 for one in alone], "opacity": 1, "line": {"width": 0}},
    }


def apart(figure: go.Figure) -> go.Figure:
    """Areas with gaps as one area for each run of values: Plotly fills over the gaps of a line."""
    import plotly.graph_objects as go

    filled = []
    for trace in figure.data:
        if trace.fill != "tozeroy" or not any(value is None for value in trace.y):
            continue
        x: list[Any] = []
        y: list[float | None] = []
        for known, run in groupby(zip(trace.x, trace.y, strict=True), lambda one: one[1] is not None):
            if known:
                at, values = zip(*run, strict=True)
                x += [at[0], *at, at[-1], None]
                y += [0.0, *values, 0.0, None]
        trace.fill = None
        filled.append(
            go.Scatter(
                x=x, y=y, xaxis=trace.xaxis, yaxis=trace.yaxis, mode="lines", line={"width": 0},
                fill="toself", hoverinfo="skip", showlegend=False, legendgroup=trace.legendgroup,
                meta=trace.meta,
            )
        )  # fmt: skip
    figure.add_traces(filled)
    figure.data = [*figure.data[len(figure.data) - len(filled) :], *figure.data[: -len(filled) or None]]
    return figure
