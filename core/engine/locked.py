"""DuckDB for statements that people type: the tables it was given, settings that nobody can change.

The check of the statement is the first wall and these settings are the second; DuckDB itself says that
they are no boundary. Use it only in a process that is confined besides (see `core.engine.cell`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from core import sql
from core.engine import statement
from core.engine.stored_tables import Stored
from core.engine.tree import Checked
from core.errors import BadInput, Cancelled, LimitReached, SightlineError


@dataclass
class Locked:
    """A locked connection over `tables`, by the names that statements use."""

    tables: Mapping[str, Stored]
    spill: Path
    memory: int = 512 * 1024 * 1024  # bytes; DuckDB's own idea of it, so the process needs a limit too
    threads: int = 2
    disk: int = 2 * 1024**3
    _made: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.connection = duckdb.connect(
            ":memory:",
            config={
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
                "allow_persistent_secrets": False,
                "allow_unredacted_secrets": False,
                "python_enable_replacements": False,
                "python_scan_all_frames": False,
                "enable_external_file_cache": False,
                "preserve_insertion_order": True,
                "memory_limit": f"{self.memory >> 20}MiB",
                "threads": self.threads,
                "temp_directory": str(self.spill),
                "max_temp_directory_size": f"{self.disk >> 20}MiB",
            },
        )
        files = ", ".join(_quoted(table.file) for table in self.tables.values())
        for setting in (
            "GLOBAL TimeZone = 'UTC'",
            "GLOBAL allow_extension_repositories = 'forbidden'",
            "GLOBAL enable_logging = false",
            "GLOBAL max_expression_depth = 250",
            "GLOBAL pivot_limit = 1000",
            "GLOBAL errors_as_json = true",
            f"GLOBAL allowed_paths = [{files}]",
            "GLOBAL enable_external_access = false",
            "GLOBAL lock_configuration = true",
        ):
            self.connection.execute(f"SET {setting}")

    def check(self, text: str) -> Checked:
        """Refuse the statement, or say what it reads; those tables are there afterwards."""
        with closing(self.connection.cursor()) as cursor:
            found = statement.check(statement.parsed(cursor, text), self.tables)
            for name in sorted(found.tables - self._made):
                self._make(cursor, name)
        return found

    def _make(self, cursor: Any, name: str) -> None:
        stored = self.tables[name]
        columns = ", ".join(map(_named, stored.columns))
        cursor.execute(
            f"CREATE VIEW {_named(name)} AS SELECT {columns} FROM read_parquet({_quoted(stored.file)})"
        )
        self._made.add(name)

    def relation(self, cursor: Any, text: str) -> Any:
        """The rows of a statement that `check` allowed, not yet computed."""
        statements = cursor.extract_statements(text)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise statement.Refused("Type one statement at a time.", hint="It must read, and nothing else.")
        return cursor.sql(statements[0])

    @cached_property
    def shift(self) -> int:
        """How far off the engine's places are once the columns of a statement are projected."""
        with closing(self.connection.cursor()) as cursor:
            try:
                self.relation(cursor, "SELECT CAST('x' AS INT)").project("#1 AS c0").to_arrow_table()
            except duckdb.Error as error:
                return (_read(error, "")[1] or 7) - 7
        return 0


def _quoted(text: str) -> str:
    return sql.literal(text).sql(dialect="duckdb")


def _named(name: str) -> str:
    return sql.name(name).sql(dialect="duckdb")


def explained(error: Exception, text: str, shift: int = 0) -> SightlineError:
    """What the engine said about a statement, with the place in it where that is known."""
    reason, place, length = _read(error, text)
    if place is not None and not 0 <= (place := place - shift) < len(text.encode()):
        place, length = None, None
    found: dict[str, Any] = {"reason": reason, "start": place, "length": length}
    if isinstance(error, duckdb.InterruptException):
        return Cancelled()
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError):
        return LimitReached(
            "This statement needs more memory than one may take.",
            hint="Read fewer columns or rows, or group before joining.",
        )
    if isinstance(error, duckdb.ConversionException | duckdb.OutOfRangeException):
        return BadInput(
            "A value cannot be read as that: {reason}.",
            hint="TRY_CAST gives an empty value instead, and x / NULLIF(y, 0) never fails.",
            **found,
        )
    if isinstance(error, duckdb.IOException | duckdb.PermissionException):
        return BadInput("Statements reach your tables, and no files.", hint="Add the file on the page Add.")
    return BadInput("The statement cannot run: {reason}.", **found)


def _read(error: Exception, text: str) -> tuple[str, int | None, int | None]:
    """The engine's own sentence without its kind, and where in the statement it points."""
    said = str(error)
    body = said.partition(": ")[2] or said
    try:
        told = json.loads(body)
        start, length = statement.located(told.get("location"))
        reason = str(told["exception_message"])
    except (ValueError, KeyError, TypeError, AttributeError):
        reason, start, length = re.split(r"\n\s*LINE \d+:", body)[0], None, None
    reason = re.split(r"\s*Use SET ", reason)[0]  # nobody can set anything here
    if start is None and text and (name := re.search(r'"([^"]+)"', reason)):
        at = text.find(name.group(1))
        if at >= 0:
            start, length = len(text[:at].encode()), len(name.group(1).encode())
    return " ".join(reason.split())[:500].rstrip("."), start, length
