"""Columns that look beyond their row: ranks, the row before, running totals, moving means, shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import field_validator, model_validator
from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Json, Schema, Step
from core.errors import BadParameter
from core.params import ColumnName, ColumnNames, Frozen, Number
from core.steps import windows_code
from core.steps.rows import SortKey
from core.steps.words import listed, named, quoted
from core.wording import Note, note

Function = Literal[
    "row number", "rank", "dense rank", "value before", "value after", "difference", "running total",
    "moving mean", "share of group",
]  # fmt: skip

PLACES = ("row number", "rank", "dense rank")  # these take no column
NUMERIC = ("running total", "moving mean", "share of group")
MOVING = ("value before", "value after", "difference", "moving mean")  # these count rows
_SQL = {
    "row number": "row_number()",
    "rank": "rank()",
    "dense rank": "dense_rank()",
    "value before": "lag(:x, :rows)",
    "value after": "lead(:x, :rows)",
    "running total": "sum(:x)",
    "moving mean": "avg(:x)",
    "share of group": "sum(:x)",
}


class Window(Frozen):
    """One new column, computed for each row from the rows of its group."""

    function: Function = P(
        default="rank",
        title="Function",
        description="row number, rank (1, 2, 2, 4) and dense rank (1, 2, 2, 3) say at which place of the "
        "order a row stands. difference: from the value some rows before; dates in days, times in "
        "seconds. moving mean: of this row and those before it. share of group: the value over the "
        "group's sum.",
    )
    column: Annotated[str | None, ColumnName()] = P(
        default=None, title="Column", description="The column it is taken from. Ranks need none."
    )
    rows: Annotated[int, Number(1, 100)] = P(
        default=1,
        title="Rows",
        description="How many rows before or after; for a moving mean how many rows it takes in all.",
        ge=1,
        le=100_000,
    )
    name: str = P(
        default="",
        title="Name",
        description='What the new column is called; when empty, like "price running total".',
        max_length=1_000,
    )

    @model_validator(mode="after")
    def _needs_column(self) -> Window:
        if self.column is None and self.function not in PLACES:
            raise ValueError(f"must have a column to take the {self.function} of")
        return self

    def called(self) -> str:
        return self.name or (self.function if self.function in PLACES else f"{self.column} {self.function}")


class WindowColumns(Step):
    """Add columns that look at other rows of the same group: ranks, earlier values, totals, shares.

    In a group the rows stand in the chosen order, missing values last; rows that are equal in it, and
    all rows where no order is chosen, keep the order of the table. A missing key is a group of its own.
    Running totals, moving means and shares pass over missing values; differences are missing beside one.
    Totals, means, shares and differences are 64-bit floats. New rows are computed among themselves.
    """

    title = "Compute over rows"
    group = "Columns"
    keeps_order = False  # found with windows

    by: Annotated[tuple[str, ...], ColumnNames()] = P(
        default=(),
        title="For each",
        description="Rows with the same values in these columns form a group. With none, all rows are one.",
    )
    order: tuple[SortKey, ...] = P(
        default=(),
        title="In the order of",
        description="The columns that order the rows of a group, the most important first.",
    )
    windows: tuple[Window, ...] = P(
        title="New columns", description="What to compute for each row.", min_length=1
    )

    @field_validator("by")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value):
            raise ValueError("must name each column once")
        return value

    @field_validator("order")
    @classmethod
    def _ordered_once(cls, value: tuple[SortKey, ...]) -> tuple[SortKey, ...]:
        if len({key.column for key in value}) < len(value):
            raise ValueError("must name each column once")
        return value

    @classmethod
    def example(cls) -> WindowColumns:
        rows = (
            Window(function="row number"),
            Window(function="rank"),
            Window(function="dense rank"),
            Window(function="value before", column="name"),
            Window(function="value after", column="day", rows=2),
            Window(function="difference", column="price"),
            Window(function="difference", column="day"),
            Window(function="difference", column="at", rows=2),
            Window(function="running total", column="quantity"),
            Window(function="moving mean", column="price", rows=3),
            Window(function="share of group", column="quantity"),
        )
        made = tuple(row.model_copy(update={"name": row.called()}) for row in rows)
        return cls(by=("region",), order=(SortKey(column="quantity", descending=True),), windows=made)

    def check(self, columns: Schema) -> None:
        super().check(columns)
        kinds = {column.name: column.type for column in columns}
        for row in self.windows:
            kind = kinds[row.column or ""] if row.column else None
            wanted: tuple[str, ...] = ("integer", "number")
            if row.function == "difference":
                wanted += ("date", "datetime")
            elif row.function not in NUMERIC:
                continue
            if kind not in wanted:
                raise BadParameter(
                    "There is no {function} of {column!r}, which is of type {kind}.",
                    hint="It takes columns of type {wanted}.",
                    function=row.function,
                    column=row.column,
                    kind=kind,
                    wanted=list(wanted),
                )

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kinds = {column.name: column.type for column in columns}
        # a list, not a dict: two columns of one name must be found, not overwritten
        chosen = [exp.alias_(sql.name(column.name), column.name, quoted=True) for column in columns]
        chosen += [exp.alias_(self._node(row, kinds), row.called(), quoted=True) for row in self.windows]
        return exp.select(*chosen, sql.name(sql.ROW)).from_(source)

    def _node(self, row: Window, kinds: Mapping[str, ColumnType]) -> exp.Expr:
        if row.function == "difference":
            return self._difference(row, kinds)
        cell: exp.Expr = sql.name(row.column or sql.ROW)
        if row.function in NUMERIC:
            cell = exp.cast(cell, "DOUBLE")
        node = self._over(row, cell)
        if row.function == "share of group":
            node = sql.template(":x / NULLIF(:total, 0)", x=cell, total=node)
        # infinities of both signs have no sum, and over one another no share
        plain = row.function not in NUMERIC
        return node if plain else sql.template("NULLIF(:x, :nan)", x=node, nan=float("nan"))

    def _difference(self, row: Window, kinds: Mapping[str, ColumnType]) -> exp.Expr:
        kind, cell = kinds[row.column or ""], sql.name(row.column or "")
        before = self._over(row.model_copy(update={"function": "value before"}), cell)
        if kind == "date":
            days: exp.Expr = sql.template("CAST(date_diff('day', :b, :x) AS DOUBLE)", x=cell, b=before)
            return days
        if kind == "datetime":
            passed: exp.Expr = sql.template("date_diff('microsecond', :b, :x) / 1e6", x=cell, b=before)
            return passed
        node: exp.Expr = sql.template(
            "NULLIF(CAST(:x AS DOUBLE) - CAST(:b AS DOUBLE), :nan)", x=cell, b=before, nan=float("nan")
        )
        return node

    def _over(self, row: Window, cell: exp.Expr) -> exp.Expr:
        text = _SQL[row.function]
        given = {"x": cell, "rows": row.rows}
        function = sql.template(text, **{name: node for name, node in given.items() if f":{name}" in text})
        keys = [
            exp.Ordered(this=sql.name(key.column), desc=key.descending, nulls_first=False)
            for key in self.order
        ]
        if row.function not in ("rank", "dense rank") or not keys:  # equal rows share their rank
            keys.append(exp.Ordered(this=sql.name(sql.ROW)))
        frame = None
        if row.function in NUMERIC:
            before = exp.Literal.number(row.rows - 1) if row.function == "moving mean" else "UNBOUNDED"
            last = ("UNBOUNDED", "FOLLOWING") if row.function == "share of group" else ("CURRENT ROW", None)
            frame = exp.WindowSpec(
                kind="ROWS", start=before, start_side="PRECEDING", end=last[0], end_side=last[1]
            )
        return exp.Window(
            this=function,
            partition_by=[sql.name(name) for name in self.by],
            order=exp.Order(expressions=keys),
            spec=frame,
        )

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kinds = {column.name: column.type for column in columns}
        keys = [(key.column, key.descending) for key in self.order]
        lines = windows_code.ordered(self.by, keys, kinds)
        for place, row in enumerate(self.windows):
            kind = kinds[row.column] if row.column else None
            ranked = bool(keys) or row.function not in ("rank", "dense rank")
            function = row.function if ranked else "row number"
            lines += windows_code.computed(place, function, row.column, kind, row.rows)
        for place, row in enumerate(self.windows):
            lines.append(f"df[{row.called()!r}] = in_rows(made_{place})")
        return "\n".join(lines)

    def describe(self) -> Note:
        computed = listed([quoted(row.called()) for row in self.windows])
        if not self.by:
            return note("Compute {computed} over the rows", computed=computed)
        return note("Compute {computed} for each {by}", computed=computed, by=named(self.by))
