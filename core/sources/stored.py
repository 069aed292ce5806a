"""What a typed column becomes in a stored table, and what its values lose by it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from core import sql
from core.contracts import Column, ColumnType, Schema
from core.sources.changed import Said, infinite, no_number, rounded, too_fine
from core.wording import Note, note

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
    if upper in ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"):
        said = note("{names}: times with a zone were brought to UTC", names=name)
        return "datetime", _moment(f"({column} AT TIME ZONE 'UTC')"), said
    if upper.startswith("TIMESTAMP"):
        return "datetime", _moment(column), None
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


def _moment(column: str) -> str:
    return f"CASE WHEN isfinite({column}::TIMESTAMP) THEN {column}::TIMESTAMP END"


# what of a value its stored type cannot hold: a test of the value, and what is said of those it is true of
_LOST: tuple[tuple[re.Pattern[str], str, Said], ...] = (
    (
        re.compile("FLOAT|DOUBLE"),
        "isnan({c})",
        no_number,
    ),
    (
        re.compile("TIMESTAMP.*_NS"),
        "epoch_ns({c}) % 1000 <> 0",
        too_fine,
    ),
    (
        re.compile("DATE|TIMESTAMP( WITH TIME ZONE|_S|_MS)?"),
        "NOT isfinite({c})",
        infinite,
    ),
    (
        re.compile(r"DECIMAL\((1[6-9]|[23][0-9]),.*"),  # a double keeps 15 digits of any number
        "{c}::DOUBLE::VARCHAR::{kind} IS DISTINCT FROM {c}",
        rounded,
    ),
)


def lost(connection: Any, relation: str, kinds: Sequence[str], names: Sequence[str]) -> list[Note]:
    """What the values of each column lost by being stored, counted."""
    asked = [
        (name, test.format(c=f"c{i}", kind=kind), say)
        for i, (kind, name) in enumerate(zip(kinds, names, strict=True))
        for pattern, test, say in _LOST
        if pattern.fullmatch(kind.upper())
    ]
    notes: list[Note] = []
    for start in range(0, len(asked), 400):
        some = asked[start : start + 400]
        tests = ", ".join(f"count(*) FILTER ({test})" for _, test, _ in some)
        with closing(connection.cursor()) as cursor:
            counts = cursor.execute(f"SELECT {tests} FROM {relation}").fetchone()
        found = zip(some, counts, strict=True)
        notes += [say(name, count) for (name, _, say), count in found if count]
    return notes


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
