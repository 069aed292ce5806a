"""Missing values: filled, or their rows dropped."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field as P
from pydantic import StrictBool, StrictFloat, StrictInt, StrictStr
from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Engine, Json, Schema, Step, Table, wrong_constant
from core.errors import BadParameter
from core.params import ColumnNames, Frozen, Text
from core.steps.cells import with_cells
from core.steps.values import code, is_stored, restored, stored, typed
from core.steps.words import named, quoted
from core.wording import Note, note

Method = Literal["median", "mean", "most frequent", "constant", "previous"]


class Values(Frozen):
    """The value for each column; null where there was none to learn."""

    values: dict[str, StrictBool | StrictInt | StrictFloat | StrictStr | None] = P(default_factory=dict)


class FillMissing(Step):
    """Replace missing values in the chosen columns.

    Mean, median and the most frequent value (of several equally frequent ones the smallest) are
    learned from the table once and used again on new rows. A column of whole numbers stays one
    when the value is whole, and becomes a column of numbers when it is not, so that a mean of 2.5
    is filled in as 2.5. A column without any value learns nothing and stays as it is. "Previous"
    takes the last value above in row order; the first rows stay missing when nothing is above.
    """

    title = "Fill missing values"
    group = "Missing values"
    Learned = Values

    columns: Annotated[tuple[str, ...], ColumnNames()] = P(
        title="Columns", description="The columns whose missing values are filled.", min_length=1
    )
    method: Method = P(
        default="median",
        title="Fill with",
        description="Mean and median need columns of numbers; the others take any column.",
    )
    value: Annotated[str, Text(example="0")] = P(
        default="", title="Constant", description="The value for the method constant; others ignore it."
    )

    @property
    def keeps_order(self) -> bool:  # type: ignore[override]
        return self.method != "previous"  # looking at the row above takes a window

    @classmethod
    def example(cls) -> FillMissing:
        return cls(columns=("price", "quantity"))

    def check(self, columns: Schema) -> None:
        super().check(columns)
        kinds = {column.name: column.type for column in columns}
        for column in self.columns:
            if self.method in ("mean", "median") and kinds[column] not in ("integer", "number"):
                raise BadParameter(
                    "Fill missing values: the {method} needs a column of numbers; {column!r} is {kind}.",
                    hint="Choose most frequent, constant or previous for it.",
                    method=self.method,
                    column=column,
                    kind=kinds[column],
                )
            if self.method == "constant":
                typed(self.value, kinds[column])

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        if self.method == "previous":
            return {}
        kinds = {column.name: column.type for column in table.columns}
        if self.method == "constant":
            found = {column: typed(self.value, kinds[column]) for column in self.columns}
        elif self.method == "most frequent":
            found = {column: _most_frequent(table, engine, column) for column in self.columns}
        else:
            found = self._average(table, engine, kinds)
        return {"values": {column: stored(value) for column, value in found.items()}}

    def _average(self, table: Table, engine: Engine, kinds: Mapping[str, ColumnType]) -> dict[str, Any]:
        function = "avg(:x)" if self.method == "mean" else "median(:x)"
        names = dict.fromkeys(self.columns)
        chosen = {f"v{i}": sql.template(function, x=sql.name(column)) for i, column in enumerate(names)}
        query = sql.select_values(chosen).from_(table.query.subquery("t"))
        found = dict(zip(names, engine.rows(query).to_pylist()[0].values(), strict=True))
        for column, value in found.items():
            if value is not None and not math.isfinite(value):
                raise BadParameter(
                    "The {method} of {column!r} is not a finite number.",
                    hint="Replace infinite values first, or fill with a constant.",
                    method=self.method,
                    column=column,
                )
            if value is not None and kinds[column] == "integer" and value.is_integer():
                found[column] = int(value)
        return found

    def check_learned(self, learned: Mapping[str, Json], columns: Schema) -> None:
        super().check_learned(learned, columns)
        if self.method == "previous":
            return
        kinds = {column.name: column.type for column in columns}
        values = learned.get("values", {})
        for column in self.columns:
            if column not in values:
                raise wrong_constant(f"values.{column}", "it is missing", values)
            wide = kinds[column] == "integer" and isinstance(values[column], float)  # a mean of 2.5
            if not is_stored(values[column], "number" if wide else kinds[column]):
                rule = f"it must fit a column of type {kinds[column]}"
                raise wrong_constant(f"values.{column}", rule, values[column])

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kinds = {column.name: column.type for column in columns}
        filled = {column: self._filled(column, kinds[column], learned) for column in self.columns}
        return with_cells(source, columns, filled)

    def _filled(self, column: str, kind: ColumnType, learned: Mapping[str, Json]) -> exp.Expr:
        cell: exp.Expr = sql.name(column)
        if self.method == "previous":
            above = "last_value(:x IGNORE NULLS) OVER (ORDER BY :row ROWS UNBOUNDED PRECEDING)"
            cell = sql.template(above, x=cell, row=sql.name(sql.ROW))
        elif (value := restored(learned["values"][column], kind)) is not None:
            if kind == "integer" and isinstance(value, float):
                cell = exp.cast(cell, "DOUBLE")
            cell = sql.template("coalesce(:x, :value)", x=cell, value=value)
        return cell

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kinds = {column.name: column.type for column in columns}
        lines = []
        for column in dict.fromkeys(self.columns):
            if self.method == "previous":
                lines.append(f"df[{column!r}] = df[{column!r}].ffill()")
                continue
            value = restored(learned["values"][column], kinds[column])
            if value is None:
                lines.append(f"# {column!r} had no value to learn from: it stays as it is")
                continue
            widened = kinds[column] == "integer" and isinstance(value, float)
            number = '.astype("double[pyarrow]")' if widened else ""
            lines.append(f"df[{column!r}] = df[{column!r}]{number}.fillna({code(value)})")
        return "\n".join(lines)

    def describe(self) -> Note:
        what = {
            "constant": quoted(self.value),
            "previous": note("the value above"),
            "most frequent": note("the most frequent value"),
            "mean": note("the mean"),
            "median": note("the median"),
        }
        columns = named(self.columns)
        return note("Fill missing {columns} with {value}", columns=columns, value=what[self.method])


def _most_frequent(table: Table, engine: Engine, column: str) -> Any:
    value = sql.name(column)
    query = (
        exp.select(exp.alias_(value, "value"))
        .from_(table.query.subquery("t"))
        .where(sql.template(":x IS NOT NULL", x=value))
        .group_by(value)
        .order_by(sql.template("count(*)").desc(), value.copy().asc())
        .limit(1)
    )
    found = engine.rows(query).column(0).to_pylist()
    return found[0] if found else None


class DropMissing(Step):
    """Leave out rows that have missing values in the chosen columns."""

    title = "Drop rows with missing values"
    group = "Missing values"
    keeps_rows = False

    columns: Annotated[tuple[str, ...], ColumnNames()] = P(
        default=(), title="Columns", description="The columns to look at; none chosen means all columns."
    )
    when: Literal["any", "all"] = P(
        default="any",
        title="Drop a row when",
        description="any: one of the columns is missing; all: every one of them is.",
    )

    @classmethod
    def example(cls) -> DropMissing:
        return cls(columns=("price", "region"))

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        names = [column.name for column in columns]
        there = [sql.template(":x IS NOT NULL", x=sql.name(name)) for name in self.columns or names]
        kept = exp.and_(*there) if self.when == "any" else exp.or_(*there)
        return sql.select(source, {name: sql.name(name) for name in names}).where(kept)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        subset = f"subset={list(dict.fromkeys(self.columns))!r}, " if self.columns else ""
        return f"df = df.dropna({subset}how={self.when!r})"

    def describe(self) -> Note:
        where = named(self.columns) if self.columns else note("the columns")
        if self.when == "all":
            return note("Drop rows where all of {columns} is missing", columns=where)
        return note("Drop rows where any of {columns} is missing", columns=where)
