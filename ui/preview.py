"""The table that a recipe makes: its rows, with the cells that its steps changed."""

from __future__ import annotations

import streamlit as st

from core.contracts import Column
from core.recipe import Recipe
from core.store import Version
from ui.grid import GridEvent, HeaderInfo, grid, place
from ui.text import plain, plain_said, t
from ui.trial import LOOKED, Changes, Look, changed_page, changes

NAME = 24  # characters of a column's old name in its header


def result_rows(version: Version, recipe: Recipe, seen: Look, *, trying: int | None) -> GridEvent | None:
    """The rows after the recipe, or after one of its steps, with what was changed in them.

    `trying` is the number of the step being edited: its changes are shown until others are chosen.
    """
    active = [effect.number for effect in seen.effects]
    start, end, only = _asked(recipe, active, trying if trying in active else None)
    found = changes(version, seen, start, end, only=only)
    done = [effect for effect in seen.effects if effect.number <= end]
    all_rows = done[-1].rows_after if done else min(version.rows, LOOKED)
    _caption(version, found, all_rows, end if end != (active or [0])[-1] else None, trying)
    key = f"clean.grid.{version.id}" + (".only" if only else "")
    rows = all_rows if found.rows is None else found.rows
    page = place(key, rows=rows, columns=len(found.columns))
    names = page.names([column.name for column in found.columns])
    shown = changed_page(version, seen, start, end, names, page, only=only)
    kinds = {column.name: column for column in found.columns}
    heads = [_head(kinds[name], found.origins.get(name)) for name in names]
    with st.container(key="clean.preview"):
        return grid(
            shown.data, heads, key=key, changed=shown.changed, page=page, numbers=shown.numbers, wants=(),
            label=plain("Preview"), height=520,
        )  # fmt: skip


def _asked(recipe: Recipe, active: list[int], trying: int | None) -> tuple[int, int, bool]:
    """Which steps' changes are shown (the first and the last of them), and whether nothing else is."""
    if not active:
        return 1, 0, False
    options = [0, *active]
    with st.container(horizontal=True, vertical_alignment="bottom", key="clean.compared"):
        number = st.selectbox(
            t("Show what changed by"),
            options,
            index=options.index(trying or 0),
            key=f"clean.compared.{trying or 0}.{len(active)}",
            format_func=lambda n: _called(recipe, n),
        )
        only = st.checkbox(t("Only rows that changed"), key="clean.only")
    return (number, number, only) if number else (active[0], active[-1], only)


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


def _caption(version: Version, found: Changes, rows: int, after: int | None, trying: int | None) -> None:
    parts = [t("The step being edited is included.")] if trying is not None else []
    if version.rows > LOOKED:
        looked = {"looked": LOOKED, "rows": version.rows}
        parts.append(t("Tried on the first {looked:,} of {rows:,} rows; saving works on all.", **looked))
    counts = {"rows": rows, "columns": len(found.columns)}
    if after is None:
        parts.append(t("{rows:,} rows × {columns:,} columns after the recipe.", **counts))
    else:
        parts.append(t("{rows:,} rows × {columns:,} columns after step {number}.", number=after, **counts))
    st.caption(" ".join(parts))
