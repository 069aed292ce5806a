"""Tables in workbooks: Excel (.xlsx, .xls, .xlsb) and OpenDocument (.ods)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from core.contracts import Account, Source, Watch
from core.errors import BadInput, BadParameter
from core.params import Text
from core.sources.gathered import store
from core.sources.grid import Failed
from core.sources.refusals import Refusals
from core.sources.rows import Met
from core.sources.workbook import Workbook
from core.wording import Note, note


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
        failed: dict[int, Counter[str]] = {}
        for row in body:
            for i, cell in enumerate(row):
                value = _value(cell, missing)
                met[i].see(value)
                if isinstance(cell, Failed):
                    failed.setdefault(i, Counter())[cell] += 1
                elif value is None and isinstance(cell, str) and cell:
                    seen.add(cell)
        keep = [i for i, name in enumerate(names) if name.strip() or met[i].kinds - {"null"} or i in failed]
        notes = [note("read as missing: {texts}", texts=sorted(seen))] if seen else []
        if self.skip:
            notes.append(note("filled rows above the table that were left out: {skip}", skip=self.skip))
        notes += [_errors(names[i].strip() or f"column_{i + 1}", failed[i]) for i in sorted(failed)]
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
        with Workbook(file) as workbook:
            known = workbook.sheet_names
            if self.sheet and self.sheet not in known:
                raise BadInput(
                    "The workbook has no sheet {sheet!r}.",
                    hint="Its sheets are: {known}.",
                    sheet=self.sheet,
                    known=", ".join(known),
                )
            for name in [self.sheet] if self.sheet else known:
                grid = workbook.cells(name)
                if grid:
                    return grid
        raise EmptySheet("The workbook holds no cells.", hint="Choose a file or a sheet that holds rows.")

    def _names(self, lines: list[list[Any]]) -> tuple[list[str], list[list[Any]]]:
        if not self.header:
            return [""] * len(lines[0]), lines
        return ["" if cell is None else _name(cell) for cell in lines[0]], lines[1:]


def sheets(path: Path) -> list[str]:
    """The names of a workbook's sheets, in their order; hidden ones too."""
    with Workbook(path) as workbook:
        return workbook.sheet_names


def begins(path: Path, sheet: str = "") -> int:
    """How many filled rows stand above the table of a sheet: titles, which fill few of its columns."""
    grid = Spreadsheet(sheet=sheet)._grid(path)
    filled = [sum(1 for cell in row if cell not in (None, "")) for row in grid[:30]]
    widest, usual = max(filled, default=0), sorted(filled)[len(filled) // 2] if filled else 0

    def title(count: int) -> bool:
        # one long row makes no title of the rows above it, unless each of those is a single cell
        return count * 2 <= widest and (count == 1 or count * 2 <= usual)

    return next((i for i, count in enumerate(filled) if not title(count)), 0)


def _errors(name: str, errors: Counter[str]) -> Note:
    """How many cells of a column are missing because their formula has no value."""
    return note(
        "{column}: {count:,} cell holds an error ({errors}) and was read as missing"
        " | {column}: {count:,} cells hold an error ({errors}) and were read as missing",
        column=name,
        count=errors.total(),
        errors=[str(error) for error, _ in errors.most_common(5)],
    )


def _name(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _value(cell: Any, missing: set[str]) -> Any:
    """A cell as Python means it: whole numbers as integers, what stands for missing as None."""
    if isinstance(cell, str):
        return None if isinstance(cell, Failed) or cell in missing else cell
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    if isinstance(cell, (dt.time, dt.timedelta)):
        return str(cell)
    return cell
