"""Limits of outliers compared with numpy, and what becomes of the values beyond them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.contracts import Engine
from core.engine.duckdb import DuckEngine
from core.errors import BadParameter
from core.recipe import Recipe, RecipeStep
from core.steps.outliers import ClipOutliers, DropOutliers, OutlierStep
from tests.steps.tables import assert_same, by_pandas, fetched, put

_source = random.Random(3)
VALUES = [_source.gauss(10, 3) for _ in range(200)] + [1000.0, -500.0]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=1)


def run(step: OutlierStep, rows: pa.Table, engine: Engine, folder: Path) -> tuple[dict[str, Any], pa.Table]:
    """The limits learned and the rows after, the same in the engine and in pandas."""
    table = put(folder, rows)
    recipe = Recipe(steps=(RecipeStep(step=step),)).learn(table, engine)
    after = fetched(recipe.apply(table, engine), engine)
    assert_same(by_pandas(recipe, table, engine, folder), after)
    assert recipe.steps[0].learned is not None
    limits: dict[str, Any] = recipe.steps[0].learned["limits"]
    return limits, after


def expected(options: dict[str, Any]) -> tuple[float, float]:
    values = np.array(VALUES)
    if options["method"] == "iqr":
        low, high = np.quantile(values, [0.25, 0.75])
        return low - options["reach"] * (high - low), high + options["reach"] * (high - low)
    if options["method"] == "z":
        reach = options["reach"] * values.std(ddof=1)
        return values.mean() - reach, values.mean() + reach
    low, high = np.percentile(values, [options["low"], options["high"]])
    return low, high


@pytest.mark.parametrize(
    "options",
    [
        {"method": "iqr", "reach": 1.5},
        {"method": "z", "reach": 3.0},
        {"method": "percentiles", "low": 2.5, "high": 97},
    ],
    ids=["iqr", "z", "percentiles"],
)
def test_limits_are_those_of_numpy(options: dict[str, Any], engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"x": [*VALUES, None, float("inf")], "row": range(204)})
    limits, clipped = run(ClipOutliers(columns=("x",), **options), rows, engine, tmp_path)
    low, high = expected(options)
    assert limits["x"] == pytest.approx([low, high], rel=1e-12)
    *inner, missing, infinite = clipped.column("x").to_pylist()
    assert inner == pytest.approx(np.clip(VALUES, low, high), rel=1e-12)
    assert missing is None
    assert infinite == pytest.approx(high, rel=1e-12)
    _, dropped = run(DropOutliers(columns=("x",), **options), rows, engine, tmp_path)
    inside = [row for row, value in enumerate(VALUES) if low <= value <= high]
    assert dropped.column("row").to_pylist() == [*inside, 202], "a missing value is no outlier"


def test_whole_numbers_stay_whole_and_limits_are_rounded_outwards(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"i": pa.array([1, 2, 2, 3, 4, 100, -100, None, 2**62], pa.int64())})
    limits, after = run(ClipOutliers(columns=("i",)), rows, engine, tmp_path)
    low, high = np.quantile([1, 2, 2, 3, 4, 100, -100, 2.0**62], [0.25, 0.75])
    reach = 1.5 * (high - low)
    assert limits["i"] == [np.floor(low - reach), np.ceil(high + reach)]
    assert all(type(limit) is int for limit in limits["i"])
    assert after.schema.field("i").type == pa.int64()


def test_a_row_is_dropped_when_one_of_several_columns_is_out(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"x": [1.0, 2.0, 3.0, 2.0, 99.0], "y": [5.0, -99.0, 4.0, 6.0, 5.0]})
    _, after = run(DropOutliers(columns=("x", "y")), rows, engine, tmp_path)
    assert after.to_pydict() == {"x": [1.0, 3.0, 2.0], "y": [5.0, 4.0, 6.0]}


def test_columns_without_finite_values_have_no_limits(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"x": pa.array([None, None], pa.float64()), "y": [float("inf"), 1e300]})
    for cls in (ClipOutliers, DropOutliers):
        for method in ("iqr", "z", "percentiles"):
            limits, after = run(cls(columns=("x", "y"), method=method), rows, engine, tmp_path)
            assert limits == {"x": None, "y": None}
            assert after.equals(rows)


def test_the_limits_must_be_in_order() -> None:
    with pytest.raises(BadParameter, match="low percentile below the high one"):
        ClipOutliers.build("clip_outliers", {"columns": ["x"], "low": 60, "high": 40})
