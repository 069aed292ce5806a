"""What the steps share that fill a missing number by the other numbers of its row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field as P
from pydantic import field_validator, model_validator
from sqlglot import exp

from core import sql
from core.contracts import Json, Schema, Step, wrong_constant
from core.params import ColumnNames
from core.steps.numbers import LARGEST

MOST = 12  # columns that take part
USABLE = (
    "def usable(cells):",
    "    numbers = pc.cast(cells, pa.float64(), safe=False).to_numpy(zero_copy_only=False)",
    f"    return np.where(np.abs(numbers) <= {LARGEST!r}, numbers, np.nan)",
)  # in pandas what `core.steps.numbers.usable` is in SQL


class FillByOthers(Step):
    """The columns that are filled, and those that are looked at."""

    group = "Missing values"

    columns: Annotated[tuple[str, ...], ColumnNames("integer", "number")] = P(
        title="Columns", description="The columns of numbers whose missing values are filled.", min_length=1
    )
    others: Annotated[tuple[str, ...], ColumnNames("integer", "number")] = P(
        default=(),
        title="Also look at",
        description="Further columns of numbers that rows are judged by; these are not filled.",
    )

    @field_validator("columns", "others")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value):
            raise ValueError("must name each column once")
        return value

    @model_validator(mode="after")
    def _few(self) -> Self:
        if not 2 <= len(self._all()) <= MOST:
            raise ValueError(f"must have between 2 and {MOST} columns in all")
        return self

    def _all(self) -> list[str]:
        return list(dict.fromkeys((*self.columns, *self.others)))

    def check_learned(self, learned: Mapping[str, Json], columns: Schema) -> None:
        super().check_learned(learned, columns)
        names = learned.get("columns", [])
        if len(set(names)) < len(names) or not set(names) <= set(self._all()):
            raise wrong_constant("columns", "they must be columns of this step, each once", names)


def as_stored(made: exp.Expr, whole: bool) -> exp.Expr:
    """An estimate as its column holds it: rounded where that holds whole numbers."""
    return sql.template("TRY_CAST(floor(:x + 0.5) AS BIGINT)", x=made) if whole else made


def put_in(name: str, made: str, whole: bool) -> list[str]:
    """Lines of pandas code that put the numbers `made` where a column has none."""
    made = f"np.floor({made} + 0.5)" if whole else made
    return [
        f"filled = pa.array({made}).cast(pa.{'int64' if whole else 'float64'}(), safe=False)",
        f"filled = pc.coalesce(pa.array(df[{name!r}]), filled)",
        f"df[{name!r}] = pd.Series(pd.arrays.ArrowExtensionArray(filled), index=df.index)",
    ]
