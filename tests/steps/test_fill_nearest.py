"""Filling from the nearest rows: what scikit-learn's own imputer gives, on old rows and on new ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from sklearn.impute import KNNImputer

from core.contracts import Engine
from core.recipe import Recipe, RecipeStep
from core.steps.fill_nearest import KEPT, FillNearest
from tests.steps.tables import after, assert_same, by_pandas, fetched, put
from tests.steps.test_fill_regression import numbers, table

INF = float("inf")


def by_sklearn(learn_on: np.ndarray, data: np.ndarray, nearest: int) -> np.ndarray:
    spread = np.nanstd(learn_on, axis=0)
    imputer = KNNImputer(n_neighbors=nearest).fit(learn_on / spread)
    return imputer.transform(data / spread) * spread


@pytest.mark.parametrize("nearest", [1, 5, 20])
def test_new_rows_get_what_scikit_learn_gives(nearest: int, engine: Engine, tmp_path: Path) -> None:
    old, new = numbers(300, 1), numbers(120, 2)
    step = FillNearest(columns=("c0", "c1", "c2", "c3", "c4"), nearest=nearest)
    (tmp_path / "old").mkdir()
    recipe = Recipe(steps=(RecipeStep(step=step),)).learn(put(tmp_path / "old", table(old)), engine)
    recipe = Recipe.from_json(json.loads(json.dumps(recipe.to_json())))
    stored = put(tmp_path, table(new))
    got = fetched(recipe.apply(stored, engine), engine)
    assert_same(by_pandas(recipe, stored, engine, tmp_path), got)
    expected = by_sklearn(old, new, nearest)
    for place, name in enumerate(got.column_names):
        assert got.column(name).to_pylist() == pytest.approx(expected[:, place].tolist(), rel=1e-9, abs=1e-9)


def test_of_equally_near_rows_the_first_count(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"x": [1.0, 1.0, 1.0, 5.0, 1.0], "y": [10.0, 20.0, 30.0, 99.0, None]})
    got = after(FillNearest(columns=("y",), others=("x",), nearest=2), rows, engine, tmp_path)
    assert got.column("y").to_pylist()[-1] == 15.0


def test_a_row_with_nothing_to_compare_by_gets_the_mean(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"x": [1.0, 2.0, None], "y": [1.0, 4.0, None]})
    got = after(FillNearest(columns=("y",), others=("x",)), rows, engine, tmp_path)
    assert got.to_pydict() == {"x": [1.0, 2.0, None], "y": [1.0, 4.0, 2.5]}


def test_whole_numbers_stay_whole_and_infinite_ones_stay(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"n": [1, 2, None, 9], "x": [1.0, 1.1, 1.05, INF]})
    got = after(FillNearest(columns=("n", "x"), nearest=2), rows, engine, tmp_path)
    assert got.to_pydict() == {"n": [1, 2, 2, 9], "x": [1.0, 1.1, 1.05, INF]}


def test_a_column_without_values_stays_and_one_value_is_no_distance(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"x": pa.nulls(3, pa.float64()), "y": [5.0, 5.0, None], "z": [7.0, 7.0, 7.0]})
    got = after(FillNearest(columns=("x", "y", "z")), rows, engine, tmp_path)
    assert got.to_pydict() == {"x": [None] * 3, "y": [5.0] * 3, "z": [7.0] * 3}


def test_so_many_rows_are_kept_and_the_same_ones_each_time(engine: Engine, tmp_path: Path) -> None:
    stored = put(tmp_path, table(numbers(KEPT + 300, 4)))
    step = FillNearest(columns=("c0", "c1"))
    learned = step.learn(stored, engine)
    assert [len(cells) for cells in learned["rows"]] == [KEPT, KEPT]
    assert step.learn(stored, engine) == learned
