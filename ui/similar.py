"""Values that seem to be one, in groups: a person confirms which are merged, and into what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.contracts import Schema, Step
from core.errors import SightlineError
from core.similar import Cluster, clusters, counted
from core.similar.clusters import BY_KEY, MOST
from ui import services, state
from ui.forms import built, form
from ui.review import Rows, answer, many, page_of, seen, short
from ui.text import md, message, plain, t

SHOWN = 5  # groups on a page
LONGEST = 60  # characters of a value that are shown
Json = Any
Decisions = dict[str, dict[str, Json]]  # the value a group is called by -> {"values": [...], "becomes": ...}


def review(cls: type[Step], columns: Schema, values: Mapping[str, Json], rows: Rows, key: str) -> Step | None:
    """The form of merging similar values: what to look for, and under it what was found."""
    answers = form(cls, columns, values, key=key, skip=("merges",))
    if answers.get("column"):
        try:
            looked = _looked(rows, columns, answers, key)
        except SightlineError as error:
            st.error(message(error))
            return None
        if looked is None:  # a job is to look, or looks
            return None
        found, different = looked
        kept = values.get("merges", []) if values.get("column") == answers["column"] else []
        by = "|".join(str(answers[name]) for name in ("column", "method", "similarity"))
        answers["merges"] = _confirmed(
            found, different, kept, sure=answers["method"] in BY_KEY, key=f"{key}.found.{short(by)}"
        )
    made: Step | None = built(cls, columns, answers)
    return made


def _looked(
    rows: Rows, columns: Schema, answers: Mapping[str, Json], key: str
) -> tuple[list[Cluster], int] | None:
    """The groups and how many different values there are; None while a job has yet to find them."""
    asked = {name: answers[name] for name in ("column", "method", "similarity")}
    owner = services.owner()
    if not many(rows, columns, (asked["column"],), owner):
        with st.spinner(t("Looking for similar values"), show_time=True):
            return _found(rows, *asked.values(), owner)
    told = answer("similar_values", rows, title="Look for similar values", key=key, **asked)
    if told is None:
        return None
    return [Cluster(tuple(values), tuple(counts)) for values, counts in told["found"]], told["different"]


# the arguments name everything the answer depends on: versions are immutable
@st.cache_data(show_spinner=False, max_entries=16)
def _found(rows: Rows, column: str, method: Any, least: float, owner: str) -> tuple[list[Cluster], int]:
    values = counted(rows.table(owner), column, services.engine())
    return clusters(values, method, least), len(values)


def _confirmed(
    found: Sequence[Cluster], different: int, kept: Sequence[Mapping[str, str]], *, sure: bool, key: str
) -> list[dict[str, str]]:
    """The groups on the screen; returns the values confirmed, each with what it becomes."""
    groups = [*_earlier(kept, found), *found]
    decided: Decisions = state.get(f"{key}.decided") or _begun(groups, kept, sure)
    st.caption(
        t(
            "{count:,} group of similar values among {values:,} different ones | "
            "{count:,} groups of similar values among {values:,} different ones",
            count=len(found), values=different,
        )
    )  # fmt: skip
    if different == MOST:
        st.caption(t("Only the {most:,} most frequent values were looked at.", most=MOST))
    if groups:
        _all_or_none(groups, decided, key)
    for group in page_of(groups, SHOWN, key=key):
        decided[group.proposed] = _group(group, decided[group.proposed], f"{key}.{short(group.proposed)}")
    state.put(f"{key}.decided", decided)
    return [
        {"value": value, "becomes": decision["becomes"]}
        for decision in decided.values()
        for value in decision["values"]
        if value != decision["becomes"]
    ]


def _begun(groups: Sequence[Cluster], kept: Sequence[Mapping[str, str]], sure: bool) -> Decisions:
    """What a review begins with: what the step holds already, or for a new step what is beyond doubt."""
    becomes = {merge["value"]: merge["becomes"] for merge in kept}
    decided: Decisions = {}
    for group in groups:
        held = [value for value in group.values if value in becomes]
        chosen = [value for value in group.values if value in becomes or value in becomes.values()]
        taken = chosen if held else list(group.values) if sure and not kept else []
        decided[group.proposed] = {
            "values": taken,
            "becomes": becomes[held[0]] if held else group.proposed,
        }
    return decided


def _earlier(kept: Sequence[Mapping[str, str]], found: Sequence[Cluster]) -> list[Cluster]:
    """Groups for values that the step merges and that are not found now."""
    known = {value for group in found for value in group.values}
    groups: dict[str, list[str]] = {}
    for merge in kept:
        if merge["value"] not in known:
            groups.setdefault(merge["becomes"], []).append(merge["value"])
    names = {group.proposed for group in found}
    return [
        Cluster((becomes, *values) if becomes not in known else tuple(values), ())
        for becomes, values in groups.items()
        if becomes not in names or values[0] not in names
    ]


def _all_or_none(groups: Sequence[Cluster], decided: Decisions, key: str) -> None:
    with st.container(horizontal=True):
        every = st.button(t("Take all"), key=f"{key}.all", type="tertiary")
        none = st.button(t("Take none"), key=f"{key}.none", type="tertiary")
    if not (every or none):
        return
    for group in groups:
        decided[group.proposed]["values"] = list(group.values) if every else []
        state.drop(f"{key}.{short(group.proposed)}")
    state.put(f"{key}.decided", decided)
    st.rerun()


def _group(group: Cluster, decision: Mapping[str, Json], key: str) -> dict[str, Json]:
    """One group: whether it is merged, into what, and which of its values."""
    rows = dict(zip(group.values, group.rows, strict=False))
    with st.container(border=True, key=key):
        with st.container(horizontal=True, vertical_alignment="center"):
            merged = st.checkbox(t("Merge into"), bool(decision["values"]), key=f"{key}.on", width="content")
            becomes = st.text_input(
                t("Becomes"), decision["becomes"], key=f"{key}.becomes", label_visibility="collapsed",
                disabled=not merged,
            )  # fmt: skip
        if not merged:
            st.caption(md(" · ".join(_shown(value, rows) for value in group.values)))
            return {"values": [], "becomes": becomes}
        chosen = st.multiselect(
            t("Values"), group.values, decision["values"] or group.values,
            key=f"{key}.values", label_visibility="collapsed",
            format_func=lambda value: _shown(value, rows), placeholder=plain("No value is merged"),
        )  # fmt: skip
    return {"values": chosen, "becomes": becomes}


def _shown(value: str, rows: Mapping[str, int]) -> str:
    text = seen(value)
    cut = text if len(text) <= LONGEST else text[: LONGEST - 1] + "\u2026"
    return plain("{value} ({rows:,})", value=cut, rows=rows[value]) if value in rows else cut
