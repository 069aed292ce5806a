"""Rules about a table as a whole: no row twice, new enough, as many rows as usual."""

from __future__ import annotations

import datetime as dt
import statistics
from typing import Annotated, Any

from pydantic import Field as P
from pydantic import model_validator
from sqlglot import exp

from core import sql
from core.params import ColumnName, ColumnNames, Number
from core.rules.rule import Given, Measured, Outcome, Row, Rule
from core.steps.words import named, quoted
from core.wording import Note, note

BAND_FROM = 4  # earlier versions that a typical number of rows is learned from, at the least
BAND_LAST = 20  # the newest so many of them
BAND_WIDTH = 4.0  # robust standard deviations
BAND_LEAST = 0.1  # the band is never narrower than this share of the median, either way
MAD = 1.4826  # of a normal distribution: its standard deviation over its median absolute deviation


class Unique(Rule):
    """No two rows have the same values in these columns; rows where one is missing are left out."""

    title = "Is never repeated"
    group = "Rows"

    columns: Annotated[tuple[str, ...], ColumnNames()] = P(
        title="Columns", description="Together they tell rows apart.", min_length=1
    )

    @classmethod
    def example(cls) -> Unique:
        return cls(columns=("id",))

    def _present(self) -> Any:
        return exp.and_(*[sql.template(":x IS NOT NULL", x=sql.name(name)) for name in self.columns])

    def _groups(self) -> exp.Select:
        names = [sql.name(name) for name in self.columns]
        groups = exp.select(*names, sql.template("count(*) AS n")).from_("t").where(self._present())
        return groups.group_by(*names).having(sql.template("count(*) > 1"))

    def question(self, given: Given) -> exp.Select:
        asked = {
            "failing": sql.template("COALESCE(sum(n), 0)"),
            "values": sql.template("count(*)"),
        }
        return sql.select("g", asked, row=False).with_("g", as_=self._groups())

    def breaking(self, given: Given) -> exp.Expr:
        groups = self._groups()
        groups.set("expressions", [sql.name(name) for name in self.columns])
        names = [sql.name(name) for name in self.columns]
        cells: exp.Expr = names[0] if len(names) == 1 else exp.Tuple(expressions=names)
        among = exp.In(this=cells, query=groups.subquery())
        return sql.template("COALESCE(:test, FALSE)", test=exp.paren(among))  # type: ignore[no-any-return]

    def answer(self, row: Row, given: Given) -> Measured:
        failing = int(row["failing"])
        said = note(
            "{count:,} row shares {values:,} repeated values | {count:,} rows share {values:,} "
            "repeated values",
            count=failing,
            values=int(row["values"]),
        )
        return Measured(
            outcome=self.broken() if failing else "ok",
            value=100.0 * failing / given.rows if given.rows else 0.0,
            limit=0.0,
            failing=failing,
            said=said if failing else note("no value is repeated"),
        )

    def describe(self) -> Note:
        if len(self.columns) == 1:
            return note("{column} is never repeated", column=quoted(self.columns[0]))
        return note("{columns} together are never repeated", columns=named(self.columns))


class Fresh(Rule):
    """The newest date of a column is not older than some days when the rule is checked."""

    title = "Is new enough"
    group = "Table"

    column: Annotated[str, ColumnName("date", "datetime")] = P(
        title="Column", description="When a row is from. Times are UTC."
    )
    days: Annotated[float, Number(0, step=1, unit="days")] = P(
        default=7.0, title="At most", description="An older newest date breaks the rule.", gt=0, le=100_000
    )
    usual_days: float | None = P(
        default=None,
        title="Usually at most",
        description="An older newest date gives a warning, in days.",
        gt=0,
    )

    @classmethod
    def example(cls) -> Fresh:
        return cls(column="day", days=36_500)

    def question(self, given: Given) -> exp.Select:
        return sql.select("t", {"newest": sql.template("max(:x)", x=sql.name(self.column))}, row=False)

    def answer(self, row: Row, given: Given) -> Measured:
        newest = row["newest"]
        if newest is None:
            return Measured(
                outcome=self.broken(), limit=self.days, unit="days", said=note("there is no date at all")
            )
        moment = newest if isinstance(newest, dt.datetime) else dt.datetime.combine(newest, dt.time())
        now = given.now if isinstance(newest, dt.datetime) else dt.datetime.combine(given.now, dt.time())
        age = (now - moment) / dt.timedelta(days=1)
        outcome: Outcome = "warning" if self.usual_days is not None and age > self.usual_days else "ok"
        said = note(
            "the newest is of {date}, {count} day ago | the newest is of {date}, {count} days ago",
            date=str(newest)[:10],
            count=_days(age),
        )
        return Measured(
            outcome=self.broken() if age > self.days else outcome,
            value=age, limit=self.days, unit="days", said=said,
        )  # fmt: skip

    def describe(self) -> Note:
        return note(
            "{column} is at most {count:g} day old | {column} is at most {count:g} days old",
            column=quoted(self.column), count=self.days,
        )  # fmt: skip


class RowCount(Rule):
    """The table has as many rows as it should: within limits, or about as many as its earlier versions.

    The typical band is learned from the last 20 versions that came about in the same way (read, or
    made by a recipe), at least 4 of them: their median, give or take 4 times 1.4826 times the median
    absolute deviation, and never less than a tenth of the median.
    """

    title = "Has as many rows as usual"
    group = "Table"

    least: int | None = P(default=None, title="At least", description="Fewer rows break the rule.", ge=0)
    most: int | None = P(default=None, title="At most", description="More rows break the rule.", ge=0)
    typical: bool = P(
        default=True,
        title="About as many as before",
        description="Compare with the number of rows that earlier versions had.",
    )

    @model_validator(mode="after")
    def _ordered(self) -> RowCount:
        if self.least is None and self.most is None and not self.typical:
            raise ValueError("needs a limit or the comparison with earlier versions")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError("must have its lower limit below its upper limit")
        return self

    @classmethod
    def example(cls) -> RowCount:
        return cls(least=1)

    def question(self, given: Given) -> exp.Select:
        return sql.select("t", {"rows": sql.template("count(*)")}, row=False)

    def band(self, history: tuple[int, ...]) -> tuple[float, float] | None:
        """From how many rows to how many is typical; None while too little is known."""
        known = history[-BAND_LAST:]
        if not self.typical or len(known) < BAND_FROM:
            return None
        middle = statistics.median(known)
        spread = MAD * statistics.median(abs(rows - middle) for rows in known)
        width = max(BAND_WIDTH * spread, BAND_LEAST * middle)
        return max(0.0, middle - width), middle + width

    def answer(self, row: Row, given: Given) -> Measured:
        rows, band = int(row["rows"]), self.band(given.history)
        broken = (self.least is not None and rows < self.least) or (
            self.most is not None and rows > self.most
        )
        said = note("{rows:,} row | {rows:,} rows", rows=rows)
        if band is not None:
            said = note(
                "{rows:,} row; {low:,.0f} to {high:,.0f} are typical | {rows:,} rows; {low:,.0f} "
                "to {high:,.0f} are typical",
                rows=rows,
                low=band[0],
                high=band[1],
            )
            broken = broken or not band[0] <= rows <= band[1]
        elif self.typical:
            said = note(
                "{rows:,} rows; a typical number is known from {least} earlier versions on",
                rows=rows, least=BAND_FROM,
            )  # fmt: skip
        limit = self.least if band is None or self.least is not None else band[0]
        return Measured(
            outcome=self.broken() if broken else "ok",
            value=rows, limit=None if limit is None else float(limit), unit="rows", said=said,
        )  # fmt: skip

    def describe(self) -> Note:
        if self.least is not None and self.most is not None:
            return note("The table has {least:,} to {most:,} rows", least=self.least, most=self.most)
        if self.least is not None:
            return note("The table has at least {least:,} rows", least=self.least)
        if self.most is not None:
            return note("The table has at most {most:,} rows", most=self.most)
        return note("The table has about as many rows as before")


def _days(age: float) -> str:
    """Days as people say them: hours count on the first ones alone."""
    return f"{age:,.0f}" if age >= 2 or age == round(age) else f"{age:.1f}"
