"""A chart to explore: its picture, refined where it is zoomed, and the rows behind what was picked."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pyarrow as pa
import streamlit as st

from core.contracts import Chart
from core.selection import Selection
from core.store import Version
from ui import charts, picked, state
from ui.behind import behind
from ui.broken import broken_out
from ui.contrast import compared
from ui.figures import show
from ui.picked import VIEW, VIEWS, Picked
from ui.plot import PlotEvent, missing
from ui.text import plain, plain_said, t

ALL = Selection()


@dataclass(frozen=True)
class Explored:
    """A chart that was drawn: its rows, what is picked on it, and what was just done there."""

    chart: Chart
    data: pa.Table
    picked: Picked
    event: PlotEvent | None
    filters: tuple[Selection, ...] = ()


def explored(version: Version, chart: Chart, filters: Selection = ALL) -> Explored:
    """Draw the chart of the filtered rows with what is picked on it.

    What was just done there is told to `rows_behind`.
    """
    stamp = f"{version.id} {json.dumps([chart.to_json(), filters.to_json()], sort_keys=True)}"
    now = picked.picked(version, stamp)
    limits = (filters,) if filters.marks else ()
    data = charts.data_of(version, chart, (*limits, *now.shown()))
    rows = tuple(row for row in now.rows if row < data.num_rows)
    event = show(
        chart.figure(data, plain_said), plain_said(chart.describe(data)), key="charts.figure",
        events=("mark", "region", "zoom"), menu=picked.menu(), selected=rows, axes=now.axes(stamp),
        label=charts.named(chart.kind()),
    )  # fmt: skip
    if lacks := missing():
        st.caption(lacks)
    picked.limited(now, version)  # below: what comes and goes must not move the picture
    return Explored(chart, data, now, event, limits)


def rows_behind(version: Version, name: str, found: Explored) -> None:
    """The rows behind the marks that are taken, where any are; the page runs again where that changes.

    It comes last: a download that stands above it would be withdrawn by a run that ends before it.
    """
    picked.act(found.event, found.picked, found.chart, found.data)
    selections = found.picked.behind(found.chart, found.data)
    if not selections:
        return
    selections = (*found.filters, *selections)
    view = st.segmented_control(
        t("What is shown of the rows behind the marks"), list(VIEWS), key=VIEW,
        format_func=lambda one: plain(VIEWS[one]), default=None if state.get(VIEW) else "rows",
        label_visibility="collapsed", required=True,
    )  # fmt: skip
    if view == "compare":
        compared(version, selections)
    elif view == "by":
        broken_out(version, found.chart, selections)
    else:
        behind(version, name, selections)
