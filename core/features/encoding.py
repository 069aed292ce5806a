"""Table rows to matrix columns, with numbers learned on the training rows alone.

An encoding is frozen JSON: what it learned is stored with the model and never recomputed, so new
rows are encoded exactly as the training rows were.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlglot import exp

from core import sql
from core.contracts import Column, Engine, Layout, Schema
from core.errors import BadInput
from core.features.aggregates import TOGETHER, one_row
from core.features.codes import CategoryCode, Code, Counts, NumberCode
from core.ordinal import scaling
from core.params import Frozen
from core.wording import Note, note

if TYPE_CHECKING:
    import pyarrow as pa

TOP = 50  # categories of one column that get a 0/1 column of their own
REMEMBERED = 2_000  # rarer categories that are told apart from ones never seen
FAINT = 1e-300  # the inverse of less leaves the range of a double


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
    codes: dict[str, Any] = {}
    faint: dict[str, Note] = {}
    for name, number, why in _numbers(relation, numbers, layout, engine):
        codes[name] = number
        faint |= {name: why} if why is not None else {}
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
            why = faint.get(column.name, note("it has one value on all training rows"))
            dropped.append((column.name, why))
    if not kept:
        raise BadInput(
            "None of the features tells anything: each has a single value, or none, on the training rows.",
            hint="Choose other features.",
        )
    return Encoding(codes=tuple(kept), layout_centred=layout.centred), tuple(dropped)


def _numbers(
    relation: exp.Select, columns: list[Column], layout: Layout, engine: Engine
) -> Iterator[tuple[str, NumberCode, Note | None]]:
    for some in _chunks(columns, TOGETHER):
        rows = _moments(relation, some, [1.0] * len(some), engine)
        wild, scales = [], []
        for column in some:
            scale = _safe(rows[column.name])
            if scale != 1.0:
                wild.append(column)
                scales.append(scale)
        again = _moments(relation, wild, scales, engine) if wild else {}
        for column in some:
            row = again.get(column.name, rows[column.name])
            yield column.name, _number(column, row, layout), _faint(row)


def _safe(row: dict[str, Any]) -> float:
    """What to multiply a column with, so that sums of its squares neither overflow nor vanish."""
    return scaling(row["lo"], row["hi"]) if row["n"] else 1.0


def _faint(row: dict[str, Any]) -> Note | None:
    """Why a column cannot be used though its values differ: nothing can be divided by so little."""
    if not row["n"] or row["lo"] == row["hi"] or row["s"] >= FAINT:
        return None
    said = "its values differ by {spread:.2g} at most, too little to calculate with: multiply them first"
    return note(said, spread=row["hi"] - row["lo"])


def _moments(
    relation: exp.Select, columns: list[Column], scales: list[float], engine: Engine
) -> dict[str, dict[str, Any]]:
    """Per column its finite values, their extremes, median, mean and deviation."""
    inner: dict[str, exp.Expr] = {}
    aggregates: dict[str, exp.Expr] = {"rows": sql.template("count(*)")}
    # the extremes are exact where a mean of equal values is not: they say whether x is constant
    asked = {"n": "count", "lo": "min", "hi": "max", "q": "median", "m": "avg", "s": "stddev_pop"}
    for i, (column, scale) in enumerate(zip(columns, scales, strict=True)):
        x = NumberCode(column=column.name, type=column.type).read(column.type)
        inner[f"x{i}"] = sql.template("CASE WHEN isfinite(:x) THEN :x * :scale END", x=x, scale=scale)
        inner[f"z{i}"] = inner[f"x{i}"].copy()
        if scale == 1.0:  # whether larger values would overflow when squared is not yet known
            inner[f"x{i}"] = sql.template("CASE WHEN isfinite(:x) THEN :x END", x=x)
            inner[f"z{i}"] = sql.template("CASE WHEN abs(:x) < 1e150 THEN :x END", x=x)
        for key, function in asked.items():
            of = "z" if key in "ms" else "x"
            aggregates[f"{key}{i}"] = sql.template(f"{function}(:x)", x=sql.name(f"{of}{i}"))
    row = one_row(engine, relation, aggregates, inner)
    found = {}
    for i, (column, scale) in enumerate(zip(columns, scales, strict=True)):
        own = {key: row[f"{key}{i}"] for key in asked}
        own |= {key: own[key] / scale for key in asked if key != "n" and own[key] is not None}
        found[column.name] = own | {"rows": row["rows"]}
    return found


def _number(column: Column, row: dict[str, Any], layout: Layout) -> NumberCode:
    mean, scale = row["m"], row["s"]
    constant = not row["n"] or row["lo"] == row["hi"] or not scale or _faint(row) is not None
    centre = mean if layout.centred and not constant else 0.0
    if not constant and not layout.centred:
        scale = float(np.hypot(scale, mean))  # the root mean square, as nothing is taken away
    return NumberCode(
        column=column.name,
        type=column.type,
        mean=centre,
        scale=1.0 if constant else scale,
        fill=row["q"] if row["n"] else 0.0,
        constant=constant,
        missing=0 < row["n"] < row["rows"],
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
