"""The parameters that several charts share, and the reading of their results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field as P

from core.charts.grouping import COLOURS, FACETS, Cut, Group, cut, group, in_order
from core.charts.words import sentences
from core.contracts import Engine, Table
from core.params import ColumnName
from core.wording import Note, note

if TYPE_CHECKING:
    import pyarrow as pa

OptionalColumn = Annotated[str | None, ColumnName()]


def colour_field() -> Any:
    return P(
        default=None, title="Colour",
        description=f"Draw its {COLOURS} most frequent values apart, and the rest together.",
    )  # fmt: skip


def facet_field() -> Any:
    return P(
        default=None, title="Panels",
        description=f"A panel for each of its {FACETS} most frequent values, and one for the rest.",
    )  # fmt: skip


def top_field(default: int = 20) -> Any:
    return P(
        default=default, ge=2, le=50, title="Most categories",
        description="How many of the most frequent values to show; the rest becomes one group, other.",
    )  # fmt: skip


def aggregation_field() -> Any:
    return P(
        default="count", title="Measure",
        description="What to show of each group: its rows, or a number of the value column.",
    )  # fmt: skip


def cuts(table: Table, engine: Engine, columns: Mapping[str, tuple[str | None, int]]) -> dict[str, Cut]:
    """Cut each chosen column: {key: (column, values to keep)}."""
    return {
        key: cut(table, engine, column, top) for key, (column, top) in columns.items() if column is not None
    }


def records(data: pa.Table, keys: Mapping[str, Cut]) -> list[dict[str, Any]]:
    """The rows of `grouped` as dictionaries, with a `Group` under each key."""
    rows: list[dict[str, Any]] = data.to_pylist()
    for row in rows:
        for key, how in keys.items():
            row[key] = group(row[key], row.pop(f"{key}_is"), how.others)
    return rows


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
            arrays[key] = pa.array([row[key].label for row in rows], pa.string())
            arrays[f"{key}_is"] = pa.array([row[key].mark for row in rows], pa.string())
        else:
            arrays[key] = pa.array([row[key] for row in rows], pa.type_for_alias(kind))
    return pa.table(arrays)


def groups(data: pa.Table, key: str) -> list[Group]:
    """The groups of a result in the order in which they appear; one nameless group without the key."""
    if key not in data.column_names:
        return [Group("")]
    pairs = zip(data.column(key).to_pylist(), data.column(f"{key}_is").to_pylist(), strict=True)
    return list(dict.fromkeys(Group(label, mark) for label, mark in pairs))


def of(rows: Sequence[dict[str, Any]], **chosen: Group) -> list[dict[str, Any]]:
    """The rows of `data.to_pylist()` that belong to these groups."""
    return [
        row
        for row in rows
        if all(key not in row or Group(row[key], row[f"{key}_is"]) == want for key, want in chosen.items())
    ]
