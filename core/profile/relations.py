"""What the columns have to do with each other: duplicate rows, unique columns, correlated pairs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from core import sql
from core.contracts import Column
from core.profile.facts import ColumnProfile, Pair
from core.profile.summary import unit, value
from core.profile.work import Work, named, select

EXACT_DUPLICATES = 1_000_000  # rows up to which duplicates are counted exactly
PARTITION = 64  # of a larger table, the rows whose hash falls in one part of 64 are compared
PAIRED_COLUMNS = 30
LIKELY = 0.85  # of the rows: an approximate count of as many values may be that of all


def unique(work: Work, found: Sequence[ColumnProfile]) -> set[str]:
    """The columns in which no value stands twice; in large tables, in one part of all values.

    Equal values have equal hashes and fall in the same part: repetition cannot hide between parts.
    """
    if work.step == 1:
        return {column.name for column in found if column.unique}
    likely = [
        column
        for column in found
        if column.type in ("integer", "text") and column.present and column.distinct > LIKELY * column.present
    ]
    return without_repetition(work, [Column(name=column.name, type=column.type) for column in likely])


def without_repetition(work: Work, columns: Sequence[Column]) -> set[str]:
    """Those of a large table's columns in one part of whose values none stands twice."""
    result: set[str] = set()
    for column in columns:
        name = sql.name(column.name)
        inner = select([named(name, "x")], work.all_rows([column.name]))
        part = inner.where(sql.template("hash(:x) % :part = 0", x=name, part=PARTITION)).subquery("p")
        row = work.ask(select([named(sql.template("count(x) = count(DISTINCT x)"), "u")], part))
        if row[0]["u"]:
            result.add(column.name)
    return result


def duplicates(work: Work, found: Sequence[ColumnProfile], uniques: set[str]) -> tuple[int, bool]:
    """How many rows repeat an earlier one in every column, and whether the count is exact."""
    exact = work.rows <= EXACT_DUPLICATES
    if work.rows < 2 or not found:
        return 0, True
    if any(column.name in uniques and not column.missing for column in found):
        return 0, exact
    columns = [sql.name(column.name) for column in work.table.columns]
    whole = exp.Anonymous(this="hash", expressions=columns)
    inner = select([named(whole, "h")], work.all_rows(work.table.names()))
    if not exact:  # equal rows are equal in their most varied column too, so they share its part
        varied = max(found, key=lambda column: column.distinct)
        inner = inner.where(sql.template("hash(:x) % :part = 0", x=sql.name(varied.name), part=PARTITION))
    repeated = named(sql.template("count(*) - count(DISTINCT h)"), "d")
    counted = int(work.ask(select([repeated], inner.subquery("p")))[0]["d"])
    return (counted, True) if exact else (counted * PARTITION, False)


def pairs(work: Work, found: Sequence[ColumnProfile]) -> tuple[Pair, ...]:
    """Pearson's correlation of each two number columns that vary, over all rows or some chosen by chance."""
    numbers = [column for column in found if column.sd and column.type in ("integer", "number")]
    numbers = numbers[:PAIRED_COLUMNS]
    couples = list(itertools.combinations(range(len(numbers)), 2))
    if not couples:
        return ()
    inner = [
        named(_scaled(work, column), f"x{index}") for index, column in enumerate(numbers)
    ]  # fmt: skip
    asked: list[exp.Expr] = [named(sql.template("count(*)"), "n")]
    for a, b in couples:
        together = sql.template("corr(:a, :b)", a=exp.column(f"x{a}"), b=exp.column(f"x{b}"))
        asked.append(named(together, f"r{a}_{b}"))
    rows = work.some_rows(column.name for column in numbers)
    row = work.ask(select(asked, select(inner, rows).subquery("s")))[0]
    result = []
    for a, b in couples:
        r = row[f"r{a}_{b}"]
        if r is not None and math.isfinite(r):
            result.append(
                Pair(first=numbers[a].name, second=numbers[b].name, correlation=r, rows=int(row["n"]))
            )
    return tuple(sorted(result, key=lambda pair: -abs(pair.correlation)))


def _scaled(work: Work, column: ColumnProfile) -> Any:
    """The column in standard units: correlation is the same, and its squares cannot overflow."""
    own = Column(name=column.name, type=column.type)
    scale = unit(work, own)
    return sql.template(
        "(:x - :mean) * :per",
        x=value(work, own), mean=float(column.mean or 0.0) * scale, per=1 / (float(column.sd or 1.0) * scale),
    )  # fmt: skip
