"""Clean: a recipe at the side, and beside it what it makes of the table."""

import streamlit as st

from core.recipe import add, move, remove, replace, switch
from ui import draft, services, state
from ui.exports import download_script
from ui.frame import dataset_bar, header, next_link
from ui.live import follow
from ui.recipe import editor, outcome, step_list
from ui.reuse import reuse, taken
from ui.rules import others
from ui.suggestions import offer, pointed
from ui.text import t
from ui.transfer import download_made
from ui.trial import look

header("Clean", "Record changes as a recipe. The table itself is never changed: saving makes a new version.")
dataset, version = dataset_bar()
kept = draft.load(version)
history = draft.history(kept)
recipe = history.present


def change(changed, **more):
    draft.keep(kept, changed, **more)
    st.rerun()


side, main = st.columns([5, 8], gap="medium")
with side:
    name = st.text_input(
        t("Recipe"), kept.name, key=f"clean.name.{version.id}", placeholder=t("A name for this recipe")
    )
    if name != kept.name:
        change(history, name=name)
    tried = look(version, recipe)
    asked = step_list(recipe, tried, editing=state.get("clean.editing"))
    with st.container(horizontal=True):
        if st.button(t("Undo"), key="clean.undo", disabled=not history.past):
            change(history.undo())
        if st.button(t("Redo"), key="clean.redo", disabled=not history.undone):
            change(history.redo())
    match asked:
        case ("switch", index, active):
            change(history.change(switch(recipe, index, active)))
        case ("up", index):
            change(history.change(move(recipe, index, index - 1)))
        case ("down", index):
            change(history.change(move(recipe, index, index + 1)))
        case ("remove", index):
            change(history.change(remove(recipe, index)))
        case ("edit", index):
            state.put("clean.editing", index)
            st.rerun()
    place, candidate, verdict = editor(recipe, version, editing=state.get("clean.editing"))
    shown, trying = recipe, None
    if candidate is not None:
        shown = add(recipe, candidate) if place is None else replace(recipe, place, candidate)
        trying = len(shown.steps) if place is None else place + 1
    if verdict is not None:
        state.put("clean.editing", None)
        if verdict == "keep":
            change(history.change(shown))
        st.rerun()
    reuse(version, recipe, tried, name)
    more = taken(version, recipe, tried)
    if more is not None:
        change(history.change(more))

with main:
    seen = look(version, shown)
    pointed(outcome(version, shown, seen, trying=trying))
    if seen is not None and trying is None:
        offer(version, seen, lambda step: change(history.change(add(recipe, step))))
    if recipe.steps:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if st.button(t("Save as a new version"), key="clean.save", type="primary", disabled=seen is None):
                job = services.submit(
                    "materialise",
                    {"version": version.id, "recipe": recipe.to_json(), "others": others(dataset.id)},
                    title="Apply the recipe",
                    subject=version.id,
                )
                state.set_address(job=job.id)
            download_made(
                t("Download the recipe"), draft.as_json(recipe), "recipe.json", key="clean.download",
                mime="application/json",
            )  # fmt: skip
            download_script(version, name or dataset.name, key="clean.script")

saved = services.find_job(state.address("job") or "")
if saved is not None and saved.subject == version.id:
    job = follow(saved.id, key="clean.job", quiet=True)
    if job.state == "done":
        draft.forget(kept)
        state.set_address(job=None, version=job.result["version"])
        st.toast(
            t(
                "Saved: {name} has a new version with {rows:,} row. | Saved: {name} has a new "
                "version with {rows:,} rows.",
                name=dataset.name,
                rows=job.result["rows"],
            )
        )
        st.rerun()

next_link("pages/explore/charts.py", "Draw charts", "Look at the cleaned table from all sides.")
