"""Arrow and Parquet columns of any type, brought to the six types of a stored table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import duckdb

from core import sql
from core.contracts import Account, Source, Watch
from core.errors import BadInput, BadParameter, Cancelled
from core.sources import names as naming
from core.sources.changed import too_fine
from core.sources.confined import connect
from core.sources.refusals import Refusals
from core.sources.running import copied
from core.sources.scratch import scratch_beside
from core.sources.stored import brought, lost
from core.wording import Note

if TYPE_CHECKING:
    import pyarrow as pa

_DAMAGED = (
    duckdb.InvalidInputException,
    duckdb.IOException,
    duckdb.SerializationException,
    duckdb.ConversionException,
    duckdb.InternalException,
)


class ParquetFile(Source):
    """Rows of an Apache Parquet file."""

    title: ClassVar[str] = "Parquet"
    group: ClassVar[str] = "Files"
    extensions: ClassVar[tuple[str, ...]] = (".parquet", ".pq")

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        import pyarrow as pa
        import pyarrow.parquet as pq

        file = given(file, self.title)
        with scratch_beside(place) as scratch, closing(connect(scratch, [file])) as connection:
            table = f"read_parquet({sql.literal(str(file)).sql(dialect='duckdb')})"
            try:
                with closing(connection.cursor()) as cursor:
                    kinds = [row[1] for row in cursor.execute(f"DESCRIBE FROM {table}").fetchall()]
                    rows_in = cursor.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                # DuckDB has already renamed columns that differ in case alone: the file has the names
                described = list(zip(pq.read_schema(file).names, kinds, strict=True))
                account = _account(
                    self, connection, table, described, rows_in, scratch, place, refused, watch, file
                )
                more = _finer(file, [column.name for column in account.columns])
                return account.model_copy(update={"notes": (*account.notes, *more)})
            except (*_DAMAGED, pa.ArrowException) as error:
                raise BadInput(
                    "The Parquet file cannot be read, it may be cut short or damaged: {reason}.",
                    hint="Write or upload it again.",
                    reason=plain_words(error, file),
                ) from error


def _finer(file: Path, names: list[str]) -> list[Note]:
    """How many times in the old format of 96 bits are finer than DuckDB reads them; mostly there are none."""
    import pyarrow.parquet as pq

    notes = []
    with pq.ParquetFile(file) as whole:
        leaves = [whole.schema.column(i) for i in range(len(whole.schema))]
        old = [leaf.path for leaf in leaves if leaf.physical_type == "INT96"]
        for name, said in zip(whole.schema_arrow.names, names, strict=True):
            if name not in old:
                continue
            count = 0
            for batch in whole.iter_batches(65_536, columns=[name]):
                ticks = batch.column(0).cast("int64").drop_null().to_numpy(zero_copy_only=False)
                count += int((ticks % 1_000 != 0).sum())
            if count:
                notes.append(too_fine(said, count))
    return notes


class ArrowFile(Source):
    """Rows of an Apache Arrow or Feather file."""

    title: ClassVar[str] = "Arrow, Feather"
    group: ClassVar[str] = "Files"
    extensions: ClassVar[tuple[str, ...]] = (".feather", ".arrow", ".ipc")

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        import pyarrow as pa

        file = given(file, self.title)
        try:
            with pa.OSFile(str(file)) as source:
                schema, batches = _record_batches(source)
                return table_of(self, list(schema.names), schema, batches, place, refused, watch)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise BadInput(
                "The Arrow file cannot be read, it may be cut short or damaged: {reason}.",
                hint="Write or upload it again.",
                reason=plain_words(error, file),
            ) from error


def table_of(
    source: Source,
    names: Sequence[str],
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    place: Path,
    refused: Path,
    watch: Watch,
) -> Account:
    """Store record batches of any types as a table, in flat memory."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows_in = 0
    with scratch_beside(place) as scratch, closing(connect(scratch)) as connection:
        copy = scratch / "rows.parquet"
        plain = pa.schema([(f"c{i}", _plain_type(field.type)) for i, field in enumerate(schema)])
        if not names:
            raise BadInput("The file holds no columns.")
        with pq.ParquetWriter(copy, plain) as writer:
            for batch in batches:
                # Arrow believes a file's offsets and lengths: a false one reads foreign memory
                batch.validate(full=True)
                arrays = [column.cast(kind) for column, kind in zip(batch.columns, plain.types, strict=True)]
                writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=plain))
                rows_in += batch.num_rows
                watch.progress(None, "Reading rows")
                if watch.stopped():
                    raise Cancelled()
        table = f"read_parquet({sql.literal(str(copy)).sql(dialect='duckdb')})"
        with closing(connection.cursor()) as cursor:
            kinds = [r[1] for r in cursor.execute(f"DESCRIBE FROM {table}").fetchall()]
        described = list(zip(names, kinds, strict=True))
        return _account(source, connection, table, described, rows_in, scratch, place, refused, watch, copy)


def _record_batches(source: Any) -> tuple[pa.Schema, Any]:
    """The schema and the record batches of an IPC file, an IPC stream or a Feather V1 file."""
    import pyarrow as pa
    import pyarrow.feather as feather

    head = bytes(source.read(8))
    source.seek(0)
    if head.startswith(b"ARROW1"):
        reader = pa.ipc.open_file(source)
        return reader.schema, (reader.get_batch(i) for i in range(reader.num_record_batches))
    if head.startswith(b"FEA1"):
        table = feather.read_table(source)
        return table.schema, table.to_batches()
    stream = pa.ipc.open_stream(source)
    return stream.schema, stream


def _plain_type(kind: pa.DataType) -> pa.DataType:
    """An Arrow type that Parquet can hold and DuckDB can read, for the types where that differs."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_float16(kind):
        return pa.float32()
    if pa.types.is_date64(kind):
        return pa.date32()
    if pa.types.is_duration(kind):
        return pa.int64()
    if pa.types.is_timestamp(kind) and kind.unit == "s":
        return pa.timestamp("ms", kind.tz)
    return kind


def _account(
    source: Source,
    connection: Any,
    table: str,
    described: list[tuple[str, str]],
    rows_in: int,
    scratch: Path,
    place: Path,
    refused: Path,
    watch: Watch,
    reading: Path,
) -> Account:
    if not described:
        raise BadInput("The file holds no columns.")
    mended, changed = naming.mend([name for name, _ in described])
    columns, listed, notes = brought(described, mended)
    aliases = ", ".join(f"c{i}" for i in range(len(described)))
    relation = f"{table} AS t({aliases})"
    query = f"SELECT {listed} FROM {relation}"
    rows = copied(connection, query, scratch, place, len(columns), watch, reading=reading)
    if rows != rows_in:
        raise RuntimeError(f"{rows_in} rows were read and {rows} written")
    watch.progress(0.99, "Counting what was changed")
    notes += lost(connection, relation, [kind for _, kind in described], mended)
    with Refusals(refused):
        pass  # a typed file has no row that does not fit
    return Account(
        rows_in=rows_in,
        rows=rows,
        refused=0,
        columns=columns,
        dialect=json.loads(source.model_dump_json()),
        notes=(*changed, *notes),
    )


def given(file: Path | None, title: str) -> Path:
    if file is None:
        raise BadParameter("{title} needs a file to read.", title=title)
    if file.stat().st_size == 0:
        raise BadInput("The file is empty.", hint="Choose a file that holds rows.")
    return file


def plain_words(error: Exception, file: Path) -> str:
    """A library's message without its kind and without the place of the file, which is ours."""
    first = (str(error).splitlines() or [type(error).__name__])[0]
    for written in (f" {str(file)!r}", f' "{file}"', f" '{file}'", f" {file}"):
        first = first.replace(written, "")
    return re.sub(r"^\w+( \w+)* Error: ", "", first)[:300].rstrip(" .")
