"""Where what a tile shows came from: the table's version, its steps, the filters, the rows."""

from __future__ import annotations

import json

import streamlit as st

from core.dashboards import Answer, Asked, ChartTile, NumberTile
from core.dashboards.tiles import Tile
from core.store import Version
from ui import state
from ui.text import plain_said, said, t
from ui.whence import listed, row_lines, table_lines


def about(tile: Tile, answer: Answer, version: Version, asked: Asked) -> None:
    """A small button on the tile that opens its words and where they come from."""
    with st.popover(
        t("About"), icon=":material/info:", type="tertiary", key=f"dash.about.{tile.id}",
        help=t("In words, and where it comes from"),
    ):  # fmt: skip
        if isinstance(tile, ChartTile) and answer.chart is not None and answer.data is not None:
            st.markdown(said(answer.chart.describe(answer.data)))
        listed(lines(tile, answer, version, asked))
        if isinstance(tile, ChartTile) and st.button(t("Open in Charts"), key=f"dash.open.{tile.id}"):
            of = {"dataset": version.dataset, "version": version.id}
            chart = json.dumps(tile.chart, ensure_ascii=False, separators=(",", ":"))
            st.switch_page("pages/explore/charts.py", query_params={**state.kept(), **of, "chart": chart})


def lines(tile: Tile, answer: Answer, version: Version, asked: Asked) -> list[str]:
    """What the tile was counted from, one thing a line, for Markdown."""
    found = table_lines(version)
    if isinstance(tile, NumberTile):
        found.append(t("Measure: {measure}", measure=plain_said(tile.words())))
    only = (*asked.filter, *(asked.highlight if answer.how == "filtered instead" else ()))
    if answer.how != "filtered instead":
        for one in asked.highlight:
            found.append(t("Told apart: {what}", what=plain_said(one.describe(version.columns))))
    return [*found, *row_lines(version, only, answer.rows)]
