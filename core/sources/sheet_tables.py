"""The tables that stand on one sheet: where each begins and ends, and how many rows hold its names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from core.sources.grid import Sheet, empty
from core.sources.sheet_area import Area, inside
from core.sources.sheet_header import names_above, rows_of_names
from core.sources.totals import totals

if TYPE_CHECKING:
    import numpy as np

_EMPTY, _TEXT, _VALUE = 0, 1, 2
_TABLES = 40  # of one sheet: in more pieces than these it is no sheet of tables
_DEPTH = 6
_LOOK = 200  # rows of a table that its types are found from


@dataclass(frozen=True)
class Found:
    """One table of a sheet: its part, how many of its first rows hold names, and the title above it."""

    area: Area | None  # None: all filled cells of the sheet
    header: int
    title: str = ""


@dataclass(frozen=True)
class _Part:
    """Rows and columns of a sheet's filled rows, from the first to before the last."""

    top: int
    bottom: int
    left: int
    right: int
    title: str = ""


def tables(sheet: Sheet) -> list[Found]:
    """The tables of a sheet, the largest first; one for all filled cells where none stands out."""
    if not sheet.rows:
        return []
    kinds = _kinds(sheet)
    whole = _Part(0, len(sheet.rows), 0, sheet.width())
    parts = [part for piece in _split(sheet, kinds, whole, 0) if (part := _trimmed(sheet, kinds, piece))]
    parts = [part for part in parts if part.bottom - part.top > 1]
    if not parts or len(parts) > _TABLES:
        parts = [whole]
    size = {part: int((kinds[part.top : part.bottom, part.left : part.right] > 0).sum()) for part in parts}
    parts.sort(key=lambda part: -size[part])
    parts = parts[:1] + [
        p for p in parts[1:] if 4 * size[p] > size[parts[0]] or not _is_note(sheet, p, parts[0])
    ]
    return [_found(sheet, kinds, part, alone=len(parts) == 1) for part in parts]


def _found(sheet: Sheet, kinds: np.ndarray, part: _Part, *, alone: bool) -> Found:
    header = rows_of_names(sheet, part.top, part.bottom, part.left, part.right)
    below = kinds[part.bottom :, part.left : part.right].any()
    beside = kinds[:, part.right :].any()
    first = part.top == 0 and part.left == 0
    if alone and first and not below and not beside:
        return Found(None, header, part.title)
    place = Area(
        sheet.numbers[part.top],
        sheet.left + part.left,
        sheet.numbers[part.bottom - 1] if below else None,
        # what comes to the right of a lone table in a later file belongs to it
        sheet.left + part.right - 1 if below or beside or not alone else None,
    )
    return Found(place, header, part.title)


def _kinds(sheet: Sheet) -> np.ndarray:
    """What each cell holds: nothing, text, or a value of another type; merged cells do for all they cover."""
    import numpy as np

    def kind(cell: Any) -> int:
        if empty(cell):
            return _EMPTY
        return _TEXT if isinstance(cell, str) else _VALUE

    kinds = np.empty((len(sheet.rows), sheet.width()), dtype=np.uint8)
    for i, row in enumerate(sheet.rows):
        kinds[i] = [kind(cell) for cell in row]
    place = {number: i for i, number in enumerate(sheet.numbers)}
    for merge in sheet.grid.merged[:10_000]:
        covered = inside(sheet, merge)
        if covered is None or merge[0] not in place or merge[1] < sheet.left or covered[0] == covered[2]:
            continue  # one that lies across says nothing of where a table ends: titles do so too
        top, left, bottom, right = covered
        rows = [place[number] for number in range(top, min(bottom, top + 10_000) + 1) if number in place]
        for i in rows:
            kinds[i, left : right + 1] = np.maximum(kinds[i, left : right + 1], kinds[place[merge[0]], left])
    return kinds


# ---- apart, first along empty rows and then along empty columns


def _split(sheet: Sheet, kinds: np.ndarray, part: _Part, depth: int) -> list[_Part]:
    stacked = _stacked(sheet, kinds, part)
    result: list[_Part] = []
    for piece in stacked:
        beside = _beside(sheet, kinds, piece)
        if len(beside) == 1 and len(stacked) == 1:
            result.append(beside[0])
        elif depth < _DEPTH and len(stacked) + len(beside) < 4 * _TABLES:
            for one in beside:
                result += _split(sheet, kinds, one, depth + 1)
        else:
            result += beside
    return result


def _blocks(sheet: Sheet, kinds: np.ndarray, part: _Part) -> list[_Part]:
    """The stretches of rows without an empty one between them."""
    filled = _places(kinds[part.top : part.bottom, part.left : part.right].any(axis=1))
    found: list[_Part] = []
    for i in (part.top + place for place in filled):
        if found and found[-1].bottom == i and sheet.numbers[i] == sheet.numbers[i - 1] + 1:
            found[-1] = replace(found[-1], bottom=i + 1)
        else:
            found.append(replace(part, top=i, bottom=i + 1))
    return found


def _stacked(sheet: Sheet, kinds: np.ndarray, part: _Part) -> list[_Part]:
    """The tables of a part from above to below; texts that stand alone are titles of what follows."""
    found: list[_Part] = []
    titles: list[str] = []
    for block in _blocks(sheet, kinds, part):
        cells = kinds[block.top : block.bottom, block.left : block.right] > 0
        rows = sheet.rows[block.top : block.bottom]
        texts = [cell for row in rows for cell in row[block.left : block.right] if not empty(cell)]
        if (
            part.right - part.left > 1
            and len(rows) <= 5
            and bool((cells.sum(axis=1) <= 1).all())
            and all(type(text) is str for text in texts)  # an error is none
        ):
            titles += texts
        elif found and _goes_on(sheet, kinds, found[-1], block):
            found[-1] = replace(found[-1], bottom=block.bottom)
            titles = []
        else:
            found.append(replace(block, title=titles[-1] if titles else block.title))
            titles = []
    return found or [part]


def _goes_on(sheet: Sheet, kinds: np.ndarray, table: _Part, block: _Part) -> bool:
    """Whether a block of rows below an empty row belongs to the table above it."""
    above = kinds[table.top : table.bottom, table.left : table.right][-_LOOK:]
    rows = kinds[block.top : block.bottom, table.left : table.right][:_LOOK]
    lines = [row[table.left : table.right] for row in sheet.rows[table.top : block.bottom]]
    if len(rows) <= 2 and totals(lines) >= len(rows):
        return True
    first, body = rows[0], rows[1:]
    names = bool((first != _VALUE).all()) and int((first == _TEXT).sum()) > 1
    if not names:  # a row of values begins no table, but where columns are filled that were empty
        return not bool((rows.any(axis=0) & ~above.any(axis=0)).any())
    typed = (above == _VALUE).sum(axis=0) * 2 > (above > 0).sum(axis=0)
    if bool((typed & (first == _TEXT)).any()):
        return False
    begins = bool(((first == _TEXT) & (body == _VALUE).any(axis=0)).any()) if len(body) else False
    return not begins and bool(((first > 0) == above.any(axis=0)).all())


def _beside(sheet: Sheet, kinds: np.ndarray, part: _Part) -> list[_Part]:
    """The tables of a part from left to right, where empty columns part them."""
    cells = kinds[part.top : part.bottom, part.left : part.right] > 0
    several = cells.sum(axis=1) > 1
    used = _places((cells[several] if several.any() else cells).any(axis=0))
    edges = [used[0], *(b for a, b in pairwise(used) if b > a + 1)]
    ends = [a + 1 for a, b in pairwise(used) if b > a + 1] + [used[-1] + 1]
    runs = list(zip(edges, ends, strict=True))
    if len(runs) == 1:
        return [part]
    groups = [[runs[0]]]
    for run in runs[1:]:
        if _same_rows(sheet, part, cells, groups[-1][-1], run):
            groups[-1].append(run)
        else:
            groups.append([run])
    made = [
        replace(part, left=part.left + group[0][0], right=part.left + group[-1][1], title="")
        for group in groups
    ]
    return [replace(made[0], title=part.title), *made[1:]] if len(made) > 1 else [part]


def _same_rows(
    sheet: Sheet, part: _Part, cells: np.ndarray, one: tuple[int, int], other: tuple[int, int]
) -> bool:
    """Whether two runs of columns are one table with an empty column in it: they share rows, and no name."""
    first, second = (_places(cells[:, a:b].any(axis=1)) for a, b in (one, other))
    if other[1] - other[0] == 1 and len(second) < 2:
        return True  # a stray cell
    top = max(first[0], second[0])
    if first[-1] < second[0] or second[-1] < first[0]:
        return False
    shorter, longer = sorted(sum(row >= top for row in rows) for rows in (first, second))
    if shorter < 0.8 * longer or abs(first[0] - second[0]) > 1:
        return False
    row = sheet.rows[part.top + top]
    names = [
        {str(cell).strip() for cell in row[part.left + a : part.left + b] if not empty(cell)}
        for a, b in (one, other)
    ]
    return not names[0] & names[1]


def _places(flags: Any) -> list[int]:
    """Where a row of truths is true."""
    return [i for i, flag in enumerate(flags.tolist()) if flag]


# ---- what is a table


def _trimmed(sheet: Sheet, kinds: np.ndarray, part: _Part) -> _Part | None:
    """The part without the titles above its names and the empty columns at its sides."""
    title = part.title
    skipped, last = names_above(sheet, part.top, part.bottom, part.left, part.right)
    top = part.top + skipped
    cells = kinds[top : part.bottom, part.left : part.right] > 0
    used = _places(cells.any(axis=0))
    if not used:
        return None
    left, right = part.left + used[0], part.left + used[-1] + 1
    bottom = part.bottom
    while bottom > top + 2 and right - left > 2 and _is_remark(sheet.rows[bottom - 1][left:right]):
        bottom -= 1  # "Source: ..." right below the last row
    return _Part(top, bottom, left, right, last or title)


def _is_remark(row: Sequence[Any]) -> bool:
    filled = [i for i, cell in enumerate(row) if not empty(cell)]
    return filled == [0] and isinstance(row[0], str) and (len(row[0]) > 30 or row[0].rstrip()[-1:] in ".:*)")


def _is_note(sheet: Sheet, part: _Part, largest: _Part) -> bool:
    """Whether a few rows of two columns say something of a far larger table: "Made on", "1 May"."""
    rows = part.bottom - part.top
    if rows > 10 or part.right - part.left > 2:
        return False
    above = part.bottom <= largest.top and rows <= 4
    return above or rows_of_names(sheet, part.top, part.bottom, part.left, part.right) == 0
