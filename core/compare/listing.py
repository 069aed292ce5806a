"""The rows that differ between two tables as a table: all of them, with both values of each cell."""

from __future__ import annotations

from pathlib import Path

from sqlglot import exp

from core import sql
from core.compare.rows import RowChanges, comparable
from core.contracts import Column, ColumnType, Table


def side_by_side(a: Table, b: Table, place: Path, found: RowChanges) -> Table:
    """What `changes` listed at `place`: one row for each row added, removed or changed.

    "change" says which; "row before" and "row after" are the rows' numbers, from 1. By a key, each other
    column stands there twice, "price before" and "price after": the one or the other is missing where
    the row is. As whole rows each column stands there once, and "times" says how often a row came or
    went.
    """
    known, made = comparable(a, b), _Columns()
    made.add("change", "text", exp.column("what", table="d"))
    for side, words in (("row_a", "row before"), ("row_b", "row after")):
        number = sql.template(":x + 1", x=exp.column(side, table="d"))
        made.add(words, "integer", exp.cast(number, "BIGINT"))
    if not found.key:
        often = sql.template("greatest(:x, :y)", x=exp.column("na", table="d"), y=exp.column("nb", table="d"))
        made.add("times", "integer", exp.cast(often, "BIGINT"))
    before, after = ({column.name: column.type for column in table.columns} for table in (a, b))
    for name in found.key or known:
        kind: ColumnType = "number" if known[name] else after[name]
        cell = sql.template("CASE WHEN :gone THEN :x ELSE :y END", gone=_gone(), x=_cell(name, "a", known),
                            y=_cell(name, "b", known))  # fmt: skip
        made.add(name, kind, cell)
    once = {*(found.key or known)}
    for name in [*after, *(name for name in before if name not in after)]:
        if name in once:
            continue
        if name in before:
            made.add(f"{name} before", before[name], sql.name(name, "a"))
        if name in after:
            made.add(f"{name} after", after[name], sql.name(name, "b"))
    return Table(_joined(a, b, place, made.cells), tuple(made.columns))


class _Columns:
    """Columns of names that no other has, and what stands in them."""

    def __init__(self) -> None:
        self.columns: list[Column] = []
        self.cells: dict[str, exp.Expr] = {}
        self._taken = {sql.ROW}

    def add(self, name: str, kind: ColumnType, cell: exp.Expr) -> None:
        free, number = name, 1
        while free.casefold() in self._taken:
            number += 1
            free = f"{name} ({number})"
        self._taken.add(free.casefold())
        self.columns.append(Column(name=free, type=kind))
        self.cells[free] = cell


def _gone() -> exp.Expr:
    return exp.EQ(this=exp.column("what", table="d"), expression=sql.literal("removed"))


def _cell(name: str, side: str, known: dict[str, bool]) -> exp.Expr:
    cell = sql.name(name, side)
    return exp.cast(cell, "DOUBLE") if known[name] else cell


def _joined(a: Table, b: Table, place: Path, cells: dict[str, exp.Expr]) -> exp.Select:
    listed = sql.parquet(place, ["what", "row_a", "row_b", "na", "nb"])
    listed = listed.where(sql.template("what IN ('added', 'removed', 'changed')"))
    query = sql.select_values(cells)
    query = query.select(exp.alias_(sql.name(sql.ROW, "d"), sql.ROW, quoted=True))
    query = query.from_(listed.subquery("d"))
    for side, table in (("a", a), ("b", b)):
        same = exp.EQ(this=exp.column(f"row_{side}", table="d"), expression=sql.name(sql.ROW, side))
        query = query.join(table.query.copy().subquery(side), on=same, join_type="left")
    return query.order_by(sql.name(sql.ROW))
