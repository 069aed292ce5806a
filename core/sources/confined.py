"""DuckDB that reaches only the files it is given: what is read was written by strangers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from core import sql

WIDE = 200  # columns


def connect(scratch: Path, reads: Sequence[Path] = (), columns: int = 0) -> Any:
    """DuckDB that reaches nothing but `scratch` and the files in `reads`, and cannot be told otherwise.

    `columns`: how many its queries name, where that is known.
    """
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
            "python_scan_all_frames": False,
            "enable_external_file_cache": False,
            "preserve_insertion_order": True,
            "memory_limit": os.environ.get("SIGHTLINE_READ_MEMORY", "1500MB"),
            "temp_directory": str(scratch / "spill"),
        },
    )
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.execute(f"SET allowed_directories = [{_path(scratch)}]")
    connection.execute(f"SET allowed_paths = [{', '.join(map(_path, reads))}]")
    connection.execute("SET enable_external_access = false")
    if columns > WIDE:  # each expression is compared with all others: with 2,000 columns for half a minute
        connection.execute("SET disabled_optimizers = 'common_subexpressions'")
    connection.execute("SET lock_configuration = true")
    return connection


def _path(place: Path) -> str:
    return sql.literal(str(place)).sql(dialect="duckdb")
