"""The rows of a result as a table for charts: its types, its bounds, hostile names, nothing left behind."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from core.charts.bars import Bar
from core.charts.distribution import Histogram
from core.engine.believing import Answer
from core.engine.duckdb import DuckEngine
from core.queries import drawing
from core.queries.running import Query

HOSTILE = 'a"; drop table t; --]$x$ `b` <img src=x>'


def result(names: list[str], kinds: list[str], *cells: pa.Array) -> Query:
    data = pa.table(list(cells), names=[f"c{number}" for number in range(len(cells))])
    query = Query("qy_test", "ann", "SELECT 1", {})
    query.answer = Answer(tuple(names), tuple(kinds), data, None, 0.1, ())
    return query


@pytest.fixture
def totals() -> Query:
    whole = pa.decimal128(38, 0)
    return result(
        ["city", HOSTILE, "city"], ["VARCHAR", "HUGEINT", "HUGEINT"],
        pa.array(["Rome", "Oslo", "Bonn"]), pa.array([Decimal(3), Decimal(2), None], whole),
        pa.array([Decimal(10) ** 30, Decimal(2), Decimal(1)], whole),
    )  # fmt: skip


def test_columns_have_the_types_and_names_of_a_table(
    totals: Query, tmp_path: Path, engine: DuckEngine
) -> None:
    assert [(one.name, one.type) for one in drawing.columns(totals)] == [
        ("city", "text"), (HOSTILE, "integer"), ("city_2", "number"),
    ]  # fmt: skip
    with drawing.as_table(totals, tmp_path) as table:
        rows = engine.rows(table.query).to_pylist()
    assert [row[HOSTILE] for row in rows] == [3, 2, None]
    assert [row["city_2"] for row in rows] == [1e30, 2.0, 1.0]
    assert list(tmp_path.iterdir()) == []


def test_a_chart_of_it_shows_its_numbers(totals: Query, tmp_path: Path, engine: DuckEngine) -> None:
    chart = Bar(x="city", y=HOSTILE, aggregation="sum")
    data = drawing.drawn(totals, chart, tmp_path, engine)
    assert dict(zip(data.column("x").to_pylist(), data.column("value").to_pylist(), strict=True)) == {
        "Rome": 3.0, "Oslo": 2.0, "Bonn": None,
    }  # fmt: skip
    many = result(["n"], ["BIGINT"], pa.array(range(10_000)))
    assert drawing.drawn(many, Histogram(x="n"), tmp_path, engine).num_rows < 200


def test_the_first_suggestion_draws_what_group_by_gives(
    totals: Query, tmp_path: Path, engine: DuckEngine
) -> None:
    found = drawing.seen(totals, tmp_path, engine)
    chart, reason = drawing.suggested(found)[0]
    assert (chart.to_json()["x"], chart.to_json()["y"]) == ("city", HOSTILE)
    assert str(reason) == "A number for each name: compare them."
    assert len(drawing.suggested(found, 2)) == 2
    assert all(chart.to_json().get("colour") != "city" for chart, _ in drawing.suggested(found))
    for chart, _ in drawing.suggested(found):
        chart.figure(drawing.drawn(totals, chart, tmp_path, engine))


def test_wide_results_are_looked_at_in_part(tmp_path: Path, engine: DuckEngine) -> None:
    wide = result([f"x{n}" for n in range(50)], ["BIGINT"] * 50, *[pa.array([1, 2])] * 50)
    assert len(drawing.seen(wide, tmp_path, engine).columns) == drawing.LOOKED_AT
    assert len(drawing.columns(wide)) == 50
