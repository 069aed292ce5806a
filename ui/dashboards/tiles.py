"""The grid of tiles: each drawn from its answer, and what was done on one of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.affordable import affordable
from core.charts.words import number
from core.dashboards import (
    OWN,
    Answer,
    Asked,
    Asker,
    Board,
    ChartTile,
    Filter,
    NumberTile,
    State,
    Tables,
    TableTile,
    TextTile,
)
from core.dashboards.tables import ALONE
from core.dashboards.tiles import Tile, harmless
from core.errors import SightlineError
from core.offline import unreached
from core.period import period
from core.selection import MARKS, Mark, Selection
from core.store import Version
from ui import services, state
from ui.dashboards.provenance import about
from ui.dashboards.rows import rows_of
from ui.dashboards.shown import Shown, called
from ui.figures import show
from ui.picked import VIEWS, axes_of, brushed, menu, modes
from ui.plot import PlotEvent
from ui.text import md, message, plain, plain_said, t

HEIGHTS = {"low": 240, "middle": 360, "high": 560}
ANSWERED = {
    "filter": "Shows only what is selected on other tiles.",
    "highlight": "Tells what is selected on other tiles apart.",
    "nothing": "Takes no notice of what is selected on other tiles.",
}
TAKEN = 200  # marks of a box that are taken one by one; of more, the box itself is
ALL = "all0rows"  # the name of no tile


@dataclass(frozen=True)
class Done:
    """What was done on a tile: another state of the dashboard, or rows that a person wants to see."""

    state: State | None = None
    rows: tuple[Selection, ...] = ()
    view: str = "rows"


def ask(shown: Shown, board: Board, now: State) -> dict[str, Answer]:
    """The answers of all tiles by id, and under ALL how many rows the filters and selections leave."""
    tiles = (*board.tiles, NumberTile(id=ALL, answer="filter"))
    return asker().ask(shown.source(), tiles, now, board.answer, plain("selected"))


def asker() -> Asker:
    """What asks for all dashboards of this server, and knows what was answered."""
    return _asker(os.environ.get("SIGHTLINE_HOME", ""))


@st.cache_resource(show_spinner=False)
def _asker(home: str) -> Asker:
    return Asker(services.engine())


def grid(board: Board) -> Iterator[tuple[Tile, DeltaGenerator]]:
    """Each tile with its place in the grid."""
    for line in board.lines():
        widths = [min(tile.width, board.across) for tile in line]
        rest = board.across - sum(widths)
        places = st.columns([*widths, *([rest] if rest else [])], gap="small")
        for tile, place in zip(line, places, strict=False):
            yield tile, place.container(border=True, key=f"dash.tile.{tile.id}")


def named(tile: Tile) -> str:
    """What a tile is called: its title, or what it shows."""
    if tile.title:
        return tile.title
    try:
        return plain_said(tile.words())
    except SightlineError:
        return plain("Chart")


def draw(tile: Tile, answer: Answer, shown: Shown, board: Board, now: State) -> Done | None:
    """One tile; returns what was done on it."""
    if isinstance(tile, TextTile):
        st.markdown(harmless(tile.text) or f":gray[{t('No words yet')}]")
        return None
    version = shown.at(tile.table)
    if answer.error is not None or version is None:
        st.markdown(f"**{md(named(tile))}**")
        st.warning(message(answer.error) if answer.error is not None else "")
        return None
    known = shown.tables(board)
    asked = now.asked(tile, board.answer, known)
    done = None
    if isinstance(tile, ChartTile):
        done = _chart(tile, answer, version, now, known)
    elif isinstance(tile, NumberTile):
        _number(tile, answer)
    elif isinstance(tile, TableTile):
        _table(tile, version, asked.everything(), answer)
    with st.container(horizontal=True, vertical_alignment="center", key=f"dash.foot.{tile.id}"):
        about(tile, answer, version, asked)
        told = [
            *_in_force(tile, answer, version, board, asked),
            *_elsewhere(tile, version, shown, board, now),
        ]
        if told:
            st.caption(" · ".join(told), width="stretch")
    return done


def _in_force(tile: Tile, answer: Answer, version: Version, board: Board, asked: Asked) -> list[str]:
    """What is particular about the rows of this tile: filters of its own, another answer to selections."""
    found = [
        t("Only rows where {what}", what=plain_said(one.describe(version.columns))) for one in tile.filters
    ]
    if answer.how == "filtered instead" and asked.highlight:
        found.append(t("Shows only what is selected: it has no colour to tell it apart."))
    if tile.answer not in ("as all", board.answer):
        found.append(t(ANSWERED[tile.answer]))
    return found


def _elsewhere(tile: Tile, version: Version, shown: Shown, board: Board, now: State) -> list[str]:
    """Which other table a tile shows, and what is filtered or selected that says nothing of it."""
    found = (
        []
        if tile.table == OWN
        else [t("Table: {name}, version {number}", name=called(version), number=version.number)]
    )
    for one in now.missed(tile, board.answer, shown.tables(board)):
        what = one.describe(shown.columns(one.table))
        found.append(md(plain_said(unreached(what))))
    return found


def _chart(tile: ChartTile, answer: Answer, version: Version, now: State, known: Tables) -> Done | None:
    chart, data = answer.chart, answer.data
    assert chart is not None
    assert data is not None
    figure = chart.figure(data, plain_said)
    if tile.title:
        from core.charts.drawing import shown

        figure.update_layout(title_text=shown(tile.title, 120))
    axes = f"{version.id} {tile.model_dump_json(include={'chart'})} {state.get('dash.axes', 0)}"
    event = show(
        figure, plain_said(chart.describe(data)), key=f"dash.figure.{tile.id}", height=HEIGHTS[tile.height],
        events=modes(chart), menu=menu(chart, data, version.columns),
        selected=answer.taken, axes=axes,
        label=named(tile), words=False,
    )  # fmt: skip
    return None if event is None else acted(event, tile, answer, now, known)


def acted(
    event: PlotEvent, tile: ChartTile, answer: Answer, now: State, known: Tables = ALONE
) -> Done | None:
    """What a click, a box or the menu of a mark makes of the state."""
    if event.kind == "reset":
        return Done(now.zoomed(tile.id, None).picked(tile.id, None))
    if event.kind == "zoom":
        region = answer.closer(*axes_of(event, answer.chart))
        return None if region is None else Done(now.zoomed(tile.id, region))
    brushes = answer.chart is not None and answer.chart.BRUSHED
    if event.kind == "region" and (brushes or len(event.rows) > TAKEN):
        box = answer.region(event.x, event.y, event.axes)
        if box is not None:
            return Done(now.picked(tile.id, brushed(now.picks.get(tile.id), box) if brushes else box))
    rows = event.rows[:MARKS]
    marks = tuple(dict.fromkeys(mark for row in rows if (mark := answer.mark(row)) is not None))
    if event.kind == "menu":
        return _chosen(event.action or "", marks, tile, now, known)
    before = now.picks.get(tile.id)
    taken = before.marks if before is not None and not before.exclude else ()
    if event.add:
        kept = tuple(mark for mark in taken if mark not in marks)
        marks = kept + tuple(mark for mark in marks if mark not in taken)
    elif event.kind == "mark" and set(marks) == set(taken):
        marks = ()  # a second press lets go
    after = now.picked(tile.id, Selection(marks=affordable(marks)) if marks else None)
    return None if after == now else Done(after)


def _chosen(action: str, marks: tuple[Mark, ...], tile: Tile, now: State, known: Tables) -> Done | None:
    marks = affordable(marks)
    selection = Selection(marks=marks)
    if marks and action in VIEWS:
        reached = now.asked(tile.model_copy(update={"answer": "filter"}), "filter", known).filter
        return Done(rows=(*reached, selection), view=action)
    wanted = period(selection, known.columns.get(tile.table, ())) if action == "period" else selection
    if not marks or wanted is None:
        st.toast(t("This mark stands for no rows of its own."))
        return None
    wanted = wanted.inverted() if action == "without" else wanted
    return Done(now.picked(tile.id, None).filtered(Filter(selections=(wanted,), table=tile.table)))


def _number(tile: NumberTile, answer: Answer) -> None:
    assert answer.data is not None
    (row,) = answer.data.to_pylist()
    whole = "value_all" in row
    st.metric(
        md(named(tile)), number(row["value"]),
        help=t("Of all rows in sight: {value}", value=number(row["value_all"])) if whole else None,
    )  # fmt: skip
    words = [t("of {count:,} row | of {count:,} rows", count=int(row["rows"]))]
    if (said_of := tile.apart(answer.data)) is not None:
        words.insert(0, plain_said(tile.what(answer.data, tile.column)))
        words.append(plain_said(said_of))
    if whole:
        words.append(
            t("{value} of all {count:,}", value=number(row["value_all"]), count=int(row["rows_all"]))
        )
    if row["infinite"]:
        words.append(t("{count:,} infinite value is left out. | {count:,} infinite values are left out.",
                       count=int(row["infinite"])))  # fmt: skip
    st.caption(" · ".join(words))


def _table(tile: TableTile, version: Version, reached: Sequence[Selection], answer: Answer) -> None:
    assert answer.data is not None
    st.markdown(f"**{md(named(tile))}**")
    count = int(answer.data.column("rows")[0].as_py())
    rows_of(version, tile, tuple(reached), count, HEIGHTS[tile.height])
