"""What a column is: its storage type and its meaning, each of which a person can change."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from core.contracts import ColumnType, Step
from core.profile import ColumnProfile
from core.profile.chosen import choose, options
from core.store import Version
from ui import draft, services, state
from ui.text import plain, t

TOLD = "profile.told"  # what was just done, to be said once the page is drawn anew


def change_kind(version: Version, column: ColumnProfile) -> None:
    """Ask in a window what the column means and how it should be stored."""

    @st.dialog(t("What {column} is", column=column.name))
    def window() -> None:
        _meaning(version, column)
        st.divider()
        _type(version, column)

    window()


def _meaning(version: Version, column: ColumnProfile) -> None:
    own = "" if not column.chosen else column.meaning
    offered = ["", *options(column.type)]
    first = plain("As recognised") if column.chosen else plain("As recognised: {what}", what=column.meaning)
    wanted = st.selectbox(
        t("Meaning"), offered, index=offered.index(own), key=f"profile.meaning.{column.name}",
        format_func=lambda name: plain(name) if name else first,
        help=t(
            "Which values are valid follows from the meaning. "
            "It is kept with the dataset, for all its versions."
        ),
    )  # fmt: skip
    if st.button(t("Set the meaning"), key="profile.meaning.set", type="primary", disabled=wanted == own):
        choose(services.store(), services.owner(), version.dataset, column.name, wanted or None)
        state.put("profile.column", column.name)
        st.rerun()


def _type(version: Version, column: ColumnProfile) -> None:
    types = list(get_args(ColumnType))
    wanted = st.selectbox(
        t("Storage type"), types, index=types.index(column.type), key=f"profile.type.{column.name}",
        format_func=plain,
        help=t("The table itself is never changed: the recipe gets a step that changes the type."),
    )  # fmt: skip
    if st.button(t("Add this step to the recipe"), key="profile.type.set", disabled=wanted == column.type):
        step = Step.from_json({"kind": "change_type", "columns": [column.name], "to": wanted})
        add_step(version, step)
        st.rerun()


def add_step(version: Version, step: Step) -> None:
    """Add a step to the version's recipe; `told` says so once the page is drawn anew."""
    draft.put_step(version, step)
    state.put(TOLD, step.title)


def told() -> None:
    """Say what was just added to the recipe."""
    title = state.get(TOLD)
    if title:
        state.put(TOLD, None)
        st.toast(t("Added to the recipe: {title}", title=title))
