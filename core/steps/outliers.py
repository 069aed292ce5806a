"""Values far from the others: clip them to limits, or drop their rows. The limits are learned."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import PlainValidator, model_validator
from sqlglot import exp

from core import sql
from core.contracts import Column, Engine, Json, Schema, Step, Table, wrong_constant
from core.params import ColumnNames, Frozen, Number
from core.steps.values import is_stored
from core.steps.words import named
from core.wording import Note, note

Limits = tuple[float, float]


def _number(value: Json) -> Json:
    if value is None or not is_stored(value, "number"):
        raise ValueError("must be a finite number")
    return value


Limit = Annotated[float, PlainValidator(_number)]


class LimitsByColumn(Frozen):
    """The lowest and the highest value of each column; null where there was nothing to find them from."""

    limits: dict[str, tuple[Limit, Limit] | None]

    @model_validator(mode="after")
    def _in_order(self) -> LimitsByColumn:
        if any(pair is not None and pair[0] > pair[1] for pair in self.limits.values()):
            raise ValueError("the lower limit must not lie above the upper one")
        return self


class OutlierStep(Step):
    """What both steps share: how the limits are found. Infinite values never count in finding them."""

    group = "Outliers"
    Learned = LimitsByColumn

    columns: Annotated[tuple[str, ...], ColumnNames("integer", "number")] = P(
        title="Columns", description="The columns of numbers to look at.", min_length=1
    )
    method: Literal["iqr", "z", "percentiles"] = P(
        default="iqr",
        title="Method",
        description="iqr: so many interquartile ranges beyond the quartiles. z: so many standard deviations "
        "from the mean. percentiles: outside the two shares below.",
    )
    reach: Annotated[float, Number(0.5, 10, step=0.1)] = P(
        default=1.5,
        title="Reach",
        description="How many interquartile ranges (1.5 is usual) or standard deviations (3 is usual).",
        gt=0,
        le=1000,
    )
    low: Annotated[float, Number(0, 50, step=0.5, unit="%")] = P(
        default=1.0,
        title="Low percentile",
        description="With percentiles: the lower limit, in percent.",
        ge=0,
        le=100,
    )
    high: Annotated[float, Number(50, 100, step=0.5, unit="%")] = P(
        default=99.0,
        title="High percentile",
        description="With percentiles: the upper limit, in percent.",
        ge=0,
        le=100,
    )

    @model_validator(mode="after")
    def _in_order(self) -> OutlierStep:
        if self.low >= self.high:
            raise ValueError(f"must have a low percentile below the high one, not {self.low} and {self.high}")
        return self

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        """The limits of each column, [low, high], or null where there is nothing to find them from."""
        kinds = {column.name: column for column in table.columns}
        asked: list[exp.Expr] = []
        for index, column in enumerate(self.columns):
            # a number this large squares to infinity, which no variance survives
            value = sql.template(
                "CASE WHEN abs(CAST(:x AS DOUBLE)) <= :most THEN CAST(:x AS DOUBLE) END",
                x=sql.name(column),
                most=1e150,
            )
            for side, node in zip(("a", "b"), self._statistics(value), strict=True):
                asked.append(exp.alias_(node, f"{side}{index}"))
        found = engine.rows(exp.select(*asked).from_(table.query.subquery("source"))).to_pylist()[0]
        return {
            "limits": {
                column: self._limits(found[f"a{index}"], found[f"b{index}"], kinds[column])
                for index, column in enumerate(self.columns)
            }
        }

    def _statistics(self, value: exp.Expr) -> tuple[exp.Expr, exp.Expr]:
        if self.method == "z":
            return sql.template("avg(:x)", x=value), sql.template("stddev_samp(:x)", x=value)
        shares = (0.25, 0.75) if self.method == "iqr" else (self.low / 100, self.high / 100)
        low, high = (sql.template("quantile_cont(:x, :q)", x=value, q=share) for share in shares)
        return low, high

    def _limits(self, a: float | None, b: float | None, column: Column) -> list[float] | None:
        if a is None or b is None:
            return None
        low, high = a, b
        if self.method == "iqr":
            low, high = a - self.reach * (b - a), b + self.reach * (b - a)
        elif self.method == "z":
            low, high = a - self.reach * b, a + self.reach * b
        if column.type == "integer":  # outwards, so that clipped values are whole and nothing else moves
            return [max(math.floor(low), -(2**63)), min(math.ceil(high), 2**63 - 1)]
        return [low, high]

    def check_learned(self, learned: Mapping[str, Json], columns: Schema) -> None:
        super().check_learned(learned, columns)
        for column in self.columns:
            if column not in learned["limits"]:
                raise wrong_constant(f"limits.{column}", "it is missing", learned["limits"])

    def _known(self, learned: Mapping[str, Json]) -> dict[str, Limits]:
        found: Mapping[str, Json] = learned["limits"]
        return {
            column: (limits[0], limits[1]) for column in self.columns if (limits := found[column]) is not None
        }

    def _how(self) -> Note:
        if self.method == "iqr":
            return note("{reach:g} interquartile ranges beyond the quartiles", reach=self.reach)
        if self.method == "z":
            return note("{reach:g} standard deviations from the mean", reach=self.reach)
        return note("the percentiles {low:g} and {high:g}", low=self.low, high=self.high)


class ClipOutliers(OutlierStep):
    """Bring values that lie too far out to the nearest limit.

    The limits are learned from the table and kept. Missing values stay missing. In columns of whole
    numbers the limits are rounded outwards.
    """

    title = "Clip outliers"

    @classmethod
    def example(cls) -> ClipOutliers:
        return cls(columns=("price", "quantity"))

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        known = self._known(learned)
        chosen: dict[str, exp.Expr] = {}
        for column in columns:
            node: exp.Expr = sql.name(column.name)
            if column.name in known:
                low, high = known[column.name]
                node = sql.template(
                    "CASE WHEN :x < :low THEN :low WHEN :x > :high THEN :high ELSE :x END",
                    x=node, low=low, high=high,
                )  # fmt: skip
            chosen[column.name] = node
        return sql.select(source, chosen)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        lines = [
            f"df[{column!r}] = df[{column!r}].clip({low!r}, {high!r})"
            for column, (low, high) in self._known(learned).items()
        ]
        return "\n".join(lines) or "pass  # there were no values to find limits from"

    def describe(self) -> Note:
        columns = named(self.columns)
        return note("Clip {columns} to {limits}", columns=columns, limits=self._how())


class DropOutliers(OutlierStep):
    """Drop rows in which one of the columns lies too far out.

    The limits are learned from the table and kept. Rows with missing values are kept.
    """

    title = "Drop outliers"
    keeps_rows = False

    @classmethod
    def example(cls) -> DropOutliers:
        return cls(columns=("price", "quantity"))

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        query = sql.select(source, {column.name: sql.name(column.name) for column in columns})
        for column, (low, high) in self._known(learned).items():
            inside = sql.template(
                "COALESCE(:x BETWEEN :low AND :high, TRUE)", x=sql.name(column), low=low, high=high
            )
            query = query.where(inside, copy=False)
        return query

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        known = self._known(learned)
        if not known:
            return "pass  # there were no values to find limits from"
        # all limits look at the same rows: those that are there before any is dropped
        inside = [
            f"    & df[{column!r}].between({low!r}, {high!r}).fillna(True)"
            for column, (low, high) in known.items()
        ]
        inside[0] = inside[0].replace("    & ", "    ", 1)
        return "df = df[\n" + "\n".join(inside) + "\n]"

    def describe(self) -> Note:
        columns = named(self.columns)
        return note("Drop rows where {columns} lies outside {limits}", columns=columns, limits=self._how())
