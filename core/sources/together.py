"""Files of one shape, put under one another as one table with a column that says which file a row is from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from core.contracts import Account, Column, ColumnType, Source, Watch
from core.errors import BadInput, BadParameter, Cancelled, SightlineError
from core.params import Text
from core.sources import names as naming
from core.sources.archive import Part, is_archive, parts_of
from core.sources.confined import connect
from core.sources.one_shape import Piece, chosen, differences, query, quoted, settled, text
from core.sources.refusals import Refusals
from core.sources.running import copied
from core.sources.scratch import scratch_beside
from core.wording import Note, note, told

_PARTS = 500  # of one file, whose notes are told
_NOTES = 40


class FilesTogether(Source):
    """Rows of all files of a zip as one table, with the name of the file beside each row."""

    title: ClassVar[str] = "All files of a zip as one table"
    group: ClassVar[str] = "Files"
    extensions: ClassVar[tuple[str, ...]] = (".zip",)

    pattern: Annotated[str, Text(example="*.csv")] = Field(
        default="*",
        title="Files",
        description="Which files to read, by their names: * stands for anything; commas part several.",
        max_length=4_000,
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
            raise BadInput("The file is no zip file.", hint="Put the files into a zip file.")
        with scratch_beside(place) as scratch, Refusals(refused) as refusals:
            pieces = list(self._pieces(file, scratch, watch, most))
            if not pieces:
                raise BadInput(
                    "No file in the zip file is called {pattern}.",
                    hint="Choose other names, or * for all files.",
                    pattern=self.pattern,
                )
            for piece in pieces:
                for line, reason, row in piece.refused():
                    refusals.add(line, f"{reason} (in the file {piece.name})", row)
            return self._account(pieces, scratch, place, refusals.count, watch)

    def _pieces(self, file: Path, scratch: Path, watch: Watch, most: int | None) -> Iterator[Piece]:
        """The files of the archive that are wanted, each read into a table of its own."""
        packed = scratch / "unpacked"
        packed.mkdir()
        wanted = (part for part in parts_of(file, file.name, packed, watch) if self._wants(part))
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
                    name=part.within,
                    reason=told(error),
                ) from error

    def _wants(self, part: Part) -> bool:
        """Whether a file's name, or its place in the archive, is among those to read."""
        patterns = [found for one in self.pattern.split(",") if (found := one.strip().casefold())]
        return any(
            fnmatchcase(name.casefold(), pattern) for name in (part.name, part.within) for pattern in patterns
        )

    def _account(
        self, pieces: list[Piece], scratch: Path, place: Path, refused: int, watch: Watch
    ) -> Account:
        import pyarrow.parquet as pq

        keys = chosen(pieces, shared=self.columns == "shared")
        if not keys:
            raise BadInput("The files share no column.", hint="Take all columns, or fewer files.")
        reads = [piece.table for piece in pieces]
        with closing(connect(scratch, reads)) as connection:
            types, mixed = settled(connection, pieces, keys, watch)
            called = {key: next(p.columns[key].name for p in pieces if key in p.columns) for key in keys}
            mended, _ = naming.mend([*called.values(), self.file_column])
            whole = scratch / "rows.parquet"
            writer = None
            for piece in pieces:
                found = connection.sql(query(piece, keys, types)).to_arrow_reader(65_536)
                writer = writer or pq.ParquetWriter(whole, found.schema)
                for batch in found:
                    writer.write_batch(batch)
                if watch.stopped():
                    raise Cancelled()
            if writer is not None:
                writer.close()
            order = [len(keys), *range(len(keys))]  # the file's name comes first
            names = [mended[i] for i in order]
            kinds: list[ColumnType] = ["text", *(types[key] for key in keys)]
            listed = ", ".join(f"c{i} AS {quoted(mended[i])}" for i in order)
            rows = copied(
                connection, f"SELECT {listed} FROM read_parquet({text(whole)})", scratch, place,
                len(order), watch, reading=whole,
            )  # fmt: skip
        if rows != sum(piece.account.rows for piece in pieces):
            raise RuntimeError("rows were lost when the files were put together")
        return Account(
            rows_in=rows + refused,
            rows=rows,
            refused=refused,
            columns=tuple(Column(name=n, type=t) for n, t in zip(names, kinds, strict=True)),
            dialect={k: v for k, v in self.to_json().items() if k != "kind"},
            notes=tuple(self._told(pieces, differences(pieces, types, mixed), names[0])),
        )

    def _told(self, pieces: list[Piece], differing: list[Note], column: str) -> list[Note]:
        notes = [
            note(
                "{count:,} file was read; the column {column} says which file a row is from"
                " | {count:,} files were put under one another; the column {column} says which file"
                " a row is from",
                count=len(pieces),
                column=column,
            )
        ]
        notes += differing
        of_each = [(said, piece.name) for piece in pieces[:_PARTS] for said in piece.account.notes]
        by_note: dict[str, list[tuple[Note, str]]] = {}
        for said, name in of_each:
            by_note.setdefault(str(said), []).append((said, name))
        for same in list(by_note.values())[:_NOTES]:
            said, name = same[0]
            shared = len(same) == len(pieces)
            notes.append(said if shared else note("{name}: {said}", name=name, said=said))
        return notes
