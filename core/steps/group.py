"""One row for each group, with counts, sums, means and the like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import field_validator, model_validator
from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Json, Schema, Step
from core.errors import BadParameter
from core.params import ColumnName, ColumnNames, Frozen
from core.steps.words import listed, named, quoted
from core.wording import Note, note

Function = Literal["count", "sum", "mean", "median", "min", "max", "sd", "distinct", "first"]

NUMERIC = ("sum", "mean", "median", "sd")  # these take numbers; yes and no count as 1 and 0
_SQL = {
    "count": "count(:x)",
    "sum": "sum(:x)",
    "mean": "avg(:x)",
    "median": "median(:x)",
    "min": "min(:x)",
    "max": "max(:x)",
    # a variance of numbers this large is beyond a DOUBLE, and the engine would refuse the whole query
    "sd": "CASE WHEN max(abs(:x)) <= :most THEN stddev_samp(CASE WHEN abs(:x) <= :most THEN :x END) END",
    "distinct": "count(DISTINCT :x)",
    "first": "arg_min(:x, :row)",  # by row order; arg_min passes over missing values
}
_PANDAS = {
    "count": ".count()",
    "sum": ".sum(min_count=1)",
    "mean": ".mean()",
    "median": ".median()",
    "min": ".min()",
    "max": ".max()",
    "sd": ".std()",
    "distinct": ".nunique()",
    "first": ".first()",
}
_MOST = 1e150
_OPTIONS = "keys, sort=False, dropna=False"


class Aggregation(Frozen):
    """One number for each group, taken from one column."""

    function: Function = P(
        default="count",
        title="Function",
        description="count: values that are not missing, or rows when no column is chosen. sd: the sample "
        "standard deviation. distinct: different values. first: the first value that is not missing.",
    )
    column: Annotated[str | None, ColumnName()] = P(
        default=None, title="Column", description="The column it is taken from. Counting rows needs none."
    )
    name: str = P(
        default="",
        title="Name",
        description='What the new column is called; when empty, like "price mean".',
        max_length=1_000,
    )

    @model_validator(mode="after")
    def _needs_column(self) -> Aggregation:
        if self.column is None and self.function != "count":
            raise ValueError(f"must have a column to take the {self.function} of")
        return self

    def called(self) -> str:
        return self.name or ("rows" if self.column is None else f"{self.column} {self.function}")


class GroupAggregate(Step):
    """Make one row of each group of rows, with counts, sums, means and the like.

    Groups stand in the order in which they first appear. A missing key is a group of its own. Missing
    values are left out of every function; where none is left the result is missing. Sums and means are
    64-bit floats, so that no sum overflows.
    """

    title = "Group and aggregate"
    group = "Rows"
    keeps_rows = False
    keeps_order = False

    keys: Annotated[tuple[str, ...], ColumnNames()] = P(
        default=(),
        title="Group by",
        description="Rows with the same values in these columns form a group. With none, all rows are one.",
    )
    aggregations: tuple[Aggregation, ...] = P(
        default=(Aggregation(function="count", name="rows"),),
        title="Aggregations",
        description="What to compute for each group.",
        min_length=1,
    )

    @field_validator("keys")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value):
            raise ValueError("must name each column once")
        return value

    @classmethod
    def example(cls) -> GroupAggregate:
        rows = (
            Aggregation(function="count", name="rows"),
            Aggregation(function="sum", column="quantity"),
            Aggregation(function="mean", column="price"),
            Aggregation(function="median", column="price"),
            Aggregation(function="sd", column="price"),
            Aggregation(function="min", column="day"),
            Aggregation(function="max", column="at"),
            Aggregation(function="distinct", column="name"),
            Aggregation(function="first", column="amount"),
        )
        named = tuple(row.model_copy(update={"name": row.name or f"r{i}"}) for i, row in enumerate(rows))
        return cls(keys=("region", "member"), aggregations=named)

    def check(self, columns: Schema) -> None:
        super().check(columns)
        kinds = {column.name: column.type for column in columns}
        for row in self.aggregations:
            if row.function in NUMERIC and kinds[row.column or ""] not in ("integer", "number", "boolean"):
                raise BadParameter(
                    "There is no {function} of {column!r}, which is of type {kind}.",
                    hint="It takes columns of type integer, number or boolean.",
                    function=row.function,
                    column=row.column,
                    kind=kinds[row.column or ""],
                )

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kinds = {column.name: column.type for column in columns}
        keys = [sql.name(key) for key in self.keys]
        chosen: list[exp.Expr] = [
            exp.alias_(key.copy(), name, quoted=True) for key, name in zip(keys, self.keys, strict=True)
        ]
        chosen += [exp.alias_(_sql(row, kinds), row.called(), quoted=True) for row in self.aggregations]
        first = sql.template("min(:row)", row=sql.name(sql.ROW))
        query = exp.select(*chosen, exp.alias_(first, sql.ROW, quoted=True)).from_(source)
        if not keys:  # without rows there is no group, with keys or without
            return query.having(sql.template("count(:row) > 0", row=sql.name(sql.ROW)))
        return query.group_by(*keys)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kinds = {column.name: column.type for column in columns}
        keys = [apart(key, kinds) for key in self.keys] or [
            "pd.Series(0, index=df.index, dtype='int64[pyarrow]')"
        ]
        lines = [f"keys = [{', '.join(keys)}]", "groups = pd.DataFrame({"]
        lines += [f"    {place}: {_pandas(row, kinds)}," for place, row in enumerate(self.aggregations)]
        # each group stands where its first row stood: steps that go by rows' numbers need that
        lines += [f"    'row': pd.Series(df.index, index=df.index).groupby({_OPTIONS}).min(),", "})"]
        lines += ["rows = groups.pop('row')"]
        names = [row.called() for row in self.aggregations]
        if self.keys:
            lines += ["df = groups.reset_index()", f"df.columns = {[*self.keys, *names]!r}"]
        else:
            lines += ["df = groups.reset_index(drop=True)", f"df.columns = {names!r}"]
        return "\n".join([*lines, "df.index = pd.Index(rows.to_numpy())"])

    def describe(self) -> Note:
        computed = listed([quoted(row.called()) for row in self.aggregations])
        if not self.keys:
            return note("Group and compute {computed}", computed=computed)
        keys = named(self.keys)
        return note("Group by {keys} and compute {computed}", keys=keys, computed=computed)


def _sql(row: Aggregation, kinds: Mapping[str, ColumnType]) -> exp.Expr:
    if row.column is None:
        return exp.Count(this=exp.Star())
    return aggregated(row.function, sql.name(row.column))


def aggregated(function: Function, value: exp.Expr) -> exp.Expr:
    """The function over the values of a group."""
    if function in NUMERIC:
        value = exp.cast(value, "DOUBLE")
    text = _SQL[function]
    given = {"x": value, "row": sql.name(sql.ROW), "most": _MOST}
    node: exp.Expr = sql.template(text, **{key: node for key, node in given.items() if f":{key}" in text})
    if function in ("sum", "mean", "median"):  # infinities of both signs have no sum
        node = sql.template("NULLIF(:x, :nan)", x=node, nan=float("nan"))
    return node


def apart(column: str, kinds: Mapping[str, ColumnType]) -> str:
    """A column to tell values apart by: for Arrow 0 and -0 are two, for the engine and for people one."""
    return f"df[{column!r}] + 0.0" if kinds[column] == "number" else f"df[{column!r}]"


def _pandas(row: Aggregation, kinds: Mapping[str, ColumnType]) -> str:
    if row.column is None:
        return f"df.groupby({_OPTIONS}).size().astype('int64[pyarrow]')"
    return in_pandas(row.function, f"df[{row.column!r}]", kinds[row.column])


def in_pandas(function: Function, column: str, kind: ColumnType) -> str:
    """The code of the same over a series, with `keys` for the groups."""
    if function in NUMERIC and kind == "integer":
        column = f"pd.Series(pc.cast(pa.array({column}), 'float64', safe=False), index=df.index, "
        column += "dtype='double[pyarrow]')"
    elif function in NUMERIC and kind == "boolean":
        column += ".astype('double[pyarrow]')"
    elif function == "distinct":
        column = f"({column} + 0.0)" if kind == "number" else f"({column})"
    code = f"{column}.groupby({_OPTIONS}){_PANDAS[function]}"
    if function == "sd":
        code += f".where({column}.abs().groupby({_OPTIONS}).max() <= {_MOST!r})"
    return code
