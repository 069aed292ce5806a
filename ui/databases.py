"""What is in a database: its tables and queries, looked at and read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import SightlineError
from core.params import validated
from core.sources.database import Found, Reading
from core.store import Connection
from ui import services, state
from ui.incoming import remember, show_preview
from ui.live import ACTIVE, follow
from ui.text import md, message, plain, t

Json = Any
WAYS = {"tables": "Tables", "query": "A query"}
KINDS = {"table": "table", "view": "view"}
MOST_AT_ONCE = 50


def browse(connection: Connection, found: Mapping[str, Json]) -> None:
    """Choose tables or write a query, see the first rows, read them."""
    key = f"databases.{connection.id}"
    way = st.segmented_control(
        t("Read"), list(WAYS), default="tables", required=True, format_func=lambda way: t(WAYS[way]),
        key=f"{key}.way", label_visibility="collapsed",
    )  # fmt: skip
    if way == "query":
        _query(connection, key)
        return
    tables = [Found.model_validate(one) for one in found["tables"]]
    if not tables:
        st.info(
            t(
                "There is no table in this database that this user may read."
                " Another user, or another database, may have some."
            )
        )
        return
    _tables(connection, tables, bool(found["more"]), key)


def _title(table: Found) -> str:
    return f"{table.schema_name}.{table.name}" if table.schema_name else table.name


def _tables(connection: Connection, tables: Sequence[Found], more: bool, key: str) -> None:
    known = {_title(table): table for table in tables}
    at, turn = f"{key}.chosen", state.get(f"{key}.turn", 0)
    state.put(at, [name for name in state.get(at) or [] if name in known])
    left, right = st.columns([5, 8], gap="medium")
    with left:
        _listing(tables, f"{key}.listing.{turn}", at)
        words = t("{count:,} table | {count:,} tables", count=len(tables))
        if any(table.rows is not None and not table.exact for table in tables):
            words += " · " + t("numbers of rows are the database's own estimates")
        if more:
            words += " · " + t("there are more than are listed: write a query for those")
        st.caption(words)
    with right:
        names = st.multiselect(
            t("Tables to read"), list(known), key=at, max_selections=MOST_AT_ONCE,
            on_change=lambda: state.put(f"{key}.turn", turn + 1),
            placeholder=plain("Choose here, or in the list"),
        )  # fmt: skip
        if not names:
            st.caption(t("Choose a table to see its columns and first rows."))
            return
        seen = names[-1]
        if len(names) > 1:
            seen = st.selectbox(t("Look at"), names[::-1], key=f"{key}.seen")
        reading = Reading(schema_name=known[seen].schema_name, table=known[seen].name)
        _read_tables(connection, [known[name] for name in names], key)
        _looked_at(connection, reading, f"{connection.id}:{seen}", key)


def _listing(tables: Sequence[Found], key: str, at: str) -> None:
    schemas = any(table.schema_name for table in tables)
    columns: dict[str, list[Any]] = {plain("Schema"): [t.schema_name for t in tables]} if schemas else {}
    columns[plain("Table")] = [table.name for table in tables]
    columns[plain("Rows")] = [table.rows for table in tables]
    if any(table.kind == "view" for table in tables):
        columns[plain("Kind")] = [plain(KINDS[table.kind]) for table in tables]

    def select() -> None:
        rows = state.get(key)["selection"]["rows"]
        state.put(at, [_title(tables[row]) for row in rows][:MOST_AT_ONCE])

    frame = pd.DataFrame(columns)
    frame[plain("Rows")] = frame[plain("Rows")].astype("Int64")
    st.dataframe(
        frame, key=key, on_select=select, selection_mode="multi-row", hide_index=True,
        height=min(560, 38 + 35 * len(tables)), placeholder="–",
        column_config={plain("Rows"): st.column_config.NumberColumn(format="localized")},
    )  # fmt: skip


def _read_tables(connection: Connection, tables: Sequence[Found], key: str) -> None:
    """The button that reads; one table may be given a name of its own."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = [table.name for table in tables]
        if len(tables) == 1:
            names = [
                st.text_input(
                    t("Name of the dataset"), names[0], key=f"{key}.name.{_title(tables[0])}", width=320
                )
            ]
        words = t("Read this table | Read {count} tables", count=len(tables))
        if not st.button(words, key=f"{key}.read", type="primary"):
            return
    for table, name in zip(tables, names, strict=True):
        reading = Reading(schema_name=table.schema_name, table=table.name)
        _read(connection, reading, name.strip() or table.name)
    state.drop(f"{key}.chosen")
    state.put(f"{key}.turn", state.get(f"{key}.turn", 0) + 1)
    st.rerun()


def _read(connection: Connection, reading: Reading, name: str) -> None:
    params = {"connection": connection.id, "reading": reading.model_dump(mode="json"), "name": name}
    remember(services.submit("import_database", params, title="Read from a database", subject=connection.id))


def _query(connection: Connection, key: str) -> None:
    written = st.text_area(
        t("Query"), key=f"{key}.query", height=160, placeholder="SELECT ... FROM ... WHERE ...",
        help=t("One statement that asks for rows. It runs in a transaction that may only read."),
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(t("Name of the dataset"), plain("query"), key=f"{key}.query.name", width=320)
        empty = not written.strip()
        look = st.button(t("See the first rows"), key=f"{key}.query.look", disabled=empty)
        read = st.button(t("Read all its rows"), key=f"{key}.query.read", type="primary", disabled=empty)
    if empty:
        st.caption(
            t("Write a query in the database's own SQL; its first 50 rows are shown before it is read.")
        )
        return
    try:
        reading = validated(Reading, {"query": written})
    except SightlineError as error:
        st.error(message(error))
        return
    subject = f"{connection.id}:query"
    if look:
        _preview(connection, reading, subject)
        st.rerun()
    if read:
        _read(connection, reading, name.strip() or "query")
        st.rerun()
    job = services.newest_job("preview_database", subject)
    if job is not None and job.params["reading"]["query"] == written:
        _shown(job.id, key)


def _looked_at(connection: Connection, reading: Reading, subject: str, key: str) -> None:
    """The first rows of a table: asked for when it is first looked at."""
    tested = services.newest_job("connect_database", connection.id)
    job = services.newest_job("preview_database", subject)
    if job is None or (tested is not None and job.created < tested.created and job.state not in ACTIVE):
        job = _preview(connection, reading, subject)
    _shown(job.id, key)


def _preview(connection: Connection, reading: Reading, subject: str) -> Any:
    params = {"connection": connection.id, "reading": reading.model_dump(mode="json")}
    return services.submit("preview_database", params, title="Look at the first rows", subject=subject)


def _shown(job_id: str, key: str) -> None:
    job = follow(job_id, key=f"{key}.look", quiet=True)
    if job.state != "done" or job.result is None:
        return
    shape = job.result["shape"]
    if shape is not None:
        _shape(shape, key)
    rows = job.result["preview"]["rows"]
    if not rows:
        st.info(t("There are columns but no rows."))
    show_preview(job.result["preview"], key=f"{key}.preview")
    if len(rows) >= 50:
        st.caption(
            t(
                "The first row, as it would be stored. | The first {count} rows, as they would be stored.",
                count=len(rows),
            )
        )


def _shape(shape: Mapping[str, Json], key: str) -> None:
    """A table's columns as the database declares them, its key, its rows."""
    said = [t("{count:,} column | {count:,} columns", count=len(shape["columns"]))]
    if shape["rows"] is not None and shape["exact"]:
        said.append(t("{count:,} row | {count:,} rows", count=shape["rows"]))
    elif shape["rows"] is not None:
        said.append(t("about {count:,} row | about {count:,} rows", count=shape["rows"]))
    if shape["key"]:
        said.append(t("key: {names}", names=plain(", ").join(shape["key"])))
    st.markdown(" · ".join(said))
    with st.expander(t("Columns as the database declares them"), key=f"{key}.columns"):
        lines = []
        for column in shape["columns"]:
            words = md(column["type"]) + ("" if column["optional"] else " · " + t("never empty"))
            lines.append(f"{md(column['name'])} :gray[{words}]")
        st.markdown("  \n".join(lines))
