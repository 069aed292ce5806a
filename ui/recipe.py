"""A recipe on the screen: its list, the editor of one step, the preview with what each step did."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa
import streamlit as st

from core import sql
from core.contracts import Schema, Step, Table
from core.errors import SightlineError
from core.recipe import Effect, Recipe
from core.store import Version, tables
from ui import services, state
from ui.forms import member
from ui.frame import preview
from ui.text import message, plain, said, t

SHOWN = 200  # rows of the preview
LOOKED = 200_000  # above this many rows the preview works on the first ones, and says so
MOST_WORDS = 6  # changes of one step that are told one by one
Asked = tuple[Any, ...] | None
Verdict = Literal["keep", "drop"] | None


def step_list(recipe: Recipe, seen: Look | None, editing: int | None) -> Asked:
    """The steps in order, each with what it did.

    Returns what was asked for: ("switch", 1, False), ("up", 2), ("edit", 0)...
    """
    done = {effect.number: effect for effect in seen.effects} if seen else {}
    asked: Asked = None
    if not recipe.steps:
        st.info(t("No step yet. Add one below, or take the suggestions of the profile."))
    for index, entry in enumerate(recipe.steps):
        key = f"clean.step.{index}"
        with st.container(
            border=True, key=key, horizontal=True, wrap=False, vertical_alignment="center", gap="small"
        ):
            active = st.checkbox(
                t("Step {number} is on", number=index + 1),
                entry.active,
                key=f"{key}.on" if entry.active else f"{key}.off",
                label_visibility="collapsed",
            )
            words = said(entry.step.describe())
            words = words if entry.active else f":gray[~~{words}~~]"
            did = " · ".join(effect_words(done[index + 1])) if index + 1 in done else ""
            told = f"**{index + 1}.** {words}" + (f"  \n:small[:gray[{did}]]" if did else "")
            st.markdown(told, width="stretch")
            chosen = _step_menu(key, index, len(recipe.steps), busy=editing is not None)
        if active != entry.active:
            asked = ("switch", index, active)
        elif chosen:
            asked = (chosen, index)
    return asked


def _step_menu(key: str, index: int, count: int, *, busy: bool) -> str | None:
    words = {"edit": t("Edit"), "up": t("Move up"), "down": t("Move down"), "remove": t("Remove")}
    impossible = {"up" if index == 0 else "", "down" if index == count - 1 else ""}
    return st.menu_button(
        "⋯",
        [option for option in words if option not in impossible],
        key=f"{key}.menu",
        type="tertiary",
        format_func=words.__getitem__,
        help=t("Edit, move or remove this step"),
        disabled=busy,
    )


def editor(recipe: Recipe, version: Version, editing: int | None) -> tuple[int | None, Step | None, Verdict]:
    """The form of a new step, or of the step being edited.

    Returns its place (None: at the end), the step as it is now (None while it is incomplete) and
    whether to keep it.
    """
    if editing is not None and editing >= len(recipe.steps):
        editing = None
    values: dict[str, Any] = {}
    if editing is None:
        kind = _kind()
        if kind is None:
            return None, None, None
        cls = Step.members[kind]
    else:
        cls, values = type(recipe.steps[editing].step), recipe.steps[editing].step.to_json()
    before = Recipe(steps=recipe.steps[:editing])
    with st.container(border=True, key="clean.editor"):
        st.markdown(f"**{t(cls.title)}**  \n:gray[{t(cls.summary())}]")
        place = "new" if editing is None else editing
        step = member(cls, _columns(version, before), values, key=f"clean.form.{place}")
        verdict: Verdict = None
        with st.container(horizontal=True):
            label = t("Add to the recipe") if editing is None else t("Change the step")
            if st.button(label, key="clean.keep", type="primary", disabled=step is None):
                verdict = "keep"
            if st.button(t("Cancel"), key="clean.drop"):
                verdict = "drop"
    state.put("clean.kept", verdict is not None)
    return editing, step, verdict


def _kind() -> str | None:
    """The menu of steps, under the headings of their groups; empty again once a step was kept."""
    if state.get("clean.kept"):
        state.put("clean.kept", False)
        state.put("clean.kind", None)
    known = Step.members
    return st.selectbox(
        t("Add a step"),
        sorted(known, key=lambda kind: (known[kind].group, known[kind].title)),
        index=None,
        key="clean.kind",
        placeholder=plain("Choose what to do"),
        format_func=lambda kind: f"{plain(known[kind].group)} · {plain(known[kind].title)}",
    )


@dataclass(frozen=True)
class Look:
    """A recipe tried on a version: its first rows, what each step did, and the code."""

    rows: pa.Table
    columns: Schema
    effects: tuple[Effect, ...]
    sql: str
    pandas: str


def look(version: Version, recipe: Recipe) -> Look | None:
    """Try a recipe; None, with the reason on the screen, when a step cannot work on this table."""
    try:
        return _look(version.id, json.dumps(recipe.to_json()), services.owner())
    except SightlineError as error:
        st.error(message(error))
        return None


def _table(version_id: str, owner: str) -> Table:
    store = services.store()
    return tables.table(store, store.get(Version, version_id, owner))


def _head(table: Table) -> Table:
    inside = sql.template(":row < :count", row=sql.name(sql.ROW), count=LOOKED)
    names = {column.name: sql.name(column.name) for column in table.columns}
    query = sql.select("t", names).from_(table.query.subquery("t")).where(inside)
    return Table(query, table.columns)


@st.cache_data(show_spinner=False, max_entries=64)
def _look(version_id: str, document: str, owner: str) -> Look:
    # the arguments name everything the answer depends on: versions are immutable
    engine, table = services.engine(), _head(_table(version_id, owner))
    recipe = Recipe.from_json(json.loads(document)).learn(table, engine)
    result = recipe.apply(table, engine)
    rows = engine.rows(result.query, SHOWN).select(result.names())
    effects, query = recipe.effects(table, engine), recipe.sql(table, engine)
    return Look(rows, result.columns, effects, query, recipe.pandas(table, engine))


def _columns(version: Version, recipe: Recipe) -> Schema:
    if not recipe.steps:
        return version.columns
    seen = look(version, recipe)
    return seen.columns if seen else version.columns


def outcome(version: Version, recipe: Recipe, seen: Look | None, *, trying: bool) -> None:
    """The preview, the effects and the code of a recipe that was tried."""
    if seen is None:
        return
    names = [t("Preview"), t("What changed"), t("SQL"), t("pandas")]
    table, changes, query, script = st.tabs(names, key="clean.tabs")
    with table:
        _caption(version, seen, trying)
        preview(seen.rows, key="clean.preview", height=520)
    with changes:
        for effect in seen.effects:
            step = recipe.steps[effect.number - 1].step
            st.markdown(
                f"**{effect.number}. {said(step.describe())}**  \n" + " · ".join(effect_words(effect))
            )
        if not seen.effects:
            st.caption(t("No step is switched on."))
    with query:
        st.code(seen.sql, language="sql", wrap_lines=True)
    with script:
        st.code(seen.pandas, language="python", wrap_lines=True)


def _caption(version: Version, seen: Look, trying: bool) -> None:
    parts = [t("The step being edited is included.")] if trying else []
    if version.rows > LOOKED:
        looked = {"looked": LOOKED, "rows": version.rows}
        parts.append(t("Tried on the first {looked:,} of {rows:,} rows; saving works on all.", **looked))
    rows = seen.effects[-1].rows_after if seen.effects else min(version.rows, LOOKED)
    counts = {"rows": rows, "columns": len(seen.columns), "shown": seen.rows.num_rows}
    parts.append(
        t("{rows:,} rows × {columns:,} columns after the recipe; the first {shown:,} are shown.", **counts)
    )
    st.caption(" ".join(parts))


def effect_words(effect: Effect) -> list[str]:
    """What a step did, in words; "nothing changed" when it did nothing."""
    words: list[str] = []
    if gone := effect.rows_before - effect.rows_after:
        removed = t("{count:,} row removed | {count:,} rows removed", count=gone)
        added = t("{count:,} row added | {count:,} rows added", count=-gone)
        words.append(removed if gone > 0 else added)
    if effect.columns_added:
        words.append(t("added: {names}", names=", ".join(effect.columns_added)))
    if effect.columns_removed:
        words.append(t("removed: {names}", names=", ".join(effect.columns_removed)))
    words += [t("{old} is now {new}", old=old, new=new) for old, new in effect.columns_renamed.items()]
    words += [
        t("{column}: {before} → {after}", column=r.column, before=plain(r.before), after=plain(r.after))
        for r in effect.columns_retyped
    ]
    words += [
        t(
            "{count:,} cell changed in {column} | {count:,} cells changed in {column}",
            count=count,
            column=column,
        )
        for column, count in effect.cells_changed.items()
    ]
    words += [
        t(
            "{count:,} cell emptied in {column} | {count:,} cells emptied in {column}",
            count=count,
            column=column,
        )
        for column, count in effect.cells_emptied.items()
    ]
    if len(words) > MOST_WORDS:
        words = [*words[:MOST_WORDS], t("and {count} more", count=len(words) - MOST_WORDS)]
    return words or [t("nothing changed")]
