"""Join and look up, beside what pandas.merge makes of the same rows."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from core import examples
from core.contracts import Engine, Step, Table
from core.errors import BadInput, BadParameter, MissingColumn, NotFound
from core.recipe import Recipe, RecipeStep
from core.steps.join import Join
from core.steps.look_up import LookUp
from core.steps.pairing import Pair
from tests.steps.tables import assert_same, by_pandas, fetched, put

OTHER = examples.OTHER


def joined(step: Step, left: pa.Table, right: pa.Table, engine: Engine, folder: Path) -> pa.Table:
    """The rows after the step; SQL and the exported pandas code must agree."""
    table = put(folder, left, {OTHER: right})
    recipe = Recipe(steps=(RecipeStep(step=step),)).learn(table, engine)
    result = fetched(recipe.apply(table, engine), engine)
    assert_same(by_pandas(recipe, table, engine, folder), result)
    return result


def on(*names: str, **more: Any) -> Join:
    return Join(table=OTHER, keys=tuple(Pair(column=n, other=n) for n in names), **more)


def some(seed: int, rows: int, keys: int, *, side: str) -> pa.Table:
    """Rows with keys of two columns that are often repeated and sometimes missing."""
    chance = random.Random(seed)
    pick = lambda: None if chance.random() < 0.1 else chance.randrange(keys)  # noqa: E731
    numbers = [pick() for _ in range(rows)]
    words = [None if (n := pick()) is None else "abcdef"[n % 6] for _ in range(rows)]
    return pa.table(
        {"k": pa.array(numbers, pa.int64()), "w": pa.array(words, pa.string())}
        | {f"{side}{i}": pa.array([chance.randrange(10**6) for _ in range(rows)]) for i in range(2)}
    )


def merged(left: pa.Table, right: pa.Table, names: list[str], how: str) -> list[tuple[Any, ...]]:
    """Sorted rows of pandas.merge, in which missing keys, unlike there, are equal to nothing."""
    a, b = (side.to_pandas(types_mapper=pd.ArrowDtype) for side in (left, right))
    inner = a.dropna(subset=names).merge(b.dropna(subset=names), on=names, how="inner")
    parts = [inner]
    if how in ("left", "outer"):
        parts.append(a[~a["l0"].isin(inner["l0"])])
    if how in ("right", "outer"):
        parts.append(b[~b["r0"].isin(inner["r0"])])
    rows = pd.concat(parts)[[*left.column_names, "r0", "r1"]]
    return ordered(
        [tuple(None if pd.isna(cell) else cell for cell in row) for row in rows.itertuples(index=False)]
    )


def ordered(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=repr)


def tuples(table: pa.Table) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in table.to_pylist()]


@pytest.mark.parametrize("how", ["left", "inner", "right", "full"])
@pytest.mark.parametrize("names", [["k"], ["k", "w"]])
@pytest.mark.parametrize("seed", range(4))
def test_rows_are_those_of_pandas_merge(
    how: str, names: list[str], seed: int, engine: Engine, tmp_path: Path
) -> None:
    left = some(seed, 60, 20, side="l")
    right = some(seed + 100, 40, 20, side="r").select([*names, "r0", "r1"])
    got = joined(on(*names, kind_of=how), left, right, engine, tmp_path)
    assert ordered(tuples(got)) == merged(left, right, names, "outer" if how == "full" else how)


@pytest.mark.parametrize("seed", range(4))
def test_semi_and_anti_divide_the_table(seed: int, engine: Engine, tmp_path: Path) -> None:
    left, right = some(seed, 60, 20, side="l"), some(seed + 100, 10, 20, side="r")
    known = set(right["k"].to_pylist()) - {None}
    for how in ("semi", "anti"):
        got = joined(on("k", kind_of=how), left, right, engine, tmp_path)
        assert got.to_pylist() == [r for r in left.to_pylist() if (r["k"] in known) == (how == "semi")]


def test_rows_stand_in_the_order_of_this_table_then_of_the_other(engine: Engine, tmp_path: Path) -> None:
    left = pa.table({"k": [2, 1, 2, 9]})
    right = pa.table({"k": [2, 8, 1, 2], "v": ["a", "b", "c", "d"]})
    got = joined(on("k", kind_of="full"), left, right, engine, tmp_path)
    assert tuples(got) == [(2, "a"), (2, "d"), (1, "c"), (2, "a"), (2, "d"), (9, None), (8, "b")]


def test_missing_keys_have_no_partner(engine: Engine, tmp_path: Path) -> None:
    left = pa.table({"k": pa.array([None, 1], pa.int64())})
    right = pa.table({"k": pa.array([None, 1], pa.int64()), "v": ["none", "one"]})
    assert tuples(joined(on("k"), left, right, engine, tmp_path)) == [(None, None), (1, "one")]
    assert tuples(joined(on("k", kind_of="anti"), left, right, engine, tmp_path)) == [(None,)]
    full = joined(on("k", kind_of="full"), left, right, engine, tmp_path)
    assert tuples(full) == [(None, None), (1, "one"), (None, "none")]


def test_keys_may_be_called_differently_and_names_that_clash_get_a_suffix(
    engine: Engine, tmp_path: Path
) -> None:
    left = pa.table({"id": [1, 2], "Name": ["a", "b"], "name_r": ["x", "y"]})
    right = pa.table({"code": [2, 1], "name": ["B", "A"]})
    step = Join(table=OTHER, keys=(Pair(column="id", other="code"),), suffix="_r")
    got = joined(step, left, right, engine, tmp_path)
    assert got.column_names == ["id", "Name", "name_r", "name_r_r"]
    assert got["name_r_r"].to_pylist() == ["A", "B"]


def test_only_the_columns_asked_for_are_added(engine: Engine, tmp_path: Path) -> None:
    left, right = pa.table({"k": [1]}), pa.table({"k": [1], "a": [2], "b": [3]})
    assert joined(on("k", keep=("b", "k")), left, right, engine, tmp_path).to_pylist() == [
        {"k": 1, "b": 3, "k_other": 1}
    ]


def test_case_and_spaces_are_ignored_when_asked(engine: Engine, tmp_path: Path) -> None:
    left = pa.table({"k": [" New  York", "ÅRHUS", "Rome", " ", ""]})
    right = pa.table({"k": ["new york ", "århus\u00a0", "Roma", ""], "v": [1, 2, 3, 4]})
    assert joined(on("k", loose=True), left, right, engine, tmp_path)["v"].to_pylist() == [1, 2, None, 4, 4]
    assert joined(on("k"), left, right, engine, tmp_path)["v"].to_pylist() == [None, None, None, None, 4]


def test_whole_numbers_meet_numbers_and_days_meet_midnights(engine: Engine, tmp_path: Path) -> None:
    import datetime as dt

    left = pa.table({"n": [1, 2], "d": pa.array([dt.date(2024, 1, 1), dt.date(2024, 1, 2)])})
    right = pa.table(
        {
            "n": [1.0, 2.5],
            "d": pa.array([dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 2, 1)], pa.timestamp("us")),
        }
    )
    for name in ("n", "d"):
        alone = left.select([name]), right.select([name]).append_column("v", pa.array([1, 2]))
        assert joined(on(name), *alone, engine, tmp_path)["v"].to_pylist() == [1, None]
        full = joined(on(name, kind_of="full"), *alone, engine, tmp_path)
        assert full.num_rows == 3
        assert full.schema.field(name).type == right.schema.field(name).type


def test_types_that_are_never_equal_are_refused(engine: Engine, tmp_path: Path) -> None:
    left, right = pa.table({"k": ["007"]}), pa.table({"k": [7], "v": [1]})
    with pytest.raises(BadParameter, match="'k' is text, 'k' of the other table is integer"):
        joined(on("k"), left, right, engine, tmp_path)


def test_columns_that_the_other_table_lacks_are_named(engine: Engine, tmp_path: Path) -> None:
    left, right = pa.table({"k": [1]}), pa.table({"key": [1]})
    with pytest.raises(MissingColumn, match="key"):
        joined(on("k"), left, right, engine, tmp_path)


def test_a_table_that_is_gone_is_said(engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, pa.table({"k": [1]}), {})
    with pytest.raises(NotFound, match="Choose another table"):
        Recipe(steps=(RecipeStep(step=on("k")),)).learn(table, engine)


def test_what_was_learned_must_be_what_the_other_table_is(engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, pa.table({"k": [1]}), {OTHER: pa.table({"k": [1], "v": [2]})})
    recipe = Recipe(steps=(RecipeStep(step=on("k")),)).learn(table, engine)
    changed = Table(
        table.query, table.columns, put(tmp_path, pa.table({"k": [1]}), {OTHER: pa.table({"k": [1]})}).others
    )
    with pytest.raises(BadInput, match="columns of that table"):
        recipe.apply(changed, engine)


def test_two_joins_with_tables_that_have_the_same_names(engine: Engine, tmp_path: Path) -> None:
    left = pa.table({"k": [1, 2]})
    others = {"vn_a": pa.table({"k": [1], "v": ["a"]}), "vn_b": pa.table({"k": [2], "v": ["b"]})}
    table = put(tmp_path, left, others)
    steps = tuple(RecipeStep(step=Join(table=id, keys=(Pair(column="k", other="k"),))) for id in others)
    recipe = Recipe(steps=steps).learn(table, engine)
    result = fetched(recipe.apply(table, engine), engine)
    assert result.to_pylist() == [{"k": 1, "v": "a", "v_other": None}, {"k": 2, "v": None, "v_other": "b"}]
    assert_same(by_pandas(recipe, table, engine, tmp_path), result)
    assert recipe.reads() == ("vn_a", "vn_b")


def test_keys_that_would_make_too_many_rows_are_refused(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, right = pa.table({"k": ["a"] * 50 + ["b"]}), pa.table({"k": ["a"] * 40 + ["b"], "v": range(41)})
    monkeypatch.setattr("core.steps.size.MOST_ROWS", 2001)
    assert joined(on("k"), left, right, engine, tmp_path).num_rows == 50 * 40 + 1
    monkeypatch.setattr("core.steps.size.MOST_ROWS", 2000)
    with pytest.raises(BadParameter, match="put 2,001 pairs"):
        joined(on("k"), left, right, engine, tmp_path)
    assert joined(on("k", kind_of="semi"), left, right, engine, tmp_path).num_rows == 51
    assert joined(on("k"), left.slice(50), right, engine, tmp_path).num_rows == 1


def test_a_table_may_be_joined_with_itself(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"id": [1, 2, 3], "boss": pa.array([None, 1, 1], pa.int64()), "name": ["a", "b", "c"]})
    step = Join(table=OTHER, keys=(Pair(column="boss", other="id"),), keep=("name",))
    got = joined(step, rows, rows, engine, tmp_path)
    assert got["name_other"].to_pylist() == [None, "a", "a"]


LOOK = LookUp(table=OTHER, keys=(Pair(column="k", other="id"),), column="v")


def test_a_look_up_adds_one_column_and_keeps_every_row(engine: Engine, tmp_path: Path) -> None:
    left = pa.table({"k": pa.array([3, None, 1, 3], pa.int64()), "v": [0, 0, 0, 0]})
    right = pa.table(
        {"id": pa.array([1, 3, None], pa.int64()), "v": ["one", "three", "none"], "w": [1, 2, 3]}
    )
    got = joined(LOOK, left, right, engine, tmp_path)
    assert got.column_names == ["k", "v", "v_other"]
    assert got["v_other"].to_pylist() == ["three", None, "one", "three"]


def test_keys_that_stand_there_twice_are_refused_or_the_first_is_taken(
    engine: Engine, tmp_path: Path
) -> None:
    left = pa.table({"k": [1, 2]})
    right = pa.table({"id": [2, 1, 2, 1, 5], "v": ["a", "b", "c", "d", "e"]})
    with pytest.raises(BadParameter, match="2 keys stand in more than one row"):
        joined(LOOK, left, right, engine, tmp_path)
    first = LOOK.model_copy(update={"several": "first", "name": "found"})
    assert joined(first, left, right, engine, tmp_path)["found"].to_pylist() == ["b", "a"]


def test_the_columns_of_the_other_table_are_said_to_be_added(engine: Engine, tmp_path: Path) -> None:
    left = pa.table({"k": [1, 2], "name": ["a", "b"]})
    right = pa.table({"k": [1, 2], "name": ["x", "y"], "label": ["p", "q"]})
    table = put(tmp_path, left, {OTHER: right})
    recipe = Recipe(steps=(RecipeStep(step=on("k")),)).learn(table, engine)
    (effect,) = recipe.effects(table, engine)
    assert effect.columns_added == ("name_other", "label")
    assert effect.columns_renamed == {}
