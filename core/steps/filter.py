"""Rows that meet conditions."""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Json, Schema, Step
from core.errors import BadParameter
from core.params import ColumnName, Frozen, Text
from core.steps.words import listed, quoted
from core.wording import Note, note

Operator = Literal[
    "is", "is not", "<", "<=", ">", ">=", "between", "is one of", "is not one of",
    "contains", "does not contain", "starts with", "ends with", "matches pattern",
    "is missing", "is not missing",
]  # fmt: skip
Cell = int | float | str | bool | dt.date | dt.datetime

_TEXT_ONLY = ("contains", "does not contain", "starts with", "ends with", "matches pattern")
_ORDERED = ("<", "<=", ">", ">=", "between")
_WANTED = {
    "integer": "a whole number",
    "number": "a number, such as 12.5",
    "boolean": "true or false",
    "date": "a date, such as 2024-01-30",
    "datetime": "a date and time, such as 2024-01-30 15:00",
}
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
# a negation says what is true of the opposite: rows with a missing value are among those it matches
_OPPOSITE = {"is not": "is", "is not one of": "is one of", "does not contain": "contains"}

_SQL = {
    "is": ":x = :v",
    "<": ":x < :v",
    "<=": ":x <= :v",
    ">": ":x > :v",
    ">=": ":x >= :v",
    "between": ":x BETWEEN :v AND :w",
    "contains": "contains(:x, :v)",
    "starts with": "starts_with(:x, :v)",
    "ends with": "ends_with(:x, :v)",
    "matches pattern": "regexp_matches(:x, :v)",
    "is missing": ":x IS NULL",
    "is not missing": "NOT :x IS NULL",
}
_PANDAS = {
    "is": "{x} == {v}",
    "<": "{x} < {v}",
    "<=": "{x} <= {v}",
    ">": "{x} > {v}",
    ">=": "{x} >= {v}",
    "between": "{x}.between({v}, {w})",
    "contains": "{x}.str.contains({v}, regex=False)",
    "starts with": "{x}.str.startswith({v})",
    "ends with": "{x}.str.endswith({v})",
    # Arrow's own RE2: pandas may turn to Python's engine, which a pattern can keep busy for ever
    "matches pattern": "pd.Series(pc.match_substring_regex(pa.array({x}), {v}), index=df.index, "
    "dtype='bool[pyarrow]')",
    "is missing": "{x}.isna()",
    "is not missing": "{x}.notna()",
}


class Condition(Frozen):
    """One thing that is true of a row or not; a missing value meets only "is missing" and negations."""

    column: Annotated[str, ColumnName()] = P(title="Column", description="The column to look at.")
    operator: Operator = P(
        default="is",
        title="Condition",
        description="How the column and the value compare. A missing value is not anything: it meets "
        '"is missing", "is not", "is not one of" and "does not contain", and no other condition.',
    )
    value: Annotated[str, Text(example="North")] = P(
        default="",
        title="Value",
        description="Dates as 2024-01-30. For between: the lower end. For one of: values between commas, "
        'those with a comma of their own in "quotes".',
        max_length=20_000,
    )
    to: str = P(
        default="", title="To", description="For between: the upper end, which is included.", max_length=2_000
    )

    def cells(self, kind: ColumnType) -> tuple[Cell, ...]:
        """The values as the column's type; BadParameter when one is none of that type."""
        if self.operator in ("is missing", "is not missing"):
            return ()
        texts = [self.value]
        if self.operator == "between":
            texts = [self.value, self.to]
        elif self.operator in ("is one of", "is not one of"):
            texts = next(csv.reader([self.value], skipinitialspace=True), [])
        return tuple(_cell(text, kind, self.column) for text in texts)

    def words(self) -> Note:
        column, value, to = quoted(self.column), quoted(self.value), quoted(self.to)
        if self.operator == "between":
            return note("{column} is between {low} and {high}", column=column, low=value, high=to)
        if self.operator in ("is missing", "is not missing"):
            return note("{column} {operator}", column=column, operator=note(self.operator))
        return note("{column} {operator} {value}", column=column, operator=note(self.operator), value=value)


def _cell(text: str, kind: ColumnType, column: str) -> Cell:
    try:
        if kind == "text":
            if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text):
                raise ValueError
            return text
        return _read(text.strip(), kind)
    except (ValueError, OverflowError):
        raise BadParameter(
            "The column {column!r} needs {wanted} to compare with, not {got!r}.",
            column=column,
            wanted=_WANTED.get(kind, "a text without control characters"),
            got=text,
        ) from None


def _read(text: str, kind: ColumnType) -> Cell:
    if kind == "boolean":
        if text.lower() not in _BOOLEANS:
            raise ValueError("neither true nor false")
        return _BOOLEANS[text.lower()]
    if kind == "date":
        return dt.date.fromisoformat(text)
    if kind == "datetime":
        moment = dt.datetime.fromisoformat(text)
        return moment if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None)
    if kind == "integer" and text.lstrip("+-").isdecimal():
        whole = int(text)
        if not -(2**63) <= whole < 2**63:
            raise OverflowError
        return whole
    number = float(text.replace("_", "x"))  # Python alone reads 1_000
    if math.isnan(number):
        raise ValueError("not a number is no number to compare with")
    return number


class FilterRows(Step):
    """Keep, or drop, the rows that meet conditions.

    A missing value is not anything: it meets "is missing" and the negations ("is not", "is not one
    of", "does not contain"), and no other condition. So keeping "region is not North" keeps the rows
    without a region, and every row either meets a condition or does not.
    """

    title = "Filter rows"
    group = "Rows"
    keeps_rows = False

    conditions: tuple[Condition, ...] = P(
        title="Conditions", description="What must be true of a row.", min_length=1, max_length=100
    )
    match: Literal["all", "any"] = P(
        default="all", title="Match", description="Whether a row must meet all conditions or at least one."
    )
    action: Literal["keep", "drop"] = P(
        default="keep", title="Then", description="Keep the rows that match, or drop them."
    )

    @classmethod
    def example(cls) -> FilterRows:
        return cls(
            conditions=(
                Condition(column="price", operator="between", value="0", to="100"),
                Condition(column="region", operator="is not", value="South"),
                Condition(column="day", operator=">=", value="2024-01-30"),
            )
        )

    def check(self, columns: Schema) -> None:
        super().check(columns)
        kinds = {column.name: column.type for column in columns}
        for condition in self.conditions:
            check_condition(condition, kinds[condition.column])

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kinds = {column.name: column.type for column in columns}
        tests = [condition_sql(condition, kinds[condition.column]) for condition in self.conditions]
        joined = exp.and_(*tests) if self.match == "all" else exp.or_(*tests)
        met = joined if self.action == "keep" else sql.template("NOT :x", x=exp.paren(joined))
        return sql.select(source, {column.name: sql.name(column.name) for column in columns}).where(met)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kinds = {column.name: column.type for column in columns}
        sign = "&" if self.match == "all" else "|"
        lines = [
            f"    {condition_pandas(condition, kinds[condition.column])}" for condition in self.conditions
        ]
        joined = "(\n" + f"\n    {sign} ".join(line.strip() for line in lines) + "\n)"
        return f"met = {joined}\ndf = df[{'met' if self.action == 'keep' else '~met'}]"

    def describe(self) -> Note:
        words = [condition.words() for condition in self.conditions]
        any_of = len(words) > 1 and self.match == "any"
        if self.action == "keep":
            template = (
                "Keep rows where any of these holds: {conditions}"
                if any_of
                else "Keep rows where {conditions}"
            )
        else:
            template = (
                "Drop rows where any of these holds: {conditions}"
                if any_of
                else "Drop rows where {conditions}"
            )
        return note(template, conditions=listed(words))


def check_condition(condition: Condition, kind: ColumnType) -> None:
    cells = condition.cells(kind)
    operator = condition.operator
    if (operator in _TEXT_ONLY and kind != "text") or (operator in _ORDERED and kind == "boolean"):
        raise BadParameter(
            "{operator!r} does not work on {column!r}, which is of type {kind}.",
            operator=operator,
            column=condition.column,
            kind=kind,
        )
    if operator in _TEXT_ONLY and not condition.value:
        raise BadParameter(
            "{operator!r} on {column!r} needs a value.", operator=operator, column=condition.column
        )
    if operator in ("is one of", "is not one of") and not cells:
        raise BadParameter(
            "{operator!r} on {column!r} needs at least one value.", operator=operator, column=condition.column
        )
    if operator == "between" and cells[0] > cells[1]:  # type: ignore[operator]
        raise BadParameter(
            "Between on {column!r}: the lower end {low} is above the upper end {high}.",
            column=condition.column,
            low=condition.value,
            high=condition.to,
        )
    if operator == "matches pattern":
        _check_pattern(condition)


def _check_pattern(condition: Condition) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        pc.match_substring_regex(pa.array([""]), condition.value)  # the same RE2 that the engine has
    except pa.ArrowInvalid as error:
        raise BadParameter(
            "The pattern {pattern!r} cannot be read: {reason}.",
            hint="It is a regular expression in RE2's way: no look-around, no back-references.",
            pattern=condition.value,
            reason=str(error).removeprefix("Invalid regular expression: "),
        ) from None


def condition_sql(condition: Condition, kind: ColumnType) -> exp.Expr:
    operator: str = _OPPOSITE.get(condition.operator, condition.operator)
    x, cells = sql.name(condition.column), condition.cells(kind)
    test: exp.Expr
    if operator == "is one of":
        test = exp.In(this=x, expressions=[sql.literal(cell) for cell in cells])
    else:
        test = sql.template(_SQL[operator], x=x, **dict(zip("vw", cells, strict=False)))
    if operator not in ("is missing", "is not missing"):
        test = sql.template("COALESCE(:test, FALSE)", test=test)
    return sql.template("NOT :test", test=test) if operator != condition.operator else test


def condition_pandas(condition: Condition, kind: ColumnType) -> str:
    operator: str = _OPPOSITE.get(condition.operator, condition.operator)
    x, cells = f"df[{condition.column!r}]", [_python(cell) for cell in condition.cells(kind)]
    if operator == "is one of":
        test = f"{x}.isin([{', '.join(cells)}])"
    else:
        test = _fill(_PANDAS[operator], x, cells)
        test = f"({test}).fillna(False)" if "missing" not in operator else test
    return f"~{test}" if operator != condition.operator else test


def _fill(template: str, x: str, cells: list[str]) -> str:
    return template.format(x=x, **dict(zip("vw", cells, strict=False)))


def _python(cell: Cell) -> str:
    if isinstance(cell, dt.datetime):
        return f"pd.Timestamp({cell.isoformat(sep=' ')!r})"
    if isinstance(cell, dt.date):
        return f"dt.date({cell.year}, {cell.month}, {cell.day})"
    if isinstance(cell, float) and math.isinf(cell):
        return f'float("{cell}")'
    return repr(cell)
