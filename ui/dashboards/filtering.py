"""A filter for all tiles: values of a column, or a range of it."""

from __future__ import annotations

import streamlit as st

from core.dashboards import Filter
from core.store import Version
from ui import conditions, state
from ui.dashboards.chips import as_filter
from ui.review import Rows
from ui.text import plain, t


def add_filter(version: Version) -> Filter | None:
    """The form of a filter; returns it when it is added."""
    turn = f"dash.filter.{state.get('dash.filter.turn', 0)}"
    with st.popover(t("Filter"), icon=":material/filter_alt:", key=turn):
        names = [column.name for column in version.columns]
        chosen = st.selectbox(
            t("Column"), names, index=None, key=f"{turn}.column", placeholder=plain("Choose a column")
        )
        if chosen is None:
            return None
        said = conditions.values_or_range(Rows(version.id), version.columns, {"column": chosen}, turn)
        if not st.button(t("Add"), key="dash.filter.add", type="primary", disabled=set(said) == {"column"}):
            return None
    state.put("dash.filter.turn", state.get("dash.filter.turn", 0) + 1)
    return as_filter(said)
