"""New rows get the cleaning that the training rows got, and every one of them gets a prediction."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import examples
from core.contracts import Step, Table
from core.engine.duckdb import DuckEngine, stored
from core.errors import MissingColumn
from core.preparation import Preparation, with_predictions
from core.recipe import Recipe
from tests.steps.tables import put

ENGINE = DuckEngine()


def made(place: Path, columns: dict[str, list[object]]) -> Table:
    pq.write_table(pa.table(columns), place)
    query = stored(place)
    return Table(query, ENGINE.schema(query))


@pytest.fixture
def raw(tmp_path: Path) -> Table:
    return made(
        tmp_path / "raw.parquet",
        {"size": [1, 3, None], "kind": [" a", "b ", "a"], "price": ["1,000", "2,000", None]},
    )


def preparation(raw: Table, *steps: dict[str, object]) -> Preparation:
    recipe = Recipe.from_json(list(steps)).learn(raw, ENGINE)
    return Preparation(columns=raw.columns, recipes=(recipe.to_json(),))


FILL = {"kind": "fill_missing", "columns": ["size"], "method": "mean"}
TRIM = {"kind": "trim_text", "columns": ["kind"]}
PRICE = {"kind": "change_type", "columns": ["price"], "to": "number"}
DROP = {"kind": "drop_missing", "columns": ["price"]}


def test_constants_are_those_of_the_training_rows(raw: Table, tmp_path: Path) -> None:
    new = made(tmp_path / "new.parquet", {"size": [None, 100], "kind": ["b", " a"], "price": ["1", "2"]})
    done = preparation(raw, FILL, TRIM).apply(new, ENGINE, ("size", "kind"))
    rows = ENGINE.rows(done.table.query)
    assert rows["size"].to_pylist() == [2.0, 100.0]
    assert rows["kind"].to_pylist() == ["b", "a"]


def test_a_step_that_only_chooses_rows_is_left_out(raw: Table, tmp_path: Path) -> None:
    new = made(tmp_path / "new.parquet", {"size": [1, 2], "kind": ["a", "b"], "price": [None, "2"]})
    done = preparation(raw, DROP, FILL).apply(new, ENGINE, ("size",))
    assert ENGINE.rows(done.table.query).num_rows == 2
    assert len(done.skipped) == 1
    assert done.keeps_rows


def test_the_target_may_be_absent(raw: Table, tmp_path: Path) -> None:
    new = made(tmp_path / "new.parquet", {"size": [5, None], "kind": ["a", "b"]})
    done = preparation(raw, PRICE, FILL).apply(new, ENGINE, ("size", "kind"))
    assert ENGINE.rows(done.table.query)["size"].to_pylist() == [5.0, 2.0]


def test_a_column_that_a_feature_depends_on_may_not_be_absent(raw: Table, tmp_path: Path) -> None:
    new = made(tmp_path / "new.parquet", {"sise": [5], "kind": ["a"]})
    derive = {"kind": "derived_column", "name": "double", "formula": "size * 2"}
    with pytest.raises(MissingColumn, match=r"'size'.*sise"):
        preparation(raw, FILL, derive).apply(new, ENGINE, ("double",))


def test_values_of_another_type_are_converted_and_the_lost_ones_counted(raw: Table, tmp_path: Path) -> None:
    new = made(tmp_path / "new.parquet", {"size": ["5", "many"], "kind": [1, 2], "price": ["1", "2"]})
    done = preparation(raw, FILL).apply(new, ENGINE, ("size", "kind"))
    assert done.unreadable == {"size": 1}
    rows = ENGINE.rows(done.table.query)
    assert rows["size"].to_pylist() == [5.0, 2.0]
    assert rows["kind"].to_pylist() == ["1", "2"]


def test_json_round_trip(raw: Table) -> None:
    kept = preparation(raw, FILL, TRIM)
    assert Preparation.model_validate_json(kept.model_dump_json()) == kept


@pytest.mark.parametrize("kind", sorted(Step.members))
def test_every_step_can_stand_before_a_model(kind: str, tmp_path: Path) -> None:
    table = put(tmp_path, examples.table())
    kept = preparation(table, Step.members[kind].example().to_json())
    cleaned = Recipe.from_json(kept.recipes[0]).apply(table, ENGINE)
    done = kept.apply(table, ENGINE, tuple(cleaned.names()))
    assert done.table.names() == cleaned.names()
    if done.skipped:
        assert ENGINE.rows(done.table.query).num_rows == examples.table().num_rows


def test_predictions_stand_beside_the_raw_rows(raw: Table, tmp_path: Path) -> None:
    scored = made(tmp_path / "scored.parquet", {"size": [1.0, 3.0, 2.0], "prediction": [10.0, 30.0, 20.0]})
    both = with_predictions(raw, scored, ["prediction"], ("prediction",))
    rows = ENGINE.rows(both.query)
    assert rows["size"].to_pylist() == [1, 3, None]
    assert rows["prediction"].to_pylist() == [10.0, 30.0, 20.0]
    assert both.names() == ["size", "kind", "price", "prediction"]


def test_a_column_filled_by_regression_depends_on_those_it_is_estimated_from(tmp_path: Path) -> None:
    old = made(tmp_path / "old.parquet", {"a": [1.0, 2.0, None], "b": [2.0, 4.0, 6.0], "c": [1, 2, 3]})
    step = {"kind": "fill_by_regression", "columns": ["a"], "others": ["b"]}
    kept = preparation(old, step)
    new = made(tmp_path / "new.parquet", {"a": [1.0], "c": [1]})
    with pytest.raises(MissingColumn, match="'b'"):
        kept.apply(new, ENGINE, ("a",))
    assert kept.apply(new, ENGINE, ("c",)).keeps_rows
