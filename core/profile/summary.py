"""The numbers of a profile: missing, distinct, range and mean of every column.

No row comes into Python. Small tables are counted exactly; for large ones distinct counts are
approximate (and say so), and what depends on looking at texts one by one is taken from a part of
the rows, chosen by chance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from core import sql
from core.contracts import Column, Schema
from core.ordinal import scaling
from core.profile.each import ask_each
from core.profile.facts import ColumnProfile, Count
from core.profile.work import Work

Row = dict[str, Any]


# squares around a number near the mean are as good as squares around the mean, and need no second
# scan; "near" is this many times the squares that are left when the difference is taken away
NEAR = 1_000
_ENDS = {"lo": "min(:x)", "hi": "max(:x)"}


def basics(work: Work) -> list[ColumnProfile]:
    """Missing, distinct, range, mean and standard deviation of every column."""
    columns = work.table.columns
    rows: dict[str, Row] = {}
    centres = _centres(work)
    ends = _ends(work)
    for found in ask_each(work, columns, _raw, lambda column: _asked(work, column), centres):
        rows |= {name: row | ends.get(name, {}) for name, row in found.items()}
        work.progress(0.3 * len(rows) / len(columns), "Counting values")
    for name, own in centres.items():
        row = rows[name]
        row["avg"] = own["centre"] + row["off"] / row["n"] if row["n"] else None
    wild = [column for column in columns if _is_wild(column, rows[column.name])]
    rows |= _tamed(work, wild, rows)
    _moments(work, rows, centres)
    return [_column(work, column, rows[column.name]) for column in columns]


def _ends(work: Work) -> dict[str, Row]:
    """The ends of a large table's numbers, asked alone: then they are read off the file's own statistics."""
    numbers = [column for column in work.table.columns if column.type in ("integer", "number")]
    found: dict[str, Row] = {}
    for part in ask_each(work, [] if work.stacked else numbers, _raw, lambda _: _ENDS):
        found |= part
    return found


def _centres(work: Work) -> dict[str, dict[str, float]]:
    """A number near the mean of each number column, from a few rows at eight places of the table."""
    found: dict[str, dict[str, float]] = {}
    if work.stacked:  # another scan costs little
        return found
    numbers = [column for column in work.table.columns if column.type in ("integer", "number")]
    finite = {"centre": "avg(:x) FILTER (WHERE abs(:x) < 1e100)"}
    for part in ask_each(work, numbers, _raw, lambda _: finite, of="few"):
        found |= {name: {"centre": float(row["centre"] or 0.0)} for name, row in part.items()}
    return found


def _around(centre: str) -> dict[str, str]:
    """Sums of differences from a constant, and of their squares."""
    return {"off": f"sum(:x - :{centre})", "squares": f"sum((:x - :{centre}) * (:x - :{centre}))"}


def _moments(work: Work, rows: dict[str, Row], centres: dict[str, dict[str, float]]) -> None:
    """Put means and standard deviations of samples into the rows; none where no number holds it."""
    again: list[Column] = []
    for column in work.table.columns:
        row = rows[column.name]
        if row.get("avg") is None:
            continue
        if row["lo"] == row["hi"]:
            row |= {"avg": float(row["lo"]), "sd": 0.0 if _finite(row) > 1 else None}
            continue
        known = column.name in centres and column.name not in work.units
        if not (known and _settle(row, centres[column.name]["centre"], 1.0)):
            again.append(column)
    means = {column.name: {"mean": rows[column.name]["avg"] * unit(work, column)} for column in again}
    for part in ask_each(work, again, lambda column: value(work, column), lambda _: _around("mean"), means):
        for name, row in part.items():
            rows[name] |= row
            _settle(rows[name], means[name]["mean"], work.units.get(name, 1.0))


def _settle(row: Row, centre: float, scale: float) -> bool:
    """Mean and deviation from sums around a centre; False when it lies too far from the mean."""
    rows = _finite(row)
    left = row["squares"] - row["off"] ** 2 / rows
    mean = (centre + row["off"] / rows) / scale
    row["avg"] = min(max(mean, row["lo"]), row["hi"])  # rounding may lead beyond the ends
    deviation = math.sqrt(max(0.0, left) / (rows - 1)) / scale if rows > 1 else math.nan
    row["sd"] = deviation if math.isfinite(deviation) else None
    return bool(row["squares"] <= NEAR * left)


def _finite(row: Row) -> int:
    return int(row["n"] - row.get("infinite", 0))


def _raw(column: Column) -> exp.Expr:
    return sql.name(column.name)


def _asked(work: Work, column: Column) -> dict[str, str]:
    asked = {"n": "count(:x)"}
    if column.type == "boolean":
        return asked | {"yes": "count_if(:x)"}
    asked["d"] = "count(DISTINCT :x)" if work.stacked else "approx_count_distinct(:x)"
    if column.type in ("integer", "number"):
        asked |= _ENDS | {"avg": "avg(:x)"} if work.stacked else _around("centre")
    elif column.type in ("date", "datetime"):
        asked |= {"lo": "CAST(min(:x) AS VARCHAR)", "hi": "CAST(max(:x) AS VARCHAR)"}
    return asked


def _is_wild(column: Column, row: Row) -> bool:
    """Whether the column has infinite values, or such that a plain mean of them is not to be trusted."""
    if not row["n"]:
        return False
    if column.type == "number":
        finite = all(math.isfinite(row[key]) for key in ("lo", "hi", "avg"))
        return not finite or scaling(row["lo"], row["hi"]) != 1.0
    return column.type in ("date", "datetime") and "infinity" in f"{row['lo']} {row['hi']}"


def _tamed(work: Work, wild: Sequence[Column], rows: dict[str, Row]) -> dict[str, Row]:
    """The rare column with infinite, not-a-number, enormous or minute values, asked again with care."""
    found: dict[str, Row] = {}
    for part in ask_each(work, wild, _raw, _careful):
        found |= part
    for column in wild:
        row = found[column.name]
        row["infinite"], nan = int(row["infinite"]), int(row.get("nan") or 0)
        row["n"] = rows[column.name]["n"] - nan  # not a number is no value
        row["d"] = rows[column.name]["d"] - (1 if work.stacked and nan else 0)
        number = column.type == "number" and row["lo"] is not None
        work.units[column.name] = scaling(row["lo"], row["hi"]) if number else 1.0
    numbers = [column for column in wild if column.type == "number" and found[column.name]["lo"] is not None]
    for part in ask_each(work, numbers, lambda column: value(work, column), lambda _: {"avg": "avg(:x)"}):
        for name, row in part.items():
            found[name]["avg"] = row["avg"] / work.units[name]
    return found


def _careful(column: Column) -> dict[str, str]:
    finite = "FILTER (WHERE isfinite(:x))"
    if column.type == "number":
        ends = {"lo": f"min(:x) {finite}", "hi": f"max(:x) {finite}"}
        return ends | {"infinite": "count_if(isinf(:x))", "nan": "count_if(isnan(:x))"}
    ends = {"lo": f"CAST(min(:x) {finite} AS VARCHAR)", "hi": f"CAST(max(:x) {finite} AS VARCHAR)"}
    return ends | {"infinite": "count_if(NOT isfinite(:x))"}


def value(work: Work, column: Column) -> Any:
    """The column's finite values as numbers: `unit(...)` times their ordinal values."""
    x = sql.name(column.name)
    plain = {"date": "(:x - DATE '1970-01-01')", "datetime": "epoch_us(:x)"}.get(column.type, ":x")
    if column.name not in work.units:
        return sql.template(plain, x=x)
    scale = unit(work, column) if column.type == "number" else 1.0
    text = f"CASE WHEN isfinite(:x) THEN {plain} {'' if scale == 1.0 else '* :scale'} END"
    return sql.template(text, x=x, **({} if scale == 1.0 else {"scale": scale}))


def unit(work: Work, column: Column) -> float:
    """What a column's ordinal values are multiplied with, so that sums of their squares are safe."""
    return 1e6 if column.type == "datetime" else work.units.get(column.name, 1.0)


def _column(work: Work, column: Column, row: Row) -> ColumnProfile:
    present = int(row["n"] or 0)
    # an approximate count may exceed what is possible
    distinct, exact = min(int(row.get("d") or 0), present), work.stacked
    top: tuple[Count, ...] = ()
    if column.type == "boolean":
        top, exact = _yes_and_no(present, int(row["yes"] or 0)), True
        distinct = len(top)
    return ColumnProfile(
        name=column.name,
        type=column.type,
        rows=work.rows,
        missing=work.rows - present,
        distinct=distinct,
        distinct_exact=exact,
        minimum=row.get("lo"),
        maximum=row.get("hi"),
        mean=row.get("avg"),
        sd=row.get("sd"),
        infinite=int(row.get("infinite") or 0),
        top=top,
    )


def _yes_and_no(present: int, yes: int) -> tuple[Count, ...]:
    counts = (Count(value="false", count=present - yes), Count(value="true", count=yes))
    return tuple(sorted((count for count in counts if count.count), key=lambda count: -count.count))


def ordered(columns: Schema) -> list[Column]:
    """The columns that have an order and distances: numbers and dates."""
    return [column for column in columns if column.type in ("integer", "number", "date", "datetime")]
