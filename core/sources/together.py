"""Files of one shape, put under one another as one table with a column that says which file a row is from."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from core.contracts import Account, Source, Watch
from core.errors import BadInput, BadParameter, Cancelled, SightlineError
from core.params import Text
from core.sources.archive import is_archive, parts_of
from core.sources.one_shape import Piece, chosen
from core.sources.picked import MOST, picks
from core.sources.refusals import Refusals
from core.sources.scratch import scratch_beside
from core.sources.stacked import stacked
from core.wording import note, told


class FilesTogether(Source):
    """Rows of the files of a zip or a folder as one table, with the name of the file beside each row."""

    title: ClassVar[str] = "Files of a zip or folder as one table"
    group: ClassVar[str] = "Files"
    extensions: ClassVar[tuple[str, ...]] = (".zip",)

    pattern: Annotated[str, Text(example="*.csv")] = Field(
        default="*",
        title="Files",
        description="Which files to read, by their names: * stands for anything; commas part several.",
        max_length=MOST,
    )
    file_column: Annotated[str, Text(example="file")] = Field(
        default="file",
        title="Column with the file's name",
        description="What the column is called that says which file a row is from.",
        min_length=1,
        max_length=200,
    )
    columns: Literal["all", "shared"] = Field(
        default="all",
        title="Columns",
        description="All: those of any file, missing where one does not have them. Shared: those of every "
        "file.",
    )

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        return self.first(file, place, refused, watch, None)

    def first(self, file: Path | None, place: Path, refused: Path, watch: Watch, most: int | None) -> Account:
        """As `read`, from the first `most` files alone."""
        if file is None:
            raise BadParameter("{title} needs a file to read.", title=self.title)
        if not is_archive(file):
            raise BadInput("The file is no zip file and no folder.", hint="Put the files into a zip file.")
        with scratch_beside(place) as scratch, Refusals(refused) as refusals:
            pieces = list(self._pieces(file, scratch, watch, most))
            if not pieces:
                raise BadInput(
                    "No file of these is called {pattern}.",
                    hint="Choose other names, or * for all files.",
                    pattern=self.pattern,
                )
            for piece in pieces:
                for line, reason, row in piece.refused():
                    refusals.add(line, f"{reason} (in the file {piece.name})", row)
            keys = chosen(pieces, shared=self.columns == "shared")
            if not keys:
                raise BadInput("The files share no column.", hint="Take all columns, or fewer files.")
            made = stacked(pieces, keys, self.file_column, scratch, place, watch)
        said = note(
            "{count:,} file was read; the column {column} says which file a row is from"
            " | {count:,} files were put under one another; the column {column} says which file"
            " a row is from",
            count=len(pieces),
            column=made.columns[0].name,
        )
        return Account(
            rows_in=made.rows + refusals.count,
            rows=made.rows,
            refused=refusals.count,
            columns=made.columns,
            dialect={k: v for k, v in self.to_json().items() if k != "kind"},
            notes=(said, *made.notes),
        )

    def _pieces(self, file: Path, scratch: Path, watch: Watch, most: int | None) -> Iterator[Piece]:
        """The files of the archive that are wanted, each read into a table of its own."""
        packed = scratch / "unpacked"
        packed.mkdir()
        every = parts_of(file, file.name, packed, watch)
        wanted = (part for part in every if picks(self.pattern, part.name, part.called))
        for number, part in enumerate(islice(wanted, most)):
            if watch.stopped():
                raise Cancelled()
            watch.progress(None, "Reading rows")
            folder = scratch / f"piece-{number}"
            folder.mkdir()
            try:
                yield Piece.read(part, folder, watch)
            except SightlineError as error:
                if isinstance(error, Cancelled):
                    raise
                raise BadInput(
                    "The file {name} cannot be read: {reason}",
                    hint="Leave it out by the names of the files to read, or mend it.",
                    name=part.called,
                    reason=told(error),
                ) from error
