"""The one editor of conditions: a column, and which of its values or which range of it is shown."""

from __future__ import annotations

from typing import Any

import streamlit as st
from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Schema
from core.errors import SightlineError
from core.ordinal import ordinal
from core.selection import Selection
from core.within import Within
from ui import services, state
from ui.ends import ends
from ui.review import Rows
from ui.text import plain, plain_said, t

Json = dict[str, Any]
VALUES = 200  # of a column, the most frequent ones
CHOSEN = 1_000  # values of one


def readable(one: Json) -> Json:
    """What a condition says; one that says nothing that widgets can show leaves nothing out."""
    try:
        (mark,) = Selection.from_json({"marks": [{"parts": [one]}]}).marks
    except SightlineError:
        return {"column": one["column"]}
    return said_by(mark.parts[0])


def said_by(part: Within) -> Json:
    """A condition as its widgets have it; with a column alone, nothing is left out."""
    said: Json = part.model_dump(mode="json", exclude_defaults=True)
    if "values" in said:
        said["values"] = list(dict.fromkeys(said["values"]))
    if len(said.get("values", ())) > CHOSEN or said == said_of(part.column):
        return {"column": part.column}
    return said


def said_of(column: str) -> Json:
    """The condition that is true of all rows."""
    return {"column": column, "outside": True, "missing": True}


def condition(one: Json, known: Schema) -> Within | None:
    """What widgets say; None where it leaves nothing out, or does not fit this table."""
    if set(one) == {"column"}:
        return None
    try:
        (mark,) = Selection.from_json({"marks": [{"parts": [one]}]}).marks
        part = mark.parts[0]
        Selection.of(part).where(known)
        return part
    except (SightlineError, ValueError):
        return None


def short(one: Json, known: Schema, most: int = 48) -> str:
    """A condition as the label of a chip."""
    part = condition(one, known)
    kinds = {column.name: column.type for column in known}
    if part is None:
        return plain("{column}: all", column=one["column"])
    words = plain_said(part.describe(kinds[one["column"]]))
    return words if len(words) <= most else words[: most - 1] + "…"


def edit(rows: Rows, columns: Schema, one: Json, key: str) -> Json:
    """The widgets of a condition; what they say, and `one` itself as long as nobody has touched them.

    They begin anew where the condition was changed elsewhere: by a step back, or in the address.
    """
    key = _fresh(key, one)
    kinds = {column.name: column.type for column in columns}
    names = list(kinds)
    column = st.selectbox(
        t("Column"), names, names.index(one["column"]) if one["column"] in kinds else None,
        key=f"{key}.column", placeholder=plain("Choose a column"),
    )  # fmt: skip
    if column is None:
        return one
    begun = one if column == one["column"] else {"column": column}
    made = values_or_range(rows, columns, begun, key)
    first = state.get(f"{key}.first") or {"made": made, "of": one}
    state.put(f"{key}.first", first)
    after: Json = first["of"] if made == first["made"] else made
    state.put(f"{key.rpartition('~')[0]}.said", after)
    return after


def values_or_range(rows: Rows, columns: Schema, one: Json, key: str) -> Json:
    """The widgets of a condition on one column, and what they say."""
    kind = next(column.type for column in columns if column.name == one["column"])
    ask = _values if kind in ("text", "boolean") else _range
    return ask(rows, kind, one, f"{key}.{one['column']}")


def _fresh(key: str, one: Json) -> str:
    """A key for widgets that begin with this condition, unless they are where it comes from."""
    turn, said = state.get(f"{key}.turn", 0), state.get(f"{key}.said")
    if said is not None and said != one:
        turn += 1
    state.put(f"{key}.turn", turn)
    return f"{key}~{turn}"


def _values(rows: Rows, kind: ColumnType, one: Json, key: str) -> Json:
    """A condition by values: the most frequent ones are offered, any other can be typed."""
    column = one["column"]
    counts = _frequent(rows, column, services.owner())
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


def _range(rows: Rows, kind: ColumnType, one: Json, key: str) -> Json:
    """A condition by a range, typed or by a slider from the least to the greatest value."""
    column = one["column"]
    whole = _ends(rows, column, kind, services.owner())
    made: Json = {"column": column}
    if whole is None or whole[0] >= whole[1]:
        st.caption(t("All values of this column are the same, or missing."))
    else:
        low, high = ends(kind, column, whole, one, key)
        made |= ({"low": low} if low is not None else {}) | ({"high": high} if high is not None else {})
        if len(made) > 1:
            outside = st.toggle(t("All but these"), bool(one.get("outside")), key=f"{key}.outside")
            made |= {"outside": True} if outside else {}
            made |= {"closed": True} if kind != "datetime" else {}
    missing = _missing(one, key)
    return made | ({"missing": True} if missing else {})


@st.cache_data(show_spinner=False, max_entries=64)
def _frequent(rows: Rows, column: str, owner: str) -> dict[str, int]:
    """The most frequent values, as text, each with its rows."""
    value = sql.template("CAST(:x AS VARCHAR)", x=sql.name(column))
    chosen = exp.alias_(value, "v"), exp.alias_(sql.template("count(*)"), "n")
    counted = exp.select(*chosen).from_(rows.table(owner).query.subquery("t"))
    counted = counted.where(sql.template(":x IS NOT NULL", x=sql.name(column))).group_by(
        exp.Literal.number(1)
    )
    query = exp.select("v", "n").from_(counted.subquery("c")).order_by("n DESC", "v").limit(VALUES)
    return {row["v"]: int(row["n"]) for row in services.engine().rows(query).to_pylist()}


@st.cache_data(show_spinner=False, max_entries=64)
def _ends(rows: Rows, column: str, kind: ColumnType, owner: str) -> tuple[float, float] | None:
    value = ordinal(column, kind)
    chosen = [exp.alias_(sql.template(f"{how}(:v)", v=value), how) for how in ("min", "max")]
    row = (
        services.engine()
        .rows(exp.select(*chosen).from_(rows.table(owner).query.subquery("t")))
        .to_pylist()[0]
    )
    return None if row["min"] is None else (float(row["min"]), float(row["max"]))
