"""New columns computed from others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field as P
from pydantic import field_validator
from sqlglot import exp

from core import sql
from core.contracts import Json, Schema, Step
from core.params import Text
from core.steps.formula import MAX_LENGTH, compiled, renamed
from core.steps.words import quoted
from core.wording import Note, note


class DerivedColumn(Step):
    """Compute a column from others by a formula.

    A formula is written as in a spreadsheet: `price * quantity`, `[unit price] / 2`,
    `if(age >= 18, "adult", "minor")`. A column of that name is replaced and keeps its place;
    otherwise the column is added at the end. Arithmetic gives 64-bit floats; a division by zero and the
    logarithm of zero or less are missing; a missing value makes the result missing.
    """

    title = "Compute a column"
    group = "Columns"

    name: str = P(
        title="Name",
        description="What the column is called. A column of the same name is replaced.",
        min_length=1,
        max_length=1_000,
    )
    formula: Annotated[str, Text(lines=3, example='if(price > 10, "dear", "cheap")')] = P(
        title="Formula",
        description="Columns, numbers, texts in quotes, + - * / % ^ &, comparisons, and, or, not, functions. "
        "Names with spaces stand in [brackets].",
        min_length=1,
        max_length=MAX_LENGTH,
    )

    @field_validator("name")
    @classmethod
    def _allowed(cls, value: str) -> str:
        if value.casefold() == sql.ROW:
            raise ValueError(f"must not be {sql.ROW}, which is kept for the row order")
        if not value.strip():
            raise ValueError("must not be blank")
        return value

    @classmethod
    def example(cls) -> DerivedColumn:
        return cls(name="total", formula="price * quantity")

    def with_names(self, names: Mapping[str, str]) -> DerivedColumn:
        """The step with columns called otherwise in its formula."""
        return DerivedColumn(name=self.name, formula=renamed(self.formula, names))

    def check(self, columns: Schema) -> None:
        super().check(columns)
        compiled(self.formula, columns)

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        chosen: dict[str, exp.Expr] = {column.name: sql.name(column.name) for column in columns}
        chosen[self._place(columns)] = compiled(self.formula, columns).sql()
        return sql.select(source, chosen)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        before, value = compiled(self.formula, columns).pandas()
        return f"{before}\ndf = df.assign(**{{{self._place(columns)!r}: {value}}})".strip()

    def describe(self) -> Note:
        formula = quoted(" ".join(self.formula.split()))[1:-1]
        return note("Compute {column} as {formula}", column=quoted(self.name), formula=formula)

    def _place(self, columns: Schema) -> str:
        """The column that is replaced, as the table spells it, or else the new name."""
        same = (column.name for column in columns if column.name.casefold() == self.name.casefold())
        return next(same, self.name)
