"""Two tables compared in all respects, in the order in which a person asks: columns, values, rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.compare.column import ColumnDrift
from core.compare.drift import drift
from core.compare.rows import RowChanges, changes, comparable, likely_key
from core.compare.schema import SchemaChanges, schema_changes
from core.contracts import Engine, Silent, Table, Watch
from core.params import Frozen
from core.watching import Part


class Comparison(Frozen):
    """What differs between two tables; `rows` is None where they have no column in common."""

    shape: SchemaChanges
    columns: tuple[ColumnDrift, ...]
    rows: RowChanges | None


def compare(
    a: Table,
    b: Table,
    place: Path,
    engine: Engine,
    *,
    key: Sequence[str] | None = None,
    watch: Watch | None = None,
) -> Comparison:
    """Compare two tables; the list of different rows is written as Parquet at `place`.

    `key` names the columns that tell rows apart; an empty one compares whole rows; None proposes one.
    """
    watch = watch or Silent()
    watch.progress(0.0, "Comparing columns")
    shape = schema_changes(a, b, engine)
    watch.progress(0.05, "Comparing distributions")
    columns = drift(a, b, engine, Part(watch, 0.05, 0.6))
    rows = None
    if comparable(a, b):
        watch.progress(0.6, "Looking for a key")
        chosen = likely_key(a, b, engine) if key is None else tuple(key)
        watch.progress(0.7, "Comparing rows")
        rows = changes(a, b, chosen, place, engine, watch=Part(watch, 0.7, 1.0))
    watch.progress(1.0, "Comparing rows")
    return Comparison(shape=shape, columns=columns, rows=rows)
