"""The picture itself: a figure as JSON for the browser, and what a person did to its marks."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import streamlit as st

from ui.plot import library, plain_picture
from ui.text import plain, t
from ui.transfer import ROUTES

if TYPE_CHECKING:
    import plotly.graph_objects as go

Kind = Literal["mark", "region", "zoom", "reset", "menu"]
Mode = Literal["mark", "region", "zoom"]
MODES: tuple[Mode, ...] = get_args(Mode)
Bound = float | str
HEIGHT = 450  # Plotly's own, where a figure names none
ROWS = 50_000  # of one event
FADED = 0.25
_MOMENT = re.compile(r"[+-]?\d{4,6}(-\d\d(-\d\d([ T]\d\d(:\d\d(:\d\d(\.\d{1,9})?)?)?)?)?)?Z?")
_AXIS = re.compile(r"[xy]\d{0,3}")


@dataclass(frozen=True)
class PlotEvent:
    """What a person just did.

    `mark`: marks were taken; without rows: none is to be taken any more. `region`: a box was drawn over the
    ranges `x` and `y`; `rows` are the marks whose middle lies in it. `zoom`: these ranges are in sight now;
    None where an axis shows all. `reset`: all is in sight again. `menu`: `action` was chosen for a mark.

    `rows` are rows of the chart's data. `add`: to what is taken already. Ranges are low and high in units of
    the axis: numbers (on a logarithmic axis too), places on an axis of categories, text for dates. `axes`
    names the two axes of the panel, `panel` counts it from 0; `places` says which of them has categories.
    """

    kind: Kind
    rows: tuple[int, ...] = ()
    x: tuple[Bound, Bound] | None = None
    y: tuple[Bound, Bound] | None = None
    add: bool = False
    action: str | None = None
    axes: tuple[str, str] = ("x", "y")
    panel: int = 0
    places: tuple[bool, bool] = (False, False)


def plot(
    figure: go.Figure,
    words: str,
    *,
    key: str,
    modes: Collection[Mode] = MODES,
    menu: Sequence[tuple[str, str]] = (),
    selected: Iterable[int] | None = None,
    axes: str = "",
    label: str = "",
    height: int | None = None,
    picture: str = "png",
    tools: bool = True,
) -> PlotEvent | None:
    """Draw a themed figure; returns what a person just did there, once.

    `words` is the picture in words (a chart's `describe`), `label` its name; both are translated. `menu`
    is what the menu of a mark offers: (action, label). `selected` are the rows of data that are taken:
    with none, all marks stay as they are. While `axes` stays the same text, a new figure is seen in the
    ranges that a person zoomed to; another text shows all of it. `tools`: whether the bar stands above
    the picture. `picture` is what Streamlit's camera saves, where Streamlit draws.
    """
    chosen = sorted({row for row in selected or () if row >= 0})
    known = rows_of(figure)
    drawn = faded(figure, chosen) if chosen else figure
    if height:
        drawn.update_layout(height=height)
    if not ROUTES.present:
        told = plain_picture.draw(drawn, words, key=key, modes=modes, picture=picture, tools=tools)
        return _event(told, known, modes, menu)
    spec = drawn.to_json()
    shown = {
        "library": library.address(),
        "figure": spec,
        "digest": hashlib.sha256(f"{axes}\n{spec}".encode()).hexdigest()[:20],
        "axes": f"{key} {axes}",
        "height": int(drawn.layout.height or HEIGHT),
        "modes": [mode for mode in MODES if mode in modes],
        "tools": tools,
        "menu": [{"action": action, "label": text} for action, text in menu],
        "selected": chosen,
        "description": words,
        "words": {**_words(modes), "label": label or plain("Chart")},
    }
    result = _component()(key=key, data=shown, on_event_change=_nothing)
    return _event(result.event, known, modes, menu)


def missing() -> str:
    """What the picture lacks where the server's own routes are not there; empty where nothing is."""
    if ROUTES.present:
        return ""
    return t(
        "Zooming does not refine this picture, and its marks have no menu: "
        "both need the server that Sightline brings along."
    )


def rows_of(figure: go.Figure) -> frozenset[int]:
    """The rows of data that the figure's points were drawn from."""
    return frozenset(row for trace in figure.data for row in _numbers(trace) if row is not None and row >= 0)


def faded(figure: go.Figure, chosen: Collection[int]) -> go.Figure:
    """The figure with all points faded but those of the chosen rows; the one given stays as it is."""
    import plotly.graph_objects as go

    made, wanted = go.Figure(figure), set(chosen)
    for trace in made.data:
        if "selectedpoints" not in trace or "unselected" not in trace:
            continue  # no points of its own: outlines alone show what is chosen
        numbers = list(_numbers(trace))
        if any(number is not None for number in numbers):
            trace.selectedpoints = [place for place, number in enumerate(numbers) if number in wanted]
            trace.unselected = {"marker": {"opacity": FADED}}
    return made


def _numbers(trace: Any) -> Iterator[int | None]:
    """The row of each point of a trace, point by point (of a heat map: cell by cell)."""
    if trace.type == "sankey":
        for part in (trace.node, trace.link):
            yield from map(_row_number, [] if part.customdata is None else part.customdata)
        return
    grid = trace.type in ("heatmap", "histogram2d", "contour")
    for entry in [] if trace.customdata is None else trace.customdata:
        if grid and _many(entry):
            yield from map(_row_number, entry)
        else:
            yield _row_number(entry)


def _many(entry: Any) -> bool:
    return hasattr(entry, "__len__") and not isinstance(entry, str)


def _row_number(entry: Any) -> int | None:
    """The row in what a point carries: its first entry, or the number itself."""
    if _many(entry):
        entry = entry[0] if len(entry) else None
    if isinstance(entry, (str, bool)) or entry is None or _many(entry):
        return None
    number = float(entry)
    return int(number) if number.is_integer() else None


def _nothing() -> None:
    """The component's values are read where it is mounted."""


def _words(modes: Collection[Mode]) -> dict[str, str]:
    hint = "Arrow keys walk along the marks, Enter takes one, + and - zoom"
    return {
        "zoom": plain("Zoom"),
        "zoom_label": plain("Dragging zooms in"),
        "select": plain("Select"),
        "select_label": plain("Dragging draws a box around marks"),
        "reset": plain("Show all"),
        "save": plain("Save the picture as {kind}", kind="{kind}"),
        "bar": plain("Tools of the picture"),
        "menu": plain("What to do with this mark"),
        "hint": plain(hint if "mark" in modes else "Arrow keys walk along the marks, + and - zoom"),
        "hint_menu": plain("M opens the menu"),
        "failed": plain("The script that draws pictures did not arrive. Reload the page."),
    }


def _event(
    told: Any, known: Collection[int], modes: Collection[str], menu: Sequence[tuple[str, str]]
) -> PlotEvent | None:
    """What the browser says was done, if it can have been done on this picture."""
    if not isinstance(told, Mapping):
        return None
    kind, add = told.get("kind"), told.get("add") is True
    rows = _rows(told.get("rows"), known)
    if rows is None or not _wanted(kind, modes, menu):
        return None
    where = _place(told)
    if kind == "reset":
        return PlotEvent("reset")
    if kind == "mark":
        return PlotEvent("mark", rows, add=add, **where)
    if kind == "menu":
        action = told.get("action")
        offered = any(action == one for one, _ in menu)
        return PlotEvent("menu", rows, action=action, **where) if rows and offered else None
    x, y = _range(told.get("x")), _range(told.get("y"))
    if kind == "region" and x and y:
        return PlotEvent("region", rows, x, y, add, **where)
    return PlotEvent("zoom", (), x, y, **where) if kind == "zoom" and (x or y) else None


def _wanted(kind: Any, modes: Collection[str], menu: Sequence[tuple[str, str]]) -> bool:
    return bool(menu) if kind == "menu" else kind in modes or (kind == "reset" and bool(modes))


def _rows(told: Any, known: Collection[int]) -> tuple[int, ...] | None:
    """Rows of the data, each once; None where what is told cannot be."""
    if told is None:
        return ()
    if not isinstance(told, list) or len(told) > ROWS:
        return None
    if not all(isinstance(row, int) and not isinstance(row, bool) and row in known for row in told):
        return None
    return tuple(dict.fromkeys(told))


def _place(told: Mapping[str, Any]) -> dict[str, Any]:
    axes, panel = told.get("axes"), told.get("panel")
    fits = isinstance(axes, list) and len(axes) == 2
    names = (
        tuple(axes) if fits and all(isinstance(a, str) and _AXIS.fullmatch(a) for a in axes) else ("x", "y")
    )
    places = told.get("places")
    kinds = (
        (places[0] is True, places[1] is True)
        if isinstance(places, list) and len(places) == 2
        else (False, False)
    )
    return {
        "axes": names, "panel": panel if isinstance(panel, int) and 0 <= panel < 1_000 else 0, "places": kinds
    }  # fmt: skip


def _range(told: Any) -> tuple[Bound, Bound] | None:
    """Two numbers or two moments, the lower one first; None where there are none."""
    if not isinstance(told, list) or len(told) != 2:
        return None
    low, high = told
    if all(isinstance(end, str) and _MOMENT.fullmatch(end) for end in told):
        return (low, high)
    if all(
        isinstance(end, (int, float)) and not isinstance(end, bool) and math.isfinite(end) for end in told
    ):
        return (min(low, high), max(low, high))
    return None


@lru_cache(maxsize=1)
def _component() -> Any:
    """The component, registered once for the whole server.

    Its styles are not isolated: Plotly adds its own to the page, where a shadow tree would not see them.
    """
    html, css, *scripts = [
        (Path(__file__).parent / name).read_text(encoding="utf-8")
        for name in ("plot.html", "plot.css", "load.js", "marks.js", "menu.js", "hands.js", "plot.js")
    ]
    return st.components.v2.component(
        "sightline.plot", html=html, css=css, js="\n".join(scripts), isolate_styles=False
    )
