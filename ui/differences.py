"""What differs between two tables: rows with their cells before, how values spread, columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import streamlit as st

from core import sql
from core.compare import ColumnDrift, Comparison, Differences, RowChanges, SchemaChanges, What
from core.store import Version, tables
from core.store.records import Compared
from ui import services
from ui.drift import values
from ui.exports import download_differences
from ui.grid import LONGEST, HeaderInfo, Page, fetched, grid, place
from ui.text import plain, t

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_COLUMNS = 8  # columns whose changed cells are counted in one line


def show(kept: Compared) -> None:
    """All that a comparison found."""
    found = read(kept.object, services.owner())
    st.markdown(headline(found))
    rows, spread, columns = st.tabs([t("Rows"), t("Values"), t("Columns")], key="history.tabs")
    with rows:
        _rows(kept, found.rows)
    with spread:
        values(found.columns)
    with columns:
        _columns(found.shape)


@st.cache_data(show_spinner=False, max_entries=16)
def read(object_id: str, owner: str) -> Comparison:
    """A stored comparison."""
    return Comparison.model_validate_json(services.store().place(object_id, owner).read_text("utf-8"))


def headline(found: Comparison) -> str:
    """What differs, in one sentence for each respect."""
    parts = []
    if found.rows is not None:
        parts.append(
            t("Rows: {added:,} added, {removed:,} removed, {changed:,} changed, {same:,} as they were.",
              added=found.rows.added, removed=found.rows.removed, changed=found.rows.changed,
              same=found.rows.same)
        )  # fmt: skip
    moved = {level: _named(found.columns, level) for level in ("much", "some")}
    if moved["much"]:
        parts.append(t("Values are spread quite differently in {names}.", names=moved["much"]))
    if moved["some"]:
        parts.append(t("Values are spread somewhat differently in {names}.", names=moved["some"]))
    if not moved["much"] and not moved["some"] and found.columns:
        parts.append(t("Values are spread much as before in every column."))
    if found.shape.same:
        parts.append(t("The columns are the same."))
    else:
        shape = found.shape
        parts.append(
            t("Columns: {added} added, {removed} removed, {retyped} of another type.",
              added=len(shape.added), removed=len(shape.removed), retyped=len(shape.retyped))
        )  # fmt: skip
    return "  \n".join(parts)


def _named(columns: Sequence[ColumnDrift], level: str) -> list[str]:
    names = [column.name for column in columns if column.level == level]
    return [*names[:5], *([plain("and {count} more", count=len(names) - 5)] if len(names) > 5 else [])]


def _rows(kept: Compared, found: RowChanges | None) -> None:
    if found is None:
        st.info(t("The two tables have no column in common, so their rows cannot be compared."))
        return
    counts = {
        t("Added"): found.added, t("Removed"): found.removed, t("Changed"): found.changed,
        t("As they were"): found.same,
    }  # fmt: skip
    for box, (label, count) in zip(st.columns(4), counts.items(), strict=True):
        box.metric(label, f"{count:,}")
    st.caption(_how(kept, found))
    listed = sum(found.listed.values())
    if listed:
        with st.container(horizontal=True, vertical_alignment="center", key="history.download"):
            words = t("{count:,} row that differs, with both values: | {count:,} rows that differ, with both "
                      "values:", count=listed)  # fmt: skip
            st.markdown(words, width="content")
            download_differences(kept, plain("differences"), listed, key="history.download")
    if found.repeated_a or found.repeated_b or found.missing_a or found.missing_b:
        st.warning(
            t("Left aside for a missing or repeated key: {before:,} rows before, {after:,} after.",
              before=found.repeated_a + found.missing_a, after=found.repeated_b + found.missing_b)
        )  # fmt: skip
    if found.cells:
        counted = sorted(found.cells.items(), key=lambda pair: -pair[1])
        told = [plain("{name}: {count:,}", name=name, count=count) for name, count in counted[:MOST_COLUMNS]]
        st.markdown(t("Changed cells by column: {counts}", counts=told))
    _examples(kept, found)


def _how(kept: Compared, found: RowChanges) -> str:
    if not found.key and kept.key is None:
        return t("No single column tells the rows apart, so whole rows are compared: one that changed "
                 "counts as removed and as added.")  # fmt: skip
    if not found.key:
        return t("Whole rows are compared: one that changed counts as removed and as added.")
    return t("Rows are told apart by {names}.", names=list(found.key))


def _examples(kept: Compared, found: RowChanges) -> None:
    words: dict[What, str] = {"changed": t("Changed"), "added": t("Added"), "removed": t("Removed")}
    there = [what for what in words if found.listed.get(what)]
    if not there:
        return
    what = st.radio(t("Show rows"), there, key=f"history.what.{kept.id}", format_func=words.__getitem__,
                    horizontal=True)  # fmt: skip
    count, whole = found.listed[what], {"added": found.added, "removed": found.removed}.get(what)
    if whole is not None and whole != count:
        st.caption(t("A row that stands there several times is shown once."))
    store, owner = services.store(), services.owner()
    version = store.get(Version, kept.before if what == "removed" else kept.version, owner)
    key = f"history.rows.{kept.id}.{what}"
    page = place(key, rows=count, columns=len(version.columns))
    columns = version.columns[page.left : page.left + page.columns]
    data, numbers, changed = _page(kept.id, what, [column.name for column in columns], page, owner)
    heads = [HeaderInfo(column.name, column.type) for column in columns]
    grid(data, heads, key=key, changed=changed, page=page, numbers=numbers, wants=(),
         label=plain("Rows that differ"), height=360)  # fmt: skip


@st.cache_data(show_spinner=False, max_entries=32)
def _page(
    compared_id: str, what: What, names: list[str], page: Page, owner: str
) -> tuple[pa.Table, list[int], dict[str, dict[int, Any]]]:
    # versions, and what was found to differ between them, never change
    store, engine = services.store(), services.engine()
    kept = store.get(Compared, compared_id, owner)
    found = read(kept.object, owner).rows
    assert found is not None
    before, after = (tables.table(store, store.get(Version, id, owner)) for id in (kept.before, kept.version))
    differences = Differences(before, after, store.place(kept.listed, owner), found)
    table = differences.rows(what)
    shown = fetched(column for column in table.columns if column.name in names)
    data = engine.rows(sql.over(table.query, shown, row=True).limit(page.rows).offset(page.first))
    rows = data.column(sql.ROW).to_pylist()
    places = {row: number for number, row in enumerate(rows)}
    cells = differences.before(rows, engine) if what == "changed" else {}
    changed = {
        name: {places[row]: was[: LONGEST + 1] if isinstance(was, str) else was for row, was in old.items()}
        for name, old in cells.items()
        if name in names
    }
    return data.select(names), [row + 1 for row in rows], changed


def _columns(shape: SchemaChanges) -> None:
    if shape.same:
        st.markdown(t("The columns are the same, in the same order."))
        return
    lines = [
        *(t("Added: **{name}** ({kind})", name=one.name, kind=one.type) for one in shape.added),
        *(t("Removed: **{name}** ({kind})", name=one.name, kind=one.type) for one in shape.removed),
        *(
            t("**{name}** was {before} and is {after}", name=one.name, before=plain(one.before),
              after=plain(one.after))
            for one in shape.retyped
        ),
        *(
            t("Perhaps **{before}** is called **{after}** now (likeness {score:.0%})", before=one.before,
              after=one.after, score=one.score)
            for one in shape.renamed
        ),
    ]  # fmt: skip
    if shape.reordered:
        lines.append(t("Columns that both have stand in another order."))
    st.markdown("\n".join(f"- {line}" for line in lines))
