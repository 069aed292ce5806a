"""From rows of Python values to a stored table: what JSON files and workbooks share."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from core import sql
from core.contracts import Column, Watch
from core.sources import names as naming
from core.sources import typed
from core.sources.changed import too_fine
from core.sources.confined import connect
from core.sources.forms import known
from core.sources.rows import Met, batches
from core.sources.running import copied
from core.sources.scratch import scratch_beside
from core.wording import Note, note

Rows = Callable[[], Iterator[Sequence[Any]]]


def store(
    raw_names: Sequence[str], met: Sequence[Met], rows: Rows, place: Path, watch: Watch
) -> tuple[int, tuple[Column, ...], list[Note]]:
    """Write rows whose values were all met before; returns how many, the columns, and notes.

    Columns of text whose every value is a date or a time in ISO 8601 get that type.
    """
    import pyarrow.parquet as pq

    mended, notes = naming.mend(raw_names)
    types = [column.type() for column in met]
    with scratch_beside(place) as scratch, closing(connect(scratch)) as connection:
        copy = scratch / "rows.parquet"
        found = batches(rows(), types, watch)
        first = next(found)
        with pq.ParquetWriter(copy, first.schema) as writer:
            for batch in itertools.chain([first], found):
                writer.write_batch(batch)
        relation = f"read_parquet({sql.literal(str(copy)).sql(dialect='duckdb')})"
        ways = [form for form in known() if form.name in ("date", "datetime", "datetime with zone")]
        texts = {i: ways for i, column in enumerate(met) if column.kinds - {"null"} == {"text"}}
        use = {i: fits[0] for i, fits in typed.settled(connection, relation, texts).items() if fits}
        columns = tuple(
            Column(name=name, type=use[i].type if i in use else types[i]) for i, name in enumerate(mended)
        )
        notes += [
            note("{names}: times with a zone were brought to UTC", names=mended[i])
            for i, form in use.items()
            if form.name == "datetime with zone"
        ]
        for name, column in zip(mended, met, strict=True):
            notes += column.notes(name)
        notes += _rounded(
            connection, relation, {mended[i]: f"c{i}" for i, f in use.items() if f.type == "datetime"}
        )
        listed = ", ".join(
            f"{use[i].cast(f'c{i}') if i in use else f'c{i}'} AS {sql.name(c.name).sql(dialect='duckdb')}"
            for i, c in enumerate(columns)
        )
        query = f"SELECT {listed} FROM {relation}"
        return copied(connection, query, scratch, place, len(columns), watch, reading=copy), columns, notes


def _rounded(connection: Any, relation: str, columns: Mapping[str, str]) -> list[Note]:
    """How many times of day had more decimals than a stored one keeps; `columns` are names and texts."""
    if not columns:
        return []
    finer = ", ".join(
        f"count(*) FILTER (regexp_matches({cell}, '[.][0-9]{{6}}[0-9]*[1-9]'))" for cell in columns.values()
    )
    with closing(connection.cursor()) as cursor:
        counts = cursor.execute(f"SELECT {finer} FROM {relation}").fetchone()
    return [too_fine(name, count) for name, count in zip(columns, counts, strict=True) if count]
