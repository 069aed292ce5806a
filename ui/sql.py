"""The SQL page's parts: what stands beside the editor, the editor, and the button that runs it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from core.engine.sandbox import ROWS
from core.errors import NotFound, SightlineError
from core.queries.naming import Named, place, written
from core.store.records import SavedQuery, Statement
from ui import services, state
from ui.editor import TABLES as COMPLETED
from ui.editor import editor, names, units
from ui.text import md, message, plain, t

if TYPE_CHECKING:
    from core.queries.running import Query

__all__ = ["ROWS", "beside", "put", "run", "write"]

TEXT, RUN = "sql.text", "sql.query"
LISTED = 40  # tables, saved statements or lines of the history at once
BESIDE = 250  # pixels: as high as the editor and its button, so that the result stands close below
PATIENCE = 0.5  # seconds a page waits before it shows that something runs
MARKS = {"done": ":green-badge[{}]", "failed": ":red-badge[{}]", "cancelled": ":gray-badge[{}]"}
WORDS = {"done": "Done", "failed": "Failed", "cancelled": "Stopped"}


def beside(tables: Mapping[str, Named]) -> None:
    """The tables with their columns, the statements that were kept, and those that were run."""
    views = {"tables": t("Tables"), "saved": t("Saved"), "history": t("History")}
    view = st.segmented_control(
        t("Beside the editor"), list(views), default="tables", required=True, key="sql.view",
        format_func=views.__getitem__, label_visibility="collapsed", width="stretch",
    )  # fmt: skip
    with st.container(key="sql-beside", gap="small", height=BESIDE, border=False):
        {"tables": lambda: _tables(tables), "saved": _saved, "history": _history}[view or "tables"]()


def _tables(tables: Mapping[str, Named]) -> None:
    newest = [named for named in tables.values() if named.newest]
    wanted = ""
    if len(newest) > 8:
        wanted = st.text_input(
            t("Find a table or column"), key="sql.find", label_visibility="collapsed",
            placeholder=plain("Find a table or column"),
        )  # fmt: skip
    found = [named for named in newest if _matches(named, wanted.strip().casefold())]
    if not found:
        st.caption(t("Nothing is called so."))
    for named in found[:LISTED]:
        _table(named)
    if len(found) > LISTED:
        st.caption(t("{count} more: type a part of the name.", count=len(found) - LISTED))
    older = next(
        (named.name for named in tables.values() if not named.newest and _earlier(named, newest)), None
    )
    if older is not None:
        st.caption(t("An older version is called by its number, such as {name}.", name=written(older)))
    if len(tables) > COMPLETED:
        told = {"count": COMPLETED, "all": len(tables)}
        st.caption(
            t("The editor completes {count:,} of {all:,} names; statements may use all of them.", **told)
        )


def _earlier(named: Named, newest: list[Named]) -> bool:
    return all(named.version.id != one.version.id for one in newest)


def _matches(named: Named, wanted: str) -> bool:
    return any(wanted in name.casefold() for name in (named.name, *(c.name for c in named.version.columns)))


def _table(named: Named) -> None:
    key = f"sql.table.{named.version.dataset}"
    box = st.expander(md(named.name), key=key, on_change="rerun")
    if not box.open:
        return
    with box, st.container(gap=None):
        size = {"rows": named.version.rows, "number": named.version.number}
        st.caption(t("{rows:,} row, version {number} | {rows:,} rows, version {number}", **size))
        if st.button(t("Insert the name"), key=f"{key}.name", icon=":material/add:", type="tertiary"):
            insert(written(named.name))
        for number, column in enumerate(named.version.columns[:200]):
            label = f"{md(column.name)} :gray[:small[{t(column.type)}]]"
            if st.button(label, key=f"{key}.{number}", type="tertiary"):
                insert(written(column.name))
        if len(named.version.columns) > 200:
            st.caption(
                t("{count} more column | {count} more columns", count=len(named.version.columns) - 200)
            )


def _saved() -> None:
    store, owner = services.store(), services.owner()
    kept = store.list(SavedQuery, owner)
    # a new key when one was saved: the form closes
    with st.popover(t("Save the statement"), width="stretch", key=f"sql.save.{kept[0].id if kept else 0}"):
        name = st.text_input(t("Name"), key="sql.save.name", max_chars=120).strip()
        text = str(state.get(TEXT) or "").strip()
        if st.button(t("Save"), key="sql.save.now", type="primary", disabled=not (name and text)):
            with store.writing() as catalog:
                for same in catalog.list(SavedQuery, owner, name=name):
                    catalog.delete(SavedQuery, same.id, owner)
                catalog.add(SavedQuery(owner=owner, name=name, text=text))
            st.toast(t("Kept: {name}", name=name))
            st.rerun()
    if not kept:
        st.caption(t("No statement is saved yet."))
    for one in kept[:LISTED]:
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
            if st.button(md(one.name), key=f"sql.saved.{one.id}", type="tertiary", help=_help(one.text)):
                put(one.text)
            st.space("stretch")
            if st.button("✕", key=f"sql.forget.{one.id}", type="tertiary", help=t("Delete")):
                store.delete(SavedQuery, one.id, owner)
                st.rerun()


def _history() -> None:
    lines = services.store().list(Statement, services.owner(), limit=LISTED)
    if not lines:
        st.caption(t("What you run is listed here."))
    for one in lines:
        parts = [f"{one.created:%m-%d %H:%M} UTC", t("{seconds:.2f} s", seconds=one.seconds)]
        if one.rows is not None:
            count = t("{count:,} row | {count:,} rows", count=one.rows)
            parts.insert(1, t("more than {count}", count=count) if one.cut else count)
        mark = "" if one.state == "done" else MARKS[one.state].format(t(WORDS[one.state])) + " "
        first = " ".join(one.text.split())
        label = f"{md(first[:70])}  \n:gray[:small[{' · '.join(parts)}]]"
        if st.button(f"{mark}{label}", key=f"sql.ran.{one.id}", type="tertiary", help=_help(one.text)):
            put(one.text)
    if lines and st.button(t("Clear the history"), key="sql.clear", icon=":material/delete:"):
        with services.store().writing() as catalog:
            for one in catalog.list(Statement, services.owner()):
                catalog.delete(Statement, one.id, services.owner())
        st.rerun()


def _help(text: str) -> str:
    return md(text if len(text) <= 400 else text[:399] + "…")


def put(text: str) -> None:
    """Let the editor hold this statement."""
    state.put(TEXT, text)
    state.put("sql.turn", state.get("sql.turn", 0) + 1)
    st.rerun()


def insert(name: str) -> None:
    """Put a name where the cursor is."""
    number, _ = state.get("sql.insert") or (0, "")
    state.put("sql.insert", [number + 1, name])


def write(tables: Mapping[str, Named]) -> tuple[str, bool]:
    """The editor; returns the statement in it, and whether it was asked to run."""
    if state.get(TEXT) is None:
        first = next(iter(tables.values()))
        here = next((n for n in tables.values() if n.version.dataset == state.address("dataset")), first)
        state.put(TEXT, f"SELECT *\nFROM {written(here.name)}\nLIMIT 100")
    number, name = state.get("sql.insert") or (0, "")
    typed = editor(
        str(state.get(TEXT)), names(tables.values()), key="sql.editor", turn=state.get("sql.turn", 0),
        insertion=(number, name), wrong=_marked(),
    )  # fmt: skip
    if typed.text is not None and typed.number > state.get("sql.heard", 0):
        state.put("sql.heard", typed.number)
        state.put(TEXT, typed.text)
        return typed.text, typed.run
    return str(state.get(TEXT)), False


def run(text: str, asked: bool) -> Query | None:
    """The button, and the statement that was started last."""
    with st.container(horizontal=True, vertical_alignment="center", key="sql.buttons"):
        pressed = st.button(t("Run"), key="sql.run", type="primary", icon=":material/play_arrow:")
    if pressed or asked:
        _end_last()
        query = services.queries().start(services.owner(), text)
        state.put(RUN, query.id)
        end = time.monotonic() + PATIENCE
        while query.state == "running" and time.monotonic() < end:
            time.sleep(0.01)
        st.rerun()
    id = state.get(RUN)
    try:
        return services.queries().get(id, services.owner()) if id else None
    except NotFound as error:
        st.info(message(error))
        return None


def _end_last() -> None:
    """Stop the statement before, if it still runs: only one of an owner can."""
    with suppress(NotFound):
        last = services.queries().get(str(state.get(RUN)), services.owner())
        last.stop.set()
        end = time.monotonic() + 5
        while last.state == "running" and time.monotonic() < end:
            time.sleep(0.02)


def _marked() -> dict[str, object] | None:
    """The place of the last statement's error, as the editor marks it."""
    try:
        query = services.queries().get(str(state.get(RUN)), services.owner())
    except NotFound:
        return None
    values = query.error.values if isinstance(query.error, SightlineError) else {}
    start, length = values.get("start"), values.get("length")
    if place(query.text, start, length) is None:
        return None
    data = query.text.encode(errors="replace")
    before, part = data[:start], data[start : start + max(1, length or 1)]
    begin = units(before.decode(errors="replace"))
    end = begin + units(part.decode(errors="replace"))
    return {"text": query.text, "start": begin, "end": end}
