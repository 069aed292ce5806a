"""Cells before and after: found by their rows, through filters, sorts and new names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core import examples, sql
from core.contracts import Engine, Step, Table
from core.engine.duckdb import DuckEngine
from core.errors import BadParameter, MissingColumn
from core.recipe import Recipe, RecipeStep, compare
from core.steps.columns import DropColumns, NewName, RenameColumns
from core.steps.derive import DerivedColumn
from core.steps.group import GroupAggregate
from core.steps.missing import DropMissing, FillMissing
from core.steps.rows import DropDuplicates, KeepRows, SampleRows, SortKey, SortRows
from core.steps.text import ChangeCase, TrimText
from core.steps.types import ChangeType
from tests.steps.tables import put

FILL = FillMissing(columns=("price", "region"), method="most frequent")
TRIM = TrimText(columns=("name", "amount"))
UPPER = ChangeCase(columns=("region",), case="upper")
SORT = SortRows(by=(SortKey(column="price", descending=True), SortKey(column="name")))
BACK = SortRows(by=(SortKey(column="id"),), missing="first")
KEEP = KeepRows(start=3, count=7)
ONCE = DropDuplicates(columns=("name",))
SAME_COLUMNS: list[Step] = [
    FILL,
    TRIM,
    UPPER,
    SORT,
    BACK,
    KEEP,
    ONCE,
    SampleRows(rows=9),
    DropMissing(columns=("day",)),
]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=2)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    return put(tmp_path_factory.mktemp("compare"), examples.table())


def changes(
    steps: list[Step], table: Table, engine: Engine, start: int = 1, end: int | None = None
) -> tuple[dict[str, dict[int, Any]], pa.Table]:
    recipe = Recipe(steps=tuple(RecipeStep(step=step) for step in steps)).learn(table, engine)
    found = compare(recipe, table, engine, start=start, end=end)
    rows = engine.rows(found.after.query)
    return found.changed_cells(engine, rows.column(sql.ROW).to_pylist()), rows


def test_a_changed_cell_is_told_with_the_value_before(table: Table, engine: Engine) -> None:
    changed, _ = changes([FILL], table, engine)
    assert changed == {"price": {2: None}, "region": {3: None}}


def test_long_texts_from_before_are_cut_where_asked(engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, pa.table({"a": [" " + "x" * 1000, "y"]}))
    recipe = Recipe(steps=(RecipeStep(step=TrimText(columns=("a",))),))
    found = compare(recipe, table, engine)
    assert found.changed_cells(engine, [0, 1], longest=5) == {"a": {0: " xxxx"}}
    assert found.changed_cells(engine, [0, 1]) == {"a": {0: " " + "x" * 1000}}


def test_a_recipe_without_steps_changes_nothing(table: Table, engine: Engine) -> None:
    changed, rows = changes([], table, engine)
    assert (changed, rows.num_rows) == ({}, 12)


def test_one_step_of_several_is_compared_with_the_one_before(table: Table, engine: Engine) -> None:
    everything, _ = changes([FILL, UPPER], table, engine)
    only_second, _ = changes([FILL, UPPER], table, engine, start=2)
    only_first, _ = changes([FILL, UPPER], table, engine, end=1)
    assert everything["region"][3] is None
    assert only_second["region"][3] == "North"  # what the first step filled in
    assert set(only_first) == {"price", "region"}
    assert set(only_first["region"]) == {3}


def test_a_row_is_found_again_after_rows_before_it_left(table: Table, engine: Engine) -> None:
    changed, rows = changes([DropMissing(columns=("price",)), UPPER], table, engine)
    assert 2 not in rows.column(sql.ROW).to_pylist()
    assert changed["region"][11] == "South"


def test_a_row_is_found_again_after_it_moved(table: Table, engine: Engine) -> None:
    changed, rows = changes([UPPER, SORT], table, engine)
    cells = dict(zip(rows.column(sql.ROW).to_pylist(), rows.to_pylist(), strict=True))
    original = {row["name"]: row["region"] for row in examples.table().to_pylist()}
    assert len(changed["region"]) == 11
    assert {cells[row]["name"]: was for row, was in changed["region"].items()} == {
        name: region for name, region in original.items() if region is not None
    }
    assert set(changed) == {"region"}, "to stand elsewhere is no change of a cell"


def test_a_new_name_is_no_change_and_its_cells_are_compared(table: Table, engine: Engine) -> None:
    rename = RenameColumns(
        names=(NewName(column="price", name="region"), NewName(column="region", name="price"))
    )
    changed, _ = changes([rename], table, engine)
    assert changed == {}
    changed, _ = changes([FILL, rename], table, engine)
    assert changed == {"region": {2: None}, "price": {3: None}}


def test_a_new_type_changes_the_cells_that_read_otherwise(table: Table, engine: Engine) -> None:
    changed, _ = changes([ChangeType(columns=("amount",), to="number")], table, engine)
    texts = examples.table().column("amount").to_pylist()
    same = {"+7", "1e3", "0.5"}
    assert changed["amount"] == {
        row: text for row, text in enumerate(texts) if text is not None and text not in same
    }
    back, _ = changes([ChangeType(columns=("quantity", "member"), to="text")], table, engine)
    assert back == {}


def test_new_columns_are_named_and_have_no_changed_cells(table: Table, engine: Engine) -> None:
    step = DerivedColumn(name="double", formula="price * 2")
    recipe = Recipe(steps=(RecipeStep(step=step), RecipeStep(step=DropColumns(columns=("id",)))))
    found = compare(recipe.learn(table, engine), table, engine)
    assert found.added == ("double",)
    assert found.changed_cells(engine, range(12)) == {}


def test_after_a_step_that_makes_new_rows_the_comparison_starts_anew(table: Table, engine: Engine) -> None:
    steps = [FILL, GroupAggregate(keys=("region",)), UPPER]
    recipe = Recipe(steps=tuple(RecipeStep(step=step) for step in steps)).learn(table, engine)
    found = compare(recipe, table, engine)
    assert found.since == 3
    changed = found.changed_cells(engine, list(range(12)))
    assert set(changed["region"].values()) == {"North", "South", "East", "east", "West"} - {"EAST"}
    grouped = compare(recipe, table, engine, start=2, end=2)
    assert (grouped.since, grouped.changed_cells(engine, list(range(12)))) == (None, {})


def test_only_the_rows_that_changed(table: Table, engine: Engine) -> None:
    recipe = Recipe(steps=(RecipeStep(step=SORT), RecipeStep(step=FILL))).learn(table, engine)
    found = compare(recipe, table, engine)
    rows = engine.rows(found.changed_rows().query)
    assert rows.column_names == [*found.after.names(), sql.ROW]
    changed = found.changed_cells(engine, list(range(12)))
    places = sorted({row for cells in changed.values() for row in cells})
    assert rows.column(sql.ROW).to_pylist() == places
    part = sql.over(found.changed_rows().query, {"price": sql.name("price")}, row=True).limit(1).offset(1)
    assert engine.rows(part).column(sql.ROW).to_pylist() == places[1:2]
    assert engine.rows(compare(Recipe(), table, engine).changed_rows().query).num_rows == 0


def test_the_rows_that_were_left_out_as_they_were(table: Table, engine: Engine) -> None:
    names = examples.table().column("name").to_pylist()

    def removed(*steps: Step, start: int = 1, end: int | None = None) -> list[tuple[int, Any]]:
        recipe = Recipe(steps=tuple(RecipeStep(step=step) for step in steps)).learn(table, engine)
        rows = engine.rows(compare(recipe, table, engine, start=start, end=end).removed_rows().query)
        return list(zip(rows.column(sql.ROW).to_pylist(), rows.column("name").to_pylist(), strict=True))

    assert removed(TRIM, ONCE) == [(10, "Zoë")]
    assert removed(TRIM, DropMissing(columns=("price",)), SORT) == [(2, "Čapek")]
    assert removed(DropMissing(columns=("price",)), TRIM, start=2) == []
    assert removed(KEEP) == [(row, names[row]) for row in (0, 1, 9, 10, 11)]
    left = removed(SORT, KEEP)
    moved = [name for _, name in removed(SORT, KEEP, start=2)]
    assert sorted(map(str, moved)) == sorted(str(name) for _, name in left)
    assert left == [(row, names[row]) for row, _ in left], "told by the places they had in the table"
    assert removed(GroupAggregate(keys=("name",))) == removed() == []


def test_a_step_that_is_off_is_not_compared(table: Table, engine: Engine) -> None:
    recipe = Recipe(steps=(RecipeStep(step=FILL, active=False), RecipeStep(step=UPPER))).learn(table, engine)
    found = compare(recipe, table, engine, start=1)
    assert (found.since, set(found.changed_cells(engine, list(range(12))))) == (2, {"region"})


@given(steps=st.lists(st.sampled_from(SAME_COLUMNS), min_size=1, max_size=6))
@settings(
    max_examples=60, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
def test_any_recipe_tells_what_a_hidden_number_in_each_row_shows(
    table: Table, engine: Engine, tmp_path: Path, steps: list[Step]
) -> None:
    # "id" made unique: no step here touches it, so it follows each row by itself
    rows = examples.table().set_column(0, "id", pa.array(range(12), pa.int64()))
    whole = put(tmp_path, rows)
    try:
        changed, after = changes(steps, whole, engine)
        recipe = Recipe(steps=tuple(RecipeStep(step=step) for step in steps)).learn(whole, engine)
        gone = compare(recipe, whole, engine).removed_rows()
        removed = engine.rows(gone.query).column("id").to_pylist()
    except (MissingColumn, BadParameter):
        assume(False)
    assert removed == [
        row["id"] for row in rows.to_pylist() if row["id"] not in after.column("id").to_pylist()
    ]
    original = {row["id"]: row for row in rows.to_pylist()}
    expected: dict[str, dict[int, Any]] = {}
    for row in after.to_pylist():
        for name, was in original[row["id"]].items():
            if row[name] != was:
                expected.setdefault(name, {})[row[sql.ROW]] = was
    assert changed == expected
