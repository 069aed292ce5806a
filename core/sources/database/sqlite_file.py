"""SQLite files, opened to be read and nothing else."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from pydantic import SecretStr

from core.contracts import Watch
from core.errors import BadInput, NotFound
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
from core.sources.database.gathering import gathered
from core.sources.database.local import LocalFile

_COUNT_SECONDS = 2.0
_READS = (
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_TRANSACTION,
)
_ASKS = ("table_info", "table_xinfo", "query_only", "trusted_schema")


class SqliteFile(LocalFile):
    """A SQLite database in a file."""

    title: ClassVar[str] = "SQLite file"
    endings: ClassVar[tuple[str, ...]] = (".db", ".sqlite", ".sqlite3", ".db3")

    def connect(self, password: SecretStr, here: Here) -> Session:
        file = self.file(here)
        # what is still in the log beside a live database is read too; an upload has none
        live = file.with_name(file.name + "-wal").exists()
        options = "mode=ro" if live else "mode=ro&immutable=1"
        try:
            connection = sqlite3.connect(
                f"file:{quote(str(file))}?{options}", uri=True, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error as error:
            raise BadInput(
                "This is no SQLite database that can be read: {reason}", reason=problems.reason(error)
            ) from None
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.set_authorizer(_only_reads)
        return SqliteSession(connection)


def _only_reads(action: int, first: str | None, *_: object) -> int:
    allowed = action in _READS or (action == sqlite3.SQLITE_PRAGMA and first in _ASKS)
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


class SqliteSession(Session):
    """An open SQLite file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._until = 0.0
        connection.set_progress_handler(self._late, 10_000)

    def _late(self) -> int:
        return int(bool(self._until) and time.monotonic() > self._until)

    def about(self) -> dict[str, str]:
        return {"server": f"SQLite {sqlite3.sqlite_version}", "tls": ""}

    def held(self) -> Held:
        query = (
            "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"
            " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name LIMIT ?"
        )
        with self._asking(10):
            named = self._connection.execute(query, (MOST_TABLES + 1,)).fetchall()
        found = []
        until = time.monotonic() + _COUNT_SECONDS  # for all of them
        for name, kind in named[:MOST_TABLES]:
            left = until - time.monotonic()
            count = self._count(name, left) if kind == "table" and left > 0 else None
            found.append(Found(name=name, kind=kind, rows=count, exact=count is not None))
        return Held(tables=tuple(found), more=len(named) > MOST_TABLES)

    def _count(self, table: str, seconds: float) -> int | None:
        try:
            with self._asking(seconds):
                return int(self._connection.execute(f"SELECT count(*) FROM {_name(table)}").fetchone()[0])
        except BadInput:
            return None  # too many to count now

    def shape(self, schema: str, table: str) -> Shape:
        with self._asking(10):
            rows = self._connection.execute(f"PRAGMA table_info({_name(table)})").fetchall()
        if not rows:
            raise NotFound("There is no table {table!r} in this file.", table=table[:200])
        columns = tuple(Shaped(name=row[1], type=row[2].lower(), optional=not row[3]) for row in rows)
        key = tuple(row[1] for row in sorted((row for row in rows if row[5]), key=lambda row: row[5]))
        count = self._count(table, _COUNT_SECONDS)
        return Shape(columns=columns, key=key, rows=count, exact=count is not None)

    def read(
        self, reading: Reading, place: Path, watch: Watch, *, rows: int | None = None, seconds: float = 0
    ) -> Taken:
        """See Session. SQLite lets a column hold values of any type: each is looked at."""
        query = (
            f"SELECT * FROM {_name(reading.table)}" if reading.table else statement(reading.query, "sqlite")
        )
        if rows is not None:
            query = f"SELECT * FROM ({query}) LIMIT {int(rows)}"

        def ask() -> tuple[list[str], Iterator[tuple[Any, ...]]]:
            cursor = self._connection.execute(query)
            return [column[0] for column in cursor.description], iter(cursor)

        with self._asking(seconds), stopping(watch, self.interrupt):
            self._connection.execute("BEGIN")
            try:
                return gathered(ask, place, watch, expected=rows)
            finally:
                self._connection.execute("ROLLBACK")

    @contextmanager
    def _asking(self, seconds: float) -> Iterator[None]:
        self._until = time.monotonic() + seconds if seconds else 0.0
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise problems.failed(error) from None
        finally:
            self._until = 0.0

    def interrupt(self) -> None:
        self._connection.interrupt()

    def close(self) -> None:
        with closing(self._connection):
            pass


def _name(table: str) -> str:
    return '"' + table.replace('"', '""') + '"'
