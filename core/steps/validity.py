"""Rows and cells by whether a value is valid for what its column means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from sqlglot import exp

from core import meanings, sql
from core.contracts import Column, Json, Schema, Step
from core.errors import BadParameter
from core.meanings import MEANINGS, Judged, Part
from core.params import ColumnName, ColumnNames
from core.steps.cells import with_cells
from core.steps.words import named, quoted
from core.wording import Note, note


class FilterValid(Step):
    """Keep, or drop, the rows in which a value is valid, invalid or empty for what its column means.

    An empty value is neither valid nor invalid: every row is in one of the three parts.
    """

    title = "Filter by validity"
    group = "Rows"
    keeps_rows = False

    column: Annotated[str, ColumnName()] = P(title="Column", description="The column to look at.")
    meaning: Judged = P(title="Meaning", description="What its values should be.")
    part: Part = P(
        default="invalid", title="Rows whose value is", description="Empty values are a part of their own."
    )
    action: Literal["keep", "drop"] = P(
        default="drop", title="Then", description="Keep these rows alone, or drop them."
    )

    @classmethod
    def example(cls) -> FilterValid:
        return cls(column="amount", meaning="number", part="valid", action="keep")

    def check(self, columns: Schema) -> None:
        super().check(columns)
        _suits(self.title, self.meaning, (self.column,), columns)

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        met = meanings.rows(_of(columns, self.column), self.meaning, self.part)
        wanted = met if self.action == "keep" else sql.template("NOT :met", met=exp.paren(met))
        return sql.select(source, {column.name: sql.name(column.name) for column in columns}).where(wanted)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        column = _of(columns, self.column)
        sign = "" if self.action == "keep" else "~"
        lines = [f"empty = {_empty(column)}"]
        if self.part == "empty":
            return "\n".join([*lines, f"df = df[{sign}empty]"])
        lines.append(f"valid = {MEANINGS[self.meaning].code(column)}.fillna(False) & ~empty")
        met = "valid" if self.part == "valid" else "~valid & ~empty"
        return "\n".join([*lines, f"df = df[{sign}({met})]"])

    def describe(self) -> Note:
        words = {"column": quoted(self.column), "what": note(self.meaning)}
        templates = {
            ("valid", "keep"): "Keep rows where {column} is valid as {what}",
            ("valid", "drop"): "Drop rows where {column} is valid as {what}",
            ("invalid", "keep"): "Keep rows where {column} is not valid as {what}",
            ("invalid", "drop"): "Drop rows where {column} is not valid as {what}",
            ("empty", "keep"): "Keep rows where {column} is empty",
            ("empty", "drop"): "Drop rows where {column} is empty",
        }
        return note(templates[self.part, self.action], **words)


class ClearInvalid(Step):
    """Make values missing that are not valid for what their columns mean."""

    title = "Clear invalid values"
    group = "Missing values"

    columns: Annotated[tuple[str, ...], ColumnNames()] = P(
        title="Columns", description="The columns whose invalid values become missing.", min_length=1
    )
    meaning: Judged = P(title="Meaning", description="What their values should be.")

    @classmethod
    def example(cls) -> ClearInvalid:
        return cls(columns=("day_text",), meaning="date")

    def check(self, columns: Schema) -> None:
        super().check(columns)
        _suits(self.title, self.meaning, self.columns, columns)

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kind = MEANINGS[self.meaning]
        cells = {
            name: sql.template(
                "CASE WHEN :test THEN :x END", test=kind.test(_of(columns, name)), x=sql.name(name)
            )
            for name in self.columns
        }
        return with_cells(source, columns, cells)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kind = MEANINGS[self.meaning]
        return "\n".join(
            f"df[{name!r}] = df[{name!r}].where({kind.code(_of(columns, name))}.fillna(False))"
            for name in dict.fromkeys(self.columns)
        )

    def describe(self) -> Note:
        return note(
            "Clear values of {columns} that are not valid as {what}",
            columns=named(self.columns),
            what=note(self.meaning),
        )


def _of(columns: Schema, name: str) -> Column:
    return next(column for column in columns if column.name == name)


def _empty(column: Column) -> str:
    nan = ", nan_is_null=True" if column.type == "number" else ""
    return f'pd.Series(pc.is_null(pa.array(df[{column.name!r}]){nan}), index=df.index, dtype="bool[pyarrow]")'


def _suits(needs: str, meaning: Judged, names: tuple[str, ...], columns: Schema) -> None:
    """Refuse a meaning that a column of its storage type cannot have."""
    for name in names:
        column = _of(columns, name)
        if not MEANINGS[meaning].judges(column):
            raise BadParameter(
                "{needs}: {column!r} is of type {kind}, which cannot be told valid or invalid as {what}.",
                needs=needs,
                column=name,
                kind=column.type,
                what=meaning,
            )
