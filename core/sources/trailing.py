"""Rows at the end of a delimited text that hold nothing: where they begin, so that they are left out."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import IO

from core.sources.records import LINE_LIMIT, NONE, SPACES, Splitter
from core.wording import Note, note

_PART = 1 << 18


def without_empty_rows(path: Path, start: int, splitter: Splitter, into: Path) -> tuple[Path, Note | None]:
    """The text without the rows of empty cells at its end, which spreadsheets leave below a table.

    The rows begin at byte `start`. A shortened text is written to `into`; a text that needs none of it
    stays where it is.
    """
    end, count = _end(path, start, splitter)
    if not count:
        return path, None
    with path.open("rb") as file, into.open("wb") as out:
        left = end
        while part := file.read(min(left, _PART)):
            out.write(part)
            left -= len(part)
    return into, note(
        "{count:,} row of empty cells below the table was left out: it counts as no row, neither stored "
        "nor refused | {count:,} rows of empty cells below the table were left out: they count as no "
        "rows, neither stored nor refused",
        count=count,
    )


def _end(path: Path, start: int, splitter: Splitter) -> tuple[int, int]:
    """The byte at which the empty rows at the end begin, and how many they are."""
    mark = splitter.delimiter
    if mark in (NONE, SPACES, " "):
        return 0, 0  # a line of spaces is a blank line there, and no row anyway
    quote = splitter.quote if splitter.doubled and splitter.quote == splitter.closing else ""
    # a pair of quotes is an empty cell, or inside of quotes a quote that is meant: it closes nothing
    cell = rf"[ \t]*+(?:{re.escape(quote * 2)}[ \t]*+)?" if quote else r"[ \t]*+"
    if mark == "\t":
        cell = cell.replace(r"[ \t]", "[ ]")
    empty = re.compile(rf"{cell}(?:{re.escape(mark)}{cell})++[\r\n]*".encode())
    with path.open("rb") as file:
        place = _last_filled(file, start, f"{mark}{quote} \t\r\n".encode())
        file.seek(place)
        if place > start:
            place += len(file.readline(LINE_LIMIT))
        return _run(file, place, empty)


def _last_filled(file: IO[bytes], start: int, nothing: bytes) -> int:
    """The place of the last byte, from `start` on, that an empty row does not hold; `start` without one."""
    end = file.seek(0, os.SEEK_END)
    while end > start:
        first = max(start, end - _PART)
        file.seek(first)
        held = len(file.read(end - first).rstrip(nothing))
        if held:
            return first + held
        end = first
    return start


def _run(file: IO[bytes], place: int, empty: re.Pattern[bytes]) -> tuple[int, int]:
    """The last lines that are all empty rows or blank: where the first row begins, and how many are rows."""
    begun = count = 0
    while line := file.readline(LINE_LIMIT):
        if empty.fullmatch(line):
            begun, count = begun if count else place, count + 1
        elif line.strip(b" \t\r\n"):
            count = 0
        place += len(line)
    return begun, count
