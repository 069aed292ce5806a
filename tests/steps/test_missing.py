"""Filling and dropping missing values."""

from __future__ import annotations

import datetime as dt
import statistics
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.contracts import Column, Engine
from core.engine.duckdb import DuckEngine
from core.errors import BadParameter
from core.recipe import Recipe, add
from core.steps.missing import DropMissing, FillMissing
from tests.steps.tables import after, column, kinds, put


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=1)


def filled(engine: Engine, folder: Path, kind: str, cells: list[Any], **parameters: Any) -> list[Any]:
    return after(FillMissing(columns=("x",), **parameters), column(kind, cells), engine, folder)[
        "x"
    ].to_pylist()


NUMBERS = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=30)


@given(cells=NUMBERS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize(("method", "reference"), [("mean", statistics.fmean), ("median", statistics.median)])
def test_mean_and_median_are_those_of_the_values_there(
    engine: Engine, tmp_path: Path, cells: list[float | None], method: str, reference: Any
) -> None:
    there = [cell for cell in cells if cell is not None]
    table = put(tmp_path, column("number", cells))
    recipe = add(Recipe(), FillMissing(columns=("x",), method=method)).learn(table, engine)
    assert recipe.steps[0].learned is not None
    learned = recipe.steps[0].learned["values"]["x"]
    assert learned == (pytest.approx(reference(there), rel=1e-12, abs=1e-9) if there else None)


def test_whole_numbers_stay_whole_when_the_value_is(engine: Engine, tmp_path: Path) -> None:
    step = FillMissing(columns=("x",), method="mean")
    whole = after(step, column("integer", [1, 3, None]), engine, tmp_path)
    assert (kinds(whole), whole["x"].to_pylist()) == ([("x", "integer")], [1, 3, 2])
    half = after(step, column("integer", [2, 3, None]), engine, tmp_path)
    assert (kinds(half), half["x"].to_pylist()) == ([("x", "number")], [2.0, 3.0, 2.5])


def test_equally_frequent_values_give_the_smallest(engine: Engine, tmp_path: Path) -> None:
    assert filled(engine, tmp_path, "text", ["b", "a", None, "b", "a", "c"], method="most frequent")[2] == "a"
    assert filled(engine, tmp_path, "boolean", [True, None, True, False], method="most frequent")[1] is True
    days = [dt.date(2024, 1, 2), None, dt.date(2024, 1, 1)]
    assert filled(engine, tmp_path, "date", days, method="most frequent")[1] == dt.date(2024, 1, 1)


def test_previous_takes_the_value_above(engine: Engine, tmp_path: Path) -> None:
    cells = [None, "a", None, None, "b", "", None]
    assert filled(engine, tmp_path, "text", cells, method="previous") == [None, "a", "a", "a", "b", "", ""]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("integer", " -7 ", -7),
        ("number", "2.5", 2.5),
        ("text", "", ""),
        ("text", " it's \\ \n", " it's \\ \n"),
        ("boolean", "No", False),
        ("date", "2024-02-29", dt.date(2024, 2, 29)),
        ("datetime", "2024-02-29 18:30", dt.datetime(2024, 2, 29, 18, 30)),
        ("datetime", "2024-02-29T18:30+02:00", dt.datetime(2024, 2, 29, 16, 30)),
    ],
)
def test_a_constant_is_read_by_the_columns_type(
    engine: Engine, tmp_path: Path, kind: str, value: str, expected: Any
) -> None:
    assert filled(engine, tmp_path, kind, [None], method="constant", value=value) == [expected]


@pytest.mark.parametrize(
    ("kind", "value"),
    [("integer", "2.5"), ("integer", "9223372036854775808"), ("integer", ""), ("number", "inf"),
     ("number", "x"), ("boolean", "maybe"), ("date", "29/02/2024"), ("date", "2023-02-29"),
     ("datetime", "now")],
)  # fmt: skip
def test_a_constant_that_does_not_fit_is_refused(kind: str, value: str) -> None:
    with pytest.raises(BadParameter, match=f"which a column of type {kind} needs"):
        FillMissing(columns=("x",), method="constant", value=value).check((Column(name="x", type=kind),))


@pytest.mark.parametrize("method", ["mean", "median"])
def test_words_have_no_mean(method: str) -> None:
    with pytest.raises(BadParameter, match=f"the {method} needs a column of numbers; 'x' is text"):
        FillMissing(columns=("x",), method=method).check((Column(name="x", type="text"),))


def test_an_infinite_mean_is_refused(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match="mean of 'x' is not a finite number"):
        filled(engine, tmp_path, "number", [1.0, float("inf"), None], method="mean")


def test_rows_are_dropped_when_any_or_all_are_missing(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"a": [1, None, None, 4], "b": ["x", "y", None, None], "c": [True, True, True, True]})
    kept = lambda **p: after(DropMissing(**p), rows, engine, tmp_path)["a"].to_pylist()  # noqa: E731
    assert kept(columns=("a", "b")) == [1]
    assert kept(columns=("a", "b"), when="all") == [1, None, 4]
    assert kept() == [1]
    assert kept(when="all") == [1, None, None, 4]
