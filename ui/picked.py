"""What a person picks on a chart: the window they zoomed to and the marks they took, both in the address."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import streamlit as st

from core.contracts import Chart
from core.errors import SightlineError
from core.selection import Mark, Selection
from core.store import Version
from ui import state
from ui.plot import PlotEvent
from ui.text import plain_said, t

MARKS = 200  # taken at once as marks; of a box around more, its ranges are taken instead


@dataclass(frozen=True)
class Picked:
    """`window`: the rows that are zoomed to. `rows`: rows of the chart's data whose marks are taken.
    `box`: the rows of a box around more marks than are counted one by one."""

    window: Selection | None = None
    rows: tuple[int, ...] = ()
    box: Selection | None = None

    def axes(self, stamp: str) -> str:
        """The name of the axes: another one after going back to all, so that the picture shows all."""
        return f"{stamp} {state.get('charts.back', 0)}"

    def selections(self, chart: Chart, data: pa.Table) -> tuple[Selection, ...]:
        """The rows of the table behind what is taken: what all of these hold; empty where nothing is."""
        taken = self.box or _marks(chart, data, self.rows)
        if taken is None:
            return ()
        return (*((self.window,) if self.window else ()), taken)


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
    return Picked(_read("window", version), rows[:MARKS], _read("box", version))


def _read(name: str, version: Version) -> Selection | None:
    text = state.address(name)
    if not text:
        return None
    try:
        found = Selection.from_json(json.loads(text))
        found.check(version.columns)
        return found
    except (SightlineError, ValueError):
        st.warning(t("What was picked in this address does not fit this table; all of it is shown."))
        state.set_address(**{name: None})
        return None


def remember(now: Picked) -> None:
    """Write what is picked to the address."""

    def text(selection: Selection | None) -> str | None:
        if selection is None:
            return None
        return json.dumps(selection.to_json(), ensure_ascii=False, separators=(",", ":"))

    marks = ".".join(map(str, now.rows)) or None
    state.set_address(window=text(now.window), marks=marks, box=text(now.box))


def act(event: PlotEvent | None, now: Picked, chart: Chart, data: pa.Table) -> None:
    """Do what was just done on the chart; the page runs again where something changed."""
    after = _after(event, now, chart, data) if event is not None else now
    if after != now:
        remember(after)
        st.rerun()


def _after(event: PlotEvent, now: Picked, chart: Chart, data: pa.Table) -> Picked:
    if event.kind == "reset":
        return Picked()
    if event.kind == "zoom":
        x, y = (None if place else span for span, place in zip((event.x, event.y), event.places, strict=True))
        region = chart.region(data, x, y) if x or y else None
        return now if region is None or not _parts(region) else Picked(window=region)
    if event.kind == "region" and len(event.rows) > MARKS:
        region = chart.region(data, event.x, event.y)
        return replace(now, rows=(), box=region) if region is not None and _parts(region) else now
    rows = event.rows
    if event.add:
        rows = tuple(row for row in now.rows if row not in rows) + tuple(r for r in rows if r not in now.rows)
    elif rows == now.rows and event.kind == "mark":
        rows = ()  # a second press lets go
    return replace(now, rows=rows[:MARKS], box=None)


def _parts(region: Selection) -> bool:
    return any(mark.parts for mark in region.marks)


def zoomed(now: Picked, version: Version) -> None:
    """What is zoomed to, with the way back."""
    if now.window is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="charts.window"):
        st.markdown(
            t(
                "Zoomed: showing only {what}.",
                what=plain_said(now.window.describe(version.columns)),
            ),
            width="stretch",
        )
        if st.button(t("Back to all"), key="charts.window.back"):
            state.put("charts.back", state.get("charts.back", 0) + 1)
            remember(Picked())
            st.rerun()
