"""Numbers of different sizes brought to one scale. What that takes is learned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import PlainValidator, model_validator
from sqlglot import exp

from core import sql
from core.contracts import Engine, Json, Schema, Step, Table, wrong_constant
from core.params import ColumnNames, Frozen
from core.steps.cells import with_cells
from core.steps.values import is_stored
from core.steps.words import named
from core.wording import Note, note

_MOST = 1e150  # a larger number squares to infinity, which no variance survives
_LEARNED = {
    "min-max": ("min(:x)", "max(:x) - min(:x)"),
    "z": ("avg(:x)", "stddev_pop(:x)"),
    "robust": ("median(:x)", "quantile_cont(:x, 0.75) - quantile_cont(:x, 0.25)"),
}


def _finite(value: Json) -> Json:
    if value is None or not is_stored(value, "number"):
        raise ValueError("must be a finite number")
    return value


Finite = Annotated[float, PlainValidator(_finite)]


class Scales(Frozen):
    """What is taken away from each column and what it is divided by; null where nothing was there."""

    scales: dict[str, tuple[Finite, Finite] | None]

    @model_validator(mode="after")
    def _divides(self) -> Scales:
        if any(pair is not None and pair[1] <= 0 for pair in self.scales.values()):
            raise ValueError("what a column is divided by must be larger than 0")
        return self


class NormaliseNumbers(Step):
    """Bring columns of numbers to one scale, so that they can be compared or added.

    min-max: the smallest value becomes 0, the largest 1. z: values become their distance from the
    mean, in standard deviations (of all values, divided by n). robust: their distance from the
    median, in interquartile ranges, which a few far values do not move. What is needed is learned
    from the table once; values of new rows may lie beyond 0 and 1. Of a column with one value
    nothing but the difference to it is left, and infinite values stay infinite.
    """

    title = "Normalise numbers"
    group = "Numbers"
    Learned = Scales

    columns: Annotated[tuple[str, ...], ColumnNames("integer", "number")] = P(
        title="Columns", description="The columns of numbers to normalise.", min_length=1
    )
    method: Literal["min-max", "z", "robust"] = P(
        default="min-max", title="Method", description="What the values are measured by."
    )

    @classmethod
    def example(cls) -> NormaliseNumbers:
        return cls(columns=("price", "quantity"), method="robust")

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        """Of each column what is taken away and what it is divided by."""
        asked: list[exp.Expr] = []
        names = list(dict.fromkeys(self.columns))
        for place, column in enumerate(names):
            value = sql.template(
                "CASE WHEN abs(CAST(:x AS DOUBLE)) <= :most THEN CAST(:x AS DOUBLE) END",
                x=sql.name(column), most=_MOST,
            )  # fmt: skip
            for side, text in zip("ab", _LEARNED[self.method], strict=True):
                asked.append(exp.alias_(sql.template(text, x=value), f"{side}{place}"))
        found = engine.rows(exp.select(*asked).from_(table.query.subquery("source"))).to_pylist()[0]
        scales: dict[str, Json] = {}
        for place, column in enumerate(names):
            shift, scale = found[f"a{place}"], found[f"b{place}"]
            scales[column] = None if shift is None else [shift, scale if scale and scale > 0 else 1.0]
        return {"scales": scales}

    def check_learned(self, learned: Mapping[str, Json], columns: Schema) -> None:
        super().check_learned(learned, columns)
        for column in self.columns:
            if column not in learned["scales"]:
                raise wrong_constant(f"scales.{column}", "it is missing", learned["scales"])

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        cells = {}
        for column in self.columns:
            shift, scale = learned["scales"][column] or (0.0, 1.0)
            cells[column] = sql.template(
                "(CAST(:x AS DOUBLE) - :shift) / :scale",
                x=sql.name(column), shift=float(shift), scale=float(scale),
            )  # fmt: skip
        return with_cells(source, columns, cells)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        lines = []
        for column in dict.fromkeys(self.columns):
            shift, scale = learned["scales"][column] or (0.0, 1.0)
            lines += [
                f"numbers = pd.Series(pc.cast(pa.array(df[{column!r}]), 'float64', safe=False),"
                " index=df.index, dtype='double[pyarrow]')",
                f"df[{column!r}] = (numbers - {float(shift)!r}) / {float(scale)!r}",
            ]
        return "\n".join(lines)

    def describe(self) -> Note:
        return note("Normalise {columns} ({method})", columns=named(self.columns), method=note(self.method))
