"""Several columns made rows: one for each of them, with its name and its value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import field_validator
from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Json, Schema, Step
from core.notation import conversions
from core.params import ColumnNames
from core.steps import lookup
from core.steps.naming import NewName
from core.steps.words import named, quoted
from core.wording import Note, note

# how a number or a date is written as text needs none of what can be said of reading
_PLAIN = conversions.Reading(False, True, True, True, (), (), ())


class Unpivot(Step):
    """Turn columns into rows: each row becomes one for every chosen column, with its name and its value.

    The other columns are repeated. Whole numbers and numbers together become numbers; columns of
    other types together become texts, written as "change type" writes them.
    """

    title = "Columns to rows (unpivot)"
    group = "Rows"
    keeps_rows = False
    keeps_order = False  # the engine need not keep the order of what it unnests

    columns: Annotated[tuple[str, ...], ColumnNames()] = P(
        title="Columns", description="The columns that become rows.", min_length=1, max_length=2_000
    )
    name: NewName = P(
        default="column",
        title="Column of names",
        description="What the column is called that says which column a value comes from.",
        min_length=1,
        max_length=1_000,
    )
    value: NewName = P(
        default="value",
        title="Column of values",
        description="What the column of the values is called.",
        min_length=1,
        max_length=1_000,
    )
    missing: Literal["keep", "leave out"] = P(
        default="keep",
        title="Missing values",
        description="Whether a missing value has a row; leaving out drops rows without any value.",
    )

    @field_validator("columns")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value):
            raise ValueError("must name each column once")
        return value

    @classmethod
    def example(cls) -> Unpivot:
        return cls(columns=("price", "quantity"))

    def _kind(self, kinds: Mapping[str, ColumnType]) -> ColumnType:
        found = {kinds[column] for column in self.columns}
        if len(found) == 1:
            return found.pop()
        return "number" if found == {"integer", "number"} else "text"

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kinds = {column.name: column.type for column in columns}
        kind, count = self._kind(kinds), len(self.columns)
        cells = [
            exp.cast(conversions.in_sql(sql.name(c), sql.name(c), kinds[c], kind, _PLAIN), sql.STORAGE[kind])
            for c in self.columns
        ]
        names = exp.Array(expressions=[sql.literal(column) for column in self.columns])
        kept = [column.name for column in columns if column.name not in self.columns]
        # a list, not a dict: two columns of one name must be found, not overwritten
        chosen = [exp.alias_(sql.name(name), name, quoted=True) for name in kept]
        chosen += [
            exp.alias_(sql.template("unnest(:names)", names=names), self.name, quoted=True),
            exp.alias_(
                sql.template("unnest(:cells)", cells=exp.Array(expressions=cells)), self.value, quoted=True
            ),
        ]
        place = sql.template(":row * :count + unnest(range(:count))", row=sql.name(sql.ROW), count=count)
        query = exp.select(*chosen, exp.alias_(place, sql.ROW, quoted=True)).from_(source)
        if self.missing == "keep":
            return query
        outer = [exp.alias_(sql.name(node.alias_or_name), node.alias_or_name, quoted=True) for node in chosen]
        there = sql.template(":x IS NOT NULL", x=sql.name(self.value))
        return exp.select(*outer, sql.name(sql.ROW)).from_(query.subquery("long")).where(there)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kinds = {column.name: column.type for column in columns}
        kind, count = self._kind(kinds), len(self.columns)
        lines = ["parts = []"]
        for column in self.columns:
            cells = f"df[{column!r}]"
            if kinds[column] != kind:
                lines.append(conversions.in_pandas(kinds[column], kind, _PLAIN))
                cells = f"converted({cells})"
            lines += [
                f"cells = pa.array({cells}).cast({lookup.ARROW[kind]})",
                "parts += cells.chunks if isinstance(cells, pa.ChunkedArray) else [cells]",
            ]
        kept = [column.name for column in columns if column.name not in self.columns]
        lines += [
            f"rows, places = np.repeat(np.arange(len(df)), {count}), np.tile(np.arange({count}), len(df))",
            f"values = pa.chunked_array(parts, {lookup.ARROW[kind]}).take(pa.array(places * len(df) + rows))",
            f"names = pa.array({list(self.columns)!r}).take(pa.array(places))",
            f"df = df[{kept!r}].take(rows)",
            f"df.index = df.index * {count} + places",
            f"df[{self.name!r}] = pd.Series(pd.arrays.ArrowExtensionArray(names), index=df.index)",
            f"df[{self.value!r}] = pd.Series(pd.arrays.ArrowExtensionArray(values), index=df.index)",
        ]
        if self.missing == "leave out":
            lines.append(f"df = df[df[{self.value!r}].notna()]")
        return "\n".join(lines)

    def describe(self) -> Note:
        return note(
            "Turn {columns} into rows of {name} and {value}",
            columns=named(self.columns), name=quoted(self.name), value=quoted(self.value),
        )  # fmt: skip
