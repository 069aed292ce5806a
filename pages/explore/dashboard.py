"""Dashboards: several views on a page, each of which selects in all others."""

import streamlit as st

from core.dashboards import Board
from ui import state
from ui.dashboards import addressed, behind, kept, tiles
from ui.dashboards.chips import chips
from ui.dashboards.editing import tile_tools, tools
from ui.dashboards.linking import linking
from ui.dashboards.shown import Shown
from ui.frame import dataset_bar, header, next_link
from ui.sharing import pdf, share
from ui.sharing.paper import printed
from ui.sharing.sharing import wanted_of
from ui.text import t

header("Dashboard", "Several views on a page: what is selected on one of them changes all others.")
kept.follow_link()
_, version = dataset_bar()
record = kept.opened(version)
if record is None:
    with st.container(border=True, key="dash.none"):
        st.subheader(t("There is no dashboard of this table yet"), anchor=False)
        st.markdown(t("Begin one, and add charts, numbers, tables and words to it."))
        kept.new(version)
    st.stop()

with st.container(horizontal=True, vertical_alignment="center", key="dash.bar"):
    kept.chooser(version, record)
    editing = st.toggle(t("Change the dashboard"), state.get("dash.editing", False), key="dash.edit")
    state.put("dash.editing", editing)
    sharing = st.container(horizontal=True, width="content")
kept.version_note(version, record)
board = Board.of(record)
known = Shown.of(version, board)
now = addressed.read(record, board, known.tables(board))
paper = wanted_of(known, record, board, now)
with sharing:
    share(known, record, board, now)
    if board.tiles:
        pdf(paper, "dash.pdf")
printed(paper, "dash.pdf")
if editing:
    tools(version, record, board)

after = linking(known, record, board, now)

answers = tiles.ask(known, board, now)
count = answers[tiles.ALL].data
rows = None if count is None else int(count.column("value")[0].as_py())
after = chips(known, board, now, rows) if after == now else after

for tile, place in tiles.grid(board):
    with place:
        done = tiles.draw(tile, answers[tile.id], known, board, now)
        if editing:
            tile_tools(known.at(tile.table), record, board, tile)
    if done is not None:
        after = done.state or after
        if done.rows:
            behind.ask_for(done.rows, done.view, tile.id)
            st.toast(t("They stand below the tiles."))
if not board.tiles:
    st.info(
        t("This dashboard has no tiles yet: press “Add a tile”.")
        if editing
        else t("This dashboard has no tiles yet: press “Change the dashboard”, then “Add a tile”.")
    )
if after != now:
    addressed.go_on(record, board, after, now)
behind.of_tiles(known, board)

next_link("pages/explore/charts.py", "Build a chart", "Keep it there, and add it here.")
