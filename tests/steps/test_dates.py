"""Parts of dates compared with Python's own calendar."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.contracts import Column, Engine
from core.engine.duckdb import DuckEngine
from core.errors import BadParameter
from core.recipe import Recipe, RecipeStep
from core.steps.dates import DateParts
from tests.steps.tables import assert_same, by_pandas, fetched, put

_source = random.Random(11)
DAYS = [dt.date.fromordinal(_source.randrange(1, dt.date.max.toordinal())) for _ in range(100)]
DAYS += [
    dt.date(year, month, day)
    for year in range(2015, 2027)
    for month, day in ((1, 1), (1, 4), (12, 28), (12, 31))
]
SWITCHES = ("year", "quarter", "month", "week", "weekday", "day", "day_of_year", "is_weekend", "month_start")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=1)


def run(rows: pa.Table, engine: Engine, folder: Path, **options: Any) -> dict[str, list[Any]]:
    step = DateParts.build("date_parts", options)
    recipe, table = Recipe(steps=(RecipeStep(step=step),)), put(folder, rows)
    after = fetched(recipe.apply(table, engine), engine)
    assert_same(by_pandas(recipe, table, engine, folder), after)
    found: dict[str, list[Any]] = after.to_pydict()
    return found


def parts(day: dt.date) -> dict[str, Any]:
    return {
        "d year": day.year,
        "d quarter": (day.month + 2) // 3,
        "d month": day.month,
        "d week": day.isocalendar().week,
        "d weekday": day.isoweekday(),
        "d day": day.day,
        "d day of year": day.timetuple().tm_yday,
        "d is weekend": day.isoweekday() >= 6,
        "d month start": day.replace(day=1),
    }


@pytest.mark.parametrize("timed", [False, True])
def test_parts_are_those_of_the_calendar(timed: bool, engine: Engine, tmp_path: Path) -> None:
    noon = dt.time(12, 34, 56, 789)
    values = [dt.datetime.combine(day, noon) for day in DAYS] if timed else DAYS
    kind = pa.timestamp("us") if timed else pa.date32()
    rows = pa.table({"d": pa.array([*values, None], kind)})
    found = run(rows, engine, tmp_path, column="d", **dict.fromkeys(SWITCHES, True))
    for name, column in found.items():
        if name != "d":
            assert column == [*(parts(day)[name] for day in DAYS), None], name


def test_times_and_names(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"at": pa.array([dt.datetime(1969, 7, 20, 20, 17), None], pa.timestamp("us"))})
    found = run(rows, engine, tmp_path, column="at", hour=True, minute=True, style="names", drop=True)
    assert found == {
        "at year": [1969, None],
        "at month": ["July", None],
        "at weekday": ["Sunday", None],
        "at hour": [20, None],
        "at minute": [17, None],
    }


def test_a_day_has_no_hour() -> None:
    with pytest.raises(BadParameter, match="there is no hour to take"):
        DateParts(column="d", hour=True).check((Column(name="d", type="date"),))


def test_at_least_one_part_is_taken() -> None:
    with pytest.raises(BadParameter, match="at least one part"):
        DateParts.build("date_parts", {"column": "d", "year": False, "month": False, "weekday": False})


def test_a_name_that_is_taken_is_refused(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"d": pa.array([None], pa.date32()), "D Year": ["kept"]})
    with pytest.raises(BadParameter, match="two columns called 'd year'"):
        run(rows, engine, tmp_path, column="d")
