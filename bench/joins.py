"""Joins of 10,000,000 rows with 1,000,000, beside the hand-written DuckDB query; what is said before them.

    python -m bench.joins

The rows are a customer's number (a fifth finds no partner), a day, an amount and a text; the other table's
numbers are unique and in no order. Both sides read Parquet and write Parquet with the same settings, in
the order of the first table; the hand-written query without an order is there to show what order costs.
"""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.contracts import Column, Table
from core.engine.duckdb import DuckEngine, stored
from core.joins import likely, match, segments
from core.recipe import Recipe, RecipeStep
from core.steps.join import Join
from core.steps.nearest import JoinAsOf
from core.steps.pairing import Pair
from core.steps.similar import JoinFuzzy

LEFT, RIGHT = 10_000_000, 1_000_000
COPY = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"
BY_HAND = {
    "left": "SELECT l.*, r.name, r.since FROM l LEFT JOIN r ON l.customer = r.id",
    "inner": "SELECT l.*, r.name, r.since FROM l JOIN r ON l.customer = r.id",
    "anti": "SELECT l.* FROM l ANTI JOIN r ON l.customer = r.id",
}
AS_OF = "SELECT l.*, r.id, r.name FROM l ASOF LEFT JOIN r ON l.day >= r.since"


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    """Processor seconds and seconds."""
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def tables(folder: Path) -> tuple[Path, Path]:
    """The two tables as Parquet files."""
    chance = np.random.default_rng(1)
    left, right = folder / "left.parquet", folder / "right.parquet"
    days = np.datetime64("2024-01-01") + chance.integers(0, 700, LEFT).astype("timedelta64[D]")
    pq.write_table(
        pa.table(
            {
                "customer": chance.integers(0, RIGHT * 5 // 4, LEFT),
                "day": pa.array(days, pa.date32()),
                "amount": chance.normal(50, 20, LEFT).round(2),
                "shop": pa.array(np.array(["North", "South", "East", "West"])[chance.integers(0, 4, LEFT)]),
            }
        ),
        left,
    )
    ids = chance.permutation(RIGHT)
    since = np.datetime64("2020-01-01") + chance.integers(0, 2000, RIGHT).astype("timedelta64[D]")
    names = pa.array([f"customer {number}" for number in ids])
    pq.write_table(pa.table({"id": ids, "name": names, "since": pa.array(since, pa.date32())}), right)
    return left, right


def main() -> None:
    engine = DuckEngine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        left, right = tables(folder)
        query, other = stored(left), stored(right)
        there = Table(other, engine.schema(other))
        table = Table(query, engine.schema(query), {"vn_r": there})
        print(f"{LEFT:,} rows x 4 with {RIGHT:,} x 3; processor seconds, seconds, ratio of seconds")
        keys = (Pair(column="customer", other="id"),)
        for kind, by_hand in BY_HAND.items():
            _beside(kind, Join(table="vn_r", keys=keys, kind_of=kind), by_hand, table, engine, folder)  # type: ignore[arg-type]
        step = JoinAsOf(table="vn_r", column="day", other="since", keep=("id", "name"))
        _beside("as of", step, AS_OF, table, engine, folder)
        for title, ask in (
            ("likely keys", lambda: likely(table, there, engine)),
            ("match rates, fan-out, lost keys", lambda: match(table, there, keys, engine)),
            ("match rates by shop", lambda: segments(table, there, keys, "shop", engine)),
        ):
            cpu, wall = timed(ask)
            print(f"{title:34} {cpu:7.2f} cpu-s {wall:7.2f} s")
        _similar(engine, folder)


def _beside(title: str, step: Any, by_hand: str, table: Table, engine: DuckEngine, folder: Path) -> None:
    """One step through a recipe, and the same by hand with and without the order of rows; best of two."""
    import duckdb

    recipe = Recipe(steps=(RecipeStep(step=step),))
    place = str(folder / "out.parquet")

    def ours() -> None:
        engine.write(recipe.learn(table, engine).apply(table, engine).query, Path(place))

    def bare(order: str) -> None:
        with duckdb.connect() as connection:
            for side, file in (("l", "left"), ("r", "right")):
                source = f"read_parquet('{folder / file}.parquet', file_row_number = true)"
                connection.execute(f"CREATE VIEW {side} AS SELECT * FROM {source}")
            query = by_hand.replace("l.*", "l.* EXCLUDE (file_row_number)") + order
            connection.execute(f"COPY ({query}) TO '{place}' {COPY}")

    found = []
    for work in (ours, lambda: bare(" ORDER BY l.file_row_number"), lambda: bare("")):
        found.append(min(timed(work), timed(work)))
    (cpu, wall), (ordered_cpu, ordered), (free_cpu, free) = found
    told = f"{title:8} ours {cpu:6.2f} {wall:6.2f}"
    told += (
        f"   by hand {ordered_cpu:6.2f} {ordered:6.2f} ({wall / ordered:.2f}x, cpu {cpu / ordered_cpu:.2f}x)"
    )
    told += f"   in any order {free_cpu:6.2f} {free:6.2f} ({wall / free:.2f}x, cpu {cpu / free_cpu:.2f}x)"
    print(told)


def _similar(engine: DuckEngine, folder: Path) -> None:
    """100,000 names, each misspelt once, with the 10,000 they were made of."""
    chance = np.random.default_rng(2)
    parts = [a + b + c for a in "bdfgklmnprstvw" for b in "aeiou" for c in ("", "n", "r", "l", "s")]
    made = {" ".join("".join(chance.choice(parts, 3)) for _ in range(2)) for _ in range(10_500)}
    words = sorted(made)[:10_000]
    wrong = []
    for number in chance.integers(0, len(words), 100_000):
        word, at = words[number], int(chance.integers(1, 8))
        wrong.append(word[:at] + "x" + word[at + 1 :])
    text = (Column(name="name", type="text"),)
    for file, cells in (("names", words), ("wrong", wrong)):
        pq.write_table(pa.table({"name": cells}), folder / f"{file}.parquet")
    other = Table(stored(folder / "names.parquet"), text)
    table = Table(stored(folder / "wrong.parquet"), text, {"vn_r": other})
    for measure in ("Jaro-Winkler", "Levenshtein"):
        step = JoinFuzzy(table="vn_r", column="name", other="name", measure=measure, threshold=0.9)  # type: ignore[arg-type]
        found: list[float] = []

        def run(step: JoinFuzzy = step, found: list[float] = found) -> None:
            recipe = Recipe(steps=(RecipeStep(step=step),)).learn(table, engine)
            rows = engine.rows(recipe.apply(table, engine).query)
            found.append(1 - rows.column("similarity").null_count / rows.num_rows)

        cpu, wall = timed(run)
        print(f"similar, {measure:25} {cpu:7.2f} cpu-s {wall:7.2f} s   {found[0]:.1%} found a partner")


if __name__ == "__main__":
    main()
