"""Classes of numbers, with edges compared with numpy and pandas."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.contracts import Engine
from core.engine.duckdb import DuckEngine
from core.errors import BadParameter, SightlineError
from core.recipe import Recipe, RecipeStep
from core.steps.bins import BinNumbers
from tests.steps.tables import assert_same, by_pandas, fetched, put

_source = random.Random(5)
VALUES = [_source.gauss(0, 10) for _ in range(100)]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=1)


def run(values: list[Any], engine: Engine, folder: Path, **options: Any) -> tuple[list[float], list[Any]]:
    """The edges learned and the classes, the same in the engine and in pandas."""
    table = put(folder, pa.table({"x": values}))
    step = BinNumbers.build("bin_numbers", {"column": "x", **options})
    recipe = Recipe(steps=(RecipeStep(step=step),)).learn(table, engine)
    after = fetched(recipe.apply(table, engine), engine)
    assert_same(by_pandas(recipe, table, engine, folder), after)
    assert recipe.steps[0].learned is not None
    return recipe.steps[0].learned["edges"], after.column(1).to_pylist()


def test_quantiles_are_those_of_numpy(engine: Engine, tmp_path: Path) -> None:
    edges, classes = run(VALUES, engine, tmp_path, method="quantiles", count=5, labels="numbers")
    assert edges == pytest.approx(np.quantile(VALUES, [0.2, 0.4, 0.6, 0.8]), rel=1e-12)
    assert [classes.count(number) for number in range(1, 6)] == [20] * 5
    assert classes == (pd.qcut(VALUES, 5, labels=False) + 1).tolist()


def test_equal_width_is_that_of_numpy(engine: Engine, tmp_path: Path) -> None:
    edges, classes = run(VALUES, engine, tmp_path, method="equal width", count=4, labels="numbers")
    assert edges == pytest.approx(np.linspace(min(VALUES), max(VALUES), 5)[1:-1], rel=1e-12)
    assert classes == (pd.cut(VALUES, 4, labels=False, right=False) + 1).tolist()


def test_own_edges_and_what_lies_on_them_or_beyond(engine: Engine, tmp_path: Path) -> None:
    inf = float("inf")
    values = [17.999, 18.0, 64.0, 65.0, 1e300, -inf, inf, None]
    _, classes = run(values, engine, tmp_path, method="own edges", edges="18, 65")
    below, between, above = "below 18", "18 to 65", "65 and above"
    assert classes == [below, between, between, above, above, below, above, None]


def test_own_labels(engine: Engine, tmp_path: Path) -> None:
    options = {
        "method": "own edges",
        "edges": "18;65",
        "labels": "own labels",
        "names": 'young, "big, old", 李',
    }
    _, classes = run([1, 20, 70, None], engine, tmp_path, **options)
    assert classes == ["young", "big, old", "李", None]


def test_edges_that_coincide_are_merged(engine: Engine, tmp_path: Path) -> None:
    edges, classes = run([1, 1, 1, 1, 1, 2], engine, tmp_path, method="quantiles", count=4)
    assert edges == [1.0]
    assert set(classes) == {"1 and above"}


def test_a_constant_column_has_one_class(engine: Engine, tmp_path: Path) -> None:
    edges, classes = run([7, 7], engine, tmp_path, method="equal width", count=3)
    assert (edges, classes) == ([7], ["7 and above", "7 and above"])


def test_ranges_have_digits_enough_to_differ(engine: Engine, tmp_path: Path) -> None:
    _, classes = run([1.0], engine, tmp_path, method="own edges", edges="1.00000001, 1.00000002")
    assert classes == ["below 1.00000001"]


def test_infinite_values_do_not_make_edges(engine: Engine, tmp_path: Path) -> None:
    values = [0.0, 10.0, float("inf"), -float("inf")]
    edges, _ = run(values, engine, tmp_path, method="equal width", count=2)
    assert edges == [5.0]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"method": "own edges"}, "must have edges that are numbers"),
        ({"method": "own edges", "edges": "2, 1"}, "must have edges that rise"),
        ({"method": "own edges", "edges": "1, 1"}, "must have edges that rise"),
        ({"method": "own edges", "edges": "1, inf"}, "finite"),
        ({"labels": "own labels"}, "must have labels"),
        ({"count": 1}, "greater than or equal to 2"),
        ({"edges": "1, 2", "method": "own edges", "labels": "own labels", "names": "a, b"},
         "3 classes of 'x' and 2 labels"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    options: dict[str, Any], says: str, engine: Engine, tmp_path: Path
) -> None:
    with pytest.raises(BadParameter) as refused:
        run([1.0, 2.0], engine, tmp_path, **options)
    assert says in str(refused.value)


def test_a_column_without_values_has_no_classes(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(SightlineError, match="has no values to find classes from"):
        run([None, float("inf")], engine, tmp_path)
