"""What is filtered and selected, as chips that can be let go one by one."""

from __future__ import annotations

import streamlit as st

from core.dashboards import Board, State
from core.store import Version
from ui.dashboards.tiles import named
from ui.text import plain, plain_said, t

LONGEST = 60


def chips(version: Version, board: Board, now: State, rows: int | None) -> State:
    """The chips; returns the state without what was let go."""
    if not now.filters and not now.picks:
        return now
    after = now
    with st.container(horizontal=True, vertical_alignment="center", key="dash.chips"):
        for place, one in enumerate(now.filters):
            words = plain_said(one.describe(version.columns))
            if _chip(words, f"dash.chip.filter.{place}", plain("Filter: {what}", what=words)):
                after = now.without(place)
        tiles = {tile.id: tile for tile in board.tiles}
        for id, pick in now.picks.items():
            words = plain_said(pick.describe(version.columns))
            about = plain("Selected on “{tile}”: {what}", tile=named(tiles[id]), what=words)
            if _chip(words, f"dash.chip.pick.{id}", about):
                after = now.picked(id, None)
        if st.button(t("Clear all"), key="dash.clear", type="tertiary"):
            after = State()
        if rows is not None:
            told = {"count": rows, "all": version.rows}
            st.caption(t("{count:,} of {all:,} rows", **told), width="content")
    return after


def _chip(words: str, key: str, about: str) -> bool:
    short = words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
    pressed: bool = st.button(
        t("{what} ✕", what=short), key=key, help=t("{about}. Press to let it go.", about=about)
    )
    return pressed
