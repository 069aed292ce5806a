"""Which rows a step marks, in words: each condition opens in the editor of filters to be changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.contracts import Schema, Step
from core.errors import SightlineError
from core.selection import Mark, Selection
from core.steps.flag import FlagRows, read
from core.within import Within
from ui import conditions, state
from ui.forms import built, form
from ui.review import Rows
from ui.text import plain, plain_said, t

Json = Any
MOST = 20  # conditions that are changed one by one


def review(cls: type[Step], columns: Schema, values: Mapping[str, Json], rows: Rows, key: str) -> Step | None:
    """The form of marking rows: the name of the column, and the conditions as chips."""
    answers = form(cls, columns, values, key=key, only=("name",))
    held = f"{key}.held"
    if state.get(held) is None:
        state.put(held, [one.to_json() for one in _begun(values)])
    now = [Selection.from_json(one) for one in state.get(held)]
    after = _edited(now, columns, rows, key)
    if after != now:
        state.put(held, [one.to_json() for one in after])
        st.rerun()
    if not now:
        st.caption(t("Choose a column: a condition on it says which rows are marked."))
        return None
    kinds = {column.name: column.type for column in columns}
    given = FlagRows.given(answers.get("name") or "", tuple(now), kinds)
    made: Step | None = built(cls, columns, {**answers, "selections": given["selections"]})
    if made is not None:
        st.markdown(t("{sentence}.", sentence=plain_said(made.describe())))
    return made


def _begun(values: Mapping[str, Json]) -> tuple[Selection, ...]:
    """The rows that the step marks so far; of a new one none are chosen yet."""
    try:
        return read(str(values.get("selections") or "[]"))[0]
    except (SightlineError, ValueError):
        return ()


def _edited(now: list[Selection], columns: Schema, rows: Rows, key: str) -> list[Selection]:
    """The conditions as chips, and one more column to add a condition on."""
    after = list(now)
    if sum(len(mark.parts) for one in now for mark in one.marks) > MOST:
        words = " · ".join(plain_said(one.describe(columns)) for one in now)
        st.markdown(t("Rows where {what}", what=words))
        st.caption(t("These are too many conditions to be changed here: select the rows again on a chart."))
        return after
    for place, one in enumerate(now):
        changed = _selection(one, columns, rows, f"{key}.{place}")
        if changed != one:
            after = [*now[:place], *([changed] if changed is not None else []), *now[place + 1 :]]
    turn = state.get(f"{key}.turn", 0)
    added = st.selectbox(
        t("And a condition on") if now else t("A condition on"), [column.name for column in columns],
        index=None, key=f"{key}.add.{turn}", placeholder=plain("Choose a column"),
    )  # fmt: skip
    if added is not None:
        state.put(f"{key}.turn", turn + 1)
        whole = Within.model_validate(conditions.said_of(added))
        return [*after, Selection.of(whole)]
    return after


def _selection(one: Selection, columns: Schema, rows: Rows, key: str) -> Selection | None:
    """One selection: any of its marks, each of all its conditions; None when the last one is removed."""
    marks: list[Mark] = []
    with st.container(horizontal=True, vertical_alignment="center", key=key):
        for number, mark in enumerate(one.marks):
            if number:
                st.markdown(t("or"), width="content")
            parts = [
                _part(part, columns, rows, f"{key}.{number}.{place}") for place, part in enumerate(mark.parts)
            ]
            left = tuple(part for part in parts if part is not None)
            marks += [Mark(parts=left)] if left else []
        exclude = st.toggle(t("All but these"), one.exclude, key=f"{key}.exclude")
    return Selection(marks=tuple(marks), exclude=exclude) if marks else None


def _part(part: Within, columns: Schema, rows: Rows, key: str) -> Within | None:
    """One condition: itself, changed, or None when it is removed."""
    said = conditions.said_by(part)
    known = part.column in {column.name for column in columns}
    changeable = known and (set(said) != {"column"} or part.values is None)
    words = conditions.short(said, columns) if changeable else plain_said(part.describe())
    with st.popover(t("{what}", what=words), icon=":material/edit:", key=key):
        made = conditions.edit(rows, columns, said, key) if changeable else said
        gone = st.button(t("Remove this condition"), key=f"{key}.remove", icon=":material/close:")
    if gone:
        return None
    if made == said:
        return part
    whole = conditions.said_of(made["column"]) if set(made) == {"column"} else made
    return Within.model_validate(whole)
