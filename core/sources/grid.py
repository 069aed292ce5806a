"""Where the cells of a sheet stand: those with an error, the merged ones, what is hidden."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

# the codes of .xls and .xlsb; the texts stand in .xlsx and .ods
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}


class Failed(str):
    """What a cell shows whose formula has no value, as #DIV/0!: an error, and not that text."""

    __slots__ = ()


Merge = tuple[int, int, int, int]  # first row and column of a merged cell, then the last ones


@dataclass
class Grid:
    """A sheet as its file describes it, found without reading its values; rows and columns count from 0."""

    top: int = 1 << 40
    left: int = 1 << 40
    bottom: int = -1
    right: int = -1
    failed: dict[int, dict[int, Failed]] = field(default_factory=dict)  # row -> column -> error
    merged: list[Merge] = field(default_factory=list)
    hidden_rows: list[tuple[int, int]] = field(default_factory=list)  # first and last
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    filled: int = 0  # cells, where the file has to be counted through; else 0
    unvalued: int = 0  # formulas that keep no value

    def see(self, row: int, column: int, rows: int = 1, columns: int = 1) -> None:
        """A filled cell, or one that is written once for several rows and columns."""
        self.top, self.left = min(self.top, row), min(self.left, column)
        self.bottom, self.right = max(self.bottom, row + rows - 1), max(self.right, column + columns - 1)

    def fail(self, row: int, column: int, error: str, rows: int = 1, columns: int = 1) -> None:
        """A cell with an error, which is a filled one too."""
        self.see(row, column, rows, columns)
        for below in range(row, row + rows):
            self.failed.setdefault(below, {}).update(
                dict.fromkeys(range(column, column + columns), Failed(error))
            )

    def area(self) -> int:
        """Cells down to the last filled row, empty ones too: a parser goes through all of them."""
        return max(0, self.bottom + 1) * max(0, self.right - self.left + 1)


@dataclass(frozen=True)
class Sheet:
    """The filled rows of a sheet, equally long; `rows[i][j]` is in row `numbers[i]`, column `left + j`."""

    rows: list[list[Any]]
    numbers: list[int]
    left: int
    grid: Grid

    def width(self) -> int:
        return len(self.rows[0]) if self.rows else 0


def empty(cell: Any) -> bool:
    return cell is None or cell == ""


def within(ranges: Iterable[tuple[int, int]], numbers: Iterable[int]) -> int:
    """How many of the numbers, which ascend, lie in one of the ranges."""
    known = sorted(ranges)
    place = count = 0
    for number in numbers:
        while place < len(known) and known[place][1] < number:
            place += 1
        count += place < len(known) and known[place][0] <= number
    return count
