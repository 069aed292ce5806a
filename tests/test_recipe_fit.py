"""A recipe on another table: what does not fit and what may be meant, what is learned anew or kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import tasks
from core.contracts import Recorded, Table
from core.engine.duckdb import DuckEngine, stored
from core.errors import BadInput
from core.jobs.work import Work
from core.recipe import Recipe, RecipeStep, add, fit, reapply
from core.steps.columns import NewName, RenameColumns
from core.steps.derive import DerivedColumn
from core.steps.missing import FillMissing
from core.steps.rare import GroupRare
from core.steps.text import TrimText
from core.store import Store, Version, tables
from core.store.records import Template

OWNER = "ann"


def recipe_of(table: Table, engine: DuckEngine, *steps: Any) -> Recipe:
    return Recipe(steps=tuple(RecipeStep(step=step) for step in steps)).learn(table, engine)


def rows(found: Recipe, table: Table, engine: DuckEngine) -> dict[str, list[Any]]:
    result = engine.rows(found.apply(table, engine).query)
    return {name: result[name].to_pylist() for name in result.column_names if name != "__row__"}


def test_on_an_equal_table_everything_fits(table_of: Any, engine: DuckEngine) -> None:
    table = table_of(price=[1.0, None, 3.0])
    recipe = recipe_of(table, engine, FillMissing(columns=("price",)))
    found = fit(recipe, table.columns, table, engine)
    assert (found.misfits, found.differences, found.recipe) == ((), (), recipe)


def test_a_missing_column_is_named_with_what_may_be_meant(table_of: Any, engine: DuckEngine) -> None:
    there = table_of(id=[1], price=[1.0], city=["a"])
    recipe = recipe_of(there, engine, FillMissing(columns=("price",)), TrimText(columns=("city",)))
    here = table_of(id=[1], Price_eur=["x"], unit_price=[2.0], city=["b"])
    found = fit(recipe, there.columns, here, engine)
    (misfit,) = found.misfits
    assert (misfit.number, misfit.column) == (1, "price")
    assert set(misfit.candidates) == {"unit_price", "Price_eur"}
    assert misfit.candidates[0] == "unit_price"  # of the same type
    assert [entry.active for entry in found.recipe.steps] == [False, True]
    assert "price" in str(found.said())


def test_names_bring_the_columns_to_the_recipe(table_of: Any, engine: DuckEngine) -> None:
    there = table_of(price=[1.0, None])
    made = DerivedColumn(name="double", formula="price * 2")
    recipe = recipe_of(there, engine, FillMissing(columns=("price",)), made)
    here = table_of(cost=[4.0, None, 4.0])
    assert [one.column for one in fit(recipe, there.columns, here, engine).misfits] == ["price", "price"]
    found = fit(recipe, there.columns, here, engine, names={"price": "cost"})
    assert found.misfits == ()
    assert rows(found.recipe, here, engine) == {"price": [4.0, 4.0, 4.0], "double": [8.0, 8.0, 8.0]}


def test_steps_after_one_that_does_not_fit_say_so(table_of: Any, engine: DuckEngine) -> None:
    there = table_of(price=[1.0])
    rename = RenameColumns(names=(NewName(column="price", name="cost"),))
    recipe = recipe_of(there, engine, rename, FillMissing(columns=("cost",)))
    found = fit(recipe, there.columns, table_of(x=[1]), engine)
    assert [(one.number, one.column) for one in found.misfits] == [(1, "price"), (2, "cost")]
    assert found.misfits[1].candidates == ()
    assert "an earlier step made" in str(found.misfits[1].said)


def test_another_type_is_told_and_stops_only_what_cannot_work(table_of: Any, engine: DuckEngine) -> None:
    there = table_of(price=[1.0, 2.0], code=["a", "b"])
    recipe = recipe_of(there, engine, FillMissing(columns=("price",)), TrimText(columns=("code",)))
    found = fit(recipe, there.columns, table_of(price=[1, 2], code=[7, 8]), engine)
    assert [one.number for one in found.misfits] == [2]
    assert "integer" in str(found.misfits[0].said)
    assert [str(one.said) for one in found.differences if one.what == "type"] == [
        "'price' was number there and is integer here"
    ]


def test_constants_are_learned_anew_or_kept(table_of: Any, engine: DuckEngine) -> None:
    there, here = table_of(price=[1.0, None, 1.0]), table_of(price=[5.0, None, 5.0])
    recipe = recipe_of(there, engine, FillMissing(columns=("price",)))
    anew = fit(recipe, there.columns, here, engine)
    assert rows(anew.recipe, here, engine)["price"] == [5.0, 5.0, 5.0]
    (difference,) = anew.differences
    assert difference.what == "constant"
    assert "1 there, 5 here" in str(difference.said)
    kept = fit(recipe, there.columns, here, engine, keep=True)
    assert rows(kept.recipe, here, engine)["price"] == [5.0, 1.0, 5.0]
    assert kept.differences == ()


def test_categories_that_were_not_seen_are_told(table_of: Any, engine: DuckEngine) -> None:
    there = table_of(city=["a"] * 12 + ["b"] * 12)
    here = table_of(city=["a"] * 12 + ["c"] * 12)
    recipe = recipe_of(there, engine, GroupRare(columns=("city",)))
    said = [str(one.said) for one in fit(recipe, there.columns, here, engine).differences]
    assert any("not seen there: c" in one for one in said)
    assert any("not seen here: b" in one for one in said)


def test_unwatched_work_refuses_what_does_not_fit(table_of: Any, engine: DuckEngine) -> None:
    there = table_of(price=[1.0])
    recipe = recipe_of(there, engine, FillMissing(columns=("price",))).to_json()
    with pytest.raises(BadInput, match="1 step does not fit this table: there is no column 'price'"):
        reapply(recipe, there.columns, table_of(x=[1]), engine)
    assert reapply(recipe, there.columns, there, engine).recipe.to_json() == recipe


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def version_of(store: Store, engine: DuckEngine, dataset: str | None = None, **columns: Any) -> Version:
    with store.new_object(OWNER, ".parquet") as made:
        pq.write_table(pa.table(columns), made.path)
        shape, count = engine.schema(stored(made.path)), pq.read_metadata(made.path).num_rows
    if dataset:
        return tables.add_version(store, OWNER, dataset, object=made, columns=shape, rows=count)
    return tables.add_dataset(store, OWNER, "t", object=made, columns=shape, rows=count)[1]


def run(store: Store, task: str, **params: Any) -> Version:
    scratch = store.home / "scratch" / "test"
    scratch.mkdir(parents=True, exist_ok=True)
    work = Work(store=store, owner=OWNER, params=params, watch=Recorded(), scratch=scratch, job="jb_test")
    return store.get(Version, str(tasks.TASKS[task](work)["version"]), OWNER)


def test_the_recipe_of_an_earlier_version_is_applied_to_a_newer_one(store: Store, engine: DuckEngine) -> None:
    first = version_of(store, engine, price=[1.0, None, 1.0])
    recipe = add(Recipe(), FillMissing(columns=("price",)))
    made = run(store, "materialise", version=first.id, recipe=recipe.to_json())
    newer = version_of(store, engine, first.dataset, price=[None, 7.0])
    again = run(store, "reapply", version=newer.id, like=made.id)
    assert (again.parent, again.number, again.rows) == (newer.id, 4, 2)
    table = engine.rows(tables.table(store, again).query)
    assert table["price"].to_pylist() == [7.0, 7.0]
    kept = run(store, "reapply", version=newer.id, like=made.id, keep=True)
    assert engine.rows(tables.table(store, kept).query)["price"].to_pylist() == [1.0, 7.0]
    with pytest.raises(BadInput, match="not made by a recipe"):
        run(store, "reapply", version=newer.id, like=newer.id)


def test_a_template_is_applied_to_another_dataset(store: Store, engine: DuckEngine) -> None:
    first = version_of(store, engine, price=[1.0, None])
    table = tables.table(store, first)
    learned = recipe_of(table, engine, FillMissing(columns=("price",)))
    template = store.add(
        Template(owner=OWNER, name="fill", recipe=learned.to_json(), columns=first.columns, origin="t")
    )
    other = version_of(store, engine, cost=[2.0, None])
    made = run(store, "reapply", version=other.id, template=template.id, names={"price": "cost"})
    assert (made.dataset, made.columns[0].name) == (other.dataset, "price")
