"""A recipe: order, learning, editing, one query, the same rows in pandas, and what each step did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import sqlglot
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from core import examples, sql
from core.contracts import Column, Engine, Step, Table
from core.engine.duckdb import DuckEngine
from core.errors import BadInput, BadParameter, MissingColumn
from core.recipe import History, Recipe, RecipeStep, add, move, remove, replace, switch
from core.steps.columns import DropColumns, KeepColumns, NewName, RenameColumns
from core.steps.missing import DropMissing, FillMissing
from core.steps.rows import DropDuplicates, KeepRows, SampleRows, SortKey, SortRows
from core.steps.text import ChangeCase, Replacement, ReplaceValues, TrimText
from core.steps.types import ChangeType
from tests.steps.tables import assert_same, by_pandas, fetched, put

MENDED = ReplaceValues(columns=("price",), values=(Replacement(find="1000000", missing=True),))
MEAN = FillMissing(columns=("price",), method="mean")
STEPS: list[Step] = [
    MENDED,
    MEAN,
    FillMissing(columns=("quantity", "price"), method="median"),
    FillMissing(columns=("region", "day", "at"), method="most frequent"),
    FillMissing(columns=("region", "member", "at"), method="previous"),
    FillMissing(columns=("quantity",), method="constant", value="-1"),
    DropMissing(columns=("region",)),
    DropMissing(when="all"),
    DropDuplicates(columns=("name",)),
    DropDuplicates(keep="last"),
    SortRows(by=(SortKey(column="region", descending=True), SortKey(column="quantity")), missing="first"),
    SampleRows(rows=9),
    SampleRows(by="share", share=0.6, seed=3),
    KeepRows(start=2, count=8),
    TrimText(columns=("name", "amount")),
    ChangeCase(columns=("region",), case="upper"),
    ReplaceValues(
        columns=("name", "day_text"), values=(Replacement(find="0", put="\\1"),), match="part of the text"
    ),
    ChangeType(columns=("amount",), to="number"),
    ChangeType(columns=("quantity", "member"), to="text"),
    ChangeType(columns=("day_text",), to="date", dates="day first"),
    RenameColumns(names=(NewName(column="price", name="region"), NewName(column="region", name="price"))),
    RenameColumns(names=(NewName(column="quantity", name='so "many"'),)),
    DropColumns(columns=("name", "id")),
    KeepColumns(columns=("region", "price", "quantity", "name", "amount", "at", "member", "day", "day_text")),
]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recipe")


@pytest.fixture(scope="module")
def table(folder: Path) -> Table:
    return put(folder, examples.table())


MORE_THREADS = DuckEngine(threads=4)


def attempted(
    steps: list[Step], table: Table, engine: Engine
) -> tuple[Recipe, MissingColumn | BadParameter | None]:
    """The recipe learned on the table, or why it cannot be."""
    try:
        return recipe_of(*steps).learn(table, engine), None
    except (MissingColumn, BadParameter) as error:
        return Recipe(), error


def recipe_of(*steps: Step) -> Recipe:
    return Recipe(steps=tuple(RecipeStep(step=step) for step in steps))


def learned(recipe: Recipe) -> list[Any]:
    return [entry.learned for entry in recipe.steps]


def test_an_empty_recipe_changes_nothing(table: Table, engine: Engine) -> None:
    assert_same(fetched(Recipe().apply(table, engine), engine), examples.table())
    assert Recipe().effects(table, engine) == ()


def test_a_step_learns_from_the_result_of_the_steps_before(table: Table, engine: Engine) -> None:
    prices = examples.table().to_pandas()["price"]
    late = recipe_of(MENDED, MEAN).learn(table, engine)
    early = recipe_of(MEAN, MENDED).learn(table, engine)
    assert late.steps[1].learned == {"values": {"price": pytest.approx(prices[prices < 1e6].mean())}}
    assert early.steps[0].learned == {"values": {"price": pytest.approx(prices.mean())}}


def test_new_rows_are_filled_with_the_stored_constant(engine: Engine, tmp_path: Path, table: Table) -> None:
    recipe = recipe_of(MEAN).learn(table, engine)
    mean = examples.table().to_pandas()["price"].mean()
    new = put(tmp_path, examples.table().slice(2, 1))
    assert fetched(recipe.apply(new, engine), engine).column("price").to_pylist() == [pytest.approx(mean)]


def test_learning_again_keeps_what_was_learned(engine: Engine, tmp_path: Path, table: Table) -> None:
    recipe = recipe_of(MEAN).learn(table, engine)
    assert recipe.learn(put(tmp_path, examples.table().slice(0, 2)), engine) == recipe


def test_an_unlearned_step_cannot_be_applied(table: Table, engine: Engine) -> None:
    with pytest.raises(BadParameter, match=r"^Step 2, Fill missing values: .* not learned"):
        recipe_of(MENDED, MEAN).apply(table, engine)


def test_a_step_that_is_off_does_nothing_and_learns_nothing(table: Table, engine: Engine) -> None:
    recipe = switch(recipe_of(MENDED, MEAN), 0, False).learn(table, engine)
    assert recipe.steps[0].learned is None
    assert recipe.steps[1].learned == recipe_of(MEAN).learn(table, engine).steps[0].learned
    assert [effect.number for effect in recipe.effects(table, engine)] == [2]


THREE = (MENDED, MEAN, SortRows(by=(SortKey(column="price"),)))
EDITS = {
    "add at the end": (lambda r: add(r, DropMissing()), 3),
    "add in the middle": (lambda r: add(r, DropMissing(), at=1), 1),
    "replace": (lambda r: replace(r, 1, DropMissing()), 1),
    "move down": (lambda r: move(r, 0, 1), 0),
    "move up": (lambda r: move(r, 2, 1), 1),
    "remove": (lambda r: remove(r, 0), 0),
    "switch off": (lambda r: switch(r, 1, False), 1),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_forgets_what_was_learned_from_there_on(table: Table, engine: Engine, edit: str) -> None:
    before = recipe_of(*THREE).learn(table, engine)
    document = before.to_json()
    change, first = EDITS[edit]
    after = change(before)
    assert before.to_json() == document
    assert after.steps[:first] == before.steps[:first]
    assert learned(after)[first:] == [None] * (len(after.steps) - first)
    assert None not in [entry.learned for entry in after.learn(table, engine).steps if entry.active]


def test_edits_put_steps_where_they_say() -> None:
    recipe = recipe_of(*THREE)
    steps = lambda r: [entry.step for entry in r.steps]  # noqa: E731
    a, b, c = THREE
    new = DropMissing()
    assert steps(add(recipe, new)) == [a, b, c, new]
    assert steps(add(recipe, new, at=0)) == [new, a, b, c]
    assert steps(replace(recipe, 1, new)) == [a, new, c]
    assert steps(move(recipe, 0, 2)) == [b, c, a]
    assert steps(move(recipe, 2, 0)) == [c, a, b]
    assert steps(remove(recipe, 1)) == [a, c]
    assert [entry.active for entry in switch(recipe, 1, False).steps] == [True, False, True]


def test_an_edit_that_changes_nothing_forgets_nothing(table: Table, engine: Engine) -> None:
    recipe = recipe_of(*THREE).learn(table, engine)
    assert move(recipe, 1, 1) == recipe
    assert switch(recipe, 1, True) == recipe


def test_a_place_that_is_not_there_is_refused() -> None:
    for edit in (
        lambda r: remove(r, 3),
        lambda r: replace(r, -1, DropMissing()),
        lambda r: move(r, 0, 3),
        lambda r: switch(r, 7, False),
        lambda r: add(r, DropMissing(), at=4),
    ):
        with pytest.raises(BadParameter, match="has 3 steps; there is none at place"):
            edit(recipe_of(*THREE))


def test_undo_and_redo() -> None:
    one, two, three = recipe_of(MENDED), recipe_of(MENDED, MEAN), recipe_of(MEAN)
    history = History().change(one).change(two)
    assert history.undo().present == one
    assert history.undo().undo().present == Recipe()
    assert history.undo().undo().undo() == history.undo().undo()
    assert history.undo().undo().redo().present == one
    assert history.undo().redo() == history
    assert history.redo() == history
    assert history.change(two) == history
    branch = history.undo().change(three)
    assert branch.redo() == branch, "what was undone is gone after another change"
    assert branch.undo().present == one


def test_undo_remembers_a_hundred_changes() -> None:
    history = History()
    for seed in range(130):
        history = history.change(recipe_of(SampleRows(seed=seed)))
    back = 0
    while history.undo() != history:
        history, back = history.undo(), back + 1
    assert back == 100


def test_a_history_is_json() -> None:
    history = History().change(recipe_of(MENDED)).change(recipe_of(MEAN)).undo()
    assert History.model_validate(json.loads(history.model_dump_json())) == history


@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.booleans()), max_size=8))
@settings(max_examples=60, deadline=None)
def test_json_round_trip(steps: list[tuple[Step, bool]]) -> None:
    recipe = Recipe(steps=tuple(RecipeStep(step=step, active=active) for step, active in steps))
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json(), allow_nan=False))) == recipe
    bare = [step.to_json() for step, _ in steps]
    assert Recipe.from_json(bare) == recipe_of(*[step for step, _ in steps])


@pytest.mark.parametrize(
    "document", [None, 3, "text", {"step": []}, {"steps": 3}, {"steps": [{}]}, {"steps": [{"step": 1}]}]
)
def test_what_is_no_recipe_is_refused(document: Any) -> None:
    with pytest.raises(BadInput, match="This is not a recipe"):
        Recipe.from_json(document)


def test_an_unknown_step_is_named() -> None:
    with pytest.raises(BadParameter, match=r"no step called 'levitate'.*change_case"):
        Recipe.from_json([{"kind": "levitate"}])


def test_an_error_names_its_step(table: Table, engine: Engine) -> None:
    recipe = recipe_of(DropMissing(), DropColumns(columns=("price",)), MEAN)
    with pytest.raises(MissingColumn) as refused:
        recipe.learn(table, engine)
    assert str(refused.value).startswith("Step 3, Fill missing values: ")
    assert "'price'" in str(refused.value)


def test_a_name_may_stand_only_once_ignoring_case(table: Table, engine: Engine) -> None:
    step = RenameColumns(names=(NewName(column="price", name="NAME"),))
    with pytest.raises(BadParameter, match=r"^Step 1, Rename columns: There would be two columns called"):
        recipe_of(step).learn(table, engine)
    with pytest.raises(BadParameter, match="kept for the row order"):
        RenameColumns.build("rename_columns", {"names": [{"column": "price", "name": "__ROW__"}]})


def test_hostile_text_stays_out_of_the_template(table: Table, engine: Engine) -> None:
    with pytest.raises(MissingColumn) as refused:
        recipe_of(DropMissing(columns=("{0.__class__} {x!r}",))).learn(table, engine)
    assert "{0.__class__} {x!r}" in str(refused.value)


# the same rows, whatever the steps


RANDOM = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
    derandomize=True,
)


@given(steps=st.lists(st.sampled_from(STEPS), min_size=2, max_size=6))
@RANDOM
def test_any_recipe_gives_the_same_rows_in_pandas_or_names_the_step(
    table: Table, engine: Engine, folder: Path, steps: list[Step]
) -> None:
    recipe, refused = attempted(steps, table, engine)
    if refused is not None:
        number = refused.values["step_number"]
        assert str(refused).startswith(f"Step {number}, {steps[number - 1].title}: ")
        recipe_of(*steps[: number - 1]).learn(table, engine)  # the steps before it are sound
        return
    result = fetched(recipe.apply(table, engine), engine)
    assert_same(by_pandas(recipe, table, engine, folder), result)
    assert fetched(recipe.apply(table, MORE_THREADS), MORE_THREADS).equals(result)


@given(steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=5))
@RANDOM
def test_effects_are_what_comparing_before_and_after_shows(
    table: Table, engine: Engine, steps: list[Step]
) -> None:
    recipe, refused = attempted(steps, table, engine)
    assume(refused is None)
    effects = recipe.effects(table, engine)
    assert len(effects) == len(steps)
    for place, (step, effect) in enumerate(zip(steps, effects, strict=True)):
        before, after = (
            engine.rows(Recipe(steps=recipe.steps[:n]).apply(table, engine).query) for n in (place, place + 1)
        )
        assert (effect.number, effect.rows_before, effect.rows_after) == (
            place + 1, before.num_rows, after.num_rows
        )  # fmt: skip
        names = [set(rows.column_names) - {sql.ROW} for rows in (before, after)]
        renamed = effect.columns_renamed
        assert set(effect.columns_added) | set(renamed.values()) == names[1] - names[0]
        assert set(effect.columns_removed) | set(renamed) == names[0] - names[1]
        changed, emptied = compared(before, after) if step.keeps_rows else ({}, {})
        assert (effect.cells_changed, effect.cells_emptied) == (changed, emptied)


def compared(before: pa.Table, after: pa.Table) -> tuple[dict[str, int], dict[str, int]]:
    """Cells that changed and cells that lost their value, counted one by one."""
    right = {row[sql.ROW]: row for row in after.to_pylist()}
    pairs = [(row, right[row[sql.ROW]]) for row in before.to_pylist()]
    changed, emptied = {}, {}
    for name in set(before.column_names) & set(after.column_names):
        if before.schema.field(name).type == after.schema.field(name).type:
            changed[name] = sum(a[name] != b[name] for a, b in pairs)
        emptied[name] = sum(a[name] is not None and b[name] is None for a, b in pairs)
    return tuple({name: n for name, n in counts.items() if n} for counts in (changed, emptied))


def test_effects_on_the_example(table: Table, engine: Engine) -> None:
    steps = (MENDED, MEAN, DropMissing(columns=("region",)), RenameColumns.example())
    effects = recipe_of(*steps).learn(table, engine).effects(table, engine)
    assert effects[0].cells_changed == {"price": 1}
    assert effects[0].cells_emptied == {"price": 1}
    assert effects[1].cells_changed == {"price": 2}
    assert effects[1].cells_emptied == {}
    assert (effects[2].rows_before, effects[2].rows_after) == (12, 11)
    assert effects[3].columns_renamed == {"price": "unit price", "id": "number"}
    assert effects[3].columns_added == effects[3].columns_removed == ()


def test_effects_run_one_query(table: Table, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = recipe_of(*THREE, DropMissing(), TrimText.example()).learn(table, engine)
    asked: list[str] = []
    rows = DuckEngine.rows
    monkeypatch.setattr(
        DuckEngine, "rows", lambda self, query, limit=None: asked.append("") or rows(self, query, limit)
    )
    recipe.effects(table, engine)
    assert len(asked) == 1


# one query


@given(steps=st.lists(st.sampled_from(STEPS), max_size=6))
@RANDOM
def test_a_recipe_is_one_select_with_explicit_columns(
    table: Table, engine: Engine, steps: list[Step]
) -> None:
    recipe, refused = attempted(steps, table, engine)
    assume(refused is None)
    query = recipe.apply(table, engine).query
    statements = duckdb.extract_statements(sql.text(query))
    assert [statement.type.name for statement in statements] == ["SELECT"]
    parsed = sqlglot.parse(sql.text(query), read="duckdb")
    assert len(parsed) == 1
    assert not [star for star in parsed[0].find_all(exp.Star) if not isinstance(star.parent, exp.Count)]
    assert bool(query.args.get("order")) == any(not step.keeps_order for step in steps)


def test_a_recipe_runs_on_the_result_of_another(table: Table, engine: Engine) -> None:
    first = recipe_of(MENDED, MEAN).learn(table, engine)
    middle = first.apply(table, engine)
    second = recipe_of(DropDuplicates(columns=("name",)), MEAN).learn(middle, engine)
    both = recipe_of(MENDED, MEAN, DropDuplicates(columns=("name",)), MEAN).learn(table, engine)
    assert_same(fetched(second.apply(middle, engine), engine), fetched(both.apply(table, engine), engine))


def test_engine_types_come_back_to_the_six(table: Table, engine: Engine) -> None:
    class Typed(Step):
        """Yields an engine's own types."""

        def sql(self, source: str, columns: Any, learned: Any) -> exp.Select:
            made = {
                "small": exp.cast(exp.Literal.number(1), "TINYINT"),
                "exact": sql.template("1.25"),
                "huge": sql.template("sum(:x) OVER ()", x=sql.name("quantity")),
                "zoned": sql.template("CAST('2024-01-01 10:00:00+02' AS TIMESTAMPTZ)"),
                "list": sql.template("[1, 2]"),
            }
            return sql.select(source, made)

        def pandas(self, columns: Any, learned: Any) -> str:
            return ""

    Typed.title = "Typed"  # given late: a class that is born with a title joins the family
    result = recipe_of(Typed()).apply(table, engine)
    kinds = ["integer", "number", "number", "datetime", "text"]
    names = ["small", "exact", "huge", "zoned", "list"]
    assert result.columns == tuple(Column(name=n, type=k) for n, k in zip(names, kinds, strict=True))
    rows = fetched(result, engine)
    assert rows.schema.types == [pa.int64(), pa.float64(), pa.float64(), pa.timestamp("us"), pa.string()]
    assert str(rows.column("zoned")[0]) == "2024-01-01 08:00:00"


# code people take away

TAKEN = (MENDED, MEAN, ChangeType(columns=("amount",), to="number"), SampleRows(rows=6), ChangeCase.example())


def test_the_sql_runs_where_the_table_lies(
    table: Table, engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = recipe_of(*TAKEN).learn(table, engine)
    text = recipe.sql(table, engine)
    assert str(folder) not in text
    monkeypatch.chdir(folder)
    rows = duckdb.sql(text).to_arrow_table().drop_columns([sql.ROW])
    assert_same(rows, fetched(recipe.apply(table, engine), engine))


def test_the_script_runs_by_itself(table: Table, engine: Engine, folder: Path, tmp_path: Path) -> None:
    recipe = recipe_of(*TAKEN).learn(table, engine)
    script = recipe.pandas(table, engine)
    assert str(folder) not in script
    place = tmp_path / "recipe.py"
    place.write_text(script + 'df.to_parquet("result.parquet")\n', encoding="utf-8")
    (tmp_path / "table.parquet").symlink_to(folder / "table.parquet")
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-I", str(place)], cwd=tmp_path, env=environment, check=True, timeout=120)
    import pyarrow.parquet as pq

    result = pq.read_table(tmp_path / "result.parquet").replace_schema_metadata(None)
    assert_same(result, fetched(recipe.apply(table, engine), engine))


def test_the_script_holds_no_more_imports_than_it_needs(table: Table, engine: Engine) -> None:
    plain = recipe_of(DropMissing()).pandas(table, engine)
    assert plain.startswith("import pandas as pd\n\ndf = pd.read_parquet")
    assert "# 1. Drop rows where any of the columns is missing\n" in plain
    sampled = recipe_of(SampleRows()).pandas(table, engine)
    assert sampled.startswith("import hashlib\nimport pandas as pd\n")


def test_no_name_can_break_out_of_the_script(engine: Engine, tmp_path: Path) -> None:
    name = 'x\nraise SystemExit\r#\x0c\u2028\'"""\\'
    table = put(tmp_path, examples.table().select(["price"]).rename_columns([name]))
    recipe = recipe_of(FillMissing(columns=(name,)), RenameColumns(names=(NewName(column=name, name="y"),)))
    recipe = recipe.learn(table, engine)
    assert_same(by_pandas(recipe, table, engine, tmp_path), fetched(recipe.apply(table, engine), engine))
