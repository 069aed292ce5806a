"""A filter for all tiles: values of a column, or a range of it."""

from __future__ import annotations

import datetime as dt

import streamlit as st
from sqlglot import exp

from core import sql
from core.contracts import Column
from core.dashboards import Filter
from core.ordinal import from_text
from core.selection import Selection, Within
from core.store import Version, tables
from ui import services, state
from ui.text import plain, t

VALUES = 200  # of a column, the most frequent ones


def add_filter(version: Version) -> Filter | None:
    """The form of a filter; returns it when it is added."""
    turn = f"dash.filter.{state.get('dash.filter.turn', 0)}"
    with st.popover(t("Filter"), icon=":material/filter_alt:", key=turn):
        made: Filter | None = None
        names = {column.name: column for column in version.columns}
        chosen = st.selectbox(
            t("Column"), list(names), index=None, key=f"{turn}.column", placeholder=plain("Choose a column")
        )
        if chosen is not None:
            within = _within(version, names[chosen], f"{turn}.{chosen}")
            if st.button(t("Add"), key="dash.filter.add", type="primary", disabled=within is None):
                made = Filter(selections=(Selection.of(within),)) if within else None
    if made is not None:
        state.put("dash.filter.turn", state.get("dash.filter.turn", 0) + 1)
    return made


def _within(version: Version, column: Column, key: str) -> Within | None:
    """The condition that the widgets say; None while they leave nothing out."""
    if column.type in ("text", "boolean"):
        chosen = st.multiselect(
            t("Values"), _values(version.id, column.name, services.owner()), key=f"{key}.values",
            accept_new_options=True, max_selections=1_000, placeholder=plain("all values"),
        )  # fmt: skip
        outside = st.toggle(t("All but these"), key=f"{key}.outside")
        missing = st.toggle(t("Rows without a value"), key=f"{key}.missing")
        if not chosen and not missing:
            return None
        return Within(
            column=column.name, values=tuple(chosen) or None, outside=outside and bool(chosen),
            missing=missing,
        )  # fmt: skip
    low, high = _dates(column, key) if column.type in ("date", "datetime") else _numbers(key)
    missing = st.toggle(t("Rows without a value"), key=f"{key}.missing")
    if low is None and high is None and not missing:
        return None
    if column.type == "datetime" and high is not None:
        high += 86_400  # to the end of that day
    return Within(
        column=column.name, low=low, high=high, closed=column.type != "datetime" and high is not None,
        missing=missing,
    )  # fmt: skip


def _numbers(key: str) -> tuple[float | None, float | None]:
    left, right = st.columns(2)
    low = left.number_input(t("From"), value=None, key=f"{key}.low", format="%.6g")
    high = right.number_input(t("To"), value=None, key=f"{key}.high", format="%.6g")
    return low, high


def _dates(column: Column, key: str) -> tuple[float | None, float | None]:
    left, right = st.columns(2)
    ends = {"min_value": dt.date(1, 1, 1), "max_value": dt.date(9999, 12, 31)}
    low = left.date_input(t("From"), value=None, key=f"{key}.low", **ends)
    high = right.date_input(t("To"), value=None, key=f"{key}.high", **ends)
    return (
        None if low is None else from_text(column.type, low.isoformat()),
        None if high is None else from_text(column.type, high.isoformat()),
    )


@st.cache_data(show_spinner=False, max_entries=64)
def _values(version_id: str, column: str, owner: str) -> list[str]:
    """The most frequent values of a column, as text."""
    table = tables.table(services.store(), services.store().get(Version, version_id, owner))
    value = sql.template("CAST(:x AS VARCHAR)", x=sql.name(column))
    chosen = exp.alias_(value, "v"), exp.alias_(sql.template("count(*)"), "n")
    counted = exp.select(*chosen).from_(table.query.subquery("t"))
    counted = counted.where(sql.template(":x IS NOT NULL", x=sql.name(column)))
    counted = counted.group_by(exp.Literal.number(1))
    query = exp.select("v").from_(counted.subquery("c")).order_by("n DESC", "v").limit(VALUES)
    return list(services.engine().rows(query).column("v").to_pylist())
