"""Pivot, unpivot and exploded lists, compared with pandas' pivot_table, melt and explode."""

from __future__ import annotations

import datetime as dt
import json
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from core import sql
from core.contracts import Engine, Step
from core.errors import BadParameter
from core.recipe import Recipe, RecipeStep
from core.steps.explode import ExplodeList
from core.steps.pivot import Pivot
from core.steps.unpivot import Unpivot
from tests.steps.tables import after, assert_same, by_pandas, fetched, put

_source = random.Random(11)
PLACES = [_source.choice(["b", "a", "c"]) for _ in range(120)]
YEARS = [_source.choice([2021, 2022, 2023]) for _ in range(120)]
NUMBERS = [_source.choice([None, _source.gauss(0, 9)]) for _ in range(120)]
ROWS = pa.table({"place": PLACES, "year": YEARS, "x": pa.array(NUMBERS, pa.float64())})


@pytest.mark.parametrize("function", ["sum", "mean", "median", "min", "max", "count", "sd", "distinct"])
def test_pivot_is_pandas_pivot_table(function: str, engine: Engine, tmp_path: Path) -> None:
    step = Pivot.build(
        "pivot", {"keys": ["place"], "names": "year", "value": "x", "function": function, "prefix": "y"}
    )
    got = after(step, ROWS, engine, tmp_path)
    frame = pd.DataFrame({"place": PLACES, "year": YEARS, "x": NUMBERS}).astype({"x": float})
    named = {"sd": "std", "distinct": "nunique"}.get(function, function)
    table = frame.pivot_table(index="place", columns="year", values="x", aggfunc=named, sort=False)
    table = table.loc[list(dict.fromkeys(PLACES)), [2021, 2022, 2023]]
    assert got.column_names == ["place", "y2021", "y2022", "y2023"]
    assert got.column("place").to_pylist() == table.index.tolist(), "in the order they first appear"
    for year in (2021, 2022, 2023):
        assert got.column(f"y{year}").to_pylist() == pytest.approx(table[year].tolist())


def test_new_rows_make_the_columns_that_were_learned(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    step = Pivot(keys=("k",), names="n", value="v")
    old = pa.table({"k": [1, 1, 2], "n": ["b", "a", None], "v": ["x", "y", "z"]})
    recipe = Recipe(steps=(RecipeStep(step=step),)).learn(put(tmp_path / "old", old), engine)
    table = put(tmp_path, pa.table({"k": [7, 7, 8], "n": ["b", "new", "new"], "v": ["1", "2", "3"]}))
    got = fetched(recipe.apply(table, engine), engine)
    assert_same(by_pandas(recipe, table, engine, tmp_path), got)
    assert got.to_pydict() == {"k": [7, 8], "a": [None, None], "b": ["1", None]}


def test_the_columns_are_named_for_values_as_they_can_be(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table(
        {"k": [1] * 6, "n": ["North", "north", "", "k", "a\nb", sql.ROW], "v": [1, 2, 3, 4, 5, 6]}
    )
    got = after(Pivot(keys=("k",), names="n", value="v"), rows, engine, tmp_path)
    assert got.column_names == ["k", "empty", "North", "__row___2", "a b", "k_2", "north_2"]
    assert got.to_pylist()[0] == {
        "k": 1, "empty": 3, "North": 1, "__row___2": 6, "a b": 5, "k_2": 4, "north_2": 2,
    }  # fmt: skip


def test_too_many_columns_are_refused(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"k": [1] * 60, "n": list(range(60)), "v": [1] * 60})
    with pytest.raises(BadParameter, match="more than 50 different values"):
        after(Pivot(keys=("k",), names="n", value="v"), rows, engine, tmp_path)
    assert after(Pivot(keys=("k",), names="n", value="v", most=60), rows, engine, tmp_path).num_columns == 61


def test_dates_and_switches_become_columns_in_their_order(engine: Engine, tmp_path: Path) -> None:
    days = [dt.date(2024, 5, 2), dt.date(2024, 5, 1), None]
    rows = pa.table({"k": ["a"] * 3, "day": days, "on": [True, False, None], "v": [1, 2, 3]})
    got = after(Pivot(keys=("k",), names="day", value="v"), rows, engine, tmp_path)
    assert got.to_pydict() == {"k": ["a"], "2024-05-01": [2], "2024-05-02": [1]}
    got = after(Pivot(keys=("k",), names="on", value="v"), rows, engine, tmp_path)
    assert got.to_pydict() == {"k": ["a"], "false": [2], "true": [1]}


@pytest.mark.parametrize("missing", ["keep", "leave out"])
def test_unpivot_is_pandas_melt(missing: str, engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"id": [1, 2, 3], "a": [1, None, 3], "b": [None, 5.5, None]})
    step = Unpivot.build("unpivot", {"columns": ["b", "a"], "name": "n", "value": "v", "missing": missing})
    got = after(step, rows, engine, tmp_path).to_pandas()
    wide = rows.to_pandas()
    melted = wide.melt("id", ["b", "a"], "n", "v").sort_values("id", kind="stable")
    melted = melted if missing == "keep" else melted.dropna(subset="v")
    pd.testing.assert_frame_equal(got, melted.reset_index(drop=True), check_dtype=False)


def test_columns_of_different_types_become_texts(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"a": [1.5], "b": [dt.date(2024, 1, 2)], "c": ["x"], "d": [True]})
    got = after(Unpivot(columns=("a", "b", "c", "d")), rows, engine, tmp_path)
    assert got.column("value").to_pylist() == ["1.5", "2024-01-02", "x", "true"]


def test_pivot_turns_back_what_unpivot_made(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"id": [1, 2, 3], "a": ["p", None, "q"], "b": [None, "r", "s"]})
    steps: list[Step] = [Unpivot(columns=("a", "b")), Pivot(keys=("id",), names="column", value="value")]
    table = put(tmp_path, rows)
    recipe = Recipe(steps=tuple(RecipeStep(step=step) for step in steps)).learn(table, engine)
    got = fetched(recipe.apply(table, engine), engine)
    assert_same(by_pandas(recipe, table, engine, tmp_path), got)
    assert got.to_pydict() == rows.to_pydict()


LISTS: list[str | None] = ["a; b;c", "", None, " ; ;", "one", "b;b", "x;;y", "\u3000z \u200b; w"]


@pytest.mark.parametrize("empty", ["keep the row", "leave out"])
def test_delimited_items_get_a_row_each(empty: str, engine: Engine, tmp_path: Path) -> None:
    step = ExplodeList.build("explode_list", {"column": "x", "number": "n", "empty": empty})
    got = after(step, pa.table({"id": list(range(8)), "x": LISTS, "place": ["p"] * 8}), engine, tmp_path)
    expected = pd.DataFrame({"id": list(range(8)), "x": LISTS})
    expected["x"] = [
        [item.strip(" \u3000\u200b") for item in (text or "").split(";") if item.strip(" \u3000\u200b")]
        for text in LISTS
    ]
    expected = expected.explode("x")
    if empty == "leave out":
        expected = expected.dropna()
    assert got.column("id").to_pylist() == expected["id"].tolist()
    assert got.column("x").to_pylist() == [None if pd.isna(x) else x for x in expected["x"]]
    assert got.column("n").to_pylist() == (expected.groupby("id").cumcount() + 1).tolist()


JSON = [
    '["a", "b \\u00e9 \\" \\n"]', "[]", None, "no list", '{"a": 1}', "[1, 2.5, true, null, -3]",
    '[[1, 2], {"k": ["v"]}]', "[1,", '"text"', " [ 7 ] ", '["", " x "]', "[NaN]", "[Infinity]",
]  # fmt: skip


def test_items_of_json_lists_get_a_row_each(engine: Engine, tmp_path: Path) -> None:
    def items(text: str | None) -> list[Any]:
        try:
            found = json.loads(text or "[]")
        except ValueError:
            return [text]
        if not isinstance(found, list):
            return [text]
        return [
            item if item is None or isinstance(item, str) else json.dumps(item, separators=(",", ":"))
            for item in found
        ] or [None]

    step = ExplodeList(column="x", form="JSON")
    got = after(step, pa.table({"x": JSON}), engine, tmp_path).column("x").to_pylist()
    assert got == [item for text in JSON for item in items(text)]
    assert '{"k":["v"]}' in got
