"""What a person picks on a chart: the rows it is limited to and the marks they took, all in the address."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import pyarrow as pa
import streamlit as st

from core.charts.facets import in_panel
from core.contracts import Chart, Schema
from core.errors import SightlineError
from core.period import dated, period
from core.selection import Mark, Selection
from core.store import Version
from core.wording import Note, note
from ui import charts, state
from ui.plot import Mode, PlotEvent
from ui.text import message, plain, plain_said, t

LOOKED = 20  # rows of data, for a mark that lies in a period
LONG = 10  # digits: no row of a chart has so many
MARKS = 200  # taken at once as marks; of a box around more, its ranges are taken instead
LIMITS = 8  # one after the other, from the menu of marks
VIEWS = ("rows", "compare", "by")  # of the rows behind marks: which one stands in the address


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
    parts = (state.address("marks") or "").split(".")
    rows = tuple(int(part) for part in parts if part.isdecimal() and len(part) < LONG)
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
            one.where(version.columns)  # says what does not fit: a column that is not there, a range of texts
    except (SightlineError, ValueError) as error:
        why = f" {message(error)}" if isinstance(error, SightlineError) else ""
        st.warning(t("What was picked in this address does not fit this table; all of it is shown.") + why)
        state.set_address(**{name: None})
        return ()
    return found


def remember(now: Picked, **more: str | None) -> None:
    """Write what is picked to the address, and more with it: all is one place to go back from."""

    def text(*selections: Selection | None) -> str | None:
        chosen = [one.to_json() for one in selections if one is not None]
        return json.dumps(chosen, ensure_ascii=False, separators=(",", ":")) if chosen else None

    marks = ".".join(map(str, now.rows)) or None
    if not marks and not now.box:
        more |= {"behind": None, "by": None}
    state.set_address(
        limits=text(*now.limits), window=text(now.window), marks=marks, box=text(now.box), **more
    )


def menu(chart: Chart | None, data: pa.Table | None, columns: Schema) -> list[tuple[str, str]]:
    """What the menu of a mark offers: a zoom where its marks lie in a period, or in a range of numbers."""
    found = [
        ("rows", plain("See its rows")),
        ("compare", plain("Compare its rows with all others")),
        ("by", plain("Break its rows out by another column")),
    ]
    if (span := _first_period(chart, data, columns)) is not None:
        words = "Zoom to its period" if dated(span, columns) else "Zoom to its range"
        found.append(("period", plain(words)))
    return [*found, ("only", plain("Show only its rows")), ("without", plain("Leave its rows out"))]


def _first_period(chart: Chart | None, data: pa.Table | None, columns: Schema) -> Selection | None:
    """The period of the first mark that lies in one."""
    if chart is None or data is None:
        return None
    marks = (chart.mark(data, row) for row in range(min(data.num_rows, LOOKED)))
    spans = (period(Selection(marks=(mark,)), columns) for mark in marks if mark is not None)
    return next((span for span in spans if span is not None), None)


def act(event: PlotEvent | None, now: Picked, chart: Chart, data: pa.Table, version: Version) -> None:
    """Do what was just done on the chart; the page runs again where something changed."""
    after = _after(event, now, chart, data, version.columns) if event is not None else now
    if after == now:
        return
    action, more = event.action if event is not None else "", {}
    if action in VIEWS:
        more = {"behind": None if action == "rows" else action}
        st.toast(t("They stand below the picture."))
    elif action == "period" and (finer := refined(chart)) is not None:
        more = {"chart": charts.text_of(finer)}
    remember(after, **more)
    st.rerun()


def refined(chart: Chart) -> Chart | None:
    """The chart with steps of time that suit what is shown; None where it has no step of its own."""
    if chart.to_json().get("grain") in (None, "auto"):
        return None
    return chart.model_copy(update={"grain": "auto"})


def axes_of(event: PlotEvent, chart: Chart | None) -> tuple[Any, Any]:
    """The ranges that a picture was zoomed to, as far as they say something of the rows.

    Places of categories are places in what is drawn now: that zoom stays the picture's own.
    """
    if chart is not None and chart.lasting:
        return event.x, event.y
    x, y = (None if place else span for span, place in zip((event.x, event.y), event.places, strict=True))
    return x, y


def _after(event: PlotEvent, now: Picked, chart: Chart, data: pa.Table, columns: Schema = ()) -> Picked:
    if event.kind == "reset":
        return replace(now, window=None, rows=(), box=None)
    if event.kind == "zoom":
        x, y = axes_of(event, chart)
        region = chart.zoom(data, x, y) if x or y else None
        return replace(now, window=region, rows=(), box=None) if _limits(region) else now
    if event.kind == "menu":
        return _chosen(event, now, chart, data, columns)
    if event.kind == "region" and chart.BRUSHED:
        region = chart.region(data, event.x, event.y)
        return replace(now, rows=(), box=brushed(now.box, region)) if region is not None else now
    if event.kind == "region" and len(event.rows) > MARKS:
        region = in_panel(chart, data, chart.region(data, event.x, event.y), event.axes)
        return replace(now, rows=(), box=region) if _limits(region) else now
    rows = event.rows
    if event.add:
        rows = tuple(row for row in now.rows if row not in rows) + tuple(r for r in rows if r not in now.rows)
    elif rows == now.rows and event.kind == "mark":
        rows = ()  # a second press lets go
    return replace(now, rows=rows[:MARKS], box=None)


def modes(chart: Chart) -> tuple[Mode, ...]:
    """What the picture of a chart answers to."""
    return ("mark", "region") if chart.BRUSHED else ("mark", "region", "zoom")


def brushed(before: Selection | None, new: Selection) -> Selection:
    """What all brushes take: the newest one of each column."""
    parts = {part.column: part for one in (before, new) if one for mark in one.marks for part in mark.parts}
    return Selection.of(*parts.values())


def _chosen(event: PlotEvent, now: Picked, chart: Chart, data: pa.Table, columns: Schema) -> Picked:
    if event.action in VIEWS:
        return replace(now, rows=event.rows, box=None)
    own = _marks(chart, data, event.rows)
    if own is not None and event.action == "period":
        own = period(own, columns)
    if own is None:
        st.toast(t("This mark stands for no rows of its own."))
        return now
    if len(now.shown()) >= LIMITS:
        st.toast(t("These are as many limits as one chart can have; go back to all rows first."))
        return now
    return Picked((*now.shown(), own.inverted() if event.action == "without" else own))


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
