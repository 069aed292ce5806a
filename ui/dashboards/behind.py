"""The rows behind what was selected, below the tiles: to look at, to compare, to break out, to keep."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.dashboards import OWN, Board, ChartTile
from core.dashboards.tiles import Tile
from core.selection import Selection
from core.store import Version
from ui import linked, sight, state
from ui.dashboards.shown import Shown, called
from ui.text import t
from ui.views import viewed


def ask_for(selections: Sequence[Selection], view: str = "rows", tile: str | None = None) -> None:
    """Show the rows that are in all of these from now on, in one of the views; without any, none.

    They stand in the address; `tile` is the one whose measure they are broken out by.
    """
    state.set_address(
        rows=linked.written(selections), behind=None if view == "rows" else view, tile=tile, by=None
    )


def of_tiles(known: Shown, board: Board) -> bool:
    """The rows that were asked for on a dashboard: of the table of the tile that they were asked for on."""
    tile = next((one for one in board.tiles if one.id == state.address("tile")), None)
    version = known.at(tile.table if tile is not None else OWN) or known.own
    return shown(version, called(version), tile)


def shown(version: Version, name: str, tile: Tile | None = None) -> bool:
    """The rows that were asked for, with the way to close them; whether there are any."""
    selections = linked.read("rows", version)
    if not selections:
        sight.nothing("behind")
        return False
    with st.container(border=True, key="dash.behind"):
        sight.into(
            "behind", ".st-key-dash-behind", f"{state.address('rows')} {state.address('behind')}", 0.55
        )
        if st.button(t("Close"), icon=":material/close:", key="dash.behind.close", type="tertiary"):
            ask_for(())
            st.rerun()
        viewed(version, name, selections, tile.built() if isinstance(tile, ChartTile) else None)
    return True
