"""The grids of .xls and .xlsb workbooks: both are rows of records, a number and a length before each."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from core.sources.grid import ERRORS, Grid

_BOF, _EOF, _FILE_PASS, _BOUND_SHEET = 0x0809, 0x000A, 0x002F, 0x0085
_OLDER_BOF = (0x0009, 0x0209, 0x0409)  # BIFF 2 to 4: one sheet alone
_FORMULA, _BOOL_ERR, _MUL_RK = 0x0006, 0x0205, 0x00BD
_MERGED_CELLS, _ROW_INFO, _COLUMN_INFO = 0x00E5, 0x0208, 0x007D
_ONE_CELL = (0x0203, 0x0204, 0x027E, 0x00FD, 0x00D6, _FORMULA, _BOOL_ERR)

_ROW, _BINARY_CELLS, _BINARY_ERRORS, _BUNDLE_SHEET = 0, range(2, 12), (3, 11), 156
_BINARY_COLUMNS, _BINARY_MERGE = 60, 176


class DamagedBook(ValueError):
    """The workbook's records break off or point nowhere."""


def has_password(stream: bytes) -> bool:
    """Whether the stream of an .xls workbook is encrypted: a record says so before any sheet's name."""
    for number, _, _ in _records(stream, 0):
        if number in (_FILE_PASS, _BOUND_SHEET, _EOF):
            return number == _FILE_PASS
    return False


def grids(stream: bytes) -> list[Grid]:
    """The grids of the sheets of an .xls workbook, in its order."""
    places = []
    for number, start, length in _records(stream, 0):
        if number == _BOUND_SHEET and length >= 4:
            places.append(struct.unpack_from("<I", stream, start)[0])
        elif number == _EOF:
            break
    found: dict[int, Grid] = {}
    read = 0
    for place in places:
        if place not in found:
            found[place], end = _grid(stream, place)
            read += end - place
            if read > 2 * len(stream):
                raise DamagedBook("its sheets lie over one another")
    return [found[place] for place in places]


def _records(stream: bytes, place: int) -> Iterator[tuple[int, int, int]]:
    """Number, start and length of each record."""
    end = len(stream) - 4
    while place <= end:
        number, length = struct.unpack_from("<HH", stream, place)
        yield number, place + 4, length
        place += 4 + length


def _grid(stream: bytes, place: int) -> tuple[Grid, int]:
    """The grid of the sheet whose records begin at `place`, and where they end."""
    grid, depth, end = Grid(), 0, place
    for number, start, length in _records(stream, place):
        end = start + length
        if number in _ONE_CELL or number == _MUL_RK:
            if depth == 1 and end <= len(stream) and length >= 6:
                _cell(grid, number, stream[start : start + length])
        elif number in (_MERGED_CELLS, _ROW_INFO, _COLUMN_INFO):
            if depth == 1 and end <= len(stream):
                _shape(grid, number, stream[start : start + length])
        elif number == _BOF or number in _OLDER_BOF:  # a chart inside a sheet begins as a sheet does
            depth += 1
        elif number == _EOF:
            depth -= 1
            if depth <= 0:
                break
    return grid, end


def _cell(grid: Grid, number: int, data: bytes) -> None:
    row, column = struct.unpack_from("<HH", data)
    if number == _MUL_RK:
        (last,) = struct.unpack_from("<H", data, len(data) - 2)
        grid.see(row, column, 1, max(1, last - column + 1))
    elif number == _BOOL_ERR and len(data) >= 8 and data[7]:
        grid.fail(row, column, ERRORS.get(data[6], "#N/A"))
    elif number == _FORMULA and len(data) >= 14 and data[12:14] == b"\xff\xff" and data[6] == 2:
        grid.fail(row, column, ERRORS.get(data[8], "#N/A"))
    else:
        grid.see(row, column)


def _shape(grid: Grid, number: int, data: bytes) -> None:
    """Merged cells, and rows and columns that are hidden."""
    if number == _MERGED_CELLS:
        for place in range(2, len(data) - 7, 8):
            top, bottom, left, right = struct.unpack_from("<HHHH", data, place)
            grid.merged.append((top, left, bottom, right))
    elif number == _ROW_INFO and len(data) >= 14 and data[12] & 0x20:
        (row,) = struct.unpack_from("<H", data)
        grid.hidden_rows.append((row, row))
    elif number == _COLUMN_INFO and len(data) >= 10 and data[8] & 1:
        first, last = struct.unpack_from("<HH", data)
        grid.hidden_columns.append((first, last))


def binary_sheets(part: bytes) -> list[str]:
    """The relation of each sheet of an .xlsb workbook, in its order, from its workbook.bin."""
    found = []
    for number, start, end in _binary_records(part):
        if number == _BUNDLE_SHEET and end - start >= 12:
            (count,) = struct.unpack_from("<I", part, start + 8)
            found.append(part[start + 12 : min(end, start + 12 + 2 * count)].decode("utf-16-le", "replace"))
    return found


def binary_grid(part: bytes) -> Grid:
    """The grid of one sheet of an .xlsb workbook."""
    grid, row = Grid(), 0
    for number, start, end in _binary_records(part):
        if number == _ROW and end - start >= 4:
            (row,) = struct.unpack_from("<I", part, start)
            if end - start >= 12 and part[start + 11] & 0x10:
                grid.hidden_rows.append((row, row))
        elif number == _BINARY_MERGE and end - start >= 16:
            top, bottom, left, right = struct.unpack_from("<IIII", part, start)
            grid.merged.append((top, left, bottom, right))
        elif number == _BINARY_COLUMNS and end - start >= 18 and part[start + 16] & 1:
            grid.hidden_columns.append(struct.unpack_from("<II", part, start))
        elif number in _BINARY_CELLS and end - start >= 8:
            (column,) = struct.unpack_from("<I", part, start)
            if number in _BINARY_ERRORS and end - start >= 9:
                grid.fail(row, column, ERRORS.get(part[start + 8], "#N/A"))
            else:
                grid.see(row, column)
    return grid


def _binary_records(part: bytes) -> Iterator[tuple[int, int, int]]:
    """Number, start and end of each record; number and length take seven bits of a byte."""
    place, end = 0, len(part)
    while place < end:
        number = part[place]
        place += 1
        if number & 0x80:
            if place >= end:
                raise DamagedBook("it breaks off inside a record")
            number = (number & 0x7F) | (part[place] << 7)
            place += 1
        length, shift = 0, 0
        while True:
            if place >= end or shift > 21:
                raise DamagedBook("it breaks off inside a record")
            byte = part[place]
            place += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        if place + length > end:
            raise DamagedBook("it breaks off inside a record")
        yield number, place, place + length
        place += length
