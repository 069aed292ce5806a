"""The grid itself: rows and headers as JSON for the browser, and what a person did there."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

import pyarrow as pa
import streamlit as st
from sqlglot import exp

from core import sql
from core.contracts import Column
from ui import state
from ui.grid.heads import HeaderInfo
from ui.text import plain

CELLS = 8_000  # sent at once
COLUMNS = 80
LONGEST = 300  # characters of a cell
PAGE = 100  # rows, where the columns are few enough

Kind = Literal["header", "kind", "segment", "cell", "text"]
Segment = Literal["valid", "invalid", "empty"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class GridEvent:
    """What a person just did. `row` counts from 0 in the data given to the grid; `start` and `end`
    are places in the cell's text, in characters, the end not included."""

    kind: Kind
    column: str
    row: int | None = None
    segment: Segment | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Page:
    """The part of a table that is shown: `rows` rows from `first`, `columns` columns from `left`."""

    first: int
    rows: int
    all_rows: int
    left: int
    columns: int
    all_columns: int

    def names(self, names: Sequence[str]) -> list[str]:
        """The names of the columns that are shown."""
        return list(names[self.left : self.left + self.columns])


def place(key: str, *, rows: int, columns: int, size: int = PAGE) -> Page:
    """Where the person has turned to in the grid of this key, within a table of this size."""
    told = state.get(key) or {}
    asked = told.get("page") if hasattr(told, "get") else None
    asked = asked if isinstance(asked, Mapping) else {}
    width = min(COLUMNS, columns)
    size = max(1, min(size, CELLS // max(width, 1)))
    first = _turned(asked.get("first"), rows, size)
    left = _turned(asked.get("left"), columns, COLUMNS)
    return Page(first, min(size, rows - first), rows, left, min(width, columns - left), columns)


def fetched(columns: Iterable[Column]) -> dict[str, exp.Expr]:
    """The columns of a query for the grid: no more of a text is fetched than is shown.

    A text of more than LONGEST characters was longer: only its beginning is there.
    """
    return {column.name: _shortened(column) for column in columns}


def _shortened(column: Column) -> exp.Expr:
    whole = sql.name(column.name)
    return sql.template("left(:x, :n)", x=whole, n=LONGEST + 1) if column.type == "text" else whole


def _turned(asked: object, whole: int, size: int) -> int:
    """The start of the page that holds the place asked for."""
    wanted = asked if isinstance(asked, int) and not isinstance(asked, bool) else 0
    last = max(whole - 1, 0)
    return max(0, min(wanted, last)) // size * size


def grid(
    data: pa.Table,
    columns: Sequence[HeaderInfo],
    *,
    key: str,
    changed: Mapping[str, Mapping[int, Any]] | None = None,
    page: Page | None = None,
    numbers: Sequence[int] | None = None,
    selected: str | None = None,
    wants: Collection[Kind] = KINDS,
    label: str = "",
    height: int = 460,
) -> GridEvent | None:
    """Show these columns of `data`; returns what a person just did there, once.

    `changed` gives, for each column, the rows of `data` whose cell changed and the value before.
    `page` says which part of a larger table this is; `numbers` are the row numbers shown, where they
    are not those of the page. `selected` is a column to mark; `label` names the grid for readers of
    the screen and must be translated.
    """
    heads = list(columns[:COLUMNS])
    data = data.slice(0, CELLS // max(len(heads), 1))
    page = page or Page(0, data.num_rows, data.num_rows, 0, len(heads), len(heads))
    numbers = numbers or range(page.first + 1, page.first + 1 + data.num_rows)
    changed = changed or {}
    shown = {
        "label": label or plain("Table"),
        "height": height,
        "wants": [kind for kind in KINDS if kind in wants],
        "numbers": list(numbers[: data.num_rows]),
        "selected": next((place for place, head in enumerate(heads) if head.name == selected), None),
        "columns": [_column(data, head, changed.get(head.name, {})) for head in heads],
        "page": asdict(page),
        "turns": _turns(page),
        "words": _words(marks=any(changed.get(head.name) for head in heads)),
    }
    result = _component()(key=key, data=shown, on_event_change=_nothing, on_page_change=_nothing)
    return _event(result.event, data, heads)


def _nothing() -> None:
    """The component's values are read where it is mounted."""


def _words(*, marks: bool) -> dict[str, str]:
    return {
        "missing": plain("missing"),
        "was": plain("was"),
        "changed": plain("changed; hover or move there to see the value before") if marks else "",
        "cut": plain("shortened"),
        "row": plain("Row"),
        "quality": plain("Quality"),
        "kind": plain("change the type or the meaning"),
        "personal": plain("Looks like personal data"),
    }


def _turns(page: Page) -> list[dict[str, Any]]:
    """The two ways to turn a page, where there is anything to turn to."""
    rows = {"start": page.first + 1, "end": page.first + page.rows, "all": page.all_rows}
    columns = {"start": page.left + 1, "end": page.left + page.columns, "all": page.all_columns}
    turns = []
    if page.columns < page.all_columns:
        text = plain("Columns {start:,} to {end:,} of {all:,}", **columns)
        turns.append(_turn("left", text, page.left, page.columns, page.all_columns))
    if page.rows < page.all_rows:
        text = plain("Rows {start:,} to {end:,} of {all:,}", **rows)
        turns.append(_turn("first", text, page.first, page.rows, page.all_rows))
    return turns


def _turn(what: str, text: str, start: int, count: int, whole: int) -> dict[str, Any]:
    return {
        "what": what,
        "text": text,
        "back": start - 1 if start else None,  # `place` finds the start of the page that holds it
        "on": start + count if start + count < whole else None,
        "back_label": plain("Previous columns") if what == "left" else plain("Previous rows"),
        "on_label": plain("Next columns") if what == "left" else plain("Next rows"),
    }


def _column(data: pa.Table, head: HeaderInfo, changed: Mapping[int, Any]) -> dict[str, Any]:
    values = data.column(head.name).to_pylist()
    cells = [cell(value) for value in values]
    exact = {
        row: repr(value)
        for row, value in enumerate(values)
        if isinstance(value, float) and math.isfinite(value) and float(cells[row] or 0) != value
    }
    return {
        **head.to_json(),
        "cells": [text if text is None else text[:LONGEST] for text in cells],
        "long": [row for row, text in enumerate(cells) if text is not None and len(text) > LONGEST],
        "exact": exact,
        "changed": {
            row: None if was is None else (cell(was) or "")[:LONGEST]
            for row, was in changed.items()
            if 0 <= row < len(cells)
        },
    }


def cell(value: Any) -> str | None:
    """A stored value as its cell shows it, the same in every language; None for a missing one."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            return {math.inf: "∞", -math.inf: "-∞"}.get(value, "NaN")
        return f"{value:.12g}" if abs(value) < 1e12 else f"{value:.15g}"
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _event(told: Any, data: pa.Table, heads: Sequence[HeaderInfo]) -> GridEvent | None:
    """What the browser says was done, if it can have been done on this grid."""
    if not isinstance(told, Mapping) or told.get("kind") not in KINDS:
        return None
    column = told.get("column")
    if not _within(column, len(heads)):
        return None
    kind, name = told["kind"], heads[column].name
    if kind in ("header", "kind"):
        return GridEvent(kind, name)
    if kind == "segment":
        part = told.get("segment")
        return GridEvent("segment", name, segment=part) if part in get_args(Segment) else None
    row = told.get("row")
    if not _within(row, data.num_rows):
        return None
    if kind == "cell":
        return GridEvent("cell", name, row=row)
    start, end = told.get("start"), told.get("end")
    length = len(cell(data.column(name)[row].as_py()) or "")
    if not (_within(start, length) and _within(end, length + 1) and start < end):
        return None
    return GridEvent("text", name, row=row, start=start, end=end)


def _within(number: Any, limit: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number < limit


@lru_cache(maxsize=1)
def _component() -> Any:
    """The component, registered once for the whole server.

    Its styles are not isolated: browsers agree on what is selected only outside a shadow tree.
    """
    html, css, *scripts = [
        (Path(__file__).parent / name).read_text(encoding="utf-8")
        for name in ("grid.html", "grid.css", "draw.js", "keys.js", "grid.js")
    ]
    return st.components.v2.component(
        "sightline.grid", html=html, css=css, js="\n".join(scripts), isolate_styles=False
    )
