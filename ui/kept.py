"""Charts that were kept: opened again, put in order, renamed, copied, taken away as a file."""

from __future__ import annotations

import pyarrow as pa
import streamlit as st

from core.charts.drawing import coloured
from core.contracts import Chart
from core.selection import Selection
from core.store import SavedChart, Version
from ui import charts, filters, services
from ui.figures import LIGHT
from ui.text import md, plain, plain_said, t
from ui.transfer import download

WAYS = (
    ("up", "Move up", ":material/arrow_upward:", -1),
    ("down", "Move down", ":material/arrow_downward:", 1),
)


def keep(version: Version, chart: Chart, data: pa.Table, name: str) -> SavedChart:
    """Store the chart and its filters under a name, with the picture as one HTML file for any place."""
    figure = coloured(chart.figure(data, plain_said), LIGHT)
    figure.update_layout(template="plotly_white", colorway=LIGHT)
    page = figure.to_html(include_plotlyjs=True, full_html=True, config={"displaylogo": False})
    store, owner = services.store(), services.owner()
    store.check_space(len(page))
    with store.new_object(owner, ".html") as made:
        made.path.write_text(page, encoding="utf-8")
    record = SavedChart(
        owner=owner, version=version.id, name=name, chart=chart.to_json(), filter=tuple(filters.read()),
        page=made.id, place=_last(in_order(version)),
    )  # fmt: skip
    return store.add(record, [made])


def in_order(version: Version) -> list[SavedChart]:
    """The charts kept with a version as a person has put them; those never moved: the newest first."""
    found = services.store().list(SavedChart, services.owner(), version=version.id)
    return sorted(found, key=lambda record: record.place)


def _last(charts_: list[SavedChart]) -> int:
    """The place of a new one: before all others, which keep theirs."""
    return min((record.place for record in charts_), default=0) - 1


def kept(version: Version) -> None:
    """The charts kept with this version: open, order, rename, copy, download, delete."""
    found = in_order(version)
    if not found:
        return
    st.subheader(t("Kept charts"))
    for number, record in enumerate(found):
        key = f"charts.kept.{record.id}"
        with st.container(horizontal=True, vertical_alignment="center", key=key):
            st.markdown(md(record.name), width="stretch")
            if st.button(t("Open"), key=f"{key}.open"):
                filters.write([dict(one) for one in record.filter])
                charts.begin_again(version, record.chart)
            for name, label, icon, far in WAYS:
                to = number + far
                there = 0 <= to < len(found)
                if st.button("", key=f"{key}.{name}", icon=icon, help=t(label), disabled=not there):
                    _move(found, number, to)
            with st.popover(t("More"), key=f"{key}.more"):
                _more(version, record, key)
            if st.button(t("Delete"), key=f"{key}.delete"):
                services.store().delete(SavedChart, record.id, services.owner())
                st.rerun()


def _more(version: Version, record: SavedChart, key: str) -> None:
    store, owner = services.store(), services.owner()
    name = st.text_input(t("Name"), record.name, key=f"{key}.name", max_chars=200).strip()
    if st.button(t("Rename"), key=f"{key}.rename", disabled=not name or name == record.name):
        store.change(SavedChart, record.id, owner, name=name)
        st.rerun()
    if st.button(t("Duplicate"), key=f"{key}.copy"):
        data = charts.data_of(version, (chart := Chart.from_json(record.chart)), _limits(version, record))
        copy = keep(version, chart, data, plain("{name} (copy)", name=record.name)[:200])
        store.change(SavedChart, copy.id, owner, filter=record.filter)
        st.rerun()
    if record.page:
        download(t("Download as HTML"), record.page, f"{record.name}.html", key=f"{key}.html")


def _limits(version: Version, record: SavedChart) -> tuple[Selection, ...]:
    return filters.together([dict(one) for one in record.filter], version.columns)


def _move(found: list[SavedChart], number: int, to: int) -> None:
    """Change places with a neighbour; all get places of their own."""
    order = [record.id for record in found]
    order[number], order[to] = order[to], order[number]
    places = {record.id: record.place for record in found}
    for place, id in enumerate(order):
        if places[id] != place:
            services.store().change(SavedChart, id, services.owner(), place=place)
    st.rerun()
