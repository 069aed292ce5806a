"""Keeping what came of a statement: as a table, as the start of a recipe or a chart, as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.store import tables
from ui import services, state
from ui.live import ACTIVE, follow
from ui.text import plain, t
from ui.transfer import download_answer

if TYPE_CHECKING:
    from core.queries.running import Query
    from core.store import Job

KEPT = "sql.kept"  # the job that keeps the last result, and where to go when it is done
WAYS = {
    "pages/data/profile.py": "Save as a table",
    "pages/data/clean.py": "Save and clean",
    "pages/explore/charts.py": "Save and chart",
}


def keeping(query: Query) -> None:
    """Buttons for what can be done with the rows, and the job that does it."""
    job = _job(query)
    with st.container(horizontal=True, vertical_alignment="bottom", key="sql.keeping"):
        # a new key when the work has begun: the form closes, and what comes of it is in sight
        with st.popover(
            t("Keep the result"),
            key=f"sql.keep.{job.id if job else query.id}",
            disabled=job is not None and job.state in ACTIVE,
        ):
            st.caption(t("The statement is run to its end; the table remembers it and what it read."))
            name = st.text_input(
                t("Name"), _name(query), key=f"sql.keep.name.{query.id}", max_chars=200
            ).strip()
            for page, label in WAYS.items():
                if st.button(t(label), key=f"sql.keep.{page}", disabled=not name, width="stretch"):
                    _start(query, name, page)
                    st.rerun()
        download_answer(query, _name(query), key="sql.csv")
    if job is not None:
        ended = follow(job.id, key="sql.job", quiet=True)
        if ended.state == "done":
            _then(ended)


def _name(query: Query) -> str:
    """A name for the table: of the first table that it reads."""
    first = next(iter(query.read()), "")
    return plain("From {name}", name=first) if first else plain("Result")


def _start(query: Query, name: str, page: str) -> None:
    params = {"statement": query.text, "tables": query.read(), "name": name}
    job = services.submit("keep_statement", params, title="Save the result", subject=query.id)
    state.put(KEPT, {"query": query.id, "job": job.id, "page": page})


def _job(query: Query) -> Job | None:
    kept = state.get(KEPT)
    return services.find_job(kept["job"]) if kept and kept["query"] == query.id else None


def _then(job: Job) -> None:
    """Go where the person wanted to, once; after that, say what was kept."""
    kept, result = state.get(KEPT), job.result or {}
    address = {"dataset": result["dataset"], "version": result["version"]}
    if kept.get("page"):
        state.put(KEPT, {**kept, "page": None})
        if kept["page"] != next(iter(WAYS)):
            st.switch_page(kept["page"], query_params={**state.kept(), **address})
        st.rerun()
    version = tables.latest(services.store(), result["dataset"], services.owner())
    with st.container(horizontal=True, vertical_alignment="center", key="sql.done"):
        st.success(t("Kept as a table of {rows:,} rows.", rows=version.rows))
        for page, label in (("pages/data/profile.py", "Open"), ("pages/explore/charts.py", "Chart it")):
            if st.button(t(label), key=f"sql.done.{page}"):
                st.switch_page(page, query_params={**state.kept(), **address})
