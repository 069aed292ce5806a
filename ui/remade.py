"""The tables that statements made, on the SQL page: run again, what had changed, on which schedule."""

from __future__ import annotations

import streamlit as st

from core import refresh
from core.store import Dataset, Version
from ui import services, state
from ui.refreshing import made_again
from ui.sql import put
from ui.text import md, t

SHOWN = 5


def listed() -> None:
    """Each table with its refreshes, the newest first; its statement can be taken into the editor."""
    found = refresh.made_by_statements(services.store(), services.owner())
    if not found:
        return
    st.subheader(t("Tables that statements made"), anchor=False)
    st.caption(
        t("Run again, a statement reads its tables as they are now; what comes of it is the next version.")
    )
    shown = found if state.get("sql.remade.all") else found[:SHOWN]
    for dataset, version in shown:
        made_again(dataset, version, lambda one=dataset, made=version: _edit(one, made))  # type: ignore[misc]
    rest = len(found) - len(shown)
    if rest > 0 and st.button(t("Show {count} more", count=rest), key="sql.remade.more", type="tertiary"):
        state.put("sql.remade.all", True)
        st.rerun()


def _edit(dataset: Dataset, version: Version) -> None:
    text = refresh.statement(version)
    if st.button(
        t("Edit"),
        key=f"sql.remade.{dataset.id}",
        type="tertiary",
        icon=":material/edit:",
        help=md(text[:400]),
    ):
        put(text)
