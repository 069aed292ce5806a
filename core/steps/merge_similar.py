"""Values that are one value written differently, merged as a person confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field as P
from pydantic import field_validator
from sqlglot import exp

from core import sql
from core.contracts import Json, Schema, Step
from core.params import ColumnName, Frozen, Number
from core.similar.clusters import Method
from core.steps import lookup
from core.steps.words import quoted
from core.wording import Note, note

MOST = 20_000  # values that one step merges


def _held(value: str) -> str:
    if "\0" in value or not lookup.is_text(value):
        raise ValueError("must be a text that a table can hold")
    return value


class Merge(Frozen):
    """One value and what it becomes."""

    value: str = P(title="Value", description="The value as it stands in the table.", max_length=100_000)
    becomes: str = P(title="Becomes", description="The value that it becomes.", max_length=100_000)

    @field_validator("value", "becomes")
    @classmethod
    def _plain(cls, value: str) -> str:
        return _held(value)


class MergeSimilar(Step):
    """Merge values that are one value written differently: "Rome", "rome " and "Roma" into "Rome".

    The values are compared without case, accents and punctuation, and proposed in groups; what is
    confirmed is kept in the step. "fingerprint" finds the same words in any order, "letter pairs" also
    other spaces; Levenshtein counts single edits and Jaro-Winkler favours a common beginning, and
    neither takes values with different digits for one. Among more than 2,500 values these two compare
    each with its neighbours in four orders, so that some pairs may not be found. The 100,000 most
    frequent values are looked at. On new rows the confirmed values are changed, and no others.
    """

    title = "Merge similar values"
    group = "Values"
    keeps_order = False  # found with a join

    column: Annotated[str, ColumnName("text")] = P(
        title="Column", description="The text column whose values are merged."
    )
    method: Method = P(
        default="fingerprint",
        title="Found by",
        description="How values are found that seem to be one. The first two are strict, the others find "
        "misspellings.",
    )
    similarity: Annotated[float, Number(0.7, 1, 0.01)] = P(
        default=0.9,
        title="Least similarity",
        description="For Levenshtein and Jaro-Winkler: from 0, nothing alike, to 1, the same.",
        ge=0.5,
        le=1,
    )
    merges: tuple[Merge, ...] = P(
        title="Merged values",
        description="The values that were confirmed, each with what it becomes.",
        min_length=1,
        max_length=MOST,
    )

    @field_validator("merges")
    @classmethod
    def _once(cls, value: tuple[Merge, ...]) -> tuple[Merge, ...]:
        if len({merge.value for merge in value}) < len(value):
            raise ValueError("must name each value once")
        return value

    @classmethod
    def example(cls) -> MergeSimilar:
        return cls(column="region", merges=(Merge(value="east", becomes="East"),))

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        chosen: dict[str, exp.Expr] = {column.name: sql.name(column.name, "s") for column in columns}
        value, becomes = (exp.column(name, table="m", quoted=True) for name in ("v", "b"))
        known = lookup.relation(
            "m",
            {
                "v": ([merge.value for merge in self.merges], "text"),
                "b": ([merge.becomes for merge in self.merges], "text"),
            },
        )
        same = sql.template(":x = :v", x=chosen[self.column], v=value)
        chosen[self.column] = sql.template("coalesce(:b, :x)", b=becomes, x=chosen[self.column])
        query = exp.select(*[exp.alias_(node, name, quoted=True) for name, node in chosen.items()])
        query = query.select(sql.name(sql.ROW, "s")).from_(exp.alias_(exp.to_table(source), "s", table=True))
        return query.join(known, on=same, join_type="left")

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        known = {merge.value: merge.becomes for merge in self.merges}
        return "\n".join(
            [
                f"becomes = {known!r}",
                f"cells = pa.array(df[{self.column!r}]).to_pylist()",
                "merged = pa.array([becomes.get(cell, cell) for cell in cells], pa.string())",
                f"df[{self.column!r}] = pd.Series(pd.arrays.ArrowExtensionArray(merged), index=df.index)",
            ]
        )

    def describe(self) -> Note:
        column = quoted(self.column)
        if len(self.merges) == 1:
            only = self.merges[0]
            return note(
                "Merge {value} into {becomes} in {column}",
                value=quoted(only.value), becomes=quoted(only.becomes), column=column,
            )  # fmt: skip
        into = len({merge.becomes for merge in self.merges})
        return note(
            "Merge {values:,} value of {column} into {into:,} | Merge {values:,} values of "
                "{column} into {into:,}",
            values=len(self.merges), column=column, into=into,
        )  # fmt: skip
