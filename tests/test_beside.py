"""A cleaning that reads other tables meets rows to be scored: all stay, and what was read comes along."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core import beside, examples
from core.contracts import Column, Engine, Step, Table
from core.errors import MissingColumn, NotFound
from core.preparation import Preparation, Prepared
from core.recipe import Recipe
from tests.steps.tables import assert_same, fetched, put

OTHER = examples.OTHER
KEYS = [{"column": "k", "other": "id"}]
JOIN = {"kind": "join", "table": OTHER, "keys": KEYS}
LEFT = pa.table({"k": ["a", "b", "c", None], "x": [1, 2, 3, 4]})
RIGHT = pa.table({"id": ["c", "a", "z"], "v": [30.5, 10.5, 99.0], "w": ["three", "one", "z"]})


def prepared(folder: Path, engine: Engine, *steps: dict[str, Any], new: pa.Table = LEFT) -> Prepared:
    """New rows, in a place where there is no other table, after the cleaning that a model keeps."""
    table = put(folder, LEFT, {OTHER: RIGHT})
    recipe = Recipe.from_json(list(steps)).learn(table, engine)
    made = Preparation(columns=table.columns, recipes=(recipe.to_json(),)).keeping(table, engine)
    elsewhere = put(folder, new, {})
    kept = Preparation.model_validate_json(made.model_dump_json())
    wanted = recipe.apply(table, engine).names()
    return kept.apply(elsewhere, engine, tuple(wanted))


def test_small_tables_come_along_with_the_model(engine: Engine, tmp_path: Path) -> None:
    done = prepared(tmp_path, engine, JOIN)
    assert done.keeps_rows
    assert fetched(done.table, engine).to_pydict() == {
        **LEFT.to_pydict(), "v": [10.5, None, 30.5, None], "w": ["one", None, "three", None]
    }  # fmt: skip


def test_only_the_columns_that_are_read_are_kept(engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, LEFT, {OTHER: RIGHT})
    recipe = Recipe.from_json([{**JOIN, "keep": ["v"]}]).learn(table, engine)
    made = Preparation(columns=table.columns, recipes=(recipe.to_json(),)).keeping(table, engine)
    assert set(made.others[OTHER].cells) == {"id", "v"}


@pytest.mark.parametrize("kind_of", ["inner", "right", "full", "semi", "anti"])
def test_every_row_stays_whatever_the_join_kept(kind_of: str, engine: Engine, tmp_path: Path) -> None:
    done = prepared(tmp_path, engine, {**JOIN, "kind_of": kind_of})
    assert done.keeps_rows
    rows = fetched(done.table, engine)
    assert rows["k"].to_pylist() == ["a", "b", "c", None]
    assert len(done.skipped) == (kind_of in ("semi", "anti"))


def test_rows_with_several_partners_are_no_longer_row_for_row(engine: Engine, tmp_path: Path) -> None:
    left = put(tmp_path, LEFT, {OTHER: pa.concat_tables([RIGHT, RIGHT])})
    recipe = Recipe.from_json([JOIN]).learn(left, engine)
    made = Preparation(columns=left.columns, recipes=(recipe.to_json(),))
    assert not made.apply(left, engine, ("v",)).keeps_rows


def test_of_a_union_the_rows_of_this_table_alone_are_asked_about(engine: Engine, tmp_path: Path) -> None:
    union = {"kind": "union", "table": OTHER, "match": "position", "origin": "from"}
    done = prepared(tmp_path, engine, union)
    assert done.keeps_rows
    rows = fetched(done.table, engine).to_pydict()
    assert rows["k"] == ["a", "b", "c", None]
    assert rows["x"] == [1.0, 2.0, 3.0, 4.0], "the type that holds both"
    assert rows["w"] == [None] * 4
    assert rows["from"] == ["this table"] * 4


@pytest.mark.parametrize("kind", sorted(k for k, cls in Step.members.items() if cls.example().reads()))
def test_a_key_that_a_feature_depends_on_may_not_be_absent(kind: str, engine: Engine, tmp_path: Path) -> None:
    step = Step.members[kind].example()
    if kind == "union":
        return  # it has no key
    table = put(tmp_path, examples.table())
    recipe = Recipe.from_json([step.to_json()]).learn(table, engine)
    made = Preparation(columns=table.columns, recipes=(recipe.to_json(),)).keeping(table, engine)
    added = tuple(name for name in recipe.apply(table, engine).names() if name not in table.names())
    for name in {"join": ["region"], "look_up": ["region"], "join_as_of": ["day"], "join_within": ["price"],
                 "join_places": ["price", "quantity"], "join_fuzzy": ["name"]}[kind]:  # fmt: skip
        new = put(tmp_path, examples.table().drop_columns([name]), {})
        with pytest.raises(MissingColumn, match=name):
            made.apply(new, engine, added)


def test_a_table_that_is_too_large_is_not_kept_and_its_absence_is_said(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "MOST_CELLS", 5)
    with pytest.raises(NotFound, match="too large to be kept with the model"):
        prepared(tmp_path, engine, JOIN)
    monkeypatch.setattr(beside, "MOST_CELLS", 200)
    monkeypatch.setattr(beside, "MOST_LETTERS", 3)
    with pytest.raises(NotFound, match="too large"):
        prepared(tmp_path, engine, JOIN)


def test_a_deleted_table_does_not_stop_a_fit(engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, LEFT, {OTHER: RIGHT})
    recipe = Recipe.from_json([JOIN]).learn(table, engine)
    made = Preparation(columns=table.columns, recipes=(recipe.to_json(),))
    assert made.keeping(Table(table.query, table.columns), engine) == made


def test_a_kept_table_is_the_table(engine: Engine, tmp_path: Path) -> None:
    rows = pa.concat_tables([examples.other(), examples.other().slice(0, 0)])
    odd = pa.table(
        {"n": [0.1, float("inf"), -1e-300], "i": [2**63 - 1, -(2**63), None],
         "t": ["\u0001\"\\'", "", "NULL"],
         "at": [dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999_999), None]},
        schema=examples.arrow_schema(
            (Column(name="n", type="number"), Column(name="i", type="integer"), Column(name="t", type="text"),
             Column(name="at", type="datetime"))
        ),
    )  # fmt: skip
    for place, one in enumerate((rows, odd, odd.slice(0, 0))):
        (tmp_path / str(place)).mkdir()
        table = put(tmp_path / str(place), one)
        kept = beside.keep(table, set(table.names()), engine)
        assert kept is not None
        assert_same(fetched(kept.table(), engine), one)
