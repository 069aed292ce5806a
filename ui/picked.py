"""What a person picks on a chart: the rows it is limited to and the marks they took, all in the address."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import pyarrow as pa
import streamlit as st

from core.contracts import Chart
from core.errors import SightlineError
from core.selection import Mark, Selection
from core.store import Version
from core.wording import Note, note
from ui import state
from ui.plot import PlotEvent
from ui.text import plain, plain_said, t

MARKS = 200  # taken at once as marks; of a box around more, its ranges are taken instead
LIMITS = 8  # one after the other, from the menu of marks
VIEW = "charts.behind.view"  # which of these is shown of the rows behind marks
VIEWS = {"rows": "Rows", "compare": "Compared with all others", "by": "By another column"}


@dataclass(frozen=True)
class Picked:
    """`limits`: rows that alone are shown, or left out, by the menu of a mark. `window`: the rows that
    are zoomed to. `rows`: rows of the chart's data whose marks are taken; `box`: the rows of a box
    around more marks than are counted one by one."""

    limits: tuple[Selection, ...] = ()
    window: Selection | None = None
    rows: tuple[int, ...] = ()
    box: Selection | None = None

    def shown(self) -> tuple[Selection, ...]:
        """What the rows of the picture are all in."""
        return (*self.limits, *([self.window] if self.window else []))

    def axes(self, stamp: str) -> str:
        """The name of the axes: while it stays, the picture stays in the ranges that it was zoomed to."""
        limits = json.dumps([one.to_json() for one in self.limits])
        return f"{stamp} {limits} {state.get('charts.back', 0)}"

    def behind(self, chart: Chart, data: pa.Table) -> tuple[Selection, ...]:
        """What the rows behind the taken marks are all in; nothing where none is taken."""
        taken = self.box or _marks(chart, data, self.rows)
        return (*self.shown(), taken) if taken else ()


def _marks(chart: Chart, data: pa.Table, rows: Sequence[int]) -> Selection | None:
    known = [row for row in rows if row < data.num_rows]
    found: list[Mark] = [mark for row in known if (mark := chart.mark(data, row)) is not None]
    return Selection(marks=tuple(found)) if found else None


def picked(version: Version, stamp: str) -> Picked:
    """What the address says is picked; nothing as soon as another chart is drawn."""
    drawn = state.get("charts.drawn")
    state.put("charts.drawn", stamp)
    if drawn not in (None, stamp):
        remember(Picked())
        return Picked()
    rows = tuple(int(part) for part in (state.address("marks") or "").split(".") if part.isdecimal())
    window, box = (next(iter(_read(name, version)), None) for name in ("window", "box"))
    return Picked(_read("limits", version)[:LIMITS], window, rows[:MARKS], box)


def _read(name: str, version: Version) -> tuple[Selection, ...]:
    text = state.address(name)
    if not text:
        return ()
    try:
        document: Any = state.document(text)
        found = tuple(map(Selection.from_json, document if isinstance(document, list) else [document]))
        for one in found:
            one.check(version.columns)
    except (SightlineError, ValueError):
        st.warning(t("What was picked in this address does not fit this table; all of it is shown."))
        state.set_address(**{name: None})
        return ()
    return found


def remember(now: Picked) -> None:
    """Write what is picked to the address."""

    def text(*selections: Selection | None) -> str | None:
        chosen = [one.to_json() for one in selections if one is not None]
        return json.dumps(chosen, ensure_ascii=False, separators=(",", ":")) if chosen else None

    marks = ".".join(map(str, now.rows)) or None
    state.set_address(limits=text(*now.limits), window=text(now.window), marks=marks, box=text(now.box))


def menu() -> list[tuple[str, str]]:
    """What the menu of a mark offers."""
    return [
        ("rows", plain("See its rows")),
        ("compare", plain("Compare its rows with all others")),
        ("by", plain("Break its rows out by another column")),
        ("only", plain("Show only its rows")),
        ("without", plain("Leave its rows out")),
    ]


def act(event: PlotEvent | None, now: Picked, chart: Chart, data: pa.Table) -> None:
    """Do what was just done on the chart; the page runs again where something changed."""
    after = _after(event, now, chart, data) if event is not None else now
    if after != now:
        remember(after)
        st.rerun()


def _after(event: PlotEvent, now: Picked, chart: Chart, data: pa.Table) -> Picked:
    if event.kind == "reset":
        return replace(now, window=None, rows=(), box=None)
    if event.kind == "zoom":
        # places of categories are places in what is drawn now: that zoom stays the picture's own
        x, y = (None if place else span for span, place in zip((event.x, event.y), event.places, strict=True))
        region = chart.region(data, x, y) if x or y else None
        return replace(now, window=region, rows=(), box=None) if _limits(region) else now
    if event.kind == "menu":
        return _chosen(event, now, chart, data)
    if event.kind == "region" and len(event.rows) > MARKS:
        region = chart.region(data, event.x, event.y)
        return replace(now, rows=(), box=region) if _limits(region) else now
    rows = event.rows
    if event.add:
        rows = tuple(row for row in now.rows if row not in rows) + tuple(r for r in rows if r not in now.rows)
    elif rows == now.rows and event.kind == "mark":
        rows = ()  # a second press lets go
    return replace(now, rows=rows[:MARKS], box=None)


def _chosen(event: PlotEvent, now: Picked, chart: Chart, data: pa.Table) -> Picked:
    if event.action in VIEWS:
        state.put(VIEW, event.action)
        return replace(now, rows=event.rows, box=None)
    own = _marks(chart, data, event.rows)
    if own is None or len(now.limits) == LIMITS:
        return now
    return Picked((*now.shown(), own if event.action == "only" else own.inverted())[-LIMITS:])


def _limits(region: Selection | None) -> bool:
    return region is not None and any(mark.parts for mark in region.marks)


def limited(now: Picked, version: Version) -> None:
    """What alone is shown, with the way back."""
    words = [one.describe(version.columns) for one in now.shown()]
    if not words:
        return
    both: Note = reduce(lambda a, b: note("{a} and {b}", a=a, b=b), words)
    with st.container(horizontal=True, vertical_alignment="center", key="charts.window"):
        st.markdown(t("Showing only {what}.", what=plain_said(both)), width="stretch")
        if st.button(t("Back to all"), key="charts.window.back"):
            state.put("charts.back", state.get("charts.back", 0) + 1)
            remember(Picked())
            st.rerun()
