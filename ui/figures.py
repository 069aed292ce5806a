"""Figures as people see them: our Plotly templates, and the picture in words beside each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.look import DARK, LIGHT, SEQUENTIAL, SEQUENTIAL_DARK, grounded, stacked, template_of
from ui import state
from ui.plot import Mode, PlotEvent, plot
from ui.text import md, t

if TYPE_CHECKING:
    import plotly.graph_objects as go

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


def themed(figure: go.Figure, *, height: int | None = None) -> go.Figure:
    """The figure in the reader's theme; the one given stays as it is."""
    import plotly.graph_objects as go

    from core.charts.coding import patterned
    from core.charts.drawing import coloured

    made = coloured(go.Figure(figure), DARK if dark() else LIGHT, SEQUENTIAL_DARK if dark() else SEQUENTIAL)
    if state.get(PATTERNS):
        made = patterned(made)
    made.update_layout(template=template())
    stacked(made, height)
    for axis, side, room in (("x", "b", 60), ("y", "l", 72)):
        if _short_ticks(made, axis):
            made.update_layout({"margin": {side: room}})
            (made.update_xaxes if axis == "x" else made.update_yaxes)(automargin=False)
    grounded(made, dark(), narrow=height is not None)
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

    `description` is finished text (a chart's `describe`); `tools` shows the bar above the picture, which
    shows all again and saves a `picture` (png, svg). With `events` (mark, region, zoom) the picture answers
    to what a person does there, as `ui.plot` tells; what that was is returned, once.
    """
    event = plot(
        themed(figure, height=height), description, key=key, modes=events, menu=menu, selected=selected,
        axes=axes, label=label, picture=picture, tools=tools,
    )  # fmt: skip
    if words and description:
        with st.expander(t("In words"), key=f"{key}.words"):
            st.markdown(md(description))
    return event
