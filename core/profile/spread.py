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
from core.profile.summary import Work, batches, named, ordered, select

BINS = 40
FENCE = 3.0  # interquartile ranges beyond the quartiles: Tukey's far outliers
_AT_RANK = "list_extract(list_sort(list(x) FILTER (WHERE b = :b)), :at)"
QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)


@dataclass(frozen=True)
class Bins:
    """Equal bins from `low` to `high`, in ordinal values."""

    low: float
    width: float
    count: int

    @property
    def high(self) -> float:
        return self.low + self.width * self.count

    def code(self, value: exp.Expr) -> Any:
        """The number of a value's bin: -1 below the first, `count` above the last."""
        return sql.template(
            "CASE WHEN :x < :low THEN -1 WHEN :x > :high THEN :count "
            "WHEN :x IS NOT NULL THEN least(:last, CAST(floor((:x - :low) / :width) AS INTEGER)) END",
            x=value, low=self.low, high=self.high, count=self.count, last=self.count - 1, width=self.width,
        )  # fmt: skip


def spreads(work: Work, found: Sequence[ColumnProfile]) -> dict[str, dict[str, Any]]:
    """Histogram and quartiles of every number and date column: {column: {field: value}}."""
    known = {column.name: column for column in found}
    columns = [column for column in ordered(work.table.columns) if known[column.name].minimum is not None]
    found_spreads: dict[str, dict[str, Any]] = {}
    for batch in batches(columns):
        quantiles = _quantiles(work, batch)
        bins = {column.name: _bins(column, known[column.name], quantiles[column.name]) for column in batch}
        counted = _counted(work, batch, bins)
        for column in batch:
            name = column.name
            fields: dict[str, Any] = {"histogram": _histogram(column, bins[name], counted[name])}
            if column.type in ("integer", "number"):
                low = quantiles[name]
                exact = work.step == 1
                fields["quartiles"] = (
                    tuple(low[1:4]) if exact else _quartiles(work, column, bins[name], counted[name])
                )
            found_spreads[name] = fields
        work.watch.progress(0.4 + 0.3 * len(found_spreads) / len(columns), "Measuring how values spread")
    return found_spreads


def _quantiles(work: Work, batch: Sequence[Column]) -> dict[str, list[float]]:
    at = exp.Array(expressions=[sql.literal(share) for share in QUANTILES])
    asked = [
        named(sql.template("quantile_cont(:x, :at)", x=ordinal(column.name, column.type), at=at), f"q{index}")
        for index, column in enumerate(batch)
    ]
    row = work.ask(select(asked, work.some_rows(column.name for column in batch)))[0]
    return {column.name: row[f"q{index}"] or [] for index, column in enumerate(batch)}


def _bins(column: Column, facts: ColumnProfile, quantiles: Sequence[float]) -> Bins:
    low, high = _ends(column, facts)
    if quantiles:
        p01, q1, _, q3, p99 = quantiles
        if q3 > q1:
            low, high = max(low, q1 - FENCE * (q3 - q1)), min(high, q3 + FENCE * (q3 - q1))
        elif p99 > p01:
            low, high = max(low, p01), min(high, p99)
    wanted = min(BINS, max(5, math.ceil(math.sqrt(facts.present))))
    if column.type in ("integer", "date"):
        low, high = math.floor(low), math.ceil(high)
        width = max(1, math.ceil((high - low + 1) / wanted))
        return Bins(
            low - (0.5 if column.type == "integer" else 0.0),
            float(width),
            math.ceil((high - low + 1) / width),
        )
    if high <= low or not math.isfinite((high - low) / wanted) or low + (high - low) / wanted == low:
        half = max(abs(low) * 1e-6, 0.5)
        return Bins(low - half, 2 * half, 1)
    return Bins(low, (high - low) / wanted, wanted)


def _ends(column: Column, facts: ColumnProfile) -> tuple[float, float]:
    if column.type in ("integer", "number"):
        low, high = float(facts.minimum or 0), float(facts.maximum or 0)
        return max(low, -TAME), min(high, TAME)
    return from_text(column.type, str(facts.minimum)), from_text(column.type, str(facts.maximum))


def _counted(work: Work, batch: Sequence[Column], bins: Mapping[str, Bins]) -> dict[str, dict[int, int]]:
    asked = [
        named(
            sql.template("histogram(:code)", code=bins[column.name].code(ordinal(column.name, column.type))),
            f"h{index}",
        )
        for index, column in enumerate(batch)
    ]
    row = work.ask(select(asked, work.all_rows(column.name for column in batch)))[0]
    return {column.name: dict(row[f"h{index}"] or ()) for index, column in enumerate(batch)}


def _histogram(column: Column, bins: Bins, counted: Mapping[int, int]) -> Histogram:
    return Histogram(
        edges=tuple(to_value(column.type, bins.low + bins.width * i) for i in range(bins.count + 1)),
        counts=tuple(counted.get(i, 0) for i in range(bins.count)),
        below=counted.get(-1, 0),
        above=counted.get(bins.count, 0),
    )


def _quartiles(
    work: Work, column: Column, bins: Bins, counted: Mapping[int, int]
) -> tuple[float, float, float] | None:
    """Exact quartiles of a large column: sort only the bins in which they lie.

    The definition is numpy's and DuckDB's: linear between the two values around q * (n - 1).
    """
    total = sum(counted.values())
    if not total:
        return None
    places = {share: share * (total - 1) for share in (0.25, 0.5, 0.75)}
    ranks = sorted({rank for place in places.values() for rank in (math.floor(place), math.ceil(place))})
    wanted: dict[int, tuple[int, int]] = {}  # rank -> its bin, and its position there
    for rank in ranks:
        before = 0
        for code in sorted(counted):
            if rank < before + counted[code]:
                wanted[rank] = (code, rank - before)
                break
            before += counted[code]
    value = ordinal(column.name, column.type)
    inner = select([named(value, "x"), named(bins.code(value), "b")], work.all_rows([column.name]))
    codes = sorted({code for code, _ in wanted.values()})
    picked = [
        named(sql.template(_AT_RANK, b=wanted[rank][0], at=wanted[rank][1] + 1), f"r{rank}") for rank in ranks
    ]
    inside = exp.column("b").isin(*[sql.literal(code) for code in codes])
    narrow = exp.select("x", "b").from_(inner.subquery("v")).where(inside).subquery("w")
    row = work.ask(select(picked, narrow))[0]
    quartiles = []
    for place in places.values():
        low, high = row[f"r{math.floor(place)}"], row[f"r{math.ceil(place)}"]
        quartiles.append(low + (high - low) * (place - math.floor(place)))
    return quartiles[0], quartiles[1], quartiles[2]
