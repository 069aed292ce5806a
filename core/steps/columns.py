"""Which columns a table has, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field as P
from pydantic import field_validator
from sqlglot import exp

from core import sql
from core.contracts import Json, Schema, Step
from core.errors import BadParameter
from core.params import ColumnName, ColumnNames, Frozen
from core.steps.words import listed, named, quoted
from core.wording import Note, note


class NewName(Frozen):
    """A column and what it shall be called."""

    column: Annotated[str, ColumnName()] = P(title="Column", description="The column to rename.")
    name: str = P(title="New name", description="What it shall be called.", min_length=1)

    @field_validator("name")
    @classmethod
    def _allowed(cls, value: str) -> str:
        if value.casefold() == sql.ROW:
            raise ValueError(f"must not be {sql.ROW}, which is kept for the row order")
        return value


class RenameColumns(Step):
    """Give columns other names."""

    title = "Rename columns"
    group = "Columns"

    names: tuple[NewName, ...] = P(
        title="New names", description="The columns to rename and their new names.", min_length=1
    )

    @field_validator("names")
    @classmethod
    def _once(cls, value: tuple[NewName, ...]) -> tuple[NewName, ...]:
        columns = [row.column for row in value]
        if len(set(columns)) < len(columns):
            raise ValueError("must name each column once")
        return value

    @classmethod
    def example(cls) -> RenameColumns:
        return cls(names=(NewName(column="price", name="unit price"), NewName(column="id", name="number")))

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        new = {row.column: row.name for row in self.names}
        chosen = [
            exp.alias_(sql.name(column.name), new.get(column.name, column.name), quoted=True)
            for column in columns
        ]
        return exp.select(*chosen, sql.name(sql.ROW)).from_(source)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        return f"df = df.rename(columns={ {row.column: row.name for row in self.names}!r})"

    def describe(self) -> Note:
        pairs = [note("{old} to {new}", old=quoted(row.column), new=quoted(row.name)) for row in self.names]
        return note("Rename {pairs}", pairs=listed(pairs))


class KeepColumns(Step):
    """Keep the chosen columns, in the order chosen, and leave out all others."""

    title = "Keep columns"
    group = "Columns"

    columns: Annotated[tuple[str, ...], ColumnNames()] = P(
        title="Columns", description="The columns to keep, in the order they shall have.", min_length=1
    )

    @classmethod
    def example(cls) -> KeepColumns:
        return cls(columns=("price", "id", "name"))

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        return sql.select(source, {column: sql.name(column) for column in self.columns})

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        return f"df = df[{list(dict.fromkeys(self.columns))!r}]"

    def describe(self) -> Note:
        return note("Keep only {columns}", columns=named(self.columns))


class DropColumns(Step):
    """Leave out the chosen columns."""

    title = "Drop columns"
    group = "Columns"

    columns: Annotated[tuple[str, ...], ColumnNames()] = P(
        title="Columns", description="The columns to leave out.", min_length=1
    )

    @classmethod
    def example(cls) -> DropColumns:
        return cls(columns=("amount", "at"))

    def check(self, columns: Schema) -> None:
        super().check(columns)
        if set(self.columns) >= {column.name for column in columns}:
            raise BadParameter(
                "Dropping {columns} would leave no column.",
                hint="Keep at least one.",
                columns=listed([quoted(column) for column in dict.fromkeys(self.columns)]),
            )

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kept = [column.name for column in columns if column.name not in self.columns]
        return sql.select(source, {column: sql.name(column) for column in kept})

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        return f"df = df.drop(columns={list(dict.fromkeys(self.columns))!r})"

    def describe(self) -> Note:
        return note("Drop {columns}", columns=named(self.columns))
