"""Charts: put fields on shelves, look, and take the picture or the numbers with you."""

import streamlit as st

from core.contracts import Chart
from core.errors import SightlineError
from ui import builder, charts, filters, segments, state
from ui.dashboards import behind
from ui.dashboards.taking import add_to_dashboard
from ui.explored import explored, rows_behind
from ui.figures import patterns_switch
from ui.frame import dataset_bar, header, link, next_link, preview
from ui.kept import keep, kept
from ui.sharing import chart_exports
from ui.suggested import suggested
from ui.summary import stored_profile
from ui.text import message, plain, t
from ui.whence import whence

header(
    "Charts", "Counted over all rows of the table; where some rows stand for all, the chart says so in words."
)
dataset, version = dataset_bar()
profile = stored_profile(version)
start = charts.present(version, builder.known(version, profile))
turn = f"charts.{version.id}.{state.get('charts.turn', 0)}"

side, main = st.columns([4, 9], gap="medium")
with side:
    shelves = st.container()  # filled once it is known what the settings below them say
    kind = builder.kind(version, profile, start, turn)
    values = charts.carried(start, kind, version.columns)
    chart = builder.settings(Chart.members[kind], version, values, key=turn)

with main:
    if chart is not None:
        builder.remember(version, chart)
    builder.steps(version)
    limits = filters.bar(version)
    found = None
    if chart is not None:
        try:
            found = explored(version, chart, limits)
        except SightlineError as error:  # a chart that these rows do not do for; another one may
            st.error(message(error))
    if chart is not None and found is not None:
        with st.expander(t("As a table"), key="charts.table"):
            preview(charts.readable(chart, found.data), key="charts.table.rows", height=320)
        with st.container(horizontal=True, vertical_alignment="bottom", key="charts.actions"):
            patterns_switch("charts.patterns")
            wanted = segments.panel(version, found.selections(), "charts")
            add_to_dashboard(version, chart, (*filters.each(version), *found.limits()))
            charts.download_data(chart, found.data)
            whence(version, (*found.filters, *found.picked.shown()), "charts.whence")
            with st.popover(t("Export"), icon=":material/ios_share:", key="charts.export"):
                st.caption(t("PNG and SVG: the buttons above the picture."))
                shown = (*found.filters, *found.picked.shown())
                chart_exports(version, chart, charts.named(kind), shown, "charts.export")
            name = st.text_input(t("Name"), charts.named(kind), key=f"{turn}.{kind}.name", max_chars=200)
            if st.button(t("Keep this chart"), key="charts.keep", disabled=not name.strip()):
                keep(version, chart, name.strip())
                st.toast(t("Kept: {name}", name=name.strip()))
        if wanted is not None and wanted.rows:
            behind.ask_for(wanted.filter.selections)
        elif wanted is not None:
            filters.use(wanted.filter)

with shelves:
    now = chart.to_json() if chart is not None else {**values, "kind": kind}
    builder.fields_and_shelves(version, profile, now)
with main:
    if found is not None:
        rows_behind(version, dataset.name, found)
    # below, and last: the chart does not wait for them, and is not moved when they come
    about = st.multiselect(
        t("Suggest charts about"), [column.name for column in version.columns], key="charts.about",
        placeholder=plain("the whole table, or choose columns"), max_selections=6,
    )  # fmt: skip
    suggested(version, builder.known(version, profile), about, limits)
    if profile is None:
        link("pages/data/profile.py", "Profile the table for suggestions with numbers", key="charts.profile")
    kept(version)

next_link("pages/model/train.py", "Train a model", "Let the table explain one of its columns.")
