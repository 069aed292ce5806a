"""What is true of one column of a row: one of some values, in a range, missing."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Annotated, Any

from pydantic import Field as P
from pydantic import field_validator, model_validator
from sqlglot import exp

from core import sql
from core.contracts import ColumnType
from core.errors import BadParameter
from core.ordinal import TAME, from_text, ordinal, spanned, to_value
from core.params import Frozen
from core.wording import Note, note

VALUES = 10_000  # of one column
WHOLE = 2**53  # from here on doubles have gaps between whole numbers
_ISO = re.compile(r"\d{4}-\d\d-\d\d([ T].+)?$")
_TYPED = {"integer": "BIGINT", "date": "DATE", "boolean": "BOOLEAN"}


class Within(Frozen):
    """What is true of one column: its value is one of these, or in a range, or missing.

    `values` are values as text, as DuckDB writes them. A range is `low <= x < high`, with `closed`
    `low <= x <= high`; its ends are numbers, days since 1970 of a date, seconds since 1970 of a
    time (see `core.ordinal`), and one may be left open: infinite numbers are in then, NaN never is.
    `outside` means all other values: neither these nor in the range. Rows without a value are in only
    with `missing`.

    `first_of` names another column: the range is then that of the first `column` among all rows that have
    the same value there, as a customer's first order. It looks at all rows that other selections leave.
    """

    column: str
    values: Annotated[tuple[str, ...] | None, P(max_length=VALUES)] = None
    low: float | None = None
    high: float | None = None
    closed: bool = False
    outside: bool = False
    missing: bool = False
    first_of: str | None = None

    @field_validator("low", "high", mode="before")
    @classmethod
    def _ordinal(cls, end: object) -> object:
        """An ISO date as an end is a number of days; a date with its time, of seconds."""
        if not isinstance(end, str) or not _ISO.match(end):
            return end
        dt.datetime.fromisoformat(end)  # ValueError where there is no such day
        return from_text("datetime" if len(end) > 10 else "date", end)

    @model_validator(mode="after")
    def _says_something(self) -> Within:
        if self.values is not None and self._ranged():
            raise ValueError("a condition has values or a range, not both")
        if self.values is None and not self._ranged() and not self.missing and not self.outside:
            raise ValueError("a condition needs values, a range, or missing")
        if self.first_of is not None and (not self._ranged() or self.outside or self.missing):
            raise ValueError("the first of a group has a range and nothing else")
        try:  # JSON may hold half a character (\ud800), which no engine takes
            "".join((self.column, self.first_of or "", *(self.values or ()))).encode()
        except UnicodeEncodeError:
            raise ValueError("a text with half a character") from None
        return self

    def _ranged(self) -> bool:
        return self.low is not None or self.high is not None

    def where(self, kind: ColumnType) -> exp.Expr:
        """The condition on a column of this type; true or false, never unknown."""
        if self.first_of is not None:
            return self._first(kind)
        x = sql.name(self.column)
        parts: list[exp.Expr] = []
        if self.values is not None:
            parts.append(self._among(x, kind))
        elif self._ranged():
            parts.append(self._between(x, kind))
        if self.outside:
            inside = sql.template("coalesce(:c, false)", c=parts[0]) if parts else exp.false()
            parts = [sql.template(":x IS NOT NULL AND (NOT :c)", x=x, c=exp.paren(inside))]
        if self.missing:
            parts.append(sql.template(":x IS NULL", x=x))
        condition: exp.Expr = sql.template("coalesce(:c, false)", c=exp.or_(*parts, copy=False))
        return condition

    def _among(self, x: exp.Expr, kind: ColumnType) -> exp.Expr:
        if not self.values:
            return exp.false()
        if kind in _TYPED:  # a text that is no value of this type is met by no row
            texts = [sql.template(f"TRY_CAST(:v AS {_TYPED[kind]})", v=value) for value in self.values]
            return x.isin(*texts)
        values = self.values
        if kind == "number" and {"0.0", "-0.0"} & set(values):  # two texts of one number
            values = (*values, "0.0", "-0.0")
        return (x if kind == "text" else sql.template("CAST(:x AS VARCHAR)", x=x)).isin(
            *[sql.literal(value) for value in values]
        )

    def _has_range(self, kind: ColumnType) -> None:
        if kind not in ("integer", "number", "date", "datetime"):
            raise BadParameter(
                "{column!r} is {got}: it has no range.",
                hint="Choose values of it, or a number or date column.",
                column=self.column, got=note(kind),
            )  # fmt: skip

    def _between(self, x: exp.Expr, kind: ColumnType) -> exp.Expr:
        self._has_range(kind)
        if kind not in ("integer", "number"):
            x = ordinal(self.column, kind)
        elif kind == "integer" and self._coarse():
            x = ordinal(self.column, kind)  # charts measure in doubles, which are coarser than these
        ends: list[exp.Expr] = []
        if kind == "number" and self.high is None:  # NaN is above all numbers for the engine
            ends.append(sql.template("NOT isnan(:x)", x=x))
        if self.low is not None:
            ends.append(sql.template(":x >= :low", x=x, low=self.low))
        if self.high is not None:
            ends.append(sql.template(":x <= :high" if self.closed else ":x < :high", x=x, high=self.high))
        return exp.and_(*ends, copy=False)

    def _first(self, kind: ColumnType) -> exp.Expr:
        """As `where`, of the first value that a row's group has: it looks at other rows than its own."""
        self._has_range(kind)
        of = sql.name(self.first_of or "")
        x = sql.template("min(:x) OVER (PARTITION BY :w)", x=ordinal(self.column, kind), w=of)
        ends = [sql.template(":w IS NOT NULL", w=of)]
        if self.low is not None:
            ends.append(sql.template(":x >= :low", x=x, low=self.low))
        if self.high is not None:
            ends.append(sql.template(":x <= :high" if self.closed else ":x < :high", x=x, high=self.high))
        condition: exp.Expr = sql.template("coalesce(:c, false)", c=exp.and_(*ends, copy=False))
        return condition

    def _coarse(self) -> bool:
        return any(abs(end) >= WHOLE for end in (self.low, self.high) if end is not None)

    def near(self, kind: ColumnType) -> list[exp.Expr]:
        """Plain conditions that rows in its range meet: the engine passes over parts of a file by them."""
        if self.first_of is not None:
            return []
        if self.outside or self.missing or not self._ranged() or (kind == "integer" and self._coarse()):
            return []
        low: Any = self.low
        high: Any = self.high
        if kind in ("date", "datetime"):  # a step wider, as nothing here is rounded
            low, high = _moment(kind, self.low, -1), _moment(kind, self.high, 2)
        elif kind == "integer":
            low, high = (_whole(end, turn) for end, turn in ((low, math.ceil), (high, math.floor)))
        elif high is None:
            return []  # a file's greatest values leave NaN out, which counts as great
        ends = ((":x >= :end", low), (":x <= :end", high))
        return [sql.template(text, x=sql.name(self.column), end=end) for text, end in ends if end is not None]

    def describe(self, kind: ColumnType = "number") -> Note:
        """The condition in words: "region is North or South", "price from 10 to below 20"."""
        words: list[Note] = []
        values = {"column": self.name(), "values": self._listed()}
        if self.values is not None and (self.values or not self.outside):
            words.append(
                note("{column} is none of {values}" if self.outside else "{column} is {values}", **values)
            )
        elif self._ranged():
            words.append(self._range(kind))
        elif self.outside:
            words.append(note("{column} has a value", column=self.name()))
        if self.missing:
            words.append(note("{column} is missing", column=self.name()))
        return words[0] if len(words) == 1 else note("{one}, or {other}", one=words[0], other=words[1])

    def name(self) -> Note | str:
        if self.first_of is not None:
            return note("first {column} of the same {of}", column=self.column, of=self.first_of)
        return note("row number") if self.column == sql.ROW else self.column

    def _listed(self, most: int = 5) -> Note:
        some = [note("{value}", value=value) for value in (self.values or ())[:most]]
        rest = len(self.values or ()) - most
        return either([*some, *([note("{count} more", count=rest)] if rest > 0 else [])])

    def _range(self, kind: ColumnType) -> Note:
        low, high = (
            None if end is None or abs(end) >= TAME else _shown(kind, end) for end in (self.low, self.high)
        )
        known = self.low is not None and self.high is not None and not self.closed
        if known and (whole := spanned(kind, self.low or 0.0, self.high or 0.0)) is not None:
            low = high = whole
        if low is None and high is None:  # from the least to the largest number that is compared
            template = "{column} has no number" if self.outside else "{column} is a number"
        elif low is not None and low == high:
            template = "{column} is not {low}" if self.outside else "{column} is {low}"
        elif low is None:
            template = "{column} not below {high}" if self.outside else "{column} below {high}"
        elif high is None:
            template = "{column} below {low}" if self.outside else "{column} from {low}"
        else:
            template = "{column} outside {low} to {high}" if self.outside else "{column} from {low} to {high}"
        return note(template, column=self.name(), low=low, high=high)


def _shown(kind: ColumnType, end: float) -> str:
    value: Any = to_value(kind, end)
    if isinstance(value, str):
        return value.removesuffix(" 00:00:00")
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:,.6g}"


def _whole(end: float | None, turn: Callable[[float], int]) -> int | None:
    """An end of a range as a whole number; None where doubles are no longer exact."""
    return None if end is None or abs(end) > 2**53 else turn(end)


def _moment(kind: ColumnType, end: float | None, later: int) -> dt.date | None:
    """So many whole days or seconds later than an end of a range; None in years that Python has not."""
    if end is None:
        return None
    try:
        steps = math.floor(end) + later
        if kind == "date":
            return dt.date(1970, 1, 1) + dt.timedelta(days=steps)
        return dt.datetime(1970, 1, 1) + dt.timedelta(seconds=steps)
    except OverflowError:
        return None


def either(words: Sequence[Note]) -> Note:
    """One of these or another, in words."""
    if not words:
        return note("nothing")
    join: Callable[[Note, Note], Note] = lambda a, b: note("{one} or {other}", one=a, other=b)  # noqa: E731
    return reduce(join, words)
