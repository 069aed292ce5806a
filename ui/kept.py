"""Charts that were kept: opened again, put in order, renamed, copied, taken away as a file."""

from __future__ import annotations

import streamlit as st

from core.contracts import Chart
from core.errors import SightlineError
from core.selection import Selection
from core.store import SavedChart, Version
from ui import charts, filters, services
from ui.sharing import chart_exports
from ui.text import md, message, plain, t

WAYS = (
    ("up", "Move up", ":material/arrow_upward:", -1),
    ("down", "Move down", ":material/arrow_downward:", 1),
)


def keep(version: Version, chart: Chart, name: str) -> SavedChart:
    """Store the chart and its filters under a name."""
    record = SavedChart(
        owner=services.owner(), version=version.id, name=name, chart=chart.to_json(),
        filter=tuple(filters.read()), place=_last(in_order(version)),
    )  # fmt: skip
    return services.store().add(record)


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
        copy = keep(version, Chart.from_json(record.chart), plain("{name} (copy)", name=record.name)[:200])
        store.change(SavedChart, copy.id, owner, filter=record.filter)
        st.rerun()
    try:
        chart = Chart.from_json(record.chart)
        chart.check(version.columns)
        chart_exports(version, chart, record.name, _limits(version, record), key)
    except SightlineError as error:
        st.caption(message(error))


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
