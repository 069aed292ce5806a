"""A chart to explore: its picture, refined where it is zoomed, and the rows behind what was picked."""

from __future__ import annotations

import json

import pyarrow as pa
import streamlit as st

from core.contracts import Chart
from core.store import Version
from ui import charts, picked
from ui.behind import behind
from ui.figures import show
from ui.picked import Picked
from ui.plot import missing
from ui.text import plain_said


def explored(version: Version, chart: Chart) -> tuple[pa.Table, Picked]:
    """Draw the chart; returns its rows and what is picked on it. The page runs again when that changes."""
    stamp = f"{version.id} {json.dumps(chart.to_json(), sort_keys=True)}"
    now = picked.picked(version, stamp)
    picked.zoomed(now, version)
    data = charts.data_of(version, chart, now.window)
    words = plain_said(chart.describe(data))
    rows = tuple(row for row in now.rows if row < data.num_rows)
    event = show(
        chart.figure(data, plain_said), words, key="charts.figure", events=("mark", "region", "zoom"),
        selected=rows, axes=now.axes(stamp), label=charts.named(chart.kind()),
    )  # fmt: skip
    if lacks := missing():
        st.caption(lacks)
    picked.act(event, now, chart, data)
    return data, now


def rows_behind(version: Version, name: str, chart: Chart, data: pa.Table, now: Picked) -> None:
    """The rows behind the marks that are taken, where any are."""
    selections = now.selections(chart, data)
    if selections:
        behind(version, name, selections)
