"""What is filtered and selected, in the address: a reload and a link show the same."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.dashboards import Board, State, Tables
from core.errors import NotFound, SightlineError
from core.store.records import Dashboard, View
from core.store.segments import called_now
from ui import services, state
from ui.text import message, t

STEPS = 50  # that can be gone back
LONGEST = 3_000  # characters of a state in the address; a longer one is stored, and the address names it


def read(record: Dashboard, board: Board, known: Tables) -> State:
    """The state of the address, or the one that the dashboard was kept with."""
    tiles = [tile.id for tile in board.tiles]
    try:
        found = _told(record)
        if found is not None:
            found = _renamed(found)
            found.check(known)
            return found.kept(tiles)
    except (SightlineError, ValueError) as error:
        why = f" {message(error)}" if isinstance(error, SightlineError) else ""
        st.warning(
            t("What was selected in this address does not fit; the dashboard is shown as it was kept.") + why
        )
        state.set_address(state=None, view=None)
    kept = board.state()
    try:
        kept.check(known)
    except SightlineError:
        st.warning(t("The filters kept with this dashboard do not fit this version; all rows are shown."))
        return State()
    return kept


def _told(record: Dashboard) -> State | None:
    text, view = state.address("state"), state.address("view")
    if text:
        return State.from_json(state.document(text))
    if view:
        stored = services.store().get(View, view, services.owner())
        if stored.dashboard != record.id:
            raise NotFound("This state belongs to another dashboard.")
        return State.from_json(stored.state)
    return None


def _renamed(now: State) -> State:
    """The state with its segments under the names that they have by now."""
    filters = tuple(called_now(services.store(), services.owner(), one) for one in now.filters)
    return now if filters == now.filters else now.model_copy(update={"filters": filters})


def write(record: Dashboard, board: Board, now: State) -> None:
    """Put a state in the address; the one that the dashboard was kept with needs no words."""
    text = now.text()
    if now == board.state():
        state.set_address(state=None, view=None)
    elif len(text) <= LONGEST:
        state.set_address(state=text, view=None)
    else:
        state.set_address(state=None, view=_stored(record, now))


def go_on(record: Dashboard, board: Board, now: State, before: State) -> None:
    """Show another state, from which there is a way back. The page runs again."""
    stepped = state.get("dash.past.back", False)
    state.put("dash.past.back", False)
    if not stepped:
        past = [*(state.get(_past(board)) or []), before.to_json()][-STEPS:]
        state.put(_past(board), past)
    write(record, board, now)
    st.rerun()


def past(board: Board, now: State) -> State | None:
    """The state before the last change of this session; None where there is none."""
    known = _other(board, now)
    return State.from_json(known[-1]) if known else None


def _other(board: Board, now: State) -> list[Any]:
    """The states before, as far as one that is another than this: the browser may have gone back too."""
    known = list(state.get(_past(board)) or [])
    while known and known[-1] == now.to_json():
        known.pop()
    return known


def step_back(board: Board, now: State) -> None:
    """Take the last change back: the state that is shown next is none to go back from."""
    state.put(_past(board), _other(board, now)[:-1])
    state.put("dash.past.back", True)
    new_axes()


def new_axes() -> None:
    """Draw all pictures in their whole ranges: they leave the zoom that a person gave them by hand."""
    state.put("dash.axes", state.get("dash.axes", 0) + 1)


def _past(board: Board) -> str:
    return "dash.past." + ".".join(tile.id for tile in board.tiles)


def _stored(record: Dashboard, now: State) -> str:
    """The id under which a state is kept; the same one is kept once."""
    store, digest = services.store(), now.digest()
    for known in store.list(View, record.owner, dashboard=record.id):
        if known.digest == digest:
            return known.id
    made = View(owner=record.owner, dashboard=record.id, digest=digest, state=now.to_json())
    return store.add(made).id
