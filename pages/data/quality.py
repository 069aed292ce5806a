"""Quality: what must hold in each version of a dataset, whether it does, and the rows where it does not."""

import streamlit as st

from core import rules
from core.store import tables
from ui import services, state
from ui.frame import dataset_bar, header, link, next_link
from ui.rule_history import at_length, grid_of_outcomes
from ui.rules import check, checked, editor, headline, known, listing, results, suggestions
from ui.summary import stored_profile
from ui.text import t

header("Quality", "Rules that each version of the dataset must keep. A broken one can stop a refresh.")
dataset, version = dataset_bar()
store, owner = services.store(), services.owner()
entries = known(version)
editing = next((one for one in entries if one["id"] == state.get("quality.editing")), None)
shown = state.get("quality.shown")

left, right = st.columns([8, 5], gap="medium")
with left:
    result = checked(version, entries) if entries else None
    if result is not None:
        headline(result, version)
    if not entries:
        st.info(t("There is no rule yet. Take a suggestion, or add one of your own."))
    asked = listing(entries, result, shown)
    if entries and st.button(t("Check again"), key="quality.check", disabled=result is None):
        check(version)
        st.rerun()
    match asked:
        case ("show", id):
            state.put("quality.shown", id)
            st.rerun()
        case ("edit", id):
            state.put("quality.editing", id)
            st.rerun()
        case ("remove", id):
            rules.drop(store, owner, dataset.id, id)
            st.rerun()
with right:
    rule, verdict = editor(version, editing)
    if verdict is not None:
        if verdict == "keep" and rule is not None:
            rules.put(store, owner, dataset.id, rule, editing["id"] if editing else None)
        state.put("quality.editing", None)
        st.rerun()
    profile = stored_profile(version)
    if profile is None:
        st.caption(t("Rules are suggested once the table has a profile."))
        link("pages/data/profile.py", "Profile the table", key="quality.profile")
    else:
        wanted = suggestions(profile, entries)
        for one in wanted:
            rules.put(store, owner, dataset.id, one)
        if wanted:
            st.rerun()

if result is not None:
    found = results(version)
    numbers = {one.id: one.number for one in tables.versions(store, dataset.id, owner)}
    if shown is not None:
        at_length(shown, result, found, numbers)
    grid_of_outcomes(entries, found, numbers)

next_link("pages/data/clean.py", "Clean the table", "Mend what the rules found.")
