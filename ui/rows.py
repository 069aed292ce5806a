"""The rows of a table under headers that say what each column holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import streamlit as st

from core import meanings, sql
from core.contracts import Step
from core.meanings import Part
from core.profile import ColumnProfile, Profile
from core.store import Version, tables
from ui import services, state
from ui.grid import GridEvent, Page, fetched, grid, header, place
from ui.meaning import add_step
from ui.summary import choose, words
from ui.text import plain, t

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
    part = asked["segment"]
    counts = {"empty": column.missing, "invalid": column.invalid or 0}
    rows = counts.get(part, column.present - counts["invalid"])
    with st.container(horizontal=True, vertical_alignment="center", key="profile.limited"):
        st.markdown(_words(column, part, rows), width="content")
        for number, (label, step) in enumerate(_steps(column, part)):
            if st.button(label, key=f"profile.limited.{number}", help=t("Add this step to the recipe")):
                add_step(version, step)
                st.rerun()
        if st.button(t("Show all rows"), key="profile.unlimited", type="tertiary"):
            state.put(ONLY, None)
            st.rerun()
    return Only(column.name, column.meaning, part, rows)


def _words(column: ColumnProfile, part: Part, rows: int) -> str:
    told = {"column": column.name, "what": plain(column.meaning), "rows": rows}
    if part == "empty":
        return t("Only rows in which **{column}** is empty: {rows:,}.", **told)
    if column.invalid is None:
        return t("Only rows in which **{column}** has a value: {rows:,}.", **told)
    if part == "invalid":
        return t("Only rows in which **{column}** is not valid as {what}: {rows:,}.", **told)
    return t("Only rows in which **{column}** is valid as {what}: {rows:,}.", **told)


def _steps(column: ColumnProfile, part: Part) -> list[tuple[str, Step]]:
    """What can be done with the rows of a part, each as a step."""
    labels = {"keep": t("Keep these rows alone"), "drop": t("Drop these rows")}
    steps: list[tuple[str, dict[str, Any]]] = []
    if column.invalid is None or part == "empty":
        operator = "is missing" if part == "empty" else "is not missing"
        condition = {"column": column.name, "operator": operator}
        for action, label in labels.items():
            steps.append((label, {"kind": "filter_rows", "conditions": [condition], "action": action}))
    else:
        rule = {"column": column.name, "meaning": column.meaning, "part": part}
        for action, label in labels.items():
            steps.append((label, {"kind": "filter_valid", **rule, "action": action}))
        if part == "invalid":
            fix = {"kind": "clear_invalid", "columns": [column.name], "meaning": column.meaning}
            steps.append((t("Make the values missing"), fix))
    return [(label, Step.from_json(step)) for label, step in steps]


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
