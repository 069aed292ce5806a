"""Statements in their locked process, beside the same in an open DuckDB: what the walls cost."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from bench.profile import generated
from core.engine.sandbox import Sandbox
from core.engine.stored_tables import Stored

ROWS = 5_000_000
GROUPED = (
    "SELECT region, month(day) AS month, count(*) AS n, sum(price) AS total, avg(score) AS mean "
    "FROM {table} WHERE quantity > 10 GROUP BY ALL ORDER BY ALL"
)
SMALL = "SELECT region, price FROM {table} WHERE id < 100"
LISTED = "SELECT * FROM {table} LIMIT 10000"


def wall(work: Callable[[], Any], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def rows(engine: Any, query: str) -> Any:
    return engine.cursor().sql(query).to_arrow_table()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = generated(Path(folder) / "long.parquet", ROWS)
        tables = {"t": Stored(str(place), pq.read_schema(place).names)}
        begun = time.perf_counter()
        sandbox = Sandbox(Path(folder) / "home")
        sandbox.run("a", tables, "SELECT 1")
        print(f"the first statement of a server: {time.perf_counter() - begun:.2f} s")

        def cold() -> None:
            sandbox._end("a")
            sandbox.run("a", tables, "SELECT 1")

        print(f"the first statement of an owner: {wall(cold, 5) * 1000:.0f} ms")
        warm = wall(partial(sandbox.run, "a", tables, "SELECT 1"), 200)
        print(f"SELECT 1 in a warm process: {warm * 1000:.1f} ms")
        open_engine = duckdb.connect()
        print(f"{ROWS:,} rows x 9 columns, medians")
        for name, text in (
            ("100 rows by a filter", SMALL),
            ("10,000 rows to the page", LISTED),
            ("grouped", GROUPED),
        ):
            ours = wall(partial(sandbox.run, "a", tables, text.format(table="t")), 7)
            query = text.format(table=f"read_parquet('{place}')")
            bare = wall(partial(rows, open_engine, query), 7)
            print(f"{name:28} {ours * 1000:7.1f} ms  bare {bare * 1000:7.1f} ms  {ours / bare:5.2f}x")
        sandbox.close()


if __name__ == "__main__":
    main()
