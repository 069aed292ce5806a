"""Rows that seem to be one thing entered twice, pair by pair: a person says which are the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.contracts import Schema, Step
from core.errors import SightlineError
from core.similar import Pair, pairs, records
from core.similar.pairs import FOUND, MOST
from core.steps.drop_similar import DropSimilarRows, written
from ui import services, state
from ui.forms import built, form
from ui.review import Rows, answer, many, page_of, seen, short
from ui.text import md, message, plain, t

SHOWN = 5  # pairs on a page
LONGEST = 60  # characters of a cell that are shown
Json = Any
Decisions = dict[str, dict[str, Json]]  # a pair's key -> {"one": ..., "other": ..., "same": ...}


def review(cls: type[Step], columns: Schema, values: Mapping[str, Json], rows: Rows, key: str) -> Step | None:
    """The form of dropping similar rows, and under it the pairs that were found."""
    answers = form(cls, columns, values, key=key, skip=("pairs",))
    answers["pairs"] = []
    chosen = tuple(answers.get("columns", ()))
    if chosen and built(cls, columns, answers) is None:
        return None
    if chosen:
        try:
            looked = _looked(rows, columns, chosen, answers["similarity"], key)
        except SightlineError as error:
            st.error(message(error))
            return None
        if looked is None:  # a job is to look, or looks
            return None
        found, different = looked
        kept = values.get("pairs", []) if tuple(values.get("columns", ())) == chosen else []
        answers["pairs"] = _decided(found, different, chosen, kept, key=f"{key}.found.{short(repr(chosen))}")
    made: Step | None = built(cls, columns, answers)
    return made


def _looked(
    rows: Rows, columns: Schema, chosen: tuple[str, ...], least: float, key: str
) -> tuple[list[Pair], int] | None:
    """The pairs and how many different rows there are; None while a job has yet to find them."""
    owner = services.owner()
    if not many(rows, columns, chosen, owner):
        with st.spinner(t("Looking for similar rows"), show_time=True):
            return _found(rows, columns, chosen, least, owner)
    asked: dict[str, Json] = {"columns": list(chosen), "similarity": least}
    told = answer("similar_rows", rows, title="Look for similar rows", key=key, **asked)
    if told is None:
        return None
    found = [
        Pair(tuple(one), tuple(other), score, tuple(scores)) for one, other, score, scores in told["found"]
    ]
    return found, told["different"]


# the arguments name everything the answer depends on: versions are immutable
@st.cache_data(show_spinner=False, max_entries=16)
def _found(
    rows: Rows, columns: Schema, chosen: tuple[str, ...], least: float, owner: str
) -> tuple[list[Pair], int]:
    cells = DropSimilarRows(columns=chosen).cells(columns)
    different = records(rows.table(owner), cells, services.engine())
    return pairs(different, least), len(different)


def _decided(
    found: Sequence[Pair],
    different: int,
    columns: Sequence[str],
    kept: Sequence[Mapping[str, Json]],
    *,
    key: str,
) -> list[dict[str, Json]]:
    """The pairs on the screen; returns what was decided of them, and what the step held before."""
    decisions: Decisions = state.get(f"{key}.decided") or {_key(pair): dict(pair) for pair in kept}
    st.caption(
        t(
            "{count:,} pair of similar rows among {rows:,} different ones | "
            "{count:,} pairs of similar rows among {rows:,} different ones",
            count=len(found), rows=different,
        )
    )  # fmt: skip
    if different == MOST:
        st.caption(t("Only the first {most:,} different rows were looked at.", most=MOST))
    if len(found) == FOUND:
        st.caption(t("Only the {most:,} most similar pairs are shown.", most=FOUND))
    told = st.empty()
    if found:
        _at_once(found, decisions, key)
    for pair in page_of(found, SHOWN, key=key):
        _pair(pair, columns, decisions, key)
    state.put(f"{key}.decided", decisions)
    if decisions:
        same = sum(decision["same"] for decision in decisions.values())
        refused = len(decisions) - same
        told.caption(t("{same:,} called the same, {refused:,} called different", same=same, refused=refused))
    return list(decisions.values())


def _at_once(found: Sequence[Pair], decisions: Decisions, key: str) -> None:
    with st.container(horizontal=True):
        every = st.button(
            t(
                "Call the other one the same | Call the other {count:,} the same",
                count=len(found) - sum(_key(_decision(pair, same=True)) in decisions for pair in found),
            ),
            key=f"{key}.all", type="tertiary",
            help=t("All pairs that nothing was decided of, on every page."),
        )  # fmt: skip
        none = st.button(t("Forget all decisions"), key=f"{key}.none", type="tertiary")
    if none:
        decisions.clear()
    elif every:
        for pair in found:
            decision = _decision(pair, same=True)
            decisions.setdefault(_key(decision), decision)
    else:
        return
    for pair in found:
        state.drop(f"{key}.{_key(_decision(pair, same=True))}")
    state.put(f"{key}.decided", decisions)
    st.rerun()


def _pair(pair: Pair, columns: Sequence[str], decisions: Decisions, key: str) -> None:
    """One pair: its cells side by side, how similar it is, and what is decided of it."""
    name = _key(_decision(pair, same=True))
    known = decisions.get(name)
    with st.container(border=True, key=f"{key}.{name}"):
        st.markdown(_table(pair, columns))
        with st.container(horizontal=True, vertical_alignment="center"):
            words = {"same": plain("the same"), "different": plain("different")}
            answer = st.segmented_control(
                t("Are these rows the same?"), list(words),
                default=None if known is None else "same" if known["same"] else "different",
                key=f"{key}.{name}.same", format_func=words.__getitem__, label_visibility="collapsed",
            )  # fmt: skip
            st.caption(t("{share:.0%} similar", share=pair.score), width="content")
    if answer is None:
        decisions.pop(name, None)
    else:
        decisions[name] = _decision(pair, same=answer == "same")


def _table(pair: Pair, columns: Sequence[str]) -> str:
    """The two rows as a Markdown table, a line for each column; cells that differ stand out."""
    lines = [f"| | {t('One row')} | {t('Other row')} |", "|---|---|---|"]
    for column, one, other in zip(columns, pair.one, pair.other, strict=True):
        a, b = _cell(one), _cell(other)
        lines.append(f"| :gray[{md(column)}] | {a} | {b} |" if one == other
                     else f"| :gray[{md(column)}] | **{a}** | **{b}** |")  # fmt: skip
    return "\n".join(lines)


def _cell(value: str | None) -> str:
    if value is None:
        return t("missing")
    text = seen(value)
    return md(text if len(text) <= LONGEST else text[: LONGEST - 1] + "\u2026")


def _decision(pair: Pair, *, same: bool) -> dict[str, Json]:
    return {"one": written(pair.one), "other": written(pair.other), "same": same}


def _key(decision: Mapping[str, Json]) -> str:
    return short(f"{decision['one']}\n{decision['other']}")
