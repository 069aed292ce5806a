"""One column of dates that were written in several ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import StrictInt
from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Engine, Json, Schema, Step, Table
from core.notation import conversions
from core.notation.dates import Order, reading, readings
from core.params import ColumnName, Frozen
from core.steps.naming import NewName, target, with_result
from core.steps.words import quoted
from core.wording import Note, note

Outcome = Literal["date", "datetime", "text"]
_OTHER: dict[Order, Order] = {"day first": "month first", "month first": "day first"}
_TWO_WAYS = {  # dates that can be read in one way only, and those that can be read in two
    "day first": "count(*) FILTER (WHERE NOT :day IS NULL AND :month IS NULL)",
    "month first": "count(*) FILTER (WHERE NOT :month IS NULL AND :day IS NULL)",
    "ambiguous": "count(*) FILTER (WHERE :day <> :month)",
    "unread": "count(*) FILTER (WHERE NOT :x IS NULL AND :day IS NULL AND :month IS NULL)",
    "dates": "count(*) FILTER (WHERE NOT :day IS NULL OR NOT :month IS NULL)",
}


class Evidence(Frozen):
    """In which order the ambiguous dates are read (null: they are not), and how many cells there were
    that can be read, that are ambiguous, and that are no dates."""

    order: Order | None
    dates: Annotated[StrictInt, P(ge=0)]
    ambiguous: Annotated[StrictInt, P(ge=0)]
    unread: Annotated[StrictInt, P(ge=0)]


class MixedDates(Step):
    """Read a column whose dates are written in several ways.

    Each cell is read by itself: "2024-12-31", "31.12.2024", "12/31/2024", "31 Dec 2024" may stand in one
    column, with or without a time. A date such as 25/12/2024 can be read in one way only, whatever
    the others are. What 1/2/2024 means is your choice: as most of the dates that can be read in one
    way only (this is learned once, and undecided where there are none), day first, month first, or
    left. What is no date becomes missing; with text as result, it stays as it is, as do dates that
    are left.
    """

    title = "Read mixed dates"
    group = "Dates"
    Learned = Evidence

    column: Annotated[str, ColumnName("text")] = P(title="Column", description="The dates, as text.")
    ambiguous: Literal["as the others", "day first", "month first", "leave"] = P(
        default="as the others",
        title="1/2/2024 is read",
        description="What dates mean that can be read in two ways.",
    )
    to: Outcome = P(
        default="date",
        title="Result",
        description="date: days. datetime: with their times. text: days as 2024-12-31.",
    )
    name: NewName = P(
        default="",
        title="New column",
        description="What the column with the dates is called; left empty, they replace the texts.",
        max_length=1_000,
    )

    @classmethod
    def example(cls) -> MixedDates:
        return cls(column="day_text")

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        """The order of most dates that can be read in one way only, and the counts."""
        read = dict(zip(("day", "month"), readings(sql.name(self.column), "text", "date"), strict=True))
        rows = sql.select_values({"x": sql.name(self.column), **read}).from_(table.query.subquery("t"))
        names = {key: sql.name(key) for key in ("x", "day", "month")}
        counts = {key: sql.template(text, **names) for key, text in _TWO_WAYS.items()}
        found = engine.rows(sql.select_values(counts).from_(rows.subquery("r"))).to_pylist()[0]
        return {
            "order": self._order(found["day first"], found["month first"]),
            "dates": found["dates"],
            "ambiguous": found["ambiguous"],
            "unread": found["unread"],
        }

    def _order(self, day_first: int, month_first: int) -> Order | None:
        if self.ambiguous == "day first" or self.ambiguous == "month first":
            return self.ambiguous
        if self.ambiguous == "leave" or day_first == month_first:
            return None
        return "day first" if day_first > month_first else "month first"

    def _kind(self) -> ColumnType:
        return "datetime" if self.to == "datetime" else "date"

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        cell = sql.name(self.column)
        place = {key: sql.name(_free(key, columns)) for key in ("day", "month")}
        day, month = readings(cell, "text", self._kind())
        if learned["order"] is None:
            text = "CASE WHEN coalesce(:day = :month, TRUE) THEN coalesce(:day, :month) END"
        else:
            text = {"day first": "coalesce(:day, :month)", "month first": "coalesce(:month, :day)"}[
                learned["order"]
            ]
        node = sql.template(text, **place)
        if self.to == "text":
            node = sql.template("coalesce(CAST(:date AS VARCHAR), :x)", date=node, x=cell)
        query = with_result(source, columns, target(columns, self.column, self.name), node)
        every = {column.name: sql.name(column.name) for column in columns}
        both = {_free("day", columns): day, _free("month", columns): month}
        # a relation of its own: each reading is used several times and made once
        return query.from_(sql.select(source, every | both).subquery("read"), copy=False)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        first: Order = learned["order"] or "day first"
        lines = []
        for name, order in (("first", first), ("second", _OTHER[first])):
            lines += [
                conversions.in_pandas("text", self._kind(), reading(order)),
                f"{name} = pa.array(converted(df[{self.column!r}]))",
            ]
        lines.append("dates = pc.coalesce(first, second)")
        if learned["order"] is None:
            lines.append(
                "dates = pc.if_else(pc.fill_null(pc.not_equal(first, second), False),"
                " pa.scalar(None, dates.type), dates)"
            )
        if self.to == "text":
            lines.append(f"dates = pc.coalesce(pc.cast(dates, 'string'), pa.array(df[{self.column!r}]))")
        place = target(columns, self.column, self.name)
        lines.append(f"df[{place!r}] = pd.Series(pd.arrays.ArrowExtensionArray(dates), index=df.index)")
        return "\n".join(lines)

    def describe(self) -> Note:
        how = {
            "as the others": note("ambiguous ones as the others"),
            "leave": note("ambiguous ones left"),
            "day first": note("day first"),
            "month first": note("month first"),
        }
        return note("Read the dates in {column} ({how})", column=quoted(self.column), how=how[self.ambiguous])


def _free(name: str, columns: Schema) -> str:
    taken = {column.name.casefold() for column in columns}
    while name in taken:
        name += "_"
    return name
