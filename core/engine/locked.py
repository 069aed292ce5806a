"""DuckDB for statements that people type: the tables it was given, settings that nobody can change.

The check of the statement is the first wall and these settings are the second; DuckDB itself says that
they are no boundary. Use it only in a process that is confined besides (see `core.engine.cell`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from core.engine.wrong import place_of


@dataclass
class Locked:
    """A locked connection over `tables`, by the names that statements use."""

    tables: Mapping[str, Stored]
    spill: Path
    memory: int = 512 * 1024 * 1024  # bytes; DuckDB's own idea of it, so the process needs a limit too
    threads: int = 2
    disk: int = 2 * 1024**3
    read: dict[str, Sequence[str]] = field(default_factory=dict)  # what the last statement reads: columns
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
            self.read = {}
            found = statement.check(statement.parsed(cursor, text), self.tables)
            self.read = {name: self.tables[name].columns for name in found.tables}
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
        try:
            return cursor.sql(statements[0])
        except duckdb.BinderException:
            # bound the other way, the same error says where in the statement it is
            cursor.execute(statements[0])
            raise

    @cached_property
    def shift(self) -> int:
        """How far off the engine's places are once the columns of a statement are projected."""
        with closing(self.connection.cursor()) as cursor:
            try:
                self.relation(cursor, "SELECT CAST('x' AS INT)").project("#1 AS c0").to_arrow_table()
            except duckdb.Error as error:
                return (place_of(error) or 7) - 7
        return 0


def _quoted(text: str) -> str:
    return sql.literal(text).sql(dialect="duckdb")


def _named(name: str) -> str:
    return sql.name(name).sql(dialect="duckdb")
