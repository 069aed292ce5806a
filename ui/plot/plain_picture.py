"""The same picture drawn by Streamlit, where the server's own routes are not there: clicks and boxes only."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from ui import state

if TYPE_CHECKING:
    import plotly.graph_objects as go


def draw(
    figure: go.Figure, words: str, *, key: str, modes: Collection[str], picture: str, tools: bool
) -> dict[str, Any] | None:
    """Draw the figure; returns what was just done, as the browser's own component would tell it."""
    asked = tuple(kind for mode, kind in (("mark", "points"), ("region", "box")) if mode in modes)
    drawn = st.plotly_chart(
        figure, key=key, theme=None, width="stretch", alt=words,
        on_select="rerun" if asked else "ignore", selection_mode=asked or ("points",),
        config={
            "displaylogo": False, "toImageButtonOptions": {"format": picture, "scale": 2},
            **({} if asked else {"modeBarButtonsToRemove": ["lasso2d", "select2d"]}),
            **({} if tools else {"displayModeBar": False}),
        },
    )  # fmt: skip
    return _fresh(drawn.get("selection") if isinstance(drawn, Mapping) else None, key)


def _fresh(selection: Any, key: str) -> dict[str, Any] | None:
    """A selection that was not there the last time: Streamlit tells it again with every run."""
    told = _told(selection) if isinstance(selection, Mapping) else None
    text = json.dumps(told, sort_keys=True)
    before = state.get(f"{key}.told", "null")
    state.put(f"{key}.told", text)
    if text == before:
        return None
    return told or {"kind": "mark", "rows": []}


def _told(selection: Mapping[str, Any]) -> dict[str, Any] | None:
    points, boxes = selection.get("points") or [], selection.get("box") or []
    rows = list(dict.fromkeys(row for point in points if (row := _row(point.get("customdata"))) is not None))
    if boxes:
        box = boxes[0]
        axes = [box.get("xref", "x"), box.get("yref", "y")]
        return {"kind": "region", "rows": rows, "x": box.get("x"), "y": box.get("y"), "axes": axes}
    return {"kind": "mark", "rows": rows} if rows else None


def _row(told: Any) -> int | None:
    """The first number in what a point carries; Streamlit gives lists, or mappings from "0"."""
    for entry in _flat(told):
        return (
            int(entry)
            if isinstance(entry, (int, float)) and float(entry).is_integer() and entry >= 0
            else None
        )
    return None


def _flat(told: Any) -> Iterator[Any]:
    if isinstance(told, Mapping):
        told = list(told.values())
    if isinstance(told, list):
        for entry in told:
            yield from _flat(entry)
    elif told is not None:
        yield told
