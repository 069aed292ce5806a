"""Keeping what came of a statement: as a table or its next version, to clean, to chart, as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core import refresh
from core.store import tables
from core.wording import counted_rows
from ui import services, state
from ui.live import ACTIVE, follow
from ui.text import plain, t
from ui.transfer import download_answer

if TYPE_CHECKING:
    from core.queries.running import Query
    from core.store import Job

KEPT = "sql.kept"  # the job that keeps the last result, and where to go when it is done
NEW = ""  # kept as a new table
CHART = "sql.chart"  # the chart that was drawn last of a result, as JSON
CHARTS = "pages/explore/charts.py"
WAYS = {
    "pages/data/profile.py": "Save as a table",
    "pages/data/clean.py": "Save and clean",
    CHARTS: "Save and chart",
}


def keeping(query: Query) -> None:
    """Buttons for what can be done with the rows, and the job that does it."""
    job = _job(query)
    with st.container(horizontal=True, vertical_alignment="center", key="sql.keeping"):
        # a new key when the work has begun: the form closes, and what comes of it is in sight
        with st.popover(
            t("Keep the result"),
            key=f"sql.keep.{job.id if job else query.id}",
            disabled=job is not None and job.state in ACTIVE,
        ):
            st.caption(t("The statement is run to its end; the table remembers it and what it read."))
            _ways(query)
        download_answer(query, _name(query), key="sql.csv")
    if job is not None:
        ended = follow(job.id, key="sql.job", quiet=True)
        if ended.state == "done":
            _then(ended)


def _ways(query: Query) -> None:
    """What to keep it as: a new table, or the next version of one that a statement made."""
    made = {
        one.id: (one, last) for one, last in refresh.made_by_statements(services.store(), services.owner())
    }
    chosen = NEW
    if made:
        same = [id for id, (_, last) in made.items() if refresh.statement(last) == query.text]
        choices = [NEW, *made]
        chosen = st.selectbox(
            t("Keep it as"), choices, choices.index(same[0]) if same else 0, key=f"sql.keep.as.{query.id}",
            format_func=lambda id: (
                plain("The next version of “{name}”", name=made[id][0].name)
                if id in made else plain("A new table")
            ),
        )  # fmt: skip
    if chosen in made:
        if st.button(t("Keep as the next version"), key="sql.keep.next", type="primary", width="stretch"):
            _next(query, chosen)
            st.rerun()
        return
    name = st.text_input(t("Name"), _name(query), key=f"sql.keep.name.{query.id}", max_chars=200).strip()
    for page, label in WAYS.items():
        if st.button(t(label), key=f"sql.keep.{page}", disabled=not name, width="stretch"):
            _start(query, name, page)
            st.rerun()


def _name(query: Query) -> str:
    """A name for the table: of the first table that it reads."""
    first = next(iter(query.read()), "")
    return plain("From {name}", name=first) if first else plain("Result")


def _start(query: Query, name: str, page: str) -> None:
    params = {"statement": query.text, "tables": query.read(), "name": name}
    job = services.submit("keep_statement", params, title="Save the result", subject=query.id)
    state.put(KEPT, {"query": query.id, "job": job.id, "page": page})


def _next(query: Query, dataset: str) -> None:
    """Run the statement for a dataset that another one made; from now on it is the dataset's own."""
    known = refresh.parameters(services.store(), dataset, services.owner())
    params = {**(known or {}), "statement": query.text, "tables": query.read()}
    job = services.submit("refresh_statement", params, title="Run the statement again", subject=dataset)
    state.put(KEPT, {"query": query.id, "job": job.id, "page": None})


def _job(query: Query) -> Job | None:
    kept = state.get(KEPT)
    return services.find_job(kept["job"]) if kept and kept["query"] == query.id else None


def _then(job: Job) -> None:
    """Go where the person wanted to, once; after that, say what was kept."""
    kept, result = state.get(KEPT), job.result or {}
    version = tables.latest(services.store(), result["dataset"], services.owner())
    address = {"dataset": result["dataset"], "version": result["version"] or version.id}
    if kept.get("page"):
        state.put(KEPT, {**kept, "page": None})
        if kept["page"] == CHARTS and (chart := state.get(CHART)):
            address["chart"] = chart  # the one that was drawn of the first rows, of all rows now
        if kept["page"] != next(iter(WAYS)):
            st.switch_page(kept["page"], query_params={**state.kept(), **address})
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="sql.done"):
        size = {"rows": counted_rows(version.rows), "number": version.number}
        if result["version"] is None:
            st.info(t("Nothing had changed: version {number} stays the newest.", **size))
        elif job.task == "refresh_statement":
            st.success(t("Kept as version {number}, with {rows}.", **size))
        else:
            st.success(
                t("Kept as a table of {rows:,} row. | Kept as a table of {rows:,} rows.", rows=version.rows)
            )
        for page, label in (("pages/data/profile.py", "Open"), (CHARTS, "Chart it")):
            if st.button(t(label), key=f"sql.done.{page}"):
                st.switch_page(page, query_params={**state.kept(), **address})
