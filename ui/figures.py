"""Figures as people see them: our Plotly templates, and the picture in words beside each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from numbers import Real
from typing import TYPE_CHECKING, Any

import streamlit as st

from ui import state
from ui.plot import Mode, PlotEvent, plot
from ui.text import md, t

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Told apart by people with any of the common colour-vision deficiencies, on both backgrounds:
# neighbours in the list differ in lightness as well as in hue.
LIGHT = ("#2a6fbb", "#d9822b", "#1f8a70", "#b2559b", "#5aa9e6", "#b5462f", "#7a6bb8", "#8a8f1d")
DARK = ("#6aa9ee", "#f0a35b", "#4fc3a1", "#d98cc6", "#9ccbf5", "#ee8a73", "#a99ae6", "#c3c85a")
SEQUENTIAL = ((0.0, "#eef4f3"), (0.5, "#5fa8a1"), (1.0, "#0d3f3c"))
SEQUENTIAL_DARK = ((0.0, "#1b2a2c"), (0.5, "#2f8b83"), (1.0, "#c9f2ea"))
DIVERGING = ((0.0, "#b5462f"), (0.5, "#f3f2ef"), (1.0, "#2a6fbb"))
DIVERGING_DARK = ((0.0, "#b9523b"), (0.5, "#232b2e"), (1.0, "#3672bd"))
PATTERNS = "figures.patterns"  # whether series are told apart by patterns, dashes and shapes too


def dark() -> bool:
    """Whether the reader looks at the dark theme."""
    return st.context.theme.type == "dark"


def patterns_switch(key: str) -> None:
    """A switch for all pictures of this reader: series told apart without colour."""
    on = st.toggle(
        t("Patterns"), state.get(PATTERNS, False), key=key,
        help=t("Tells series apart by patterns, dashes and shapes too, not by colour alone."),
    )  # fmt: skip
    if on != state.get(PATTERNS, False):
        state.put(PATTERNS, on)
        st.rerun()


def template() -> go.layout.Template:
    """Fonts, grid and colours for the reader's theme; figures bring none of their own."""
    return template_of(dark())


@cache
def template_of(night: bool) -> go.layout.Template:
    """The same for the dark theme, or the light one."""
    import plotly.graph_objects as go

    ink, muted, grid = ("#c8d2d0", "#7d8b8a", "#2b3538") if night else ("#3d4947", "#9aa6a4", "#e6ebea")
    colours = DARK if night else LIGHT
    axis = {
        "gridcolor": grid, "linecolor": grid, "zerolinecolor": grid, "automargin": True,
        "title": {"standoff": 8, "font": {"size": 13}}, "tickfont": {"size": 12},
    }  # fmt: skip
    sequential = SEQUENTIAL_DARK if night else SEQUENTIAL
    scale = {"outlinewidth": 0, "thickness": 12, "tickfont": {"size": 12}, "title": {"font": {"size": 12}}}
    return go.layout.Template(
        layout={
            "colorway": colours,
            "font": {"family": "Source Sans, Source Sans Pro, sans-serif", "size": 13, "color": ink},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": axis,
            "yaxis": axis,
            "colorscale": {"sequential": sequential, "diverging": DIVERGING_DARK if night else DIVERGING},
            "title": {"font": {"size": 17}},
            "legend": {
                "orientation": "h",
                "yanchor": "bottom",
                "y": 1.02,
                "x": 0,
                "title": {"text": "", "font": {"size": 13}},
            },
            "margin": {"l": 16, "r": 16, "t": 40, "b": 16},
            "hoverlabel": {"font": {"size": 13}},
            # over a see-through picture Plotly would lay a grey block
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": muted, "activecolor": ink},
            "bargap": 0.06,
            "polar": {
                "bgcolor": "rgba(0,0,0,0)",
                "radialaxis": {"gridcolor": grid, "linecolor": grid},
                "angularaxis": {"gridcolor": grid, "linecolor": grid},
            },
        },
        data={
            "heatmap": [{"colorbar": scale}],
            "bar": [{"error_y": {"color": ink, "thickness": 1.5}}],
            "candlestick": [_candles(colours)],
            # left alone, bands are white on a clear background, and rises and falls are green and red
            "sankey": [{"link": {"color": "rgba(200,210,208,0.25)" if night else "rgba(61,73,71,0.16)"}}],
            "waterfall": [
                {
                    "increasing": {"marker": {"color": colours[0]}},
                    "decreasing": {"marker": {"color": colours[1]}},
                    "totals": {"marker": {"color": muted}},
                    "connector": {"line": {"color": grid}},
                }
            ],
        },
    )


def _candles(colours: Sequence[str]) -> dict[str, Any]:
    """Rising and falling in colours that are told apart with any colour vision; red and green are not."""
    sides = zip(("increasing", "decreasing"), colours, strict=False)
    return {side: {"line": {"color": colour}} for side, colour in sides}


def themed(figure: go.Figure, *, height: int | None = None) -> go.Figure:
    """The figure in the reader's theme; the one given stays as it is."""
    import plotly.graph_objects as go

    from core.charts.coding import patterned
    from core.charts.drawing import coloured

    made = coloured(go.Figure(figure), DARK if dark() else LIGHT, SEQUENTIAL_DARK if dark() else SEQUENTIAL)
    if state.get(PATTERNS):
        made = patterned(made)
    made.update_layout(template=template())
    for axis, side, room in (("x", "b", 60), ("y", "l", 72)):
        if _short_ticks(made, axis):
            made.update_layout({"margin": {side: room}})
            (made.update_xaxes if axis == "x" else made.update_yaxes)(automargin=False)
    if height:
        made.update_layout(height=height)
    return made


def _short_ticks(figure: go.Figure, axis: str) -> bool:
    """Whether the marks on an axis are numbers or dates, which fit a margin that is known beforehand.

    To find the room that other texts need, Plotly draws the whole picture three times over.
    """
    axes = [*(figure.select_xaxes() if axis == "x" else figure.select_yaxes())]
    if any(
        one.ticktext is not None or one.visible is False for one in axes
    ):  # what is not shown needs no room
        return False
    return any(one.type == "date" for one in axes) or all(
        _few_digits(getattr(trace, axis, None)) for trace in figure.data
    )


def _few_digits(values: Any) -> bool:
    """Whether numbers are far enough apart to be told apart by their first digits: 20k, 0.35."""
    some = [] if values is None else [value for value in values if value is not None]
    if not some or not all(isinstance(value, Real) for value in some[:100]):
        return False
    least, most = float(min(some)), float(max(some))
    return most - least >= max(abs(least), abs(most)) / 100


def show(
    figure: go.Figure,
    description: str,
    *,
    key: str,
    height: int | None = None,
    words: bool = True,
    tools: bool = True,
    picture: str = "png",
    events: Collection[Mode] = (),
    menu: Sequence[tuple[str, str]] = (),
    selected: Iterable[int] = (),
    axes: str = "",
    label: str = "",
) -> PlotEvent | None:
    """Draw a figure with its text alternative: read aloud, and shown under "In words".

    `description` is finished text (a chart's `describe`); `tools` shows Plotly's bar, whose camera
    saves a `picture` (png, svg). With `events` (mark, region, zoom) the picture answers to what a person
    does there, as `ui.plot` tells; what that was is returned, once.
    """
    drawn = themed(figure, height=height)
    event = None
    if events or menu:
        event = plot(
            drawn, description, key=key, modes=events, menu=menu, selected=selected, axes=axes, label=label,
            picture=picture,
        )  # fmt: skip
    else:
        st.plotly_chart(
            drawn, key=key, theme=None, width="stretch", alt=description,
            config={
                "displaylogo": False, "modeBarButtonsToRemove": ["lasso2d", "select2d"],
                **({} if tools else {"displayModeBar": False}),
                "toImageButtonOptions": {"format": picture, "scale": 2},
            },
        )  # fmt: skip
    if words and description:
        with st.expander(t("In words"), key=f"{key}.words"):
            st.markdown(md(description))
    return event
