"""Several columns made one text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.contracts import Json, Schema, Step
from core.notation import conversions
from core.params import ColumnNames
from core.steps.naming import NewName, target, with_result
from core.steps.words import named, quoted
from core.wording import Note, note

# how a number or a date is written as text needs none of what can be said of reading
_PLAIN = conversions.Reading(False, True, True, True, (), (), ())


class MergeColumns(Step):
    """Write several columns into one text, in the order chosen, with something between them.

    Numbers and dates are written as "change type" writes them. Where all parts are missing, the
    result is missing.
    """

    title = "Merge columns"
    group = "Columns"

    columns: Annotated[tuple[str, ...], ColumnNames()] = P(
        title="Columns", description="The columns to put together, in their order.", min_length=1
    )
    name: NewName = P(
        title="Name",
        description="What the column is called. A column of the same name is replaced.",
        min_length=1,
        max_length=1_000,
    )
    separator: str = P(
        default=" ", title="Between them", description="What stands between two parts.", max_length=500
    )
    missing: Literal["leave out", "make missing"] = P(
        default="leave out",
        title="A missing part",
        description="leave out: the parts that are there are put together; make missing: so is the result.",
    )
    drop: bool = P(
        default=False, title="Drop the columns", description="Leave out the columns that were merged."
    )

    @classmethod
    def example(cls) -> MergeColumns:
        return cls(columns=("region", "day", "price"), name="place and day", separator=", ")

    def _gone(self, place: str) -> tuple[str, ...]:
        return tuple(c for c in self.columns if c != place) if self.drop else ()

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kinds = {column.name: column.type for column in columns}
        parts = [
            conversions.in_sql(sql.name(c), sql.name(c), kinds[c], "text", _PLAIN)
            for c in dict.fromkeys(self.columns)
        ]
        missing = [sql.template(":x IS NULL", x=sql.name(c)) for c in dict.fromkeys(self.columns)]
        none = exp.and_(*missing) if self.missing == "leave out" else exp.or_(*missing)
        joined = exp.Anonymous(this="concat_ws", expressions=[sql.literal(self.separator), *parts])
        node = sql.template("CASE WHEN NOT :none THEN :joined END", none=exp.paren(none), joined=joined)
        place = target(columns, self.name, self.name)
        return with_result(source, columns, place, node, drop=self._gone(place))

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kinds, lines = {column.name: column.type for column in columns}, ["parts = []"]
        for column in dict.fromkeys(self.columns):
            if kinds[column] == "text":
                lines.append(f"parts.append(pa.array(df[{column!r}]).cast('string'))")
                continue
            lines += [
                conversions.in_pandas(kinds[column], "text", _PLAIN),
                f"parts.append(pa.array(converted(df[{column!r}])).cast('string'))",
            ]
        there = "any" if self.missing == "leave out" else "all"
        lines += [
            f"joined = [{self.separator!r}.join(cell for cell in row if cell is not None)",
            f"          if {there}(cell is not None for cell in row) else None",
            "          for row in zip(*[part.to_pylist() for part in parts], strict=True)]",
            "joined = pa.array(joined, pa.string())",
        ]
        place = target(columns, self.name, self.name)
        lines.append(f"df[{place!r}] = pd.Series(pd.arrays.ArrowExtensionArray(joined), index=df.index)")
        if gone := self._gone(place):
            lines.append(f"df = df.drop(columns={list(dict.fromkeys(gone))!r})")
        return "\n".join(lines)

    def describe(self) -> Note:
        columns, name = named(tuple(dict.fromkeys(self.columns))), quoted(self.name)
        return note("Merge {columns} into {name}", columns=columns, name=name)
