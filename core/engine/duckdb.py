"""DuckDB over Parquet: the embedded engine, larger than memory by itself."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from sqlglot import exp

from core import keys, sql
from core.contracts import Column, ColumnType, Engine, Schema
from core.errors import BadInput, Cancelled, LimitReached

if TYPE_CHECKING:
    import pyarrow as pa

_TYPES: dict[str, ColumnType] = {
    "BIGINT": "integer",
    "INTEGER": "integer",
    "SMALLINT": "integer",
    "TINYINT": "integer",
    "UINTEGER": "integer",
    "USMALLINT": "integer",
    "UTINYINT": "integer",
    "DOUBLE": "number",
    "FLOAT": "number",
    "UBIGINT": "number",
    "HUGEINT": "number",
    "UHUGEINT": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
}
STORAGE = sql.STORAGE


def column_type(duckdb_type: str) -> ColumnType:
    """Which of the six column types holds values of a DuckDB type; whatever else is text."""
    kind = duckdb_type.upper()
    if kind.startswith("DECIMAL"):
        return "number"
    if kind.startswith("TIMESTAMP"):
        return "datetime"
    return _TYPES.get(kind, "text")


class DuckEngine(Engine):
    """Runs queries over Parquet files in this process.

    `memory` is DuckDB's own limit ("2GB"); above it the engine spills to `scratch`. With `within`,
    no query reaches a file outside that folder, whatever it says.
    """

    def __init__(
        self,
        *,
        memory: str | None = None,
        threads: int | None = None,
        scratch: Path | None = None,
        within: Path | None = None,
    ) -> None:
        settings: dict[str, Any] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
            "python_scan_all_frames": False,
            "enable_external_file_cache": False,
            "preserve_insertion_order": True,
        }
        if memory:
            settings["memory_limit"] = memory
        if threads:
            settings["threads"] = threads
        if scratch:
            settings["temp_directory"] = str(scratch)
        self._connection = duckdb.connect(":memory:", config=settings)
        self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
        if within is not None:
            folder = sql.literal(str(within)).sql(dialect="duckdb")
            self._connection.execute(f"SET allowed_directories = [{folder}]")
            self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")
        self._lock = threading.Lock()
        self._running: set[Any] = set()

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        """A cursor of its own for each call (one shared between threads fails), errors made plain."""
        with self._lock:
            cursor = self._connection.cursor()
            self._running.add(cursor)
        try:
            yield cursor
        except duckdb.InterruptException:
            raise Cancelled() from None
        except duckdb.OutOfMemoryException as error:
            raise LimitReached(
                "This needs more memory than is set aside for one query: {reason}",
                hint="Use fewer columns, filter first, or raise the limit in the settings.",
                reason=str(error).splitlines()[0],
            ) from error
        except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
            raise BadInput(
                "A value does not fit its column's type: {reason}",
                reason=str(error).splitlines()[0],
            ) from error
        finally:
            with self._lock:
                self._running.discard(cursor)
            cursor.close()

    def _ready(self, cursor: Any, query: exp.Query | str) -> str:
        """The statement of a query, with the keys that it names set on the cursor that will run it."""
        statement = query if isinstance(query, str) else sql.text(query)
        for name, value in keys.variables(statement).items():
            cursor.execute(f"SET VARIABLE {name} = from_hex(?)", [value.hex()])
        return statement

    def schema(self, query: exp.Query) -> Schema:
        with self._cursor() as cursor:
            relation = cursor.sql(self._ready(cursor, query))
            return tuple(
                Column(name=name, type=column_type(str(kind)))
                for name, kind in zip(relation.columns, relation.types, strict=True)
                if name != sql.ROW
            )

    def storage(self, query: exp.Query) -> dict[str, str]:
        """DuckDB's own type of each column a query yields."""
        with self._cursor() as cursor:
            relation = cursor.sql(self._ready(cursor, query))
            return dict(zip(relation.columns, map(str, relation.types), strict=True))

    def rows(self, query: exp.Query, limit: int | None = None) -> pa.Table:
        asked = query if limit is None else query.limit(limit)
        with self._cursor() as cursor:
            return cursor.sql(self._ready(cursor, asked)).to_arrow_table()

    def batches(self, query: exp.Query, size: int = 65_536) -> Iterator[pa.RecordBatch]:
        with self._cursor() as cursor:
            yield from cursor.sql(self._ready(cursor, query)).to_arrow_reader(size)

    def write(self, query: exp.Query, place: Path) -> int:
        target = sql.literal(str(place)).sql(dialect="duckdb")
        statement = (
            f"COPY ({sql.text(query)}) TO {target} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"
        )
        with self._cursor() as cursor:
            cursor.execute(self._ready(cursor, statement))
            return int(cursor.fetchone()[0])

    @contextmanager
    def held(self, query: exp.Query) -> Iterator[exp.Select]:
        """The result in the engine's memory (beyond its limit in `scratch`), asked for as this query says."""
        name = f"held_{secrets.token_hex(8)}"
        try:
            with self._cursor() as cursor:
                statement = f"CREATE TABLE {name} AS {sql.text(query)}"
                cursor.execute(self._ready(cursor, statement))
                columns = [row[0] for row in cursor.execute(f"DESCRIBE {name}").fetchall()]
            yield exp.select(*map(sql.name, columns)).from_(exp.to_table(name))
        finally:
            with self._cursor() as cursor:
                cursor.execute(f"DROP TABLE IF EXISTS {name}")

    def cancel(self) -> None:
        with self._lock:
            for cursor in self._running:
                cursor.interrupt()


def stored(place: Path) -> exp.Select:
    """The rows of a Parquet file, with the columns its own schema names."""
    import pyarrow.parquet as pq

    return sql.parquet(place, pq.read_schema(place).names)


def default_threads() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
