"""An editor for statements: line numbers, colours, names to complete, and the place of an error marked.

    typed = editor(text, names, key="sql.editor", turn=1)
    if typed.run: ...

The browser owns the text while somebody types; it hands it over when the field loses the focus and
with Ctrl+Enter. A new `turn` replaces it, a new `insertion` puts a name where the cursor is. Names
and text travel as JSON and are written by `textContent` and `value` alone.

By keyboard: Ctrl+Enter runs, Ctrl+Space lists what could come next (so does typing), arrows and Enter
choose, Escape closes the list, Ctrl+/ turns lines into comments. Tab leaves the field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from core.engine import allowed
from core.queries.naming import Named, written
from ui.text import plain

TABLES, COLUMNS, NAMES = 2_000, 300, 6_000  # that are sent: tables, columns of one, columns of all
LONGEST = 100_000
FUNCTIONS = sorted(
    name for name in allowed.SCALARS | allowed.AGGREGATES | allowed.WINDOWS | allowed.TABLE_FUNCTIONS
)


@dataclass(frozen=True)
class Typed:
    """What the browser has told: `text` since it was last asked (None: nothing new), `run`: to run it."""

    text: str | None
    run: bool
    number: int


def names(tables: Iterable[Named]) -> list[dict[str, Any]]:
    """Tables and columns for the list of what could come next."""
    found, left = [], NAMES
    for named in list(tables)[:TABLES]:
        columns = named.version.columns[: min(COLUMNS, max(left, 0))] if named.newest else ()
        left -= len(columns)
        shown = [{"name": c.name, "written": written(c.name), "type": plain(c.type)} for c in columns]
        found.append({"name": named.name, "written": written(named.name), "columns": shown})
    return found


def editor(
    text: str,
    tables: list[dict[str, Any]],
    *,
    key: str,
    turn: int,
    insertion: tuple[int, str] = (0, ""),
    wrong: Mapping[str, Any] | None = None,
) -> Typed:
    """Show the editor; `wrong` marks a place: {"text", "start", "end"} in UTF-16 units of that text."""
    result = _component()(
        key=key,
        data={
            "text": text, "turn": turn, "insert": {"n": insertion[0], "text": insertion[1]},
            "wrong": dict(wrong) if wrong else None, "tables": tables, "functions": FUNCTIONS,
            "keywords": list(allowed.KEYWORDS),
            "words": {
                "label": plain("Statement"), "table": plain("table"), "function": plain("function"),
                "keyword": plain("keyword"), "hint": plain("Ctrl+Enter runs · Ctrl+Space completes"),
            },
        },
        on_text_change=_nothing,
        on_run_change=_nothing,
    )  # fmt: skip
    run, kept = _told(result.run), _told(result.text)
    text_told, number = run or kept or (None, 0)
    return Typed(text_told, run is not None, number)


def _told(value: Any) -> tuple[str, int] | None:
    """A text and when it was typed, if the browser says that."""
    if not isinstance(value, Mapping):
        return None
    text, number = value.get("text"), value.get("n")
    if not isinstance(text, str) or len(text) > LONGEST or not isinstance(number, int):
        return None
    return text, number


def units(text: str) -> int:
    """The length of a text as browsers count it."""
    return len(text.encode("utf-16-le")) // 2


def _nothing() -> None:
    """The component's values are read where it is mounted."""


@lru_cache(maxsize=1)
def _component() -> Any:
    """The component, registered once for the whole server."""
    html, css, *scripts = [
        (Path(__file__).parent / name).read_text(encoding="utf-8")
        for name in ("editor.html", "editor.css", "complete.js", "editor.js")
    ]
    return st.components.v2.component("sightline.editor", html=html, css=css, js="\n".join(scripts))
