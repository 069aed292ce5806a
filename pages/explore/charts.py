"""Charts: choose a kind and columns, look, and take the picture or the numbers with you."""

import streamlit as st

from core.contracts import Chart
from ui import charts, state
from ui.explored import explored, rows_behind
from ui.figures import patterns_switch
from ui.forms import member
from ui.frame import dataset_bar, header, link, next_link
from ui.summary import stored_profile
from ui.text import plain, t

header(
    "Charts", "Counted over all rows of the table; where some rows stand for all, the chart says so in words."
)
dataset, version = dataset_bar()
profile = stored_profile(version)
start = charts.present(version, profile)
turn = f"charts.{version.id}.{state.get('charts.turn', 0)}"

side, main = st.columns([4, 9], gap="medium")
with side:
    kinds = charts.kinds()
    kind = st.selectbox(
        t("Chart"), kinds, kinds.index(start["kind"]), format_func=charts.named, key=f"{turn}.kind"
    )
    st.caption(t(Chart.members[kind].summary()))
    values = charts.carried(start, kind, version.columns)
    chart = member(Chart.members[kind], version.columns, values, key=turn)

with main:
    if profile is None:
        link("pages/data/profile.py", "Profile the table to get suggestions", key="charts.profile")
    else:
        about = st.multiselect(
            t("Suggest charts about"), [column.name for column in profile.columns], key="charts.about",
            placeholder=plain("the whole table, or choose columns"), max_selections=6,
        )  # fmt: skip
        charts.suggestions(about, profile, version)
    if chart is not None:
        charts.remember(version, chart)
        found = explored(version, chart)
        with st.container(horizontal=True, vertical_alignment="bottom", key="charts.actions"):
            patterns_switch("charts.patterns")
            charts.download_data(chart, found.data)
            name = st.text_input(t("Name"), charts.named(kind), key=f"{turn}.{kind}.name", max_chars=200)
            if st.button(t("Keep this chart"), key="charts.keep", disabled=not name.strip()):
                charts.keep(version, chart, found.data, name.strip())
                st.toast(t("Kept: {name}", name=name.strip()))
        rows_behind(version, dataset.name, found)
    charts.kept(version)

next_link("pages/model/train.py", "Train a model", "Let the table explain one of its columns.")
