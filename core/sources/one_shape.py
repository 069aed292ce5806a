"""What files of one shape have in common: their columns by name, and a type that holds the values of all."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import sql
from core.contracts import Account, Column, ColumnType, Source, Watch
from core.sources.archive import Part
from core.sources.delimited import ColumnOfType, DelimitedFile
from core.wording import Note, few, note

_SQL = {
    "integer": "BIGINT", "number": "DOUBLE", "text": "VARCHAR", "boolean": "BOOLEAN", "date": "DATE",
    "datetime": "TIMESTAMP",
}  # fmt: skip
TABLE, REFUSED = "table.parquet", "refused.csv"
_TOLD = 20  # columns in which the files differ
_EXACT = 2**53


@dataclass(frozen=True)
class Piece:
    """One of the files, read into a table of its own."""

    name: str  # its place in the archive, or the sheet's name
    path: Path
    source: Source
    account: Account
    table: Path
    columns: Mapping[str, Column]  # by their names without regard to case

    @classmethod
    def read(cls, part: Part, folder: Path, watch: Watch) -> Piece:
        """Read a file into `folder`, in the way that is found for it."""
        from core.sources.files import inspect

        source, _ = inspect(part.path, part.name)
        return cls._as(part.called, part.path, source, folder, watch)

    @classmethod
    def _as(cls, name: str, path: Path, source: Source, folder: Path, watch: Watch) -> Piece:
        account = source.read(path, folder / TABLE, folder / REFUSED, watch)
        return cls.of(name, path, source, account, folder)

    @classmethod
    def of(cls, name: str, path: Path, source: Source, account: Account, folder: Path) -> Piece:
        """What was read into `folder` already."""
        columns = {column.name.casefold(): column for column in account.columns}
        return cls(name, path, source, account, folder / TABLE, columns)

    def as_text(self, names: Sequence[str], watch: Watch) -> Piece:
        """The file again with columns as the texts that stand in it: "007" and not 7."""
        if not isinstance(self.source, DelimitedFile):
            return self
        types = tuple(ColumnOfType(column=name, type="text") for name in names)
        kept = tuple(one for one in self.source.types if one.column not in names)
        source = self.source.model_copy(update={"types": (*kept, *types)})
        return self._as(self.name, self.path, source, self.table.parent, watch)

    def refused(self) -> Iterator[tuple[int, str, str]]:
        with (self.table.parent / REFUSED).open(encoding="utf-8", newline="") as lines:
            for line, reason, text in list(csv.reader(lines))[1:]:
                yield int(line), reason, text


def chosen(pieces: Sequence[Piece], *, shared: bool) -> list[str]:
    """The columns of the table in the order they first come in, without regard to case."""
    every = list(dict.fromkeys(key for piece in pieces for key in piece.columns))
    return [key for key in every if not shared or all(key in piece.columns for piece in pieces)]


def settled(
    connection: Any, pieces: list[Piece], keys: Sequence[str], watch: Watch
) -> tuple[dict[str, ColumnType], set[str]]:
    """The type of each column, and those that differ; a file in which one must be text is read again."""
    types: dict[str, ColumnType] = {}
    mixed: set[str] = set()
    for key in keys:
        kinds = {piece.columns[key].type for piece in pieces if key in piece.columns}
        if len(kinds) > 1:
            types[key], differ = _common(connection, pieces, key)
            mixed |= {key} if differ else set()
        else:
            types[key] = kinds.pop()
    for i, piece in enumerate(pieces):
        again = [
            column.name
            for key, column in piece.columns.items()
            if types.get(key) == "text" and column.type != "text"
        ]
        if again:
            pieces[i] = piece.as_text(again, watch)
    return types, mixed


def _common(connection: Any, pieces: Sequence[Piece], key: str) -> tuple[ColumnType, bool]:
    """The type that holds a column's values of all files, whether theirs differ. Empty ones are not asked."""
    kinds: set[ColumnType] = set()
    large = False
    for piece in pieces:
        column = piece.columns.get(key)
        if column is None:
            continue
        name = quoted(column.name)
        asked = f"max(abs({name}))" if column.type == "integer" else "NULL"
        with closing(connection.cursor()) as cursor:
            count, most = cursor.execute(
                f"SELECT count({name}), {asked} FROM read_parquet({text(piece.table)})"
            ).fetchone()
        if count:
            kinds.add(column.type)
            large = large or (most or 0) > _EXACT
    if len(kinds) == 1:
        return kinds.pop(), False
    if kinds == {"integer", "number"} and not large:
        return "number", True
    return "datetime" if kinds == {"date", "datetime"} else "text", bool(kinds)


def query(piece: Piece, keys: Sequence[str], types: Mapping[str, ColumnType]) -> str:
    """The rows of a file in the columns c0, c1, ... of the whole table, its name in the last one."""
    listed = []
    for i, key in enumerate(keys):
        column = piece.columns.get(key)
        listed.append(f"{quoted(column.name) if column else 'NULL'}::{_SQL[types[key]]} AS c{i}")
    name = sql.literal(piece.name).sql(dialect="duckdb")
    return f"SELECT {', '.join(listed)}, {name} AS c{len(keys)} FROM read_parquet({text(piece.table)})"


def differences(
    pieces: Sequence[Piece], types: Mapping[str, ColumnType], mixed: Collection[str]
) -> list[Note]:
    """What is to be said of columns that not every file has, or not in one type."""
    notes: list[Note] = []
    every = list(dict.fromkeys(key for piece in pieces for key in piece.columns))
    for key in every:
        having = [piece for piece in pieces if key in piece.columns]
        name = having[0].columns[key].name
        if len(having) < len(pieces):
            without = [piece.name for piece in pieces if key not in piece.columns]
            rare = len(having) < len(without)
            said = (
                note("{column} is only in {files}", column=name, files=few([piece.name for piece in having]))
                if rare
                else note("{column} is not in {files}", column=name, files=few(without))
            )
            left = note("it is missing in the others") if rare else note("it is missing there")
            left = left if key in types else note("it was left out")
            notes.append(note("{said}: {left}", said=said, left=left))
        if key in mixed:
            kind = types[key]
            notes.append(
                note(
                    "{column} is of another type in some of the files: it became {type}",
                    column=name,
                    type=note(kind),
                )
            )
    if len(notes) > _TOLD:
        more = len(notes) - _TOLD
        notes = [*notes[:_TOLD], note("{count:,} more differences between them", count=more)]
    return notes


def alike(columns: Sequence[Sequence[str]]) -> list[int]:
    """Which of several tables are of one shape: the largest group that share most of their names."""
    sets = [frozenset(name.casefold() for name in one) for one in columns]
    best: list[int] = []
    for one in sets:
        group = [
            i for i, other in enumerate(sets) if one and 2 * len(one & other) > max(len(one), len(other))
        ]
        best = max(best, group, key=len)
    return best if len(best) > 1 else []


def quoted(name: str) -> str:
    return str(sql.name(name).sql(dialect="duckdb"))


def text(place: Path) -> str:
    return str(sql.literal(str(place)).sql(dialect="duckdb"))
