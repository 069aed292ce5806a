"""How the values of a column spread: histograms, quartiles and the most frequent values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from core import sql
from core.contracts import Column
from core.ordinal import TAME, from_text, ordinal, to_value
from core.profile.facts import ColumnProfile, Histogram
from core.profile.summary import EXACT_ROWS, Work, batches, named, ordered, select

BINS = 40
PARTS = 4_000  # of a large column's range: fine enough to find quartiles in them and to merge into bins
SQUEEZED = 0.1  # of the range: bars of fewer than 10 parts would be too coarse
FENCE = 3.0  # interquartile ranges beyond the quartiles: Tukey's far outliers
QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)


@dataclass(frozen=True)
class Bins:
    """Equal bins from `low` up, in ordinal values."""

    low: float
    width: float
    count: int

    @property
    def span(self) -> float:
        return self.width * self.count

    def code(self, value: exp.Expr) -> Any:
        """The number of a value's bin: -1 below the first, `count` above the last."""
        return sql.template(
            "CASE WHEN :x IS NOT NULL THEN "
            "CAST(greatest(-1, least(:count, floor((:x - :low) / :width))) AS INTEGER) END",
            x=value, low=self.low, width=self.width, count=self.count,
        )  # fmt: skip

    def around(self, code: int) -> tuple[float, float]:
        """A range that surely holds the values of a bin; rounding may put some just outside its ends."""
        low = -math.inf if code < 0 else self.low + self.width * (code - 0.001)
        high = math.inf if code >= self.count else self.low + self.width * (code + 1.001)
        return low, high

    def merged(self, low: float, high: float) -> tuple[int, int, int]:
        """The bars that show a range: the first bin, how many bins make a bar, and how many bars."""
        first = max(0, math.floor((low - self.low) / self.width))
        last = min(self.count - 1, math.floor((high - self.low) / self.width))
        size = max(1, math.ceil((last - first + 1) / BINS))
        return first, size, max(1, math.ceil((last - first + 1) / size))


Counts = Mapping[int, int]


def spreads(work: Work, found: Sequence[ColumnProfile]) -> dict[str, dict[str, Any]]:
    """Histogram and quartiles of every number and date column: {column: {field: value}}."""
    known = {column.name: column for column in found}
    columns = [column for column in ordered(work.table.columns) if known[column.name].minimum is not None]
    result: dict[str, dict[str, Any]] = {}
    for batch in batches(columns):
        result |= _small(work, batch, known) if work.rows <= EXACT_ROWS else _large(work, batch, known)
        work.watch.progress(0.4 + 0.3 * len(result) / len(columns), "Measuring how values spread")
    return result


def _small(work: Work, batch: Sequence[Column], known: Mapping[str, ColumnProfile]) -> dict[str, Any]:
    at = exp.Array(expressions=[sql.literal(share) for share in QUANTILES])
    asked = [
        named(sql.template("quantile_cont(:x, :at)", x=ordinal(column.name, column.type), at=at), f"q{index}")
        for index, column in enumerate(batch)
    ]
    row = work.ask(select(asked, work.all_rows(column.name for column in batch)))[0]
    quantiles = {column.name: row[f"q{index}"] or [] for index, column in enumerate(batch)}
    bins = {}
    for column in batch:
        facts = known[column.name]
        low, high = _fenced(*_ends(column, facts), quantiles[column.name])
        bins[column.name] = _bins(column, low, high, min(BINS, max(5, math.ceil(math.sqrt(facts.present)))))
    counted = _counted(work, batch, bins)
    return {
        column.name: {
            "histogram": _histogram(
                column, bins[column.name], counted[column.name], 0, 1, bins[column.name].count
            ),
            "quartiles": tuple(quantiles[column.name][1:4]) or None if _measured(column) else None,
        }
        for column in batch
    }


def _large(work: Work, batch: Sequence[Column], known: Mapping[str, ColumnProfile]) -> dict[str, Any]:
    """One count over the whole range gives quartiles and, mostly, the histogram without far values.

    Where far values squeeze the others into a few parts, those are counted again by themselves.
    """
    bins = {column.name: _bins(column, *_ends(column, known[column.name]), PARTS) for column in batch}
    counted = _counted(work, batch, bins)
    fenced = {
        column.name: _fenced(
            *_ends(column, known[column.name]), _roughly(bins[column.name], counted[column.name])
        )
        for column in batch
    }
    squeezed = [
        column
        for column in batch
        if fenced[column.name][1] - fenced[column.name][0] < SQUEEZED * bins[column.name].span
    ]
    again = {column.name: _bins(column, *fenced[column.name], PARTS) for column in squeezed}
    bins |= again
    counted |= _counted(work, squeezed, again) if squeezed else {}
    result: dict[str, Any] = {}
    for column in batch:
        own, counts = bins[column.name], counted[column.name]
        result[column.name] = {
            "histogram": _histogram(column, own, counts, *own.merged(*fenced[column.name])),
            "quartiles": _quartiles(work, column, own, counts) if _measured(column) else None,
        }
    return result


def _measured(column: Column) -> bool:
    """Quartiles are given for numbers only: days and seconds since 1970 would tell nobody anything."""
    return column.type in ("integer", "number")


def _roughly(bins: Bins, counted: Counts) -> list[float]:
    """Quantiles to within a bin: good enough to see what lies far outside."""
    if not counted:
        return []
    total = sum(counted.values())
    places = {rank: _position(rank, counted)[0] for rank in {int(share * (total - 1)) for share in QUANTILES}}
    return [bins.low + bins.width * (places[int(share * (total - 1))] + 0.5) for share in QUANTILES]


def _fenced(low: float, high: float, quantiles: Sequence[float]) -> tuple[float, float]:
    """The range without far values."""
    if not quantiles:
        return low, high
    p01, q1, _, q3, p99 = quantiles
    if q3 > q1:
        return max(low, q1 - FENCE * (q3 - q1)), min(high, q3 + FENCE * (q3 - q1))
    return (max(low, p01), min(high, p99)) if p99 > p01 else (low, high)


def _bins(column: Column, low: float, high: float, wanted: int) -> Bins:
    if column.type in ("integer", "date"):
        low, high = math.floor(low), math.ceil(high)
        width = max(1, math.ceil((high - low + 1) / wanted))
        start = low - (0.5 if column.type == "integer" else 0.0)
        # one more where doubles are too coarse for the half: 10^18 - 0.5 is 10^18
        return Bins(start, float(width), math.ceil((high - start + 0.5) / width + 1e-9))
    if high <= low or not math.isfinite((high - low) / wanted) or low + (high - low) / wanted == low:
        half = max(abs(low) * 1e-6, 0.5)
        return Bins(low - half, 2 * half, 1)
    # a little wider, so that the largest value falls into the last bin and not above it
    return Bins(low, (high - low) / wanted * (1 + 1e-12), wanted)


def _ends(column: Column, facts: ColumnProfile) -> tuple[float, float]:
    if column.type in ("integer", "number"):
        low, high = float(facts.minimum or 0), float(facts.maximum or 0)
        return max(low, -TAME), min(high, TAME)
    return from_text(column.type, str(facts.minimum)), from_text(column.type, str(facts.maximum))


def _counted(work: Work, batch: Sequence[Column], bins: Mapping[str, Bins]) -> dict[str, dict[int, int]]:
    values = [named(ordinal(column.name, column.type), f"x{index}") for index, column in enumerate(batch)]
    rows = select(values, work.all_rows(column.name for column in batch)).subquery("v", copy=False)
    asked = [
        named(
            sql.template("histogram(:code)", code=bins[column.name].code(exp.column(f"x{index}"))),
            f"h{index}",
        )
        for index, column in enumerate(batch)
    ]
    row = work.ask(select(asked, rows))[0]
    return {column.name: dict(row[f"h{index}"] or ()) for index, column in enumerate(batch)}


def _histogram(column: Column, bins: Bins, counted: Counts, first: int, size: int, count: int) -> Histogram:
    """`count` bars of `size` bins each, from the bin `first` on."""
    sums = [0] * count
    below = above = 0
    for code, rows in counted.items():
        place = (code - first) // size
        if code < first:
            below += rows
        elif place >= count:
            above += rows
        else:
            sums[place] += rows
    edges = (to_value(column.type, bins.low + bins.width * (first + size * i)) for i in range(count + 1))
    return Histogram(edges=tuple(edges), counts=tuple(sums), below=below, above=above)


def _quartiles(work: Work, column: Column, bins: Bins, counted: Counts) -> tuple[float, float, float] | None:
    """Exact quartiles of a large column: only the parts in which they lie are sorted.

    The definition is numpy's and DuckDB's: linear between the two values around q * (n - 1).
    """
    total = sum(counted.values())
    if not total:
        return None
    places = [share * (total - 1) for share in (0.25, 0.5, 0.75)]
    ranks = sorted({rank for place in places for rank in (math.floor(place), math.ceil(place))})
    found = _at_ranks(work, column, bins, {rank: _position(rank, counted) for rank in ranks})
    quartiles = [
        found[math.floor(p)] + (found[math.ceil(p)] - found[math.floor(p)]) * (p - math.floor(p))
        for p in places
    ]
    return quartiles[0], quartiles[1], quartiles[2]


def _position(rank: int, counted: Counts) -> tuple[int, int]:
    """The part in which the value of a rank (from 0) lies, and its rank within that part."""
    before = 0
    for code in sorted(counted):
        if rank < before + counted[code]:
            return code, rank - before
        before += counted[code]
    raise ValueError(f"rank {rank} of {before} values")


def _at_ranks(
    work: Work, column: Column, bins: Bins, wanted: Mapping[int, tuple[int, int]]
) -> dict[int, float]:
    """The values at these ranks. Equal values are counted, not kept: one may fill most of the table."""
    value = ordinal(column.name, column.type)
    codes = sorted({code for code, _ in wanted.values()})
    near = exp.or_(*[_between(column, *bins.around(code)) for code in codes])
    inner = select([named(value, "x"), named(bins.code(value), "b")], work.all_rows([column.name]))
    inner = inner.where(near, copy=False)
    inside = exp.column("b").isin(*[sql.literal(code) for code in codes])
    grouped = (
        exp.select("b", "x", "count(*) AS n").from_(inner.subquery("v")).where(inside).group_by("b", "x")
    )
    upto = named(sql.template("sum(n) OVER (PARTITION BY b ORDER BY x)"), "upto")
    running = select([exp.column("b"), exp.column("x"), upto], grouped.subquery("g"))
    picked = [
        named(sql.template("min(x) FILTER (WHERE b = :b AND upto > :at)", b=code, at=at), f"r{rank}")
        for rank, (code, at) in wanted.items()
    ]
    row = work.ask(select(picked, running.subquery("w")))[0]
    return {rank: float(row[f"r{rank}"]) for rank in wanted}


def _between(column: Column, low: float, high: float) -> exp.Expr:
    """A plain comparison with the stored values, so that the scan itself can skip the rest."""
    name = sql.name(column.name)
    tests = []
    for end, text in ((low, ":x >= :end"), (high, ":x <= :end")):
        if math.isfinite(end):
            limit: float = end
            if column.type == "integer":
                limit = min(max(math.floor(end) if end == low else math.ceil(end), -(2**63)), 2**63 - 1)
            tests.append(sql.template(text, x=name, end=limit))
    return exp.and_(*tests) if tests else exp.true()
