"""A chart to explore: its picture, refined where it is zoomed, and the rows behind what was picked."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pyarrow as pa
import streamlit as st

from core.contracts import Chart
from core.filters import Filter
from core.selection import Selection
from core.store import Version
from ui import charts, picked, sight, state
from ui.dashboards import behind as asked
from ui.figures import show
from ui.picked import Picked
from ui.plot import PlotEvent, missing
from ui.text import plain_said
from ui.views import viewed


@dataclass(frozen=True)
class Explored:
    """A chart that was drawn: its rows, what is picked on it, and what was just done there."""

    chart: Chart
    data: pa.Table
    picked: Picked
    event: PlotEvent | None
    filters: tuple[Selection, ...] = ()

    def limits(self) -> tuple[Filter, ...]:
        """What alone it shows beyond its filters, as a filter."""
        shown = self.picked.shown()
        return (Filter(selections=shown),) if shown else ()

    def selections(self) -> tuple[Selection, ...]:
        """What the rows are all in that are picked on it; without any, those that it shows."""
        return (*self.filters, *(self.picked.behind(self.chart, self.data) or self.picked.shown()))


def explored(version: Version, chart: Chart, filters: tuple[Selection, ...] = ()) -> Explored:
    """Draw the chart of the filtered rows with what is picked on it.

    What was just done there is told to `rows_behind`.
    """
    stamp = (
        f"{version.id} {json.dumps([chart.to_json(), [one.to_json() for one in filters]], sort_keys=True)}"
    )
    now = picked.picked(version, stamp)
    data = charts.data_of(version, chart, (*filters, *now.shown()))
    rows = tuple(row for row in now.rows if row < data.num_rows)
    figure = chart.figure(data, plain_said)
    if now.box:
        chart.brush(figure, data, now.box)
    event = show(
        figure, plain_said(chart.describe(data)), key="charts.figure",
        events=picked.modes(chart), menu=picked.menu(chart, data, version.columns),
        selected=rows, axes=now.axes(stamp), label=charts.named(chart.kind()),
    )  # fmt: skip
    if lacks := missing():
        st.caption(lacks)
    picked.limited(now, version)  # below: what comes and goes must not move the picture
    return Explored(chart, data, now, event, filters)


def rows_behind(version: Version, name: str, found: Explored) -> None:
    """The rows behind the marks that are taken, where any are; the page runs again where that changes.

    Rows that were asked for by their segment's name stand in their place until they are closed.

    It comes last: a download that stands above it would be withdrawn by a run that ends before it.
    """
    picked.act(found.event, found.picked, found.chart, found.data, version)
    selections = found.picked.behind(found.chart, found.data)
    if asked.shown(version, name):
        return
    if not selections:
        sight.nothing("picked")
        return
    with st.container(key="charts.picked.rows"):
        view = state.address("behind")
        taken = f"{state.address('marks')} {state.address('box')} {view}"
        sight.into("picked", ".st-key-charts-picked-rows", taken, 0.55 if view else 0.25)
        viewed(version, name, (*found.filters, *selections), found.chart)
