"""The grids of .xlsx and .ods workbooks, read as a stream of XML tags in flat memory."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from xml.parsers import expat

from core.sources.grid import ERRORS, Grid

_VALUES = frozenset(
    ("formula", "value-type", "value", "string-value", "boolean-value", "date-value", "time-value")
)
_INVISIBLE = ("collapse", "filter")
_SHOWN = frozenset(ERRORS.values())  # what a formula without a value shows


_OPEN = rb"<(?:\w+:)?"
_YES = rb"\s*=\s*[\"'](?:1|true)[\"']"
_MERGED = re.compile(
    _OPEN + rb"mergeCell\s[^>]{0,300}?\bref\s*=\s*[\"']\$?([A-Za-z]+)\$?(\d+):\$?([A-Za-z]+)\$?(\d+)[\"']"
)
_HIDDEN = re.compile(_OPEN + rb"(row|col)\s[^>]{0,300}?\bhidden" + _YES + rb"[^>]{0,300}>")
_NUMBERS = re.compile(rb"\b(r|min|max)\s*=\s*[\"'](\d{1,7})[\"']")
_CELL = re.compile(_OPEN + rb"c[ >]")
_FAILED = re.compile(rb"\bt\s*=\s*[\"']e[\"']")
_UNVALUED = re.compile(rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^>]{0,300}/>)\s*</(?:\w+:)?c>")
_ACROSS = 512  # bytes that a tag may be long and still be found where two pieces meet


class DamagedXml(ValueError):
    """A part of the workbook is no XML, or XML that a workbook does not need."""


class TooWide(Exception):
    """The cells of a sheet reach over more than was allowed."""

    def __init__(self, grid: Grid) -> None:
        super().__init__()
        self.grid = grid


Tag = Callable[[str, dict[str, str]], None]
Heard = Callable[[str], None]


def _ignore(text: str) -> None: ...


def _parse(pieces: Iterable[bytes], start: Tag, end: Heard = _ignore, text: Heard = _ignore) -> None:
    """Walk through XML, tags without their prefixes; entities of its own are refused: they can swell."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise DamagedXml("it declares entities of its own")

    def opened(name: str, values: dict[str, str]) -> None:
        # with and without its prefix: two of a cell's attributes differ in that alone
        start(name.rpartition(":")[2], values | {key.rpartition(":")[2]: v for key, v in values.items()})

    def closed(name: str) -> None:
        end(name.rpartition(":")[2])

    parser.EntityDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.CharacterDataHandler = text
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise DamagedXml(str(error)) from error


def related(pieces: Iterable[bytes], of: str) -> dict[str, str]:
    """The parts that the part `of` names in its relations: their places in the archive."""
    found: dict[str, str] = {}
    folder = PurePosixPath(of).parent

    def start(name: str, values: dict[str, str]) -> None:
        if name == "Relationship":
            target = values.get("Target", "")
            place = target[1:] if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
            found[values.get("Id", "")] = place

    _parse(pieces, start)
    return found


def sheet_relations(pieces: Iterable[bytes]) -> list[str]:
    """The relation of each sheet of an .xlsx workbook, in its order, from its workbook.xml."""
    found: list[str] = []

    def start(name: str, values: dict[str, str]) -> None:
        if name == "sheet" and "name" in values:
            found.append(values.get("id", ""))

    _parse(pieces, start)
    return found


def excel_marks(pieces: Iterable[bytes]) -> tuple[Grid, bool]:
    """What an .xlsx sheet merges and hides, its formulas without a value, and whether any cell has an error.

    Found without parsing: nearly all of a sheet's bytes are cells that say nothing of this.
    """
    grid, failing, before = Grid(), False, b""
    for chunk in pieces:
        piece, known = before + chunk, len(before)
        failing = failing or bool(_FAILED.search(piece))
        for found in _MERGED.finditer(piece):
            if found.end() > known:
                left, top, right, bottom = found.groups()
                corners = number_of(left.decode()) - 1, number_of(right.decode()) - 1
                grid.merged.append((int(top[:8]) - 1, corners[0], int(bottom[:8]) - 1, corners[1]))
        for found in _HIDDEN.finditer(piece):
            if found.end() > known:
                _hide(grid, found)
        grid.filled += len(_CELL.findall(chunk))
        grid.unvalued += sum(found.end() > known for found in _UNVALUED.finditer(piece))
        before = piece[-_ACROSS:]
    return grid, failing


def _hide(grid: Grid, found: re.Match[bytes]) -> None:
    numbers = {name: int(number) - 1 for name, number in _NUMBERS.findall(found[0])}
    if found[1] == b"row" and b"r" in numbers:
        grid.hidden_rows.append((numbers[b"r"], numbers[b"r"]))
    elif b"min" in numbers and b"max" in numbers:
        grid.hidden_columns.append((numbers[b"min"], numbers[b"max"]))


def excel_errors(grid: Grid, pieces: Iterable[bytes]) -> Grid:
    """The grid of one sheet of an .xlsx workbook with its errors, and where they stand."""
    row, column = -1, -1
    failing, within, said = False, False, ""

    def start(name: str, values: dict[str, str]) -> None:
        nonlocal row, column, failing, within, said
        if name == "row":
            row, column = int(values["r"]) - 1 if values.get("r", "").isdecimal() else row + 1, -1
        elif name == "c":
            column += 1
            place = values.get("r", "")
            letters = place.rstrip("0123456789")
            if letters:
                column = number_of(letters) - 1
                row = int(place[len(letters) :] or row + 1) - 1
            failing, said = values.get("t") == "e", ""
        elif name == "v":
            within = failing

    def end(name: str) -> None:
        nonlocal within
        if name == "v" and within:
            within = False
            grid.fail(row, column, said.strip() or "#N/A")

    def text(part: str) -> None:
        nonlocal said
        if within:
            said += part

    _parse(pieces, start, end, text)
    return grid


def number_of(letters: str) -> int:
    """The number of a column that a sheet calls A, B, ..., Z, AA, ..."""
    number = 0
    for letter in letters.upper()[:4]:
        number = number * 26 + ord(letter) - 64
    return number


class _OpenDocument:
    """Follows the tags of an OpenDocument sheet's content.xml."""

    def __init__(self, most: int) -> None:
        self.most, self.grids = most, list[Grid]()
        self.before = 0  # cells of the sheets before this one
        self.depth = 0  # of tables: those inside a cell are none of the workbook's sheets
        self.row = self.rows = self.column = self.columns = 0
        self.heads = 0  # columns described so far
        self.formula = self.failing = False
        self.said = ""

    def start(self, name: str, values: dict[str, str]) -> None:
        if name == "table":
            self.depth += 1
            if self.depth == 1:
                self.before += self.grids[-1].area() if self.grids else 0
                self.grids.append(Grid())
                self.row = self.rows = self.heads = 0
        elif self.depth != 1:
            return
        elif name == "table-row":
            self.row, self.column, self.columns = self.row + self.rows, 0, 0
            self.rows = _repeated(values, "number-rows-repeated")
            if values.get("visibility") in _INVISIBLE:
                self.grids[-1].hidden_rows.append((self.row, self.row + self.rows - 1))
        elif name == "table-column":
            count = _repeated(values, "number-columns-repeated")
            if values.get("visibility") in _INVISIBLE:
                self.grids[-1].hidden_columns.append((self.heads, self.heads + count - 1))
            self.heads += count
        elif name in ("table-cell", "covered-table-cell"):
            self.column += self.columns
            self.columns = _repeated(values, "number-columns-repeated")
            self.formula, self.said = "formula" in values, ""
            self.failing = values.get("calcext:value-type") == "error"
            if not _VALUES.isdisjoint(values):
                self._filled()
                self.grids[-1].unvalued += self.formula and "value-type" not in values
                self._merged(values)

    def _filled(self) -> None:
        grid = self.grids[-1]
        grid.see(self.row, self.column, self.rows, self.columns)
        if self.before + grid.area() > self.most:
            raise TooWide(grid)

    def _merged(self, values: dict[str, str]) -> None:
        rows, columns = (_repeated(values, f"number-{of}-spanned") for of in ("rows", "columns"))
        if rows > 1 or columns > 1:
            self.grids[-1].merged.append(
                (self.row, self.column, self.row + rows - 1, self.column + columns - 1)
            )

    def end(self, name: str) -> None:
        if name == "table":
            self.depth -= 1
        elif name == "table-cell" and self.formula and self.depth == 1:
            said = self.said.strip()
            if self.failing or said in _SHOWN:
                self.grids[-1].fail(self.row, self.column, said or "#N/A", self.rows, self.columns)
            self.formula = False

    def text(self, part: str) -> None:
        if self.formula and len(self.said) < 40:
            self.said += part


def open_document_grids(pieces: Iterable[bytes], most: int) -> list[Grid]:
    """The grids of the sheets of an .ods workbook, in its order; TooWide beyond `most` cells in all."""
    seen = _OpenDocument(most)
    _parse(pieces, seen.start, seen.end, seen.text)
    return seen.grids


def _repeated(values: dict[str, str], name: str) -> int:
    text = values.get(name, "1")
    return max(1, int(text[:12])) if text.isdecimal() else 1
