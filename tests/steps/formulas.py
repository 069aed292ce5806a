"""A table with extreme values, and a way to compute one formula on it in both engines."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.contracts import Column, Engine, Schema
from core.recipe import Recipe, RecipeStep
from core.steps.derive import DerivedColumn
from tests.steps.tables import assert_same, by_pandas, fetched, made, put

COLUMNS: Schema = (
    Column(name="i", type="integer"),
    Column(name="j", type="integer"),
    Column(name="x", type="number"),
    Column(name="y", type="number"),
    Column(name="s", type="text"),
    Column(name="t", type="text"),
    Column(name="b", type="boolean"),
    Column(name="c", type="boolean"),
    Column(name="d", type="date"),
    Column(name="e", type="date"),
    Column(name="at", type="datetime"),
    Column(name="to", type="datetime"),
    Column(name="unit price", type="number"),
    Column(name="a]b[", type="integer"),
)
INF = float("inf")
ROWS = made(
    COLUMNS,
    i=[1, -7, 0, 2**63 - 1, -(2**63), 2**53 + 1, None, 42, 3, 10],
    j=[3, 2, 0, 1, -1, 7, 5, None, -4, 1_000_001],
    x=[1.5, -2.5, 0.0, INF, -INF, 1e308, None, 5e-324, 2.675, -0.0],
    y=[0.0, 0.5, 0.0, INF, INF, 10.0, 3.0, None, -1.0, 2.0],
    s=["North", "", " a b\t", None, "Ünï 李雷 😀", "O'Hara", '"', "12.50", "-1e3", "x\ny"],
    t=["th", "", None, "z", "李", "'", "\\", "+.5", "1e", "nan"],
    b=[True, True, True, False, False, False, None, None, None, True],
    c=[True, False, None, True, False, None, True, False, None, True],
    d=[dt.date(2024, 1, 30), dt.date(1969, 7, 20), dt.date(1, 1, 1), dt.date(9999, 12, 31), None]
    + [dt.date(2024, 2, 29), dt.date(2024, 12, 30), dt.date(2021, 1, 3), dt.date(1900, 2, 28)]
    + [dt.date(2000, 1, 1)],
    e=[dt.date(2024, 3, 1), dt.date(1970, 1, 1), dt.date(2024, 1, 1), None, None]
    + [dt.date(2023, 2, 28), dt.date(2024, 12, 31), dt.date(2020, 12, 31), dt.date(1900, 3, 1)]
    + [dt.date(2000, 1, 1)],
    at=[dt.datetime(2024, 1, 30, 23, 59, 59, 999999), dt.datetime(1969, 7, 20, 20, 17, 1, 500000)]
    + [None, dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59), dt.datetime(2024, 2, 29)]
    + [dt.datetime(2024, 12, 30, 1), dt.datetime(2021, 1, 3, 12), dt.datetime(1969, 12, 31, 23, 59, 59, 1)]
    + [None],
    to=[dt.datetime(2024, 1, 31), dt.datetime(1969, 7, 20, 20, 17, 1), dt.datetime(2024, 1, 1), None, None]
    + [dt.datetime(2024, 2, 29, 6, 30), dt.datetime(2024, 12, 29, 23), dt.datetime(2021, 1, 4)]
    + [dt.datetime(1970, 1, 1), dt.datetime(2000, 1, 1)],
    **{"unit price": [1.0, 2.0, None, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]},
    **{"a]b[": list(range(10))},
)  # fmt: skip


def computed(formula: str, engine: Engine, folder: Path, rows: pa.Table = ROWS) -> list[Any]:
    """The values that SQL gives, after making sure that the pandas code gives the same."""
    table = put(folder, rows)
    recipe = Recipe(steps=(RecipeStep(step=DerivedColumn(name="result", formula=formula)),))
    by_sql = fetched(recipe.apply(table, engine), engine)
    assert_same(by_pandas(recipe, table, engine, folder), by_sql)
    values: list[Any] = by_sql.column("result").to_pylist()
    return values
