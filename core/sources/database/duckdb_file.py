"""DuckDB files, opened to be read and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

import duckdb
from pydantic import SecretStr

from core import sql
from core.contracts import Watch
from core.errors import BadInput, NotFound
from core.sources import names as naming
from core.sources.database import problems
from core.sources.database.base import (
    MOST_TABLES,
    Found,
    Held,
    Here,
    Reading,
    Session,
    Shape,
    Shaped,
    Taken,
    statement,
    stopping,
)
from core.sources.database.local import LocalFile
from core.sources.running import copied
from core.sources.stored import brought, lost


class DuckdbFile(LocalFile):
    """A DuckDB database in a file."""

    title: ClassVar[str] = "DuckDB file"
    endings: ClassVar[tuple[str, ...]] = (".duckdb", ".ddb")

    def connect(self, password: SecretStr, here: Here) -> Session:
        file = self.file(here)
        try:
            connection = duckdb.connect(
                str(file),
                read_only=True,
                config={
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                    "allow_community_extensions": False,
                    "python_enable_replacements": False,
                    "python_scan_all_frames": False,
                    "preserve_insertion_order": True,
                    "memory_limit": "1500MB",
                    "temp_directory": str(here.scratch / "spill"),
                },
            )
            folder = sql.literal(str(here.scratch)).sql(dialect="duckdb")
            connection.execute("SET GLOBAL TimeZone = 'UTC'")
            connection.execute(f"SET allowed_directories = [{folder}]")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
        except duckdb.Error as error:
            said = problems.reason(error).replace(str(file), "it")
            raise BadInput("This is no DuckDB database that can be read: {reason}", reason=said) from None
        return DuckdbSession(connection, here.scratch, file)


class DuckdbSession(Session):
    """An open DuckDB file."""

    def __init__(self, connection: Any, scratch: Path, file: Path) -> None:
        self._connection, self._scratch, self._file = connection, scratch, file
        self._asked: list[Any] = []  # the cursors of the question under way: each is interrupted by itself

    def cursor(self) -> Any:
        """A cursor that `interrupt` reaches."""
        self._asked.append(self._connection.cursor())
        return self._asked[-1]

    def about(self) -> dict[str, str]:
        return {"server": f"DuckDB {duckdb.__version__}", "tls": ""}

    def held(self) -> Held:
        query = (
            "SELECT schema_name, table_name, 'table', estimated_size FROM duckdb_tables() WHERE NOT internal"
            " AND NOT temporary UNION ALL SELECT schema_name, view_name, 'view', NULL FROM duckdb_views()"
            f" WHERE NOT internal ORDER BY 1, 2 LIMIT {MOST_TABLES + 1}"
        )
        rows = self._rows(query)
        found = tuple(
            Found(schema_name=schema, name=name, kind=kind, rows=count)
            for schema, name, kind, count in rows[:MOST_TABLES]
        )
        return Held(tables=found, more=len(rows) > MOST_TABLES)

    def shape(self, schema: str, table: str) -> Shape:
        query = (
            "SELECT column_name, data_type, is_nullable FROM duckdb_columns() WHERE table_name = $1"
            " AND ($2 = '' OR schema_name = $2) ORDER BY column_index"
        )
        rows = self._rows(query, [table, schema])
        if not rows:
            raise NotFound("There is no table {table!r} in this file.", table=table[:200])
        keys = self._rows(
            "SELECT constraint_column_names FROM duckdb_constraints() WHERE table_name = $1"
            " AND ($2 = '' OR schema_name = $2) AND constraint_type = 'PRIMARY KEY'",
            [table, schema],
        )
        count = self._rows(f"SELECT count(*) FROM {_name(schema, table)}")[0][0]
        columns = tuple(Shaped(name=n, type=kind.lower(), optional=bool(empty)) for n, kind, empty in rows)
        return Shape(columns=columns, key=tuple(keys[0][0]) if keys else (), rows=count, exact=True)

    def read(
        self, reading: Reading, place: Path, watch: Watch, *, rows: int | None = None, seconds: float = 0
    ) -> Taken:
        """See Session."""
        inner = (
            f"SELECT * FROM {_name(reading.schema_name, reading.table)}"
            if reading.table
            else statement(reading.query, "duckdb")
        )
        limit = f" LIMIT {int(rows)}" if rows is not None else ""
        with self._asking(seconds), stopping(watch, self.interrupt):
            with closing(self.cursor()) as cursor:
                described = [(row[0], row[1]) for row in cursor.execute(f"DESCRIBE {inner}").fetchall()]
            names, notes = naming.mend([name for name, _ in described])
            columns, listed, said = brought(described, names)
            aliases = ", ".join(f"c{i}" for i in range(len(described)))
            relation = f"(SELECT * FROM ({inner}){limit}) AS t({aliases})"
            query = f"SELECT {listed} FROM {relation}"
            # by way of the folder that DuckDB was allowed to write
            count = copied(self, query, self._scratch, place, len(columns), watch, reading=self._file)
            lose = lost(self, relation, [kind for _, kind in described], names)
        return Taken(count, columns, (*notes, *said, *lose))

    def _rows(
        self, query: str, values: list[Any] | None = None, seconds: float = 30
    ) -> list[tuple[Any, ...]]:
        with self._asking(seconds), closing(self.cursor()) as cursor:
            return list(cursor.execute(query, values or []).fetchall())

    @contextmanager
    def _asking(self, seconds: float) -> Iterator[None]:
        late = threading.Timer(seconds, self.interrupt) if seconds else None
        if late is not None:
            late.daemon = True
            late.start()
        try:
            yield
        except duckdb.Error as error:
            raise problems.failed(error) from None
        finally:
            if late is not None:
                late.cancel()
            self._asked = []

    def interrupt(self) -> None:
        for cursor in self._asked:
            with suppress(duckdb.Error):  # it was closed meanwhile
                cursor.interrupt()

    def close(self) -> None:
        with suppress(duckdb.Error):
            self._connection.close()


def _name(schema: str, table: str) -> str:
    parts = [schema, table] if schema else [table]
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)
