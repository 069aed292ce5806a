"""Parts of dates as columns of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import model_validator
from sqlglot import exp

from core import sql
from core.contracts import Json, Schema, Step
from core.errors import BadParameter
from core.params import ColumnName
from core.steps.words import listed, quoted
from core.wording import Note, note


@dataclass(frozen=True)
class _Part:
    """How a part is computed from :x in SQL and {x} in pandas; `timed` parts need a time of day."""

    sql: str
    pandas: str
    timed: bool = False


_PARTS: dict[str, _Part] = {
    "year": _Part("year(:x)", "{x}.dt.year"),
    "quarter": _Part("quarter(:x)", "{x}.dt.quarter"),
    "month": _Part("month(:x)", "{x}.dt.month"),
    "week": _Part(
        "weekofyear(:x)", "pd.Series(pc.iso_week(pa.array({x})), index=df.index, dtype='int64[pyarrow]')"
    ),
    "weekday": _Part("isodow(:x)", "{x}.dt.day_of_week + 1"),
    "day": _Part("day(:x)", "{x}.dt.day"),
    "day of year": _Part("dayofyear(:x)", "{x}.dt.day_of_year"),
    "hour": _Part("hour(:x)", "{x}.dt.hour", timed=True),
    "minute": _Part("minute(:x)", "{x}.dt.minute", timed=True),
    "is weekend": _Part("isodow(:x) >= 6", "{x}.dt.day_of_week >= 5"),
    "month start": _Part(
        "CAST(date_trunc('month', :x) AS DATE)",
        "pd.Series(pc.cast(pc.floor_temporal(pa.array({x}), unit='month'), 'date32'), index=df.index, "
        "dtype='date32[day][pyarrow]')",
    ),
}
_NAMES = {"month": "monthname(:x)", "weekday": "dayname(:x)"}
_PANDAS_NAMES = {"month": "{x}.dt.month_name()", "weekday": "{x}.dt.day_name()"}


def _switch(title: str, description: str, on: bool = False) -> bool:
    found: bool = P(default=on, title=title, description=description)
    return found


class DateParts(Step):
    """Take parts of a date as columns: year, month, weekday, hour and others.

    Weeks are ISO weeks: they begin on Monday, and the first has the year's first Thursday. The new
    columns are called like the date and the part: "day year", "day month".
    """

    title = "Take parts of a date"
    group = "Dates"

    column: Annotated[str, ColumnName("date", "datetime")] = P(
        title="Date", description="The column of dates or datetimes."
    )
    year: bool = _switch("Year", "A column with the year.", on=True)
    quarter: bool = _switch("Quarter", "A column with the quarter, 1 to 4.")
    month: bool = _switch("Month", "A column with the month.", on=True)
    week: bool = _switch("Week", "A column with the ISO week, 1 to 53.")
    weekday: bool = _switch("Weekday", "A column with the day of the week.", on=True)
    day: bool = _switch("Day", "A column with the day of the month, 1 to 31.")
    day_of_year: bool = _switch("Day of the year", "A column with the day of the year, 1 to 366.")
    hour: bool = _switch("Hour", "A column with the hour, 0 to 23. It needs times of day.")
    minute: bool = _switch("Minute", "A column with the minute, 0 to 59. It needs times of day.")
    is_weekend: bool = _switch("Weekend", "A column that says whether it is a Saturday or a Sunday.")
    month_start: bool = _switch(
        "First of the month", "A column with the first day of the month, to group by."
    )
    style: Literal["numbers", "names"] = P(
        default="numbers",
        title="Months and weekdays as",
        description="numbers: January is 1, Monday is 1. names: January, Monday.",
    )
    drop: bool = P(
        default=False, title="Drop the date", description="Leave out the column the parts are taken from."
    )

    @model_validator(mode="after")
    def _some(self) -> DateParts:
        if not self._chosen():
            raise ValueError("must take at least one part")
        return self

    @classmethod
    def example(cls) -> DateParts:
        return cls(column="at", quarter=True, week=True, hour=True, is_weekend=True, month_start=True)

    def check(self, columns: Schema) -> None:
        super().check(columns)
        kind = next(column.type for column in columns if column.name == self.column)
        for part in self._chosen():
            if _PARTS[part].timed and kind == "date":
                raise BadParameter(
                    "{column!r} has days without a time: there is no {part} to take.",
                    hint="Switch {part} off, or choose a column of datetimes.",
                    column=self.column,
                    part=part,
                )

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        kept = [column.name for column in columns if not (self.drop and column.name == self.column)]
        # a list, not a dict: two columns of one name must be found, not overwritten
        chosen = [exp.alias_(sql.name(name), name, quoted=True) for name in kept]
        for part, name in self._names().items():
            named = self.style == "names" and part in _NAMES
            text = _NAMES[part] if named else _PARTS[part].sql
            chosen.append(exp.alias_(sql.template(text, x=sql.name(self.column)), name, quoted=True))
        return exp.select(*chosen, sql.name(sql.ROW)).from_(source)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        date = f"df[{self.column!r}]"
        lines = []
        for part, name in self._names().items():
            named = self.style == "names" and part in _NAMES
            text = _PANDAS_NAMES[part] if named else _PARTS[part].pandas
            lines.append(f"df[{name!r}] = " + text.replace("{x}", date))
        if self.drop:
            lines.append(f"df = df.drop(columns=[{self.column!r}])")
        return "\n".join(lines)

    def describe(self) -> Note:
        parts = [note(part) for part in self._chosen()]
        return note("Take {parts} of {column}", parts=listed(parts), column=quoted(self.column))

    def _chosen(self) -> list[str]:
        return [part for part in _PARTS if getattr(self, part.replace(" ", "_"))]

    def _names(self) -> dict[str, str]:
        """Each part's column: the date's name and the part's."""
        return {part: f"{self.column} {part}" for part in self._chosen()}
