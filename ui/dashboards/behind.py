"""The rows behind what was selected, below the tiles: to look at, to take along, to keep as a table."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.errors import SightlineError
from core.selection import Selection
from core.store import Version
from ui import behind, state
from ui.text import t


def ask_for(selections: Sequence[Selection]) -> None:
    """Show the rows that are in all of these from now on; without any, none."""
    state.put("dash.rows", [one.to_json() for one in selections])


def shown(version: Version, name: str) -> None:
    """The rows that were asked for, with the way to close them."""
    wanted = state.get("dash.rows")
    if not wanted:
        return
    try:
        selections = [Selection.from_json(one) for one in wanted]
        for one in selections:
            one.where(version.columns)
    except SightlineError:  # of another table
        ask_for(())
        return
    with st.container(border=True, key="dash.behind"):
        if st.button(t("Close"), icon=":material/close:", key="dash.behind.close", type="tertiary"):
            ask_for(())
            st.rerun()
        behind.behind(version, name, selections)
