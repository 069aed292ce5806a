"""Filling by group compared with pandas' transform; rare values counted by hand."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from core.contracts import Engine
from core.errors import BadParameter
from core.recipe import Recipe, RecipeStep
from core.steps.fill_group import FillByGroup
from core.steps.rare import GroupRare
from tests.steps.tables import after, assert_same, by_pandas, fetched, put

_source = random.Random(7)
GROUPS = [_source.choice(["a", "b", "c", None]) for _ in range(300)]
NUMBERS = [_source.choice([None, None, _source.gauss(10, 3)]) for _ in range(300)]
ROWS = pa.table({"g": GROUPS, "x": pa.array(NUMBERS, pa.float64())})


@pytest.mark.parametrize("method", ["mean", "median"])
def test_a_missing_number_becomes_that_of_its_group(method: str, engine: Engine, tmp_path: Path) -> None:
    step = FillByGroup.build("fill_by_group", {"columns": ["x"], "by": ["g"], "method": method})
    frame = pd.DataFrame({"g": [group or "none" for group in GROUPS], "x": NUMBERS}).astype({"x": float})
    expected = frame["x"].fillna(frame.groupby("g")["x"].transform(method))
    assert after(step, ROWS, engine, tmp_path).column("x").to_pylist() == pytest.approx(expected.tolist())


def test_the_most_frequent_value_of_several_the_smallest(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"g": [1, 1, 1, 1, 1, 2, 2], "v": ["b", "b", "a", "a", None, "z", None]})
    step = FillByGroup(columns=("v",), by=("g",), method="most frequent")
    assert after(step, rows, engine, tmp_path).column("v").to_pylist() == ["b", "b", "a", "a", "a", "z", "z"]


def test_groups_that_say_nothing_take_the_value_of_all_rows_or_stay(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"g": ["a", "a", "a", "b", "b", "c"], "x": [1, 2, None, 9, None, None]})
    step = FillByGroup(columns=("x",), by=("g",), least=2)
    assert after(step, rows, engine, tmp_path).column("x").to_pylist() == [1, 2, 1.5, 9, 2, 2]
    step = FillByGroup(columns=("x",), by=("g",), least=2, otherwise="stay missing")
    assert after(step, rows, engine, tmp_path).column("x").to_pylist() == [1, 2, 1.5, 9, None, None]


def test_whole_numbers_stay_whole_when_all_that_is_filled_in_is(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"g": ["a", "a", "b", "b"], "x": [3, None, 5, None]})
    step = FillByGroup(columns=("x",), by=("g",), method="mean")
    got = after(step, rows, engine, tmp_path).column("x")
    assert (got.type, got.to_pylist()) == (pa.int64(), [3, 3, 5, 5])


def test_several_columns_make_a_group_and_new_rows_get_what_was_learned(
    engine: Engine, tmp_path: Path
) -> None:
    old = pa.table({"g": ["a", "a", None], "h": [1, 2, 1], "x": [10.0, 20.0, 30.0]})
    new = pa.table({"g": ["a", None, "a", "q"], "h": [2, 1, 1, 1], "x": pa.nulls(4, pa.float64())})
    (tmp_path / "old").mkdir()
    step = FillByGroup(columns=("x",), by=("g", "h"), method="mean")
    recipe = Recipe(steps=(RecipeStep(step=step),)).learn(put(tmp_path / "old", old), engine)
    table = put(tmp_path, new)
    got = fetched(recipe.apply(table, engine), engine)
    assert_same(by_pandas(recipe, table, engine, tmp_path), got)
    assert got.column("x").to_pylist() == [20.0, 30.0, 10.0, 20.0]


def test_a_column_cannot_say_what_its_own_value_is(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match="its own value"):
        after(FillByGroup(columns=("g",), by=("g",), method="most frequent"), ROWS, engine, tmp_path)


def test_a_text_has_no_median(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"g": ["a", "b"], "v": ["x", None]})
    with pytest.raises(BadParameter, match="needs a column of numbers; 'v' is text"):
        after(FillByGroup(columns=("v",), by=("g",)), rows, engine, tmp_path)


CITIES = [_source.choices(["Rome", "Oslo", "Bern", "Kiel", None], [50, 30, 5, 3, 5])[0] for _ in range(400)]


@pytest.mark.parametrize(
    ("given", "stays"),
    [
        ({"least": 30}, lambda count, rows: count >= 30),
        ({"least": 1, "share": 5.0}, lambda count, rows: count >= 0.05 * rows),
        ({"least": 1, "most": 1}, lambda count, rows: count > 0.4 * rows),
    ],
)
def test_rare_values_get_one_name(given: dict[str, Any], stays: Any, engine: Engine, tmp_path: Path) -> None:
    counts = Counter(city for city in CITIES if city)
    kept = {city for city, count in counts.items() if stays(count, counts.total())}
    expected = [city if city is None or city in kept else "Other" for city in CITIES]
    step = GroupRare.build("group_rare", {"columns": ["city"], **given})
    assert after(step, pa.table({"city": CITIES}), engine, tmp_path).column("city").to_pylist() == expected
    assert 0 < len(kept) < 4


def test_a_value_that_was_never_seen_is_rare(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    step = GroupRare(columns=("x",), least=2, name="else")
    recipe = Recipe(steps=(RecipeStep(step=step),))
    recipe = recipe.learn(put(tmp_path / "old", pa.table({"x": ["a", "a", "b"]})), engine)
    table = put(tmp_path, pa.table({"x": ["a", "b", "new", None]}))
    assert fetched(recipe.apply(table, engine), engine).column("x").to_pylist() == ["a", "else", "else", None]
