"""Chosen rows beside all others, on the screen: what sets them apart, most first, each with a chart."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.findings import Finding
from core.findings.contrast import Contrast, contrast
from core.selection import Selection, selected
from core.store import Version, tables
from core.wording import counted_rows, note
from ui import found, services
from ui.behind import pack, unpack
from ui.figures import show
from ui.review import page_of, short
from ui.searched import searched
from ui.summary import stored_profile
from ui.text import plain, plain_said, said, t

SHOWN = 4  # on a page
HEIGHT = 260
QUICK = 500_000  # rows of a table that are compared while the page is made; of more, a job does it
KEY = "charts.contrast"


def compared(version: Version, selections: Sequence[Selection]) -> None:
    """What sets the rows of the last selection apart from all others that the ones before leave."""
    *of, rows = selections
    told = _contrast(version, selections)
    if told is None:
        return
    what = plain_said(rows.describe(version.columns))
    if not told.inside or not told.outside:
        st.info(t("There are no rows on one of the two sides: nothing can be compared."))
        return
    st.markdown(
        t(
            "{chosen}: **{inside}**, **{outside}**, {count:,} column differs. | "
            "{chosen}: **{inside}**, **{outside}**, {count:,} columns differ.",
            inside=counted_rows(told.inside), chosen=_cut(what),
            outside=note("{count:,} other | {count:,} others", count=told.outside),
            count=len({one.columns for one in told.differences}),
        ),
        help=found.trust(told.q),
    )  # fmt: skip
    _apart(told)
    if not told.differences:
        st.info(
            t(
                "No column differs beyond chance, in {looks:,} look. | "
                "No column differs beyond chance, in {looks:,} looks.",
                looks=told.looks,
            )
        )
    key = f"{KEY}.{short(version.id + pack(selections))}"
    for one in page_of(told.differences, SHOWN, key=key):
        _one(version, one, told.level, of, rows, f"{KEY}.{one.kind}.{short(one.columns[0])}")


def _contrast(version: Version, selections: Sequence[Selection]) -> Contrast | None:
    """The comparison; None while a job is at it, which it is of many rows."""
    *of, rows = selections
    meanings = found.known(stored_profile(version))
    if version.rows <= QUICK:
        with st.spinner(t("Comparing the rows"), show_time=True):
            return _told(version.id, pack(selections), meanings, services.owner())
    params = {
        "version": version.id, "of": [one.to_json() for one in of], "rows": rows.to_json(),
        "meanings": dict(meanings),
    }  # fmt: skip
    document = searched("find_contrast", version, params, "Compare the rows with all others", KEY)
    return None if document is None else Contrast.from_json(document)


def _cut(text: str) -> str:
    """Words of a selection, cut to a line."""
    return text if len(text) <= 120 else text[:119] + "\u2026"


def _apart(told: Contrast) -> None:
    """What was not compared, and of how many rows."""
    if told.chosen:
        st.caption(
            t("Not compared, because the rows were chosen by it: {columns}", columns=list(told.chosen))
        )
    if sum(told.used) < told.inside + told.outside:
        st.caption(
            t(
                "{here:,} of these rows and {elsewhere:,} of the others, evenly spread, were looked at.",
                here=told.used[0], elsewhere=told.used[1],
            )
        )  # fmt: skip


# the arguments name everything the answer depends on: versions are immutable
@st.cache_data(show_spinner=False, max_entries=32)
def _told(version_id: str, packed: str, meanings: tuple[tuple[str, str], ...], owner: str) -> Contrast:
    store = services.store()
    *of, rows = unpack(packed)
    table = selected(tables.table(store, store.get(Version, version_id, owner)), *of)
    return contrast(table, rows, services.engine(), dict(meanings))


def _one(
    version: Version, one: Finding, level: float, of: Sequence[Selection], rows: Selection, key: str
) -> None:
    with st.container(border=True, key=key):
        st.markdown(said(one.told))
        if one.chart is not None:
            name = found.unused(version, plain("among these rows"))
            chart, data = found.drawn(version, one.chart, rows, name, of)
            show(
                chart.figure(data, plain_said), plain_said(chart.describe(data)), key=f"{key}.figure",
                height=HEIGHT, tools=False,
            )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(t("Open chart"), key=f"{key}.open"):
                found.open_chart(version, found.alone(version, one.columns[0]), rows, of)
            st.caption(found.sure(one), help=found.hint(one, level))
