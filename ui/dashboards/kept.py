"""The dashboards of a dataset: opened, begun, named, put in order, doubled, deleted."""

from __future__ import annotations

import streamlit as st

from core.dashboards import Board
from core.errors import NotFound
from core.store import Version
from core.store.records import Dashboard, now
from core.store.tables import forget_dashboard, free_name
from ui import services, state
from ui.text import plain, t

UNDO = 20  # changes of the tiles that can be taken back


def follow_link() -> None:
    """A link that names a dashboard alone leads to its dataset and version too."""
    id = st.query_params.get("dashboard")
    if id is None or "dataset" in st.query_params:
        return
    try:
        record = services.store().get(Dashboard, id, services.owner())
        services.store().get(Version, record.version, services.owner())
    except NotFound:
        return
    state.set_address(dataset=record.dataset, version=record.version)


def listed(dataset: str) -> list[Dashboard]:
    """A dataset's dashboards in the order that was given to them."""
    found = services.store().list(Dashboard, services.owner(), dataset=dataset)
    return sorted(found, key=lambda one: (one.place, one.created))


def opened(version: Version) -> Dashboard | None:
    """The dashboard of the address, or the one that was seen last; None where the dataset has none."""
    known = {one.id: one for one in listed(version.dataset)}
    wanted = state.address("dashboard")
    if wanted is not None and wanted not in known:
        if (
            state.get("dash.seen") != wanted
        ):  # one that was seen here belongs to another dataset, or is deleted
            st.warning(
                t("The dashboard in this address does not exist, is not yours, or is of another dataset.")
            )
        state.set_address(state=None, view=None)
    last = state.get(f"dash.last.{version.dataset}")
    chosen = next((id for id in (wanted, last) if id in known), next(iter(known), None))
    state.set_address(dashboard=chosen)
    state.put("dash.seen", chosen)
    state.put(f"dash.last.{version.dataset}", chosen)
    return None if chosen is None else known[chosen]


def go_to(id: str) -> None:
    """Open a dashboard as it was kept. The page runs again."""
    state.set_address(dashboard=id, state=None, view=None)
    st.rerun()


def begin(version: Version, name: str) -> Dashboard:
    """A new dashboard without tiles, after the others."""
    others = listed(version.dataset)
    record = Dashboard(
        owner=services.owner(), dataset=version.dataset, version=version.id,
        name=free_name(name, [one.name for one in others]),
        place=max((one.place for one in others), default=0) + 1,
    )  # fmt: skip
    return services.store().add(record)


def keep(record: Dashboard, board: Board) -> Dashboard:
    """Store a changed board; changes of its tiles can be taken back."""
    document = board.to_json()
    undo = record.undo
    if document["tiles"] != record.tiles:
        undo = [*undo, record.tiles][-UNDO:]
    return services.store().change(Dashboard, record.id, services.owner(), undo=undo, **document)


def take_back(record: Dashboard) -> None:
    """The tiles as they were before the last change."""
    *before, tiles = record.undo
    services.store().change(Dashboard, record.id, services.owner(), undo=before, tiles=tiles)


def _moved(record: Dashboard, by: int) -> None:
    """Change places with the dashboard before or after."""
    order = listed(record.dataset)
    at = next(i for i, one in enumerate(order) if one.id == record.id)
    to = max(0, min(len(order) - 1, at + by))
    order.insert(to, order.pop(at))
    with services.store().writing() as catalog:
        for place, one in enumerate(order, 1):
            catalog.change(Dashboard, one.id, one.owner, place=place)


def _doubled(record: Dashboard) -> Dashboard:
    names = [one.name for one in listed(record.dataset)]
    again = Dashboard(**{**dict(record), "id": "", "created": now(), "undo": [],
                         "name": free_name(record.name, names)})  # fmt: skip
    return services.store().add(again)


def _delete(record: Dashboard) -> None:
    with services.store().writing() as catalog:
        forget_dashboard(catalog, record.id, record.owner)
    state.set_address(dashboard=None, state=None, view=None)


def chooser(version: Version, record: Dashboard) -> None:
    """Which dashboard is shown, a new one, and what can be done with this one."""
    names = {one.id: one.name for one in listed(version.dataset)}
    state.put("dash.which", record.id)
    chosen = st.selectbox(
        t("Dashboard"), list(names), format_func=lambda id: names.get(id, id), key="dash.which",
        label_visibility="collapsed", width=320,
    )  # fmt: skip
    if chosen != record.id:
        go_to(chosen)
    with st.popover(t("New"), icon=":material/add:", key=f"dash.new.{len(names)}"):
        new(version)
    with st.popover(t("Manage"), icon=":material/more_horiz:", key=f"dash.manage.{record.id}"):
        _manage(version, record, len(names))


def new(version: Version) -> None:
    """A name, and the button that begins a dashboard."""
    name = st.text_input(
        t("Name"), plain("Dashboard"), key=f"dash.new.name.{len(listed(version.dataset))}", max_chars=200
    )
    if st.button(t("Begin a dashboard"), key="dash.new.begin", type="primary", disabled=not name.strip()):
        state.put("dash.editing", True)
        go_to(begin(version, name).id)


def _manage(version: Version, record: Dashboard, count: int) -> None:
    store, owner = services.store(), services.owner()
    name = st.text_input(t("Name"), record.name, key=f"dash.name.{record.id}", max_chars=200).strip()
    if st.button(t("Rename"), key="dash.rename", disabled=not name or name == record.name):
        others = [one.name for one in listed(record.dataset) if one.id != record.id]
        store.change(Dashboard, record.id, owner, name=free_name(name, others))
        st.rerun()
    with st.container(horizontal=True):
        up = st.button(t("Move up"), key="dash.up", disabled=count < 2)
        down = st.button(t("Move down"), key="dash.down", disabled=count < 2)
        if up or down:
            _moved(record, -1 if up else 1)
            st.rerun()
    if st.button(t("Duplicate"), key="dash.double"):
        go_to(_doubled(record).id)
    if st.button(t("Delete"), key="dash.delete"):
        _delete(record)
        st.rerun()


def version_note(version: Version, record: Dashboard) -> None:
    """Which version is drawn, where it is not the one that the dashboard is kept with."""
    if record.version == version.id:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="dash.version"):
        st.markdown(
            t("This dashboard is kept with another version of the table; it shows version {number} now.",
              number=version.number),
            width="content",
        )  # fmt: skip
        if st.button(t("Keep it with this version"), key="dash.version.keep"):
            services.store().change(Dashboard, record.id, services.owner(), version=version.id)
            st.rerun()
