"""Filtering rows by conditions: which rows match, and what a missing value does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.contracts import Engine
from core.engine.duckdb import DuckEngine
from core.errors import BadParameter
from core.recipe import Recipe, RecipeStep
from core.steps.filter import Condition, FilterRows
from tests.steps.formulas import COLUMNS, ROWS
from tests.steps.tables import assert_same, by_pandas, fetched, put


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=1)


def kept(engine: Engine, folder: Path, *conditions: dict[str, str], **options: Any) -> list[int]:
    """The row numbers (the column `a]b[`) that stay, the same in the engine and in pandas."""
    step = FilterRows.build("filter_rows", {"conditions": conditions, **options})
    recipe, table = Recipe(steps=(RecipeStep(step=step),)), put(folder, ROWS)
    by_sql = fetched(recipe.apply(table, engine), engine)
    assert_same(by_pandas(recipe, table, engine, folder), by_sql)
    rows: list[int] = by_sql.column("a]b[").to_pylist()
    return rows


def where(column: str, operator: str, value: str = "", to: str = "") -> dict[str, str]:
    return {"column": column, "operator": operator, "value": value, "to": to}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (where("s", "is", "North"), [0]),
        (where("s", "is", ""), [1]),
        (where("s", "is not", "North"), [1, 2, 3, 4, 5, 6, 7, 8, 9]),  # row 3 has no value: it stays
        (where("s", "contains", "o"), [0]),
        (where("s", "contains", ".*"), []),
        (where("s", "does not contain", "o"), [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (where("s", "starts with", "O'"), [5]),
        (where("s", "ends with", "😀"), [4]),
        (where("s", "matches pattern", r"^-?\d"), [7, 8]),
        (where("s", "matches pattern", "x.y"), []),  # a point is no line break
        (where("s", "is one of", 'North, "O\'Hara", x'), [0, 5]),
        (where("s", "is not one of", "North, x"), [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (where("s", "<", "A"), [1, 2, 6, 7, 8]),
        (where("s", "is missing"), [3]),
        (where("s", "is not missing"), [0, 1, 2, 4, 5, 6, 7, 8, 9]),
        (where("i", "is", "42"), [7]),
        (where("i", "is", "9007199254740993"), [5]),
        (where("i", ">", "2.5"), [3, 5, 7, 8, 9]),
        (where("i", "between", "-7", "1"), [0, 1, 2]),
        (where("i", "is one of", "1, 3, 1000"), [0, 8]),
        (where("x", ">=", "inf"), [3]),
        (where("x", "is", "0"), [2, 9]),
        (where("x", "between", "-2.5", "1.5"), [0, 1, 2, 7, 9]),
        (where("b", "is", "yes"), [0, 1, 2, 9]),
        (where("b", "is not", "true"), [3, 4, 5, 6, 7, 8]),
        (where("d", ">=", "2024-02-29"), [3, 5, 6]),
        (where("d", "is one of", "1969-07-20, 2000-01-01"), [1, 9]),
        (where("at", "<", "1970-01-01"), [1, 3, 8]),
        (where("at", "is", "2024-01-31T00:59:59.999999+01:00"), [0]),
        (where("at", "between", "2021-01-03", "2024-02-29"), [0, 5, 7]),
    ],
)
def test_which_rows_a_condition_keeps(
    condition: dict[str, str], expected: list[int], engine: Engine, tmp_path: Path
) -> None:
    assert kept(engine, tmp_path, condition) == expected
    dropped = kept(engine, tmp_path, condition, action="drop")
    assert sorted(expected + dropped) == list(range(10)), "every row is kept or dropped"


def test_all_and_any(engine: Engine, tmp_path: Path) -> None:
    both = (where("b", "is", "true"), where("i", ">", "0"))
    assert kept(engine, tmp_path, *both, match="all") == [0, 9]
    assert kept(engine, tmp_path, *both, match="any") == [0, 1, 2, 3, 5, 7, 8, 9]
    assert kept(engine, tmp_path, *both, match="any", action="drop") == [4, 6]


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        (where("i", "is", "ten"), "'i' needs a whole number to compare with, not 'ten'"),
        (where("i", ">", "1_000"), "not '1_000'"),
        (where("i", "is", "9223372036854775808"), "a whole number"),
        (where("x", "<", ""), "a number, such as 12.5"),
        (where("x", "<", "nan"), "a number"),
        (where("b", "is", "maybe"), "true or false"),
        (where("d", ">", "30/01/2024"), "a date, such as 2024-01-30"),
        (where("at", ">", "yesterday"), "a date and time"),
        (where("d", "between", "2024-01-01", ""), "a date"),
        (where("i", "between", "5", "1"), "the lower end 5 is above the upper end 1"),
        (where("i", "contains", "1"), "'contains' does not work on 'i', which is of type integer"),
        (where("b", "<", "true"), "does not work on 'b'"),
        (where("s", "contains", ""), "needs a value"),
        (where("s", "is one of", ""), "needs at least one value"),
        (where("s", "matches pattern", "(a"), "cannot be read: missing )"),
        (where("s", "matches pattern", r"(?=a)"), "no look-around"),
        (where("s", "is", "a\0"), "without control characters"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(condition: dict[str, str], says: str) -> None:
    step = FilterRows.build("filter_rows", {"conditions": [condition]})
    with pytest.raises(BadParameter) as refused:
        step.check(COLUMNS)
    assert says in str(refused.value)


def test_a_slow_pattern_is_no_danger(engine: Engine, tmp_path: Path) -> None:
    assert kept(engine, tmp_path, where("s", "matches pattern", "(a+)+$" * 20 + "z")) == []


def test_describe() -> None:
    step = FilterRows(
        conditions=(
            Condition(column="price", operator="between", value="1", to="2"),
            Condition(column="region", operator="is missing"),
        ),
        action="drop",
    )
    assert str(step.describe()) == 'Drop rows where "price" is between "1" and "2" and "region" is missing'
