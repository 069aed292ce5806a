"""What can be done with a head, a cell or a part of a text that a person pointed at: steps to choose from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.contracts import Step
from core.errors import SightlineError
from core.store import Version
from ui import state
from ui.recipe import begin_with
from ui.text import message, plain, said, t
from ui.trial import Look, Pointed, cell, suggestions

if TYPE_CHECKING:
    from core.suggest import Suggestion

PLACES = "clean.pointed"  # what was pointed at; several parts of texts are examples of one thing
MORE = "clean.more"  # the next text that is selected is one more example
SHOWN = 60  # characters of a value in a sentence


def pointed(place: Pointed | None) -> None:
    """Remember what was just pointed at."""
    if place is None:
        return
    before = _places() if state.get(MORE) else []
    same = [one for one in before if one.column == place.column and place.start is not None]
    state.put(PLACES, [asdict(one) for one in [*same, place]])
    state.drop(MORE)


def offer(version: Version, seen: Look, take: Callable[[Step], None]) -> None:
    """Show the steps for what was pointed at, until one is taken or the window is closed."""
    places = _places()
    names = {column.name for column in seen.columns}
    if places and state.get(MORE):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(t("Now select what you want in another cell of {column}.", column=places[0].column))
            if st.button(t("Cancel"), key="clean.more.cancel"):
                forget()
                st.rerun()
        return
    if not places or any(place.column not in names for place in places):
        return
    window = st.dialog(
        plain("What can be done with {column}", column=places[0].column), width="large", on_dismiss=forget
    )
    window(_choices)(version, seen, places, take)


def forget() -> None:
    """Nothing is pointed at any more."""
    state.drop(PLACES)
    state.drop(MORE)


def _places() -> list[Pointed]:
    return [Pointed(**one) for one in state.get(PLACES) or []]


def _choices(version: Version, seen: Look, places: list[Pointed], take: Callable[[Step], None]) -> None:
    try:
        _about(version, seen, places)
        with st.spinner(t("Trying what may help")):
            found = suggestions(version, seen, places)
    except SightlineError as error:
        st.error(message(error))
        return
    if not found:
        st.info(t("Nothing fits here. The list under “Add a step” has all steps."))
    for number, one in enumerate(found):
        _choice(number, one, take)
    if places[0].start is not None and st.button(
        t("Give one more example"),
        key="clean.more.start",
        help=t("Select what you want in another cell, too."),
    ):
        state.put(MORE, True)
        st.rerun()


def _about(version: Version, seen: Look, places: list[Pointed]) -> None:
    for place in places:
        if place.row is None:
            continue
        value = cell(version, seen, place)
        if value is None:
            st.caption(t("Row {row:,}: the cell is missing.", row=place.row + 1))
        elif place.start is None:
            st.caption(t("Row {row:,}: {value}", row=place.row + 1, value=_short(value)))
        else:
            part = _short(str(value)[place.start : place.end])
            st.caption(
                t("Row {row:,}: “{part}” in {value}", row=place.row + 1, part=part, value=_short(value))
            )


def _choice(number: int, one: Suggestion, take: Callable[[Step], None]) -> None:
    key = f"clean.offer.{number}"
    words = t("{title} …", title=plain(one.step.title)) if one.open else said(one.said())
    with st.container(
        border=True, key=key, horizontal=True, wrap=False, vertical_alignment="center", gap="small"
    ):
        st.markdown(f"{words}  \n:small[:gray[{' · '.join(_told(one))}]]", width="stretch")
        if one.open:
            if st.button(t("Fill in …"), key=f"{key}.open"):
                begin_with(one.step)
                forget()
                st.rerun()
        elif st.button(t("Add"), key=f"{key}.add", type="primary"):
            forget()
            take(one.step)


def _told(one: Suggestion) -> list[str]:
    """The rows that it touches, what else there is to say, and a few cells before and after."""
    told = [said(one.remark)] if one.remark else []
    if one.removes:
        told.insert(0, t("{count:,} row is removed | {count:,} rows are removed", count=one.touched))
    elif one.touched:
        told.insert(0, t("{count:,} row is touched | {count:,} rows are touched", count=one.touched))
    else:
        told.insert(0, t("no row changes"))
    if not one.removes:
        told += [
            t("{before} → {after}", before=_value(pair.before), after=_value(pair.after))
            for pair in one.pairs
        ]
    return told


def _value(value: str | None) -> str:
    return plain("missing") if value is None else f"“{_short(value)}”"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
