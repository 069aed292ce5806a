"""The rows that a statement gave, as a table that charts and profiles can ask; nothing of it is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core import sql
from core.charts.bars import Bar
from core.charts.suggest import Suggestion, suggest
from core.contracts import Chart, Column, ColumnType, Engine, Schema, Table
from core.engine.outgoing import settled
from core.profile import ColumnProfile, Profile, profile
from core.queries.running import Query
from core.wording import note

if TYPE_CHECKING:
    import pyarrow as pa

LOOKED_AT = 12  # columns, for suggestions
FEW = 4  # columns: a result of so few is drawn as a whole


def columns(query: Query) -> Schema:
    """The columns of a result with the types that they would have in a table."""
    rows, answer = query.rows(), query.answer
    assert answer is not None
    kinds = zip(rows.column_names, rows.columns, answer.kinds, strict=True)
    return tuple(Column(name=name, type=_type(cells, kind)) for name, cells, kind in kinds)


def _type(cells: pa.ChunkedArray, kind: str) -> ColumnType:
    return settled(kind, fits=_whole(cells) is not None)


def _whole(cells: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Whole numbers of up to 38 digits in 64 bits; None where one does not fit."""
    import pyarrow as pa

    if not pa.types.is_decimal(cells.type):
        return cells
    try:
        return cells.cast(pa.int64())
    except pa.ArrowInvalid:
        return None


@contextmanager
def as_table(query: Query, scratch: Path, most: int | None = None) -> Iterator[Table]:
    """The rows of a result that are shown, as a table over a file that goes afterwards.

    `most`: so many of its columns, the first ones.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = columns(query)[:most]
    rows = query.rows().select([column.name for column in found])
    cells = []
    for one in rows.columns:
        whole = _whole(one)
        cells.append(one.cast(pa.float64()) if whole is None else whole)
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="result-", dir=scratch) as folder:
        place = Path(folder) / "rows.parquet"
        pq.write_table(pa.table(cells, names=rows.column_names), place)
        yield Table(sql.parquet(place, rows.column_names), found)


def drawn(query: Query, chart: Chart, scratch: Path, engine: Engine) -> pa.Table:
    """What a chart shows of the rows of a result."""
    with as_table(query, scratch) as table:
        return chart.data(table, engine)


def seen(query: Query, scratch: Path, engine: Engine) -> Profile:
    """The profile of a result's first columns, for suggestions."""
    with as_table(query, scratch, LOOKED_AT) as table:
        return profile(table, engine)


def suggested(found: Profile, limit: int = 5) -> list[Suggestion]:
    """Charts that suit a result; one row for each of some names or groups is drawn as bars."""
    labels = {one.name for one in found.columns if _label(one, found.rows)}
    names = [column.name for column in found.columns]
    ideas = list(_bars(found, labels))
    if len(names) <= FEW:
        ideas += _without(labels, suggest(names, found, limit=2 * limit))
    ideas += _without(labels, suggest((), found, limit=2 * limit))
    different = {repr(chart.to_json()): (chart, reason) for chart, reason in reversed(ideas)}
    return list(different.values())[::-1][:limit]


def _label(column: ColumnProfile, rows: int) -> bool:
    """Whether a column names the rows: a text that stands in one row only, as GROUP BY makes it."""
    return column.type == "text" and column.distinct == rows > 1


def _bars(found: Profile, labels: Collection[str]) -> Iterator[Suggestion]:
    """A bar for each row, of each of the first numbers."""
    names = [one.name for one in found.columns if one.name in labels]
    numbers = [one for one in found.columns if one.type in ("integer", "number") and one.meaning != "empty"]
    for y in numbers[:2] if names else ():
        yield (
            Bar(x=names[0], y=y.name, aggregation="sum", order="by value"),
            note("A number for each name: compare them."),
        )


def _without(labels: Collection[str], ideas: Sequence[Suggestion]) -> list[Suggestion]:
    """The charts that make no groups of what stands in one row only; none is coloured by it."""
    kept = []
    for chart, reason in ideas:
        values = chart.to_json()
        if values.get("colour") in labels:
            chart = Chart.from_json({**values, "colour": None})
            values = chart.to_json()
        if not {values.get("x"), values.get("y")} & set(labels):
            kept.append((chart, reason))
    return kept
