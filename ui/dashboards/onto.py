"""A chart from elsewhere put onto a dashboard of its table, an old one or a new one."""

from __future__ import annotations

import streamlit as st

from core.contracts import Chart
from core.dashboards import Board, ChartTile
from core.errors import SightlineError
from core.store import Version
from ui import state
from ui.dashboards import kept
from ui.text import message, plain, t

NEW = ""  # the choice of a dashboard that is begun for it


def to_dashboard(version: Version, chart: Chart, key: str) -> None:
    """A button that puts the chart onto a dashboard, with the way there."""
    known = {one.id: one for one in kept.listed(version.dataset)}
    with st.popover(t("Add to a dashboard"), key=f"{key}.{len(known)}"):
        wanted = st.selectbox(
            t("Dashboard"), [*known, NEW], key=f"{key}.which",
            format_func=lambda id: known[id].name if id in known else plain("a new one"),
        )  # fmt: skip
        if not st.button(t("Add to it"), key=f"{key}.add", type="primary"):
            return
        try:
            record = known[wanted] if wanted in known else kept.begin(version, plain("Findings"))
            record = kept.keep(record, Board.of(record).with_tile(ChartTile(chart=chart.to_json())))
        except SightlineError as error:
            st.error(message(error))
            return
    st.switch_page("pages/explore/dashboard.py", query_params={**state.kept(), "dashboard": record.id})
