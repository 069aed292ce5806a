"""Duplicates, sorting, samples and runs of rows."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import pyarrow as pa
import pytest

from core.contracts import Engine
from core.engine.duckdb import DuckEngine
from core.errors import BadParameter
from core.recipe import Recipe, add
from core.steps.rows import DropDuplicates, KeepRows, SampleRows, SortKey, SortRows
from tests.steps.tables import after, assert_same, by_pandas, fetched, put


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=4)


ROWS = pa.table({
    "n": [0, 1, 2, 3, 4, 5],
    "a": ["x", "y", "x", None, None, "X"],
    "b": [0.0, 1.0, -0.0, 2.0, 2.0, 0.0],
})  # fmt: skip


def left(step: DropDuplicates | SortRows | KeepRows, engine: Engine, folder: Path) -> list[int]:
    return after(step, ROWS, engine, folder)["n"].to_pylist()


def test_dropping_duplicates_keeps_the_first_by_row_order(engine: Engine, tmp_path: Path) -> None:
    assert left(DropDuplicates(columns=("a",)), engine, tmp_path) == [0, 1, 3, 5]
    assert left(DropDuplicates(columns=("a",), keep="last"), engine, tmp_path) == [1, 2, 4, 5]
    assert left(DropDuplicates(), engine, tmp_path) == [0, 1, 2, 3, 4, 5]


def test_zero_and_minus_zero_are_the_same(engine: Engine, tmp_path: Path) -> None:
    assert left(DropDuplicates(columns=("b",)), engine, tmp_path) == [0, 1, 3]
    assert left(DropDuplicates(columns=("a", "b")), engine, tmp_path) == [0, 1, 3, 5]


def test_duplicates_of_many_rows_keep_the_first(engine: Engine, tmp_path: Path) -> None:
    count = 200_000
    rows = pa.table({"n": range(count), "k": [(i * 7919) % 1000 for i in range(count)]})
    table = put(tmp_path, rows)
    kept = fetched(add(Recipe(), DropDuplicates(columns=("k",))).apply(table, engine), engine)
    assert kept["n"].to_pylist() == list(range(1000))


def test_sorting_keeps_ties_in_row_order(engine: Engine, tmp_path: Path) -> None:
    assert left(SortRows(by=(SortKey(column="b"),)), engine, tmp_path) == [0, 2, 5, 1, 3, 4]
    down = SortRows(by=(SortKey(column="b", descending=True),))
    assert left(down, engine, tmp_path) == [3, 4, 1, 0, 2, 5]


def test_missing_values_go_last_or_first_whatever_the_direction(engine: Engine, tmp_path: Path) -> None:
    for descending, words in ((False, [5, 0, 2, 1]), (True, [1, 0, 2, 5])):
        keys = (SortKey(column="a", descending=descending),)
        assert left(SortRows(by=keys), engine, tmp_path) == [*words, 3, 4]
        assert left(SortRows(by=keys, missing="first"), engine, tmp_path) == [3, 4, *words]


def test_several_keys(engine: Engine, tmp_path: Path) -> None:
    keys = (SortKey(column="b"), SortKey(column="a", descending=True))
    assert left(SortRows(by=keys), engine, tmp_path) == [0, 2, 5, 1, 3, 4]


def test_a_sort_key_stands_once() -> None:
    with pytest.raises(BadParameter, match="must name each column once"):
        SortRows.build("sort_rows", {"by": [{"column": "a"}, {"column": "a", "descending": True}]})


def test_a_sorted_table_is_sampled_by_its_new_order(engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, ROWS)
    recipe = add(add(Recipe(), SortRows(by=(SortKey(column="n", descending=True),))), KeepRows(count=2))
    rows = fetched(recipe.apply(table, engine), engine)
    assert rows["n"].to_pylist() == [5, 4]
    assert_same(by_pandas(recipe, table, engine, tmp_path), rows)


def numbers(count: int) -> pa.Table:
    return pa.table({"n": range(count)})


def test_a_sample_is_what_the_digests_say(engine: Engine, tmp_path: Path) -> None:
    digest = lambda row: hashlib.md5(f"7:{row}".encode()).hexdigest()  # noqa: E731
    drawn = after(SampleRows(rows=50, seed=7), numbers(1000), engine, tmp_path)["n"].to_pylist()
    assert drawn == sorted(sorted(range(1000), key=digest)[:50])
    share = after(SampleRows(by="share", share=0.25, seed=7), numbers(1000), engine, tmp_path)[
        "n"
    ].to_pylist()
    assert share == [row for row in range(1000) if int(digest(row)[:13], 16) / 16**13 < 0.25]


def test_seeds_draw_other_rows_and_a_share_is_about_that_share(engine: Engine, tmp_path: Path) -> None:
    count, share = 20_000, 0.3
    drawn = [
        set(after(step, numbers(count), engine, tmp_path)["n"].to_pylist())
        for step in (SampleRows(by="share", share=share, seed=seed) for seed in (0, 1))
    ]
    spread = 4 * math.sqrt(count * share * (1 - share))
    for rows in drawn:
        assert abs(len(rows) - count * share) < spread
    both = count * share**2
    assert abs(len(drawn[0] & drawn[1]) - both) < 4 * math.sqrt(both)


def test_more_rows_than_there_are_keeps_all(engine: Engine, tmp_path: Path) -> None:
    assert after(SampleRows(rows=100), numbers(7), engine, tmp_path)["n"].to_pylist() == list(range(7))


def test_a_run_of_rows(engine: Engine, tmp_path: Path) -> None:
    assert left(KeepRows(count=2), engine, tmp_path) == [0, 1]
    assert left(KeepRows(start=3, count=2), engine, tmp_path) == [2, 3]
    assert left(KeepRows(start=6, count=100), engine, tmp_path) == [5]
    assert left(KeepRows(start=7), engine, tmp_path) == []


def test_a_run_counts_the_rows_that_are_left(engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, ROWS)
    recipe = add(add(Recipe(), DropDuplicates(columns=("a",))), KeepRows(start=2, count=2))
    rows = fetched(recipe.apply(table, engine), engine)
    assert rows["n"].to_pylist() == [1, 3]
    assert_same(by_pandas(recipe, table, engine, tmp_path), rows)
