"""What comes of a statement: that it runs, why it did not, or its rows, as a table or drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.engine.outgoing import settled
from core.errors import SightlineError
from core.queries.naming import place
from core.wording import table_size
from ui import services
from ui.frame import defect, defect_message, guard
from ui.grid import HeaderInfo, grid
from ui.grid import place as part_of
from ui.keep import keeping
from ui.result_chart import draw
from ui.text import message, plain, t

if TYPE_CHECKING:
    from core.queries.running import Query

VIEWS = {"rows": "Table", "chart": "Chart"}


def show(query: Query) -> None:
    """What comes of a statement: that it runs, why it did not, or its rows."""
    if query.state == "running":
        st.fragment(_running, run_every=0.4)(query.id)
    elif query.state == "cancelled":
        st.info(t("Stopped on request."))
    elif query.error is not None and query.answer is None:
        _wrong(query)
    else:
        _rows(query)


def _running(id: str) -> None:
    with guard():
        query = services.queries().get(id, services.owner())
        if query.state != "running":
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center", key="sql.live"):
            st.markdown(t("Running for {seconds:.0f} s", seconds=query.seconds), width="content")
            if st.button(t("Stop"), key="sql.stop"):
                services.queries().cancel(id, services.owner())


def _wrong(query: Query) -> None:
    """Why it did not run, and where in the statement."""
    error = query.error
    if not isinstance(error, SightlineError):
        st.error(defect_message(defect(error or RuntimeError("no error"))))
        return
    st.error(message(error))
    at = place(query.text, error.values.get("start"), error.values.get("length"))
    if at is not None:
        line, column, length = at
        st.caption(t("Line {line}, column {column}", line=line, column=column))
        shown = query.text.split("\n")[line - 1]
        begin = max(0, column - 61)
        st.code(
            f"{shown[begin : begin + 120]}\n{' ' * (column - 1 - begin)}{'^' * min(length, 60)}",
            language=None,
        )
    if error.values.get("engine"):
        st.caption(t("The engine says: {text}", text=str(error.values["engine"])))


def _rows(query: Query) -> None:
    assert query.answer is not None
    answer, data = query.answer, query.rows()
    size = table_size(data.num_rows, data.num_columns)
    told = t("{size} in {seconds:.2f} s", size=size, seconds=answer.seconds)
    if answer.cut == "rows":
        told += " · " + t(
            "Only the first row is shown; saved as a table, it has them all. | "
            "Only the first {rows:,} rows are shown; saved as a table, it has them all.",
            rows=data.num_rows,
        )
    elif answer.cut == "bytes":
        told += " · " + t("Only as many rows are shown as fit; saved as a table, it has them all.")
    st.markdown(told)
    if services.queries().sandbox.confined(services.owner()) is False:
        st.caption(t("This system cannot confine the process in which statements run (it has no Landlock)."))
    view = "rows"
    with st.container(horizontal=True, vertical_alignment="center", key="sql.above"):
        if data.num_rows and data.num_columns:
            view = st.segmented_control(
                t("Show the result as"), list(VIEWS), default="rows", required=True, key="sql.as",
                format_func=lambda one: plain(VIEWS[one]), label_visibility="collapsed",
            )  # fmt: skip
        keeping(query)
    if view == "chart":
        draw(query)
    else:
        _grid(query)


def _grid(query: Query) -> None:
    """The rows, a part of them at a time."""
    assert query.answer is not None
    answer, data = query.answer, query.rows()
    key = f"sql.rows.{query.id}"
    page = part_of(key, rows=data.num_rows, columns=data.num_columns)
    columns = page.names(data.column_names)
    kinds = dict(zip(data.column_names, answer.kinds, strict=True))
    heads = []
    for name in columns:
        kind = settled(kinds[name], fits=True)
        plainly = kinds[name] in ("VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP")
        heads.append(HeaderInfo(name, kind, note="" if plainly else kinds[name][:24].lower()))
    part = data.select(columns).slice(page.first, page.rows)
    grid(part, heads, key=key, page=page, wants=(), label=plain("The rows of the result"), height=430)
