"""Suggested charts as a row of small pictures, drawn from the table's own rows, each with its reason."""

from __future__ import annotations

import json
from collections.abc import Sequence

import streamlit as st

from core.charts.effects import Effect, effects, some, telling
from core.charts.shelves import columns_of
from core.charts.suggest import Suggestion
from core.contracts import Chart, Table
from core.errors import SightlineError
from core.profile import Profile
from core.selection import Selection, selected
from core.store import Version, tables
from ui import charts, services, state
from ui.figures import PATTERNS, dark, themed
from ui.text import language, plain, plain_said, said, t
from ui.thumbs import Card, small, thumbs
from ui.transfer import ROUTES

CARDS = 6
PICTURED = 4_000  # rows of a small picture, evenly spread over a longer table


def suggested(version: Version, profile: Profile, about: Sequence[str], filters: Sequence[Selection]) -> None:
    """The row of suggestions; a press draws that chart."""
    limit = json.dumps([one.to_json() for one in filters], sort_keys=True)
    table = _table(version, limit)
    meanings = " ".join(column.meaning for column in profile.columns)
    found = telling(
        about, profile, _effects(version.id, limit, services.owner(), meanings, profile), table, CARDS
    )
    if not found:
        return
    if ROUTES.present:
        number = thumbs(_cards(version, found, limit), key="charts.thumbs")
    else:
        number = _buttons(found)
    if version.rows > PICTURED and ROUTES.present:
        st.caption(t("The small pictures show {rows:,} rows evenly spread over all.", rows=PICTURED))
    if number is not None:
        charts.begin_again(version, found[number][0].to_json())


def _buttons(found: Sequence[Suggestion]) -> int | None:
    """The same as buttons, where the script for pictures is not served."""
    pressed = None
    with st.container(horizontal=True, key="charts.suggestions"):
        for number, (chart, reason) in enumerate(found):
            if st.button(
                charts.short(chart), key=f"charts.suggestion.{number}", help=said(reason), type="tertiary"
            ):
                pressed = number
    return pressed


def _cards(version: Version, found: Sequence[Suggestion], limit: str) -> list[Card]:
    documents = [chart.to_json() for chart, _ in found]
    texts = tuple(json.dumps(document, sort_keys=True) for document in documents)
    looks = f"{dark()} {language()} {state.get(PATTERNS)}"
    figures = _pictures(version.id, texts, limit, services.owner(), looks)
    return [
        Card(
            figure, charts.named(chart.kind()), plain(", ").join(columns_of(document)[:4]),
            plain_said(reason),  # type: ignore[arg-type]
        )
        for figure, document, (chart, reason) in zip(figures, documents, found, strict=True)
    ]  # fmt: skip


def _table(version: Version, limit: str) -> Table:
    chosen = map(Selection.from_json, json.loads(limit))
    return selected(tables.table(services.store(), version), *chosen)


@st.cache_data(show_spinner=False, max_entries=32)
def _effects(version_id: str, limit: str, owner: str, meanings: str, _profile: Profile) -> tuple[Effect, ...]:
    version = services.store().get(Version, version_id, owner)
    table = _table(version, limit)
    return effects(table, services.engine(), _profile)


@st.cache_data(show_spinner=False, max_entries=32)
def _pictures(
    version_id: str, documents: tuple[str, ...], limit: str, owner: str, looks: str
) -> tuple[str, ...]:
    """Small pictures, of no more rows than they can show: the file is read once for all of them."""
    version = services.store().get(Version, version_id, owner)
    table = some(_table(version, limit), version.rows, PICTURED)
    with services.engine().held(table.query) as query:
        held = Table(query, table.columns, table.others)
        return tuple(_picture(Chart.from_json(json.loads(document)), held) for document in documents)


def _picture(chart: Chart, table: Table) -> str:
    try:
        figure = chart.figure(chart.data(table, services.engine()), plain_said)
    except SightlineError:  # these few rows do not do for it; the chart itself may have enough
        return ""
    return small(themed(figure))
