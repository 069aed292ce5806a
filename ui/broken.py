"""The rows behind marks broken out by another column: the same measure, by its values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.charts import Bar, Histogram, Line
from core.contracts import Chart
from core.selection import Selection
from core.store import Version
from ui import charts, found
from ui.figures import show
from ui.text import plain_said, t

HEIGHT = 320
KEY = "charts.by"


def broken_out(version: Version, chart: Chart, selections: Sequence[Selection]) -> None:
    """A choice of columns, and the rows behind the marks by the one that is chosen."""
    settled = selections[-1].columns()
    others = [one.name for one in version.columns if one.name not in settled]
    if not others:
        st.info(t("There is no other column to break the rows out by."))
        return
    column = st.selectbox(t("By the values of"), others, key=f"{KEY}.{version.id}.column")
    by = _by(version, chart, column)
    data = charts.data_of(version, by, tuple(selections))
    show(
        by.figure(data, plain_said), plain_said(by.describe(data)), key=f"{KEY}.figure", height=HEIGHT,
        tools=False,
    )  # fmt: skip
    if st.button(t("Open chart"), key=f"{KEY}.open"):
        found.open_chart(version, by, of=selections)


def _by(version: Version, chart: Chart, column: str) -> Chart:
    """The chart's own measure by another column; where it only counts rows, how the column spreads."""
    kind = next(one.type for one in version.columns if one.name == column)
    values = chart.to_json()
    measure: dict[str, Any] = {}
    if values.get("y") and values.get("aggregation", "count") != "count":
        measure = {"aggregation": values["aggregation"], "y": values["y"]}
    if kind in ("date", "datetime"):
        return Line(x=column, **measure)
    if kind in ("text", "boolean"):
        return Bar(x=column, **measure)
    return Line(x=column, **measure) if measure else Histogram(x=column)
