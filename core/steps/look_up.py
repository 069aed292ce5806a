"""Look up: one value of another table for each row of this one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.contracts import Engine, Json, Schema, Table
from core.errors import BadParameter
from core.params import ColumnName
from core.steps.pairing import (
    Combining,
    Pair,
    check_pairs,
    keys_code,
    new_names,
    on_said,
    paired,
    paired_code,
    same_keys,
)
from core.steps.words import listed, quoted
from core.wording import Note, note


class LookUp(Combining):
    """Add one column of another table, found by a key; every row of this table stays, once.

    Where the other table has a key several times, the step refuses to guess, unless the first of
    them in that table's order is asked for. A row whose key is missing or not found gets no value.
    """

    title = "Look up from another table"
    keeps_rows = True

    keys: tuple[Pair, ...] = P(
        title="Where these are equal",
        description="Pairs of columns; all of them must be equal.",
        min_length=1,
    )
    column: Annotated[str, ColumnName(of="table")] = P(
        title="Value", description="The column of the other table that is looked up."
    )
    name: str = P(
        default="",
        title="Name",
        description="What the new column is called; when empty, as in the other table.",
        max_length=1_000,
    )
    several: Literal["refuse", "first"] = P(
        default="refuse",
        title="Where a key stands there several times",
        description="refuse: say so and do nothing; first: take the first row in that table's order.",
    )
    loose: bool = P(
        default=False,
        title="Ignore case and spaces",
        description="Compare texts in small letters, without spaces at their ends and repeated ones.",
    )

    @classmethod
    def example(cls) -> LookUp:
        from core.examples import OTHER

        return cls(table=OTHER, keys=(Pair(column="region", other="area"),), column="rate", several="first")

    def check_both(self, columns: Schema, theirs: Schema) -> None:
        super().check_both(columns, theirs)
        check_pairs(self.keys, columns, theirs, self.title)

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        found = super().learn(table, engine)
        if self.several == "refuse":
            firsts = self._firsts(
                table.columns, self.theirs(found), table.other(self.table).query.subquery("o")
            )
            counted = sql.template("count(*) FILTER (WHERE :rows > 1) AS n", rows=sql.name("rows"))
            keys = engine.rows(exp.select(counted).from_(firsts.subquery("f"))).column(0)[0].as_py()
            if keys:
                raise BadParameter(
                    "In the other table {count:,} key stands in more than one row. | In the other "
                    "table {count:,} keys stand in more than one row.",
                    hint="Take the first of them, or join, which keeps all.",
                    count=keys,
                )
        return found

    def _firsts(self, columns: Schema, theirs: Schema, source: exp.Expr) -> exp.Select:
        """Each key of the other table with its first row and how many rows it has."""
        keys = [same.expression for same in same_keys(self.keys, columns, theirs, self.loose, "l", "o")]
        cells: dict[str, exp.Expr] = {f"key {place}": key for place, key in enumerate(keys)}
        cells["first"] = sql.template("min(:row)", row=sql.name(sql.ROW, "o"))
        cells["rows"] = sql.template("count(*)")
        there = exp.and_(*(exp.Not(this=exp.Is(this=key.copy(), expression=exp.Null())) for key in keys))
        query = sql.select_values(cells).from_(source).where(there)
        return query.group_by(*(key.copy() for key in keys))

    def _name(self, columns: Schema) -> str:
        return self.name or new_names([self.column], [c.name for c in columns], "_other")[0]

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        theirs = self.theirs(learned)
        firsts = self._firsts(columns, theirs, exp.to_table(sql.other(self.table)).as_("o"))
        keys = [same.this for same in same_keys(self.keys, columns, theirs, self.loose, "l", "o")]
        equal = [exp.EQ(this=key, expression=sql.name(f"key {i}", "f")) for i, key in enumerate(keys)]
        pairs = (
            sql.select_values({"l": sql.name(sql.ROW, "l"), "r": sql.name("first", "f")})
            .from_(exp.to_table(source).as_("l"))
            .join(firsts.subquery("f"), on=exp.and_(*equal))
        )
        taken = {self.column: self._name(columns)}
        return paired(source, columns, self.table, pairs, taken, lone=True, single=True)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        lines = keys_code(self.keys, columns, self.theirs(learned), self.loose, self.table)
        lines += [
            'right = right[right["key"] >= 0].drop_duplicates("key")',
            'pairs = left.merge(right, on="key")[["l", "r"]]',
            *paired_code({self.column: self._name(columns)}, lone=True, single=True),
        ]
        return "\n".join(lines)

    def describe(self) -> Note:
        return note(
            "Look up {column} in {table} by {keys}",
            column=quoted(self.column),
            table=self.said(),
            keys=listed(on_said(self.keys)),
        )
