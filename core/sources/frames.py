"""Arrow and Parquet columns of any type, brought to the six types of a stored table."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import duckdb

from core import sql
from core.contracts import Account, Column, ColumnType, Schema, Source, Watch
from core.errors import BadInput, BadParameter, Cancelled
from core.sources import names as naming
from core.sources.confined import connect
from core.sources.refusals import Refusals
from core.sources.running import copied
from core.sources.scratch import scratch_beside
from core.wording import Note, note

if TYPE_CHECKING:
    import pyarrow as pa

_DAMAGED = (
    duckdb.InvalidInputException,
    duckdb.IOException,
    duckdb.SerializationException,
    duckdb.ConversionException,
    duckdb.InternalException,
)
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")


def stored_as(kind: str, column: str, name: str = "") -> tuple[ColumnType, str, Note | None]:
    """The column type for a DuckDB type, the SQL that brings a column to it, and what that changes."""
    upper = kind.upper()
    if upper in _WHOLE:
        return "integer", f"{column}::BIGINT", None
    if upper in ("UBIGINT", "HUGEINT", "UHUGEINT"):
        return "text", f"{column}::VARCHAR", note("{name}: whole numbers beyond 64 bits stay text", name=name)
    if upper in ("FLOAT", "DOUBLE"):
        return "number", f"CASE WHEN isnan({column}) THEN NULL ELSE {column}::DOUBLE END", None
    if upper.startswith("DECIMAL"):
        return "number", f"{column}::DOUBLE", None
    if upper == "BOOLEAN":
        return "boolean", column, None
    if upper == "DATE":
        return "date", f"CASE WHEN isfinite({column}) THEN {column} END", None
    if upper == "TIMESTAMP WITH TIME ZONE":
        said = note("{names}: times with a zone were brought to UTC", names=name)
        return "datetime", f"({column} AT TIME ZONE 'UTC')", said
    if upper.startswith("TIMESTAMP"):
        return "datetime", f"{column}::TIMESTAMP", None
    if upper == "VARCHAR" or upper.startswith("ENUM"):
        return "text", f"{column}::VARCHAR", None
    if upper == "BLOB":
        return (
            "text",
            f"lower(hex({column}))",
            note("{name}: bytes were written as hexadecimal text", name=name),
        )
    if upper.endswith("]") or upper.startswith(("STRUCT", "MAP", "UNION")):
        return (
            "text",
            f"to_json({column})::VARCHAR",
            note("{name}: nested values were written as JSON", name=name),
        )
    said = note("{name}: values of type {kind} were written as text", name=name, kind=kind.lower())
    return "text", f"{column}::VARCHAR", said


def brought(described: Sequence[tuple[str, str]], renamed: Sequence[str]) -> tuple[Schema, str, list[Note]]:
    """Columns of a relation whose columns are called c0, c1, ...: the stored schema and the SELECT list."""
    columns, listed, notes = [], [], []
    for i, ((_, kind), name) in enumerate(zip(described, renamed, strict=True)):
        type_, expression, said = stored_as(kind, f"c{i}", name)
        columns.append(Column(name=name, type=type_))
        listed.append(f"{expression} AS {sql.name(name).sql(dialect='duckdb')}")
        if said:
            notes.append(said)
    return tuple(columns), ", ".join(listed), notes


class ParquetFile(Source):
    """Rows of an Apache Parquet file."""

    title: ClassVar[str] = "Parquet"
    group: ClassVar[str] = "Files"
    extensions: ClassVar[tuple[str, ...]] = (".parquet", ".pq")

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        import pyarrow as pa
        import pyarrow.parquet as pq

        file = _given(file, self.title)
        with scratch_beside(place) as scratch, closing(connect(scratch, [file])) as connection:
            table = f"read_parquet({sql.literal(str(file)).sql(dialect='duckdb')})"
            try:
                with closing(connection.cursor()) as cursor:
                    kinds = [row[1] for row in cursor.execute(f"DESCRIBE FROM {table}").fetchall()]
                    rows_in = cursor.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                # DuckDB has already renamed columns that differ in case alone: the file has the names
                described = list(zip(pq.read_schema(file).names, kinds, strict=True))
                return _account(
                    self, connection, table, described, rows_in, scratch, place, refused, watch, file
                )
            except (*_DAMAGED, pa.ArrowException) as error:
                raise BadInput(
                    "The Parquet file cannot be read, it may be cut short or damaged: {reason}.",
                    hint="Write or upload it again.",
                    reason=_plain(error, file),
                ) from error


class ArrowFile(Source):
    """Rows of an Apache Arrow or Feather file."""

    title: ClassVar[str] = "Arrow, Feather"
    group: ClassVar[str] = "Files"
    extensions: ClassVar[tuple[str, ...]] = (".feather", ".arrow", ".ipc")

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        import pyarrow as pa
        import pyarrow.parquet as pq

        file = _given(file, self.title)
        with scratch_beside(place) as scratch, closing(connect(scratch)) as connection:
            copy = scratch / "rows.parquet"
            names, rows_in = [], 0
            try:
                with pa.OSFile(str(file)) as source:
                    schema, batches = _record_batches(source)
                    names = list(schema.names)
                    plain = pa.schema([(f"c{i}", _plain_type(f.type)) for i, f in enumerate(schema)])
                    with pq.ParquetWriter(copy, plain) as writer:
                        for batch in batches:
                            # Arrow believes a file's offsets and lengths: a false one reads foreign memory
                            batch.validate(full=True)
                            arrays = [
                                column.cast(kind)
                                for column, kind in zip(batch.columns, plain.types, strict=True)
                            ]
                            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=plain))
                            rows_in += batch.num_rows
                            watch.progress(None, "Reading rows")
                            if watch.stopped():
                                raise Cancelled()
            except (pa.ArrowException, OSError, ValueError) as error:
                raise BadInput(
                    "The Arrow file cannot be read, it may be cut short or damaged: {reason}.",
                    hint="Write or upload it again.",
                    reason=_plain(error, file),
                ) from error
            table = f"read_parquet({sql.literal(str(copy)).sql(dialect='duckdb')})"
            with closing(connection.cursor()) as cursor:
                kinds = [r[1] for r in cursor.execute(f"DESCRIBE FROM {table}").fetchall()]
            described = list(zip(names, kinds, strict=True))
            return _account(self, connection, table, described, rows_in, scratch, place, refused, watch, copy)


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
    if pa.types.is_timestamp(kind) and kind.unit in ("s", "ns"):
        return pa.timestamp("us", kind.tz)
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
    query = f"SELECT {listed} FROM {table} AS t({aliases})"
    rows = copied(connection, query, scratch, place, len(columns), watch, reading=reading)
    if rows != rows_in:
        raise RuntimeError(f"{rows_in} rows were read and {rows} written")
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


def _given(file: Path | None, title: str) -> Path:
    if file is None:
        raise BadParameter("{title} needs a file to read.", title=title)
    if file.stat().st_size == 0:
        raise BadInput("The file is empty.", hint="Choose a file that holds rows.")
    return file


def _plain(error: Exception, file: Path) -> str:
    """A library's message without its kind and without the place of the file, which is ours."""
    first = (str(error).splitlines() or [type(error).__name__])[0]
    for written in (f" {str(file)!r}", f' "{file}"', f" '{file}'", f" {file}"):
        first = first.replace(written, "")
    return re.sub(r"^\w+( \w+)* Error: ", "", first)[:300].rstrip(" .")
