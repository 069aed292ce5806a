"""CSV (1M rows x 20 mixed columns) to a stored table, beside DuckDB's own read_csv to Parquet.

    python -m bench.read_csv [rows]

Both run in this process, in turn, on the same file, and both write Parquet compressed with snappy,
which is DuckDB's default; each ratio is the median of the rounds' ratios. Target: 1.5, and 2.5 for the
same file with ten rows to refuse.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from core.contracts import Silent
from core.sources import detect

RUNS = 5
BAD = 10  # rows to refuse
_WORDS = "alpha beta gamma delta epsilon north south east west central retail online partner direct referral"


def made(rows: int, place: Path, seed: int = 0) -> None:
    """Twenty mixed columns: integers, numbers, categories, ids, a switch, dates, times, texts, gaps."""
    random = np.random.default_rng(seed)
    words = np.array(_WORDS.split())
    columns: dict[str, object] = {}
    for i in range(4):
        columns[f"int_{i}"] = random.integers(0, 10 ** (2 * i + 2), rows)
    for i in range(5):
        columns[f"num_{i}"] = np.round(random.normal(0, 10**i, rows), 3)
    for i in range(4):
        columns[f"cat_{i}"] = words[random.integers(0, len(words), rows)]
    columns["id"] = [f"{v:08d}" for v in random.integers(0, 10**7, rows)]
    columns["flag"] = random.random(rows) < 0.5
    columns["day"] = np.datetime64("2020-01-01") + random.integers(0, 2000, rows)
    columns["at"] = np.datetime64("2020-01-01T00:00:00") + random.integers(0, 10**8, rows)
    columns["name"] = [f"Customer {v}, Ltd" for v in random.integers(0, 10**6, rows)]
    columns["code"] = [f"SKU-{v}" for v in random.integers(0, 10**4, rows)]
    gaps = random.random(rows) < 0.1
    columns["rate"] = pa.array(np.round(random.random(rows), 4), mask=gaps)
    pc.write_csv(pa.table(columns), place, pc.WriteOptions(quoting_style="needed"))


Seconds = tuple[float, float]  # by the clock, and of the processor


def now() -> Seconds:
    return time.perf_counter(), time.process_time()


def since(begun: Seconds) -> Seconds:
    clock, processor = now()
    return clock - begun[0], processor - begun[1]


def own(source: Path, place: Path) -> Seconds:
    """What DuckDB takes by itself."""
    begun = now()
    with duckdb.connect() as connection:
        connection.execute(f"COPY (FROM read_csv('{source}')) TO '{place}' (FORMAT parquet)")
    return since(begun)


def ours(source: Path, place: Path, refused: Path, expected: int = 0) -> Seconds:
    """What it takes from a file to a stored table, detection included."""
    begun = now()
    account = detect(source, source.name).read(source, place, refused, Silent())
    seconds = since(begun)
    assert account.refused == expected, account
    return seconds


def spoilt(source: Path, place: Path, count: int, seed: int = 0) -> None:
    """The same file with `count` ragged rows among the others."""
    data = source.read_bytes()
    places = sorted(np.random.default_rng(seed).integers(0, len(data) - 1_000, count).tolist())
    begun = 0
    with place.open("wb") as file:
        for somewhere in places:
            line = data.index(b"\n", somewhere) + 1
            file.write(data[begun:line] + b"1,2,3\n")
            begun = line
        file.write(data[begun:])


def main(rows: int = 1_000_000) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        source, messy = place / "mixed.csv", place / "messy.csv"
        made(rows, source)
        spoilt(source, messy, BAD)
        table, refused = place / "ours.parquet", place / "refused.csv"
        times: dict[str, list[Seconds]] = {}
        for _ in range(RUNS):  # in turn, so that what else runs on the machine disturbs all alike
            times.setdefault("DuckDB read_csv -> Parquet", []).append(own(source, place / "own.parquet"))
            times.setdefault("Sightline file -> table", []).append(ours(source, table, refused))
            times.setdefault(f"with {BAD} rows to refuse", []).append(ours(messy, table, refused, BAD))
        print(f"{rows:,} rows x 20 columns, {source.stat().st_size / 1e6:,.0f} MB, medians of {RUNS}")
        print("by the clock, and in processor seconds, which other work on the machine disturbs less")
        base = next(iter(times.values()))
        for title, runs in times.items():
            told = ""
            for i in (0, 1):
                seconds = statistics.median(run[i] for run in runs)
                ratio = statistics.median(run[i] / by[i] for run, by in zip(runs, base, strict=True))
                told += f"   {seconds:6.2f} s  ratio {ratio:.2f}"
            print(f"{title:28s}{told}")
        print(f"target: ratio 1.5, and 2.5 with {BAD} rows to refuse")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
