"""A recipe on the screen: its list, the editor of one step, the preview with what each step did."""

from __future__ import annotations

import json
from typing import Any, Literal

import streamlit as st

from core.contracts import Schema, Step
from core.recipe import Effect, Recipe
from core.store import Version
from ui import flagged, pairs, similar, state
from ui.forms import member
from ui.preview import result_rows
from ui.review import Rows
from ui.text import plain, said, t
from ui.trial import Look, Pointed, look

MOST_WORDS = 6  # changes of one step that are told one by one
Asked = tuple[Any, ...] | None
Verdict = Literal["keep", "drop"] | None
REVIEWS = {
    "merge_similar": similar.review,
    "drop_similar_rows": pairs.review,
    "flag_rows": flagged.review,
}  # steps whose findings a person confirms one by one


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
            if entry.learned:
                did = " · ".join(filter(None, [did, t("with the constants of another table")]))
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
        cls, values = Step.members[kind], seeded(kind)
    else:
        cls, values = type(recipe.steps[editing].step), recipe.steps[editing].step.to_json()
    before = Recipe(steps=recipe.steps[:editing])
    with st.container(border=True, key="clean.editor"):
        st.markdown(f"**{t(cls.title)}**  \n:gray[{t(cls.summary())}]")
        place = "new" if editing is None else editing
        step = _step(cls, version, before, values, f"clean.form.{place}")
        verdict: Verdict = None
        with st.container(horizontal=True):
            label = t("Add to the recipe") if editing is None else t("Change the step")
            if st.button(label, key="clean.keep", type="primary", disabled=step is None):
                verdict = "keep"
            if st.button(t("Cancel"), key="clean.drop"):
                verdict = "drop"
    if verdict is not None:
        state.drop(f"clean.form.{place}.held")
    state.put("clean.kept", verdict is not None)
    return editing, step, verdict


def _step(cls: type[Step], version: Version, before: Recipe, values: Any, key: str) -> Step | None:
    """The form of a step; of some its findings are reviewed under it, one by one."""
    columns = _columns(version, before)
    if review := REVIEWS.get(cls.kind()):
        return review(cls, columns, values, Rows(version.id, json.dumps(before.to_json())), key)
    step: Step | None = member(cls, columns, values, key=key)
    return step


def _kind() -> str | None:
    """The menu of steps, under the headings of their groups; empty again once a step was kept."""
    if state.get("clean.kept"):
        state.put("clean.kept", False)
        state.put("clean.kind", None)
        state.drop("clean.seed")
    if state.get("clean.seeding"):
        state.drop("clean.seeding")
        state.drop("clean.form.new")
        state.put("clean.kind", state.get("clean.seed")["kind"])
    known = Step.members
    return st.selectbox(
        t("Add a step"),
        sorted(known, key=lambda kind: (known[kind].group, known[kind].title)),
        index=None,
        key="clean.kind",
        placeholder=plain("Choose what to do"),
        format_func=lambda kind: f"{plain(known[kind].group)} · {plain(known[kind].title)}",
    )


def begin_with(step: Step) -> None:
    """Open the form of a new step, filled in like this one, when the page runs next."""
    state.put("clean.seed", step.to_json())
    state.put("clean.seeding", True)


def seeded(kind: str) -> dict[str, Any]:
    """What the form of a new step of this kind begins with."""
    seed = state.get("clean.seed") or {}
    return dict(seed) if seed.get("kind") == kind else {}


def _columns(version: Version, recipe: Recipe) -> Schema:
    if not recipe.steps:
        return version.columns
    seen = look(version, recipe)
    return seen.columns if seen else version.columns


def outcome(version: Version, recipe: Recipe, seen: Look | None, *, trying: int | None) -> Pointed | None:
    """The preview, the effects and the code of a recipe that was tried; `trying` is the step being edited.

    Returns what a person just pointed at in the preview's grid.
    """
    if seen is None:
        return None
    names = [t("Preview"), t("What changed"), t("SQL"), t("pandas")]
    table, changes, query, script = st.tabs(names, key="clean.tabs")
    with table:
        event = result_rows(version, recipe, seen, trying=trying)
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
    return event


def effect_words(effect: Effect) -> list[str]:
    """What a step did, in words; "nothing changed" when it did nothing."""
    words: list[str] = []
    if gone := effect.rows_before - effect.rows_after:
        removed = t("{count:,} row removed | {count:,} rows removed", count=gone)
        added = t("{count:,} row added | {count:,} rows added", count=-gone)
        words.append(removed if gone > 0 else added)
    if effect.columns_added:
        words.append(t("added: {names}", names=effect.columns_added))
    if effect.columns_removed:
        words.append(t("removed: {names}", names=effect.columns_removed))
    words += [t("{old} is now {new}", old=old, new=new) for old, new in effect.columns_renamed.items()]
    words += [
        t("{column}: {before} → {after}", column=r.column, before=plain(r.before), after=plain(r.after))
        for r in effect.columns_retyped
    ]
    words += [
        t(
            "{count:,} cell changed in {column} | {count:,} cells changed in {column}",
            count=count - effect.cells_emptied.get(column, 0),
            column=column,
        )
        for column, count in effect.cells_changed.items()
        if count > effect.cells_emptied.get(column, 0)  # those that were emptied are told apart
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
