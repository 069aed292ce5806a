"""Renaming, keeping and dropping columns."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from core.contracts import Column, Engine
from core.engine.duckdb import DuckEngine
from core.errors import BadParameter
from core.steps.columns import DropColumns, KeepColumns, NewName, RenameColumns
from core.steps.words import listed, quoted
from tests.steps.tables import after

ROWS = pa.table({"a": [1, 2], "b": ["x", None], "c": [True, False]})


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=1)


def test_names_may_be_swapped(engine: Engine, tmp_path: Path) -> None:
    step = RenameColumns(names=(NewName(column="a", name="b"), NewName(column="b", name="a")))
    assert after(step, ROWS, engine, tmp_path).to_pydict() == {
        "b": [1, 2], "a": ["x", None], "c": [True, False]
    }  # fmt: skip


def test_a_name_may_change_its_case(engine: Engine, tmp_path: Path) -> None:
    step = RenameColumns(names=(NewName(column="a", name="A"),))
    assert after(step, ROWS, engine, tmp_path).column_names == ["A", "b", "c"]


def test_a_column_is_renamed_once() -> None:
    rows = [{"column": "a", "name": "x"}, {"column": "a", "name": "y"}]
    with pytest.raises(BadParameter, match="must name each column once"):
        RenameColumns.build("rename_columns", {"names": rows})


def test_kept_columns_come_in_the_order_chosen(engine: Engine, tmp_path: Path) -> None:
    assert after(KeepColumns(columns=("c", "a", "c")), ROWS, engine, tmp_path).column_names == ["c", "a"]


def test_dropped_columns_are_gone(engine: Engine, tmp_path: Path) -> None:
    assert after(DropColumns(columns=("b", "b")), ROWS, engine, tmp_path).column_names == ["a", "c"]


def test_one_column_must_stay() -> None:
    columns = (Column(name="a", type="text"), Column(name="b", type="text"))
    with pytest.raises(BadParameter, match='Dropping "a" and "b" would leave no column'):
        DropColumns(columns=("a", "b", "b")).check(columns)


def test_names_in_sentences_stay_short_and_plain() -> None:
    assert quoted("a\nb\u202e") == '"a\\nb\\u202e"'
    assert len(quoted("n" * 500)) == 42
    assert listed(["a"]) == "a"
    assert str(listed(["a", "b", "c"])) == "a, b and c"
    assert str(listed([str(n) for n in range(9)])) == "0, 1, 2, 3 and 5 more"
