"""Write a table as a file that people open elsewhere: CSV, Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import sql
from core.contracts import Engine, Silent, Table, Watch
from core.errors import BadParameter, Cancelled
from core.export.pipe import Pipe

if TYPE_CHECKING:
    from sqlglot import exp

GROUP = 122_880  # rows of a group in Parquet: a multiple of what the engine hands over at once
_FORMULA = r"^[=+\-@\t\r]"


def guarded(name: str) -> str:
    """A text that a spreadsheet will show and never run: = + - @, tab or return get an apostrophe.

    See OWASP, "CSV Injection".
    """
    return "'" + name if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name


def _shown(table: Table, raw: bool) -> exp.Select:
    """The table's query without its hidden row order, text cells guarded as `guarded` does."""

    def cell(name: str, kind: str) -> Any:
        if raw or kind != "text":
            return sql.name(name)
        return sql.template(
            "CASE WHEN regexp_matches(:x, :pattern) THEN :mark || :x ELSE :x END",
            x=sql.name(name),
            pattern=_FORMULA,
            mark="'",
        )

    def title(name: str) -> str:
        return name if raw else guarded(name)

    return sql.over(table.query, {title(c.name): cell(c.name, c.type) for c in table.columns})


def csv_chunks(table: Table, engine: Engine, *, raw: bool = False) -> Iterator[bytes]:
    """The table as UTF-8 CSV (RFC 4180 quoting, header first), a batch at a time, in flat memory.

    A missing value is empty; an empty text is "" in quotes: the two stay apart.
    """
    import pyarrow as pa
    from pyarrow import csv

    schema: pa.Schema | None = None
    for batch in engine.batches(_shown(table, raw)):
        schema = schema or batch.schema
        sink = pa.BufferOutputStream()
        options = csv.WriteOptions(include_header=schema is batch.schema)
        csv.write_csv(batch, sink, options)
        yield sink.getvalue().to_pybytes()
    if schema is None:
        empty = engine.rows(_shown(table, raw), limit=0)
        sink = pa.BufferOutputStream()
        csv.write_csv(empty, sink)
        yield sink.getvalue().to_pybytes()


def parquet_chunks(table: Table, engine: Engine) -> Iterator[bytes]:
    """The table as a Parquet file, a batch at a time, in flat memory: always raw, as Parquet is."""
    import pyarrow as pa
    from pyarrow import parquet

    sink = Pipe()
    schema = engine.rows(_shown(table, raw=True), limit=0).schema
    with parquet.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        for batch in engine.batches(_shown(table, raw=True), GROUP):
            writer.write_batch(batch, row_group_size=GROUP)
            yield sink.take()
    yield sink.take()


def arrow_csv(data: Any) -> bytes:
    """A small Arrow table as CSV; names and texts that a spreadsheet would run are guarded."""
    import pyarrow as pa
    from pyarrow import csv

    columns = [
        pa.array([None if cell is None else guarded(cell) for cell in column.to_pylist()], pa.string())
        if pa.types.is_string(column.type) else column
        for column in data.columns
    ]  # fmt: skip
    sink = pa.BufferOutputStream()
    csv.write_csv(pa.Table.from_arrays(columns, names=[guarded(name) for name in data.column_names]), sink)
    return bytes(sink.getvalue().to_pybytes())


def write_table(
    table: Table, engine: Engine, place: Path, *, raw: bool = False, watch: Watch | None = None
) -> int:
    """Write the table to `place`, as its ending says (.parquet or .csv); returns the bytes written.

    Parquet is always raw; in CSV, text that a spreadsheet would run is guarded unless `raw`.
    """
    watch = watch or Silent()
    kind = place.suffix.lower()
    if kind == ".parquet":
        engine.write(_shown(table, raw=True), place)
    elif kind == ".csv":
        with place.open("wb") as file:
            for chunk in csv_chunks(table, engine, raw=raw):
                if watch.stopped():
                    raise Cancelled()
                file.write(chunk)
    else:
        raise BadParameter(
            "A table is written as .csv or .parquet. Got {got!r} instead.", got=kind or place.name
        )
    return place.stat().st_size
