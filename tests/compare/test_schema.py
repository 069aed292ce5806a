"""Columns added, removed, retyped and moved between two tables, and what may have been renamed."""

from __future__ import annotations

from typing import Any

from core.compare import schema_changes
from core.engine.duckdb import DuckEngine


def test_equal_columns_have_not_changed(table_of: Any, engine: DuckEngine) -> None:
    assert schema_changes(table_of(a=[1], b=["x"]), table_of(a=[2], b=["y"]), engine).same


def test_columns_added_removed_retyped_and_moved(table_of: Any, engine: DuckEngine) -> None:
    a = table_of(id=[1], price=["1"], gone=[True], last=[1])
    b = table_of(last=[1], id=[1], price=[1.0], new=["x"])
    found = schema_changes(a, b, engine)
    assert [column.name for column in found.added] == ["new"]
    assert [column.name for column in found.removed] == ["gone"]
    assert [(one.name, one.before, one.after) for one in found.retyped] == [("price", "text", "number")]
    assert found.reordered
    assert found.renamed == ()


def test_a_renamed_column_is_guessed_by_its_name(table_of: Any, engine: DuckEngine) -> None:
    found = schema_changes(table_of(order_date=["a"]), table_of(OrderDate=["b"]), engine)
    assert [(one.before, one.after) for one in found.renamed] == [("order_date", "OrderDate")]


def test_a_renamed_column_is_guessed_by_its_values_and_a_name_that_is_somewhat_like_it(
    table_of: Any, engine: DuckEngine
) -> None:
    places = ["Oslo", "Paris", "Rome", "Bonn"]
    found = schema_changes(
        table_of(city=places, n=[1, 2, 3, 4]), table_of(town_city=places, m=["a"] * 4), engine
    )
    assert [(one.before, one.after) for one in found.renamed] == [("city", "town_city")]


def test_unlike_columns_are_not_guessed(table_of: Any, engine: DuckEngine) -> None:
    assert schema_changes(table_of(city=["Oslo"]), table_of(price=["12"]), engine).renamed == ()
