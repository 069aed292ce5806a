"""Whether a statement did what none may: an engine with nothing locked, and everything about it watched.

Files are watched by inotify (Linux), so that a read counts that shows in no result.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import struct
import sys
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import duckdb

from core.engine import statement
from tests.security.sql_tables import MARK, Places

_TOUCHED = 0x00000001 | 0x00000002 | 0x00000020 | 0x00000100 | 0x00000200 | 0x000000C0 | 0x00000004
_STATE = (
    "SELECT name, value FROM duckdb_settings() ORDER BY name",
    "SELECT database_name, path, readonly FROM duckdb_databases() ORDER BY ALL",
    "SELECT database_name, schema_name FROM duckdb_schemas() ORDER BY ALL",
    "SELECT database_name, schema_name, table_name, estimated_size, sql FROM duckdb_tables() ORDER BY ALL",
    "SELECT schema_name, view_name, sql FROM duckdb_views() WHERE NOT internal ORDER BY ALL",
    "SELECT function_name FROM duckdb_functions() WHERE NOT internal ORDER BY ALL",
    "SELECT type_name FROM duckdb_types() WHERE NOT internal ORDER BY ALL",
    "SELECT sequence_name, last_value FROM duckdb_sequences() ORDER BY ALL",
    "SELECT name, persistent FROM duckdb_secrets() ORDER BY ALL",
    "SELECT extension_name, loaded, installed FROM duckdb_extensions() ORDER BY ALL",
    "SELECT name, value FROM duckdb_variables() ORDER BY ALL",
    "SELECT name FROM duckdb_prepared_statements() ORDER BY ALL",
)
GIVEN = ("orders", "customers", "Sales 2024")


class Watcher:
    """Tells of each file that is opened, read, written, made or removed in these folders."""

    def __init__(self, *folders: Path) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._inotify = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        for folder in folders:
            if self._libc.inotify_add_watch(self._inotify, os.fsencode(folder), _TOUCHED) < 0:
                raise OSError(ctypes.get_errno(), str(folder))

    def seen(self) -> list[str]:
        """The names of the files that were touched since the last call."""
        with suppress(BlockingIOError):
            data, found, at = os.read(self._inotify, 1 << 16), [], 0
            while at < len(data):
                _, _, _, length = struct.unpack_from("iIII", data, at)
                found.append(data[at + 16 : at + 16 + length].rstrip(b"\0").decode() or "the folder")
                at += 16 + length
            return found
        return []


class Oracle:
    """An engine in which a statement that is run can do anything, and what it has done."""

    def __init__(self, places: Places, here: Path, *, checked: bool = True) -> None:
        os.chdir(here)  # where a file of a bare name would be
        self.checked = checked
        self.connection = duckdb.connect(
            ":memory:", config={"threads": 1, "memory_limit": "400MiB", "temp_directory": str(here / "spill")}
        )
        for name, stored in places.tables.items():
            self.connection.execute(f"CREATE TABLE \"{name}\" AS FROM '{stored.file}'").fetchall()
        self.connection.execute("CREATE TABLE kept AS SELECT 'as it was' AS word").fetchall()
        # every read of it is seen, whatever becomes of the word
        self.connection.execute(f"CREATE VIEW secret AS FROM read_csv('{places.file}')").fetchall()
        for setting in ("autoinstall_known_extensions", "autoload_known_extensions"):
            self.connection.execute(f"SET {setting} = false").fetchall()
        self.watcher = Watcher(places.folder, here)
        self.ran = 0
        self._late = _Late(0.4)
        self._before = self.state()
        self.watcher.seen()

    def state(self) -> str:
        """Settings, catalogue and the tables' rows, as one number."""
        found = hashlib.sha256()
        with closing(self.connection.cursor()) as cursor:
            for query in (*_STATE, *(f'FROM "{name}"' for name in (*GIVEN, "kept"))):
                found.update(str(cursor.sql(query).to_arrow_table().to_pydict()).encode())
        return found.hexdigest()

    def changed(self) -> bool:
        """Whether anything is other than it was; asked after some statements, as it takes a while."""
        after = self.state()
        touched = bool(self.watcher.seen())
        if after == self._before and not touched:
            return False
        self._before = after
        return True

    def breach(self, text: str) -> str | None:
        """Run the statement if it is allowed; what it has done that it may not."""
        with closing(self.connection.cursor()) as cursor:
            if self.checked:
                try:
                    statement.check(statement.parsed(cursor, text), GIVEN)
                except statement.Refused:
                    return f"parsing touched {touched}" if (touched := self.watcher.seen()) else None
            self.ran += 1
            with self._late.watching(cursor), suppress(duckdb.Error, MemoryError):
                if MARK.encode() in results(cursor, text):
                    return "it shows what is hidden"
        return f"it touched {touched}" if (touched := self.watcher.seen()) else None


def results(cursor: Any, text: str) -> bytes:
    import pyarrow as pa

    found = b""
    for one in cursor.extract_statements(text):
        if _reads(one):
            with closing(cursor.sql(one).to_arrow_reader(100)) as reader:
                batch = next(iter(reader), None)
            if batch is not None:
                sink = pa.BufferOutputStream()
                with pa.ipc.new_stream(sink, batch.schema) as writer:
                    writer.write_batch(batch.slice(0, 100))
                found += sink.getvalue().to_pybytes()
        else:
            with suppress(duckdb.InvalidInputException):
                found += str(cursor.execute(one).fetchall()).encode()
    return found


def _reads(one: Any) -> bool:
    with suppress(ValueError):  # a kind that the client has no name for
        return bool(one.type == duckdb.StatementType.SELECT)
    return False


class _Late:
    """Interrupts what takes too long."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._now: tuple[float, Any] | None = None
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while True:
            time.sleep(0.1)
            now = self._now
            if now is not None and time.monotonic() > now[0] + self.seconds:
                with suppress(duckdb.Error):
                    now[1].interrupt()

    def watching(self, cursor: Any) -> Any:
        from contextlib import contextmanager

        @contextmanager
        def watched() -> Any:
            self._now = (time.monotonic(), cursor)
            try:
                yield
            finally:
                self._now = None

        return watched()


available = sys.platform == "linux"
