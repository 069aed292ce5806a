"""Profile: what is in each column, what looks wrong, and the step that would mend it."""

import streamlit as st

from core.contracts import Step
from core.profile import suggested
from ui import draft, services
from ui.frame import dataset_bar, header, link, next_link
from ui.live import ACTIVE, follow
from ui.meaning import change_kind, told
from ui.recipe import REVIEWS, begin_with
from ui.rows import stored_rows
from ui.summary import (
    choose,
    chosen,
    columns_table,
    findings,
    headline,
    personal_columns,
    recount,
    stored_profile,
    story,
)
from ui.text import t

header("Profile", "What each column holds, what is missing, and what is worth mending.")
dataset, version = dataset_bar()
profile = stored_profile(version)


def ask():
    return services.submit("profile", {"version": version.id}, title="Profile the table", subject=version.id)


if profile is None:
    job = services.newest_job("profile", version.id) or ask()
    job = follow(job.id, key="profile.job", quiet=True)
    if job.state in ACTIVE:
        st.stop()
    if job.state == "done" or st.button(t("Try again"), key="profile.again"):
        if job.state != "done":
            ask()
        st.rerun()
    st.stop()

recount(version)
headline(profile)
personal_columns(profile)
column = chosen(profile)
pressed = stored_rows(version, profile, selected=column.name if column else None)
told()
if pressed is not None and pressed.kind == "header":
    choose(pressed.column)
    st.rerun()
if pressed is not None and pressed.kind == "kind":
    change_kind(version, profile.column(pressed.column))
left, right = st.columns([8, 5], gap="medium")
with left:
    if column is None:
        st.caption(t("Press the head of a column to see it at length."))
    else:
        story(column)
    st.subheader(t("Columns"), anchor=False)
    columns_table(profile)
with right:
    st.subheader(t("Findings"), anchor=False)
    if not profile.rows:
        st.info(t("The table has no rows: there is nothing to find."))
    elif not profile.findings:
        st.success(t("Nothing stands out: no empty, constant or repeated columns, no wrong types."))
    sure = suggested(profile)
    words = t("Add the safe suggestion | Add all {count} safe suggestions", count=len(sure))
    everything = sure and st.button(words, key="profile.suggested", type="primary")
    asked = findings(profile)
    if asked is not None and asked.fix["kind"] in REVIEWS:  # what it finds is confirmed one by one
        begin_with(Step.from_json(asked.fix))
        st.switch_page("pages/data/clean.py")
    steps = sure if everything else [asked.fix] if asked is not None else []
    for step in steps:
        draft.put_step(version, Step.from_json(step))
    if steps:
        st.toast(
            t("{count} step added to the recipe. | {count} steps added to the recipe.", count=len(steps))
        )
    waiting = len(draft.load(version).steps)
    if waiting:
        st.markdown(t("The recipe has {count} step. | The recipe has {count} steps.", count=waiting))
        link("pages/data/clean.py", "Look at the recipe", key="profile.clean")

next_link("pages/data/clean.py", "Clean the table", "Steps are tried on a preview first.")
