"""The rows behind marks: one by one, beside all others, by another column; which, stands in the address."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.contracts import Chart
from core.selection import Selection
from core.store import Version
from ui import state
from ui.behind import behind, counted
from ui.broken import broken_out
from ui.contrast import compared
from ui.text import plain, t
from ui.whence import whence

KEY = "charts.behind.view"
VIEWS = {"rows": "Rows", "compare": "Compared with all others", "by": "By another column"}


def view() -> str:
    """Which of them the address says is shown."""
    wanted = state.address("behind")
    return wanted if wanted in VIEWS else "rows"


def viewed(version: Version, name: str, selections: Sequence[Selection], chart: Chart | None = None) -> None:
    """What the rows that are in all the selections are, and one of the views of them."""
    counted(version, selections)
    whence(version, selections, "charts.behind.whence")
    now = view()
    state.put(KEY, now)
    st.segmented_control(
        t("What is shown of the rows behind the marks"), list(VIEWS), key=KEY, on_change=_switched,
        format_func=lambda one: plain(VIEWS[one]), label_visibility="collapsed", required=True,
    )  # fmt: skip
    if now == "compare":
        compared(version, selections)
    elif now == "by":
        broken_out(version, chart, selections)
    else:
        behind(version, name, selections)


def _switched() -> None:
    chosen = state.get(KEY)
    state.set_address(behind=None if chosen == "rows" else chosen)
