"""Tables in workbooks: Excel (.xlsx, .xls, .xlsb) and OpenDocument (.ods)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator

from core.contracts import Account, Source, Watch
from core.errors import BadInput, BadParameter
from core.params import Text
from core.sources import choices
from core.sources.gathered import store
from core.sources.grid import Failed, Sheet, within
from core.sources.refusals import Refusals
from core.sources.rows import Met
from core.sources.sheet_area import area, cut, joined, spread
from core.sources.sheet_tables import tables
from core.sources.totals import totals
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
    area: Annotated[str, Text(example="B3:F20")] = Field(
        default="",
        title="Cells",
        description="The part of the sheet that is the table: B3:F20, B3:F (to the last row) or B3 (to the "
        "end). Empty: all filled cells.",
    )
    header: int = Field(
        default=1,
        ge=0,
        le=10,
        title="Rows of names",
        description='The first rows that name the columns, joined: "2024 / Q1". With 0 they get names.',
    )
    totals: choices.Totals = True
    missing: choices.Missing = (
        "NA, N/A, NaN, null, NULL, #N/A, #DIV/0!, #VALUE!, #REF!, #NAME?, #NUM!, #NULL!"
    )

    @field_validator("area")
    @classmethod
    def _possible(cls, value: str) -> str:
        if value.strip():
            area(value)
        return value.strip()

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        if file is None:
            raise BadParameter("{title} needs a file to read.", title=self.title)
        watch.progress(None, "Opening the workbook")
        return self.stored(self._sheet(file), place, refused, watch)

    def stored(self, sheet: Sheet, place: Path, refused: Path, watch: Watch) -> Account:
        """As `read`, of a sheet that is open already."""
        names, body, said = self._table(sheet)
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
        notes += said
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

    def _table(self, sheet: Sheet) -> tuple[list[str], list[list[Any]], list[Note]]:
        """The names of the columns, the rows, and what is to be said of what was left out or filled in."""
        part, outside = cut(sheet, area(self.area)) if self.area else (sheet, 0)
        if not part.rows:
            raise EmptySheet(
                "The cells {area} of the sheet are empty.", hint="Choose other cells.", area=self.area
            )
        across = {merge[0] for merge in part.grid.merged if merge[3] > merge[1]}
        whole, filled = spread(part, self.header)
        body = whole.rows[self.header :]
        names = [""] * part.width()
        if self.header:
            mergeless = [number not in across for number in part.numbers[: self.header]]
            names = joined(whole.rows[: self.header], mergeless)
        notes = _left_out(self.area, outside) + _shaped(part, filled)
        count = totals(body) if self.totals else 0
        if count:
            label = next((str(cell) for cell in body[-count] if isinstance(cell, str) and cell.strip()), "")
            body = body[:-count]
            notes.append(_totals(count, label))
        return names, body, notes

    def _sheet(self, file: Path) -> Sheet:
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
                sheet = workbook.sheet(name)
                if sheet.rows:
                    return sheet
        raise EmptySheet("The workbook holds no cells.", hint="Choose a file or a sheet that holds rows.")


def sheets(path: Path) -> list[str]:
    """The names of a workbook's sheets, in their order; hidden ones too."""
    with Workbook(path) as workbook:
        return workbook.sheet_names


def on_sheet(path: Path, sheet: str = "") -> list[tuple[Spreadsheet, str]]:
    """How each table of a sheet is read, the largest first, with the title that stands above it."""
    return in_sheet(Spreadsheet(sheet=sheet)._sheet(path), sheet)


def in_sheet(rows: Sheet, sheet: str) -> list[tuple[Spreadsheet, str]]:
    """As `on_sheet`, of a sheet that is open already."""
    found = tables(rows)
    return [
        (
            Spreadsheet(sheet=sheet, area="" if one.area is None else str(one.area), header=one.header),
            one.title,
        )
        for one in found
    ]


def _left_out(area: str, outside: int) -> list[Note]:
    if not outside:
        return []
    said = note(
        "{count:,} filled cell of the sheet stands outside {area} and was left out"
        " | {count:,} filled cells of the sheet stand outside {area} and were left out",
        count=outside,
        area=area,
    )
    return [said]


def _shaped(part: Sheet, filled: int) -> list[Note]:
    """What is to be said of merged and hidden cells, and of formulas that keep no value."""
    notes = []
    if filled:
        notes.append(
            note(
                "merged cells: their value was written into {count:,} cell that they cover"
                " | merged cells: their value was written into {count:,} cells that they cover",
                count=filled,
            )
        )
    rows = within(part.grid.hidden_rows, part.numbers)
    columns = within(part.grid.hidden_columns, range(part.left, part.left + part.width()))
    hidden = [
        *([note("{count:,} row | {count:,} rows", count=rows)] if rows else []),
        *([note("{count:,} column | {count:,} columns", count=columns)] if columns else []),
    ]
    if hidden:
        notes.append(note("hidden in the workbook and read all the same: {parts}", parts=hidden))
    if part.grid.unvalued:
        notes.append(
            note(
                "{count:,} formula of the sheet keeps no value and was read as missing: save the workbook"
                " once in a spreadsheet program"
                " | {count:,} formulas of the sheet keep no value and were read as missing: save the workbook"
                " once in a spreadsheet program",
                count=part.grid.unvalued,
            )
        )
    return notes


def _totals(count: int, label: str) -> Note:
    return note(
        "the last row adds up the others ({label}) and was left out"
        " | the last {count} rows add up the others ({label}) and were left out",
        count=count,
        label=label or "\u2211",
    )


def _errors(name: str, errors: Counter[str]) -> Note:
    """How many cells of a column are missing because their formula has no value."""
    return note(
        "{column}: {count:,} cell holds an error ({errors}) and was read as missing"
        " | {column}: {count:,} cells hold an error ({errors}) and were read as missing",
        column=name,
        count=errors.total(),
        errors=[str(error) for error, _ in errors.most_common(5)],
    )


def _value(cell: Any, missing: set[str]) -> Any:
    """A cell as Python means it: whole numbers as integers, what stands for missing as None."""
    if isinstance(cell, str):
        return None if isinstance(cell, Failed) or cell in missing else cell
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    if isinstance(cell, (dt.time, dt.timedelta)):
        return str(cell)
    return cell
