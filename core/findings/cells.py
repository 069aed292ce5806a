"""The rows that findings look at: numbers as doubles, categories as codes, what is missing as yes and no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlglot import exp

from core import sql
from core.charts.grouping import spread
from core.charts.words import number
from core.contracts import Column, ColumnType, Engine, Schema, Table
from core.ordinal import ordinal, to_value

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 50_000  # looked at: where there are more, some evenly spread over all
COLUMNS = 80
LEVELS = 12  # of a category: its most frequent values, and the rest as one
FINE = 200  # of them where a number is compared between them
LEAST = 10  # rows of a level that is compared
_NAMES = ("identifier", "free text", "e-mail", "phone", "web address", "coordinates", "constant", "empty")


@dataclass(frozen=True)
class Numbers:
    """A column of numbers; nan where there is none."""

    name: str
    values: np.ndarray
    kind: ColumnType = "number"

    @cached_property
    def present(self) -> np.ndarray:
        here: np.ndarray = np.isfinite(self.values)
        return here

    @cached_property
    def order(self) -> np.ndarray:
        """The rows that have a value, from the least to the largest."""
        here = np.flatnonzero(self.present)
        return np.asarray(here[np.argsort(self.values[here], kind="stable")])

    @cached_property
    def years(self) -> bool:
        """Whether all values could be years of our era, which are written without a comma."""
        values = self.values[self.present]
        return bool(values.size and (values == np.floor(values)).all()
                    and values.min() >= 1500 and values.max() <= 2200)  # fmt: skip

    def shown(self, value: float) -> str:
        """A value of this column as people read it: 86,751,356 or 0.0123, a year as 1987, a date as it is."""
        if self.kind in ("date", "datetime"):
            return str(to_value(self.kind, value)).removesuffix(" 00:00:00")
        if self.years:
            return f"{value:.1f}".removesuffix(".0")
        return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else number(value)


@dataclass(frozen=True)
class Categories:
    """A column of categories as codes of its labels, -1: none; with `rest` the last label is the rest.

    `fine` tells more of its values apart, `codes_of_all` all of them.
    """

    name: str
    codes: np.ndarray
    labels: tuple[str, ...]
    rest: bool = False
    fine: Categories | None = None
    codes_of_all: np.ndarray | None = None

    @property
    def named(self) -> int:
        """How many levels are values of their own; those of the rest have no name."""
        return len(self.labels) - self.rest


@dataclass(frozen=True)
class Cells:
    """The rows of a table by what can be done with them."""

    rows: int
    used: int
    numbers: tuple[Numbers, ...] = ()
    categories: tuple[Categories, ...] = ()
    times: tuple[Numbers, ...] = ()
    missing: Mapping[str, np.ndarray] = field(default_factory=dict)  # of columns with some, but not all
    left_out: int = 0
    skipped: tuple[str, ...] = ()  # columns that only name rows: compared with nothing


def read(table: Table, engine: Engine, meanings: Mapping[str, str], rows: int = ROWS) -> Cells:
    """The rows of a table to look at."""
    columns = table.columns[:COLUMNS]
    found, whole = fetched(table, engine, columns, rows)
    return cells(found, columns, meanings, whole, len(table.columns) - len(columns))


def fetched(table: Table, engine: Engine, columns: Schema, most: int) -> tuple[pa.Table, int]:
    """The cells of some rows evenly spread over all: `v0` a column's value, `m0` whether there is none.

    Beside them the rows of the whole table.
    """
    count = exp.select(exp.alias_(sql.template("count(*)"), "n")).from_(table.query.copy().subquery("t"))
    whole = int(engine.rows(count).column("n")[0].as_py())
    asked: dict[str, Any] = {}
    for place, column in enumerate(columns):
        name = sql.name(column.name)
        measured = column.type not in ("text", "boolean")
        asked[f"v{place}"] = (
            ordinal(column.name, column.type) if measured else sql.template("CAST(:x AS VARCHAR)", x=name)
        )
        asked[f"m{place}"] = sql.template(":x IS NULL", x=name)
    query = exp.select(*[exp.alias_(node, key) for key, node in asked.items()])
    query = query.from_(table.query.copy().subquery("t"))
    part = spread(whole, most)
    return engine.rows(query if part is None else query.where(part)), whole


def cells(
    found: pa.Table, columns: Schema, meanings: Mapping[str, str], rows: int, left_out: int = 0
) -> Cells:
    """What `fetched` gave, by what can be done with it."""
    numbers: list[Numbers] = []
    categories: list[Categories] = []
    times: list[Numbers] = []
    missing: dict[str, np.ndarray] = {}
    skipped: list[str] = []
    for place, column in enumerate(columns):
        gone = np.asarray(found.column(f"m{place}"))
        if gone.any() and not gone.all():
            missing[column.name] = gone
        if meanings.get(column.name) in _NAMES:
            skipped += [column.name] if meanings[column.name] not in ("constant", "empty") else []
            continue
        value = found.column(f"v{place}")
        if column.type in ("text", "boolean"):
            categories += _category(column.name, value)
            continue
        values = np.asarray(value.to_pandas(), dtype=float)
        if column.type in ("date", "datetime"):
            times += [Numbers(column.name, values, column.type)] if np.isfinite(values).any() else []
        elif _two(values):
            categories += _category(column.name, _texts(values, column))
        elif _numbering(values, column):
            skipped.append(column.name)
        else:
            numbers += [Numbers(column.name, values)] if _varied(values) else []
    return Cells(
        rows, found.num_rows, tuple(numbers), tuple(categories), tuple(times), missing, left_out,
        tuple(skipped),
    )  # fmt: skip


def _category(name: str, value: pa.ChunkedArray) -> list[Categories]:
    """The column cut to its most frequent values; nothing where its values hardly repeat, or are one."""
    coded = value.combine_chunks().dictionary_encode()
    codes = np.asarray(coded.indices.fill_null(-1)).astype(np.int64)
    labels = coded.dictionary.to_pylist()
    counts = np.bincount(codes[codes >= 0], minlength=len(labels))
    order = sorted(range(len(labels)), key=lambda i: (-counts[i], labels[i]))
    if len(labels) > 0.5 * max(1, counts.sum()):
        return []
    found, fine = (_levels(name, codes, labels, counts, order, most) for most in (LEVELS, FINE))
    if found is None or fine is None:
        return []
    more = fine if len(fine.labels) > len(found.labels) else None
    return [replace(found, fine=more, codes_of_all=codes)]


def _levels(
    name: str, codes: np.ndarray, labels: list[str], counts: np.ndarray, order: list[int], most: int
) -> Categories | None:
    """The column with so many of its values apart."""
    kept = [i for i in order[: most + 1] if counts[i] >= LEAST][:most]
    if len(labels) - len(kept) == 1 and counts[order[-1]] >= LEAST:
        kept = order
    rest = int(counts.sum() - counts[kept].sum())
    if not kept or len(kept) + (rest >= LEAST) < 2:
        return None
    places = np.full(len(labels) + 1, len(kept) if rest >= LEAST else -1, dtype=np.int64)
    places[kept] = np.arange(len(kept))
    places[-1] = -1
    told = [str(labels[i]) for i in kept] + (["other"] if rest >= LEAST else [])
    return Categories(name, places[codes], tuple(told), rest >= LEAST)


def _two(values: np.ndarray) -> bool:
    return len(np.unique(values[np.isfinite(values)])) == 2


def _texts(values: np.ndarray, column: Column) -> pa.ChunkedArray:
    """Numbers as the engine writes them, for a column of two values."""
    import pyarrow as pa

    def text(value: float) -> str | None:
        if not np.isfinite(value):
            return None
        return str(int(value)) if column.type == "integer" else str(float(value))

    return pa.chunked_array([pa.array([text(value) for value in values], pa.string())])


def _varied(values: np.ndarray) -> bool:
    present = values[np.isfinite(values)]
    return present.size >= 2 * LEAST and bool(np.ptp(present) > 0)


def _numbering(values: np.ndarray, column: Column) -> bool:
    """Whether an integer column only numbers its rows: all different, rising or falling all the way."""
    if column.type != "integer" or not np.isfinite(values).all() or values.size < 2:
        return False
    steps = np.diff(values)
    return bool((steps > 0).all() or (steps < 0).all())
