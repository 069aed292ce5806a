"""One more tile: a chart that was kept or is suggested, a number, a table, a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.charts.shelves import sketch
from core.charts.suggest import suggest
from core.contracts import Chart
from core.dashboards import OWN, Board, ChartTile, NumberTile, TableTile, TextTile
from core.dashboards.tiles import Tile
from core.errors import SightlineError
from core.params import Field, fields
from core.store import SavedChart, Version
from ui import others, services, state
from ui.charts import short
from ui.forms import form
from ui.frame import link
from ui.summary import stored_profile
from ui.text import message, plain, t

KINDS = {"chart": "Chart", "number": "Number", "table": "Table", "text": "Text"}
SUGGESTED = 8


def add(version: Version, board: Board) -> Tile | None:
    """The form of a new tile; returns it when it is added."""
    turn = f"dash.add.{state.get('dash.add.turn', 0)}"
    with st.popover(t("Add a tile"), icon=":material/add:", type="primary", key=turn):
        kind = st.segmented_control(
            t("Tile"), list(KINDS), default="chart", required=True, format_func=lambda one: plain(KINDS[one]),
            key=f"{turn}.kind",
        )  # fmt: skip
        of = version if kind == "text" else _table_of(version, turn)
        made = _FORMS[kind](of, turn if of is version else f"{turn}.{of.id}")
        if made is None:
            return None
        made = made.model_copy(update={"table": OWN if of is version else of.dataset})
        if st.button(t("Add"), key="dash.add.do", type="primary"):
            try:
                made.check(of.columns)
                board.with_tile(made)
            except SightlineError as error:
                st.error(message(error))
                return None
            state.put("dash.add.turn", state.get("dash.add.turn", 0) + 1)
            return made
    return None


def _table_of(version: Version, key: str) -> Version:
    """The table that a new tile shows: the dashboard's own, or another one, always in its newest version."""
    known = {OWN: version, **others.newest(without=version.dataset)}
    if len(known) == 1:
        return version
    chosen = st.selectbox(
        t("Table"), list(known), key=f"{key}.table",
        format_func=lambda id: others.called(id) if id else plain("the table of this dashboard"),
        help=t("What is selected and filtered reaches tiles of another table by columns of the same name and "
               "type."),
    )  # fmt: skip
    return known[chosen]


def offered(version: Version) -> dict[str, ChartTile]:
    """Charts to choose from: those kept with the table's versions that fit, then suggestions."""
    store, owner = services.store(), services.owner()
    found: dict[str, ChartTile] = {}
    kept = [
        record
        for one in store.list(Version, owner, dataset=version.dataset)
        for record in store.list(SavedChart, owner, version=one.id)
    ]
    for record in kept:
        tile = ChartTile(id="offered", title=record.name, chart=record.chart)
        if tile.fits(version.columns):
            found[plain("Kept: {name}", name=_free(record.name, found))] = tile
    profile = stored_profile(version) or sketch(version.columns, version.rows)
    for chart, _ in suggest((), profile, limit=SUGGESTED):
        found[_free(short(chart).replace("\\", ""), found)] = ChartTile(id="offered", chart=chart.to_json())
    if not found:
        for chart in _simple(version):
            found[_free(short(chart).replace("\\", ""), found)] = ChartTile(
                id="offered", chart=chart.to_json()
            )
    return found


def _simple(version: Version) -> list[Chart]:
    """A bar chart or histogram of each of the first columns, where nothing is kept or suggested."""
    kinds = {"integer": "histogram", "number": "histogram"}
    return [
        Chart.build(kinds.get(column.type, "bar"), {"x": column.name})
        for column in version.columns[:SUGGESTED]
    ]


def _free(name: str, taken: Mapping[str, object]) -> str:
    number, found = 1, name
    while found in taken or plain("Kept: {name}", name=found) in taken:
        number += 1
        found = f"{name} ({number})"
    return found


def _chart(version: Version, key: str) -> Tile | None:
    options = offered(version)
    chosen = st.selectbox(t("Chart"), list(options), key=f"{key}.chart")
    link("pages/explore/charts.py", "Build another chart", key=f"{key}.build")
    if chosen is None:
        return None
    found = options[chosen]
    return ChartTile(title=found.title, chart=found.chart)


_NUMBER = ("aggregation", "y", "when", "period", "change")


def number_fields() -> tuple[Field, ...]:
    """The measure, its column and its change, as the bar chart offers them."""
    return tuple(field for field in fields(Chart.members["bar"]) if field.name in _NUMBER)


def _number(version: Version, key: str, start: NumberTile | None = None) -> Tile | None:
    given: dict[str, Any] = {}
    if start is not None:
        given = {"y": start.column} | {name: getattr(start, name) for name in _NUMBER if name != "y"}
    values = form(
        Chart.members["bar"], version.columns, {"x": version.columns[0].name, **given}, key=f"{key}.number",
        only=_NUMBER,
    )  # fmt: skip
    changes = {name: values[name] for name in _NUMBER[2:] if values.get(name)}
    made = NumberTile(aggregation=values.get("aggregation", "count"), column=values.get("y"), **changes)
    if made.aggregation not in ("count", "share of total") and made.column is None:
        st.caption(t("Still to fill in: {missing}.", missing=plain("Value")))
        return None
    return made


def _table(version: Version, key: str, start: TableTile | None = None) -> Tile | None:
    names = [column.name for column in version.columns]
    chosen = st.multiselect(
        t("Columns"), names, [name for name in start.columns if name in names] if start else [],
        key=f"{key}.columns", placeholder=plain("all columns"),
    )  # fmt: skip
    return TableTile(columns=tuple(chosen), width=start.width if start else 2)


def _text(version: Version, key: str, start: TextTile | None = None) -> Tile | None:
    text = st.text_area(
        t("Text"), start.text if start else "", key=f"{key}.text", height=160, max_chars=20_000,
        help=t("Markdown: # for a heading, ** for bold, - for a list."),
    )  # fmt: skip
    return TextTile(text=text) if text.strip() else None


_FORMS: dict[str, Callable[[Version, str], Tile | None]] = {
    "chart": _chart, "number": _number, "table": _table, "text": _text,
}  # fmt: skip


def changed(version: Version, tile: Tile, key: str) -> Tile | None:
    """The form of what a tile shows; None while it is wrong."""
    made: Tile | None
    if isinstance(tile, ChartTile):
        from ui.forms import member

        cls = Chart.members.get(str(tile.chart.get("kind")))
        chart = None if cls is None else member(cls, version.columns, tile.chart, key=f"{key}.chart")
        made = None if chart is None else ChartTile(chart=chart.to_json())
    elif isinstance(tile, NumberTile):
        made = _number(version, key, tile)
    elif isinstance(tile, TableTile):
        made = _table(version, key, tile)
    else:
        made = _text(version, key, tile)
    if made is None:
        return None
    same = ("id", "table", "title", "width", "height", "answer", "filters")
    return made.model_copy(update={name: getattr(tile, name) for name in same})
