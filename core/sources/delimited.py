"""Tables in text: CSV, TSV and whatever else puts a mark between cells."""

from __future__ import annotations

import csv
import io
import itertools
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import duckdb
from pydantic import Field, field_validator, model_validator

from core import sql
from core.contracts import Account, ColumnType, Schema, Source, Watch
from core.errors import BadInput, BadParameter, Cancelled
from core.params import ColumnName, Frozen, Text
from core.sources import names as naming
from core.sources import typed
from core.sources.encoding import Encoding, mark_length, to_utf8
from core.sources.observations import observed
from core.sources.records import NONE, SPACES, TAB, Reader, Record, Splitter
from core.sources.refusals import Refusals
from core.sources.survey import records_outside_quotes, survey

if TYPE_CHECKING:
    import pyarrow as pa

_SAMPLE = (1 << 18, 1 << 16, 1 << 16)  # bytes looked at from the start, the middle and the end
_THOUSANDS = {"none": "", "space": " ", "apostrophe": "'"}


class ColumnOfType(Frozen):
    """A column and the type its values have."""

    column: Annotated[str, ColumnName()] = Field(title="Column", description="The column to read so.")
    type: ColumnType = Field(title="Type", description="Rows whose value is not of this type are refused.")


class DelimitedFile(Source):
    """Rows of a text file with a mark between the cells, such as CSV or TSV."""

    title: ClassVar[str] = "Text file (CSV, TSV, ...)"
    group: ClassVar[str] = "Files"
    extensions: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".tab", ".psv", ".txt", ".dat", ".data", ".asc")

    encoding: Encoding = Field(
        default="utf-8", title="Encoding", description="How the file's bytes stand for letters."
    )
    delimiter: Annotated[str, Text(example=";")] = Field(
        default=",",
        title="Delimiter",
        description="What stands between two cells: one or more characters, or the word tab, "
        "spaces (one or more of them) or none (each line is one cell).",
        max_length=10,
        min_length=1,
    )
    quote: Literal['"', "'", "none"] = Field(
        default='"',
        title="Quote",
        description="What stands around a cell that holds delimiters or line ends.",
    )
    escape: Literal["doubled", "backslash"] = Field(
        default="doubled",
        title="A quote inside quotes is",
        description="Written twice, or with a backslash before it.",
    )
    header: bool = Field(
        default=True, title="First row holds names", description="Otherwise the columns get names."
    )
    skip: int = Field(
        default=0,
        ge=0,
        le=10_000,
        title="Lines to leave out",
        description="Lines before the table, such as a title.",
    )
    decimal: Literal[".", ","] = Field(
        default=".", title="Decimal sign", description="What stands before the decimals of a number."
    )
    thousands: Literal["none", ",", ".", "space", "apostrophe"] = Field(
        default="none", title="Thousands mark", description="What stands between groups of three digits."
    )
    date_order: typed.DateOrder = Field(
        default="unclear",
        title="Dates such as 01/02/2024",
        description="Unclear: a column is read as dates only when its own values leave no doubt.",
    )
    missing: Annotated[str, Text(example="NA, -, ?")] = Field(
        default="NA, N/A, #N/A, NaN, nan, null, NULL",
        title="Missing",
        description="Texts that stand for a missing value, separated by commas. Empty cells always do.",
    )
    pad: bool = Field(
        default=False,
        title="Fill up short rows",
        description="Rows with too few cells get missing values at their end instead of being refused.",
    )
    types: tuple[ColumnOfType, ...] = Field(
        default=(), title="Types", description="Columns whose type is given instead of found."
    )

    @field_validator("delimiter")
    @classmethod
    def _usable(cls, value: str) -> str:
        value = {"\t": TAB, "\\t": TAB}.get(value, value)
        if any(character in value for character in "\r\n\0\"'") and value not in ("'",):
            raise ValueError("must not hold a quote or a line end")
        return value

    @model_validator(mode="after")
    def _different(self) -> DelimitedFile:
        if self.decimal == self.thousands:
            raise ValueError("needs a thousands mark that is not the decimal sign")
        return self

    def missing_texts(self) -> tuple[str, ...]:
        return tuple(text for part in self.missing.split(",") if (text := part.strip()))

    def splitter(self) -> Splitter:
        quote = "" if self.quote == "none" else self.quote
        return Splitter(self.delimiter, quote, quote if self.escape == "doubled" else "\\")

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        if file is None:
            raise BadParameter("{title} needs a file to read.", title=self.title)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix="reading-") as scratch:
            return _Reading(self, file, place, refused, Path(scratch), watch).account()


@dataclass(frozen=True)
class Layout:
    """Where the rows begin and what their columns are called."""

    names: tuple[str, ...]
    start: int  # byte of the first row
    line: int  # lines before it
    notes: tuple[str, ...]


def layout(source: DelimitedFile, path: Path) -> Layout:
    """The columns of a UTF-8 text; BadInput when its header cannot be read."""
    with path.open("rb") as file:
        mark = mark_length(file.read(4), "utf-8")
        start, line = _after(file, mark, source.skip, 0)
        file.seek(start)
        reader = Reader(file, source.splitter(), line=line)
        found = iter(reader)
        header = next(found, None) if source.header else None
        if header is not None:
            used = reader.line - len(reader._ahead)
            body = list(itertools.islice(found, 200))
            start, line = _after(file, start, used, line)
        else:
            body = list(itertools.islice(found, 200))
        if header is None and not body:
            raise BadInput("{name} holds no rows and no names of columns.", name=path.name)
    if header is not None and header.reason:
        raise BadInput(
            "The names of the columns on line {line} cannot be read: {reason}.",
            hint="Check the delimiter, the quote and the lines to leave out.",
            line=header.line,
            reason=header.reason,
        )
    good = [record.cells for record in body if not record.reason]
    if header is None and not good:
        raise BadInput(
            "No row can be read: the first one, on line {line}, is refused because of {reason}.",
            line=body[0].line,
            reason=body[0].reason,
        )
    width = Counter(map(len, good)).most_common(1)[0][0] if good else 0
    raw, notes = _columns(None if header is None else header.cells, width, good)
    mended, changed = naming.mend(raw)
    return Layout(tuple(mended), start, line, (*notes, *(changed if source.header else ())))


def _after(file: Any, start: int, upto: int, line: int) -> tuple[int, int]:
    """The place after line number `upto`, when line number `line` ends at `start`."""
    file.seek(start)
    place = start
    carry = b""
    while line < upto and (chunk := file.read(1 << 16)):
        if chunk.endswith(b"\r"):
            chunk += file.read(1)
        parts = (carry + chunk).splitlines(keepends=True)
        carry = b"" if parts[-1].endswith((b"\n", b"\r")) else parts.pop()
        for part in parts[: upto - line]:
            place += len(part)
            line += 1
    if line < upto and carry:
        place, line = place + len(carry), line + 1
    return place, line


def _columns(header: list[str] | None, width: int, rows: Sequence[list[str]]) -> tuple[list[str], list[str]]:
    """Names for the columns when the header and the rows are not equally wide."""
    if header is None:
        if width > 1 and all(not row[-1] for row in rows if len(row) == width):
            width -= 1  # a delimiter at the end of every line
        return [""] * width, []
    wide = [row for row in rows if len(row) == width]
    if width == len(header) + 1:
        if all(row[-1] == "" for row in wide):
            return header, ["each row ends in a delimiter, which was left out"]
        return ["row", *header], ["the first column has no name in the header: it is called 'row'"]
    if width > len(header):
        return [*header, *[""] * (width - len(header))], [
            "the rows have more cells than the header has names"
        ]
    surplus = header[width:]
    if wide and surplus and not any(cell.strip() for cell in surplus):
        return header[:width], ["the header ends in delimiters, which were left out"]
    if len(surplus) == 0 and width > 1 and not header[-1].strip() and all(r[-1] == "" for r in wide):
        return header[:-1], ["each line ends in a delimiter, which was left out"]
    return header, []


class _Reading:
    """One reading of one file: the fast reader where the file is clean, the careful one where not."""

    def __init__(
        self, source: DelimitedFile, file: Path, place: Path, refused: Path, scratch: Path, watch: Watch
    ) -> None:
        self.source, self.place, self.scratch, self.watch = source, place, scratch, watch
        if file.stat().st_size == 0:
            raise BadInput("The file is empty.", hint="Choose a file that holds rows.")
        self.text = file
        if source.encoding != "utf-8":
            self.text = scratch / "text.csv"
            to_utf8(file, source.encoding, self.text, watch)
        self.layout = layout(source, self.text)
        self.missing = source.missing_texts()
        self.refusals = Refusals(refused)
        self.notes = list(self.layout.notes)
        self.connection = typed.connect(scratch, [self.text])

    def account(self) -> Account:
        with closing(self.connection), self.refusals:
            sample = self._sample()
            outcome = self._fast(sample) or self._careful(sample)
            rows_in, rows, use = outcome
            columns = typed.schema(self.layout.names, use)
            if rows_in == 0:
                self.notes.append("the file holds names of columns and no rows")
            self.notes.extend(observed(self.layout.names, sample, use, self.missing))
            return Account(
                rows_in=rows_in,
                rows=rows,
                refused=self.refusals.count,
                columns=columns,
                dialect={k: v for k, v in self.source.to_json().items() if k != "kind"},
                notes=tuple(dict.fromkeys(self.notes)),
            )

    # the fast reader

    def _fast(self, sample: pa.Table) -> tuple[int, int, list[typed.Form]] | None:
        source, layout = self.source, self.layout
        mark = {TAB: "\t"}.get(source.delimiter, source.delimiter)
        if len(mark) != 1 or not mark.isascii() or source.escape != "doubled":
            return None
        if not source.header and layout.start:
            return None  # a byte order mark or skipped lines right before values
        quote = "" if source.quote == "none" else source.quote
        found = survey(self.text, layout.start, quote.encode(), self.watch)
        if found.trouble:
            return None
        relation = self._csv_relation(mark, quote)
        try:
            rows, use = self._typed(relation, sample)
        except duckdb.Error as error:
            if isinstance(error, duckdb.InterruptException):
                raise
            return None  # what the fast reader stumbles over, the careful one names line by line
        # in one column a blank line is a missing value to the fast reader and nothing to the careful one
        certain = rows == found.lines and len(layout.names) > 1
        if not certain and rows != records_outside_quotes(self.text, layout.start, quote):
            return None
        return rows, rows, use

    def _csv_relation(self, mark: str, quote: str) -> str:
        def text(value: str) -> str:
            return str(sql.literal(value).sql(dialect="duckdb"))

        columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(self.layout.names)))
        missing = ", ".join(map(text, ("", *self.missing)))
        return (
            f"read_csv({text(str(self.text))}, auto_detect = false, header = false, "
            f"skip = {self.layout.line}, delim = {text(mark)}, quote = {text(quote)}, "
            f"escape = {text(quote)}, "
            f"columns = {{{columns}}}, nullstr = [{missing}], strict_mode = true, compression = 'none')"
        )

    # the careful reader

    def _careful(self, sample: pa.Table) -> tuple[int, int, list[typed.Form]]:
        scratch = self.scratch / "rows.parquet"
        reader, stored = self._collect(scratch)
        refused = self.refusals.count
        if reader.blank_lines:
            self.notes.append(f"{reader.blank_lines:,} blank lines were left out: they are no rows")
        missing = ", ".join(sql.literal(t).sql(dialect="duckdb") for t in ("", *self.missing))
        cells = ", ".join(
            f"CASE WHEN c{i} IN ({missing}) THEN NULL ELSE c{i} END AS c{i}"
            for i in range(len(self.layout.names))
        )
        plain = f"read_parquet({sql.literal(str(scratch)).sql(dialect='duckdb')})"
        relation = f"(SELECT {cells}, line FROM {plain})"
        rows, use = self._typed(relation, sample, lines=True)
        if rows + self.refusals.count != stored + refused:
            raise RuntimeError(f"{stored} rows were read and {rows} written")
        return stored + refused, rows, use

    def _collect(self, into: Path) -> tuple[Reader, int]:
        """Every good record as a row of text, with its line; the others to the refusals."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        width = len(self.layout.names)
        schema = pa.schema([(f"c{i}", pa.string()) for i in range(width)] + [("line", pa.int64())])
        size = max(1, self.text.stat().st_size)
        stored = 0
        with self.text.open("rb") as file, pq.ParquetWriter(into, schema, use_dictionary=False) as writer:
            file.seek(self.layout.start)
            reader = Reader(file, self.source.splitter(), width, self.source.pad, self.layout.line)
            for batch in _batches(self._good(reader), width):
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

    # types

    def _forms(self) -> list[typed.Form]:
        source = self.source
        thousands = _THOUSANDS.get(source.thousands, source.thousands)
        return typed.forms(source.decimal, thousands, source.date_order)

    def _asked(self) -> dict[int, typed.Form]:
        source = self.source
        place = {name.casefold(): i for i, name in enumerate(self.layout.names)}
        result = {}
        for wish in source.types:
            if wish.column.casefold() not in place:
                raise BadParameter(
                    "The types name a column {column!r}, which the file does not have.",
                    hint="Its columns are: {known}.",
                    column=wish.column,
                    known=", ".join(self.layout.names[:20]),
                )
            thousands = _THOUSANDS.get(source.thousands, source.thousands)
            result[place[wish.column.casefold()]] = typed.asked(
                wish.type, source.decimal, thousands, source.date_order
            )
        return result

    def _typed(self, relation: str, sample: pa.Table, *, lines: bool = False) -> tuple[int, list[typed.Form]]:
        """Find each column's form and write; with `lines`, rows that break an asked type are refused."""
        asked = self._asked()
        fits = typed.fitting(self.connection, sample, self._forms(), self.missing)
        use, unsure = self._guess(sample, fits, asked)
        if unsure:
            self._settle(relation, unsure, use)
        columns = typed.schema(self.layout.names, use)
        try:
            rows = self._write(relation, columns, use)
        except duckdb.Error as error:
            if not typed.unfit(error):
                raise
            self._settle(relation, {i: f for i, f in enumerate(fits) if i not in asked and f}, use)
            columns = typed.schema(self.layout.names, use)
            if asked and lines:
                self._refuse_unfit(relation, asked)
            rows = self._write(relation, columns, use, drop_unfit=bool(asked) and lines)
        return rows, use

    def _write(
        self, relation: str, columns: Schema, use: list[typed.Form], *, drop_unfit: bool = False
    ) -> int:
        return typed.write(
            self.connection,
            relation,
            columns,
            use,
            self.scratch,
            self.place,
            self.watch,
            reading=self.text,
            drop_unfit=drop_unfit,
        )

    def _guess(
        self, sample: pa.Table, fits: list[list[typed.Form]], asked: dict[int, typed.Form]
    ) -> tuple[list[typed.Form], dict[int, list[typed.Form]]]:
        use: list[typed.Form] = []
        unsure: dict[int, list[typed.Form]] = {}
        empty = {"", *self.missing}
        for i, some in enumerate(fits):
            form, ambiguous = typed.chosen(some)
            if i in asked:
                form, ambiguous = asked[i], False
            elif ambiguous or (some and not set(sample.column(i).unique().to_pylist()) - empty - {None}):
                unsure[i] = some
            use.append(form or typed.TEXT)
        return use, unsure

    def _settle(self, relation: str, unsure: dict[int, list[typed.Form]], use: list[typed.Form]) -> None:
        self.watch.progress(None, "Finding the columns' types")
        for i, some in typed.settled(self.connection, relation, unsure).items():
            form, ambiguous = typed.chosen(some)
            use[i] = form or typed.TEXT
            if ambiguous:
                self.notes.append(
                    f"{self.layout.names[i]!r} holds dates whose day and month could be either way round: "
                    "it stays text until the order is chosen"
                )

    def _refuse_unfit(self, relation: str, asked: dict[int, typed.Form]) -> None:
        width = len(self.layout.names)
        cells = ", ".join(f"c{i}" for i in range(width))
        casts = ", ".join(f"{form.cast(f'c{i}')} AS v{i}" for i, form in asked.items())
        tests = [f"coalesce({form.good(f'c{i}', f'v{i}')}, false)" for i, form in asked.items()]
        query = (
            f"SELECT line, [{', '.join(tests)}], {cells} "
            f"FROM (SELECT line, {cells}, {casts} FROM {relation}) "
            f"WHERE NOT ({' AND '.join(tests)}) ORDER BY line"
        )
        with closing(self.connection.cursor()) as cursor:
            cursor.execute(query)
            while rows := cursor.fetchmany(2_000):
                for line, good, *row in rows:
                    wrong = next(i for i, fine in zip(asked, good, strict=True) if not fine)
                    reason = f"{self.layout.names[wrong]}: {row[wrong]!r:.100} is no {asked[wrong].type}"
                    self.refusals.add(line, reason, _joined(row, self.source.delimiter))

    # a look at the text

    def _sample(self) -> pa.Table:
        """Rows of text from the start, the middle and the end of the file."""
        import pyarrow as pa

        width = len(self.layout.names)
        size = self.text.stat().st_size
        head, middle, end = _SAMPLE
        rows: list[list[str]] = []
        with self.text.open("rb") as file:
            file.seek(self.layout.start)
            rows += self._good_cells(file.read(head), width, cut=size > self.layout.start + head)
            for place, length in ((size // 2, middle), (size - end, end)):
                if place > self.layout.start + head:
                    file.seek(place)
                    part = file.read(length)
                    # inside quotes a line end is no end of a record: such parts are not trusted
                    if self.source.quote == "none" or self.source.quote.encode() not in part:
                        rows += self._good_cells(part.partition(b"\n")[2], width, cut=True)
        columns = list(zip(*rows, strict=True)) if rows else [()] * width
        return pa.table([pa.array(c, pa.string()) for c in columns], names=[f"c{i}" for i in range(width)])

    def _good_cells(self, part: bytes, width: int, *, cut: bool) -> list[list[str]]:
        if cut:
            part = part[: part.rfind(b"\n") + 1]
        found = Reader(io.BytesIO(part), self.source.splitter(), width, self.source.pad)
        limit = max(50, 200_000 // width)
        return [record.cells for record in itertools.islice(found, limit) if not record.reason]


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


def _joined(row: Sequence[str | None], delimiter: str) -> str:
    out = io.StringIO()
    mark = {TAB: "\t", SPACES: " ", NONE: ","}.get(delimiter, delimiter)
    csv.writer(out, delimiter=mark if len(mark) == 1 else ",", lineterminator="").writerow(
        ["" if cell is None else cell for cell in row]
    )
    return out.getvalue()[:1000]
