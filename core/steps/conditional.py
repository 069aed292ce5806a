"""If, else: a value that depends on conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field as P
from pydantic import model_validator
from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Json, Schema, Step
from core.errors import BadParameter
from core.params import ColumnName, Text
from core.steps.filter import Condition, check_condition, condition_pandas, condition_sql
from core.steps.naming import NewName, target, with_result
from core.steps.values import code, typed
from core.steps.words import listed, quoted
from core.wording import Note, note

_ARROW: dict[ColumnType, str] = {
    "integer": "pa.int64()",
    "number": "pa.float64()",
    "text": "pa.string()",
    "boolean": "pa.bool_()",
    "date": "pa.date32()",
    "datetime": "pa.timestamp('us')",
}


class Case(Condition):
    """A condition, and the value where it holds; or one more condition of the case above."""

    joins: Literal["new case", "and", "or"] = P(
        default="new case",
        title="With the line above",
        description="new case: if the cases above do not hold. and, or: one more condition of the case "
        "above, whose value counts.",
    )
    then: Annotated[str | None, Text(example="high")] = P(
        default=None,
        title="Then",
        description="The value where the case holds; left empty, the cell is missing.",
        max_length=2_000,
    )
    then_column: Annotated[str | None, ColumnName()] = P(
        default=None, title="Or the value of", description="A column whose value is taken instead."
    )


class ConditionalValue(Step):
    """Fill a column by cases: if this holds then one value, else if that holds another, else a third.

    The first case that holds decides. A case may have several conditions; they are taken from the
    top to the bottom. A missing value meets only "is missing" and negations, as in a filter.
    """

    title = "If, else"
    group = "Columns"

    name: NewName = P(
        title="Name",
        description="What the column is called. A column of the same name is replaced.",
        min_length=1,
        max_length=1_000,
    )
    cases: tuple[Case, ...] = P(
        title="Cases", description="Conditions from the top to the bottom.", min_length=1, max_length=100
    )
    otherwise: Annotated[str | None, Text(example="low")] = P(
        default=None,
        title="Else",
        description="The value where no case holds; left empty, the cell is missing.",
        max_length=2_000,
    )
    otherwise_column: Annotated[str | None, ColumnName()] = P(
        default=None, title="Else the value of", description="A column whose value is taken instead."
    )
    type: ColumnType = P(default="text", title="Type", description="The type that the column has.")

    @model_validator(mode="after")
    def _begins(self) -> ConditionalValue:
        if self.cases[0].joins != "new case":
            raise ValueError("must begin with a new case")
        return self

    @classmethod
    def example(cls) -> ConditionalValue:
        return cls(
            name="size",
            cases=(
                Case(column="price", operator=">=", value="10", then="dear"),
                Case(column="region", operator="is not", value="North", joins="and"),
                Case(column="price", operator="is missing", then="unknown"),
                Case(column="quantity", operator=">", value="6", then_column="name"),
            ),
            otherwise="cheap",
        )

    def check(self, columns: Schema) -> None:
        super().check(columns)
        kinds = {column.name: column.type for column in columns}
        for case in self.cases:
            check_condition(case, kinds[case.column])
        for value, column in self._values():
            if column is None:
                self._typed(value)
            elif kinds[column] != self.type and (kinds[column], self.type) != ("integer", "number"):
                raise BadParameter(
                    "If, else: {column!r} is {kind}, and the new column is {type}.",
                    hint="Choose the type {kind}, or change the column's type first.",
                    column=column,
                    kind=note(kinds[column]),
                    type=note(self.type),
                )

    def _values(self) -> list[tuple[str | None, str | None]]:
        chosen = [(case.then, case.then_column) for case in self.cases if case.joins == "new case"]
        return [*chosen, (self.otherwise, self.otherwise_column)]

    def _typed(self, value: str | None) -> Any:
        return None if value is None else typed(value, self.type)

    def _cases(self) -> Iterator[tuple[list[Case], str | None, str | None]]:
        """Each case: its conditions, its value, the column it takes instead."""
        starts = [place for place, case in enumerate(self.cases) if case.joins == "new case"]
        for start, end in zip(starts, [*starts[1:], len(self.cases)], strict=True):
            yield list(self.cases[start:end]), self.cases[start].then, self.cases[start].then_column

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kinds = {column.name: column.type for column in columns}
        case = exp.Case(default=self._node(self.otherwise, self.otherwise_column))
        for conditions, value, column in self._cases():
            met: exp.Expr = condition_sql(conditions[0], kinds[conditions[0].column])
            for more in conditions[1:]:
                other = condition_sql(more, kinds[more.column])
                met = sql.template(f":met {more.joins.upper()} :other", met=met, other=other)
            case = case.when(met, self._node(value, column))
        return with_result(source, columns, target(columns, self.name, self.name), case)

    def _node(self, value: str | None, column: str | None) -> exp.Expr:
        node = sql.literal(self._typed(value)) if column is None else sql.name(column)
        return exp.cast(node, sql.STORAGE[self.type])

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kinds = {column.name: column.type for column in columns}
        lines = [
            "def same(value):",
            f"    values = pa.array([value] * len(df), {_ARROW[self.type]})",
            "    return pd.Series(pd.arrays.ArrowExtensionArray(values), index=df.index)",
            "",
            f"result = {self._code(self.otherwise, self.otherwise_column, kinds)}",
        ]
        for conditions, value, column in reversed(list(self._cases())):  # the first has the last word
            met = condition_pandas(conditions[0], kinds[conditions[0].column])
            for more in conditions[1:]:
                sign = "&" if more.joins == "and" else "|"
                met = f"(({met}) {sign} ({condition_pandas(more, kinds[more.column])}))"
            lines += [f"met = {met}", f"result = result.mask(met, {self._code(value, column, kinds)})"]
        place = target(columns, self.name, self.name)
        return "\n".join([*lines, f"df[{place!r}] = result"])

    def _code(self, value: str | None, column: str | None, kinds: Mapping[str, ColumnType]) -> str:
        if column is None:
            return f"same({code(self._typed(value))})"
        if kinds[column] == self.type:
            return f"df[{column!r}]"
        wide = f"pc.cast(pa.array(df[{column!r}]), 'float64', safe=False)"
        return f"pd.Series({wide}, index=df.index, dtype='double[pyarrow]')"

    def describe(self) -> Note:
        told = [
            note("{value} if {conditions}", value=_said(value, column), conditions=_joined(conditions))
            for conditions, value, column in self._cases()
        ]
        return note(
            "Make {name}: {cases}, else {otherwise}",
            name=quoted(self.name), cases=listed(told),
            otherwise=_said(self.otherwise, self.otherwise_column),
        )  # fmt: skip


def _said(value: str | None, column: str | None) -> str | Note:
    if column is not None:
        return note("the value of {column}", column=quoted(column))
    return note("missing") if value is None else quoted(value)


def _joined(conditions: Sequence[Case]) -> Note:
    told = conditions[0].words()
    for more in conditions[1:]:
        if more.joins == "and":
            told = note("{one} and {other}", one=told, other=more.words())
        else:
            told = note("{one} or {other}", one=told, other=more.words())
    return told
