"""Smooth densities from counts: how a number spreads in each group, in fine steps, and the curve over them.

The engine counts all rows in fine steps and gives the mean of each step's values; the curve is the sum of
one normal bump for each step at that mean. Its bandwidth is Silverman's rule of thumb.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from core import sql
from core.charts.grouping import Cut, Group, group, in_order, mark
from core.contracts import Engine, Table

if TYPE_CHECKING:
    import numpy as np

FINE = 256  # steps from a group's smallest to its largest value


@dataclass
class Spread:
    """One group's numbers: its summary, and how many lie in each of FINE steps, with their means."""

    groups: dict[str, Group]
    n: int
    low: float
    high: float
    step: float
    quartiles: tuple[float, float, float]
    mean: float
    deviation: float
    counts: list[int] = field(default_factory=lambda: [0] * FINE)
    means: list[float] = field(default_factory=lambda: [0.0] * FINE)

    def bandwidth(self) -> float:
        """Silverman's rule of thumb, but never finer than half a step: what was counted is not finer."""
        q1, _, q3 = self.quartiles
        return max(silverman(self.n, self.deviation, q3 - q1), self.step / 2)

    def curve(self, at: Sequence[float]) -> np.ndarray:
        """The density at these places; its area is 1."""
        kept = [i for i, n in enumerate(self.counts) if n]
        weights = [self.counts[i] / self.n for i in kept]
        return curve([self.means[i] for i in kept], weights, self.bandwidth(), at)


def silverman(n: float, deviation: float, between: float) -> float:
    """0.9 times the smaller of the standard deviation and the quartiles' distance / 1.34, over n^(1/5)."""
    narrow = min(deviation, between / 1.34) if between > 0 else deviation
    return float(0.9 * narrow * n**-0.2)


def curve(
    at: Sequence[float], weights: Sequence[float], bandwidth: float, where: Sequence[float]
) -> np.ndarray:
    """The sum of normal bumps at these places with these weights, seen at `where`."""
    import numpy as np

    far = (np.asarray(where, float)[:, None] - np.asarray(at, float)[None, :]) / bandwidth
    bumps: np.ndarray = np.exp(-0.5 * np.minimum(far * far, 1500.0)) @ np.asarray(weights, float)
    return bumps / (bandwidth * math.sqrt(2 * math.pi))


def spreads(
    table: Table, engine: Engine, cut: dict[str, Cut], value: exp.Expr, *, together: bool = False
) -> list[Spread]:
    """How the value spreads in each group, biggest groups first; two passes over the rows.

    Each group's steps span its own values, or `together` those of all groups.
    """
    keys = [f"{key}{suffix}" for key in cut for suffix in ("", "_is")]
    values = _values(table, cut, value)
    by = [exp.Literal.number(i + 1) for i in range(len(keys))]
    asked = {
        "n": "count(*)", "q": "quantile_cont(y, [0.25, 0.5, 0.75])", "mean": "avg(y)",
        "deviation": "stddev_pop(y)", "least": "min(y)", "most": "max(y)",
    }  # fmt: skip
    query = exp.select(*keys, *[exp.alias_(sql.template(text), key) for key, text in asked.items()])
    query = query.from_(values.subquery("v"))
    rows = [row for row in engine.rows(query.group_by(*by) if by else query).to_pylist() if row["n"]]
    if not rows:
        return []
    ends = min(row["least"] for row in rows), max(row["most"] for row in rows)
    found: dict[tuple[Any, ...], Spread] = {}
    for row in rows:
        low, high = ends if together else (row["least"], row["most"])
        step = (high - low) / FINE
        found[tuple(row[key] for key in keys)] = Spread(
            groups={key: group(row[key], row[f"{key}_is"], how.others) for key, how in cut.items()},
            n=int(row["n"]), low=low, high=high, step=step if low + step > low else 1.0,
            quartiles=tuple(row["q"]), mean=row["mean"],
            deviation=row["deviation"] * math.sqrt(row["n"] / max(1, row["n"] - 1)),
        )  # fmt: skip
    _count(engine, values, keys, found)
    sizes: list[dict[Group, float]] = [{} for _ in cut]
    for spread in found.values():
        for size, one in zip(sizes, spread.groups.values(), strict=True):
            size[one] = size.get(one, 0.0) + spread.n
    places = [{one: i for i, one in enumerate(in_order(list(size), size))} for size in sizes]
    return sorted(
        found.values(),
        key=lambda spread: [place[one] for place, one in zip(places, spread.groups.values(), strict=True)],
    )


def _values(table: Table, cut: dict[str, Cut], value: exp.Expr) -> exp.Select:
    """The values as y with their groups, rows without a value left out."""
    inner: list[exp.Expr] = [exp.alias_(value, "y")]
    for key, how in cut.items():
        text = sql.template("CAST(:v AS VARCHAR)", v=how.value())
        inner += [exp.alias_(text, key), exp.alias_(how.missing(), f"{key}_is")]
    found = exp.select(*inner).from_(table.query.copy().subquery("t"))
    found = found.where(sql.template(":v IS NOT NULL", v=value))
    marked = [part for key in cut for part in (exp.column(key), exp.alias_(mark(key), f"{key}_is"))]
    return exp.select("y", *marked).from_(found.subquery("m"))


def _count(engine: Engine, values: exp.Select, keys: list[str], found: dict[tuple[Any, ...], Spread]) -> None:
    """Add to each group how many of its values lie in each step, and their mean."""
    limits = exp.values(
        [
            tuple(sql.literal(part) for part in (*names, one.low, one.step, number))
            for number, (names, one) in enumerate(found.items())
        ],
        alias="w", columns=[*keys, "base", "step", "g"],
    )  # fmt: skip
    same = [sql.template(f"v.{key} IS NOT DISTINCT FROM w.{key}") for key in keys]
    place = f"greatest(0, least({FINE - 1}, CAST(floor((y - base) / step) AS INTEGER)))"
    placed = exp.select("g", "y", exp.alias_(sql.template(place), "place")).from_(values.subquery("v"))
    placed = placed.join(limits, on=exp.and_(sql.template("true"), *same))
    query = exp.select(
        "g", "place", exp.alias_(sql.template("count(*)"), "n"), exp.alias_(sql.template("avg(y)"), "at")
    )
    query = query.from_(placed.subquery("p")).group_by("g", "place")
    order = list(found.values())
    for row in engine.rows(query).to_pylist():
        one = order[row["g"]]
        one.counts[row["place"]] = int(row["n"])
        one.means[row["place"]] = row["at"]
