"""The builder of charts: fields put on shelves, the kind that suits them, and every state gone back to."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from core.charts import shelves
from core.contracts import Chart
from core.profile import ColumnProfile, Profile
from core.store import Version
from ui import charts, filters, state
from ui.forms import allowed, built, form
from ui.shelves import BoardEvent, FieldInfo, Shelf, board
from ui.text import plain, t

Json = dict[str, Any]
STEPS = 100  # states that can be gone back to
FILTER = "filter"
TITLES = {
    "x": "Across", "y": "Up", "colour": "Colour", "size": "Size", "shape": "Shape", "facet": "Panels",
    "facet_row": "Panels down", "facet_column": "Panels across", "tooltip": "Tooltip",
}  # fmt: skip
SIGNS = {"integer": "12", "number": "1.5", "text": "Aa", "boolean": "✓✗", "date": "▦", "datetime": "◷"}
MEANINGS = {
    "identifier": "ID", "country": "⚑", "latitude": "φ", "longitude": "λ", "coordinates": "⌖", "percent": "%",
    "amount": "¤", "year": "▦", "e-mail": "@", "web address": "↗", "phone": "☏", "postcode": "✉",
    "free text": "¶", "category": "Aa", "empty": "∅", "constant": "=",
}  # fmt: skip
WAYS = (
    ("undo", "Undo", ":material/undo:", -1, "z"),
    ("redo", "Redo", ":material/redo:", 1, "y"),
)


def free() -> bool:
    """Whether the fields decide the kind of chart; not any more once a person has chosen one."""
    return state.address("kind") != "chosen"


def _set_free(yes: bool) -> None:
    state.set_address(kind=None if yes else "chosen")


def known(version: Version, profile: Profile | None) -> Profile:
    """What is known of the columns: their profile, or what their types tell."""
    return profile or shelves.sketch(version.columns, version.rows)


def fields_and_shelves(version: Version, profile: Profile | None, chart: Json) -> None:
    """The fields and the shelves; what is done there draws another chart."""
    about = known(version, profile)
    used = set(shelves.columns_of(chart)) | set(filters.columns())
    listed = [_field(column, column.name in used) for column in about.columns]
    event = board(listed, _shelves(version, chart), key="charts.board")
    if event is not None:
        _done(event, version, about, chart)


def _field(column: ColumnProfile, used: bool) -> FieldInfo:
    sign = MEANINGS.get(column.meaning) or SIGNS[column.type]
    about = plain("{meaning}, stored as {type}", meaning=plain(column.meaning), type=column.type)
    return FieldInfo(column.name, plain(sign), about, used)


def _shelves(version: Version, chart: Json) -> list[Shelf]:
    cls, now = Chart.members[chart["kind"]], shelves.placed(chart)
    names = [column.name for column in version.columns]
    made = []
    for name, field in shelves.shelves(cls):
        if field is None:
            made.append(Shelf(name, plain(TITLES[name]), offered=tuple(names), own=False))
            continue
        takes = tuple(allowed(field, version.columns))
        many, needed = field.kind == "columns", field.required
        title, help_ = plain(field.title), plain(field.help)
        made.append(Shelf(name, title, help_, now.get(name, ()), takes, many=many, needed=needed))
    own, others = ([shelf for shelf in made if shelf.own is wanted] for wanted in (True, False))
    picked = tuple(filters.columns())
    return [*own, *others, Shelf(FILTER, plain("Filter"), "", picked, tuple(names), many=True)]


def _done(event: BoardEvent, version: Version, about: Profile, chart: Json) -> None:
    now = shelves.placed(chart)
    if event.kind == "take" and event.shelf == FILTER:
        filters.remove(event.column)
        return
    if event.kind == "put" and event.shelf == FILTER:
        filters.begin(event.column)
        return
    if event.kind == "add":
        made = shelves.added(now, event.column, about, version.columns, chart)
    else:
        after = _after(event, now, chart)
        made = shelves.changed(after, about, version.columns, chart, free())
    if made is None and event.kind == "add":
        places = [one for one in _shelves(version, chart) if one.own and (one.many or not one.columns)]
        titles = plain(", ").join(one.title for one in places if event.column in one.offered)
        st.toast(
            t("{column} has no place of its own left here. It could go onto: {shelves}.",
              column=event.column, shelves=titles)
        )  # fmt: skip
        return
    if made is None:
        st.toast(t("No chart shows these fields so: {columns}.", columns=event.column))
        return
    if made["kind"] != chart["kind"]:
        _set_free(True)
    charts.begin_again(version, made)


def _after(event: BoardEvent, now: shelves.Placed, chart: Json) -> shelves.Placed:
    if event.kind == "take":
        return shelves.without(now, event.shelf, event.column)
    many = {field.name for field in shelves.places(Chart.members[chart["kind"]]) if field.kind == "columns"}
    source = "" if event.source == FILTER else event.source
    return shelves.moved(now, event.shelf, event.column, source, many=event.shelf in many)


def kind(version: Version, profile: Profile | None, start: Json, key: str) -> str:
    """The kind of chart, by its name; and whether the fields decide it."""
    kinds = charts.kinds()
    chosen = st.selectbox(
        t("Chart"), kinds, kinds.index(start["kind"]), format_func=charts.named, key=f"{key}.kind",
        help=t("The meaning of the fields decides it, until you choose another kind."),
    )  # fmt: skip
    if chosen != start["kind"]:
        _set_free(False)
    st.caption(t(Chart.members[chosen].summary()))
    if not free() and st.button(t("Let the fields decide"), key="charts.free", type="tertiary"):
        _set_free(True)
        found = shelves.chosen(shelves.placed(start), known(version, profile), version.columns)
        charts.begin_again(version, found or start)
    return chosen


def settings(cls: type[Chart], version: Version, values: Json, key: str) -> Any:
    """The chart's settings, and its columns once more as lists; None while something is wrong."""
    places = [field.name for field in shelves.places(cls)]
    with st.expander(t("Columns as lists"), key=f"{key}.columns"):
        columns = form(cls, version.columns, values, key=key, only=places)
    answers = form(cls, version.columns, {**values, **columns}, key=key, skip=places)
    return built(cls, version.columns, answers)


def steps(version: Version) -> None:
    """Back and forth between the states that this chart went through."""
    past: list[str] = state.get(f"charts.past.{version.id}") or []
    at: int = state.get(f"charts.at.{version.id}", 0)
    with st.container(horizontal=True, key="charts.steps"):
        for name, label, icon, far, letter in WAYS:
            to = at + far
            if st.button(
                t(label),
                key=f"charts.{name}",
                icon=icon,
                disabled=not 0 <= to < len(past),
                shortcut=f"ctrl+{letter}",
                type="tertiary",
            ):
                _go(version, past[to], to)


def _go(version: Version, text: str, place: int) -> None:
    wanted = json.loads(text)
    state.put(f"charts.at.{version.id}", place)
    filters.write(wanted["filter"])
    _set_free(wanted["free"])
    charts.begin_again(version, wanted["chart"])


def remember(version: Version, chart: Chart) -> None:
    """Keep the chart in the address, and its state among those that can be gone back to."""
    charts.remember(version, chart)
    now = {"chart": chart.to_json(), "filter": filters.read(), "free": free()}
    text = json.dumps(now, ensure_ascii=False, sort_keys=True)
    past: list[str] = state.get(f"charts.past.{version.id}") or []
    at: int = state.get(f"charts.at.{version.id}", 0)
    if past and past[at] == text:
        return
    past = [*past[: at + 1], text][-STEPS:]
    state.put(f"charts.past.{version.id}", past)
    state.put(f"charts.at.{version.id}", len(past) - 1)
