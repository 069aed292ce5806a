"""How the values of a column spread: histograms, standard deviations, quartiles, counts of few values."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
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

Known = Mapping[str, ColumnProfile]


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
    counted = _counted(work, columns, chosen, LIMITED)
    result: dict[str, dict[str, Any]] = {}
    for column in columns:
        own = chosen[column.name]
        middle = tuple(quantile / own.unit for quantile in quantiles[column.name][1:4])
        result[column.name] = {
            "histogram": histogram(column, own, counted[column.name], 0, 1, own.count),
            "quartiles": middle or None if _measured(column) else None,
        }
    return result


def _quantiles(work: Work, columns: Sequence[Column]) -> dict[str, list[float]]:
    """Quantiles by column: of all rows of a small table, of some rows of a large one."""
    at = ", ".join(map(str, QUANTILES))
    found: dict[str, list[float]] = {}
    for part in ask_each(
        work,
        columns,
        lambda column: value(work, column),
        lambda _: {"q": f"quantile_cont(:x, [{at}])"},
        of="some",
    ):
        found |= {name: row["q"] or [] for name, row in part.items()}
        work.progress(0.35 + 0.15 * len(found) / len(columns), "Measuring how values spread")
    return found


def _large(work: Work, columns: Sequence[Column], known: Known) -> dict[str, dict[str, Any]]:
    """One count over the whole range gives quartiles and, mostly, the histogram without far values.

    Where far values squeeze the others into a few parts, those are counted again by themselves; where
    into so few that these say nothing, some rows tell where to look.
    """
    range_of = {column.name: ends(work, column, known[column.name]) for column in columns}
    whole = {column.name: bins(work, column, *range_of[column.name], PARTS) for column in columns}
    counted = _counted(work, columns, whole, WITHIN)
    near = {name: fenced(*range_of[name], roughly(whole[name], counts)) for name, counts in counted.items()}
    crowded = [
        column
        for column in columns
        if near[column.name] == range_of[column.name] and len(counted[column.name]) < 5
    ]
    for name, quantiles in _quantiles(work, crowded).items():
        near[name] = fenced(*range_of[name], quantiles)
    squeezed = [
        column
        for column in columns
        if near[column.name][1] - near[column.name][0] < SQUEEZED * whole[column.name].span
    ]
    closer = {column.name: bins(work, column, *near[column.name], PARTS) for column in squeezed}
    again = _counted(work, squeezed, closer, LIMITED)
    result: dict[str, dict[str, Any]] = {}
    for column in columns:
        name = column.name
        own, counts = closer.get(name, whole[name]), again.get(name, counted[name])
        result[name] = {
            "histogram": histogram(column, own, counts, *own.merged(*near[name])),
            "quartiles": quartiles(work, column, own, counts) if _measured(column) else None,
            **_values(column, whole[name], counted[name], known[name]),
        }
        work.progress(0.55 + 0.15 * len(result) / len(columns), "Measuring how values spread")
    return result


def _counted(
    work: Work, columns: Sequence[Column], chosen: Mapping[str, Bins], code: str
) -> dict[str, Counts]:
    """Rows by bin. Asked alone: beside sums the engine counts slower, in eight times the memory."""
    found: dict[str, Counts] = {}
    for part in ask_each(
        work,
        columns,
        lambda column: value(work, column),
        lambda _: {"bins": f"histogram({code})"},
        {column.name: chosen[column.name].constants() for column in columns},
    ):
        found |= {name: dict(row["bins"] or ()) for name, row in part.items()}
        work.progress(0.5 + 0.05 * len(found) / len(columns), "Measuring how values spread")
    return found


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
