"""The parameters that several charts share, and the reading of their results."""

from __future__ import annotations

import weakref
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts.drawing import notes
from core.charts.grouping import COLOURS, Cut, Group, cut, group, grouped, in_order
from core.charts.measuring import Aggregation, measures
from core.charts.words import counted, sentences
from core.contracts import ColumnType, Engine, Span, Table
from core.ordinal import from_text
from core.params import ColumnName
from core.selection import Mark, Selection, selected
from core.within import Within
from core.wording import Note, note

if TYPE_CHECKING:
    import pyarrow as pa

NO_ROWS = note("There are no rows to draw.")
OptionalColumn = Annotated[str | None, ColumnName()]


def colour_field() -> Any:
    return P(
        default=None, title="Colour",
        description=f"Draw its {COLOURS} most frequent values apart, and the rest together.",
    )  # fmt: skip


def top_field(default: int = 20) -> Any:
    return P(
        default=default, ge=2, le=50, title="Most categories",
        description="How many values to show: the most frequent, or the largest sums; the rest is other.",
    )  # fmt: skip


def aggregation_field() -> Any:
    return P(
        default="count", title="Measure",
        description="What to show of each group: its rows, or a number of the value column.",
    )  # fmt: skip


def adding_field() -> Any:
    """Of areas that are parts of a whole: means, medians and differences are no parts of one."""
    return P(
        default="sum", title="Measure",
        description="What makes a part large: its sum, its values or its share; without a column, its rows.",
    )  # fmt: skip


def cuts(
    table: Table, engine: Engine, columns: Mapping[str, tuple[str | None, int]], size: exp.Expr | None = None
) -> dict[str, Cut]:
    """Cut each chosen column: {key: (column, values to keep)}; see `grouping.cut` for `size`."""
    return {
        key: cut(table, engine, column, top, size)
        for key, (column, top) in columns.items()
        if column is not None
    }


def records(data: pa.Table, keys: Mapping[str, Cut]) -> list[dict[str, Any]]:
    """The rows of `grouped` as dictionaries, with a `Group` under each key."""
    rows: list[dict[str, Any]] = data.to_pylist()
    for row in rows:
        for key, how in keys.items():
            row[key] = group(row[key], row.pop(f"{key}_is"), how.others)
    return rows


def measured_groups(
    table: Table,
    engine: Engine,
    cut: dict[str, Cut],
    aggregation: Aggregation,
    y: str | None,
    more: Mapping[str, exp.Expr] | None = None,
) -> tuple[list[dict[str, Any]], int]:
    """Each group's value, rows and what `more` asks, and how many infinite values were left out of all."""
    return asked_groups(table, engine, cut, measures(table, aggregation, y) | dict(more or {}))


def asked_groups(
    table: Table, engine: Engine, cut: dict[str, Cut], asked: Mapping[str, exp.Expr]
) -> tuple[list[dict[str, Any]], int]:
    """Each group with what is asked of it, and how many infinite values were left out of all."""
    rows = records(grouped(table, engine, cut, asked), cut)
    rows = [row for row in rows if row["rows"]]  # without groups an empty table still yields a row
    return rows, sum(row["infinite"] for row in rows)


def sizes(rows: Sequence[Mapping[str, Any]], key: str, of: str) -> dict[Group, float]:
    """How much each group has in all rows together."""
    found: dict[Group, float] = {}
    for row in rows:
        found[row[key]] = found.get(row[key], 0.0) + row[of]
    return found


def places(rows: Sequence[Mapping[str, Any]], keys: Iterable[str], of: str) -> dict[str, dict[Group, int]]:
    """Where each group stands under each key: the biggest first, "other" and "(missing)" last."""
    order = {}
    for key in keys:
        size = sizes(rows, key, of)
        order[key] = {group: i for i, group in enumerate(in_order(list(size), size))}
    return order


def sampled(cut: Mapping[str, Cut]) -> dict[str, Any]:
    """What `proposals` says later: the columns whose frequent values a sample proposed, and its rows."""
    return {how.column: how.sampled for how in cut.values() if how.sampled is not None}


def proposals(found: Mapping[str, int] | None) -> Note | None:
    """What cannot be sure about categories that a sample proposed (see `grouping.cut`)."""
    words = [
        note(
            "The values of {column} shown were the most frequent of {rows:,} rows evenly spread over all. "
            "Their numbers here are of all rows, but other values may be as frequent.",
            column=column, rows=rows,
        )
        for column, rows in (found or {}).items()
    ]  # fmt: skip
    return sentences(*words) if words else None


def left_out(rows: int) -> Note | None:
    """How many rows a chart of numbers leaves out."""
    return counted(
        "{count:,} row is left out: a value is missing, infinite or outside the range. | "
        "{count:,} rows are left out: a value is missing, infinite or outside the range.",
        rows,
    )


def once(columns: Mapping[str, str | None]) -> list[str]:
    """The keys of groups to be named, {key: column}: two that are of one column say the same."""
    found: dict[str, str] = {}
    for key, column in columns.items():
        if column is not None:
            found.setdefault(column, key)
    return list(found.values())


def name_of(row: Mapping[str, Any], *keys: str) -> Note | None:
    """The groups a row stands for: "North, true"; None when the chart has no groups."""
    names = [Group(row[key], row[f"{key}_is"]).words() for key in keys if key in row]
    return note("{names}", names=names) if names else None


def to_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> pa.Table:
    """An Arrow table of the rows; a Group becomes its label and, beside it, its mark."""
    import pyarrow as pa

    arrays: dict[str, Any] = {}
    for key, kind in columns.items():
        if kind == "group":
            own = [row[key] for row in rows]  # None: the row stands for all groups of this key together
            arrays[key] = pa.array([None if one is None else one.label for one in own], pa.string())
            arrays[f"{key}_is"] = pa.array([None if one is None else one.mark for one in own], pa.string())
        else:
            arrays[key] = pa.array([row[key] for row in rows], pa.type_for_alias(kind))
    return pa.table(arrays)


def numbered(data: pa.Table) -> list[dict[str, Any]]:
    """The rows of a result as dictionaries, each with its number under "row": the figure's `customdata`."""
    rows: list[dict[str, Any]] = data.to_pylist()
    return [{**row, "row": i} for i, row in enumerate(rows)]


def within(data: pa.Table, key: str, column: str, row: int) -> Within:
    """What is true of the rows in one row's group: the value, none of those shown, or no value."""
    own = Group(data.column(key)[row].as_py(), data.column(f"{key}_is")[row].as_py())
    return among_groups(column, _known(data, key, column) if own.mark == "other" else (), {own})


def _known(data: pa.Table, key: str, column: str) -> list[Group]:
    """The groups that are shown of a column, and the values that are named beside them."""
    return [*groups(data, key), *map(Group, notes(data).get("named", {}).get(column, ()))]


def among_groups(column: str, everything: Collection[Group], chosen: Collection[Group]) -> Within:
    """What is true of the rows in these groups of one column.

    Groups without the rest are named; with it, what is left out is: nobody knows all of the rest.
    """
    missing = any(group.mark == "missing" for group in chosen)
    if any(group.mark == "other" for group in chosen):
        named = {group.label for group in everything if group.mark == "value"}
        left_out = named - {group.label for group in chosen if group.mark == "value"}
        return Within(column=column, values=tuple(sorted(left_out)), outside=True, missing=missing)
    values = tuple(sorted(group.label for group in chosen if group.mark == "value"))
    return Within(column=column, values=values or None, missing=missing)


def mark(data: pa.Table, row: int, columns: Mapping[str, str | None], *more: Within) -> Mark:
    """The rows behind one row of a result: its groups, {key: column}, and what else is true of them."""
    own = [within(data, key, column, row) for key, column in columns.items() if column is not None]
    return Mark(parts=(*own, *more))


def covered(groups: Sequence[Group], ends: Span | None) -> list[Group]:
    """The groups whose places on an axis, counted from 0, lie in a range of it."""
    if ends is None:
        return list(groups)
    low, high = sorted(float(end) for end in ends)
    return [group for i, group in enumerate(groups) if low <= i <= high]


def among(data: pa.Table, key: str, column: str, chosen: Sequence[Group]) -> Selection:
    """The rows of these groups of one column: none where there are none."""
    return (
        Selection.of(among_groups(column, _known(data, key, column), chosen))
        if chosen
        else Selection(exclude=True)
    )


def both(one: Selection, other: Selection) -> Selection:
    """The rows that two selections of one mark each, or of none, have in common."""
    if one.exclude or other.exclude:
        return Selection(exclude=True)
    return Selection.of(*(part for side in (one, other) for mark in side.marks for part in mark.parts))


def span(column: str, kind: ColumnType, ends: Span | None) -> tuple[Within, ...]:
    """What is true of rows whose value lies in a range of an axis: numbers, or dates as ISO text."""
    if ends is None:
        return ()
    low, high = sorted(from_text(kind, end) if isinstance(end, str) else float(end) for end in ends)
    return (Within(column=column, low=low, high=high, closed=True),)


def groups(data: pa.Table, key: str) -> list[Group]:
    """The groups of a result in the order in which they appear; one nameless group without the key."""
    if key not in data.column_names:
        return [Group("")]
    found = _remembered(data)
    if key not in found:
        pairs = zip(data.column(key).to_pylist(), data.column(f"{key}_is").to_pylist(), strict=True)
        found[key] = [Group(*pair) for pair in dict.fromkeys(pairs)]
    return list(found[key])


_GROUPS: dict[int, tuple[weakref.ref[pa.Table], dict[str, list[Group]]]] = {}


def _remembered(data: pa.Table) -> dict[str, list[Group]]:
    """What is known of the groups of a result for as long as it is there: each of its marks asks for them."""
    own = id(data)
    known = _GROUPS.get(own)
    if known is None or known[0]() is not data:
        known = _GROUPS[own] = weakref.ref(data, lambda _: _GROUPS.pop(own, None)), {}
    return known[1]


def named(found: Sequence[Mapping[str, Any]], keys: Mapping[str, str]) -> dict[str, list[str]]:
    """The values of each column, {key: column}, that are groups: one without a mark is not "other" either."""
    return {
        column: sorted({row[key].label for row in found if row[key].mark == "value"})
        for key, column in keys.items()
    }


def of(rows: Sequence[dict[str, Any]], **chosen: Group) -> list[dict[str, Any]]:
    """The rows of `data.to_pylist()` that belong to these groups."""
    return [
        row
        for row in rows
        if all(key not in row or Group(row[key], row[f"{key}_is"]) == want for key, want in chosen.items())
    ]


def extremes(table: Table, engine: Engine, column: str) -> tuple[str | None, str | None]:
    """The first and the last value of a column, as text; None where there is no value."""
    name = sql.name(column)
    asked = [exp.alias_(sql.template(f"CAST({how}(:x) AS VARCHAR)", x=name), how) for how in ("min", "max")]
    row = engine.rows(exp.select(*asked).from_(table.query.copy().subquery("t"))).to_pylist()[0]
    return row["min"], row["max"]


def selected_values(table: Table, column: str, values: Sequence[str]) -> Table:
    """The rows in which a column has one of these values, given as text."""
    return selected(table, Selection.of(Within(column=column, values=tuple(values))))
