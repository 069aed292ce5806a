"""Tables in workbooks: Excel (.xlsx, .xls, .xlsb) and OpenDocument (.ods)."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Annotated, Any, ClassVar

from pydantic import Field

from core.contracts import Account, Source, Watch
from core.errors import BadInput, BadParameter, LimitReached
from core.params import Text
from core.sources.archive import CHUNK, is_zip, most_bytes
from core.sources.gathered import store
from core.sources.refusals import Refusals
from core.sources.rows import Met
from core.wording import note

_MOST = 4 << 30  # bytes of XML in one workbook: it is parsed in memory
_CELLS = 50_000_000  # cells from a sheet's first to its last, empty ones too: the parser holds them all
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # the stream that holds a workbook with a password
_COLUMN = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{2,3})[0-9]")
_LINE = re.compile(rb"\br\s*=\s*[\"'][A-Za-z]{0,3}([0-9]{3,7})[\"']")


class EmptySheet(BadInput):
    """A sheet, or a whole workbook, in which no cell is filled."""


class Spreadsheet(Source):
    """Rows of one sheet of an Excel or OpenDocument workbook."""

    title: ClassVar[str] = "Workbook (Excel, OpenDocument)"
    group: ClassVar[str] = "Files"
    extensions: ClassVar[tuple[str, ...]] = (".xlsx", ".xls", ".xlsb", ".xlsm", ".ods")

    sheet: Annotated[str, Text(example="Sheet1")] = Field(
        default="",
        title="Sheet",
        description="The name of the sheet to read; empty: the first one that holds cells.",
    )
    header: bool = Field(
        default=True, title="First row holds names", description="Otherwise the columns get names."
    )
    skip: int = Field(
        default=0,
        ge=0,
        le=10_000,
        title="Rows to leave out",
        description="Filled rows above the table, as a title.",
    )
    missing: Annotated[str, Text(example="NA, -, ?")] = Field(
        default="NA, N/A, NaN, null, NULL, #N/A, #DIV/0!, #VALUE!, #REF!, #NAME?, #NUM!, #NULL!",
        title="Missing",
        description="Texts that stand for a missing value, separated by commas. Empty cells always do.",
    )

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        if file is None:
            raise BadParameter("{title} needs a file to read.", title=self.title)
        watch.progress(None, "Opening the workbook")
        grid = self._grid(file)
        lines = grid[self.skip :]
        if not lines:
            raise EmptySheet("The sheet holds no cells.", hint="Choose another sheet.")
        names, body = self._names(lines)
        missing = {"", *(text for part in self.missing.split(",") if (text := part.strip()))}
        met = [Met() for _ in names]
        seen: set[str] = set()
        for row in body:
            for column, cell in zip(met, row, strict=True):
                value = _value(cell, missing)
                column.see(value)
                if value is None and isinstance(cell, str) and cell:
                    seen.add(cell)
        keep = [i for i, name in enumerate(names) if name.strip() or met[i].kinds - {"null"}]
        notes = [note("read as missing: {texts}", texts=sorted(seen))] if seen else []
        if self.skip:
            notes.append(note("filled rows above the table that were left out: {skip}", skip=self.skip))
        if not body:
            notes.append(note("the sheet holds names of columns and no rows"))

        def values() -> Iterator[Sequence[Any]]:
            for row in body:
                yield [_value(row[i], missing) for i in keep]

        if not keep:
            raise EmptySheet("The sheet holds no cells.", hint="Choose another sheet.")
        rows, schema, more = store([names[i] for i in keep], [met[i] for i in keep], values, place, watch)
        with Refusals(refused):
            pass  # cells stand in a grid: no row can be too short or too long
        return Account(
            rows_in=len(body),
            rows=rows,
            refused=0,
            columns=schema,
            dialect={k: v for k, v in self.to_json().items() if k != "kind"},
            notes=(*notes, *more),
        )

    def _grid(self, file: Path) -> list[list[Any]]:
        """The filled rows of the chosen sheet."""
        workbook = _open(file)
        with workbook:
            known = list(workbook.sheet_names)
            if self.sheet and self.sheet not in known:
                raise BadInput(
                    "The workbook has no sheet {sheet!r}.",
                    hint="Its sheets are: {known}.",
                    sheet=self.sheet,
                    known=", ".join(known),
                )
            for name in [self.sheet] if self.sheet else known:
                grid = _cells(workbook, name)
                if grid:
                    return grid
        raise EmptySheet("The workbook holds no cells.", hint="Choose a file or a sheet that holds rows.")

    def _names(self, lines: list[list[Any]]) -> tuple[list[str], list[list[Any]]]:
        if not self.header:
            return [""] * len(lines[0]), lines
        return ["" if cell is None else _name(cell) for cell in lines[0]], lines[1:]


def sheets(path: Path) -> list[str]:
    """The names of a workbook's sheets, in their order; hidden ones too."""
    with _open(path) as workbook:
        return list(workbook.sheet_names)


def begins(path: Path, sheet: str = "") -> int:
    """How many filled rows stand above the table of a sheet: titles, which fill few of its columns."""
    grid = Spreadsheet(sheet=sheet)._grid(path)
    filled = [sum(1 for cell in row if cell not in (None, "")) for row in grid[:30]]
    widest, usual = max(filled, default=0), sorted(filled)[len(filled) // 2] if filled else 0

    def title(count: int) -> bool:
        # one long row makes no title of the rows above it, unless each of those is a single cell
        return count * 2 <= widest and (count == 1 or count * 2 <= usual)

    return next((i for i, count in enumerate(filled) if not title(count)), 0)


def _open(path: Path) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    _check_size(path)
    try:
        with path.open("rb") as file:
            if _holds(file, _ENCRYPTED):
                raise _encrypted()
            file.seek(0)
            return CalamineWorkbook.from_filelike(file)
    except PasswordError as error:
        raise _encrypted() from error
    except (CalamineError, OSError, ValueError) as error:
        if "password" in str(error).lower() or "encrypt" in str(error).lower():
            raise _encrypted() from error
        raise BadInput(
            "The workbook cannot be read, it may be cut short or damaged: {reason}.",
            hint="Save it again, or export the sheet as CSV.",
            reason=_reason(error),
        ) from error


def _holds(file: IO[bytes], mark: bytes) -> bool:
    """Whether an OLE file has a stream of this name; False for a file of another kind."""
    if file.read(8) != b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return False
    before = b""
    while chunk := file.read(CHUNK):
        if mark in before + chunk:
            return True
        before = chunk[-len(mark) :]
    return False


def _reason(error: Exception) -> str:
    text = str(error)[:200].rstrip(".")
    return "its content is no sheets that are known here" if text == "Cannot detect file format" else text


def _encrypted() -> BadInput:
    return BadInput(
        "The workbook is encrypted.", hint="Open it with its password, save it without one and add that file."
    )


def _check_size(path: Path) -> None:
    """Refuse a zip whose contents are too large to parse, by unpacking it: its headers may lie."""
    with path.open("rb") as file:
        if not is_zip(file.read(8)):
            return
    most = min(_MOST, most_bytes())
    total = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.flag_bits & 1:
                    raise _encrypted()
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
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise BadInput(
            "The workbook cannot be read, it may be cut short or damaged: {reason}.",
            hint="Save it again, or export the sheet as CSV.",
            reason=str(error)[:200],
        ) from error


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a member, piece by piece; what may stand across a cut stands in the next piece too."""
    before = b""
    with archive.open(entry) as source:
        while chunk := source.read(CHUNK):
            yield before + chunk
            before = chunk[-32:]


def _number(letters: bytes) -> int:
    """The number of a column that a sheet calls A, B, ..., Z, AA, ..."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _check_area(wide: int, pieces: Iterator[bytes]) -> None:
    """Refuse a sheet whose cells lie so far apart that the space between them fills the memory."""
    lines = max((int(line) for piece in pieces for line in set(_LINE.findall(piece))), default=999)
    if wide * lines > _CELLS:
        raise LimitReached(
            "A sheet reaches over {lines:,} rows and {wide:,} columns: more than {most:,} cells.",
            hint="Delete what stands far below or right of its table, or export it as CSV.",
            lines=lines,
            wide=wide,
            most=_CELLS,
        )


def _cells(workbook: Any, name: str) -> list[list[Any]]:
    from python_calamine import CalamineError

    try:
        sheet = workbook.get_sheet_by_name(name)
    except (CalamineError, ValueError, OSError) as error:
        raise BadInput(
            "The sheet {sheet!r} cannot be read: {reason}", sheet=name, reason=str(error)[:200]
        ) from error
    if sheet.start is None:
        return []
    return [row for row in sheet.iter_rows() if any(cell not in ("", None) for cell in row)]


def _name(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _value(cell: Any, missing: set[str]) -> Any:
    """A cell as Python means it: whole numbers as integers, what stands for missing as None."""
    if isinstance(cell, str):
        return None if cell in missing else cell
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    if isinstance(cell, (dt.time, dt.timedelta)):
        return str(cell)
    return cell
