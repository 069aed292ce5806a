"""How charts put words and numbers on a picture: names made harmless, panels, tables of numbers.

Plotly reads a little HTML (<b>, <a href>), templates (%{x}) and LaTeX ($...$) in every text it
shows. Names of columns and values of cells are somebody else's text, so all of it passes `shown`.
"""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from core.contracts import Json

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

LONGEST = 40
_NOTES = b"sightline"


def shown(text: object, longest: int = LONGEST) -> str:
    """Text that Plotly shows as it stands, cut to `longest` characters."""
    plain = " ".join(str(text).split())
    if len(plain) > longest:
        plain = plain[: longest - 1] + "\u2026"
    # entities that Plotly turns back after it looked for tags, templates and LaTeX
    return html.escape(plain, quote=False).replace("{", "&#123;").replace("$", "&#36;")


def number(value: object) -> str:
    """A number as a person reads it: 1,234,567 or 0.0123."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "none"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer() and abs(value) < 1e15):
        return f"{int(value):,}"
    return f"{value:,.4g}"


def with_notes(data: pa.Table, **notes: Json) -> pa.Table:
    """The rows with what else the picture needs to know: totals, bin widths, what was left out."""
    return data.replace_schema_metadata({_NOTES: json.dumps(notes).encode()})


def notes(data: pa.Table) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((data.schema.metadata or {}).get(_NOTES, b"{}"))
    return found


def blank(text: str) -> go.Figure:
    """A picture that says why there is nothing to see."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(text=shown(text, 200), showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper")
    return figure


def panels(facets: Sequence[str], *, title: str, x: str, y: str) -> go.Figure:
    """A figure with one panel for each facet (one without facets), sharing their axes."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    if len(facets) <= 1:
        figure = go.Figure()
    else:
        across = min(3, len(facets))
        down = math.ceil(len(facets) / across)
        figure = make_subplots(
            rows=down, cols=across, shared_xaxes="all", shared_yaxes="all",
            subplot_titles=[shown(facet) for facet in facets],
            horizontal_spacing=0.04, vertical_spacing=min(0.12, 0.5 / down),
        )  # fmt: skip
        legend = {"orientation": "h", "y": -0.16 / down, "yanchor": "top"}
        figure.update_layout(height=260 * down + 120, legend=legend)
    # the title keeps clear of a legend above the panels, and a legend of the panels' own titles
    figure.update_layout(
        title={"text": shown(title, 120), "x": 0, "y": 0.98, "yanchor": "top"}, margin={"t": 84}
    )
    figure.update_xaxes(title={"text": shown(x)})
    figure.update_yaxes(title={"text": shown(y)})
    if len(facets) > 1:  # inner axes repeat the outer ones
        figure.update_xaxes(title=None)
        figure.update_yaxes(title=None)
        figure.update_xaxes(title={"text": shown(x)}, row=down)
        figure.update_yaxes(title={"text": shown(y)}, col=1)
    return figure


class Legend:
    """Which trace of a group stands in the legend: its first one, in whatever panel."""

    def __init__(self, groups: Sequence[object]) -> None:
        self._waiting = set(groups) if len(groups) > 1 else set()

    def shows(self, group: object, rows: Sequence[object]) -> bool:
        if not rows or group not in self._waiting:
            return False
        self._waiting.discard(group)
        return True


def colour_meta(number: int) -> dict[str, int]:
    """Marks a trace with the number of its colour in the theme: equal in every panel."""
    return {"colour": number}


def coloured(figure: go.Figure, colours: Sequence[str]) -> go.Figure:
    """Give the marked traces their colours of a theme, in place; returns the figure.

    Left alone, Plotly counts traces, and the same group would change its colour from panel to panel.
    """
    for trace in figure.data:
        if isinstance(trace.meta, dict) and "colour" in trace.meta and colours:
            colour = colours[trace.meta["colour"] % len(colours)]
            trace.marker.color = colour
            if hasattr(trace, "line"):
                trace.line.color = colour
    return figure


def place(facets: Sequence[str], facet: int) -> dict[str, int]:
    """Where the facet's traces go: arguments of `add_trace`."""
    if len(facets) <= 1:
        return {}
    across = min(3, len(facets))
    return {"row": facet // across + 1, "col": facet % across + 1}


def listed(items: Iterable[str], limit: int = 12) -> str:
    """The items in one sentence part, the rest counted."""
    everything = list(items)
    text = "; ".join(everything[:limit])
    rest = len(everything) - limit
    return f"{text}; and {rest} more" if rest > 0 else text
