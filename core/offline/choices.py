"""What the filters of an offline page offer: groups of a column's values that together are all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlglot import exp

from core import sql
from core.charts import grouping
from core.contracts import Column, Engine, Schema, Table
from core.errors import BadParameter, MissingColumn
from core.ordinal import ordinal
from core.selection import Mark, Selection
from core.within import Within
from core.wording import Note, note

FILTERS = 3
VIEWS = 200  # combinations of what all filters offer, "all rows" of each among them
MOST = 40  # groups of one filter
FEW = 12  # whole numbers of so few values are groups themselves
RANGES = 8
_DAY = 86_400


@dataclass(frozen=True)
class Option:
    """One group of rows: its name, its condition, and how many rows it has."""

    words: Note
    selection: Selection
    rows: int


@dataclass(frozen=True)
class Choice:
    """A filter: a column and its groups."""

    column: str
    options: tuple[Option, ...]


def fitting(columns: Schema) -> list[str]:
    """The columns that a filter can be made of, those first whose values are groups by themselves."""
    order = {"text": 0, "boolean": 0, "date": 1, "datetime": 1, "integer": 2, "number": 3}
    return [column.name for column in sorted(columns, key=lambda one: order[one.type])]


def choices(table: Table, engine: Engine, columns: Sequence[str]) -> tuple[Choice, ...]:
    """The filters of these columns, as many groups each as there is room for.

    A column has its most frequent values, the rest of them together, and the rows without a value; numbers
    and dates have ranges of about as many rows. Every row of the table is in exactly one group.
    """
    known = {column.name: column for column in table.columns}
    if len(columns) > FILTERS:
        raise BadParameter("An offline page has at most {most} filters.", most=FILTERS)
    for name in columns:
        if name not in known:
            raise MissingColumn(needs="A filter", column=name, candidates=", ".join(list(known)[:5]))
    distinct = {name: _distinct(table, engine, name) for name in columns}
    found: dict[str, Choice] = {}
    room = float(VIEWS)
    for left, name in zip(
        range(len(columns), 0, -1), sorted(columns, key=lambda one: distinct[one]), strict=True
    ):
        most = min(MOST, int(room ** (1 / left) + 1e-9) - 1)
        found[name] = _choice(table, engine, known[name], distinct[name], most)
        room /= len(found[name].options) + 1
    return tuple(found[name] for name in columns)


def _from(table: Table, *chosen: exp.Expr) -> exp.Select:
    return exp.select(*chosen).from_(table.query.copy().subquery("t"))


def _distinct(table: Table, engine: Engine, column: str) -> int:
    count = exp.alias_(sql.template("approx_count_distinct(:x)", x=sql.name(column)), "n")
    return int(engine.rows(_from(table, count)).column("n")[0].as_py())


def _choice(table: Table, engine: Engine, column: Column, distinct: int, most: int) -> Choice:
    ranged = column.type in ("number", "date", "datetime") or (
        column.type == "integer" and distinct > min(FEW, most - 1)
    )
    groups = _ranges(table, engine, column, most) if ranged else _values(table, engine, column, most)
    return Choice(column.name, _counted(table, engine, groups))


def _values(table: Table, engine: Engine, column: Column, most: int) -> list[tuple[Note, Within]]:
    """The most frequent values, by name; then the rest together, then the rows without a value."""
    kept = grouping.cut(table, engine, column.name, most - 1)
    if kept.kept is not None:
        kept = grouping.cut(table, engine, column.name, most - 2)
    rows = grouping.grouped(table, engine, {"v": kept}, {"rows": sql.template("count(*)")}).to_pylist()
    groups = {grouping.group(row["v"], row["v_is"], kept.others): 1.0 for row in rows}
    ordered = grouping.in_order(list(groups), groups)
    values = tuple(group.label for group in ordered if group.mark == "value")
    found = []
    for group in ordered:
        if group.mark == "value":
            part = Within(column=column.name, values=(group.label,))
        elif group.mark == "other":
            part = Within(column=column.name, values=values, outside=True)
        else:
            part = Within(column=column.name, missing=True)
        found.append((group.words(), part))
    return found


def _ranges(table: Table, engine: Engine, column: Column, most: int) -> list[tuple[Note, Within]]:
    """Ranges of about as many rows, open at both ends; then the rows without a value."""
    steps = max(2, min(RANGES, most - 2))
    scale = ordinal(column.name, column.type)
    asked = [
        exp.alias_(sql.template(f"quantile_disc(:x, {step / steps})", x=scale.copy()), f"q{step}")
        for step in range(1, steps)
    ]
    (row,) = engine.rows(_from(table, *asked)).to_pylist()
    ends = [end for end in row.values() if end is not None]
    if column.type == "datetime":
        ends = [end // _DAY * _DAY for end in ends]
    bounds: list[float | None] = [None, *sorted(set(ends)), None]
    found = []
    for low, high in pairwise(bounds):
        if low is None and high is None:
            part = Within(column=column.name, outside=True)
        else:
            part = Within(column=column.name, low=low, high=high)
        found.append((part.describe(column.type), part))
    return [*found, (note("(missing)"), Within(column=column.name, missing=True))]


def _counted(table: Table, engine: Engine, groups: list[tuple[Note, Within]]) -> tuple[Option, ...]:
    """The groups that have rows. What is in none of them (a date without end) is one more."""
    rest = Selection(marks=tuple(Mark(parts=(part,)) for _, part in groups), exclude=True)
    every = [(words, Selection.of(part)) for words, part in groups]
    every.append((note("other values"), rest))
    asked = [
        exp.alias_(sql.template("count(*) FILTER (WHERE :c)", c=one.where(table.columns)), f"n{place}")
        for place, (_, one) in enumerate(every)
    ]
    (row,) = engine.rows(_from(table, *asked)).to_pylist()
    return tuple(
        Option(words, one, row[f"n{place}"]) for place, (words, one) in enumerate(every) if row[f"n{place}"]
    )
