"""Rows added, removed and changed, against pandas' merge and a count of whole rows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.compare import Differences, RowChanges, changes, compare, likely_key
from core.contracts import Table
from core.engine.duckdb import DuckEngine
from core.errors import BadParameter


def ids(table: Table, engine: DuckEngine, column: str = "id") -> list[Any]:
    return engine.rows(table.query)[column].to_pylist()  # type: ignore[no-any-return]


def compared(a: Table, b: Table, key: tuple[str, ...], tmp: Path, engine: DuckEngine) -> tuple[Any, Any]:
    place = tmp / "differences.parquet"
    found = changes(a, b, key, place, engine)
    return found, Differences(a, b, place, found)


def test_rows_by_a_key_with_examples(table_of: Any, engine: DuckEngine, tmp_path: Path) -> None:
    a = table_of(id=[1, 2, 3, 4], name=["a", "b", "c", None], x=[1.0, 2.0, 3.0, 4.0])
    b = table_of(id=[4, 3, 5, 1], name=["d", "c", "e", "a"], x=[4.0, 3.5, 5.0, 1.0])
    found, differences = compared(a, b, ("id",), tmp_path, engine)
    assert (found.added, found.removed, found.changed, found.same) == (1, 1, 2, 1)
    assert found.cells == {"name": 1, "x": 1}
    assert ids(differences.rows("added"), engine) == [5]
    assert ids(differences.rows("removed"), engine) == [2]
    assert ids(differences.rows("changed"), engine) == [4, 3]
    assert differences.before([0, 1], engine) == {"name": {0: None}, "x": {1: 3.0}}


def test_many_rows_as_pandas_merges_them(table_of: Any, engine: DuckEngine, tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    left = pd.DataFrame({"k": rng.permutation(3_000)[:2_000], "v": rng.integers(0, 3, 2_000)})
    right = pd.DataFrame({"k": rng.permutation(3_000)[:2_500], "v": rng.integers(0, 3, 2_500)})
    both = left.merge(right, on="k", how="outer", indicator=True)
    matched = both[both["_merge"] == "both"]
    tables = [table_of(pa.Table.from_pandas(frame, preserve_index=False)) for frame in (left, right)]
    found, differences = compared(*tables, ("k",), tmp_path, engine)
    assert found.added == (both["_merge"] == "right_only").sum()
    assert found.removed == (both["_merge"] == "left_only").sum()
    assert found.changed == (matched["v_x"] != matched["v_y"]).sum()
    assert found.same == (matched["v_x"] == matched["v_y"]).sum()
    assert len(ids(differences.rows("changed"), engine, "k")) == found.changed


def test_keys_that_are_missing_or_repeated_are_counted_and_left_aside(
    table_of: Any, engine: DuckEngine, tmp_path: Path
) -> None:
    a = table_of(k=[1, 1, 2, None, 3], v=[1, 2, 3, 4, 5])
    b = table_of(k=[1, 2, 3, 3, None], v=[1, 3, 5, 6, 4])
    found, _ = compared(a, b, ("k",), tmp_path, engine)
    assert (found.missing_a, found.missing_b) == (1, 1)
    assert (found.repeated_a, found.repeated_b) == (3, 3)
    assert (found.added, found.removed, found.changed, found.same) == (0, 0, 0, 1)


def test_whole_rows_are_counted_as_often_as_they_stand_there(
    table_of: Any, engine: DuckEngine, tmp_path: Path
) -> None:
    rows_a = [("x", 1), ("x", 1), ("y", None), ("z", 3)]
    rows_b = [("x", 1), ("y", None), ("w", 4), ("w", 4)]
    a, b = (table_of(s=[s for s, _ in rows], n=[n for _, n in rows]) for rows in (rows_a, rows_b))
    found, differences = compared(a, b, (), tmp_path, engine)
    gone, came = Counter(rows_a) - Counter(rows_b), Counter(rows_b) - Counter(rows_a)
    assert (found.removed, found.added) == (gone.total(), came.total())
    assert found.same == (Counter(rows_a) & Counter(rows_b)).total()
    assert found.listed == {"added": len(came), "removed": len(gone), "changed": 0}
    assert ids(differences.rows("added"), engine, "s") == ["w"]


def test_equal_numbers_of_different_types_are_equal(
    table_of: Any, engine: DuckEngine, tmp_path: Path
) -> None:
    a = table_of(k=[1, 2], v=[0.0, 2.0], t=[1, 2])
    b = table_of(k=[1.0, 2.0], v=[-0.0, 2.0], t=["1", "2"])
    found, _ = compared(a, b, ("k",), tmp_path, engine)
    assert found.same == 2
    assert found.compared == ("v",)
    found, _ = compared(a, b, (), tmp_path, engine)
    assert found.same == 2


def test_empty_tables(table_of: Any, engine: DuckEngine, tmp_path: Path) -> None:
    none, some = table_of(id=pa.array([], pa.int64())), table_of(id=[1, 2])
    for key in ((), ("id",)):
        found, _ = compared(none, some, key, tmp_path, engine)
        assert (found.added, found.removed, found.same) == (2, 0, 0)
        found, _ = compared(none, none, key, tmp_path, engine)
        assert (found.added, found.removed, found.same) == (0, 0, 0)


def test_a_key_is_proposed_where_a_column_tells_rows_apart(table_of: Any, engine: DuckEngine) -> None:
    a = table_of(text=["a", "b", "c"], order_id=[1, 2, 3], same=[1, 1, 1])
    assert likely_key(a, a, engine) == ("order_id",)
    b = table_of(text=["a", "b", "c"], order_id=[1, 2, 2], same=[1, 1, 1])
    assert likely_key(a, b, engine) == ("text",)
    c = table_of(text=["a", "b", None], order_id=[1, 2, 2], same=[1, 1, 1])
    assert likely_key(a, c, engine) == ()


def test_a_key_that_is_not_in_both_is_refused(table_of: Any, engine: DuckEngine, tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match="of both tables"):
        changes(table_of(a=[1], k=[1]), table_of(a=[1], k=["1"]), ("k",), tmp_path / "d.parquet", engine)
    with pytest.raises(BadParameter, match="no column in common"):
        changes(table_of(a=[1]), table_of(b=[1]), (), tmp_path / "d.parquet", engine)


def test_hostile_names(table_of: Any, engine: DuckEngine, tmp_path: Path) -> None:
    key, value = 'a"; drop table t; --', "side"
    a = table_of(pa.table({key: ["x", "y"], value: [1, 2]}))
    b = table_of(pa.table({key: ["x", "y"], value: [1, 3]}))
    found, differences = compared(a, b, (key,), tmp_path, engine)
    assert found.cells == {value: 1}
    assert differences.before([1], engine) == {value: {1: 2}}


def test_all_of_it_at_once(table_of: Any, engine: DuckEngine, tmp_path: Path) -> None:
    a = table_of(id=[1, 2], region=["n", "s"])
    b = table_of(id=[1, 2, 3], Region=["n", "s", "e"])
    found = compare(a, b, tmp_path / "d.parquet", engine)
    assert [guess.after for guess in found.shape.renamed] == ["Region"]
    assert isinstance(found.rows, RowChanges)
    assert (found.rows.key, found.rows.added, found.rows.same) == (("id",), 1, 2)
    apart = compare(a, table_of(z=[1]), tmp_path / "d.parquet", engine)
    assert apart.rows is None
    assert apart.columns == ()
