"""What every step promises: each registered step inherits this whole suite."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import core.steps  # registers the members
from core import examples, params, sql
from core.contracts import Column, Engine, Schema, Step, Table
from core.engine.duckdb import DuckEngine
from core.errors import BadInput, BadParameter, MissingColumn, SightlineError
from core.recipe import Recipe, RecipeStep
from tests.steps.tables import assert_same, by_pandas, fetched, kinds, put

STEPS = sorted(Step.members)
HOSTILE = [
    'a"; drop table t; --',
    "it's a.b [c]",
    "😀 emoji",
    "价格 中文",
    "שלום \u202e RTL",
    "n" * 500,
    "back\\slash\\n",
    "two\nlines\r\n# comment",
    "{braces} {0} :x ?1 $1 %s",
    '`<b>"x"</b>` \'\'\' """ \t',
]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=1)


@pytest.fixture(params=STEPS)
def step(request: pytest.FixtureRequest) -> Step:
    return Step.members[request.param].example()


def recipe_of(step: Step, table: Table, engine: Engine) -> Recipe:
    return Recipe(steps=(RecipeStep(step=step),)).learn(table, engine)


def assert_pandas_agrees(step: Step, learn_on: Table, table: Table, engine: Engine, folder: Path) -> pa.Table:
    recipe = recipe_of(step, learn_on, engine)
    by_sql = fetched(recipe.apply(table, engine), engine)
    assert_same(by_pandas(recipe, table, engine, folder), by_sql)
    return by_sql


def test_there_are_steps() -> None:
    assert {"rename_columns", "fill_missing", "drop_missing"} <= set(STEPS)


def test_the_example_is_valid_and_changes_the_example_table(
    step: Step, engine: Engine, tmp_path: Path
) -> None:
    table = put(tmp_path, examples.table())
    step.check(table.columns)
    after = fetched(recipe_of(step, table, engine).apply(table, engine), engine)
    assert after != examples.table(), "an example that does nothing shows nothing"


def test_json_round_trip(step: Step) -> None:
    document = json.loads(json.dumps(step.to_json(), allow_nan=False))
    assert document["kind"] == step.kind()
    assert Step.from_json(document) == step


def test_every_parameter_has_title_and_help(step: Step) -> None:
    for row in type(step).parameters():
        assert row.title
        assert row.help
        for inner in params.fields(row.row) if row.row else ():
            assert inner.title
            assert inner.help


def test_it_is_documented(step: Step) -> None:
    assert step.title
    assert step.group
    assert step.summary().endswith(".")
    assert len(step.summary()) > 10
    assert f"class {type(step).__name__}" not in step.summary()


def test_titles_are_distinct() -> None:
    titles = [cls.title for cls in Step.members.values()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("wrong", [object(), {"no": "such"}, -1e300], ids=["object", "mapping", "number"])
def test_a_wrong_value_is_refused_with_name_rule_and_value(step: Step, wrong: Any) -> None:
    given = {name: getattr(step, name) for name in type(step).model_fields}
    for row in type(step).parameters():
        if isinstance(wrong, float) and row.kind == "number" and row.low is None:
            continue
        with pytest.raises(BadParameter) as refused:
            Step.build(step.kind(), {**given, row.name: wrong})
        values = refused.value.values
        assert values["place"].split(".")[0] == row.name
        assert len(values["rule"]) > 5
        assert values["got"]
        assert row.name in str(refused.value)


def test_an_unknown_parameter_is_refused(step: Step) -> None:
    with pytest.raises(BadParameter, match="no parameter 'surprise'"):
        Step.from_json({**step.to_json(), "surprise": 1})


def test_the_input_is_untouched(step: Step, engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, examples.table())
    columns, query = table.columns, sql.text(table.query)
    fetched(recipe_of(step, table, engine).apply(table, engine), engine)
    assert (table.columns, sql.text(table.query)) == (columns, query)
    assert_same(fetched(table, engine), examples.table())


def test_learned_constants_are_json(step: Step, engine: Engine, tmp_path: Path) -> None:
    recipe = recipe_of(step, put(tmp_path, examples.table()), engine)
    learned = recipe.steps[0].learned
    assert json.loads(json.dumps(learned, allow_nan=False)) == learned


def test_replay_on_the_same_rows_is_identical(step: Step, engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, examples.table())
    recipe = recipe_of(step, table, engine)
    again = Recipe.from_json(json.loads(json.dumps(recipe.to_json())))
    assert again == recipe
    first = fetched(recipe.apply(table, engine), engine)
    second = fetched(again.apply(table, engine), DuckEngine(threads=4))
    assert second.equals(first)


def test_the_columns_it_names_are_the_columns_it_yields(step: Step, engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, examples.table())
    result = recipe_of(step, table, engine).apply(table, engine)
    assert kinds(fetched(result, engine)) == [(column.name, column.type) for column in result.columns]


def test_what_it_says_of_rows_and_order_holds(step: Step, engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, examples.table())
    stage = recipe_of(step, table, engine).stages(table, engine)[0]
    if step.keeps_rows:
        result = engine.rows(recipe_of(step, table, engine).apply(table, engine).query)
        assert sorted(result.column(sql.ROW).to_pylist()) == list(range(examples.table().num_rows))
    if step.keeps_order:
        plain = sql.text(stage.query)
        assert " OVER (" not in plain, "a window yields rows in any order"
        assert "DISTINCT " not in plain
        assert stage.query.args.get("group") is None


def test_pandas_agrees_on_the_example_table(step: Step, engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, examples.table())
    assert_pandas_agrees(step, table, table, engine, tmp_path)


@pytest.mark.parametrize("seed", range(3))
def test_a_sample_drawn_after_it_is_the_same_in_pandas(
    step: Step, engine: Engine, tmp_path: Path, seed: int
) -> None:
    table = put(tmp_path, examples.table())
    sample = Step.build("sample_rows", {"by": "share", "share": 0.5, "seed": seed})
    recipe = Recipe(steps=(RecipeStep(step=step), RecipeStep(step=sample))).learn(table, engine)
    drawn = fetched(recipe.apply(table, engine), engine)
    assert_same(by_pandas(recipe, table, engine, tmp_path), drawn)  # rows are drawn by their numbers


def test_pandas_agrees_on_unseen_rows(step: Step, engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    first = put(tmp_path / "first", examples.table().slice(0, 6))
    second = put(tmp_path, examples.table().slice(6))
    assert_pandas_agrees(step, first, second, engine, tmp_path)


def test_pandas_agrees_on_a_table_in_many_pieces(step: Step, engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, examples.table())
    pq.write_table(examples.table(), tmp_path / "table.parquet", row_group_size=5)
    pieces = pd.read_parquet(tmp_path / "table.parquet", dtype_backend="pyarrow")
    assert isinstance(pa.array(pieces["name"]), pa.ChunkedArray), "as those of a long table are"
    assert_pandas_agrees(step, table, table, engine, tmp_path)


def test_pandas_agrees_on_an_empty_table(step: Step, engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    full = put(tmp_path / "full", examples.table())
    empty = put(tmp_path, examples.table().slice(0, 0))
    assert_pandas_agrees(step, full, empty, engine, tmp_path)


def test_a_step_learns_from_an_empty_table_or_says_why_not(
    step: Step, engine: Engine, tmp_path: Path
) -> None:
    empty = put(tmp_path, examples.table().slice(0, 0))
    recipe = refusal = None
    try:
        recipe = recipe_of(step, empty, engine)
    except SightlineError as error:
        refusal = str(error)
    if recipe is None:
        assert step.title in str(refusal)
    else:
        json.dumps(recipe.to_json(), allow_nan=False)
        assert_same(by_pandas(recipe, empty, engine, tmp_path), fetched(recipe.apply(empty, engine), engine))


def test_pandas_agrees_on_columns_without_values(step: Step, engine: Engine, tmp_path: Path) -> None:
    full = examples.table()
    nulls = pa.table([pa.nulls(5, field.type) for field in full.schema], schema=full.schema)
    (tmp_path / "full").mkdir()
    learn_on, table = put(tmp_path / "full", full), put(tmp_path, nulls)
    assert_pandas_agrees(step, learn_on, table, engine, tmp_path)


def renamed(value: Any, names: dict[str, str], fields: tuple[params.Field, ...]) -> Any:
    """The parameters of a step with its columns called otherwise."""
    changed = dict(value)
    for row in fields:
        if row.of:  # a column of another table
            continue
        old = changed.get(row.name)
        if row.kind == "column" and old is not None:
            changed[row.name] = names.get(old, old)
        elif row.kind == "columns":
            changed[row.name] = [names.get(column, column) for column in old]
        elif row.kind == "rows" and row.row is not None:
            changed[row.name] = [renamed(record, names, params.fields(row.row)) for record in old]
    return changed


def hostile(step: Step, shift: int) -> tuple[Step, pa.Table]:
    """The example step and table with every column called by a hostile name."""
    full = examples.table()
    names = dict(zip(full.column_names, HOSTILE[shift:] + HOSTILE[:shift], strict=True))
    twin = getattr(step, "with_names", None)  # a step whose texts name columns says how
    changed = twin(names) if twin else Step.from_json(renamed(step.to_json(), names, step.parameters()))
    return changed, full.rename_columns(list(names.values()))


@pytest.mark.parametrize("shift", range(0, len(HOSTILE), 3))
def test_hostile_column_names_are_just_names(step: Step, engine: Engine, tmp_path: Path, shift: int) -> None:
    changed, rows = hostile(step, shift)
    table = put(tmp_path, rows)
    by_sql = assert_pandas_agrees(changed, table, table, engine, tmp_path)
    (tmp_path / "plain").mkdir()
    plain = put(tmp_path / "plain", examples.table())
    ordinary = fetched(recipe_of(step, plain, engine).apply(plain, engine), engine)
    # a step may write names into cells, as unpivoting does
    before = dict(zip(rows.column_names, examples.table().column_names, strict=True))
    assert [[before.get(cell, cell) for cell in column.to_pylist()] for column in by_sql.columns] == [
        column.to_pylist() for column in ordinary.columns
    ]


@pytest.mark.parametrize("shift", range(len(HOSTILE)))
def test_describe_is_one_short_line_whatever_the_names(step: Step, shift: int) -> None:
    for member in (step, hostile(step, shift)[0]):
        words = str(member.describe())
        assert 3 < len(words) < 600
        assert words.isprintable()


def test_a_missing_column_is_a_clear_error(step: Step, engine: Engine, tmp_path: Path) -> None:
    seen = Seen()
    renamed(step.to_json(), seen, step.parameters())
    named = {name for name in examples.table().column_names if name in seen.asked or _mentions(step, name)}
    assert seen.asked <= named
    for name in named:
        rows = examples.table().drop_columns([name])
        table = put(tmp_path, rows)
        with pytest.raises(MissingColumn) as refused:
            recipe_of(step, table, engine)
        assert name in str(refused.value)
        assert step.title in str(refused.value)
        assert str(refused.value).startswith(f"Step 1, {step.title}: ")


class Seen(dict[str, str]):
    """Names that stay as they are, remembering which were looked up."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return default


def _mentions(step: Step, name: str) -> bool:
    columns: Schema = tuple(column for column in examples.COLUMNS if column.name != name)
    try:
        step.check(columns)
    except MissingColumn:
        return True
    return False


def test_a_column_of_another_type_is_refused(step: Step) -> None:
    for row in type(step).parameters():
        if row.kind not in ("column", "columns") or row.of or not row.types or not getattr(step, row.name):
            continue
        other = next(kind for kind in sql.STORAGE if kind not in row.types)
        columns = tuple(Column(name=column.name, type=other) for column in examples.COLUMNS)
        with pytest.raises(BadParameter, match="takes columns of type"):
            step.check(columns)


def test_importing_the_steps_registers_them() -> None:
    assert core.steps.__doc__
    for kind, cls in Step.members.items():
        assert cls.kind() == kind
        assert cls.__module__.startswith("core.steps.")


def mutants(document: Any) -> list[Any]:
    """What a hand can do to JSON: every part gone, of another type, null, deep, and one part too many."""
    wrong = (
        None,
        True,
        -1,
        10**40,
        1e999,
        float("nan"),
        "x",
        "",
        "\ud800",
        [],
        {},
        [[1]],
        {"x": {"y": 1}},
        deep(),
    )
    made = list(wrong)
    if isinstance(document, dict):
        made.append({**document, "surprise": 1})
        for key, value in document.items():
            made.append({name: kept for name, kept in document.items() if name != key})
            made += [{**document, key: mutant} for mutant in mutants(value)]
    if isinstance(document, list):
        made += [document[:-1], [*document, *document], document[::-1]]
        for place, value in enumerate(document):
            made += [[*document[:place], mutant, *document[place + 1 :]] for mutant in mutants(value)]
    return made


@cache
def deep() -> Any:
    nested: Any = 0
    for _ in range(100_000):
        nested = [nested]
    return nested


def test_constants_that_a_hand_has_broken_are_refused_or_harmless(
    step: Step, engine: Engine, tmp_path: Path
) -> None:
    table = put(tmp_path, examples.table())
    recipe = recipe_of(step, table, engine)
    refused: list[str] = []
    for mutant in mutants(recipe.steps[0].learned):
        document = {"steps": [{"step": step.to_json(), "active": True, "learned": mutant}]}
        try:
            broken = Recipe.from_json(document)
            if broken.steps[0].learned is not None:
                fetched(broken.apply(table, engine), engine)
                broken.pandas(table, engine)
        except SightlineError as error:
            refused.append(str(error))
    assert len(refused) >= 10
    assert max(map(len, refused)) < 1000


def test_a_broken_constant_is_named_with_its_step_its_rule_and_what_it_is(
    engine: Engine, tmp_path: Path
) -> None:
    table = put(tmp_path, examples.table())
    step = Step.build("fill_missing", {"columns": ["price"]})
    entry = {"step": step.to_json(), "learned": {"values": {"price": "dear"}}}
    with pytest.raises(BadInput) as caught:
        Recipe.from_json([entry]).apply(table, engine)
    assert str(caught.value) == (
        "Step 1, Fill missing values: What it learned does not fit, at values.price: "
        "it must fit a column of type number. It has 'dear'. "
        "Learn the recipe again on the table it was made for."
    )
