"""Segments: rows that a person picked out and named, to be used as a filter, a column, a table, in a fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.errors import BadParameter, SightlineError
from core.filters import Filter
from core.selection import Selection
from core.steps.flag import FlagRows
from core.store import Version
from core.store import segments as stored
from core.store.records import Segment, Setup
from core.store.tables import free_name
from ui import draft, services, state
from ui.found import open_findings
from ui.text import md, message, plain, plain_said, t

USES = {
    "dashboard": "the dashboard “{name}”",
    "chart": "the kept chart “{name}”",
    "run": "the run “{name}”",
    "setup": "the settings of a fit on version {name}",
    "recipe": "the recipe of version {name}",
    "made": "the recipe that made version {name}",
}


@dataclass(frozen=True)
class Wanted:
    """What a person wants of a segment here: to filter by it, or to see its rows."""

    filter: Filter
    rows: bool = False


def listed(version: Version) -> list[Segment]:
    """The segments of a version's dataset by name."""
    found = services.store().list(Segment, services.owner(), dataset=version.dataset)
    return sorted(found, key=lambda one: one.name.casefold())


def as_filter(segment: Segment, version: Version) -> Filter:
    """A segment as a filter that is called by its name; SightlineError where it does not fit the columns."""
    selections = tuple(Selection.from_json(one) for one in segment.selections)
    for selection in selections:
        selection.where(version.columns)
    return Filter(selections=selections, name=segment.name, segment=segment.id)


def fitting(version: Version) -> list[Filter]:
    """The segments that can be used with this version's columns, by name."""
    found = []
    for segment in listed(version):
        try:
            found.append(as_filter(segment, version))
        except SightlineError:  # the panel of segments says why
            continue
    return found


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
    """Name what is selected, and use what was named; returns what is wanted of a segment here."""
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
    with st.container(border=True, key=key):
        found = _told(version, segment)
        with st.container(horizontal=True):
            if st.button(t("As a filter"), key=f"{key}.filter", disabled=found is None):
                asked = Wanted(found) if found else None
            if st.button(t("As a column"), key=f"{key}.column", disabled=found is None) and found:
                _as_column(version, found)
            if st.button(t("As a table"), key=f"{key}.table", disabled=found is None):
                asked = Wanted(found, rows=True) if found else None
            if st.button(t("Findings"), key=f"{key}.findings", disabled=found is None) and found:
                open_findings(version, found.selections)
            if st.button(t("Learn from it"), key=f"{key}.train", disabled=found is None) and found:
                _learn_from(version, found)
        with st.expander(t("Rename, describe, delete"), key=f"{key}.more"):
            _change(segment, key)
    return asked


def _told(version: Version, segment: Segment) -> Filter | None:
    """A segment in words; None, with the reason, where it does not fit this version."""
    try:
        found = as_filter(segment, version)
    except SightlineError as error:
        st.markdown(t("**{name}**", name=segment.name))
        st.caption(f"{t('It cannot be used with this version.')} {message(error)}")
        return None
    words = plain_said(found.words(version.columns))
    named = t("**{name}**", name=segment.name)
    st.markdown(named if words == segment.name else t("**{name}**: {what}", name=segment.name, what=words))
    if segment.about:
        st.caption(md(segment.about))
    return found


def _change(segment: Segment, key: str) -> None:
    """Another name, words of one's own, and letting go of it, with a warning where it is used."""
    store = services.store()
    name = st.text_input(t("Name"), segment.name, key=f"{key}.name", max_chars=200)
    about = st.text_area(
        t("In your words"), segment.about, key=f"{key}.about", max_chars=2_000, height=80,
        placeholder=plain("Why these rows, and what for"),
    )  # fmt: skip
    same = name.strip() == segment.name and about.strip() == segment.about
    if st.button(t("Keep these words"), key=f"{key}.rename", disabled=same or not name.strip()):
        try:
            stored.rename(store, segment, name, about)
        except SightlineError as error:
            st.error(message(error))
        else:
            st.rerun()
    users = stored.uses(store, segment)
    if users:
        told = "\n".join(f"- {t(USES[one.kind], name=one.name)}" for one in users[:8])
        more = "\n- …" if len(users) > 8 else ""
        st.warning(t("It is used by these. They keep its rows, under its name:") + f"\n{told}{more}")
    label = t("Delete it all the same") if users else t("Delete")
    if st.button(label, key=f"{key}.delete", icon=":material/delete:"):
        store.delete(Segment, segment.id, segment.owner)
        st.rerun()


def _learn_from(version: Version, found: Filter) -> None:
    """The page where a model is fitted, set to learn from these rows alone."""
    owner, rows = services.owner(), found.model_dump(mode="json")
    with services.store().writing() as catalog:
        known = catalog.list(Setup, owner, version=version.id, limit=1)
        if known:
            catalog.change(Setup, known[0].id, owner, rows=rows)
        else:
            catalog.add(Setup(owner=owner, version=version.id, rows=rows))
    state.put("train.turn", state.get("train.turn", 0) + 1)
    st.switch_page("pages/model/train.py", query_params=state.kept())


def _as_column(version: Version, found: Filter) -> None:
    """A step in the version's recipe, on the page where it is looked at and kept."""
    try:
        kinds = {column.name: column.type for column in version.columns}
        step = FlagRows.of(found.name, found.selections, kinds)
        step.check(version.columns)
    except SightlineError as error:
        st.error(message(error))
        return
    draft.put_step(version, step)
    st.switch_page("pages/data/clean.py", query_params=state.kept())
