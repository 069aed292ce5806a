"""The rows behind marks broken out by another column: the same measure, by its values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.charts import Bar, Histogram, Line
from core.contracts import Chart
from core.selection import Selection
from core.store import Version
from ui import charts, found, state
from ui.figures import show
from ui.text import plain_said, t

HEIGHT = 320
KEY = "charts.by"


def broken_out(version: Version, chart: Chart | None, selections: Sequence[Selection]) -> None:
    """A choice of columns, and the rows behind the marks by the one that the address says."""
    settled = selections[-1].columns()
    others = [one.name for one in version.columns if one.name not in settled]
    if not others:
        st.info(t("There is no other column to break the rows out by."))
        return
    key, wanted = f"{KEY}.{version.id}.column", state.address("by")
    column = wanted if wanted in others else others[0]
    state.put(key, column)
    st.selectbox(
        t("By the values of"), others, key=key, on_change=lambda: state.set_address(by=state.get(key))
    )
    by = _by(version, chart, column)
    data = charts.data_of(version, by, tuple(selections))
    show(
        by.figure(data, plain_said), plain_said(by.describe(data)), key=f"{KEY}.figure", height=HEIGHT,
        tools=False,
    )  # fmt: skip
    if st.button(t("Open chart"), key=f"{KEY}.open"):
        found.open_chart(version, by, of=selections)


def _by(version: Version, chart: Chart | None, column: str) -> Chart:
    """The chart's own measure by another column; where it only counts rows, how the column spreads."""
    kind = next(one.type for one in version.columns if one.name == column)
    values = chart.to_json() if chart is not None else {}
    measure: dict[str, Any] = {}
    if values.get("y") and values.get("aggregation", "count") != "count":
        measure = {"aggregation": values["aggregation"], "y": values["y"]}
    if kind in ("date", "datetime"):
        return Line(x=column, **measure)
    if kind in ("text", "boolean"):
        return Bar(x=column, **measure)
    return Line(x=column, **measure) if measure else Histogram(x=column)
