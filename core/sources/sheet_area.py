"""A part of a sheet as people write it, B3:F20, and the sheet cut to it, merged cells filled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from core.errors import LimitReached
from core.sources.grid import Merge, Sheet, empty
from core.sources.sheet_xml import number_of

_AREA = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})(?::\$?([A-Za-z]{1,3})(?:\$?([1-9]\d{0,6}))?)?")
_MOST = 50_000_000  # cells that merged ones may fill


@dataclass(frozen=True)
class Area:
    """A part of a sheet, counted from 0; without a last row or column it goes on to the end."""

    top: int = 0
    left: int = 0
    bottom: int | None = None
    right: int | None = None

    def __str__(self) -> str:
        first = f"{letters(self.left)}{self.top + 1}"
        if self.right is None:
            return first
        return f"{first}:{letters(self.right)}{'' if self.bottom is None else self.bottom + 1}"


def area(text: str) -> Area:
    """The part that `text` names: B3:F20, B3:F (to the last row), B3 (to the end); else ValueError."""
    found = _AREA.fullmatch(text.strip())
    if found is None:
        raise ValueError("must be a part of a sheet such as B3:F20, B3:F or B3")
    left, top, right, bottom = found.groups()
    made = Area(
        int(top) - 1,
        number_of(left) - 1,
        int(bottom) - 1 if bottom else None,
        number_of(right) - 1 if right else None,
    )
    if (made.bottom is not None and made.bottom < made.top) or (
        made.right is not None and made.right < made.left
    ):
        raise ValueError("must go from its upper left cell to its lower right one")
    return made


def letters(column: int) -> str:
    """What a sheet calls a column counted from 0: A, B, ..., Z, AA, ..."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def cut(sheet: Sheet, part: Area) -> tuple[Sheet, int]:
    """The filled rows of a part of a sheet, and how many filled cells stand outside of it."""
    first = max(0, part.left - sheet.left)
    last = sheet.width() if part.right is None else max(first, part.right + 1 - sheet.left)
    rows: list[list[Any]] = []
    numbers: list[int] = []
    outside = 0
    for number, row in zip(sheet.numbers, sheet.rows, strict=True):
        held = row[first:last]
        if number < part.top or (part.bottom is not None and number > part.bottom):
            held = []
        if len(held) < len(row):
            outside += sum(not empty(cell) for cell in row) - sum(not empty(cell) for cell in held)
        if any(not empty(cell) for cell in held):
            rows.append(held)
            numbers.append(number)
    return Sheet(rows, numbers, sheet.left + first, sheet.grid), outside


def spread(sheet: Sheet, header: int) -> tuple[Sheet, int]:
    """Each merged cell's value in all the cells it covers; how many cells below the header got one so."""
    if not sheet.grid.merged or not sheet.rows:
        return sheet, 0
    place = {number: i for i, number in enumerate(sheet.numbers)}
    rows, filled, work = list(sheet.rows), 0, 0
    for merge in sheet.grid.merged:
        covered = inside(sheet, merge)
        if covered is None:
            continue
        top, left, bottom, right = covered
        work += (bottom - top + 1) * (right - left + 1)
        if work > _MOST:
            raise LimitReached(
                "The merged cells of the sheet reach over more than {most:,} cells.",
                hint="Take their merging back, or export the sheet as CSV.",
                most=_MOST,
            )
        if merge[0] not in place or merge[1] < sheet.left:
            continue  # the value stands outside of the part that is read
        value = sheet.rows[place[merge[0]]][left]
        if empty(value):
            continue
        for number in range(top, bottom + 1):
            if number not in place:
                continue  # an empty row of the sheet stays none
            i = place[number]
            for column in range(left, right + 1):
                if empty(rows[i][column]):
                    if rows[i] is sheet.rows[i]:
                        rows[i] = list(rows[i])
                    rows[i][column] = value
                    filled += i >= header
    return Sheet(rows, sheet.numbers, sheet.left, sheet.grid), filled


def inside(sheet: Sheet, merge: Merge) -> Merge | None:
    """The part of a merged cell within the filled rows; its columns are counted from the sheet's first."""
    top, left, bottom, right = merge
    top, bottom = max(top, sheet.numbers[0]), min(bottom, sheet.numbers[-1])
    left, right = max(left - sheet.left, 0), min(right - sheet.left, sheet.width() - 1)
    return (top, left, bottom, right) if top <= bottom and left <= right else None


def joined(lines: list[list[Any]], mergeless: list[bool]) -> list[str]:
    """One name for each column from several rows of names: "2024 / Q1".

    In a row without merged cells a name also counts for the empty cells right of it, but where the
    row below names nothing either.
    """
    filled: list[list[str]] = []
    for i, line in enumerate(lines):
        texts = [name(cell) for cell in line]
        if i < len(lines) - 1 and mergeless[i]:
            below = [any(not empty(row[j]) for row in lines[i + 1 :]) for j in range(len(line))]
            for j in range(1, len(texts)):
                if not texts[j] and below[j]:
                    texts[j] = texts[j - 1]
        filled.append(texts)
    names = []
    for parts in zip(*filled, strict=True):
        given = [part for part in parts if part]
        different = given[:1] + [after for before, after in pairwise(given) if before != after]
        names.append(" / ".join(different))
    return names


def name(cell: Any) -> str:
    """A cell of the header as a name of a column: a whole number without decimals, a midnight as its day."""
    import datetime as dt

    if empty(cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(cell).strip()
