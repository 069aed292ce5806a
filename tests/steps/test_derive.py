"""A column by formula: where it stands, what it replaces, and what is refused before anything runs."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from core.contracts import Engine
from core.engine.duckdb import DuckEngine
from core.errors import BadParameter, MissingColumn
from core.recipe import Recipe, RecipeStep
from core.steps.derive import DerivedColumn
from tests.steps.tables import assert_same, by_pandas, fetched, put

ROWS = pa.table({"a": [1, None], "Total": ["x", "y"], "b": [2.5, 3.5]})


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=1)


def run(engine: Engine, folder: Path, **steps: str) -> pa.Table:
    """The table after one column for each name and formula, the same in the engine and in pandas."""
    made = [RecipeStep(step=DerivedColumn(name=name, formula=formula)) for name, formula in steps.items()]
    recipe, table = Recipe(steps=tuple(made)), put(folder, ROWS)
    after = fetched(recipe.apply(table, engine), engine)
    assert_same(by_pandas(recipe, table, engine, folder), after)
    return after


def test_a_new_column_stands_at_the_end(engine: Engine, tmp_path: Path) -> None:
    after = run(engine, tmp_path, c="a * b")
    assert after.column_names == ["a", "Total", "b", "c"]
    assert after.column("c").to_pylist() == [2.5, None]


def test_a_column_of_that_name_is_replaced_in_its_place_and_keeps_its_spelling(
    engine: Engine, tmp_path: Path
) -> None:
    after = run(engine, tmp_path, total="coalesce(a, 7) + length(Total)")
    assert after.to_pydict() == {"a": [1, None], "Total": [2.0, 8.0], "b": [2.5, 3.5]}


def test_a_formula_may_use_the_columns_of_earlier_steps(engine: Engine, tmp_path: Path) -> None:
    after = run(engine, tmp_path, c="b * 2", d="if(c > 6, 'high', 'low')")
    assert after.column("d").to_pylist() == ["low", "high"]


def test_a_formula_is_checked_before_anything_runs(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(
        MissingColumn, match="Step 2, Compute a column: Formula, character 5: there is no column"
    ):
        run(engine, tmp_path, c="b", d="1 + nothere")
    with pytest.raises(BadParameter, match="Texts are joined with &"):
        run(engine, tmp_path, c="Total + 1")


@pytest.mark.parametrize("name", ["", "  ", "__row__", "__ROW__", "n" * 1001])
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(BadParameter, match="'name' parameter"):
        DerivedColumn.build("derived_column", {"name": name, "formula": "1"})


def test_describe_is_short() -> None:
    step = DerivedColumn(name="total", formula="price\n * quantity")
    assert str(step.describe()) == 'Compute "total" as price * quantity'
    assert len(str(DerivedColumn(name="t", formula="1 + " * 400 + "1").describe())) < 100
