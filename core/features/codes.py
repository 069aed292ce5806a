"""How one column becomes columns of a matrix: numbers standardised, categories as 0/1 columns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.contracts import ColumnType
from core.params import Frozen

if TYPE_CHECKING:
    import pyarrow as pa

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass
class Counts:
    """What had to be mended while rows were encoded, per column."""

    unseen: Counter[str] = field(default_factory=Counter)  # categories the training rows did not have
    filled: Counter[str] = field(default_factory=Counter)  # missing values
    infinite: Counter[str] = field(default_factory=Counter)  # infinite values, treated as missing


class NumberCode(Frozen):
    """A number or a date: missing filled with the median, then (value - mean) / scale."""

    kind: Literal["number"] = "number"
    column: str
    type: ColumnType
    mean: float = 0.0
    scale: float = 1.0
    fill: float = 0.0
    constant: bool = False  # one value on the training rows: only its absence can tell anything
    missing: bool = False  # the training rows have missing values: an "is missing" column
    calendar: bool = False  # 0/1 columns for months and weekdays

    def names(self) -> list[str]:
        label = f"{self.column} (days)" if self.type in ("date", "datetime") else self.column
        names = [] if self.constant else [label]
        if self.missing:
            names.append(f"{self.column} is missing")
        if self.calendar:
            names += [f"{self.column} month = {month}" for month in MONTHS[1:]]
            names += [f"{self.column} weekday = {day}" for day in WEEKDAYS[1:]]
        return names

    def read(self, type: ColumnType) -> exp.Expr:
        """The column as a DOUBLE, from whatever type it has: dates in days since 1970."""
        column = sql.name(self.column)
        if self.type in ("date", "datetime"):
            return sql.template("epoch(TRY_CAST(:x AS TIMESTAMP)) / 86400.0", x=column)  # type: ignore[no-any-return]
        if type in ("date", "datetime"):
            return sql.template("CAST(NULL AS DOUBLE)")  # type: ignore[no-any-return]
        return sql.template("TRY_CAST(:x AS DOUBLE)", x=column)  # type: ignore[no-any-return]

    def encode(self, values: pa.Array, out: np.ndarray, counts: Counts) -> None:
        raw = np.asarray(values.cast("float64").to_numpy(zero_copy_only=False), dtype=np.float64)
        bad = ~np.isfinite(raw)
        if bad.any():
            infinite = int(np.isinf(raw).sum())
            counts.filled[self.column] += int(bad.sum()) - infinite
            counts.infinite[self.column] += infinite
            raw = np.where(bad, self.fill, raw)
        at = 0
        if not self.constant:
            out[:, 0] = self._standardised(raw, counts)
            at = 1
        if self.missing:
            out[:, at] = bad
            at += 1
        if self.calendar:
            _calendar(raw, bad, out[:, at:])

    def _standardised(self, raw: np.ndarray, counts: Counts) -> np.ndarray:
        with np.errstate(over="ignore"):
            # halved, the difference of two enormous values stays a number; no digit changes
            half = 0.5 if abs(self.mean) > 1e290 else 1.0
            found = (raw * half - self.mean * half) / (self.scale * half)
        beyond = ~np.isfinite(found)
        if beyond.any():  # so far from all training rows that no number tells how far
            counts.infinite[self.column] += int(beyond.sum())
            found[beyond] = (self.fill - self.mean) / self.scale
        return found


def _calendar(days: np.ndarray, bad: np.ndarray, out: np.ndarray) -> None:
    out[:] = 0.0
    whole = np.floor(days).astype(np.int64)
    month = whole.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    weekday = (whole + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0
    for offset, code in ((-1, month), (10, weekday)):
        rows = np.flatnonzero((code > 0) & ~bad)
        out[rows, offset + code[rows]] = 1.0


class CategoryCode(Frozen):
    """Text or yes/no: one 0/1 column for each frequent category."""

    kind: Literal["category"] = "category"
    column: str
    type: ColumnType
    levels: tuple[str, ...]  # those with a column of their own
    reference: str | None = None  # the most frequent one: all columns 0
    rare: tuple[str, ...] = ()  # seen, but too rare for a column: "(other)"
    missing: bool = False

    def names(self) -> list[str]:
        names = [f"{self.column} = {level}" for level in self.levels]
        if self.rare:
            names.append(f"{self.column} = (other)")
        if self.missing:
            names.append(f"{self.column} is missing")
        return names

    def read(self, type: ColumnType) -> exp.Expr:
        """The column as text, from whatever type it has; yes/no also from 0 and 1 and from words."""
        column = sql.name(self.column)
        if self.type == "boolean" and type in ("integer", "number"):
            column = sql.template("CASE WHEN :x = 1 THEN true WHEN :x = 0 THEN false END", x=column)
        elif self.type == "boolean" and type != "boolean":
            column = sql.template("TRY_CAST(:x AS BOOLEAN)", x=column)
        return sql.template("CAST(:x AS VARCHAR)", x=column)  # type: ignore[no-any-return]

    def encode(self, values: pa.Array, out: np.ndarray, counts: Counts) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        known = [*self.levels, *self.rare, *([] if self.reference is None else [self.reference])]
        codes = pc.index_in(values.cast("string"), value_set=pa.array(known, pa.string()))
        code = np.asarray(codes.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)
        null = np.asarray(values.is_null().to_numpy(zero_copy_only=False))
        own, rare = len(self.levels), len(self.rare)
        code[(code >= own) & (code < own + rare)] = own  # one column for all the rare ones
        code[code > own + (rare > 0) - 1] = -2  # the reference
        code[null] = own + (rare > 0) if self.missing else -2
        if null.any():
            counts.filled[self.column] += int(null.sum())
        unseen = int((code == -1).sum())
        if unseen:
            counts.unseen[self.column] += unseen
        out[:] = 0.0
        rows = np.flatnonzero(code >= 0)
        out[rows, code[rows]] = 1.0


Code = Annotated[NumberCode | CategoryCode, P(discriminator="kind")]
