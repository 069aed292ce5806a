"""A workbook's sheets: opened when they are bounded and have no password, their errors put in their place."""

from __future__ import annotations

import errno
import re
import struct
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.errors import BadInput, LimitReached
from core.sources import biff, sheet_xml
from core.sources.archive import CHUNK, is_zip, most_bytes
from core.sources.grid import Failed, Grid, Sheet
from core.sources.memory import check_memory
from core.sources.ole import MARK, DamagedOle, Ole

_MOST = 4 << 30  # bytes of XML in one workbook: it is parsed in memory
_MOST_OLE = 1 << 30  # bytes of an .xls file: they are held in memory
_CELLS = 50_000_000  # cells from a sheet's first to its last, empty ones too: the parser holds them all
_CELL_BYTES = 160  # of memory that a cell takes while it is read, about
_COLUMNS = 16_384  # of a sheet in any program
_ENCRYPTED = "EncryptedPackage"  # the stream that holds a workbook with a password
_MANIFEST = "META-INF/manifest.xml"
_COLUMN = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{2,3})[0-9]")
_LINE = re.compile(rb"\br\s*=\s*[\"'][A-Za-z]{0,3}([0-9]{3,7})[\"']")
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, KeyError, IndexError,
    struct.error, DamagedOle,
)  # fmt: skip


class Workbook:
    """An open workbook. BadInput for a damaged or encrypted one, LimitReached for one too large."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._grids: list[Grid] = []  # of all sheets, where the parser reads all of them at once
        with path.open("rb") as file:
            head = file.read(8)
        with _telling(_damaged):
            if is_zip(head):
                self._kind = self._look_into_zip()
            elif head == MARK:
                self._kind = self._look_into_ole()
            else:
                self._kind = ""
        self._book = _opened(path)
        self.sheet_names: list[str] = list(self._book.sheet_names)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._book.close()

    def sheet(self, name: str) -> Sheet:
        """The rows of a sheet that hold anything; a cell with an error is a `Failed`."""

        def unreadable(error: BaseException) -> BadInput:
            reason = str(error)[:200]
            return BadInput("The sheet {sheet!r} cannot be read: {reason}", sheet=name, reason=reason)

        with _telling(unreadable):
            grid = self._grid(self.sheet_names.index(name))
            _check(grid.area(), grid)
            if grid.right >= _COLUMNS:
                raise ValueError(f"a cell stands in column {grid.right + 1:,}, which no sheet has")
            check_memory(max(grid.filled, grid.area()), _CELL_BYTES)
            return _filled(self._book.get_sheet_by_name(name), grid)

    def _look_into_zip(self) -> str:
        """Which kind of workbook a zip is; refused when it unpacks to too much, found by unpacking it."""
        most, total = min(_MOST, most_bytes()), 0
        with zipfile.ZipFile(self._path) as archive:
            names = set(archive.namelist())
            if any(entry.flag_bits & 1 for entry in archive.infolist()):
                raise encrypted()
            if _MANIFEST in names:
                with archive.open(_MANIFEST) as manifest:
                    if b"encryption-data" in manifest.read(CHUNK):
                        raise encrypted()
            for entry in archive.infolist():
                wide = 0
                for piece in _pieces(archive, entry):
                    total += len(piece)
                    if total > most:
                        raise LimitReached(
                            "The workbook unpacks to more than {most:,} bytes.",
                            hint="Export its sheets as CSV and add those.",
                            most=most,
                        )
                    wide = max(wide, *map(_number, _COLUMN.findall(piece)), 0)
                if wide * 1_048_576 > _CELLS and "worksheets/" in entry.filename:
                    _check_area(wide, _pieces(archive, entry))
            if "xl/workbook.bin" in names:
                return "xlsb"
            if "content.xml" not in names:
                return "xlsx"
            try:
                content = _chunks(archive, archive.getinfo("content.xml"))
                self._grids = sheet_xml.open_document_grids(content, _CELLS)
            except sheet_xml.TooWide as error:
                _check(_CELLS + 1, error.grid)
            return "ods"

    def _look_into_ole(self) -> str:
        size = self._path.stat().st_size
        if size > _MOST_OLE:
            raise LimitReached(
                "The workbook has more than {most:,} bytes.",
                hint="Export its sheets as CSV and add those.",
                most=_MOST_OLE,
            )
        data = self._path.read_bytes()
        if _ENCRYPTED.encode("utf-16-le") in data:
            raise encrypted()
        packed = Ole(data)
        name = next((one for one in packed.names() if one.lower() in ("workbook", "book")), None)
        if name is None:
            raise DamagedOle("it holds no workbook")
        stream = packed.stream(name)
        if biff.has_password(stream):
            raise encrypted()
        self._grids = biff.grids(stream)
        for place, grid in enumerate(self._grids):  # all of them are held in memory at once
            _check(sum(one.area() for one in self._grids[: place + 1]), grid)
        return "xls"

    def _grid(self, place: int) -> Grid:
        """The grid of a sheet; of an .xlsx one only its errors, and where they stand."""
        if self._kind not in ("xlsx", "xlsb"):
            return self._grids[place] if place < len(self._grids) else Grid()
        binary = self._kind == "xlsb"
        with zipfile.ZipFile(self._path) as archive:
            named = {entry.filename.lower(): entry for entry in archive.infolist()}
            file = "workbook.bin" if binary else "workbook.xml"
            book = named[f"xl/{file}"]
            parts = sheet_xml.related(_chunks(archive, named[f"xl/_rels/{file}.rels"]), book.filename)
            if binary:
                part = named[parts[biff.binary_sheets(archive.read(book))[place]].lower()]
                return biff.binary_grid(archive.read(part))
            part = named[parts[sheet_xml.sheet_relations(_chunks(archive, book))[place]].lower()]
            grid, failing = sheet_xml.excel_marks(_chunks(archive, part))
            return sheet_xml.excel_errors(grid, _chunks(archive, part)) if failing else grid


def _opened(path: Path) -> Any:
    from python_calamine import CalamineWorkbook

    def told(error: BaseException) -> BadInput:
        text = str(error).lower()
        return encrypted() if "password" in text or "encrypt" in text else _damaged(error)

    with _telling(told), path.open("rb") as file:
        return CalamineWorkbook.from_filelike(file)


@contextmanager
def _telling(told: Callable[[BaseException], BadInput]) -> Iterator[None]:
    """Whatever a damaged workbook does to a parser becomes what can be said of it."""
    from python_calamine import CalamineError

    try:
        yield
    except (*_BROKEN, CalamineError) as error:
        raise told(error) from error
    except OSError as error:
        if error.errno not in (
            None,
            errno.EINVAL,
        ):  # the disk, then; else a place before the file's beginning
            raise
        raise told(error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the parser gave up: its own kind, made by no module
            raise
        raise told(error) from error


def _filled(sheet: Any, grid: Grid) -> Sheet:
    """The rows with a filled cell: what the parser leaves empty for an error is put in its place."""
    _, left = sheet.start or (0, 0)  # its rows come from the first of the sheet, its columns from its own
    width = sheet.width if sheet.start else 0
    failed = deque(sorted(grid.failed.items()))
    if failed:
        first = min(left if width else 1 << 20, *(min(columns) for _, columns in failed), 1 << 20)
        last = max(left + width, *(max(columns) + 1 for _, columns in failed), 0)
    else:
        first, last = left, left + width
    rows: list[list[Any]] = []
    numbers: list[int] = []

    def keep(number: int, values: list[Any], errors: dict[int, Failed]) -> None:
        if len(values) < last - first:
            values = [""] * (left - first) + values
            values += [""] * (last - first - len(values))
        for column, error in errors.items():
            values[column - first] = error
        if any(cell not in ("", None) for cell in values):
            rows.append(values)
            numbers.append(number)

    for number, values in enumerate(sheet.iter_rows() if width else ()):
        while failed and failed[0][0] < number:  # outside what the parser takes for filled
            keep(failed[0][0], [], failed.popleft()[1])
        keep(number, values, failed.popleft()[1] if failed and failed[0][0] == number else {})
    for number, errors in failed:
        keep(number, [], errors)
    return Sheet(rows, numbers, first, grid)


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a member, piece by piece; what may stand across a cut stands in the next piece too."""
    before = b""
    for chunk in _chunks(archive, entry):
        yield before + chunk
        before = chunk[-32:]


def _chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as source:
        while chunk := source.read(CHUNK):
            yield chunk


def _number(letters: bytes) -> int:
    return sheet_xml.number_of(letters.decode("ascii"))


def _check_area(wide: int, pieces: Iterator[bytes]) -> None:
    """Refuse a sheet whose cells lie so far apart that the space between them fills the memory."""
    lines = max((int(line) for piece in pieces for line in set(_LINE.findall(piece))), default=999)
    _check(wide * lines, Grid(0, 0, lines - 1, wide - 1))


def _check(cells: int, grid: Grid) -> None:
    """Refuse `cells` when they are too many; `grid` is the sheet that makes them so."""
    if cells <= _CELLS:
        return
    hint = "Delete what stands far below or right of its table, or export it as CSV."
    if grid.area() <= _CELLS:
        raise LimitReached("The sheets together reach over more than {most:,} cells.", hint=hint, most=_CELLS)
    raise LimitReached(
        "A sheet reaches over {lines:,} rows and {wide:,} columns: more than {most:,} cells.",
        hint=hint,
        lines=grid.bottom + 1,
        wide=grid.right + 1,
        most=_CELLS,
    )


def encrypted() -> BadInput:
    return BadInput(
        "The workbook is encrypted.", hint="Open it with its password, save it without one and add that file."
    )


def _damaged(error: BaseException) -> BadInput:
    text = str(error)[:200].rstrip(".")
    if text == "Cannot detect file format":
        text = "its content is no sheets that are known here"
    return BadInput(
        "The workbook cannot be read, it may be cut short or damaged: {reason}.",
        hint="Save it again, or export the sheet as CSV.",
        reason=text,
    )
