"""Filters of a page: which values and ranges of some columns are shown, as chips, in the address."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping
from typing import Any

import streamlit as st
from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Schema
from core.errors import SightlineError
from core.ordinal import from_text, ordinal, to_value
from core.selection import Selection, Within, selected
from core.store import Version, tables
from ui import services, state
from ui.text import plain, plain_said, t

Json = dict[str, Any]
VALUES = 200  # of a column, the most frequent ones
MOST = 12  # filters at once
CHOSEN = 1_000  # values of one
TURN = "charts.filters"


def read() -> list[Json]:
    """The filters of the address: one for each column; with a column alone, nothing is left out yet."""
    try:
        found = state.document(state.address("filter") or "[]")
        named = [one for one in found if isinstance(one, dict) and isinstance(one.get("column"), str)]
        return [_readable(one) for one in named[:MOST]]
    except (ValueError, TypeError):
        return []


def _readable(one: Json) -> Json:
    """What a filter of the address says; one that says nothing that widgets can show leaves nothing out."""
    try:
        (mark,) = Selection.from_json({"marks": [{"parts": [one]}]}).marks
    except SightlineError:
        return {"column": one["column"]}
    said = mark.parts[0].model_dump(mode="json", exclude_defaults=True)
    if "values" in said:
        said["values"] = list(dict.fromkeys(said["values"]))
    return said if len(said.get("values", ())) <= CHOSEN else {"column": one["column"]}


def write(wanted: list[Json]) -> None:
    """Put these filters in the address; their widgets begin anew."""
    text = json.dumps(wanted, ensure_ascii=False, separators=(",", ":")) if wanted else None
    state.set_address(filter=text)
    state.put(TURN, state.get(TURN, 0) + 1)


def columns() -> list[str]:
    """The columns that have a filter, each once."""
    return list(dict.fromkeys(one["column"] for one in read()))


def begin(column: str) -> None:
    """A filter for one more column, which leaves nothing out yet."""
    if column not in columns():
        write([*read(), {"column": column}])
        state.put("charts.filters.new", column)
    st.rerun()


def remove(column: str) -> None:
    """No filter for this column any more."""
    write([one for one in read() if one["column"] != column])
    st.rerun()


def together(wanted: list[Json], known: Schema) -> Selection:
    """The rows that are in all these filters."""
    parts = [part for one in wanted if (part := _part(one, known)) is not None]
    return Selection.of(*parts) if parts else Selection()


def _part(one: Json, known: Schema) -> Within | None:
    """What a filter says; None where it leaves nothing out, or does not fit this table."""
    if set(one) == {"column"}:
        return None
    try:
        (mark,) = Selection.from_json({"marks": [{"parts": [one]}]}).marks
        part = mark.parts[0]
        Selection.of(part).where(known)
        return part
    except (SightlineError, ValueError):
        return None


def bar(version: Version) -> Selection:
    """The filters as chips, each of which opens to be changed; returns what they say together."""
    kinds = {column.name: column.type for column in version.columns}
    wanted = [one for one in read() if one["column"] in kinds]
    if not wanted:
        return Selection()
    turn = state.get(TURN, 0)
    new = state.get("charts.filters.new")
    with st.container(horizontal=True, vertical_alignment="center", key="charts.filters.bar"):
        for number, one in enumerate(wanted):
            _chip(version, kinds[one["column"]], one, f"charts.filter.{turn}.{number}", one["column"] == new)
        now = together(read(), version.columns)
        if st.button(t("Clear all filters"), key="charts.filters.clear", type="tertiary"):
            write([])
            st.rerun()
        if now.marks:
            rows = _count(version.id, json.dumps(now.to_json(), sort_keys=True), services.owner())
            st.caption(t("{rows:,} of {all:,} rows", rows=rows, all=version.rows))
    return now


def _chip(version: Version, kind: ColumnType, one: Json, key: str, open_: bool) -> None:
    part = _part(one, version.columns)
    words = (
        plain_said(part.describe(kind)) if part is not None else plain("{column}: all", column=one["column"])
    )
    short = words if len(words) <= 48 else words[:47] + "…"
    with st.popover(t("{what}", what=short), icon=":material/filter_alt:", key=key):
        if kind in ("text", "boolean"):
            made = _values(version, one, key)
        else:
            made = _range(version, kind, one, key)
        if st.button(t("Remove this filter"), key=f"{key}.remove", icon=":material/close:"):
            remove(one["column"])
    if made != one:
        text = json.dumps([made if other == one else other for other in read()], ensure_ascii=False,
                          separators=(",", ":"))  # fmt: skip
        state.set_address(filter=text)
        st.rerun()


def _values(version: Version, one: Json, key: str) -> Json:
    """A filter by values: the most frequent ones are offered, any other can be typed."""
    column = one["column"]
    counts = _frequent(version.id, column, services.owner())
    offered = list(dict.fromkeys([*counts, *(one.get("values") or ())]))
    chosen = st.multiselect(
        t("Values of {column}", column=column), offered, one.get("values") or [], key=f"{key}.values",
        format_func=lambda value: f"{value}  ({counts[value]:,})" if value in counts else str(value),
        accept_new_options=True, placeholder=plain("all values"), max_selections=CHOSEN,
    )  # fmt: skip
    outside = st.toggle(t("All but these"), bool(one.get("outside")), key=f"{key}.outside")
    missing = _missing(one, key)
    made: Json = {"column": column}
    if chosen:
        made |= {"values": list(chosen)} | ({"outside": True} if outside else {})
        made |= {"missing": True} if missing else {}
    elif missing:
        made |= {"missing": True}
    return made


def _missing(one: Json, key: str) -> bool:
    return st.toggle(t("Rows without a value"), bool(one.get("missing")), key=f"{key}.missing")


def _range(version: Version, kind: ColumnType, one: Json, key: str) -> Json:
    """A filter by a range: a slider from the least to the greatest value."""
    column = one["column"]
    ends = _ends(version.id, column, kind, services.owner())
    made: Json = {"column": column}
    if ends is None or ends[0] >= ends[1]:
        st.caption(t("All values of this column are the same, or missing."))
    else:
        low, high = _slider(kind, column, ends, one, key)
        made |= ({"low": low} if low is not None else {}) | ({"high": high} if high is not None else {})
        if len(made) > 1:
            outside = st.toggle(t("All but these"), bool(one.get("outside")), key=f"{key}.outside")
            made |= {"outside": True} if outside else {}
            made |= {"closed": True} if kind != "datetime" else {}
    missing = _missing(one, key)
    return made | ({"missing": True} if missing else {})


def _slider(
    kind: ColumnType, column: str, ends: tuple[float, float], one: Mapping[str, Any], key: str
) -> tuple[float | None, float | None]:
    """The chosen ends; None where it is an end of the whole range."""
    low, high = ends
    first, last = one.get("low", low), one.get("high", high)
    label = t("Range of {column}", column=column)
    if kind in ("date", "datetime"):
        end = (
            last - 86_400 if kind == "datetime" and "high" in one else last
        )  # that day is in, the next is not
        least, most, a, b = (_day(kind, value) for value in (low, high, first, end))
        a = min(max(least, a), most)  # another version may have other values
        days = st.slider(label, least, most, (a, max(a, min(most, b))), key=f"{key}.range")
        after = days[1] + dt.timedelta(days=1) if kind == "datetime" and days[1] < dt.date.max else days[1]
        return (
            None if days[0] <= least else from_text(kind, days[0].isoformat()),
            None if days[1] >= most else from_text(kind, after.isoformat()),
        )
    number = int if kind == "integer" and max(abs(low), abs(high)) < 2**53 else float
    span = high - low
    step = 1 if number is int else 10.0 ** math.floor(math.log10(span / 500))
    if number is float:  # whole steps, so that a round number can be reached
        low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    first = min(max(low, first), high)
    last = max(first, min(high, last))
    a, b = st.slider(
        label, number(low), number(high), (number(first), number(last)), step,
        key=f"{key}.range", format=None if number is int else "%.6g",
    )  # fmt: skip
    return (None if a <= ends[0] else float(a), None if b >= ends[1] else float(b))


def _day(kind: ColumnType, value: float) -> dt.date:
    text = str(to_value(kind, value))[:10]
    try:
        return dt.date.fromisoformat(text)
    except ValueError:  # before the year 1 or after 9999
        return dt.date.min if value < 0 else dt.date.max


@st.cache_data(show_spinner=False, max_entries=64)
def _frequent(version_id: str, column: str, owner: str) -> dict[str, int]:
    """The most frequent values, as text, each with its rows."""
    table = tables.table(services.store(), services.store().get(Version, version_id, owner))
    value = sql.template("CAST(:x AS VARCHAR)", x=sql.name(column))
    chosen = exp.alias_(value, "v"), exp.alias_(sql.template("count(*)"), "n")
    counted = exp.select(*chosen).from_(table.query.subquery("t"))
    counted = counted.where(sql.template(":x IS NOT NULL", x=sql.name(column))).group_by(
        exp.Literal.number(1)
    )
    query = exp.select("v", "n").from_(counted.subquery("c")).order_by("n DESC", "v").limit(VALUES)
    return {row["v"]: int(row["n"]) for row in services.engine().rows(query).to_pylist()}


@st.cache_data(show_spinner=False, max_entries=64)
def _ends(version_id: str, column: str, kind: ColumnType, owner: str) -> tuple[float, float] | None:
    table = tables.table(services.store(), services.store().get(Version, version_id, owner))
    value = ordinal(column, kind)
    chosen = [exp.alias_(sql.template(f"{how}(:v)", v=value), how) for how in ("min", "max")]
    row = services.engine().rows(exp.select(*chosen).from_(table.query.subquery("t"))).to_pylist()[0]
    return None if row["min"] is None else (float(row["min"]), float(row["max"]))


@st.cache_data(show_spinner=False, max_entries=64)
def _count(version_id: str, chosen: str, owner: str) -> int:
    table = tables.table(services.store(), services.store().get(Version, version_id, owner))
    table = selected(table, Selection.from_json(json.loads(chosen)))
    query = exp.select(exp.alias_(sql.template("count(*)"), "n")).from_(table.query.subquery("t"))
    (count,) = services.engine().rows(query).column("n").to_pylist()
    return int(count)
