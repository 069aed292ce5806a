"""Combine: another table beside this one or below it, with who has a partner said before it is done."""

import streamlit as st

from core.recipe import Recipe, RecipeStep
from core.steps.join import Join
from core.steps.similar import JoinFuzzy
from core.steps.union import Union
from ui import state
from ui.combine import editor, keep, made, matching, result_rows, two
from ui.frame import dataset_bar, header, next_link
from ui.match import Keyed, foretold, foretold_similar, picture, who_is_lost, words
from ui.others import called, newest
from ui.text import t
from ui.trial import look

header("Combine", "Put another table beside this one, or below it. Both stay as they are.")
dataset, version = dataset_bar()
if len(newest()) < 2:
    st.info(t("There is only this table so far: add the one to combine it with."))
other, way = two(version)
if other is not None:
    left, right = st.columns([5, 8], gap="medium")
    with left:
        before, step = editor(version, other, way)
    recipe = Recipe(steps=(*before.steps, *([RecipeStep(step=step)] if step else [])))
    seen = found = None
    with right:
        if isinstance(step, Keyed):
            found = foretold(version, before, step)
            if found is not None:
                kind = step.kind_of if isinstance(step, Join) else "left"
                picture(found, kind, key="combine.picture")
                words(found, kind, called(version.id), called(other.id))
                who_is_lost(version, before, step, other)
        elif isinstance(step, JoinFuzzy):
            found = foretold_similar(version, before, step, other)
            if found is not None:
                kind = "left" if step.rows == "all rows" else "inner"
                picture(found, kind, key="combine.picture")
                words(found, kind, called(version.id), called(other.id), alike=True)
        elif isinstance(step, Union):
            matching(version, other, step)
    if step is not None and (found is not None or not isinstance(step, Keyed)):
        seen = look(version, recipe)
    if seen is not None:
        result_rows(version, recipe, seen)
        keep(version, other, recipe, found)

made(state.address("job"), version)
next_link("pages/data/add.py", "Add data", "Another table to combine with.")
