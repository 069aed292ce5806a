"""Charts on the screen: the one in the address, its form, its rows and their download."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import streamlit as st

from core.charts import heads
from core.charts.suggest import suggest
from core.contracts import Chart, Schema
from core.errors import SightlineError
from core.export.tables import arrow_csv
from core.params import fields
from core.profile import Profile
from core.selection import Selection, selected
from core.store import Version, tables
from ui import services, state
from ui.forms import allowed
from ui.text import md, plain, plain_said, t, worded
from ui.transfer import INLINE, download_made

Json = dict[str, Any]


def present(version: Version, profile: Profile) -> Json:
    """The chart to begin with: the one in the address, the last one of this version, or a fitting one."""
    asked, last = state.address("chart"), state.get(f"charts.last.{version.id}")
    if asked and asked != last:  # by a link, or by going back: the form and what is picked follow
        state.put("charts.drawn", None)
        state.put("charts.turn", state.get("charts.turn", 0) + 1)
    for text in (asked, last):
        if text:
            try:
                chart = Chart.from_json(state.document(text))
                chart.check(version.columns)
                return chart.to_json()
            except (SightlineError, ValueError, AttributeError):
                st.warning(t("The chart in this address does not fit this table; another one is shown."))
    if found := suggest((), profile, limit=1):
        return found[0][0].to_json()
    return {"kind": "bar", "x": version.columns[0].name}


def remember(version: Version, chart: Chart) -> None:
    """Keep the chart in the address and for the return to this page."""
    text = text_of(chart)
    state.set_address(chart=text)
    state.put(f"charts.last.{version.id}", text)


def text_of(chart: Chart) -> str:
    """A chart as it stands in the address."""
    return json.dumps(chart.to_json(), ensure_ascii=False, separators=(",", ":"))


def begin_again(version: Version, chart: Json) -> None:
    """Show another chart: the form starts anew with its values."""
    text = json.dumps(chart, ensure_ascii=False, separators=(",", ":"))
    state.set_address(chart=text)
    state.put(f"charts.last.{version.id}", text)
    state.put("charts.turn", state.get("charts.turn", 0) + 1)
    st.rerun()


def kinds() -> list[str]:
    """All charts, as they stand in the menu: by heading, then by title."""
    return sorted(Chart.members, key=lambda kind: (Chart.members[kind].group, Chart.members[kind].title))


def named(kind: str) -> str:
    return plain(Chart.members[kind].title)


def carried(chart: Json, kind: str, columns: Schema) -> Json:
    """What the form of another chart takes over: parameters of the same name, where they fit."""
    if chart["kind"] == kind:
        return chart
    taken = {}
    for field in fields(Chart.members[kind]):
        value = chart.get(field.name)
        if (field.kind == "column" and value in allowed(field, columns)) or (
            field.kind == "choice" and value in field.choices
        ):
            taken[field.name] = value
    for field in fields(Chart.members[kind]):  # a required column is filled, so that something is drawn
        if field.kind == "column" and field.required and field.name not in taken:
            names = [name for name in allowed(field, columns) if name not in taken.values()]
            taken |= {field.name: names[0]} if names else {}
    return taken


def short(chart: Chart) -> str:
    """A chart by its title and its columns, as the label of a button."""
    values = chart.to_json()
    columns = [values[f.name] for f in type(chart).parameters() if f.kind == "column" and values[f.name]]
    if not columns:
        return md(plain(chart.title))
    measure = f" ({worded(values['aggregation'])})" if values.get("aggregation") and values.get("y") else ""
    return md(f"{plain(chart.title)}: {', '.join(columns[:3])}{measure}")


@st.cache_data(show_spinner=False, max_entries=64)
def _data(version: str, chart: str, limits: str, owner: str) -> pa.Table:
    store = services.store()
    table = tables.table(store, store.get(Version, version, owner))
    table = selected(table, *map(Selection.from_json, json.loads(limits)))
    data: pa.Table = Chart.from_json(json.loads(chart)).data(table, services.engine())
    return data


def data_of(version: Version, chart: Chart, limits: Sequence[Selection] = ()) -> pa.Table:
    """The chart's rows, of the table's rows that are in all these selections; asked of the engine once."""
    text = json.dumps([one.to_json() for one in limits], sort_keys=True)
    return _data(version.id, json.dumps(chart.to_json(), sort_keys=True), text, services.owner())


def readable(chart: Chart, data: pa.Table) -> pa.Table:
    """The chart's rows as a table to be read, in the reader's language."""
    return heads.readable(chart, data, plain_said)


def download_data(chart: Chart, data: pa.Table) -> None:
    """The rows behind the chart as CSV that no spreadsheet runs, packed where they are many."""
    content = arrow_csv(readable(chart, data))
    name = f"{chart.kind()}.csv"
    if len(content) > INLINE:
        import gzip

        content, name = gzip.compress(content, mtime=0), name + ".gz"
    download_made(t("Data as CSV"), content, name, key="charts.csv", mime="text/csv")
