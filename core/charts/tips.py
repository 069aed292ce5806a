"""The tooltip shelf: further fields that the hover card, the keyboard's words and the chart's table tell.

A mark of many rows tells the mean of a number and the most frequent value of anything else, and says so;
a mark of one row tells the value itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import parts
from core.charts.drawing import Say, notes, shown
from core.charts.grouping import Cut, grouped, most_frequent
from core.charts.measuring import finite, kinds
from core.charts.words import number
from core.contracts import Engine, Table
from core.params import ColumnNames
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

MOST = 5
TEXTS = 20_000  # in all marks together: above, the picture would be slow to send
Tooltip = Annotated[tuple[str, ...], P(max_length=MOST), ColumnNames()]

_WORDS = {"mean": "Mean of {column}", "frequent": "Most frequent {column}", "value": "{column}"}


def field() -> Any:
    return P(
        default=(), title="Tooltip",
        description=f"Up to {MOST} further columns that each mark tells: numbers by their mean, others by "
        "their most frequent value.",
    )  # fmt: skip


def _numeric(table: Table, column: str) -> bool:
    return kinds(table)[column] in ("integer", "number")


def told(table: Table, tooltip: Sequence[str], *, single: bool = False) -> list[list[str]]:
    """How each column is told, for the notes of a result; `single`: each mark is one row."""
    return [
        [column, "value" if single else "mean" if _numeric(table, column) else "frequent"]
        for column in tooltip
    ]


def columns(table: Table, tooltip: Sequence[str], *, single: bool = False) -> dict[str, str]:
    """The columns of a result that hold them, with their types: see `parts.to_table`."""
    found: dict[str, str] = {}
    for i, column in enumerate(tooltip):
        found[f"tip{i}"] = "float64" if _numeric(table, column) else "string"
        if not single and not _numeric(table, column):
            found[f"tip{i}_values"] = "int64"
    return found


def own(table: Table, tooltip: Sequence[str]) -> dict[str, exp.Expr]:
    """The values themselves, of marks that are one row each."""
    return {
        f"tip{i}": finite(column, kinds(table)[column]) if _numeric(table, column)
        else sql.template("CAST(:x AS VARCHAR)", x=sql.name(column))
        for i, column in enumerate(tooltip)
    }  # fmt: skip


def add(
    rows: Sequence[dict[str, Any]], table: Table, engine: Engine, tooltip: Sequence[str],
    cut: Mapping[str, Cut], extra: Mapping[str, exp.Expr] | None = None, where: exp.Expr | None = None,
) -> None:  # fmt: skip
    """Tell each row of a grouped result what its rows have in these columns.

    `cut`, `extra` and `where` are those it was grouped by: a row has a Group, or a value, under each key.
    """
    keys = [*cut, *(extra or {})]
    for row in rows:
        row.update(dict.fromkeys(columns(table, tooltip)))
    places = {tuple(row[key] for key in keys): row for row in rows}
    for found in _asked(table, engine, tooltip, cut, extra or {}, where):
        for part in parts.records(found, cut):
            at = tuple(part.pop(key) for key in keys)
            if at in places:  # steps that are not drawn have no place
                places[at].update(part)


def _asked(
    table: Table, engine: Engine, tooltip: Sequence[str], cut: Mapping[str, Cut],
    extra: Mapping[str, exp.Expr], where: exp.Expr | None,
) -> Iterator[pa.Table]:  # fmt: skip
    means = {
        f"tip{i}": sql.template("avg(:x)", x=finite(column, kinds(table)[column]))
        for i, column in enumerate(tooltip)
        if _numeric(table, column)
    }
    if means:
        yield grouped(table, engine, cut, means, extra, where)
    for i, column in enumerate(tooltip):
        if not _numeric(table, column):
            yield most_frequent(table, engine, column, f"tip{i}", cut, extra, where)


def put(figure: go.Figure, data: pa.Table, say: Say) -> go.Figure:
    """Add what each mark tells to its hover card, in place; returns the figure."""
    import numpy as np

    asked = notes(data).get("tips")
    if not asked or _too_many(data):
        return figure
    lines = np.array(_lines(data, asked, say), object)
    for trace in figure.data:
        if trace.customdata is None or not len(trace.customdata):
            continue
        behind = np.asarray(trace.customdata)
        places = 2 if trace.type == "heatmap" else 1  # the axes of the grid, or of the list of marks
        numbers = (behind if behind.ndim == places else behind[..., 0]).astype(int)
        texts = np.where(numbers >= 0, lines[numbers], "")
        before = trace.hovertext if trace.hovertext is not None else getattr(trace, "text", None)
        if before is not None:
            joint = np.where(texts == "", "", "<br>")
            texts = np.asarray(before, object) + joint + texts
        if trace.hovertemplate:
            trace.hovertemplate = trace.hovertemplate.replace("<extra>", "<br>%{text}<extra>")
        trace.hovertext = texts.tolist()
    return figure


def _too_many(data: pa.Table) -> bool:
    return bool(data.num_rows * len(notes(data).get("tips") or ()) > TEXTS)


def _lines(data: pa.Table, asked: Sequence[Sequence[str]], say: Say) -> list[str]:
    """What each row of the result tells, in lines."""

    @cache
    def frequent(value: str, values: int) -> str:
        return say(note("{value}, the most frequent of {count:,} values", value=value, count=values))

    found: list[list[str]] = [[] for _ in range(data.num_rows)]
    for i, (column, how) in enumerate(asked):
        several = shown(say(note(_WORDS[how], column=column)), 24 if how == "value" else 40)
        cells = data.column(f"tip{i}").to_pylist()
        named = f"tip{i}_values" in data.column_names
        counts = data.column(f"tip{i}_values").to_pylist() if named else [None] * len(cells)
        plain = shown(column, 24)
        for line, cell, values in zip(found, cells, counts, strict=True):
            if cell is None or isinstance(cell, float):
                line.append(f"{several if cell is not None else plain}: {number(cell)}")
            else:
                text = shown(cell, 28)
                line.append(f"{plain}: {frequent(text, values) if values and values > 1 else text}")
    return ["<br>".join(line) for line in found]


def describe(data: pa.Table) -> Note | None:
    """What the marks tell beside what is drawn."""
    asked = notes(data).get("tips")
    if not asked:
        return None
    names = [note(_WORDS[how], column=column) for column, how in asked]
    if _too_many(data):
        return note("There are too many marks to tell this of each; the table does: {names}.", names=names)
    return note("Each mark also tells: {names}.", names=names)


def title(data: pa.Table, key: str) -> Note | None:
    """What a column of a result that holds a field of the tooltip is called; None for all others."""
    place = key.removeprefix("tip").removesuffix("_values")
    asked = notes(data).get("tips") or ()
    if not key.startswith("tip") or not place.isdecimal() or int(place) >= len(asked):
        return None
    column, how = asked[int(place)]
    return note("Different values of {column}" if key.endswith("_values") else _WORDS[how], column=column)
