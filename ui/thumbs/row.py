"""Small pictures to choose from: what the browser is sent, and which one was pressed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from ui.plot import library
from ui.text import plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 104  # of a picture
LONGEST = 150_000  # characters of a picture; of a longer one there are words alone


@dataclass(frozen=True)
class Card:
    """One picture (a figure's JSON; empty: none), its title, its columns and why it is worth a look."""

    figure: str
    title: str
    columns: str
    reason: str


def small(figure: go.Figure) -> str:
    """A themed figure as a small picture without words; empty where it is too big for one."""
    import plotly.graph_objects as go

    made = go.Figure(figure)
    for trace in made.data:
        trace.update(hoverinfo="skip", showlegend=False, overwrite=True)
        for name in ("customdata", "hovertext", "hovertemplate", "text"):
            if name in trace:
                trace[name] = None
        if "showscale" in trace:
            trace.showscale = False
        if "marker" in trace and "showscale" in trace.marker:
            trace.marker.showscale = False
    made.update_layout(
        title=None, showlegend=False, height=HEIGHT, margin={"l": 4, "r": 4, "t": 4, "b": 4}, annotations=[],
        updatemenus=[], coloraxis={"showscale": False},
    )  # fmt: skip
    for axes in (made.update_xaxes, made.update_yaxes):
        axes(title=None, showticklabels=False, ticks="", automargin=False, showgrid=False)
    text = str(made.to_json())
    return text if len(text) <= LONGEST else ""


def thumbs(cards: Sequence[Card], *, key: str) -> int | None:
    """Draw the cards; returns the number of the one that was just pressed, once."""
    shown = {
        "library": library.address(),
        "height": HEIGHT,
        "cards": [
            {
                "figure": card.figure,
                "digest": hashlib.sha256(card.figure.encode()).hexdigest()[:16],
                "title": card.title,
                "columns": card.columns,
                "reason": card.reason,
            }
            for card in cards
        ],
        "words": {"label": plain("Suggested charts"), "blank": plain("No picture")},
    }
    told = _component()(key=key, data=shown, on_event_change=_nothing).event
    number = told.get("card") if isinstance(told, Mapping) else None
    # a press on a card that is not there any more chooses nothing
    known = isinstance(number, int) and not isinstance(number, bool) and 0 <= number < len(cards)
    return number if known and told.get("title") == cards[number].title else None  # type: ignore[index, union-attr]


def _nothing() -> None:
    """The component's values are read where it is mounted."""


@lru_cache(maxsize=1)
def _component() -> Any:
    """The component, registered once for the whole server; its pictures share plotly.js with the big ones."""
    here = Path(__file__).parent
    css, load, js = [
        place.read_text(encoding="utf-8")
        for place in (here / "thumbs.css", here.parent / "plot" / "load.js", here / "thumbs.js")
    ]
    return st.components.v2.component(
        "sightline.thumbs", html='<div class="st-cards" role="list"></div>', css=css, js=f"{load}\n{js}",
        isolate_styles=False,
    )  # fmt: skip
