"""Where what a tile shows came from: the table's version, its steps, the filters, the rows."""

from __future__ import annotations

import json

import streamlit as st

from core.dashboards import Answer, Asked, ChartTile, NumberTile
from core.dashboards.tiles import Tile
from core.store import Dataset, Version
from ui import state
from ui.provenance import steps_before
from ui.text import plain, plain_said, said, t


def about(tile: Tile, answer: Answer, dataset: Dataset, version: Version, asked: Asked) -> None:
    """A small button on the tile that opens its words and where they come from."""
    with st.popover(
        t("About"), icon=":material/info:", type="tertiary", key=f"dash.about.{tile.id}",
        help=t("In words, and where it comes from"),
    ):  # fmt: skip
        if isinstance(tile, ChartTile) and answer.chart is not None and answer.data is not None:
            st.markdown(said(answer.chart.describe(answer.data)))
        st.markdown("\n".join(f"- {line}" for line in lines(tile, answer, dataset, version, asked)))
        if isinstance(tile, ChartTile) and st.button(t("Open in Charts"), key=f"dash.open.{tile.id}"):
            chart = json.dumps(tile.chart, ensure_ascii=False, separators=(",", ":"))
            st.switch_page("pages/explore/charts.py", query_params={**state.kept(), "chart": chart})


def lines(tile: Tile, answer: Answer, dataset: Dataset, version: Version, asked: Asked) -> list[str]:
    """What the tile was counted from, one thing a line, for Markdown."""
    found = [t("Table: {name}, version {number}", name=dataset.name, number=version.number)]
    steps = [said(step) for step in steps_before(version)]
    found.append(t("Steps before it: {steps}", steps=plain("none")) if not steps else t("Steps before it:"))
    found += [f"  - {step}" for step in steps]
    if isinstance(tile, NumberTile):
        found.append(t("Measure: {measure}", measure=plain_said(tile.words())))
    for one in asked.filter:
        found.append(t("Only rows where {what}", what=plain_said(one.describe(version.columns))))
    for one in asked.highlight:
        template = "Only rows where {what}" if answer.how == "filtered instead" else "Told apart: {what}"
        found.append(t(template, what=plain_said(one.describe(version.columns))))
    if answer.rows is not None:
        found.append(t("Rows: {rows:,} of {all:,}", rows=answer.rows, all=version.rows))
    return [line if line.startswith("  ") else line.strip() for line in found]
