"""Groups and their numbers compared with pandas and numpy on plain Python lists."""

from __future__ import annotations

import random
import statistics
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.contracts import Engine
from core.engine.duckdb import DuckEngine
from core.errors import BadParameter
from core.recipe import Recipe, RecipeStep
from core.steps.group import Aggregation, GroupAggregate
from tests.steps.formulas import COLUMNS, INF, ROWS
from tests.steps.tables import assert_same, by_pandas, fetched, put

FUNCTIONS = ("count", "sum", "mean", "median", "min", "max", "sd", "distinct", "first")
NUMERIC = ("sum", "mean", "median", "sd")
_source = random.Random(13)
KEYS = [_source.choice(["b", "a", "C", None, ""]) for _ in range(300)]
NUMBERS = [_source.choice([None, _source.gauss(0, 100), 1.0, 2.0]) for _ in range(300)]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=1)


def run(
    rows: pa.Table, engine: Engine, folder: Path, keys: tuple[str, ...], *made: tuple[str, str | None]
) -> pa.Table:
    """The groups, the same in the engine and in pandas."""
    wanted = [{"function": function, "column": column} for function, column in made]
    step = GroupAggregate.build("group_aggregate", {"keys": keys, "aggregations": wanted})
    recipe, table = Recipe(steps=(RecipeStep(step=step),)), put(folder, rows)
    after = fetched(recipe.apply(table, engine), engine)
    assert_same(by_pandas(recipe, table, engine, folder), after)
    return after


def by_hand(function: str, values: list[Any]) -> Any:
    """The number of one group, with Python's statistics."""
    there = [value for value in values if value is not None]
    if function in ("count", "distinct"):
        return len(there if function == "count" else set(there))
    if not there or (function == "sd" and len(there) < 2):
        return None
    take = {
        "sum": sum, "mean": statistics.fmean, "median": statistics.median, "min": min, "max": max,
        "sd": statistics.stdev, "first": lambda numbers: numbers[0],
    }[function]  # fmt: skip
    return take(there)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_function_by_hand(function: str, engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"key": KEYS, "x": NUMBERS})
    got = run(rows, engine, tmp_path, ("key",), (function, "x"))
    order = list(dict.fromkeys(KEYS))
    assert got.column("key").to_pylist() == order, "groups stand in the order of first appearance"
    groups = [[x for key, x in zip(KEYS, NUMBERS, strict=True) if key == name] for name in order]
    assert got.column(f"x {function}").to_pylist() == [
        pytest.approx(by_hand(function, values), rel=1e-12) for values in groups
    ]


@pytest.mark.parametrize("key", [column.name for column in COLUMNS])
def test_any_column_is_a_key(key: str, engine: Engine, tmp_path: Path) -> None:
    got = run(ROWS, engine, tmp_path, (key,), ("first", "s"))
    assert got.column(key).to_pylist() == list(dict.fromkeys(ROWS.column(key).to_pylist()))


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_every_function_takes_its_types(column: Any, engine: Engine, tmp_path: Path) -> None:
    numbers = column.type in ("integer", "number", "boolean")
    made = [(f, column.name) for f in FUNCTIONS if numbers or f not in NUMERIC]
    run(ROWS, engine, tmp_path, ("c",), *made)
    run(ROWS, engine, tmp_path, ("c", "b"), *made)
    run(ROWS, engine, tmp_path, (), *made)


def test_without_keys_all_rows_are_one_group(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"x": [1.0, None, 3.0]})
    assert run(rows, engine, tmp_path, (), ("sum", "x"), ("count", None)).to_pydict() == {
        "x sum": [4.0],
        "rows": [3],
    }


@pytest.mark.parametrize("keys", [(), ("key",)])
def test_no_rows_make_no_groups(keys: tuple[str, ...], engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"key": ["a"], "x": [1.0]}).slice(0, 0)
    assert run(rows, engine, tmp_path, keys, *[(f, "x") for f in FUNCTIONS]).num_rows == 0


def test_large_whole_numbers_do_not_overflow(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"i": [2**63 - 1, 2**63 - 1, 5]})
    got = run(rows, engine, tmp_path, (), ("sum", "i"), ("max", "i"))
    assert got.to_pydict() == {"i sum": [2.0**64], "i max": [2**63 - 1]}


def test_infinite_values_give_missing_where_there_is_no_number(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"x": [INF, -INF, 1.0]})
    got = run(rows, engine, tmp_path, (), ("sum", "x"), ("mean", "x"), ("sd", "x"), ("max", "x"))
    assert got.to_pydict() == {"x sum": [None], "x mean": [None], "x sd": [None], "x max": [INF]}


def test_yes_and_no_count_as_one_and_zero(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"b": [True, False, True, None]})
    got = run(rows, engine, tmp_path, (), ("mean", "b"), ("sum", "b"))
    assert got.to_pydict() == {"b mean": [pytest.approx(2 / 3)], "b sum": [2.0]}


def test_a_function_of_numbers_refuses_texts() -> None:
    step = GroupAggregate(aggregations=(Aggregation(function="mean", column="s"),))
    with pytest.raises(BadParameter, match="There is no mean of 's', which is of type text"):
        step.check(COLUMNS)


def test_all_functions_but_count_need_a_column() -> None:
    with pytest.raises(BadParameter, match="must have a column to take the sum of"):
        GroupAggregate.build("group_aggregate", {"aggregations": [{"function": "sum"}]})


def test_names_that_collide_are_refused(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match="two columns called"):
        run(ROWS, engine, tmp_path, ("s",), ("sum", "x"), ("sum", "x"))
