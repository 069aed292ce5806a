"""Rules about the cells of a column, and about single rows: each row keeps or breaks them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field as P
from pydantic import field_validator, model_validator
from sqlglot import exp

from core import sql
from core.contracts import Schema
from core.errors import BadParameter
from core.params import ColumnName, TableName, Text
from core.rules.rule import Given, RowRule
from core.steps.formula import MAX_LENGTH, compiled
from core.steps.words import quoted
from core.wording import Note, note

MOST_VALUES = 10_000


class NotMissing(RowRule):
    """Every row has a value in a column, or all but a share of them."""

    title = "Has a value"
    group = "Columns"

    column: Annotated[str, ColumnName()] = P(title="Column", description="The column that must be filled.")

    @classmethod
    def example(cls) -> NotMissing:
        return cls(column="id")

    def breaks(self, given: Given) -> Any:
        return sql.template(":x IS NULL", x=sql.name(self.column))

    def describe(self) -> Note:
        return note("{column} has a value", column=quoted(self.column))


class InRange(RowRule):
    """Numbers lie between a least and a greatest value, and usually within narrower ones."""

    title = "Lies in a range"
    group = "Columns"

    column: Annotated[str, ColumnName("integer", "number")] = P(
        title="Column", description="Missing values keep the rule."
    )
    least: float | None = P(default=None, title="Least", description="Below it the rule is broken.")
    usual_least: float | None = P(
        default=None, title="Usually at least", description="Below it there is a warning."
    )
    usual_most: float | None = P(
        default=None, title="Usually at most", description="Above it there is a warning."
    )
    most: float | None = P(default=None, title="Most", description="Above it the rule is broken.")

    @model_validator(mode="after")
    def _ordered(self) -> InRange:
        ends = [v for v in (self.least, self.usual_least, self.usual_most, self.most) if v is not None]
        if not ends:
            raise ValueError("needs a least or a most value")
        if ends != sorted(ends):
            raise ValueError("must have its limits in order: least, usually at least, usually at most, most")
        return self

    @classmethod
    def example(cls) -> InRange:
        return cls(column="price", least=0, usual_most=100)

    def breaks(self, given: Given) -> Any:
        return self._outside(self.least, self.most)

    def unusual(self, given: Given) -> Any:
        soft = self._outside(self.usual_least, self.usual_most)
        hard = sql.template("COALESCE(:test, FALSE)", test=self.breaks(given))
        return exp.and_(exp.paren(soft), exp.not_(hard))

    def _outside(self, low: float | None, high: float | None) -> exp.Expr:
        x, tests = sql.name(self.column), []
        if low is not None:
            tests.append(sql.template(":x < :low", x=x, low=float(low)))
        if high is not None:  # the engine holds NaN to be above every number
            tests.append(sql.template(":x > :high", x=x, high=float(high)))
        return exp.or_(*tests) if tests else exp.false()

    def describe(self) -> Note:
        low = self.least if self.least is not None else self.usual_least
        high = self.most if self.most is not None else self.usual_most
        column = quoted(self.column)
        if high is None:
            return note("{column} is at least {low:,.6g}", column=column, low=low)
        if low is None:
            return note("{column} is at most {high:,.6g}", column=column, high=high)
        return note("{column} lies between {low:,.6g} and {high:,.6g}", column=column, low=low, high=high)


class AllowedValues(RowRule):
    """A column holds values of a list and no others."""

    title = "Is one of a list"
    group = "Columns"

    column: Annotated[str, ColumnName("text", "integer", "boolean")] = P(
        title="Column", description="Missing values keep the rule."
    )
    values: Annotated[str, Text(lines=5)] = P(
        title="Allowed values", description="One value a line, exactly as it is stored.", min_length=1
    )

    @field_validator("values")
    @classmethod
    def _bounded(cls, value: str) -> str:
        if len(value.split("\n")) > MOST_VALUES:
            raise ValueError(f"must have at most {MOST_VALUES} lines")
        return value

    @classmethod
    def example(cls) -> AllowedValues:
        return cls(column="region", values="North\nSouth\nEast\nWest")

    def listed(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(line.removesuffix("\r") for line in self.values.split("\n") if line))

    def breaks(self, given: Given) -> Any:
        cell = exp.cast(sql.name(self.column), "VARCHAR")
        return exp.not_(exp.In(this=cell, expressions=[sql.literal(value) for value in self.listed()]))

    def describe(self) -> Note:
        shown = [quoted(value)[1:-1] for value in self.listed()[:4]]
        more = len(self.listed()) - len(shown)
        if more:
            return note(
                "{column} is one of {values} and {more} more",
                column=quoted(self.column), values=shown, more=more,
            )  # fmt: skip
        return note("{column} is one of {values}", column=quoted(self.column), values=shown)


class MatchesPattern(RowRule):
    """Texts of a column have a form, given as a regular expression."""

    title = "Has a form"
    group = "Columns"

    column: Annotated[str, ColumnName("text")] = P(
        title="Column", description="Missing values keep the rule."
    )
    pattern: Annotated[str, Text(example="[A-Z]{2}-[0-9]{4}")] = P(
        title="Pattern",
        description="A regular expression in RE2's way, which the whole text must match.",
        min_length=1,
        max_length=1_000,
    )

    @classmethod
    def example(cls) -> MatchesPattern:
        return cls(column="region", pattern="[A-Z][a-z]+")

    def check(self, columns: Schema) -> None:
        super().check(columns)
        import pyarrow as pa
        import pyarrow.compute as pc

        try:
            pc.match_substring_regex(pa.array([""]), self.pattern)  # the same RE2 that the engine has
        except pa.ArrowInvalid as error:
            raise BadParameter(
                "The pattern {pattern!r} cannot be read: {reason}.",
                hint="It is a regular expression in RE2's way: no look-around, no back-references.",
                pattern=self.pattern,
                reason=str(error).removeprefix("Invalid regular expression: "),
            ) from None

    def breaks(self, given: Given) -> Any:
        fits = sql.template("regexp_full_match(:x, :pattern)", x=sql.name(self.column), pattern=self.pattern)
        return exp.not_(fits)

    def describe(self) -> Note:
        return note(
            "{column} has the form {pattern}", column=quoted(self.column), pattern=quoted(self.pattern)[1:-1]
        )


class InOtherTable(RowRule):
    """Every value of a column stands in a column of another table."""

    title = "Stands in another table"
    group = "Columns"

    column: Annotated[str, ColumnName()] = P(title="Column", description="Missing values keep the rule.")
    table: Annotated[str, TableName()] = P(
        title="Other table",
        description="The table to look in. Of the same dataset, its newest version is taken each time.",
    )
    key: Annotated[str, ColumnName(of="table")] = P(
        title="Column there", description="The column of the other table that has the values."
    )

    @classmethod
    def example(cls) -> InOtherTable:
        return cls(column="region", table="vn_aaaaaaaaaaaaaaaaaaaa", key="name")

    def other(self) -> str:
        return self.table

    def breaks(self, given: Given) -> Any:
        if self.table not in given.others:
            raise BadParameter("The table to look in is not there any more.")
        found = given.others[self.table]
        name = next((column for column in found.columns if column.name == self.key), None)
        if name is None:
            raise BadParameter(
                "The other table has no column {column!r}.",
                hint="It has: {known}.",
                column=self.key,
                known=", ".join(found.names()[:20]),
            )
        there = sql.template("CAST(:x AS VARCHAR)", x=sql.name(name.name))
        here = sql.template("CAST(:x AS VARCHAR)", x=sql.name(self.column, "t"))
        same = next(column for column in given.table.columns if column.name == self.column).type == name.type
        if same:
            there, here = sql.name(name.name), sql.name(self.column, "t")
        values = exp.select(exp.alias_(there, "value", quoted=True)).from_(found.query.copy().subquery("o"))
        values = values.where(sql.template(":x IS NOT NULL", x=sql.name(name.name)))
        missing = exp.not_(exp.In(this=here, query=values.subquery()))
        return exp.and_(missing, sql.template(":x IS NOT NULL", x=sql.name(self.column, "t")))

    def describe(self) -> Note:
        return note(
            "{column} stands in {key} of another table", column=quoted(self.column), key=quoted(self.key)
        )


class Holds(RowRule):
    """A formula is true in every row; where it is missing, the row keeps the rule."""

    title = "A formula holds"
    group = "Rows"

    formula: Annotated[str, Text(lines=2, example="price >= cost")] = P(
        title="Formula",
        description="A comparison of columns, as in the step that computes a column.",
        min_length=1,
        max_length=MAX_LENGTH,
    )

    @classmethod
    def example(cls) -> Holds:
        return cls(formula="price * quantity >= 0")

    def check(self, columns: Schema) -> None:
        super().check(columns)
        kind = compiled(self.formula, columns).type
        if kind != "boolean":
            raise BadParameter(
                "The formula must be true or false; it gives {type}.",
                hint="Compare something: price > 0.",
                type=kind,
            )

    def breaks(self, given: Given) -> Any:
        return exp.not_(exp.paren(compiled(self.formula, given.table.columns).sql()))

    def describe(self) -> Note:
        return note("{formula} holds", formula=quoted(" ".join(self.formula.split()))[1:-1])
