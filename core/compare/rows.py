"""Rows added, removed and changed between two tables: by a key that tells rows apart, or as whole rows.

By a key, two rows are the same row when their key is; it changed when any other column that both
tables have differs. Rows whose key is missing or repeated cannot be told apart: they are counted and
left aside. As whole rows, a row is there or not: what changed counts as one removed and one added.

Rows are compared by a hash of 64 bits, so that no cell is carried along: that two different rows
pass for equal is expected less than once in 100,000 comparisons of ten million rows each.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.contracts import Engine, Silent, Table, Watch
from core.errors import BadParameter
from core.params import Frozen
from core.watching import go_on

What = Literal["added", "removed", "changed"]
NUMBERS = ("integer", "number")
MOST_KEYS = 8  # columns that are looked into when a key is proposed


class RowChanges(Frozen):
    """How many rows came, went and changed. `key` is empty where whole rows were compared."""

    key: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()  # the other columns that both have, with types that compare
    rows_a: int
    rows_b: int
    added: int = 0
    removed: int = 0
    changed: int = 0
    same: int = 0
    missing_a: int = 0  # rows whose key is missing
    missing_b: int = 0
    repeated_a: int = 0  # rows whose key another row of either table has too
    repeated_b: int = 0
    listed: dict[str, int] = P(default_factory=dict)  # entries listed: a whole row that came twice is one
    cells: dict[str, int] = P(default_factory=dict)  # changed cells of each column


def comparable(a: Table, b: Table) -> dict[str, bool]:
    """The columns that both tables have with types that compare; True where they are numbers."""
    types = {column.name: column.type for column in b.columns}
    found = {}
    for column in a.columns:
        other = types.get(column.name)
        if other == column.type or (other in NUMBERS and column.type in NUMBERS):
            found[column.name] = other in NUMBERS and "number" in (other, column.type)
    return found


def likely_key(a: Table, b: Table, engine: Engine) -> tuple[str, ...]:
    """A column that tells the rows of both tables apart and is never missing; empty when there is none."""
    known = comparable(a, b)
    wanted = [c.name for c in a.columns if c.name in known and c.type in ("integer", "text", "datetime")]
    for table in (a, b):
        if not wanted:
            return ()
        asked = {
            f"n{n}": sql.template("approx_count_distinct(:x)", x=sql.name(x)) for n, x in enumerate(wanted)
        }
        (row,) = engine.rows(_over(table, {**asked, "rows": sql.template("count(*)")})).to_pylist()
        wanted = [
            x for n, x in enumerate(wanted) if row[f"n{n}"] >= 0.8 * row["rows"]
        ]  # it is off by a few %
    wanted.sort(key=lambda name: not _named_as_key(name))
    for name in wanted[:MOST_KEYS]:
        if _unique(a, name, engine) and _unique(b, name, engine):
            return (name,)
    return ()


def _named_as_key(name: str) -> bool:
    folded = name.casefold()
    return folded in ("id", "key", "code", "no", "number") or folded.endswith(("_id", " id", "id"))


def _unique(table: Table, name: str, engine: Engine) -> bool:
    asked = {"n": sql.template("count(DISTINCT :x)", x=sql.name(name)), "rows": sql.template("count(*)")}
    (row,) = engine.rows(_over(table, asked)).to_pylist()
    return bool(row["n"] == row["rows"])


def changes(
    a: Table,
    b: Table,
    key: Sequence[str],
    place: Path,
    engine: Engine,
    *,
    cells: bool = True,
    watch: Watch | None = None,
) -> RowChanges:
    """Compare the rows; the list of differences is written as Parquet at `place`, see `Differences`.

    The changed cells of each column are counted where `cells` asks for them.
    """
    known = comparable(a, b)
    for name in key:
        if name not in known:
            raise BadParameter(
                "The key {name!r} must be a column of both tables, with the same type in both.", name=name
            )
    compared = [name for name in known if name not in key]
    if not known:
        raise BadParameter(
            "The two tables have no column in common, so their rows cannot be compared.",
            hint="Rename the columns in one of them first.",
        )
    engine.write(_keyed(a, b, key, compared, known) if key else _whole(a, b, compared, known), place)
    go_on(watch or Silent(), 0.8, "Counting what differs")
    sizes = {f"rows_{side}": _rows(table, engine) for side, table in (("a", a), ("b", b))}
    missing = {f"missing_{side}": _missing(table, key, engine) for side, table in (("a", a), ("b", b))}
    counts: dict[str, Any] = {**sizes, **missing, **_counted(place, engine)}
    found = RowChanges(key=tuple(key), compared=tuple(compared), **counts)
    gone = found.removed + found.changed + found.missing_a + found.repeated_a
    counted = _cells(a, b, place, compared, known, engine) if cells and found.changed else {}
    return found.model_copy(update={"same": found.rows_a - gone, "cells": counted})


def _cell(name: str, number: bool, table: str | None = None) -> exp.Expr:
    x = sql.name(name, table)
    # 0.0 and -0.0 are equal and must have one hash
    return sql.template("CASE WHEN :x = 0 THEN 0.0::DOUBLE ELSE :x::DOUBLE END", x=x) if number else x


def _sides(a: Table, b: Table, key: Sequence[str], compared: Sequence[str], known: dict[str, bool]) -> Any:
    """The rows of both tables, one after the other: side, row, key, and a hash of the cells."""
    parts = []
    for side, table in enumerate((a, b)):
        cells = [_cell(name, known[name]) for name in compared] or [exp.Null()]
        chosen = {f"k{n}": _cell(name, known[name]) for n, name in enumerate(key)}
        chosen["h"] = exp.Anonymous(this="hash", expressions=cells)
        chosen["side"] = sql.literal(side)
        query = sql.select_values(chosen).select(exp.alias_(sql.name(sql.ROW), "place"))
        query = query.from_(table.query.copy().subquery("t"))
        for name in key:
            query = query.where(sql.template(":x IS NOT NULL", x=sql.name(name)))
        parts.append(query)
    return exp.union(parts[0], parts[1], distinct=False)


_AGGREGATES = (
    "SELECT count(*) FILTER (WHERE side = 0) AS na, count(*) FILTER (WHERE side = 1) AS nb,"
    " min(place) FILTER (WHERE side = 0) AS row_a, min(place) FILTER (WHERE side = 1) AS row_b,"
    " min(h) <> max(h) AS differs FROM sides"
)


def _keyed(
    a: Table, b: Table, key: Sequence[str], compared: Sequence[str], known: dict[str, bool]
) -> exp.Select:
    groups = sql.template(_AGGREGATES).group_by(*[sql.name(f"k{n}") for n in range(len(key))])
    listed = sql.template(
        "SELECT CASE WHEN na > 1 OR nb > 1 THEN 'repeated' WHEN nb = 0 THEN 'removed'"
        " WHEN na = 0 THEN 'added' ELSE 'changed' END AS what, row_a, row_b, na, nb FROM groups"
        " WHERE na <> 1 OR nb <> 1 OR differs ORDER BY what, coalesce(row_b, row_a)"
    )
    return _with(listed, sides=_sides(a, b, key, compared, known), groups=groups)


def _whole(a: Table, b: Table, compared: Sequence[str], known: dict[str, bool]) -> exp.Select:
    groups = sql.template(_AGGREGATES).group_by(sql.name("h"))
    listed = sql.template(
        "SELECT CASE WHEN nb > na THEN 'added' ELSE 'removed' END AS what,"
        " CASE WHEN na > nb THEN row_a END AS row_a, CASE WHEN nb > na THEN row_b END AS row_b,"
        " greatest(na - nb, 0) AS na, greatest(nb - na, 0) AS nb FROM groups"
        " WHERE na <> nb ORDER BY what, coalesce(row_b, row_a)"
    )
    return _with(listed, sides=_sides(a, b, (), compared, known), groups=groups)


def _with(query: Any, **parts: exp.Expr) -> exp.Select:
    for name, part in parts.items():
        query = query.with_(name, as_=part)
    return query  # type: ignore[no-any-return]


def _counted(place: Path, engine: Engine) -> dict[str, Any]:
    query = sql.template(
        "SELECT what, sum(na) AS na, sum(nb) AS nb, count(*) AS listed"
        " FROM read_parquet(:place) GROUP BY what",
        place=str(place),
    )
    rows = {row["what"]: row for row in engine.rows(query).to_pylist()}
    none = {"na": 0, "nb": 0, "listed": 0}
    found: dict[str, Any] = {
        "added": int(rows.get("added", none)["nb"]),
        "removed": int(rows.get("removed", none)["na"]),
        "changed": int(rows.get("changed", none)["nb"]),
        "repeated_a": int(rows.get("repeated", none)["na"]),
        "repeated_b": int(rows.get("repeated", none)["nb"]),
    }
    found["listed"] = {what: int(rows.get(what, none)["listed"]) for what in ("added", "removed", "changed")}
    return found


def _cells(
    a: Table, b: Table, place: Path, compared: Sequence[str], known: dict[str, bool], engine: Engine
) -> dict[str, int]:
    asked = {
        f"c{n}": sql.template(
            "count(*) FILTER (WHERE :x IS DISTINCT FROM :y)",
            x=_cell(name, known[name], "a"),
            y=_cell(name, known[name], "b"),
        )
        for n, name in enumerate(compared)
    }
    (row,) = engine.rows(_pairs(a, b, place, sql.select_values(asked))).to_pylist()
    return {name: int(row[f"c{n}"]) for n, name in enumerate(compared) if row[f"c{n}"]}


def _pairs(a: Table, b: Table, place: Path, chosen: exp.Select) -> exp.Select:
    """`chosen` over each changed row as it was, `a`, and as it is, `b`."""
    listed = sql.template(
        "SELECT row_a, row_b FROM read_parquet(:place) WHERE what = 'changed'", place=str(place)
    )
    query = chosen.from_(listed.subquery("d"))
    for side, table in (("a", a), ("b", b)):
        same = exp.EQ(this=exp.column(f"row_{side}", table="d"), expression=sql.name(sql.ROW, side))
        query = query.join(table.query.copy().subquery(side), on=same)
    return query


def _over(table: Table, asked: dict[str, exp.Expr]) -> exp.Select:
    return sql.select_values(asked).from_(table.query.copy().subquery("t"))


def _rows(table: Table, engine: Engine) -> int:
    return int(engine.rows(_over(table, {"n": sql.template("count(*)")}))["n"][0].as_py())


def _missing(table: Table, key: Sequence[str], engine: Engine) -> int:
    if not key:
        return 0
    gone = exp.or_(*[sql.template(":x IS NULL", x=sql.name(name)) for name in key])
    asked = {"n": sql.template("count(*) FILTER (WHERE :gone)", gone=exp.paren(gone))}
    return int(engine.rows(_over(table, asked))["n"][0].as_py())


class Differences:
    """The rows behind a comparison: those added, removed or changed, and what cells held before."""

    def __init__(self, a: Table, b: Table, place: Path, found: RowChanges) -> None:
        self._a, self._b, self._place, self._found = a, b, place, found

    def rows(self, what: What) -> Table:
        """Rows added or changed as they are in the second table, removed ones as they were in the first."""
        table, side = (self._a, "row_a") if what == "removed" else (self._b, "row_b")
        listed = sql.template(
            "SELECT * FROM read_parquet(:place) WHERE what = :what", place=str(self._place), what=what
        )
        listed.set("expressions", [exp.column(side)])
        names = {column.name: sql.name(column.name) for column in table.columns}
        query = sql.select_values(names).select(sql.name(sql.ROW)).from_(table.query.copy().subquery("t"))
        query = query.where(exp.In(this=sql.name(sql.ROW), query=listed.subquery()))
        return Table(query.order_by(sql.name(sql.ROW)), table.columns)

    def before(self, rows: Sequence[int], engine: Engine) -> dict[str, dict[int, Any]]:
        """Of these changed rows of the second table each changed cell, with what it held in the first."""
        if not rows or not self._found.compared:
            return {}
        known, cells = comparable(self._a, self._b), {}
        for n, name in enumerate(self._found.compared):
            x, y = _cell(name, known[name], "a"), _cell(name, known[name], "b")
            cells[f"differs_{n}"] = sql.template(":x IS DISTINCT FROM :y", x=x, y=y)
            cells[f"was_{n}"] = sql.name(name, "a")
        chosen = sql.select_values(cells).select(exp.alias_(sql.name(sql.ROW, "b"), "place"))
        query = _pairs(self._a, self._b, self._place, chosen)
        query = query.where(
            exp.In(this=sql.name(sql.ROW, "b"), expressions=[sql.literal(row) for row in rows])
        )
        found: dict[str, dict[int, Any]] = {}
        for row in engine.rows(query).to_pylist():
            for n, name in enumerate(self._found.compared):
                if row[f"differs_{n}"]:
                    found.setdefault(name, {})[row["place"]] = row[f"was_{n}"]
        return found
