"""What reviews share: their rows, how they look for findings, pages of these, values with spaces seen."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st
from sqlglot import exp

from core import sql
from core.contracts import Schema, Table
from core.recipe import Recipe
from core.steps.drop_similar import DropSimilarRows
from core.store import Version, tables
from core.store.records import Similar
from core.tasks.similar import question
from ui import services, state
from ui.live import ACTIVE, follow
from ui.text import plain, t

T = TypeVar("T")
SMALL = 20_000  # different values that are compared while the page waits: about a second
COUNTED = 2_000_000  # rows of which it is not even asked how many different values they have
_UNSEEN = re.compile(r"^\s+|\s+$|\s{2,}|[^\S ]")


@dataclass(frozen=True)
class Rows:
    """The rows that a step begins with: a version, and the steps before it as JSON."""

    version: str
    before: str = '{"steps": []}'

    def table(self, owner: str) -> Table:
        """All rows of the version, after the steps before."""
        store, engine = services.store(), services.engine()
        table = tables.table(store, store.get(Version, self.version, owner))
        return Recipe.from_json(json.loads(self.before)).learn(table, engine).apply(table, engine)


# the arguments name everything the answer depends on: versions are immutable
@st.cache_data(show_spinner=False, max_entries=64)
def many(rows: Rows, columns: Schema, chosen: tuple[str, ...], owner: str) -> bool:
    """Whether so many different values are to be compared that a job has to do it, beside the page."""
    stored = services.store().get(Version, rows.version, owner).rows
    if stored > COUNTED or (stored <= SMALL and not json.loads(rows.before)["steps"]):
        return stored > SMALL
    cells = DropSimilarRows(columns=chosen).cells(columns).values()
    different = sql.template("approx_count_distinct(:x)", x=exp.Anonymous(this="hash", expressions=[*cells]))
    query = exp.select(exp.alias_(different, "n")).from_(rows.table(owner).query.subquery("t"))
    return bool(services.engine().rows(query)["n"][0].as_py() > SMALL)


def answer(task: str, rows: Rows, *, title: str, key: str, **asked: Any) -> dict[str, Any] | None:
    """What a job found, once it has; until then the button that sends it, or its progress."""
    params = {"version": rows.version, "before": json.loads(rows.before), **asked}
    store, owner = services.store(), services.owner()
    known = store.list(Similar, owner, version=rows.version, question=question(params))
    if known:
        return _read(known[0].object, owner)
    subject = f"{rows.version} {question(params)}"
    job = services.newest_job(task, subject)
    if job is not None:
        job = follow(job.id, key=f"{key}.job", quiet=True)
        if job.state in ACTIVE:
            return None
    st.caption(t("There is much to compare: it is done beside the page, once you ask for it."))
    if st.button(t(title), key=f"{key}.look", type="primary"):
        services.submit(task, params, title=title, subject=subject)
        st.rerun()
    return None


@st.cache_data(show_spinner=False, max_entries=8)
def _read(object_id: str, owner: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(services.store().place(object_id, owner).read_text("utf-8"))
    return found


def seen(value: str) -> str:
    """A value as it is shown: an open box for each space that could not be seen; "(empty)"."""
    if not value:
        return plain("(empty)")
    return _UNSEEN.sub(lambda found: "\u2423" * len(found[0]), value)


def short(text: str) -> str:
    """A few letters that stand for a text in the key of a widget."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def page_of(found: Sequence[T], size: int, *, key: str) -> Sequence[T]:
    """Some of the findings, with buttons to the others where there are more."""
    last = max(0, (len(found) - 1) // size)
    page = min(state.get(f"{key}.page") or 0, last)
    if last:
        with st.container(horizontal=True, vertical_alignment="center"):
            before = st.button("‹", key=f"{key}.before", disabled=page == 0, help=t("The ones before"))
            shown = t(
                "{first:,} to {last:,} of {count:,}",
                first=page * size + 1, last=min(len(found), page * size + size), count=len(found),
            )  # fmt: skip
            st.caption(shown, width="content")
            after = st.button("›", key=f"{key}.after", disabled=page == last, help=t("The next ones"))
        if before or after:
            state.put(f"{key}.page", page + (1 if after else -1))
            st.rerun()
    return found[page * size : page * size + size]
