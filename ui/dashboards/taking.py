"""A chart taken onto a dashboard from where it was built, with the filters it stands under."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.contracts import Chart
from core.dashboards import Board, ChartTile, Filter
from core.errors import BadParameter, SightlineError
from core.filters import every as selections_of
from core.store import Dataset, Version
from core.store.records import Dashboard
from ui import services, state
from ui.dashboards import kept
from ui.text import message, plain, plain_said, t

NEW = ""


def add_to_dashboard(
    version: Version, chart: Chart, filters: Sequence[Filter], place: str = "charts.board"
) -> None:
    """An existing dashboard or a new one, and the button that adds the chart there.

    `place` tells apart the charts of a page that may be added.
    """
    known = _known(version)
    key = f"{place}.{state.get(f'{place}.turn', 0)}"
    with st.popover(t("Add to a dashboard"), icon=":material/dashboard_customize:", key=key):
        seen = state.get(f"{place}.added") or state.get(f"dash.last.{version.dataset}")
        options = [*known, NEW]
        which = st.selectbox(
            t("Dashboard"), options, index=options.index(seen) if seen in known else 0,
            format_func=lambda id: _called(known[id], version) if id in known else plain("a new one"),
            key=f"{key}.which",
        )  # fmt: skip
        name = ""
        if which == NEW:
            name = st.text_input(t("Name"), plain("Dashboard"), key=f"{key}.name", max_chars=200)
        title = st.text_input(
            t("Title"), key=f"{key}.title", max_chars=200, placeholder=plain("said by what it shows")
        )
        own = tuple(filters) if filters and _with_filters(version, filters, f"{key}.filters") else ()
        if st.button(t("Add"), key=f"{place}.add", type="primary", disabled=which == NEW and not name):
            tile = ChartTile(title=title.strip(), chart=chart.to_json(), filters=own)
            _add(version, which, name, tile, place)
    if (added := state.get(f"{place}.added")) in known:
        with st.container(horizontal=True, vertical_alignment="center", key=f"{place}.done"):
            st.caption(t("On the dashboard “{name}” now.", name=known[added].name), width="content")
            if st.button(t("Open the dashboard"), key=f"{place}.open", type="tertiary"):
                state.put(f"{place}.added", None)
                where = {"dataset": known[added].dataset, "version": known[added].version}
                own = known[added].dataset == version.dataset
                st.switch_page(
                    "pages/explore/dashboard.py",
                    query_params={**state.kept(), **({} if own else where), "dashboard": added},
                )


def _known(version: Version) -> dict[str, Dashboard]:
    """The dashboards of the chart's table, then those of other tables that are still there."""
    every = [*kept.listed(version.dataset), *services.store().list(Dashboard, services.owner())]
    tables = _tables()
    return {one.id: one for one in every if one.dataset in tables}


def _tables() -> dict[str, str]:
    return {one.id: one.name for one in services.store().list(Dataset, services.owner())}


def _called(record: Dashboard, version: Version) -> str:
    if record.dataset == version.dataset:
        return record.name
    return plain("{name} (of the table {table})", name=record.name, table=_tables()[record.dataset])


def _with_filters(version: Version, filters: Sequence[Filter], key: str) -> bool:
    words = plain(" · ").join(plain_said(one.describe(version.columns)) for one in filters)
    return st.toggle(t("Only these rows: {what}", what=words), True, key=key)


def _add(version: Version, which: str, name: str, tile: ChartTile, place: str) -> None:
    known = _known(version)
    try:
        record = known[which] if which in known else kept.begin(version, name)
        if record.dataset != version.dataset:
            tile = _elsewhere(tile, version)
        kept.keep(record, Board.of(record).with_tile(tile))
    except SightlineError as error:
        st.error(message(error))
        return
    state.put(f"{place}.added", record.id)
    state.put(f"{place}.turn", state.get(f"{place}.turn", 0) + 1)
    st.rerun()


def _elsewhere(tile: ChartTile, version: Version) -> ChartTile:
    """The tile as a dashboard of another table has it, which always shows the newest version of this one."""
    if any(one.by_order() for one in selections_of(tile.filters)):
        raise BadParameter(
            "These rows are places in the table, and another version has other rows there.",
            hint="Select rows by what is in them, and add these.",
        )
    return tile.model_copy(update={"table": version.dataset})
