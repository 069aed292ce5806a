"""Series told apart without colour: patterns on bars and slices, dashes of lines, shapes of points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

PATTERNS = ("", "/", "x", ".", "-", "\\", "+", "|")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = (
    "circle", "square", "diamond", "triangle-up", "x", "cross", "star", "triangle-down",
)  # fmt: skip
_BARS = ("bar", "histogram", "funnel", "waterfall")
_SLICES = ("pie", "funnelarea", "treemap", "sunburst", "icicle")
_POINTS = ("scatter", "scattergl", "scatterpolar", "scatterpolargl", "scatterternary")


def patterned(figure: go.Figure) -> go.Figure:
    """Give each series its own pattern, dash and shape beside its colour, in place; returns the figure.

    Series of one colour number (`colour_meta`) look the same in every panel. A figure with one series
    stays as it is: there is nothing to tell apart. Slices of a pie are told apart one by one.
    """
    for trace, told in zip(figure.data, codes(figure), strict=True):
        for path, value in told.items():
            trace[path] = value
    return figure


def codes(figure: go.Figure) -> list[dict[str, Any]]:
    """What `patterned` sets, by trace: {"marker.symbol": "square"}; the figure stays as it is."""
    numbers = _numbers(figure)
    several = len({number for number in numbers if number is not None}) > 1
    return [
        {} if number is None else _code(trace, number, several)
        for trace, number in zip(figure.data, numbers, strict=True)
    ]


def _code(trace: Any, number: int, several: bool) -> dict[str, Any]:
    if trace.type in _SLICES:
        slices = len(trace.labels) if trace.labels is not None else len(trace.values)
        return {"marker.pattern.shape": [PATTERNS[place % len(PATTERNS)] for place in range(slices)]}
    found: dict[str, Any] = {}
    if several and trace.type in _BARS:
        found["marker.pattern.shape"] = PATTERNS[number % len(PATTERNS)]
    elif several and trace.type in _POINTS:
        if trace.marker.symbol is None:  # shapes that tell something else stay
            found["marker.symbol"] = SYMBOLS[number % len(SYMBOLS)]
        if trace.mode is None or "lines" in trace.mode:
            found["line.dash"] = DASHES[number % len(DASHES)]
        if getattr(trace, "stackgroup", None) or getattr(trace, "fill", None) not in (None, "none"):
            found["fillpattern.shape"] = PATTERNS[number % len(PATTERNS)]
    return found


def _numbers(figure: go.Figure) -> list[int | None]:
    """Which series each trace belongs to: by its colour number, else by its place among the others.

    None for the ground of a map and for its shades: they are no series.
    """
    free = 0
    found: list[int | None] = []
    for trace in figure.data:
        meta: Any = trace.meta
        if isinstance(meta, dict) and "colour" in meta:
            found.append(int(meta["colour"]))
        elif isinstance(meta, dict) and meta.keys() & {"ground", "shade", "shades"}:
            found.append(None)
        else:
            found.append(free)
            free += 1
    return found
