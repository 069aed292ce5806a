"""How the values of a column spread: histograms, standard deviations, quartiles, counts of few values."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.contracts import Column
from core.profile.bins import BINS, LIMITED, QUANTILES, WITHIN, Bins, Counts, bins, ends, fenced, histogram
from core.profile.each import ask_each
from core.profile.facts import TOP, ColumnProfile, Count
from core.profile.quartiles import quartiles, roughly
from core.profile.summary import ordered, value
from core.profile.work import Work

PARTS = 4_000  # of a large column's range: fine enough to find quartiles in them and to merge into bins
SQUEEZED = 0.1  # of the range: bars of fewer than 10 parts would be too coarse
SQUARES = "sum((:x - :mean) * (:x - :mean))"

Known = Mapping[str, ColumnProfile]


@dataclass(frozen=True)
class Spread:
    """Rows by the number of their bin, and the sum of the squares around the mean."""

    counts: Counts
    squares: float | None = None


def spreads(work: Work, found: Sequence[ColumnProfile]) -> dict[str, dict[str, Any]]:
    """What a profile holds about the spread of every number and date: {column: {field: value}}."""
    known = {column.name: column for column in found}
    columns = [column for column in ordered(work.table.columns) if known[column.name].minimum is not None]
    return (_small if work.stacked else _large)(work, columns, known)


def _small(work: Work, columns: Sequence[Column], known: Known) -> dict[str, dict[str, Any]]:
    """Quantiles first, which say where the bars should stand; then the bars."""
    quantiles = _quantiles(work, columns)
    chosen = {}
    for column in columns:
        low, high = fenced(*ends(work, column, known[column.name]), quantiles[column.name])
        wanted = min(BINS, max(5, math.ceil(math.sqrt(known[column.name].present))))
        chosen[column.name] = bins(work, column, low, high, wanted)
    counted = _counted(work, columns, known, chosen, LIMITED)
    result: dict[str, dict[str, Any]] = {}
    for column in columns:
        own, spread = chosen[column.name], counted[column.name]
        middle = tuple(quantile / own.unit for quantile in quantiles[column.name][1:4])
        result[column.name] = {
            "histogram": histogram(column, own, spread.counts, 0, 1, own.count),
            "quartiles": middle or None if _measured(column) else None,
            "sd": _deviation(own, spread),
        }
    return result


def _quantiles(work: Work, columns: Sequence[Column]) -> dict[str, list[float]]:
    at = ", ".join(map(str, QUANTILES))
    found: dict[str, list[float]] = {}
    for part in ask_each(
        work, columns, lambda column: value(work, column), lambda _: {"q": f"quantile_cont(:x, [{at}])"}
    ):
        found |= {name: row["q"] or [] for name, row in part.items()}
        work.watch.progress(0.35 + 0.15 * len(found) / len(columns), "Measuring how values spread")
    return found


def _large(work: Work, columns: Sequence[Column], known: Known) -> dict[str, dict[str, Any]]:
    """One count over the whole range gives quartiles and, mostly, the histogram without far values.

    Where far values squeeze the others into a few parts, those are counted again by themselves.
    """
    range_of = {column.name: ends(work, column, known[column.name]) for column in columns}
    whole = {column.name: bins(work, column, *range_of[column.name], PARTS) for column in columns}
    counted = _counted(work, columns, known, whole, WITHIN)
    near = {
        name: fenced(*range_of[name], roughly(whole[name], spread.counts)) for name, spread in counted.items()
    }
    squeezed = [
        column
        for column in columns
        if near[column.name][1] - near[column.name][0] < SQUEEZED * whole[column.name].span
    ]
    closer = {column.name: bins(work, column, *near[column.name], PARTS) for column in squeezed}
    again = _counted(work, squeezed, known, closer, LIMITED)
    result: dict[str, dict[str, Any]] = {}
    for column in columns:
        name = column.name
        own, counts = closer.get(name, whole[name]), again.get(name, counted[name]).counts
        result[name] = {
            "histogram": histogram(column, own, counts, *own.merged(*near[name])),
            "quartiles": quartiles(work, column, own, counts) if _measured(column) else None,
            "sd": _deviation(whole[name], counted[name]),
            **_values(column, whole[name], counted[name].counts, known[name]),
        }
        work.watch.progress(0.55 + 0.15 * len(result) / len(columns), "Measuring how values spread")
    return result


def _counted(
    work: Work, columns: Sequence[Column], known: Known, chosen: Mapping[str, Bins], code: str
) -> dict[str, Spread]:
    constants = {
        column.name: {
            **chosen[column.name].constants(),
            "mean": (known[column.name].mean or 0.0) * chosen[column.name].unit,
        }
        for column in columns
    }
    asked = {"bins": f"histogram({code})"}
    found: dict[str, Spread] = {}
    for part in ask_each(
        work,
        columns,
        lambda column: value(work, column),
        lambda column: asked | {"squares": SQUARES} if _measured(column) else asked,
        constants,
    ):
        found |= {name: Spread(dict(row["bins"] or ()), row.get("squares")) for name, row in part.items()}
        work.watch.progress(0.5 + 0.05 * len(found) / len(columns), "Measuring how values spread")
    return found


def _deviation(bins: Bins, spread: Spread) -> float | None:
    """The standard deviation of a sample, from squares around the mean; None where no double holds it."""
    rows = sum(spread.counts.values())
    if spread.squares is None or rows < 2:
        return None
    found = math.sqrt(spread.squares / (rows - 1)) / bins.unit
    return found if math.isfinite(found) else None


def _values(column: Column, whole: Bins, counts: Counts, facts: ColumnProfile) -> dict[str, Any]:
    """Where every value has a bin of its own, the counts of the bins are the counts of the values."""
    values = {whole.only(column, code): rows for code, rows in counts.items()}
    if None in values or facts.infinite:
        return {}
    frequent = sorted(values.items(), key=lambda item: (-item[1], item[0] or 0))[:TOP]
    try:
        top = tuple(Count(value=_text(column, value or 0), count=rows) for value, rows in frequent)
    except OverflowError:  # years that Python has not: such days are counted like other values
        return {}
    return {"distinct": len(values), "distinct_exact": True, "top": top, "top_exact": True}


def _text(column: Column, value: int) -> str:
    if column.type == "integer":
        return str(value)
    return (dt.date(1970, 1, 1) + dt.timedelta(days=value)).isoformat()


def _measured(column: Column) -> bool:
    """Quartiles are given for numbers only: days and seconds since 1970 would tell nobody anything."""
    return column.type in ("integer", "number")
