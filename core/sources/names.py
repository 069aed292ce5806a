"""Column names that a table can have, and what was done to get them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from core.wording import Note, note

ROW = "__row__"  # the hidden row order: no column of a person's table may be called so


def mend(raw: Sequence[str]) -> tuple[list[str], list[Note]]:
    """Names that are unique ignoring case and never empty, and a note for each one changed.

    >>> mend(["id", "", "ID"])
    (['id', 'column_2', 'ID_2'], [Note("column 2 had no name: it is called 'column_2'"), ...])
    """
    notes: list[Note] = []
    wanted = [_clean(name) for name in raw]
    taken: set[str] = {ROW}
    claimed = {_fold(name) for name in wanted if name}
    result: list[str] = []
    for position, (before, name) in enumerate(zip(raw, wanted, strict=True), start=1):
        if not name:
            name = _free(f"column_{position}", taken | claimed)
            said = note("column {position} had no name: it is called {name!r}", position=position, name=name)
            notes.append(said)
        elif _fold(name) in taken:
            first, name = name, _free(name, taken | claimed, start=2)
            if _fold(first) == ROW:
                said = note(
                    "{first!r} is a name kept for the row order: the column is called {name!r}",
                    first=first,
                    name=name,
                )
            else:
                said = note(
                    "two columns are called {first!r}: column {position} is called {name!r}",
                    first=first,
                    position=position,
                    name=name,
                )
            notes.append(said)
        elif name != before:
            notes.append(
                note(
                    "column {position}: spaces or unprintable characters were taken out of its name",
                    position=position,
                )
            )
        taken.add(_fold(name))
        result.append(name)
    return result, notes


def _fold(name: str) -> str:
    return name.casefold()


def _clean(name: str) -> str:
    kept = "".join(
        " " if character in "\r\n\t" else character
        for character in name.replace("\ufeff", "")
        if character in "\r\n\t" or unicodedata.category(character) not in ("Cc", "Cs")
    )
    return kept.strip()


def _free(name: str, taken: set[str], start: int = 1) -> str:
    if start == 1 and _fold(name) not in taken:
        return name
    number = max(start, 2)
    while _fold(f"{name}_{number}") in taken:
        number += 1
    return f"{name}_{number}"
