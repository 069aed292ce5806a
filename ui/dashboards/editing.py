"""Changing a dashboard: its grid, and each tile's title, size, place and contents."""

from __future__ import annotations

import streamlit as st

from core.dashboards import Board, TextTile
from core.dashboards.tiles import ACROSS, Tile
from core.store import Version
from core.store.records import Dashboard
from ui import state
from ui.dashboards import kept
from ui.dashboards.adding import add, changed
from ui.dashboards.linking import WAYS
from ui.text import plain, plain_said, t

HEIGHTS = {"low": "Low", "middle": "Middle", "high": "High"}
ANSWERS = {"as all": "As all tiles", **WAYS}


def tools(version: Version, record: Dashboard, board: Board) -> None:
    """The line of tools while a dashboard is changed. What is changed is stored at once."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="dash.tools"):
        made = add(version, board)
        across = st.segmented_control(
            t("Columns of the grid"), range(1, ACROSS + 1), default=board.across, required=True,
            key=f"dash.across.{record.id}",
        )  # fmt: skip
        if st.button(t("Undo"), icon=":material/undo:", key="dash.undo", disabled=not record.undo):
            kept.take_back(record)
            st.rerun()
    if made is not None:
        kept.keep(record, board.with_tile(made))
        st.rerun()
    if across is not None and across != board.across:
        kept.keep(record, board.model_copy(update={"across": across}))
        st.rerun()


def tile_tools(version: Version | None, record: Dashboard, board: Board, tile: Tile) -> None:
    """The tools of one tile while its dashboard is changed; one whose table is gone can only go itself."""
    key, last = f"dash.edit.{tile.id}", len(board.tiles) - 1
    at = board.at(tile.id)
    after: Board | None = None
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}.tools"):
        if st.button("←", key=f"{key}.back", help=t("Move the tile back"), disabled=at == 0):
            after = board.moved(tile.id, -1)
        if st.button("→", key=f"{key}.on", help=t("Move the tile on"), disabled=at == last):
            after = board.moved(tile.id, 1)
        with st.popover(t("Change"), icon=":material/edit:", key=f"{key}.{state.get(f'{key}.turn', 0)}"):
            if version is not None:
                after = _form(version, board, tile, key) or after
        if st.button(t("Duplicate"), key=f"{key}.double", type="tertiary"):
            after = board.doubled(tile.id)
        if st.button(t("Delete"), key=f"{key}.delete", type="tertiary"):
            after = board.without(tile.id)
    if after is not None:
        kept.keep(record, after)
        st.rerun()


def _form(version: Version, board: Board, tile: Tile, key: str) -> Board | None:
    """Title, size and contents of a tile; returns the board with what was applied."""
    turn = f"{key}.{state.get(f'{key}.turn', 0)}"
    title = tile.title
    if not isinstance(tile, TextTile):
        title = st.text_input(
            t("Title"), tile.title, key=f"{turn}.title", max_chars=200,
            placeholder=plain("said by what it shows"),
        )  # fmt: skip
    width = st.segmented_control(
        t("Width in columns"), range(1, ACROSS + 1), default=tile.width, required=True, key=f"{turn}.width"
    )
    height = st.segmented_control(
        t("Height"), list(HEIGHTS), default=tile.height, required=True, key=f"{turn}.height",
        format_func=lambda one: plain(HEIGHTS[one]),
    )  # fmt: skip
    linked = _linked(version, tile, turn)
    made = changed(version, tile, turn)
    if not st.button(t("Apply"), key=f"{key}.apply", type="primary", disabled=made is None) or made is None:
        return None
    state.put(f"{key}.turn", state.get(f"{key}.turn", 0) + 1)
    return board.with_tile(
        made.model_copy(update={"title": title.strip(), "width": width, "height": height, **linked})
    )


def _linked(version: Version, tile: Tile, turn: str) -> dict[str, object]:
    """What a tile does about selections on others, and which of its own filters it keeps."""
    if not tile.linked:
        return {}
    answer = st.segmented_control(
        t("What is selected on other tiles"), list(ANSWERS), default=tile.answer, required=True,
        format_func=lambda one: plain(ANSWERS[one]), key=f"{turn}.answer",
    )  # fmt: skip
    if not tile.filters:
        return {"answer": answer}
    names = [plain_said(one.describe(version.columns)) for one in tile.filters]
    kept = st.multiselect(
        t("Only these rows, on this tile"), range(len(names)), list(range(len(names))),
        format_func=names.__getitem__, key=f"{turn}.filters", placeholder=plain("all rows"),
    )  # fmt: skip
    return {"answer": answer, "filters": tuple(tile.filters[place] for place in kept)}
