"""Rows that a person picked out: on a chart, in a filter, as a segment with a name.

    north = Mark(parts=(Within(column="region", values=("North",)),))
    cheap = Mark(parts=(Within(column="price", low=0, high=10),))
    some = selected(table, Selection(marks=(north, cheap)))      # North, or from 0 to below 10

A selection says what is true of its rows, not which rows they are: it means the same on a chart's
table, on a joined one, on tomorrow's version, and it fits into an address. A zoom, a bar that was
pressed and a filter of a dashboard are all selections, and a selected table is a table like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Annotated

from pydantic import Field as P
from pydantic import ValidationError
from sqlglot import exp

from core import sql
from core.affordable import check_cost, merged
from core.contracts import Column, ColumnType, Json, Schema, Table, near
from core.errors import BadParameter, MissingColumn
from core.params import Frozen
from core.within import Within
from core.wording import Note, note

MARKS = 5_000
ROWS = Column(name=sql.ROW, type="integer")  # the row order may be asked for as a column: blocks of rows


class Mark(Frozen):
    """What one mark of a chart stands for: rows of which all parts are true; without parts, all rows."""

    parts: Annotated[tuple[Within, ...], P(max_length=50)] = ()

    def where(self, types: dict[str, ColumnType]) -> exp.Expr:
        conditions = [part.where(types[part.column]) for part in self.parts]
        return exp.and_(*conditions, copy=False) if conditions else exp.true()

    def simple(self) -> Within | None:
        """Its one condition, where that says values of a column and nothing else."""
        one = self.parts[0] if len(self.parts) == 1 else None
        return one if one is not None and one.values is not None and not one.outside else None

    def describe(self, types: dict[str, ColumnType]) -> Note:
        words = [part.describe(types.get(part.column, "number")) for part in self.parts]
        return reduce(lambda a, b: note("{a} and {b}", a=a, b=b), words) if words else note("all rows")


class Selection(Frozen):
    """Rows that any of its marks stands for; `exclude` means all other rows. Without marks: all rows."""

    marks: Annotated[tuple[Mark, ...], P(max_length=MARKS)] = ()
    exclude: bool = False

    @classmethod
    def of(cls, *parts: Within) -> Selection:
        """The rows of which all these conditions are true."""
        return cls(marks=(Mark(parts=parts),))

    @classmethod
    def from_json(cls, document: Json) -> Selection:
        """Read back what `to_json` wrote: it may come from an address. BadParameter says what is wrong."""
        try:
            found = cls.model_validate(document)
            check_cost([found])
            return found
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise BadParameter(
                "This is no selection of rows, at {place}: {rule}.",
                hint="Select the rows again.",
                place=".".join(map(str, first["loc"])) or "all of it",
                rule=first["msg"].removeprefix("Value error, "),
            ) from None

    def to_json(self) -> Json:
        return self.model_dump(mode="json", exclude_defaults=True)

    def columns(self) -> tuple[str, ...]:
        """The columns it asks about, each once."""
        parts = [part for mark in self.marks for part in mark.parts]
        named = [name for part in parts for name in (part.column, part.first_of) if name is not None]
        return tuple(dict.fromkeys(named))

    def looks_around(self) -> bool:
        """Whether it asks of a row what other rows have, so that what is left out before it matters."""
        return any(part.first_of is not None for mark in self.marks for part in mark.parts)

    def by_order(self) -> bool:
        """Whether it asks for places in the table, which another version may fill with other rows."""
        return sql.ROW in self.columns()

    def inverted(self) -> Selection:
        """All other rows; of the selection of all rows: none."""
        return self.model_copy(update={"exclude": not self.exclude})

    def joined(self, other: Selection) -> Selection:
        """Rows of this or of the other one: what a mark that is added to others gives."""
        if self.exclude or other.exclude:
            raise ValueError("rows that are left out cannot be joined with rows that are chosen")
        return Selection(marks=tuple(dict.fromkeys((*self.marks, *other.marks)))[:MARKS])

    def check(self, columns: Schema) -> None:
        """MissingColumn where it asks about a column that is not there."""
        known = {column.name: column.type for column in columns}
        for column in self.columns():
            if column not in known and column != sql.ROW:
                raise MissingColumn(
                    needs="A selection", column=column, candidates=", ".join(near(column, known))
                )

    def where(self, columns: Schema) -> exp.Expr:
        """The condition on a table with these columns; true or false, never unknown."""
        self.check(columns)
        types = _types(columns)
        if not self.marks:
            return exp.false() if self.exclude else exp.true()
        condition = exp.or_(*[mark.where(types) for mark in merged(self.marks)], copy=False)
        return sql.template("NOT :c", c=exp.paren(condition)) if self.exclude else condition

    def near(self, columns: Schema) -> list[exp.Expr]:
        """Plain conditions that its rows meet (see `Within.near`); they say nothing without `where`."""
        if self.exclude or len(self.marks) != 1:
            return []
        types = _types(columns)
        return [end for part in self.marks[0].parts for end in part.near(types[part.column])]

    def describe(self, columns: Schema = (), most: int = 3) -> Note:
        """The selection in words: "region is North, or price from 0 to 10"."""
        if not self.marks:
            return note("no rows") if self.exclude else note("all rows")
        words = [mark.describe(_types(columns)) for mark in self.marks[:most]]
        rest = len(self.marks) - most
        words += [note("{count} more", count=rest)] if rest > 0 else []
        some = reduce(lambda a, b: note("{one}, or {other}", one=a, other=b), words)
        return note("all but: {some}", some=some) if self.exclude else some


def selected(table: Table, *selections: Selection) -> Table:
    """The rows of a table that are in all these selections, in their order: a table like any other."""
    wanted = [selection for selection in selections if selection.marks or selection.exclude]
    if not wanted:
        return table
    around = [selection for selection in wanted if selection.looks_around()]
    if around and len(around) < len(wanted):
        plain = [selection for selection in wanted if not selection.looks_around()]
        return selected(selected(table, *plain), *around)
    chosen = [sql.name(column) for column in (*table.names(), sql.ROW)]
    query = exp.select(*chosen).from_(table.query.copy().subquery("t"))
    if around:
        asked = exp.and_(*[selection.where(table.columns) for selection in around], copy=False)
        query.set("qualify", exp.Qualify(this=asked))
        return _like(table, query, table.columns)
    conditions = [selection.where(table.columns) for selection in wanted]
    near = [end for selection in wanted for end in selection.near(table.columns)]
    return _like(table, query.where(*near, *conditions, copy=False), table.columns)


def marked(table: Table, selection: Selection | Sequence[Selection], column: str) -> Table:
    """The table with one more column: whether a row is in the selection, or in all of several."""
    if column in table.names():
        raise BadParameter(
            "There is a column {column!r} already.", hint="Choose another name.", column=column
        )
    chosen: list[exp.Expr] = [sql.name(name) for name in table.names()]
    wanted = (selection,) if isinstance(selection, Selection) else selection
    condition = exp.and_(*[one.where(table.columns) for one in wanted]) if wanted else exp.true()
    chosen += [exp.alias_(condition, column, quoted=True), sql.name(sql.ROW)]
    query = exp.select(*chosen).from_(table.query.copy().subquery("t"))
    return _like(table, query, (*table.columns, Column(name=column, type="boolean")))


def _like(table: Table, query: exp.Select, columns: Schema) -> Table:
    return Table(query, columns, table.others)


def _types(columns: Schema) -> dict[str, ColumnType]:
    return {column.name: column.type for column in (*columns, ROWS)}
