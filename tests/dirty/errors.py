"""Kinds of error, each a function from a clean cell to a wrong one; None where it cannot go wrong so."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

MISSING = ("N/A", "-", "unknown", "999", "NaN", "", "n/a", "?")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Cell:
    """A cell and what stands around it."""

    table: pd.DataFrame
    row: int
    column: str
    rng: np.random.Generator

    @property
    def value(self) -> str:
        return str(self.table.at[self.row, self.column])

    def other(self, column: str) -> str:
        return str(self.table.at[self.row, column])


Wrong = Callable[[Cell], str | None]


def typo(cell: Cell) -> str | None:
    """One letter inserted, deleted, exchanged with the next, or replaced."""
    text, rng = cell.value, cell.rng
    if len(text) < 3 or not re.search("[A-Za-z]", text):
        return None
    at, letter = int(rng.integers(len(text) - 1)), _LETTERS[int(rng.integers(26))]
    return {
        0: text[:at] + letter + text[at:],
        1: text[:at] + text[at + 1 :],
        2: text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        3: text[:at] + letter + text[at + 1 :],
    }[int(rng.integers(4))]


def smudge(cell: Cell) -> str | None:
    """One character become an x, as bad scans have it."""
    text = cell.value
    if len(text) < 3:
        return None
    at = int(cell.rng.integers(len(text)))
    return text[:at] + "x" + text[at + 1 :]


def unit(suffixes: tuple[str, ...]) -> Wrong:
    """A unit behind the number, written in one of several ways."""
    return lambda cell: (
        f"{cell.value}{suffixes[int(cell.rng.integers(len(suffixes)))]}" if cell.value else None
    )


def number_format(cell: Cell) -> str | None:
    """Thousands separators, a currency sign, or spaces for them."""
    text = cell.value
    if not re.fullmatch(r"\d{4,}(\.\d+)?", text):
        return None
    whole, dot, rest = text.partition(".")
    grouped = f"{int(whole):,}{dot}{rest}"
    return (grouped, f"${grouped}", f"{text} USD")[int(cell.rng.integers(3))]


def date_format(cell: Cell) -> str | None:
    """The same day, written in another way: none of them leaves open what is the month."""
    day = dt.date.fromisoformat(cell.value)
    ways = [
        day.strftime("%d %b %Y"),
        day.strftime("%B %d, %Y"),
        day.strftime("%Y/%m/%d"),
        day.strftime("%Y%m%d"),
    ]
    return ways[int(cell.rng.integers(len(ways)))]


def date_order(cell: Cell) -> str | None:
    """The same day with the day first, which most of them can be told by."""
    return dt.date.fromisoformat(cell.value).strftime("%d/%m/%Y")


def clock_format(cell: Cell) -> str | None:
    """A time of day, written in another way, or with a date before it."""
    text = cell.value
    tight = text.replace(" ", "").replace(".", "")
    ways = [f"12/02/2011 {text}", tight, f"Dec 02 - {text}", text.upper().replace(".", "")]
    return ways[int(cell.rng.integers(len(ways)))]


def missing(cell: Cell) -> str | None:
    """A word that stands for a missing value; where the value is gone, nothing can bring it back."""
    return MISSING[int(cell.rng.integers(len(MISSING)))]


def case(cell: Cell) -> str | None:
    """Capitals for small letters and the other way round."""
    wrong = (cell.value.upper(), cell.value.lower(), cell.value.swapcase())[int(cell.rng.integers(3))]
    return None if wrong == cell.value else wrong


def spaces(cell: Cell) -> str | None:
    """Spaces before, behind or doubled within."""
    text = cell.value
    ways = [f" {text}", f"{text} ", f"  {text}  ", text.replace(" ", "  ", 1) if " " in text else f"{text}  "]
    return ways[int(cell.rng.integers(len(ways)))] if text else None


def appended(neighbour: str) -> Wrong:
    """The neighbouring column's value written behind: "Portland OR"."""
    return lambda cell: f"{cell.value} {cell.other(neighbour)}" if cell.value else None


def swapped(cell: Cell) -> str | None:
    """Another value of the same column: it breaks what the rest of the row says."""
    row = int(cell.rng.integers(len(cell.table)))
    wrong = str(cell.table.at[row, cell.column])
    return None if wrong == cell.value else wrong


def late(cell: Cell) -> str | None:
    """A time of day some minutes off: a source that tells another story."""
    found = re.fullmatch(r"(\d+):(\d\d) (.*)", cell.value)
    if found is None:
        return None
    minute = (int(found[2]) + int(cell.rng.integers(1, 45))) % 60
    return f"{found[1]}:{minute:02} {found[3]}"


def gone(cell: Cell) -> str | None:
    """Nothing where there was a value."""
    return "" if cell.value else None


def spreadsheet(cell: Cell) -> str | None:
    """A range that a spreadsheet has taken for a date: 9-12 is 12-Sep, 9-60 is Sep-60."""
    found = re.fullmatch(r"(\d{1,2})-(\d{1,2})", cell.value)
    if found is None or not 1 <= int(found[1]) <= 12:
        return None
    month = dt.date(2000, int(found[1]), 1).strftime("%b")
    return f"{int(found[2])}-{month}" if int(found[2]) <= 28 else f"{month}-{int(found[2])}"
