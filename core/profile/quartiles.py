"""Quartiles of a large column, exactly, without sorting it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sqlglot import exp

from core import sql
from core.contracts import Column
from core.profile.bins import LIMITED, QUANTILES, Bins, Counts
from core.profile.summary import value
from core.profile.work import Work, named, select


def roughly(bins: Bins, counted: Counts) -> list[float]:
    """Quantiles to within a bin: good enough to see what lies far outside."""
    if not counted:
        return []
    total = sum(counted.values())
    places = {rank: _position(rank, counted)[0] for rank in {int(share * (total - 1)) for share in QUANTILES}}
    return [bins.low + bins.width * (places[int(share * (total - 1))] + 0.5) for share in QUANTILES]


def quartiles(work: Work, column: Column, bins: Bins, counted: Counts) -> tuple[float, float, float] | None:
    """Exact quartiles of a large column: only the parts in which they lie are sorted.

    The definition is numpy's and DuckDB's: linear between the two values around q * (n - 1).
    """
    total = sum(counted.values())
    if not total:
        return None
    places = [share * (total - 1) for share in (0.25, 0.5, 0.75)]
    ranks = sorted({rank for place in places for rank in (math.floor(place), math.ceil(place))})
    wanted = {rank: _position(rank, counted) for rank in ranks}
    only = {rank: bins.only(column, code) for rank, (code, _) in wanted.items()}
    found = {rank: float(value) for rank, value in only.items() if value is not None}
    if len(found) < len(ranks):
        found = _at_ranks(work, column, bins, wanted)
    low, middle, high = (
        (found[math.floor(p)] + (found[math.ceil(p)] - found[math.floor(p)]) * (p - math.floor(p)))
        / bins.unit
        for p in places
    )
    return low, middle, high


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
    x = value(work, column)
    code = sql.template(LIMITED, x=exp.column("x"), **bins.constants())
    codes = sorted({part for part, _ in wanted.values()})
    near = exp.or_(*[_between(column, bins, part) for part in codes])
    inner = select([named(x, "x")], work.all_rows([column.name]))
    inner = inner.where(near, copy=False)
    coded = select([named(code, "b"), exp.column("x")], inner.subquery("v"))
    inside = exp.column("b").isin(*[sql.literal(part) for part in codes])
    grouped = (
        exp.select("b", "x", "count(*) AS n").from_(coded.subquery("u")).where(inside).group_by("b", "x")
    )
    upto = named(sql.template("sum(n) OVER (PARTITION BY b ORDER BY x)"), "upto")
    running = select([exp.column("b"), exp.column("x"), upto], grouped.subquery("g"))
    picked = [
        named(sql.template("min(x) FILTER (WHERE b = :b AND upto > :at)", b=code, at=at), f"r{rank}")
        for rank, (code, at) in wanted.items()
    ]
    row = work.ask(select(picked, running.subquery("w")))[0]
    return {rank: float(row[f"r{rank}"]) for rank in wanted}


def _between(column: Column, bins: Bins, code: int) -> exp.Expr:
    """A plain comparison with the stored values, so that the scan itself can skip the rest."""
    tests = []
    low, high = bins.around(code)
    for end, text, outwards in ((low, ":x >= :end", math.floor), (high, ":x <= :end", math.ceil)):
        limit: float = end / bins.unit
        if math.isfinite(limit):
            if column.type == "integer":
                limit = min(max(outwards(limit), -(2**63)), 2**63 - 1)
            tests.append(sql.template(text, x=sql.name(column.name), end=limit))
    return exp.and_(*tests) if tests else exp.true()
