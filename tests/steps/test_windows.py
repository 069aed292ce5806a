"""Ranks, earlier values, totals, moving means and shares, compared with pandas' own on plain frames."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from core.contracts import Engine
from core.errors import BadParameter
from core.steps.rows import SortKey
from core.steps.windows import Window, WindowColumns
from tests.steps.tables import after

INF = float("inf")
_source = random.Random(5)
GROUPS = [_source.choice(["b", "a", None]) for _ in range(200)]
ORDER = [_source.choice([None, 1, 2, 3, 4]) for _ in range(200)]
VALUES = [_source.choice([None, _source.gauss(0, 50), 3.0]) for _ in range(200)]
ROWS = pa.table({"g": GROUPS, "o": pa.array(ORDER, pa.int64()), "x": pa.array(VALUES, pa.float64())})


def made(rows: pa.Table, engine: Engine, folder: Path, window: Window, **more: Any) -> list[Any]:
    """The new column; SQL and pandas code agree on it."""
    step = WindowColumns(windows=(window.model_copy(update={"name": "new"}),), **more)
    return after(step, rows, engine, folder).column("new").to_pylist()


def by_pandas(compute: Any) -> list[Any]:
    """What a function of one group's values, in their order, gives: on an ordinary frame of floats."""
    frame = pd.DataFrame({"g": [key or "none" for key in GROUPS], "o": ORDER, "x": VALUES}, dtype=object)
    frame["o"], frame["x"] = frame["o"].astype(float), frame["x"].astype(float)
    frame = frame.sort_values("o", kind="stable", na_position="last")
    new = pd.concat([compute(part["x"]) for _, part in frame.groupby("g")])
    return [None if pd.isna(value) else value for value in new.sort_index()]


@pytest.mark.parametrize(
    ("window", "compute"),
    [
        (Window(function="value before", column="x", rows=2), lambda x: x.shift(2)),
        (Window(function="value after", column="x"), lambda x: x.shift(-1)),
        (Window(function="difference", column="x", rows=3), lambda x: x.diff(3)),
        (Window(function="running total", column="x"), lambda x: x.expanding(min_periods=1).sum()),
        (Window(function="moving mean", column="x", rows=4), lambda x: x.rolling(4, min_periods=1).mean()),
        (Window(function="moving mean", column="x", rows=9999), lambda x: x.expanding(1).mean()),
        (Window(function="share of group", column="x"), lambda x: x / x.sum()),
    ],
    ids=lambda part: part.function if isinstance(part, Window) else "",
)
def test_it_is_what_pandas_computes(window: Window, compute: Any, engine: Engine, tmp_path: Path) -> None:
    got = made(ROWS, engine, tmp_path, window, by=("g",), order=(SortKey(column="o"),))
    expected = by_pandas(compute)
    assert [cell is None for cell in got] == [cell is None for cell in expected]
    there = [cell for cell in got if cell is not None]
    assert there == pytest.approx([cell for cell in expected if cell is not None], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("function", "method"), [("rank", "min"), ("dense rank", "dense")])
def test_equal_rows_share_their_rank(function: str, method: str, engine: Engine, tmp_path: Path) -> None:
    window = Window.model_validate({"function": function})
    descending = (SortKey(column="o", descending=True),)
    got = made(ROWS, engine, tmp_path, window, by=("g",), order=descending)
    frame = pd.DataFrame(
        {"g": [key or "none" for key in GROUPS], "o": [-1 if o is None else o for o in ORDER]}
    )
    expected = frame.groupby("g")["o"].rank(method=method, ascending=False).astype(int).tolist()
    assert got == expected, "missing values stand last, and are equal"


def test_without_an_order_rows_keep_that_of_the_table(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"x": [5, 1, 3]})
    assert made(rows, engine, tmp_path, Window(function="rank")) == [1, 2, 3]
    total = Window(function="running total", column="x")
    assert made(rows, engine, tmp_path, total) == [5.0, 6.0, 9.0]


def test_differences_of_dates_are_days_and_of_times_seconds(engine: Engine, tmp_path: Path) -> None:
    day, at = dt.date(2024, 2, 28), dt.datetime(2024, 2, 28, 23, 59, 59, 500_000)
    rows = pa.table(
        {"day": [day, day + dt.timedelta(days=2), None], "at": [at, at + dt.timedelta(seconds=1.25), at]},
        schema=pa.schema([("day", pa.date32()), ("at", pa.timestamp("us"))]),
    )
    assert made(rows, engine, tmp_path, Window(function="difference", column="day")) == [None, 2.0, None]
    got = made(rows, engine, tmp_path, Window(function="difference", column="at"))
    assert got == [None, 1.25, -1.25]


def test_infinite_values_and_zeros_give_no_wrong_number(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"g": [1, 1, 2, 2, 3], "x": [INF, -INF, 0.0, -0.0, None]})
    for function, expected in {
        "share of group": [None, None, None, None, None],
        "running total": [INF, None, 0.0, 0.0, None],
        "difference": [None, -INF, None, 0.0, None],
    }.items():
        window = Window.model_validate({"function": function, "column": "x"})
        assert made(rows, engine, tmp_path, window, by=("g",)) == expected, function


def test_minus_zero_and_zero_are_one_group_and_one_place(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"g": [0.0, -0.0, 1.0]})
    assert made(rows, engine, tmp_path, Window(function="row number"), by=("g",)) == [1, 2, 1]
    assert made(rows, engine, tmp_path, Window(), order=(SortKey(column="g"),)) == [1, 1, 3]


def test_a_text_has_no_total(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match="no running total of 'g'"):
        made(ROWS, engine, tmp_path, Window(function="running total", column="g"))


def test_a_name_that_is_there_already_is_refused(engine: Engine, tmp_path: Path) -> None:
    step = WindowColumns(windows=(Window(name="X"),))
    with pytest.raises(BadParameter, match="two columns called"):
        after(step, ROWS, engine, tmp_path)
