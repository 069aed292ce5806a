"""How tiles are linked: what they do about a selection, filters for all of them, keeping both."""

from __future__ import annotations

import streamlit as st

from core.dashboards import OWN, Board, State
from core.store.records import Dashboard
from ui import segments, state
from ui.dashboards import behind, kept
from ui.dashboards.filtering import add_filter
from ui.dashboards.shown import Shown
from ui.text import plain, t

WAYS = {"filter": "Filter", "highlight": "Highlight", "nothing": "Leave alone"}


def linking(shown: Shown, record: Dashboard, board: Board, now: State) -> State:
    """The line above the tiles; returns the state with the filter that was added there."""
    version, rows = shown.own, now.reaching(OWN, shown.tables(board))
    with st.container(horizontal=True, vertical_alignment="bottom", key="dash.link"):
        way = st.segmented_control(
            t("What is selected on one tile"), list(WAYS), default=board.answer, required=True,
            format_func=lambda one: plain(WAYS[one]), key=f"dash.way.{record.id}",
            help=t("Filter: all other tiles show these rows alone. Highlight: they show all rows, with these "
                   "in a colour of their own. Leave alone: they take no notice. A tile may do otherwise."),
        )  # fmt: skip
        more = add_filter(version)
        if st.button(
            t("Save"), icon=":material/save:", key="dash.save", disabled=now == board.state(),
            help=t("Keep the filters, what is selected and the zooms with the dashboard."),
        ):  # fmt: skip
            kept.keep(record, board.keeping(now))
            state.set_address(state=None, view=None)
            st.rerun()
        wanted = segments.panel(version, rows, "dash")
        if wanted is not None and not wanted.rows:
            more = wanted.filter
        elif wanted is not None:
            behind.ask_for(wanted.filter.selections)
            st.toast(t("Its rows stand below the tiles, to be saved as a table."))
        if rows and st.button(t("See the rows"), key="dash.see"):
            behind.ask_for(rows)
    if way is not None and way != board.answer:
        kept.keep(record, board.model_copy(update={"answer": way}))
        st.rerun()
    return now if more is None else now.filtered(more)
