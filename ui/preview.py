"""The table that a recipe makes: its rows, with the cells that its steps changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from core.contracts import Column
from core.recipe import Recipe
from core.store import Version
from core.wording import table_size
from ui import draft, state
from ui.grid import GridEvent, HeaderInfo, grid, place
from ui.parts import Parts, limited
from ui.summary import stored_profile
from ui.text import plain, plain_said, t
from ui.trial import Changes, Look, Only, Part, Pointed, changed_page, changes, quality

ONLY = "clean.only"  # the part of a column that alone is shown
NAME = 24  # characters of a column's old name in its header


def result_rows(version: Version, recipe: Recipe, seen: Look, *, trying: int | None) -> Pointed | None:
    """The rows after the recipe, or after one of its steps, with what was changed in them.

    `trying` is the number of the step being edited: its changes are shown until others are chosen.
    Returns what a person just pointed at in the rows after the entire recipe; in others nothing can be.
    """
    active = [effect.number for effect in seen.effects]
    start, end, part = _asked(recipe, active, trying if trying in active else None)
    found = changes(version, seen, start, end, part)
    done = [effect for effect in seen.effects if effect.number <= end]
    after = done[-1].rows_after if done else min(version.rows, seen.looked)
    rows = after if found.rows is None else found.rows
    _caption(version, seen.looked, found, part, rows, end if end != (active or [0])[-1] else None, trying)
    if found.since != start and active:
        st.caption(t("Rows and cells are compared from the last step that makes new rows."))
    last = trying is None and part != "removed" and end == (active or [0])[-1]
    key = f"clean.grid.{version.id}.{part}"
    page = place(key, rows=rows, columns=len(found.columns))
    names = page.names([column.name for column in found.columns])
    parts = _parts(version, seen, start, end, found, names) if part == "all" else {}
    only = _only(version, parts) if last else None
    if only is not None:
        key = f"{key}.{only[2]}"
        page = place(key, rows=parts[only[0]].count(only[2]), columns=len(found.columns))
    kinds = {column.name: column for column in found.columns}
    shown = changed_page(version, seen, start, end, part, names, page, only)
    gone = part == "removed"  # these rows are shown as they were: nothing about them is new
    heads = [
        _with_parts(_head(kinds[name], kinds[name] if gone else found.origins.get(name)), parts.get(name))
        for name in names
    ]
    if last:
        st.caption(t("Press a column's head or a cell, or select a part of a text, for what can be done."))
    with st.container(key="clean.preview"):
        event = grid(
            shown.data, heads, key=key, changed=shown.changed, page=page, numbers=shown.numbers,
            wants=("header", "segment", "cell", "text") if last else (), label=plain("Preview"), height=520,
            selected=only[0] if only else None,
        )  # fmt: skip
    return _pointed(version, event, shown.numbers)


def _pointed(version: Version, event: GridEvent | None, numbers: Sequence[int]) -> Pointed | None:
    """What a person pointed at; a part of a header's bar leaves only its rows instead."""
    if event is None:
        return None
    if event.kind == "segment":
        state.put(ONLY, {"version": version.id, "column": event.column, "segment": event.segment})
        st.rerun()
    row = None if event.row is None else numbers[event.row] - 1
    return Pointed(event.column, row, event.start, event.end)


def _parts(
    version: Version, seen: Look, start: int, end: int, found: Changes, names: Sequence[str]
) -> dict[str, Parts]:
    """The valid, invalid and empty values of columns, for what they meant in the stored table."""
    profile = stored_profile(version)
    meant = {column.name: column.meaning for column in profile.columns} if profile else {}
    before = {name: found.origins[name].name for name in names if name in found.origins}
    return quality(
        version, seen, start, end, [(name, meant.get(before.get(name, name), "")) for name in names]
    )


def _only(version: Version, parts: Mapping[str, Parts]) -> Only | None:
    """The part of a column that the rows are limited to, told above them with what can be done."""
    asked = state.get(ONLY) or {}
    if asked.get("version") != version.id or asked.get("column") not in parts:
        return None
    known, segment = parts[asked["column"]], asked["segment"]
    wanted = limited(known, segment, "clean")
    if wanted is not None:
        state.put(ONLY, None)
        if wanted != "all":
            draft.put_step(version, wanted)
        st.rerun()
    return known.column, known.meaning, segment


def _with_parts(head: HeaderInfo, parts: Parts | None) -> HeaderInfo:
    if parts is None:
        return head
    known = parts.meaning if parts.invalid is not None else ""
    return replace(head, meaning=known, rows=parts.rows, empty=parts.empty, invalid=parts.invalid)


def _asked(recipe: Recipe, active: list[int], trying: int | None) -> tuple[int, int, Part]:
    """Which steps' changes are shown (the first and the last of them), and in which rows."""
    if not active:
        return 1, 0, "all"
    options = [0, *active]
    parts: dict[Part, str] = {"all": t("All"), "changed": t("Changed"), "removed": t("Removed")}
    with st.container(horizontal=True, vertical_alignment="bottom", key="clean.compared"):
        number = st.selectbox(
            t("Show what changed by"),
            options,
            index=options.index(trying or 0),
            key=f"clean.compared.{trying or 0}.{len(active)}",
            format_func=lambda n: _called(recipe, n),
        )
        part = st.radio(
            t("Rows"), list(parts), key="clean.rows", format_func=parts.__getitem__, horizontal=True
        )
    return (number, number, part) if number else (active[0], active[-1], part)


def _called(recipe: Recipe, number: int) -> str:
    if not number:
        return plain("The entire recipe")
    return f"{number}. {plain_said(recipe.steps[number - 1].step.describe())}"


def _head(column: Column, was: Column | None) -> HeaderInfo:
    """Type and, where a step made the column or changed its name or type, what it was."""
    if was is None:
        note = plain("new")
    elif was.name != column.name:
        short = was.name if len(was.name) <= NAME else was.name[: NAME - 1] + "…"
        note = plain("was {name}", name=short)
    else:
        note = plain("was {name}", name=plain(was.type)) if was.type != column.type else ""
    return HeaderInfo(column.name, column.type, note=note)


def _caption(
    version: Version, tried: int, found: Changes, part: Part, rows: int, after: int | None,
    trying: int | None,
) -> None:  # fmt: skip
    parts = [t("The step being edited is included.")] if trying is not None else []
    if version.rows > tried:
        looked = {"looked": tried, "rows": version.rows}
        parts.append(t("Tried on the first {looked:,} of {rows:,} rows; saving works on all.", **looked))
    if part == "changed":
        parts.append(t("{count:,} row has changed cells. | {count:,} rows have changed cells.", count=rows))
    elif part == "removed":
        parts.append(
            t("{count:,} row was removed; it stands here as it was. | "
              "{count:,} rows were removed; they stand here as they were.", count=rows)
        )  # fmt: skip
    elif after is None:
        parts.append(t("{size} after the recipe.", size=table_size(rows, len(found.columns))))
    else:
        size = table_size(rows, len(found.columns))
        parts.append(t("{size} after step {number}.", size=size, number=after))
    st.caption(" ".join(parts))
