"""What the pictures of an evaluation share: a figure with its words, lines, dots, axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.charts.drawing import shown
from ui.text import plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

MANY = 2_000  # points above which WebGL draws them
GREY = "rgba(128,138,136,0.75)"


@dataclass(frozen=True)
class Picture:
    """A figure, what it is called, how to read it (both English), and what it shows in words."""

    key: str
    title: str
    hint: str
    figure: go.Figure
    words: str


def figure_of(x: str, y: str, **layout: Any) -> go.Figure:
    import plotly.graph_objects as go

    figure = go.Figure()
    plot = {"margin": {"t": 12}, "legend": {"font": {"size": 12}}, **layout}
    figure.update_layout(xaxis={"title": {"text": x}}, yaxis={"title": {"text": y}}, **plot)
    return figure


def line(figure: go.Figure, x: Sequence[float], y: Sequence[float], name: str = "") -> None:
    figure.add_scatter(
        x=list(x), y=list(y), mode="lines", name=name, showlegend=bool(name), hoverinfo="skip",
        line={"color": GREY, "dash": "dash", "width": 1.5},
    )  # fmt: skip


def dots(figure: go.Figure, x: Sequence[float], y: Sequence[float], hover: str) -> None:
    add = figure.add_scattergl if len(x) > MANY else figure.add_scatter
    add(x=x, y=y, mode="markers", showlegend=False, hovertemplate=f"{hover}<extra></extra>",
        marker={"size": 6, "opacity": 0.55 if len(x) < MANY else 0.3})  # fmt: skip


def axis(template: str, target: str) -> str:
    return plain(template, target=shown(target))


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
