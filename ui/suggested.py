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
        number = thumbs(
            [_card(version, chart, reason, limit) for chart, reason in found], key="charts.thumbs"
        )
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


def _card(version: Version, chart: Chart, reason: object, limit: str) -> Card:
    document = chart.to_json()
    text = json.dumps(document, sort_keys=True)
    looks = f"{dark()} {language()} {state.get(PATTERNS)}"
    figure = _picture(version.id, text, limit, services.owner(), looks)
    columns = plain(", ").join(columns_of(document)[:4])
    return Card(figure, charts.named(chart.kind()), columns, plain_said(reason))  # type: ignore[arg-type]


def _table(version: Version, limit: str) -> Table:
    chosen = map(Selection.from_json, json.loads(limit))
    return selected(tables.table(services.store(), version), *chosen)


@st.cache_data(show_spinner=False, max_entries=32)
def _effects(version_id: str, limit: str, owner: str, meanings: str, _profile: Profile) -> tuple[Effect, ...]:
    version = services.store().get(Version, version_id, owner)
    table = _table(version, limit)
    return effects(table, services.engine(), _profile)


@st.cache_data(show_spinner=False, max_entries=128)
def _picture(version_id: str, chart: str, limit: str, owner: str, looks: str) -> str:
    """A small picture, of no more rows than it can show."""
    version = services.store().get(Version, version_id, owner)
    table = some(_table(version, limit), version.rows, PICTURED)
    made = Chart.from_json(json.loads(chart))
    try:
        figure = made.figure(made.data(table, services.engine()), plain_said)
    except (
        SightlineError
    ):  # these few rows do not do for it; the chart itself may have enough, or says why not
        return ""
    return small(themed(figure))
