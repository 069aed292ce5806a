"""Rows of a segment marked in a column: which ones, by SQL and by pandas, and what is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest

from core import examples
from core.contracts import Column, Engine, Step
from core.engine.duckdb import DuckEngine
from core.errors import BadParameter, MissingColumn
from core.recipe import Recipe, RecipeStep
from core.selection import Mark, Selection
from core.steps.flag import FlagRows
from core.within import Within
from tests.steps.tables import assert_same, by_pandas, fetched, put

ENGINE: Engine = DuckEngine(threads=1)
AT = dt.datetime(2024, 3, 1, 10, 0, 0, 500_000)
ROWS = pa.table(
    {
        "text": pa.array(["a", "B", None, "", "a"]),
        "number": pa.array([0.0, -0.0, float("nan"), None, 1e200]),
        "whole": pa.array([1, 2, None, -4, 2**60 + 1]),
        "yes": pa.array([True, False, None, True, False]),
        "day": pa.array(
            [dt.date(1950, 1, 2), dt.date(2024, 2, 29), None, dt.date(2500, 1, 1), dt.date(1970, 1, 1)]
        ),
        "at": pa.array([AT, dt.datetime(1900, 1, 1), None, dt.datetime(2300, 1, 1), AT], pa.timestamp("us")),
    }
)  # fmt: skip


def flagged(folder: Path, *selections: Selection) -> list[bool]:
    """What the step marks, which pandas must agree with."""
    step = FlagRows.of("flag", selections)
    table = put(folder, ROWS)
    step.check(table.columns)
    recipe = Recipe(steps=(RecipeStep(step=step),)).learn(table, ENGINE)
    found = fetched(recipe.apply(table, ENGINE), ENGINE)
    assert_same(by_pandas(recipe, table, ENGINE, folder), found)
    return list(found.column("flag").to_pylist())


T, F = True, False


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        (Within(column="text", values=("a", "")), [T, F, F, T, T]),
        (Within(column="text", values=("a",), outside=True), [F, T, F, T, F]),
        (Within(column="text", values=("a",), outside=True, missing=True), [F, T, T, T, F]),
        (Within(column="text", outside=True), [T, T, F, T, T]),
        (Within(column="text", missing=True), [F, F, T, F, F]),
        (Within(column="text", values=()), [F, F, F, F, F]),
        (Within(column="number", values=("0.0",)), [T, T, F, F, F]),
        (Within(column="number", values=("-0.0", "nan", "1e+200")), [T, T, T, F, T]),
        (Within(column="number", low=-1.0), [T, T, F, F, T]),
        (Within(column="number", low=-1.0, high=1.0), [T, T, F, F, F]),
        (Within(column="number", low=-1.0, high=1.0, outside=True), [F, F, T, F, T]),
        (Within(column="number", low=-1.0, outside=True), [F, F, T, F, F]),
        (Within(column="whole", values=("2", "-4", str(2**60 + 1))), [F, T, F, T, T]),
        (Within(column="whole", low=-4, high=2), [T, F, F, T, F]),
        (Within(column="whole", low=-4, high=2, closed=True), [T, T, F, T, F]),
        (Within(column="yes", values=("true",), missing=True), [T, F, T, T, F]),
        (Within(column="day", values=("2024-02-29",)), [F, T, F, F, F]),
        (Within(column="day", low=0.0), [F, T, F, T, T]),
        (Within(column="at", values=("2024-03-01 10:00:00.5",)), [T, F, F, F, T]),
        (Within(column="at", high=0.0, outside=True), [T, F, F, T, T]),
    ],
)  # fmt: skip
def test_conditions_of_every_type(tmp_path: Path, within: Within, expected: list[bool]) -> None:
    assert flagged(tmp_path, Selection.of(within)) == expected
    assert flagged(tmp_path, Selection.of(within).inverted()) == [not one for one in expected]


def test_any_mark_and_all_selections(tmp_path: Path) -> None:
    a = Mark(parts=(Within(column="text", values=("a",)), Within(column="yes", values=("true",))))
    b = Mark(parts=(Within(column="whole", values=("2",)),))
    assert flagged(tmp_path, Selection(marks=(a, b))) == [T, T, F, F, F]
    early = Selection.of(Within(column="day", high=0.0))
    assert flagged(tmp_path, Selection(marks=(a, b)), early) == [T, F, F, F, F]
    assert flagged(tmp_path, Selection()) == [T] * 5
    assert flagged(tmp_path, Selection(exclude=True)) == [F] * 5
    assert flagged(tmp_path, Selection(marks=(Mark(),))) == [T] * 5


def test_a_column_of_the_same_name_is_replaced_in_its_place(tmp_path: Path) -> None:
    step = FlagRows.of("TEXT", (Selection.of(Within(column="text", values=("a",))),))
    table = put(tmp_path, ROWS)
    found = fetched(Recipe(steps=(RecipeStep(step=step),)).apply(table, ENGINE), ENGINE)
    assert found.column_names == ROWS.column_names
    assert found.column("text").to_pylist() == [T, F, F, F, T]


@pytest.mark.parametrize("text", ["[]", "{}", "no JSON", '[{"marks": 3}]', "[" * 100_000])
def test_what_is_no_selection_is_refused(text: str) -> None:
    with pytest.raises(BadParameter, match="selections"):
        Step.build("flag_rows", {"name": "x", "selections": text})


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", "1.0"), ("id", "one"), ("price", "1e3"), ("member", "yes"), ("day", "30.1.2024"),
        ("at", "2024-01-30"),
    ],
)  # fmt: skip
def test_a_value_that_is_none_of_its_column_is_refused(column: str, value: str) -> None:
    step = FlagRows.of("x", (Selection.of(Within(column=column, values=(value,))),))
    with pytest.raises(BadParameter, match="is no value of"):
        step.check(examples.COLUMNS)


def test_unknown_columns_and_places_are_refused() -> None:
    with pytest.raises(MissingColumn):
        FlagRows.of("x", (Selection.of(Within(column="no", missing=True)),)).check(examples.COLUMNS)
    with pytest.raises(BadParameter, match="places in the table"):
        FlagRows.of("x", (Selection.of(Within(column="__row__", low=0)),)).check(
            (*examples.COLUMNS, Column(name="b", type="text"))
        )


def test_it_is_told_in_words() -> None:
    step = FlagRows.of("north", (Selection.of(Within(column="region", values=("North",))),))
    assert str(step.describe()) == 'Mark in "north" the rows where region is North'


def test_ends_of_dates_are_written_and_told_as_dates(tmp_path: Path) -> None:
    spring = Selection.of(Within(column="day", low=19_783.0, high=19_875.0), Within(column="number", low=1.5))
    morning = Selection.of(Within(column="at", low=1_709_287_200.5, high=1_709_294_400.0))
    kinds = {"day": "date", "at": "datetime", "number": "number"}
    step = FlagRows.of("spring", (spring, morning), kinds)
    assert '"low": "2024-03-01"' in step.selections
    assert '"low": "2024-03-01 10:00:00.500000"' in step.selections
    assert step.chosen() == (spring, morning)
    assert str(FlagRows.of("spring", (spring,), kinds).describe()) == (
        'Mark in "spring" the rows where day from 2024-03-01 to 2024-06-01 and number from 1.5'
    )
    renamed = step.with_names({"day": "date", "at": "time"})
    assert renamed.chosen()[0].columns() == ("date", "number")
    assert "date from 2024-03-01" in str(renamed.describe())
    assert flagged(tmp_path, spring) == [F] * 5
    for wrong in ("2024-02-31", "2024-01-01 25:00"):
        with pytest.raises(BadParameter):
            Step.build(
                "flag_rows", {"name": "x", "selections": step.selections.replace("2024-03-01", wrong, 1)}
            )


def test_an_end_that_no_date_says_exactly_stays_a_number() -> None:
    odd = Selection.of(Within(column="day", low=0.25, high=1e9))
    step = FlagRows.of("odd", (odd,), {"day": "date"})
    assert step.chosen() == (odd,)
    assert '"low": 0.25' in step.selections
