"""Filling by regression: what scikit-learn's own imputer gives, on rows it learned from and on new ones."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer

from core.contracts import Engine
from core.errors import BadParameter
from core.recipe import Recipe, RecipeStep
from core.steps.fill_regression import FillByRegression
from tests.steps.tables import after, assert_same, by_pandas, fetched, put

INF = float("inf")


def numbers(rows: int, seed: int) -> np.ndarray:
    """Five columns that depend on one another, every sixth cell missing."""
    chance = np.random.default_rng(seed)
    base = chance.normal(size=(rows, 2))
    data = base @ np.array([[1.0, 2.0, -1.0, 0.5, 0.0], [0.3, -1.0, 2.0, 0.0, 5.0]])
    data = data * [1, 10, 100, 1, 1] + [0, 5, 1000, -3, 0] + chance.normal(size=data.shape) * 0.1
    data[chance.random(data.shape) < 1 / 6] = np.nan
    return data


def table(data: np.ndarray) -> pa.Table:
    return pa.table(
        {f"c{place}": pa.array(data[:, place], from_pandas=True) for place in range(data.shape[1])}
    )


def by_sklearn(learn_on: np.ndarray, data: np.ndarray, rounds: int) -> np.ndarray:
    imputer = IterativeImputer(
        max_iter=rounds, imputation_order="roman",
        min_value=np.nanmin(learn_on, axis=0), max_value=np.nanmax(learn_on, axis=0),
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return imputer.fit(learn_on).transform(data)


@pytest.mark.parametrize("rounds", [1, 4, 10])
def test_new_rows_get_what_scikit_learn_gives(rounds: int, engine: Engine, tmp_path: Path) -> None:
    old, new = numbers(400, 1), numbers(150, 2)
    step = FillByRegression(columns=("c0", "c1", "c2", "c3", "c4"), rounds=rounds)
    (tmp_path / "old").mkdir()
    recipe = Recipe(steps=(RecipeStep(step=step),)).learn(put(tmp_path / "old", table(old)), engine)
    recipe = Recipe.from_json(json.loads(json.dumps(recipe.to_json())))
    stored = put(tmp_path, table(new))
    got = fetched(recipe.apply(stored, engine), engine)
    assert_same(by_pandas(recipe, stored, engine, tmp_path), got)
    expected = by_sklearn(old, new, rounds)
    for place, name in enumerate(got.column_names):
        assert got.column(name).to_pylist() == pytest.approx(expected[:, place].tolist(), rel=1e-9, abs=1e-9)


def test_it_comes_closer_to_the_truth_than_the_median(engine: Engine, tmp_path: Path) -> None:
    chance = np.random.default_rng(7)
    x = chance.normal(size=2_000)
    y = 3 * x + chance.normal(size=2_000) * 0.2
    hidden = chance.random(2_000) < 0.2
    rows = pa.table({"x": x, "y": pa.array(np.where(hidden, np.nan, y), from_pandas=True)})
    got = after(FillByRegression(columns=("y",), others=("x",)), rows, engine, tmp_path)
    error = np.abs(got.column("y").to_numpy() - y)[hidden].mean()
    assert error < 0.1 * np.abs(np.median(y[~hidden]) - y)[hidden].mean()
    assert got.column("x").equals(rows.column("x"))


def test_whole_numbers_stay_whole_and_inside_what_was_seen(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"x": [*range(1, 9), 50, None], "y": [*range(10, 81, 10), None, 35]})
    got = after(FillByRegression(columns=("x", "y")), rows, engine, tmp_path)
    assert got.column("x").type == got.column("y").type == pa.int64()
    assert got.column("y").to_pylist()[8] == 80
    assert 1 <= got.column("x").to_pylist()[9] <= 50


def test_infinite_values_stay_and_spoil_nothing(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"x": [1.0, 2.0, INF, 4.0, None], "y": [2.0, 4.0, None, 8.0, -INF]})
    got = after(FillByRegression(columns=("x", "y")), rows, engine, tmp_path)
    x, y = got.column("x").to_pylist(), got.column("y").to_pylist()
    assert (x[2], y[4]) == (INF, -INF)
    assert 1 <= x[4] <= 4
    assert 2 <= y[2] <= 8


def test_a_column_without_values_stays_and_takes_no_part(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"x": [1.0, None, 3.0], "y": pa.nulls(3, pa.float64())})
    got = after(FillByRegression(columns=("x", "y")), rows, engine, tmp_path)
    assert got.to_pydict() == {"x": [1.0, 2.0, 3.0], "y": [None, None, None]}


def test_columns_called_like_its_own_are_left_alone(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"estimate_0": [1.0, 2.0, None], "Estimate_1": [2.0, 4.0, 6.0]})
    got = after(FillByRegression(columns=("estimate_0", "Estimate_1")), rows, engine, tmp_path)
    assert got.column_names == rows.column_names


@pytest.mark.parametrize("given", [{"columns": ["a"]}, {"columns": [f"c{n}" for n in range(13)]}])
def test_one_column_is_too_few_and_thirteen_too_many(given: dict[str, Any]) -> None:
    with pytest.raises(BadParameter, match="between 2 and 12 columns"):
        FillByRegression.build("fill_by_regression", given)


def test_the_longest_chain_of_regressions_still_compiles(engine: Engine, tmp_path: Path) -> None:
    chance = np.random.default_rng(3)
    data = chance.normal(size=(300, 12))
    data[chance.random(data.shape) < 0.3] = np.nan
    step = FillByRegression(columns=tuple(f"c{n}" for n in range(12)), rounds=10)
    got = after(step, table(data), engine, tmp_path)
    assert not any(column.null_count for column in got.columns)
