"""Rows of one table below those of another, beside pandas.concat."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from core.contracts import Engine
from core.errors import BadParameter
from core.steps.union import Match, Union
from tests.steps.test_join import OTHER, joined

LEFT = pa.table({"id": [1, 2], "Name": ["a", None], "only": [True, False]})
RIGHT = pa.table({"name ": ["b"], "id": [3], "more": [1.5]})


def test_columns_go_together_by_name_as_in_pandas_concat(engine: Engine, tmp_path: Path) -> None:
    left, right = pa.table({"id": [1, 2], "x": ["a", None]}), pa.table({"x": ["b"], "id": [3], "z": [1.5]})
    got = joined(Union(table=OTHER), left, right, engine, tmp_path)
    frames = [side.to_pandas(types_mapper=pd.ArrowDtype) for side in (left, right)]
    expected = pa.Table.from_pandas(pd.concat(frames, ignore_index=True), preserve_index=False)
    assert got.to_pylist() == expected.to_pylist()


def test_names_may_differ_in_case_and_in_spaces_at_their_ends(engine: Engine, tmp_path: Path) -> None:
    got = joined(Union(table=OTHER), LEFT, RIGHT, engine, tmp_path)
    assert got.column_names == ["id", "Name", "only", "more"]
    assert got.to_pylist()[2] == {"id": 3, "Name": "b", "only": None, "more": 1.5}


def test_columns_of_one_table_alone_may_be_left_out(engine: Engine, tmp_path: Path) -> None:
    got = joined(Union(table=OTHER, rest="leave out"), LEFT, RIGHT, engine, tmp_path)
    assert got.to_pydict() == {"id": [1, 2, 3], "Name": ["a", None, "b"]}


def test_columns_go_together_by_position(engine: Engine, tmp_path: Path) -> None:
    left, right = pa.table({"a": [1], "b": ["x"]}), pa.table({"c": [2], "d": ["y"], "e": [3]})
    got = joined(Union(table=OTHER, match="position", rest="leave out"), left, right, engine, tmp_path)
    assert got.to_pydict() == {"a": [1, 2], "b": ["x", "y"]}


def test_columns_go_together_as_chosen(engine: Engine, tmp_path: Path) -> None:
    left, right = pa.table({"a": [1], "b": [2]}), pa.table({"b": [3], "a": [4]})
    pairs = (Match(column="a", other="b"), Match(column="b", other="a"))
    got = joined(Union(table=OTHER, match="chosen", pairs=pairs), left, right, engine, tmp_path)
    assert got.to_pydict() == {"a": [1, 3], "b": [2, 4]}
    with pytest.raises(ValueError, match="each column once"):
        Union(table=OTHER, match="chosen", pairs=(pairs[0], Match(column="b", other="b")))


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [
        ([1], [2.5], [1.0, 2.5]),
        ([2.5], [1], [2.5, 1.0]),
        ([1], ["x"], ["1", "x"]),
        ([True], [7], ["true", "7"]),
        ([dt.date(2024, 1, 2)], ["soon"], ["2024-01-02", "soon"]),
        ([0.1], ["n/a"], ["0.1", "n/a"]),
    ],
)
def test_types_are_reconciled(
    mine: list[Any], theirs: list[Any], both: list[Any], engine: Engine, tmp_path: Path
) -> None:
    got = joined(Union(table=OTHER), pa.table({"x": mine}), pa.table({"x": theirs}), engine, tmp_path)
    assert got["x"].to_pylist() == both


def test_days_and_moments_become_moments(engine: Engine, tmp_path: Path) -> None:
    moment = dt.datetime(2024, 1, 2, 3, 4, 5, 6)
    left, right = (
        pa.table({"x": [dt.date(2024, 1, 1)]}),
        pa.table({"x": pa.array([moment], pa.timestamp("us"))}),
    )
    got = joined(Union(table=OTHER), left, right, engine, tmp_path)
    assert got["x"].to_pylist() == [dt.datetime(2024, 1, 1), moment]


def test_a_column_says_where_a_row_came_from(engine: Engine, tmp_path: Path) -> None:
    step = Union(table=OTHER, origin="from", first="2023", second="2024", rest="leave out")
    got = joined(step, LEFT, RIGHT, engine, tmp_path)
    assert got["from"].to_pylist() == ["2023", "2023", "2024"]
    with pytest.raises(BadParameter, match="'only' already"):
        joined(Union(table=OTHER, origin="only"), LEFT, RIGHT, engine, tmp_path)


def test_tables_without_a_common_column_need_another_way(engine: Engine, tmp_path: Path) -> None:
    left, right = pa.table({"a": [1]}), pa.table({"b": [2]})
    with pytest.raises(BadParameter, match="no column in common"):
        joined(Union(table=OTHER, rest="leave out"), left, right, engine, tmp_path)
    assert joined(Union(table=OTHER), left, right, engine, tmp_path).to_pydict() == {
        "a": [1, None],
        "b": [None, 2],
    }
