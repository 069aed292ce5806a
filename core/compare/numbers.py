"""How the values of numbers and dates spread in two tables: counts between cut points that both have.

The cut points are values at even shares of a part of the rows of each table, so that neither table's
values fall into one bin. The counts are of all rows.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from core import sql
from core.compare import measures
from core.compare.column import Bin, ColumnDrift, base, judged
from core.contracts import Column, Engine, Table
from core.ordinal import ordinal, to_value

PROPOSE = 100_000  # rows of each table that propose cut points
CUTS = 400  # cut points that each table proposes
BINS = 10  # of the PSI: about as many rows of the first table in each
EXACT = 1_000_000  # rows of both together up to which the Kolmogorov-Smirnov distance is exact


def numbers(
    a: Table,
    b: Table,
    columns: Sequence[Column],
    types: dict[str, Any],
    engine: Engine,
    sizes: tuple[int, int],
) -> list[ColumnDrift]:
    kinds = {column.name: column.type for column in columns}
    sides = ((a, kinds, sizes[0]), (b, {name: types[name] for name in kinds}, sizes[1]))
    names = list(kinds)
    proposed = [_cuts(table, own, engine, rows) for table, own, rows in sides]
    cuts = {name: sorted({*proposed[0][name], *proposed[1][name]}) for name in names}
    counted = [_counts(table, own, cuts, engine) for table, own, _ in sides]
    return [
        _number(name, kinds[name], cuts[name], counted[0][name], counted[1][name], a, b, sides, engine)
        for name in names
    ]


def _cuts(table: Table, kinds: dict[str, Any], engine: Engine, rows: int) -> dict[str, list[float]]:
    """Values at even shares of a part of the rows, taken at even distances."""
    stride = max(1, math.ceil(rows / PROPOSE))
    shares = exp.Array(expressions=[sql.literal((step + 1) / CUTS) for step in range(CUTS)])
    asked = {
        f"c{place}": sql.template("quantile_disc(:x, :shares)", x=ordinal(name, kind), shares=shares)
        for place, (name, kind) in enumerate(kinds.items())
    }
    some = table.query.copy().subquery("t")
    query = sql.select("t", asked, row=False)
    query.set("from_", exp.From(this=some))
    if stride > 1:
        query = query.where(sql.template(":row % :stride = 0", row=sql.name(sql.ROW), stride=stride))
    (row,) = engine.rows(query).to_pylist()
    return {name: [*dict.fromkeys(row[f"c{place}"] or [])] for place, name in enumerate(kinds)}


def _counts(
    table: Table, kinds: dict[str, Any], cuts: dict[str, list[float]], engine: Engine
) -> dict[str, tuple[list[int], int, float | None]]:
    """Rows up to each cut point and beyond the last, rows with a value, and their mean."""
    asked: dict[str, exp.Expr] = {}
    for place, (name, kind) in enumerate(kinds.items()):
        x = ordinal(name, kind)
        ends = exp.Array(expressions=[sql.literal(float(cut)) for cut in cuts[name] or [0.0]])
        asked[f"h{place}"] = sql.template("histogram(:x, :ends)", x=x, ends=ends)
        asked[f"n{place}"] = sql.template("count(:x)", x=sql.name(name))
        asked[f"m{place}"] = sql.template("avg(:x)", x=x)
    query = sql.select("t", asked, row=False)
    query.set("from_", exp.From(this=table.query.copy().subquery("t")))
    (row,) = engine.rows(query).to_pylist()
    found = {}
    for place, name in enumerate(kinds):
        known = {float(end): int(count) for end, count in row[f"h{place}"] or []}
        counts = [known.get(float(cut), 0) for cut in cuts[name]]
        beyond = sum(known.values()) - sum(counts)
        found[name] = ([*counts, beyond], int(row[f"n{place}"]), row[f"m{place}"])
    return found


def _number(
    name: str,
    kind: Any,
    cuts: list[float],
    left: tuple[list[int], int, float | None],
    right: tuple[list[int], int, float | None],
    a: Table,
    b: Table,
    sides: Any,
    engine: Engine,
) -> ColumnDrift:
    (_, _, rows_a), (_, own_b, rows_b) = sides
    column = base(name, "number", left[1], right[1], rows_a, rows_b)
    if not left[1] or not right[1] or not cuts:
        return column.model_copy(update={"kind": "empty"})
    bins = _ten(kind, cuts, left[0], right[0])
    pairs = [one.a for one in bins], [one.b for one in bins]
    exact = rows_a + rows_b <= EXACT
    distance = (
        _exact_distance(a, b, ordinal(name, kind), ordinal(name, own_b[name]), engine)
        if exact
        else measures.kolmogorov(left[0], right[0])
    )
    return judged(
        column,
        pairs,
        bins,
        ks=distance,
        ks_exact=exact,
        ks_chance=measures.kolmogorov_by_chance(left[1], right[1]),
        mean_a=left[2] if kind in ("integer", "number") else None,
        mean_b=right[2] if kind in ("integer", "number") else None,
    )


def _ten(kind: Any, cuts: list[float], left: list[int], right: list[int]) -> list[Bin]:
    """Neighbouring cut points taken together, so that each bin has about a tenth of the first table."""
    whole, ends = sum(left), []
    so_far = 0
    sums = []
    for count in left:
        so_far += count
        sums.append(so_far)
    for step in range(1, BINS):
        ends.append(min(bisect.bisect_left(sums, whole * step / BINS), len(cuts) - 1))
    ends = sorted({*ends, len(cuts)})
    found, start = [], 0
    for end in ends:
        low = to_value(kind, cuts[start - 1]) if start else None
        high = to_value(kind, cuts[end]) if end < len(cuts) else None
        here = slice(start, end + 1)
        found.append(Bin(label=None, a=sum(left[here]), b=sum(right[here]), low=low, high=high))
        start = end + 1
    return [one for one in found if one.a or one.b] or found


def _exact_distance(a: Table, b: Table, x: exp.Expr, y: exp.Expr, engine: Engine) -> float:
    """The Kolmogorov-Smirnov distance over every value of both tables."""

    def counted(table: Table, value: exp.Expr, mine: str, other: str) -> exp.Select:
        chosen = [
            exp.alias_(value, "v"),
            sql.template(f"count(*) AS {mine}"),
            sql.template(f"0 AS {other}"),
        ]
        query = exp.select(*chosen).from_(table.query.copy().subquery("t"))
        return query.where(sql.template(":v IS NOT NULL", v=exp.paren(value))).group_by(value.copy())

    left, right = counted(a, x, "na", "nb"), counted(b, y, "nb", "na")
    right.set("expressions", [right.selects[0], right.selects[2], right.selects[1]])
    merged = exp.union(left, right, distinct=False)
    values = sql.template("SELECT v, sum(na) AS na, sum(nb) AS nb FROM u GROUP BY v")
    steps = sql.template(
        "SELECT abs(sum(na) OVER w / sum(na) OVER () - sum(nb) OVER w / sum(nb) OVER ()) AS d "
        "FROM g WINDOW w AS (ORDER BY v)"
    )
    query = exp.select(sql.template("max(d) AS d")).from_("s")
    query = query.with_("u", as_=merged).with_("g", as_=values).with_("s", as_=steps)
    return float(engine.rows(query)["d"][0].as_py() or 0.0)
