"""The numbers of a profile, asked of the engine in a few aggregating queries.

No row comes into Python. Columns are asked in batches, so that 2,000 of them work too. Small
tables are counted exactly; for large ones distinct counts are approximate (and say so), and what
depends on looking at texts one by one is taken from rows evenly spread over the table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from core import sql
from core.contracts import Column, Engine, Schema, Table, Watch
from core.errors import Cancelled
from core.ordinal import ordinal
from core.profile.facts import ColumnProfile

EXACT_ROWS = 200_000  # up to here every count is exact
COUNTED_VALUES = 5_000  # up to this many distinct values, all of them are counted exactly
SAMPLE_ROWS = 50_000
BATCH = 100  # columns a query


@dataclass
class Work:
    """What the parts of a profile share while it is made."""

    table: Table
    engine: Engine
    watch: Watch
    rows: int = 0
    step: int = 1  # every `step`th row is looked at where looking at all would be slow

    def ask(self, query: exp.Query) -> list[dict[str, Any]]:
        if self.watch.stopped():
            raise Cancelled()
        found: list[dict[str, Any]] = self.engine.rows(query).to_pylist()
        return found

    def all_rows(self, names: Iterable[str] = ()) -> exp.Subquery:
        """The rows, as the relation `t`, with at least these columns and the row order."""
        return _narrow(self.table.query, set(names)).subquery("t", copy=False)

    def some_rows(self, names: Iterable[str] = ()) -> exp.Subquery:
        """Rows evenly spread over the table: all of them when it is small."""
        names = set(names)
        if self.step == 1:
            return self.all_rows(names)
        spread = sql.template(":row % :step = 0", row=sql.name(sql.ROW), step=self.step)
        chosen = [sql.name(name) for name in sorted(names)]
        return select(chosen, self.all_rows(names)).where(spread, copy=False).subquery("t", copy=False)


def select(nodes: Iterable[exp.Expr], source: exp.Expr | str) -> exp.Select:
    """SELECT nodes FROM source. Nothing is copied: with 2,000 columns copies take most of the time."""
    return exp.Select(expressions=list(nodes)).from_(source, copy=False)


def named(node: exp.Expr, alias: str) -> exp.Expr:
    return exp.alias_(node, alias, copy=False)


def _narrow(query: exp.Query, names: set[str]) -> exp.Query:
    """A stored table's query with these columns only; any other query as it is."""
    plain = isinstance(query, exp.Select) and {key for key, value in query.args.items() if value} == {
        "expressions",
        "from_",
    }
    if not plain or not all(isinstance(node.unalias(), exp.Column) for node in query.selects):
        return query.copy()
    kept = [node.copy() for node in query.selects if node.alias_or_name in names | {sql.ROW}]
    return select(kept, query.args["from_"].this.copy())


def begin(table: Table, engine: Engine, watch: Watch) -> Work:
    """Count the rows and settle how closely the rest is looked at."""
    work = Work(table, engine, watch)
    count = select([named(sql.template("count(*)"), "n")], work.all_rows())
    work.rows = int(work.ask(count)[0]["n"])
    if work.rows > EXACT_ROWS:
        work.step = math.ceil(work.rows / SAMPLE_ROWS)
    return work


def batches(columns: Sequence[Column], size: int = BATCH) -> Iterator[Sequence[Column]]:
    for start in range(0, len(columns), size):
        yield columns[start : start + size]


def basics(work: Work) -> list[ColumnProfile]:
    """Missing, distinct, range, mean and standard deviation of every column."""
    found: list[ColumnProfile] = []
    for batch in batches(work.table.columns):
        inner: list[exp.Expr] = []
        outer: list[exp.Expr] = []
        for index, column in enumerate(batch):
            inner += _prepared(index, column)
            outer += _aggregates(index, column, exact=work.rows <= EXACT_ROWS)
        rows = work.all_rows(column.name for column in batch)
        query = select(outer, select(inner, rows).subquery("p", copy=False))
        row = work.ask(query)[0]
        found += [_column(work, column, index, row) for index, column in enumerate(batch)]
        work.watch.progress(0.4 * len(found) / len(work.table.columns), "Counting values")
    return found


def _prepared(index: int, column: Column) -> list[exp.Expr]:
    name = sql.name(column.name)
    prepared: list[exp.Expr] = [named(name, f"x{index}")]
    if column.type == "number":
        prepared.append(named(ordinal(column.name, column.type), f"y{index}"))
    elif column.type in ("date", "datetime"):
        tame = sql.template("CASE WHEN isfinite(:x) THEN :x END", x=name)
        prepared.append(named(tame, f"y{index}"))
    return prepared


def _aggregates(index: int, column: Column, *, exact: bool) -> list[exp.Expr]:
    x, y = exp.column(f"x{index}"), exp.column(f"y{index}")
    ask = {"n": sql.template("count(:x)", x=x)}
    if column.type != "boolean":
        count = "count(DISTINCT :x)" if exact else "approx_count_distinct(:x)"
        ask["d"] = sql.template(count, x=x)
    if column.type == "integer":
        ask |= {"lo": sql.template("min(:x)", x=x), "hi": sql.template("max(:x)", x=x)}
        ask |= {
            "avg": sql.template("avg(:x)", x=x),
            "sd": sql.template("stddev_samp(CAST(:x AS DOUBLE))", x=x),
        }
    elif column.type == "number":
        ask |= {"tame": sql.template("count(:y)", y=y), "avg": sql.template("avg(:y)", y=y)}
        ask |= {"lo": sql.template("min(:y)", y=y), "hi": sql.template("max(:y)", y=y)}
        ask["sd"] = sql.template("stddev_samp(:y)", y=y)
    elif column.type in ("date", "datetime"):
        ask |= {"tame": sql.template("count(:y)", y=y)}
        ask |= {
            "lo": sql.template("CAST(min(:y) AS VARCHAR)", y=y),
            "hi": sql.template("CAST(max(:y) AS VARCHAR)", y=y),
        }
    return [named(node, f"{key}{index}") for key, node in ask.items()]


def _column(work: Work, column: Column, index: int, row: dict[str, Any]) -> ColumnProfile:
    got: dict[str, Any] = {
        key: row.get(f"{key}{index}") for key in ("n", "d", "lo", "hi", "avg", "sd", "tame")
    }
    present = int(got["n"])
    infinite = 0
    if got["tame"] is not None and got["tame"] < present:
        if column.type == "number":
            got, infinite, present = _untamed(work, column, got)
        else:
            infinite = present - int(got["tame"])
    mean, sd = got["avg"], got["sd"]
    return ColumnProfile(
        name=column.name,
        type=column.type,
        rows=work.rows,
        missing=work.rows - present,
        # an approximate count may exceed what is possible
        distinct=min(int(got["d"] or 0), present),
        distinct_exact=work.rows <= EXACT_ROWS or column.type == "boolean",
        minimum=got["lo"],
        maximum=got["hi"],
        mean=mean if mean is not None and math.isfinite(mean) else None,
        sd=sd if sd is not None and math.isfinite(sd) else None,
        infinite=infinite,
    )


def _untamed(work: Work, column: Column, got: dict[str, Any]) -> tuple[dict[str, Any], int, int]:
    """The same column again, for the rare one with infinite, not-a-number or enormous values."""
    x = sql.name(column.name)
    asked = {
        "lo": "min(:x) FILTER (WHERE isfinite(:x))",
        "hi": "max(:x) FILTER (WHERE isfinite(:x))",
        "infinite": "count(*) FILTER (WHERE isinf(:x))",
        "nan": "count(*) FILTER (WHERE isnan(:x))",
    }
    nodes = [named(sql.template(text, x=x), key) for key, text in asked.items()]
    row = work.ask(select(nodes, work.all_rows([column.name])))[0]
    present = int(got["n"]) - int(row["nan"])  # not a number is no value
    enormous = present - int(row["infinite"]) - int(got["tame"])
    changed = {**got, "lo": row["lo"], "hi": row["hi"]}
    if enormous:  # a mean without them would be a different number
        changed |= {"avg": None, "sd": None}
    return changed, int(row["infinite"]), present


def ordered(columns: Schema) -> list[Column]:
    """The columns that have an order and distances: numbers and dates."""
    return [column for column in columns if column.type in ("integer", "number", "date", "datetime")]
