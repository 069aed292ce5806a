"""The rows of a table under headers that say what each column holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import streamlit as st

from core import meanings, sql
from core.meanings import Part
from core.profile import Profile
from core.store import Version, tables
from ui import services, state
from ui.grid import GridEvent, Page, fetched, grid, header, place
from ui.meaning import add_step
from ui.parts import Parts, limited
from ui.summary import choose, words
from ui.text import plain

ONLY = "profile.only"  # the part of a column that alone is shown


@dataclass(frozen=True)
class Only:
    """The rows in which a column is valid, invalid or empty for its meaning."""

    column: str
    meaning: str
    part: Part
    rows: int


def stored_rows(version: Version, profile: Profile, *, selected: str | None) -> GridEvent | None:
    """A page of the stored rows; pressing a part of a header's bar leaves only the rows of that part.

    Returns what else a person just did there: which head, or which type and meaning, was pressed.
    """
    only = _only(version, profile)
    key = f"profile.rows.{version.id}" + (f".{only.part}" if only else "")
    page = place(key, rows=version.rows if only is None else only.rows, columns=len(version.columns))
    heads = profile.columns[page.left : page.left + page.columns]
    data, numbers = _page(version.id, [column.name for column in heads], page, only, services.owner())
    event = grid(
        data, [header(column, words=words(column)) for column in heads], key=key, page=page,
        numbers=numbers, selected=selected, wants=("header", "kind", "segment"),
        label=plain("The rows of the table"), height=420,
    )  # fmt: skip
    if event is not None and event.kind == "segment":
        choose(event.column)
        state.put(ONLY, {"version": version.id, "column": event.column, "segment": event.segment})
        st.rerun()
    return event


def _only(version: Version, profile: Profile) -> Only | None:
    """The part of a column that the rows are limited to, told above them with what can be done."""
    asked = state.get(ONLY) or {}
    column = next((c for c in profile.columns if c.name == asked.get("column")), None)
    if asked.get("version") != version.id or column is None:
        return None
    part, parts = asked["segment"], Parts.of(column)
    wanted = limited(parts, part, "profile")
    if wanted is not None:
        if wanted == "all":
            state.put(ONLY, None)
        else:
            add_step(version, wanted)
        st.rerun()
    return Only(column.name, column.meaning, part, parts.count(part))


@st.cache_data(show_spinner=False, max_entries=64)
def _page(
    version_id: str, names: Sequence[str], page: Page, only: Only | None, owner: str
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
        column = next(column for column in table.columns if column.name == only.column)
        inner = table.query.subquery("t")
        query = sql.select("t", shown)
        query = query.from_(inner).where(meanings.rows(column, only.meaning, only.part))
        found = services.engine().rows(query.limit(page.rows).offset(page.first))
    numbers = [number + 1 for number in found.column(sql.ROW).to_pylist()]
    return found.select(list(names)), numbers
