"""Fields to be put on shelves: what the browser is sent, and what it tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from ui.text import plain

FIELDS = 500  # columns in the list; the lists of the shelves have as many
SEARCH = 12  # columns above which there is a box to find one


@dataclass(frozen=True)
class FieldInfo:
    """A column in the list: `sign` stands for what it is, in a letter or two; `about` says it in words."""

    name: str
    sign: str
    about: str
    used: bool = False


@dataclass(frozen=True)
class Shelf:
    """A place for one column, or for `many`. `own`: the present chart has it; another one may."""

    name: str
    title: str
    help: str = ""
    columns: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    many: bool = False
    own: bool = True
    needed: bool = False


@dataclass(frozen=True)
class BoardEvent:
    """`put`: a column was put on a shelf, from the shelf `source` or from the list (""). `take`: it was taken
    off a shelf. `add`: it is to be put where its meaning asks for it."""

    kind: Literal["put", "take", "add"]
    column: str
    shelf: str = ""
    source: str = ""


def board(fields: Sequence[FieldInfo], shelves: Sequence[Shelf], *, key: str) -> BoardEvent | None:
    """Draw the fields and the shelves; returns what a person just did there, once."""
    some = list(fields[:FIELDS])
    shown = {
        "fields": [asdict(field) for field in some],
        "shelves": [asdict(shelf) | {"offered": shelf.offered[:FIELDS]} for shelf in shelves],
        "search": len(some) > SEARCH,
        "words": _words(len(fields) - len(some)),
    }
    result = _component()(key=key, data=shown, on_event_change=_nothing)
    return _event(result.event, [field.name for field in fields], shelves)


def _nothing() -> None:
    """The component's values are read where it is mounted."""


def _words(left_out: int) -> dict[str, str]:
    return {
        "fields": plain("Fields"),
        "shelves": plain("Shelves"),
        "search": plain("Find a field"),
        "add": plain("Add {column} to the chart", column="{column}"),
        "take": plain("Take {column} off", column="{column}"),
        "put": plain("Put a column on {shelf}", shelf="{shelf}"),
        "choose": plain("Drag or choose"),
        "more": plain("Add"),
        "other": plain("another one"),
        "elsewhere": plain("This chart has no such shelf: another one will be drawn."),
        "needed": plain("Needed"),
        "none": plain("No field of this name"),
        "left_out": plain("{count:,} more fields stand in the lists below.", count=left_out)
        if left_out else "",
    }  # fmt: skip


def _event(told: Any, names: Sequence[str], shelves: Sequence[Shelf]) -> BoardEvent | None:
    """What the browser says was done, if it can have been done here."""
    if not isinstance(told, Mapping) or not isinstance(told.get("column"), str):
        return None
    if told["column"] not in names:
        return None
    column, places = told["column"], {shelf.name: shelf for shelf in shelves}
    if told.get("kind") == "add":
        return BoardEvent("add", column)
    shelf = places.get(str(told.get("shelf")))
    if shelf is None:
        return None
    if told.get("kind") == "take":
        return BoardEvent("take", column, shelf.name) if column in shelf.columns else None
    source = str(told.get("source") or "")
    stood = source == "" or (source in places and column in places[source].columns)
    return BoardEvent("put", column, shelf.name, source) if told.get("kind") == "put" and stood else None


@lru_cache(maxsize=1)
def _component() -> Any:
    """The component, registered once for the whole server."""
    html, css, js = [
        (Path(__file__).parent / name).read_text(encoding="utf-8")
        for name in ("shelves.html", "shelves.css", "shelves.js")
    ]
    return st.components.v2.component("sightline.shelves", html=html, css=css, js=js, isolate_styles=False)
