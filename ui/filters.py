"""Filters of a page: conditions on some columns and named segments, as chips, in the address."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st
from pydantic import ValidationError
from sqlglot import exp

from core import sql
from core.contracts import Schema
from core.errors import SightlineError
from core.filters import Filter
from core.selection import Selection, selected
from core.store import Version, tables
from core.store.segments import called_now
from ui import conditions, services, state
from ui.review import Rows
from ui.text import plain_said, t

Json = dict[str, Any]
MOST = 12  # filters at once
TURN = "charts.filters"


def read() -> list[Json]:
    """The filters of the address: conditions, which may leave nothing out yet, and segments."""
    try:
        found = state.document(state.address("filter") or "[]")
        read = [_read(one) for one in found[:MOST] if isinstance(one, dict)]
    except (ValueError, TypeError):
        return []
    return [one for one in read if one is not None]


def _read(one: Json) -> Json | None:
    if isinstance(one.get("column"), str):
        return conditions.readable(one)
    segment = named(one)
    return None if segment is None else segment.model_dump(mode="json", exclude_defaults=True)


def named(one: Json) -> Filter | None:
    """The segment among the filters that this is; None where it is a condition on a column."""
    if "column" in one:
        return None
    try:
        return called_now(services.store(), services.owner(), Filter.model_validate(one))
    except ValidationError:
        return None


def write(wanted: list[Json]) -> None:
    """Put these filters in the address; their widgets begin anew."""
    _put(wanted)
    state.put(TURN, state.get(TURN, 0) + 1)


def _put(wanted: list[Json]) -> None:
    text = json.dumps(wanted, ensure_ascii=False, separators=(",", ":")) if wanted else None
    state.set_address(filter=text)


def columns() -> list[str]:
    """The columns that have a filter, each once."""
    return list(dict.fromkeys(one["column"] for one in read() if "column" in one))


def begin(column: str) -> None:
    """A filter for one more column, which leaves nothing out yet."""
    if column not in columns():
        write([*read(), {"column": column}])
    st.rerun()


def use(segment: Filter) -> None:
    """A segment as one more filter, once."""
    one = segment.model_dump(mode="json", exclude_defaults=True)
    if one not in read():
        write([*read(), one])
    st.rerun()


def remove(column: str) -> None:
    """No filter for this column any more."""
    write([one for one in read() if one.get("column") != column])
    st.rerun()


def together(wanted: list[Json], known: Schema) -> tuple[Selection, ...]:
    """What the rows are in that all these filters leave."""
    parts = [part for one in wanted if "column" in one and (part := conditions.condition(one, known))]
    found = [Selection.of(*parts)] if parts else []
    for segment in filter(None, map(named, wanted)):
        found += segment.selections if fits(segment, known) else ()
    return tuple(found)


def each(version: Version) -> tuple[Filter, ...]:
    """The filters that leave something out, each by itself."""
    known, found = version.columns, list[Filter]()
    for one in read():
        segment = named(one)
        part = None if segment is not None else conditions.condition(one, known)
        if segment is not None and fits(segment, known):
            found.append(segment)
        elif part is not None:
            found.append(Filter(selections=(Selection.of(part),)))
    return tuple(found)


def fits(segment: Filter, known: Schema) -> bool:
    """Whether a table with these columns can be asked for the segment's rows."""
    try:
        for one in segment.selections:
            one.where(known)
    except SightlineError:
        return False
    return True


def bar(version: Version) -> tuple[Selection, ...]:
    """The filters as chips, each of which opens to be changed; returns what they say together."""
    known = {column.name for column in version.columns}
    wanted = [one for one in read() if one.get("column", "") in known or named(one) is not None]
    if not wanted:
        return ()
    turn = state.get(TURN, 0)
    with st.container(horizontal=True, vertical_alignment="center", key="charts.filters.bar"):
        for number, one in enumerate(wanted):
            _chip(version, one, f"charts.filter.{turn}.{number}")
        now = together(read(), version.columns)
        if st.button(t("Clear all filters"), key="charts.filters.clear", type="tertiary"):
            write([])
            st.rerun()
        if now:
            text = json.dumps([one.to_json() for one in now], sort_keys=True)
            rows = _count(version.id, text, services.owner())
            st.caption(t("{rows:,} of {all:,} rows", rows=rows, all=version.rows))
    return now


def _chip(version: Version, one: Json, key: str) -> None:
    segment = named(one)
    words = conditions.short(one, version.columns) if segment is None else segment.name
    icon = ":material/filter_alt:" if segment is None else ":material/group_work:"
    with st.popover(t("{what}", what=words), icon=icon, key=key):
        made = one
        if segment is None:
            others = {other for other in columns() if other != one["column"]}
            free = tuple(column for column in version.columns if column.name not in others)
            made = conditions.edit(Rows(version.id), free, one, key)
        elif fits(segment, version.columns):
            st.markdown(plain_said(segment.words(version.columns)))
        else:
            st.caption(t("A column of this segment is not in this version: it leaves nothing out."))
        if st.button(t("Remove this filter"), key=f"{key}.remove", icon=":material/close:"):
            write([other for other in read() if other != one])
            st.rerun()
    if made != one:
        _put([made if other == one else other for other in read()])
        st.rerun()


@st.cache_data(show_spinner=False, max_entries=64)
def _count(version_id: str, chosen: str, owner: str) -> int:
    table = tables.table(services.store(), services.store().get(Version, version_id, owner))
    table = selected(table, *map(Selection.from_json, json.loads(chosen)))
    query = exp.select(exp.alias_(sql.template("count(*)"), "n")).from_(table.query.subquery("t"))
    (count,) = services.engine().rows(query).column("n").to_pylist()
    return int(count)
