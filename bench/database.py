"""A table of PostgreSQL (1M rows x 8 columns) to a stored table, beside bare ADBC to Parquet, and pandas.

    python -m bench.database [rows]

A server of its own is started on this machine. All run in this process, in turn, over the same connection
settings, and write Parquet compressed with snappy; each ratio is the median of the rounds' ratios.
Target: 1.5 times the bare ADBC time. The memory of an import is measured in a process of its own, for one
and for four times the rows: it should not grow with them.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
from pydantic import SecretStr

from core.contracts import Silent
from core.sources.database import Here, PostgreSql, Reading
from core.sources.database.postgres import _written
from tests.databases import servers

ROUNDS = 5
KINDS = {"no exact decimals": "plain", "with one column of exact decimals": "exact"}
_PRICE = {"plain": "double precision", "exact": "numeric(12,2)"}
_COLUMNS = (
    "i AS id, (i * 7919 % 100000)::int AS customer, (i % 9973 * 1.01)::{price} AS price, sqrt(i) AS weight,"
    " (ARRAY['North', 'South', 'East', 'West'])[1 + i % 4] AS region, md5(i::text) AS note,"
    " timestamptz '2024-01-01' + i * interval '1 second' AS moment, i % 3 = 0 AS paid"
)


def database(running: servers.Running) -> PostgreSql:
    settings = {name: value for name, value in running.settings().items() if name != "kind"}
    return PostgreSql(**settings)


def ours(found: PostgreSql, table: str, folder: Path) -> int:
    with found.connect(SecretStr(servers.PASSWORD), Here(folder)) as session:
        return session.read(Reading(table=table), folder / "ours.parquet", Silent()).rows


def bare(found: PostgreSql, table: str, folder: Path) -> int:
    from adbc_driver_postgresql import dbapi

    options = _written(found._options(found.addresses(), SecretStr(servers.PASSWORD), Here(folder)))
    with dbapi.connect(options) as link, link.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        reader = cursor.fetch_record_batch()
        rows = 0
        with pq.ParquetWriter(folder / "bare.parquet", reader.schema, compression="snappy") as writer:
            for batch in reader:
                writer.write_batch(batch)
                rows += batch.num_rows
    return rows


def pandas(found: PostgreSql, table: str, folder: Path) -> int:
    import pandas as pd
    import sqlalchemy as sa

    url = sa.URL.create(
        "postgresql+psycopg", found.user, servers.PASSWORD, found.host, found.port, found.database
    )
    frame = pd.read_sql_query(sa.text(f"SELECT * FROM {table}"), sa.create_engine(url))
    frame.to_parquet(folder / "pandas.parquet")
    return len(frame)


def timed(work: Callable[[], int]) -> tuple[float, float]:
    begun, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun, time.process_time() - busy


def compare(found: PostgreSql, table: str, folder: Path) -> None:
    ways: dict[str, Callable[[PostgreSql, str, Path], int]] = {"ours": ours, "bare ADBC": bare}
    for way in ways.values():
        way(found, table, folder)  # once for the caches
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            taken[name].append(timed(lambda way=way: way(found, table, folder)))  # type: ignore[misc]
    slow = timed(lambda: pandas(found, table, folder))
    walls = [a[0] / b[0] for a, b in zip(taken["ours"], taken["bare ADBC"], strict=True)]
    busy = [a[1] / b[1] for a, b in zip(taken["ours"], taken["bare ADBC"], strict=True)]
    best = {name: min(each[0] for each in times) for name, times in taken.items()}
    print(
        f"ours {best['ours']:.2f} s, bare ADBC {best['bare ADBC']:.2f} s:"
        f" wall x {statistics.median(walls):.2f}"
        f" ({min(walls):.2f} to {max(walls):.2f}), processor x {statistics.median(busy):.2f}"
        f" ({min(busy):.2f} to {max(busy):.2f}); target 1.5"
    )
    print(f"psycopg and pandas {slow[0]:.2f} s: {slow[0] / best['ours']:.1f} times as long as ours")


def memory(running: servers.Running, table: str) -> float:
    """The most megabytes that a process which imports the table has resident."""
    code = (
        "import sys, tempfile; from pathlib import Path; from bench import database as b;"
        "p = b.PostgreSql.model_validate_json(sys.argv[1]);"
        "b.ours(p, sys.argv[2], Path(tempfile.mkdtemp())); print(b.peak())"
    )
    settings = database(running).model_dump_json()
    done = subprocess.run(
        [sys.executable, "-c", code, settings, table],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path.cwd(),
    )
    return float(done.stdout)


def peak() -> float:
    # getrusage would tell what the process that forked this one had
    line = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    return int(line.split()[1]) / 1024


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 1_000_000
    os.environ["SIGHTLINE_DB_HOSTS"] = "localhost 127.0.0.1 ::1"
    if servers.found_postgres() is None:
        print("no PostgreSQL server is installed here")
        return
    with servers.postgres() as running, tempfile.TemporaryDirectory() as folder:
        for said, table in KINDS.items():
            columns = _COLUMNS.format(price=_PRICE[table])
            running.run(
                f"CREATE TABLE {table} AS SELECT {columns} FROM generate_series(1::bigint, {rows}) i",
                "ANALYZE",
            )
            print(f"{rows:,} rows x 8 columns, {said}:")
            compare(database(running), table, Path(folder))
        running.run(*[f"INSERT INTO plain SELECT * FROM exact WHERE id <= {rows}"] * 3)
        print(
            f"most memory: {memory(running, 'exact'):.0f} MB for {rows:,} rows,"
            f" {memory(running, 'plain'):.0f} MB for {4 * rows:,}"
        )


if __name__ == "__main__":
    main()
