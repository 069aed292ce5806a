"""Data that is at hand: the samples that come with Sightline, and data sets made to measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.sources.samples import SAMPLES, SampleInfo
from core.sources.synthetic import Synthetic
from core.wording import table_size
from ui import services
from ui.figures import show
from ui.forms import member
from ui.incoming import remember
from ui.text import md, plain, t

if TYPE_CHECKING:
    import plotly.graph_objects as go

GROUPS = {
    "marketing": "Marketing: what is bought, at which price?",
    "customers": "Customers: who leaves?",
    "risk": "Risk: who pays back?",
    "people": "People: who stays?",
    "prices": "Prices: what is it worth?",
    "general": "General",
}
DRAWN = 500  # points of the picture of made data


def samples() -> None:
    """The data sets that come with Sightline, by business question, each one click away."""
    for start in range(0, len(SAMPLES), 3):
        for place, info in zip(st.columns(3), SAMPLES[start : start + 3], strict=False):
            with place.container(border=True, height="stretch", key=f"add.sample.card.{info.name}"):
                _sample(info)


def _sample(info: SampleInfo) -> None:
    st.markdown(f":small[:gray[{t(GROUPS[info.group])}]]  \n**{t(info.title)}**  \n{t(info.about)}")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(t("Add"), key=f"add.sample.{info.name}"):
            source = {"kind": "sample", "name": info.name}
            remember(services.submit("read", {"source": source, "name": info.title}, title="Read a sample"))
            st.rerun()
        size = table_size(info.rows, info.columns)
        st.caption(t("{size} · {licence}", size=size, licence=info.licence))


def made() -> None:
    """A data set whose truth is known, made to measure."""
    left, right = st.columns([4, 7], gap="medium")
    with left:
        source = member(Synthetic, (), {}, key="add.made")
        if st.button(t("Make this data set"), key="add.made.go", type="primary", disabled=source is None):
            params = {
                "source": source.to_json(),
                "name": plain("Made data: {shape}", shape=plain(source.shape)),
            }
            remember(services.submit("read", params, title="Make a data set"))
            st.rerun()
    if source is not None:
        with right:
            words = plain(
                "The first row of the made data set. | The first {count} rows of the made data set.",
                count=min(DRAWN, source.size),
            )
            show(_picture(source), words, key="add.made.picture", height=420, words=False)
            st.caption(md(words))


def _picture(source: Synthetic) -> go.Figure:
    import plotly.graph_objects as go

    rows = next(source.model_copy(update={"size": min(source.size, DRAWN)}).batches())
    names = rows.schema.names
    figure = go.Figure(layout={"xaxis": {"title": names[0]}, "yaxis": {"title": names[1]}})
    groups = rows.column(2).to_pylist() if len(names) > 2 else [""] * rows.num_rows
    x, y = rows.column(0).to_numpy(), rows.column(1).to_numpy()
    for group in sorted(set(groups)):
        here = [index for index, name in enumerate(groups) if name == group]
        figure.add_scatter(
            x=x[here], y=y[here], mode="markers", name=group, marker={"size": 6, "opacity": 0.75},
            showlegend=bool(group),
        )  # fmt: skip
    return figure
