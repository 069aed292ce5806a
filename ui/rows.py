"""The rows of a table under headers that say what each column holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import streamlit as st

from core import sql
from core.profile import Profile
from core.store import Version, tables
from ui import services, state
from ui.grid import GridEvent, Page, fetched, grid, header, place
from ui.summary import choose, words
from ui.text import plain, t

ONLY = "profile.only"  # the part of a column that alone is shown


def stored_rows(version: Version, profile: Profile, *, selected: str | None) -> GridEvent | None:
    """A page of the stored rows; pressing a part of a header's bar leaves only the rows of that part.

    Returns what else a person just did there: which head was pressed.
    """
    only = _only(version, profile)
    key = f"profile.rows.{version.id}" + (".only" if only else "")
    rows = version.rows if only is None else _count(profile, *only)
    page = place(key, rows=rows, columns=len(version.columns))
    heads = profile.columns[page.left : page.left + page.columns]
    data, numbers = _page(version.id, [column.name for column in heads], page, only, services.owner())
    event = grid(
        data, [header(column, words=words(column)) for column in heads], key=key, page=page,
        numbers=numbers, selected=selected, wants=("header", "segment"), label=plain("The rows of the table"),
        height=420,
    )  # fmt: skip
    if event is not None and event.kind == "segment":
        choose(event.column)
        state.put(ONLY, {"version": version.id, "column": event.column, "segment": event.segment})
        st.rerun()
    return event


def _only(version: Version, profile: Profile) -> tuple[str, str] | None:
    """The column and the part of it that the rows are limited to, told above them with the way back."""
    asked = state.get(ONLY) or {}
    if asked.get("version") != version.id or asked.get("column") not in {c.name for c in profile.columns}:
        return None
    column, segment = asked["column"], asked["segment"]
    with st.container(horizontal=True, vertical_alignment="center", key="profile.limited"):
        if segment == "empty":
            st.markdown(t("Only rows in which **{column}** is empty.", column=column), width="content")
        else:
            st.markdown(t("Only rows in which **{column}** has a value.", column=column), width="content")
        if st.button(t("Show all rows"), key="profile.unlimited", type="tertiary"):
            state.put(ONLY, None)
            st.rerun()
    return column, segment


def _count(profile: Profile, column: str, segment: str) -> int:
    found = profile.column(column)
    return found.missing if segment == "empty" else found.present


@st.cache_data(show_spinner=False, max_entries=64)
def _page(
    version_id: str, names: Sequence[str], page: Page, only: tuple[str, str] | None, owner: str
) -> tuple[pa.Table, list[int]]:
    # the arguments name everything the answer depends on: versions are immutable
    store = services.store()
    table = tables.table(store, store.get(Version, version_id, owner))
    shown = fetched(column for column in table.columns if column.name in names)
    query = sql.over(table.query, shown, row=True)
    row: Any = sql.name(sql.ROW)
    if only is None:  # by the row number, which the file's parts are found by
        inside = sql.template(
            ":row >= :first AND :row < :end", row=row, first=page.first, end=page.first + page.rows
        )
        found = services.engine().rows(query.where(inside))
    else:
        column, segment = only
        test = ":x IS NULL" if segment == "empty" else ":x IS NOT NULL"
        inner = table.query.subquery("t")
        query = sql.select("t", shown)
        query = query.from_(inner).where(sql.template(test, x=sql.name(column)))
        found = services.engine().rows(query.limit(page.rows).offset(page.first))
    numbers = [number + 1 for number in found.column(sql.ROW).to_pylist()]
    return found.select(list(names)), numbers
