"""One reading of one delimited text, by the quickest way that loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from core import sql
from core.contracts import Account, Watch
from core.errors import BadInput, Cancelled
from core.sources import typed
from core.sources.casting import Casting
from core.sources.confined import connect
from core.sources.encoding import Coding, to_utf8
from core.sources.forms import Form
from core.sources.glimpse import Glimpse, glimpse
from core.sources.layout import layout
from core.sources.observations import observed
from core.sources.records import Reader, Record
from core.sources.refusals import Refusals
from core.sources.sifting import Sifting
from core.sources.survey import records_outside_quotes, survey
from core.sources.trailing import without_empty_rows
from core.wording import Note, note

if TYPE_CHECKING:
    from core.sources.delimited import DelimitedFile

_Outcome = tuple[int, list[Form]]  # rows stored and the forms of their columns


class _Unclean(Exception):
    """The text is not for the fast reader."""


class Reading:
    """A clean text goes to the fast reader as it is, most others once the rows that do not fit are set
    aside, and what is left (several letters between cells, backslashes, endless lines) is read record
    by record."""

    def __init__(
        self, source: DelimitedFile, file: Path, place: Path, refused: Path, scratch: Path, watch: Watch
    ) -> None:
        self.source, self.scratch, self.watch = source, scratch, watch
        if file.stat().st_size == 0:
            raise BadInput("The file is empty.", hint="Choose a file that holds rows.")
        self.text = file
        self.recoded: tuple[Note, ...] = ()
        if not Coding(source.encoding, mixed=source.mixed, twice=source.twice).plain:
            self.text = scratch / "text.csv"
            self.recoded = to_utf8(
                file, source.encoding, self.text, watch, mixed=source.mixed, twice=source.twice
            )
        self.splitter = source.splitter()
        self.layout = layout(
            self.text, self.splitter, skip=source.skip, has_header=source.header, more=source.more_names
        )
        self.width = len(self.layout.names)
        self.nothing: Note | None = None
        if self.width > 1:
            cut = scratch / "table.csv"
            self.text, self.nothing = without_empty_rows(self.text, self.layout.start, self.splitter, cut)
        self.missing = source.missing_texts()
        self.refusals = Refusals(refused)
        self.connection = connect(scratch, [self.text], self.width)
        self.casting = Casting(
            connection=self.connection,
            names=self.layout.names,
            ways=source.forms(),
            asked=source.asked(self.layout.names),
            missing=self.missing,
            delimiter=source.delimiter,
            scratch=scratch,
            place=place,
            reading=self.text,
            watch=watch,
        )

    def account(self) -> Account:
        with closing(self.connection), self.refusals:
            seen = glimpse(self.text, self.layout.start, self.splitter, self.width, self.source.pad)
            self.notes = [*self.recoded, *self.layout.notes, *([self.nothing] if self.nothing else [])]
            rows, use = self._plainly(seen) or self._sifted(seen) or self._carefully(seen)
            if rows + self.refusals.count == 0:
                self.notes.append(note("the file holds names of columns and no rows"))
            self.notes.extend(self.casting.notes)
            self.notes.extend(observed(self.layout.names, seen.rows, use, self.missing))
            return Account(
                rows_in=rows + self.refusals.count,
                rows=rows,
                refused=self.refusals.count,
                columns=typed.schema(self.layout.names, use),
                dialect={k: v for k, v in self.source.to_json().items() if k != "kind"},
                notes=tuple(dict.fromkeys(self.notes)),
            )

    # the fast reader

    def _plainly(self, seen: Glimpse) -> _Outcome | None:
        """The text as it is; None when it is not clean, or not certainly."""
        source, layout, quote = self.source, self.layout, self.splitter.quote
        if seen.ragged or not self._is_plain() or (not source.header and layout.start):
            return None  # a byte order mark or skipped lines right before values
        with ThreadPoolExecutor(1) as beside:  # types are tried meanwhile
            mark = self.splitter.delimiter
            looking = beside.submit(survey, self.text, layout.start, mark, quote, self.width, self.watch)

            def check() -> None:
                if looking.result().trouble:
                    raise _Unclean

            try:
                rows, use = self.casting.run(self._read_csv(self.text, layout.line), seen.rows, check=check)
            except duckdb.InterruptException:
                raise
            except (duckdb.Error, _Unclean):
                return None  # what the fast reader stumbles over is set aside line by line
            found = looking.result()
        # in one column a blank line is a missing value to the fast reader and nothing to the careful one
        certain = rows == found.lines and self.width > 1
        if not certain and rows != records_outside_quotes(self.text, layout.start, quote):
            return None
        return rows, use

    def _is_plain(self) -> bool:
        """Whether the fast reader knows this dialect."""
        mark = self.splitter.delimiter
        plain = self.splitter.doubled and len(self.source.quote.replace("none", "")) < 2
        return len(mark) == 1 and mark.isascii() and plain and not self.splitter.wrapped

    def _read_csv(self, text: Path, skip: int, option: str = "") -> str:
        quote = _text(self.splitter.quote)
        columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(self.width))
        missing = ", ".join(map(_text, ("", *self.missing)))
        return (
            f"read_csv({_text(str(text))}, auto_detect = false, header = false, skip = {skip}, "
            f"delim = {_text(self.splitter.delimiter)}, quote = {quote}, escape = {quote}, "
            f"columns = {{{columns}}}, nullstr = [{missing}], {option}strict_mode = true, "
            "compression = 'none')"
        )

    # the fast reader, after the rows that do not fit were set aside

    def _sifted(self, seen: Glimpse) -> _Outcome | None:
        if not self._is_plain() or self.splitter.delimiter in (" ", self.splitter.quote):
            return None
        clean = self.scratch / "clean.csv"
        sifting = Sifting(self.splitter, self.width, self.source.pad, self.layout.line, self.refusals)
        outcome = None
        if sifting.run(self.text, self.layout.start, clean, self.watch):
            outcome = self._cleaned(clean, sifting, seen)
        clean.unlink()
        if outcome is None:
            self.refusals.forget()
        elif sifting.blank_lines:
            self._tell_blank(sifting.blank_lines)
        return outcome

    def _cleaned(self, clean: Path, sifting: Sifting, seen: Glimpse) -> _Outcome | None:
        before = self.refusals.count
        # said, not found out: it takes returns inside quotes for line ends of another kind
        relation = self._read_csv(clean, 0, "new_line = '\\n', ")
        if self.casting.asked:
            relation = f"(SELECT *, row_number() OVER () AS line FROM {relation})"
        try:
            rows, use = self.casting.run(relation, seen.rows, self.refusals, sifting.lines.of)
        except duckdb.InterruptException:
            raise
        except duckdb.Error:
            return None
        return (rows, use) if rows + self.refusals.count - before == sifting.rows else None

    # the careful reader

    def _carefully(self, seen: Glimpse) -> _Outcome:
        records = self.scratch / "rows.parquet"
        reader, stored = self._collect(records)
        before = self.refusals.count
        if reader.blank_lines:
            self._tell_blank(reader.blank_lines)
        missing = ", ".join(map(_text, ("", *self.missing)))
        cells = ", ".join(
            f"CASE WHEN c{i} IN ({missing}) THEN NULL ELSE c{i} END AS c{i}" for i in range(self.width)
        )
        relation = f"(SELECT {cells}, line FROM read_parquet({_text(str(records))}))"
        rows, use = self.casting.run(relation, seen.rows, self.refusals)
        if rows + self.refusals.count - before != stored:
            raise RuntimeError(f"{stored} rows were read and {rows} written")
        return rows, use

    def _collect(self, into: Path) -> tuple[Reader, int]:
        """Every good record as a row of text, with its line; the others to the refusals."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema([(f"c{i}", pa.string()) for i in range(self.width)] + [("line", pa.int64())])
        size = max(1, self.text.stat().st_size)
        stored = 0
        with self.text.open("rb") as file, pq.ParquetWriter(into, schema, use_dictionary=False) as writer:
            file.seek(self.layout.start)
            reader = Reader(file, self.splitter, self.width, self.source.pad, self.layout.line)
            for batch in _batches(self._good(reader), self.width):
                arrays = [
                    pa.array(column, pa.string()) for column in zip(*(r.cells for r in batch), strict=True)
                ]
                lines = pa.array([record.line for record in batch], pa.int64())
                writer.write_batch(pa.RecordBatch.from_arrays([*arrays, lines], schema=schema))
                stored += len(batch)
                self.watch.progress(0.2 + 0.5 * reader.bytes_read / size, "Reading rows one by one")
                if self.watch.stopped():
                    raise Cancelled()
        return reader, stored

    def _good(self, reader: Reader) -> Iterator[Record]:
        for record in reader:
            if record.reason:
                self.refusals.add(record.line, record.reason, record.text)
            else:
                yield record

    def _tell_blank(self, lines: int) -> None:
        self.notes.append(
            note(
                "{count:,} blank line was left out: it is no row"
                " | {count:,} blank lines were left out: they are no rows",
                count=lines,
            )
        )


def _text(value: str) -> str:
    return str(sql.literal(value).sql(dialect="duckdb"))


def _batches(records: Iterator[Record], width: int) -> Iterator[list[Record]]:
    """Records in batches of bounded size: by their number and by the letters they hold."""
    batch: list[Record] = []
    held = 0
    most = max(200, 600_000 // max(1, width))
    for record in records:
        batch.append(record)
        held += sum(map(len, record.cells)) if width < 8 else len(record.cells[0])
        if len(batch) >= most or held > 16_000_000:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch
