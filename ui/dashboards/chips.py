"""What is filtered, selected and zoomed, as chips: filters open to be changed, all can be let go."""

from __future__ import annotations

import streamlit as st

from core.dashboards import OWN, Board, Filter, State
from core.selection import Selection
from core.within import Within
from ui import conditions, state
from ui.conditions import Json
from ui.dashboards import addressed
from ui.dashboards.shown import Shown
from ui.dashboards.tiles import named
from ui.review import Rows
from ui.text import plain, plain_said, t

LONGEST = 60
TURN = "dash.chips"
DOES = {
    "filter": "The other tiles show only these rows.",
    "highlight": "The other tiles tell these rows apart.",
    "nothing": "The other tiles take no notice.",
}


def chips(shown: Shown, board: Board, now: State, rows: int | None) -> State:
    """The chips; returns the state without what was let go, and with what was changed."""
    past = addressed.past(board, now)
    if now == State() and not past and now == board.state():
        return now
    after = now
    with st.container(horizontal=True, vertical_alignment="center", key="dash.chips"):
        for place, one in enumerate(now.filters):
            after = _filter(shown, now, place, one) or after
        after = _picks(shown, board, now) or after
        if now != State() and st.button(t("Clear all"), key="dash.clear", type="tertiary"):
            after = State()
        if past is not None and st.button(
            t("Undo"), icon=":material/undo:", key="dash.back", type="tertiary",
            help=t("Take the last selection or filter back"),
        ):  # fmt: skip
            addressed.step_back(board, now)
            after = past
        if board.state() not in (now, State()) and st.button(
            t("Reset"), icon=":material/restart_alt:", key="dash.reset", type="tertiary",
            help=t("The filters and selections that the dashboard was kept with"),
        ):  # fmt: skip
            after = board.state()
        if rows is not None and now != State():
            told = {"count": rows, "all": shown.own.rows}
            st.caption(t("{count:,} of {all:,} rows", **told), width="content")
    return after


def _filter(shown: Shown, now: State, place: int, one: Filter) -> State | None:
    """A filter, to be looked at, changed or let go."""
    version = shown.at(one.table) or shown.own
    key = f"dash.chip.filter.{state.get(TURN, 0)}.{place}"
    begun = _condition(one) if shown.at(one.table) is not None else None
    if begun is None:
        words = _cut(plain_said(one.describe(version.columns)))
    else:
        words = conditions.short(begun, version.columns, LONGEST)
    icon = ":material/group_work:" if one.name else ":material/filter_alt:"
    after: State | None = None
    with st.popover(t("{what}", what=words), icon=icon, key=key):
        if begun is None:
            st.markdown(t("Only rows where {what}", what=plain_said(one.words(version.columns))))
        else:
            made = conditions.edit(Rows(version.id), version.columns, begun, key)
            if made != begun:
                after = now.changed(place, as_filter(made, one.table))
        if st.button(t("Remove this filter"), key=f"{key}.remove", icon=":material/close:"):
            state.put(TURN, state.get(TURN, 0) + 1)
            after = now.without(place)
    return after


def _condition(one: Filter) -> Json | None:
    """A filter as the editor of conditions has it; None where it is more than one condition."""
    if one.name or len(one.selections) != 1 or one.selections[0].exclude:
        return None
    marks = one.selections[0].marks
    if len(marks) != 1 or len(marks[0].parts) != 1 or one.selections[0].by_order():
        return None
    return conditions.said_by(marks[0].parts[0])


def as_filter(said: Json, table: str = OWN) -> Filter:
    """What the editor of conditions says, as a filter; one that leaves nothing out is kept as that."""
    whole = conditions.said_of(said["column"]) if set(said) == {"column"} else said
    return Filter(selections=(Selection.of(Within.model_validate(whole)),), table=table)


def _picks(shown: Shown, board: Board, now: State) -> State | None:
    """What is selected on tiles, and where they are zoomed to; a press lets go."""
    after: State | None = None
    tiles = {tile.id: tile for tile in board.tiles}
    for id, pick in now.picks.items():
        words = plain_said(pick.describe(shown.columns(tiles[id].table)))
        about = plain("Selected on “{tile}”: {what}", tile=named(tiles[id]), what=words)
        if _chip(words, f"dash.chip.pick.{id}", f"{about}. {plain(DOES[board.answer])}", "ads_click"):
            after = now.picked(id, None)
    for id, zoom in now.zooms.items():
        words = plain_said(zoom.describe(shown.columns(tiles[id].table)))
        about = plain("“{tile}” is zoomed to {what}", tile=named(tiles[id]), what=words)
        if _chip(words, f"dash.chip.zoom.{id}", about, "zoom_in"):
            addressed.new_axes()
            after = now.zoomed(id, None)
    return after


def _chip(words: str, key: str, about: str, icon: str) -> bool:
    pressed: bool = st.button(
        t("{what} ✕", what=_cut(words)), key=key, icon=f":material/{icon}:",
        help=t("{about} Press to let it go.", about=about.rstrip(".") + "."),
    )  # fmt: skip
    return pressed


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
