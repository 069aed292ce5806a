"""Two tables of ten million rows compared, beside a hand-written DuckDB query and pandas.

    python -m bench compare [ROWS]

The query does less than the comparison: it joins on a key that it takes for unique, and counts rows
added, removed and changed. pandas merges the same two tables, in memory.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from core import compare
from core.contracts import Table
from core.engine.duckdb import DuckEngine, stored

ROWS = 10_000_000
CELLS = "price, quantity, region, customer, day, paid, score"
_MADE = """
    SELECT i AS id, (hash(i) % 1000) / 10.0 + CASE WHEN i % 50 = 0 THEN {shift} ELSE 0 END AS price,
        (hash(i + 7) % 20)::BIGINT AS quantity, 'region ' || (hash(i + 1) % 12) AS region,
        'customer ' || (hash(i + 2) % 200000) AS customer,
        DATE '2024-01-01' + (hash(i + 3) % 300)::INT AS day, hash(i + 4) % 2 = 0 AS paid,
        sqrt(hash(i + 5) % 100000) AS score
    FROM range({start}, {start} + {rows}) t(i)"""
_JOINED = """
    SELECT count(*) FILTER (WHERE a.id IS NULL), count(*) FILTER (WHERE b.id IS NULL),
        count(*) FILTER (WHERE a.h <> b.h)
    FROM (SELECT id, hash({cells}) AS h FROM '{a}') a FULL JOIN (SELECT id, hash({cells}) AS h FROM '{b}') b
    USING (id)"""


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds on the clock, seconds of processor, result."""
    clock, busy = time.perf_counter(), time.process_time()
    found = work()
    return time.perf_counter() - clock, time.process_time() - busy, found


def main(rows: int = ROWS) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for side, start, shift in (("a", 0, 0), ("b", rows // 100, 5)):
            made = _MADE.format(start=start, rows=rows, shift=shift)
            duckdb.sql(f"COPY ({made}) TO '{folder / side}.parquet' (FORMAT parquet, COMPRESSION zstd)")
        _measured(folder, rows)


def _measured(folder: Path, rows: int) -> None:
    engine = DuckEngine(scratch=folder / "spill")
    a, b = (Table(q, engine.schema(q)) for q in (stored(folder / f"{side}.parquet") for side in "ab"))
    parts = {
        "distributions and drift of 8 columns": lambda: compare.drift(a, b, engine),
        "a key looked for": lambda: compare.likely_key(a, b, engine),
        "rows added, removed, changed, cells by column": lambda: compare.changes(
            a, b, ("id",), folder / "d.parquet", engine
        ),
    }
    query = _JOINED.format(cells=CELLS, a=folder / "a.parquet", b=folder / "b.parquet")
    bare, bare_busy, counts = timed(lambda: duckdb.sql(query).fetchall()[0])
    print(f"{rows:,} rows x 8 columns on each side")
    print(f"  hand-written query, counts alone: {bare:.1f} s ({bare_busy:.1f} s of processor)")
    for what, work in parts.items():
        clock, busy, found = timed(work)
        print(f"  {what}: {clock:.1f} s ({busy:.1f} s of processor), {busy / bare_busy:.1f} x the query")
    assert counts == (found.added, found.removed, found.changed)
    small = min(rows, 1_000_000)
    clock, busy, _ = timed(lambda: _pandas(folder, small))
    print(f"  pandas, of {small:,} rows: {clock:.1f} s, {busy / bare_busy * rows / small:.1f} x for all rows")


def _pandas(folder: Path, rows: int) -> tuple[int, int, int]:
    import pandas as pd

    was, now = (duckdb.sql(f"SELECT * FROM '{folder / side}.parquet' LIMIT {rows}").df() for side in "ab")
    met = was.merge(now, on="id", how="outer", suffixes=("_was", "_now"), indicator=True)
    both = met[met["_merge"] == "both"]
    differs = pd.Series(False, index=both.index)
    for cell in CELLS.split(", "):
        differs |= both[f"{cell}_was"] != both[f"{cell}_now"]
    added, removed = ((met["_merge"] == side).sum() for side in ("right_only", "left_only"))
    return int(added), int(removed), int(differs.sum())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
