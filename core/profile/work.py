"""What the parts of a profile share: the table, its size, and queries over some of its columns."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlglot import exp

from core import sql
from core.contracts import Column, Engine, Table, Watch
from core.errors import Cancelled

EXACT_ROWS = 200_000  # up to here every count is exact
SAMPLE_ROWS = 50_000
STRETCH = 122_880  # rows that lie together in a file, so that they can be read without the others
STRETCHES = 20  # from the first to the last part of a very large table


@dataclass
class Work:
    """What the parts of a profile share while it is made."""

    table: Table
    engine: Engine
    watch: Watch
    rows: int = 0
    # where looking at all rows would be slow, one of so many is looked at, in stretches from these rows on
    step: int = 1
    places: tuple[int, ...] = ()
    # for columns with infinite, enormous or minute values: what makes their squares safe
    units: dict[str, float] = field(default_factory=dict)
    reached: float = 0.0

    @property
    def stacked(self) -> bool:
        """Whether the columns are small enough to be put one below the other."""
        return self.rows <= EXACT_ROWS

    def progress(self, share: float, message: str) -> None:
        """How far the profile is; a column that is asked again does not take it back."""
        self.reached = max(self.reached, share)
        self.watch.progress(self.reached, message)

    def ask(self, query: exp.Query) -> list[dict[str, Any]]:
        if self.watch.stopped():
            raise Cancelled()
        found: list[dict[str, Any]] = self.engine.rows(query).to_pylist()
        return found

    def all_rows(self, names: Iterable[str] = ()) -> exp.Subquery:
        """The rows, as the relation `t`, with at least these columns and the row order."""
        columns = self._plain
        if columns is None:
            return self.table.query.copy().subquery("t", copy=False)
        kept = [columns[name].copy() for name in dict.fromkeys([*names, sql.ROW]) if name in columns]
        source = self.table.query.args["from_"].this.copy()
        return select(kept, source).subquery("t", copy=False)

    def some_rows(self, names: Iterable[str] = ()) -> exp.Subquery:
        """Rows chosen by chance, the same ones each time: all of them when the table is small.

        Of a very large table they come from twenty stretches, evenly spread, to read little of it.
        """
        names = list(names)
        if self.step == 1:
            return self.all_rows(names)
        # by hash and not every nth: a table may repeat itself every nth row
        row = sql.name(sql.ROW)
        chance = sql.template("hash(:row) % :step = 0", row=row, step=self.step)
        if self.places:
            chance = exp.and_(_near(row, self.places, STRETCH), chance, copy=False)
        chosen = [sql.name(name) for name in names]
        return select(chosen, self.all_rows(names)).where(chance, copy=False).subquery("t", copy=False)

    def few_rows(self, names: Iterable[str], each: int = 1_000) -> exp.Subquery:
        """A thousand rows at each of eight places: a glance that reads little of the file."""
        names, places = list(names), range(0, self.rows, max(1, self.rows // 8))
        rows = select([sql.name(name) for name in names], self.all_rows(names))
        near = _near(sql.name(sql.ROW), places, each)
        return rows.where(near, copy=False).subquery("t", copy=False)

    @cached_property
    def _plain(self) -> dict[str, exp.Expr] | None:
        """The columns of a stored table's query by name, so that some can be asked for; else None."""
        query = self.table.query
        if not isinstance(query, exp.Select) or {key for key, value in query.args.items() if value} != {
            "expressions",
            "from_",
        }:
            return None
        nodes = query.selects
        if not all(isinstance(node.unalias(), exp.Column) for node in nodes):
            return None
        return {node.alias_or_name: node for node in nodes}


def _near(row: exp.Expr, places: Iterable[int], length: int) -> Any:
    """Rows in stretches of a length: plain comparisons, with which a scan can skip what lies between."""
    tests = [sql.template(":row BETWEEN :a AND :b", row=row, a=at, b=at + length - 1) for at in places]
    return exp.or_(*tests, copy=False)


def select(nodes: Iterable[exp.Expr], source: exp.Expr | str) -> exp.Select:
    """SELECT nodes FROM source. Nothing is copied: with 2,000 columns copies take most of the time."""
    return exp.Select(expressions=list(nodes)).from_(source, copy=False)


def named(node: exp.Expr, alias: str) -> exp.Expr:
    return exp.alias_(node, alias, copy=False)


def begin(table: Table, engine: Engine, watch: Watch) -> Work:
    """Count the rows and settle how closely the rest is looked at."""
    work = Work(table, engine, watch)
    count = select([named(sql.template("count(*)"), "n")], work.all_rows())
    work.rows = int(work.ask(count)[0]["n"])
    if work.rows > EXACT_ROWS:
        some = work.rows
        if work.rows > 2 * STRETCH * STRETCHES:
            last = work.rows // STRETCH - 1
            work.places = tuple(STRETCH * round(last * i / (STRETCHES - 1)) for i in range(STRETCHES))
            some = STRETCH * STRETCHES
        work.step = math.ceil(some / SAMPLE_ROWS)
    return work


def batches(columns: Sequence[Column], size: int) -> Iterator[Sequence[Column]]:
    for start in range(0, len(columns), size):
        yield columns[start : start + size]
