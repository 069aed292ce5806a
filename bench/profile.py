"""Profiling 10,000,000 rows beside a bare query for the same basic numbers; and 2,000 columns."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from core.contracts import Table
from core.engine.duckdb import DuckEngine, stored
from core.features import propose
from core.profile import profile

ROWS = 10_000_000
_COLUMNS = """
    range AS id,
    round(exp(4.6 + 0.5 * {normal_1}), 2) AS price,
    CASE WHEN hash(range + 1) % 50 = 0 THEN NULL ELSE {normal_2} END AS score,
    CAST(hash(range + 4) % 100 AS BIGINT) AS quantity,
    ['North', 'South', 'East', 'West', 'Centre'][1 + CAST(hash(range + 5) % 5 AS INTEGER)] AS region,
    'customer ' || (hash(range + 6) % 500000) AS customer,
    hash(range + 8) % 3 = 0 AS member,
    DATE '2015-01-01' + CAST(hash(range + 9) % 3650 AS INTEGER) AS day,
    TIMESTAMP '2020-01-01' + to_seconds(CAST(hash(range + 10) % 100000000 AS BIGINT)) AS moment
"""


def _normal(seed: int) -> str:
    """Box and Muller's normal numbers from two hashes: the same on every machine."""
    first, second = (f"((hash(range * 31 + {seed + i}) % 1000003 + 1) / 1000004.0)" for i in (11, 12))
    return f"(sqrt(-2 * ln({first})) * cos(2 * pi() * {second}))"


def generated(place: Path, rows: int = ROWS, more: str = "") -> Path:
    """A Parquet file of nine columns: numbers, categories, names, dates; `more` adds expressions."""
    columns = _COLUMNS.format(normal_1=_normal(1), normal_2=_normal(101)) + more
    duckdb.connect().execute(
        f"COPY (SELECT {columns} FROM range({rows})) TO '{place}' (FORMAT parquet, COMPRESSION zstd)"
    )
    return place


def wide(place: Path, columns: int = 2_000, rows: int = 1_000) -> Path:
    """A Parquet file of very many columns."""
    kinds = (
        "(hash(range + {i}) % 1000) / 7.0", "hash(range + {i}) % 50",
        "['a', 'b', 'c', 'd'][1 + CAST(hash(range + {i}) % 4 AS INTEGER)]",
        "DATE '2020-01-01' + CAST(hash(range + {i}) % 1000 AS INTEGER)",
    )  # fmt: skip
    chosen = ", ".join(kinds[i % 4].format(i=i) + f" AS c{i}" for i in range(columns))
    duckdb.connect().execute(f"COPY (SELECT {chosen} FROM range({rows})) TO '{place}' (FORMAT parquet)")
    return place


def bare(place: Path, *, quartiles: bool) -> None:
    """The basic numbers as one query in DuckDB itself, without anything around it."""
    names = ["id", "price", "score", "quantity", "region", "customer", "member", "day", "moment"]
    asked = [f"count({n}), approx_count_distinct({n}), min({n}), max({n})" for n in names]
    asked += [f"avg({n}), stddev_samp({n})" for n in names[:4]]
    if quartiles:
        asked += [f"quantile_cont({n}, [0.25, 0.5, 0.75])" for n in names[:4]]
    duckdb.connect().execute(f"SELECT {', '.join(asked)} FROM read_parquet('{place}')").fetchall()


def cpu_and_peak(work: Callable[[], Any]) -> tuple[float, float, float]:
    """CPU-seconds, wall seconds and the growth of this process in MB at its peak."""
    before, peak, over = resident(), [0.0], threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            peak[0] = max(peak[0], resident())

    watcher = threading.Thread(target=look)
    watcher.start()
    started, times = time.perf_counter(), os.times()
    try:
        work()
    finally:  # a watcher that goes on would keep a failed measurement from ending
        ended = os.times()
        over.set()
        watcher.join()
    cpu = ended.user + ended.system - times.user - times.system
    return cpu, time.perf_counter() - started, max(0.0, peak[0] - before)


def resident() -> float:
    """Memory of this process in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def opened(place: Path, engine: DuckEngine) -> Table:
    query = stored(place)
    return Table(query, engine.schema(query))


def best(runs: dict[str, Callable[[], Any]], rounds: int = 3) -> dict[str, tuple[float, float, float]]:
    """Of several rounds in turn the least CPU seconds and wall seconds, and the most memory, of each."""
    taken: dict[str, list[tuple[float, float, float]]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            taken[name].append(cpu_and_peak(run))
    return {
        name: (min(cpu for cpu, _, _ in all_), min(wall for _, wall, _ in all_), max(mb for *_, mb in all_))
        for name, all_ in taken.items()
    }


def main() -> None:
    engine = DuckEngine()
    with tempfile.TemporaryDirectory() as folder:
        place = generated(Path(folder) / "long.parquet")
        table = opened(place, engine)
        results = best({
            "our profile": lambda: profile(table, engine),
            "bare: count, distinct, range, mean, sd": lambda: bare(place, quartiles=False),
            "bare, with exact quartiles": lambda: bare(place, quartiles=True),
        })  # fmt: skip
        ours = results["our profile"][0]
        print(f"{ROWS:,} rows x {len(table.columns)} columns, the best of three rounds")
        for name, (cpu, wall, grown) in results.items():
            print(f"{name:40} {cpu:6.2f} cpu-s  {wall:6.2f} s  +{grown:4.0f} MB  ours is {ours / cpu:.2f}x")
        many = opened(wide(Path(folder) / "wide.parquet"), engine)
        print("1,000 rows x 2,000 columns")
        for name, run in {
            "our profile": lambda: profile(many, engine),
            "features proposed for a number": lambda: propose(many, engine, "c0"),
            "features proposed for a category": lambda: propose(many, engine, "c2"),
        }.items():
            cpu, wall, grown = cpu_and_peak(run)
            print(f"{name:40} {cpu:6.2f} cpu-s  {wall:6.2f} s  +{grown:4.0f} MB")


if __name__ == "__main__":
    main()
