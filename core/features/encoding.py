"""Table rows to matrix columns, with numbers learned on the training rows alone.

An encoding is frozen JSON: what it learned is stored with the model and never recomputed, so new
rows are encoded exactly as the training rows were.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.contracts import Column, ColumnType, Engine, Layout, Schema
from core.errors import BadInput
from core.features.aggregates import TOGETHER, one_row
from core.params import Frozen
from core.wording import Note, note

if TYPE_CHECKING:
    import pyarrow as pa

TOP = 50  # categories of one column that get a 0/1 column of their own
REMEMBERED = 2_000  # rarer categories that are told apart from ones never seen
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
            out[:, 0] = (raw - self.mean) / self.scale
            at = 1
        if self.missing:
            out[:, at] = bad
            at += 1
        if self.calendar:
            _calendar(raw, bad, out[:, at:])


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


class Encoding(Frozen):
    """How rows become a matrix: one code a feature, learned on the training rows."""

    codes: tuple[Code, ...]
    layout_centred: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for code in self.codes for name in code.names())

    @property
    def columns(self) -> Schema:
        return tuple(Column(name=code.column, type=code.type) for code in self.codes)

    def expressions(self, columns: Schema) -> dict[str, exp.Expr]:
        """What to read for each code, named c0, c1, ...: doubles and texts, whatever the columns' types."""
        types = {column.name: column.type for column in columns}
        return {f"c{i}": code.read(types[code.column]) for i, code in enumerate(self.codes)}

    def transform(self, batch: pa.RecordBatch, counts: Counts, out: np.ndarray | None = None) -> np.ndarray:
        """The batch's columns c0, c1, ... as a float64 matrix [rows, len(names)]."""
        if out is None:
            out = np.empty((batch.num_rows, len(self.names)))
        at = 0
        for i, code in enumerate(self.codes):
            width = len(code.names())
            code.encode(batch.column(f"c{i}"), out[:, at : at + width], counts)
            at += width
        return out

    def original_units(self) -> np.ndarray:
        """[p + 1, p + 1]: coefficients (intercept first) of the matrix to those of the table's own units."""
        size = len(self.names) + 1
        change = np.eye(size)
        at = 1
        for code in self.codes:
            if isinstance(code, NumberCode) and not code.constant:
                change[at, at] = 1 / code.scale
                change[0, at] = -code.mean / code.scale
            at += len(code.names())
        return change


def learn(
    relation: exp.Select, columns: Schema, layout: Layout, engine: Engine
) -> tuple[Encoding, tuple[tuple[str, Note], ...]]:
    """The encoding of these columns, from training rows; and the columns that tell nothing, with why."""
    numbers = [column for column in columns if column.type not in ("text", "boolean")]
    texts = [column for column in columns if column.type in ("text", "boolean")]
    codes: dict[str, Any] = dict(_numbers(relation, numbers, layout, engine))
    codes.update(_categories(relation, texts, layout, engine))
    kept, dropped = [], []
    full = not layout.centred and layout.reference  # without an intercept one column keeps all levels
    for column in columns:
        code = codes[column.name]
        if full and isinstance(code, CategoryCode) and code.reference is not None:
            code = code.model_copy(update={"levels": (code.reference, *code.levels), "reference": None})
            full = False
        if code.names():
            kept.append(code)
        else:
            dropped.append((column.name, note("it has one value on all training rows")))
    if not kept:
        raise BadInput(
            "None of the features tells anything: each has a single value, or none, on the training rows.",
            hint="Choose other features.",
        )
    return Encoding(codes=tuple(kept), layout_centred=layout.centred), tuple(dropped)


def _numbers(
    relation: exp.Select, columns: list[Column], layout: Layout, engine: Engine
) -> Iterator[tuple[str, NumberCode]]:
    for some in _chunks(columns, TOGETHER):
        inner: dict[str, exp.Expr] = {}
        aggregates: dict[str, exp.Expr] = {"rows": sql.template("count(*)")}
        for i, column in enumerate(some):
            x = NumberCode(column=column.name, type=column.type).read(column.type)
            inner[f"x{i}"] = sql.template("CASE WHEN isfinite(:x) THEN :x END", x=x)
            # larger values would overflow when squared
            inner[f"z{i}"] = sql.template("CASE WHEN abs(:x) < 1e150 THEN :x END", x=x)
            # the extremes are exact where a mean of equal values is not: they say whether x is constant
            for key, function, of in (
                ("n", "count(:x)", "x"),
                ("lo", "min(:x)", "x"),
                ("hi", "max(:x)", "x"),
                ("q", "median(:x)", "x"),
                ("m", "avg(:x)", "z"),
                ("s", "stddev_pop(:x)", "z"),
            ):
                aggregates[f"{key}{i}"] = sql.template(function, x=sql.name(f"{of}{i}"))
        row = one_row(engine, relation, aggregates, inner)
        for i, column in enumerate(some):
            yield column.name, _number(column, row, i, layout)


def _number(column: Column, row: dict[str, Any], i: int, layout: Layout) -> NumberCode:
    low, high, mean, scale = row[f"lo{i}"], row[f"hi{i}"], row[f"m{i}"], row[f"s{i}"]
    constant = not row[f"n{i}"] or low == high or not scale or not np.isfinite(scale)
    centre = mean if layout.centred and not constant else 0.0
    if not constant and not layout.centred:
        scale = float(np.hypot(scale, mean))  # the root mean square, as nothing is taken away
    return NumberCode(
        column=column.name,
        type=column.type,
        mean=centre,
        scale=1.0 if constant else scale,
        fill=row[f"q{i}"] if row[f"n{i}"] else 0.0,
        constant=constant,
        missing=0 < row[f"n{i}"] < row["rows"],
        calendar=layout.calendar and column.type in ("date", "datetime") and not constant,
    )


def _categories(
    relation: exp.Select, columns: list[Column], layout: Layout, engine: Engine
) -> Iterator[tuple[str, CategoryCode]]:
    for some in _chunks(columns, 50):
        parts = []
        for i, column in enumerate(some):
            value = sql.template("CAST(:x AS VARCHAR)", x=sql.name(column.name))
            counted = (
                exp.select(exp.alias_(value, "v"), exp.alias_(sql.template("count(*)"), "n"))
                .from_(relation.subquery("d"))
                .group_by(value.copy())
            )
            # one row more than can be kept tells that there are more; nulls come first and are one row
            top = sql.template("SELECT v, n FROM c ORDER BY v IS NULL DESC, n DESC, v").limit(
                TOP + REMEMBERED + 1
            )
            top = top.with_("c", as_=counted)
            parts.append(exp.select(exp.alias_(sql.literal(i), "k"), "v", "n").from_(top.subquery(f"t{i}")))
        found: dict[int, list[tuple[str | None, int]]] = {i: [] for i in range(len(some))}
        query = parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False)
        for row in engine.rows(query).to_pylist():
            found[row["k"]].append((row["v"], row["n"]))
        for i, column in enumerate(some):
            yield column.name, _category(column, found[i], layout)


def _category(column: Column, found: list[tuple[str | None, int]], layout: Layout) -> CategoryCode:
    missing = any(value is None for value, _ in found)
    ordered = sorted(((v, n) for v, n in found if v is not None), key=lambda pair: (-pair[1], pair[0]))
    values = [value for value, _ in ordered]
    reference = values[0] if values and layout.reference else None
    own = values[1 : TOP + 1] if layout.reference else values[:TOP]
    rare = values[len(own) + (reference is not None) :]
    if len(values) == 1 and not missing:
        own, reference, rare = [], None, []  # one value everywhere: nothing to tell apart
    return CategoryCode(
        column=column.name,
        type=column.type,
        levels=tuple(own),
        reference=reference,
        rare=tuple(rare[:REMEMBERED]),
        missing=missing and len(values) > 0,
    )


def _chunks(columns: list[Column], size: int) -> Iterator[list[Column]]:
    for start in range(0, len(columns), size):
        yield columns[start : start + size]
