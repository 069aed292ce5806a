"""The rows that differ, listed with both values: all of them, as pandas merges them, whatever the names."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from core.compare import changes, side_by_side
from core.contracts import Table
from core.engine.duckdb import DuckEngine
from core.export.tables import csv_chunks, parquet_chunks


def listed(a: Table, b: Table, key: tuple[str, ...], folder: Path, engine: DuckEngine) -> pa.Table:
    """The list as it is downloaded in Parquet."""
    place = folder / "differences.parquet"
    table = side_by_side(a, b, place, changes(a, b, key, place, engine))
    rows = pq.read_table(io.BytesIO(b"".join(parquet_chunks(table, engine))))
    assert engine.schema(table.query) == table.columns
    return rows


def test_by_a_key_each_row_has_both_values(table_of: Any, engine: DuckEngine, tmp_path: Path) -> None:
    a = table_of(id=[1, 2, 3, 4], name=["a", "b", "c", None], old=[1, 2, 3, 4])
    b = table_of(name=["d", "c", "e"], id=[4.0, 3.0, 5.0], new=[True, False, None])
    assert listed(a, b, ("id",), tmp_path, engine).to_pylist() == [
        {"change": "added", "row before": None, "row after": 3, "id": 5.0,
         "name before": None, "name after": "e", "new after": None, "old before": None},
        {"change": "changed", "row before": 4, "row after": 1, "id": 4.0,
         "name before": None, "name after": "d", "new after": True, "old before": 4},
        {"change": "removed", "row before": 1, "row after": None, "id": 1.0,
         "name before": "a", "name after": None, "new after": None, "old before": 1},
        {"change": "removed", "row before": 2, "row after": None, "id": 2.0,
         "name before": "b", "name after": None, "new after": None, "old before": 2},
    ]  # fmt: skip


def test_as_whole_rows_each_is_told_with_how_often(table_of: Any, engine: DuckEngine, tmp_path: Path) -> None:
    a, b = table_of(x=["p", "p", "q"]), table_of(x=["p", "q", "r", "r"])
    assert listed(a, b, (), tmp_path, engine).to_pylist() == [
        {"change": "added", "row before": None, "row after": 3, "times": 2, "x": "r"},
        {"change": "removed", "row before": 1, "row after": None, "times": 1, "x": "p"},
    ]


def test_all_rows_are_listed_as_pandas_merges_them(table_of: Any, engine: DuckEngine, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    left = pd.DataFrame({"k": rng.permutation(300_000)[:200_000], "v": rng.integers(0, 3, 200_000)})
    right = pd.DataFrame({"k": rng.permutation(300_000)[:250_000], "v": rng.integers(0, 3, 250_000)})
    made = [table_of(pa.Table.from_pandas(frame, preserve_index=False)) for frame in (left, right)]
    got = listed(*made, ("k",), tmp_path, engine).to_pandas()
    both = left.merge(right, on="k", how="outer", suffixes=(" before", " after"))
    both = both[~(both["v before"] == both["v after"])].sort_values("k").reset_index(drop=True)
    assert len(got) > 150_000
    shown = got.sort_values("k").reset_index(drop=True)
    pd.testing.assert_frame_equal(shown[["k", "v before", "v after"]], both, check_dtype=False)


def test_names_that_are_taken_stay_apart_and_spreadsheets_run_nothing(
    table_of: Any, engine: DuckEngine, tmp_path: Path
) -> None:
    names = ["change", "=x", "=x before", 'a"; DROP TABLE t; --']
    a = table_of(**dict(zip(names, ([1], ["=1+1"], ["u"], [1]), strict=True)))
    b = table_of(**dict(zip(names, ([1], ["=2+2"], ["u"], [2]), strict=True)))
    place = tmp_path / "differences.parquet"
    table = side_by_side(a, b, place, changes(a, b, ("change",), place, engine))
    rows = pa_csv.read_csv(io.BytesIO(b"".join(csv_chunks(table, engine))))
    assert rows.column_names == [
        "change", "row before", "row after", "change (2)", "'=x before", "'=x after", "'=x before before",
        "'=x before after", 'a"; DROP TABLE t; -- before', 'a"; DROP TABLE t; -- after',
    ]  # fmt: skip
    assert rows.to_pylist()[0]["'=x before"] == "'=1+1"
    assert rows.to_pylist()[0]["'=x after"] == "'=2+2"


def test_no_differences_make_an_empty_list(table_of: Any, engine: DuckEngine, tmp_path: Path) -> None:
    table = table_of(id=[1, 2], x=["a", "b"])
    found = listed(table, table, ("id",), tmp_path, engine)
    assert (found.num_rows, found.column_names[:3]) == (0, ["change", "row before", "row after"])
