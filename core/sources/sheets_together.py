"""Sheets of one shape, put under one another as one table with a column that names the sheet of a row."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from core.contracts import Account, Source, Watch
from core.errors import BadInput, BadParameter, Cancelled, SightlineError
from core.params import Text
from core.sources import choices
from core.sources.one_shape import REFUSED, TABLE, Piece, chosen
from core.sources.picked import MOST, picks
from core.sources.refusals import Refusals
from core.sources.scratch import scratch_beside
from core.sources.spreadsheet import EmptySheet, Spreadsheet, in_sheet
from core.sources.stacked import stacked
from core.sources.workbook import Workbook
from core.wording import Note, few, note, told


class SheetsTogether(Source):
    """Rows of several sheets of a workbook as one table, with the name of the sheet beside each row."""

    title: ClassVar[str] = "Sheets of a workbook as one table"
    group: ClassVar[str] = "Files"
    extensions: ClassVar[tuple[str, ...]] = Spreadsheet.extensions

    sheets: Annotated[str, Text(example="2024 *")] = Field(
        default="*",
        title="Sheets",
        description="Which sheets to read, by their names: * stands for anything; commas part several.",
        max_length=MOST,
    )
    sheet_column: Annotated[str, Text(example="sheet")] = Field(
        default="sheet",
        title="Column with the sheet's name",
        description="What the column is called that says which sheet a row is from.",
        min_length=1,
        max_length=200,
    )
    columns: Literal["all", "shared"] = Field(
        default="all",
        title="Columns",
        description="All: those of any sheet, missing where one does not have them. Shared: those of every "
        "sheet.",
    )
    totals: choices.Totals = True
    missing: choices.Missing = Spreadsheet().missing

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        return self.first(file, place, refused, watch, None)

    def first(self, file: Path | None, place: Path, refused: Path, watch: Watch, most: int | None) -> Account:
        """As `read`, from the first `most` sheets alone."""
        if file is None:
            raise BadParameter("{title} needs a file to read.", title=self.title)
        watch.progress(None, "Opening the workbook")
        with scratch_beside(place) as scratch, Refusals(refused):
            pieces, passed = self._pieces(file, scratch, watch, most)
            keys = chosen(pieces, shared=self.columns == "shared")
            if not keys:
                raise BadInput("The sheets share no column.", hint="Take all columns, or fewer sheets.")
            made = stacked(pieces, keys, self.sheet_column, scratch, place, watch)
        said = note(
            "{count:,} sheet was read; the column {column} says which sheet a row is from"
            " | {count:,} sheets were put under one another; the column {column} says which sheet a row is"
            " from",
            count=len(pieces),
            column=made.columns[0].name,
        )
        return Account(
            rows_in=made.rows,  # cells stand in a grid: no row can be too short or too long
            rows=made.rows,
            refused=0,
            columns=made.columns,
            dialect={k: v for k, v in self.to_json().items() if k != "kind"},
            notes=(said, *passed, *made.notes),
        )

    def _pieces(
        self, file: Path, scratch: Path, watch: Watch, most: int | None
    ) -> tuple[list[Piece], list[Note]]:
        """The sheets that are wanted, each read into a table of its own, and what is to be said of others."""
        pieces: list[Piece] = []
        empty: list[str] = []
        with Workbook(file) as workbook:
            known = workbook.sheet_names
            wanted = [name for name in known if picks(self.sheets, name)]
            if not wanted:
                raise BadInput(
                    "No sheet of the workbook is called {pattern}.",
                    hint="Its sheets are: {known}.",
                    pattern=self.sheets,
                    known=", ".join(known),
                )
            for number, name in enumerate(islice(wanted, most)):
                if watch.stopped():
                    raise Cancelled()
                watch.progress(None, "Reading rows")
                folder = scratch / f"piece-{number}"
                folder.mkdir()
                try:
                    pieces.append(self._piece(workbook, file, name, folder, watch))
                except EmptySheet:
                    empty.append(name)
                except Cancelled:
                    raise
                except SightlineError as error:
                    raise BadInput(
                        "The sheet {name} cannot be read: {reason}",
                        hint="Leave it out by the names of the sheets to read, or mend it.",
                        name=name,
                        reason=told(error),
                    ) from error
        if not pieces:
            raise EmptySheet("The sheets hold no cells.", hint="Choose others.")
        others = [name for name in known if name not in wanted]
        notes = [note("empty and left out: {names}", names=few(empty))] if empty else []
        notes += [note("not asked for and left out: {names}", names=few(others))] if others else []
        return pieces, notes

    def _piece(self, workbook: Workbook, file: Path, name: str, folder: Path, watch: Watch) -> Piece:
        """The largest table of a sheet."""
        sheet = workbook.sheet(name)
        found = in_sheet(sheet, name)
        if not found:
            raise EmptySheet("The sheet holds no cells.", hint="Choose another sheet.")
        source = found[0][0].model_copy(update={"totals": self.totals, "missing": self.missing})
        account = source.stored(sheet, folder / TABLE, folder / REFUSED, watch)
        if len(found) > 1:
            larger = note("{count} tables stand on it: the largest was read", count=len(found))
            account = account.model_copy(update={"notes": (larger, *account.notes)})
        return Piece.of(name, file, source, account, folder)
