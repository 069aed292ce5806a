"""Segments: rows that a person picked out and named, to be used as a filter, a column, a table."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.dashboards import Filter
from core.errors import BadParameter, SightlineError
from core.selection import Selection
from core.steps.flag import FlagRows
from core.store import Version
from core.store.records import Segment
from core.store.tables import free_name
from ui import draft, services, state
from ui.found import open_findings
from ui.text import message, plain_said, t

Wanted = Filter | tuple[Selection, ...]


def listed(version: Version) -> list[Segment]:
    """The segments of a version's dataset by name."""
    found = services.store().list(Segment, services.owner(), dataset=version.dataset)
    return sorted(found, key=lambda one: one.name.casefold())


def selections_of(segment: Segment, version: Version) -> tuple[Selection, ...]:
    """What the segment says; SightlineError where it does not fit this version's columns."""
    found = tuple(Selection.from_json(one) for one in segment.selections)
    for selection in found:
        selection.where(version.columns)
    return found


def as_filter(segment: Segment, version: Version) -> Filter:
    """A segment as a filter that is called by its name."""
    return Filter(selections=selections_of(segment, version), name=segment.name)


def keep(version: Version, name: str, selections: Sequence[Selection]) -> Segment:
    """Keep the rows that are in all the selections under a name; BadParameter where they are places."""
    if any(one.by_order() for one in selections):
        raise BadParameter(
            "These rows are places in the table, and another version has other rows there.",
            hint="Select rows by what is in them, and name these.",
        )
    names = [one.name for one in listed(version)]
    return services.store().add(
        Segment(
            owner=services.owner(), dataset=version.dataset, name=free_name(name, names),
            selections=[one.to_json() for one in selections],
        )
    )  # fmt: skip


def panel(version: Version, selections: Sequence[Selection], key: str) -> Wanted | None:
    """Name what is selected, and use what was named: returns a filter, or rows that a person wants to see."""
    known = listed(version)
    asked: Wanted | None = None
    with st.popover(t("Segments"), icon=":material/group_work:", key=f"{key}.segments.{len(known)}"):
        _name(version, selections, key)
        for segment in known:
            asked = _use(version, segment, f"{key}.segment.{segment.id}") or asked
    return asked


def _name(version: Version, selections: Sequence[Selection], key: str) -> None:
    if not selections:
        st.caption(t("Select rows or filter them, and give them a name here."))
        return
    words = " · ".join(plain_said(one.describe(version.columns)) for one in selections)
    name = st.text_input(
        t("Name of the selected rows"), words[:60], key=f"{key}.segment.name", max_chars=200
    ).strip()
    if st.button(t("Keep as a segment"), key=f"{key}.segment.keep", type="primary", disabled=not name):
        try:
            keep(version, name, selections)
        except SightlineError as error:
            st.error(message(error))
            return
        st.rerun()


def _use(version: Version, segment: Segment, key: str) -> Wanted | None:
    """One segment and what can be done with it."""
    asked: Wanted | None = None
    store, owner = services.store(), services.owner()
    with st.container(border=True, key=key):
        try:
            selections = selections_of(segment, version)
        except SightlineError as error:
            st.markdown(t("**{name}**", name=segment.name))
            st.caption(message(error))
            selections = ()
        else:
            words = " · ".join(plain_said(one.describe(version.columns)) for one in selections)
            st.markdown(t("**{name}**: {what}", name=segment.name, what=words))
        fits = bool(selections)
        with st.container(horizontal=True):
            if st.button(t("As a filter"), key=f"{key}.filter", disabled=not fits):
                asked = as_filter(segment, version)
            if st.button(t("As a column"), key=f"{key}.column", disabled=not fits):
                _as_column(version, segment, selections)
            if st.button(t("As a table"), key=f"{key}.table", disabled=not fits):
                asked = selections
            if st.button(t("Findings"), key=f"{key}.findings", disabled=not fits):
                open_findings(version, selections)
            if st.button(t("Delete"), key=f"{key}.delete", type="tertiary"):
                store.delete(Segment, segment.id, owner)
                st.rerun()
    return asked


def _as_column(version: Version, segment: Segment, selections: tuple[Selection, ...]) -> None:
    """A step in the version's recipe, on the page where it is looked at and kept."""
    try:
        step = FlagRows.of(segment.name, selections)
        step.check(version.columns)
    except SightlineError as error:
        st.error(message(error))
        return
    draft.put_step(version, step)
    st.switch_page("pages/data/clean.py", query_params=state.kept())
