"""Rows that a person picked out: what a selection says, and which rows it means."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlglot import exp

from core import examples, sql
from core.affordable import affordable
from core.charts.measuring import kinds
from core.contracts import Column, Table
from core.dashboards import State
from core.engine.duckdb import DuckEngine, stored
from core.errors import BadParameter, MissingColumn
from core.ordinal import edges, from_text
from core.selection import Mark, Selection, marked, selected
from core.within import Within


@pytest.fixture
def table(tmp_path: Path) -> Table:
    pq.write_table(examples.table(), tmp_path / "t.parquet")
    return Table(stored(tmp_path / "t.parquet"), examples.COLUMNS)


ENGINE = DuckEngine(threads=1)
FRAME = examples.table().to_pandas()
REGION = FRAME["region"]
DAY = pd.to_datetime(FRAME["day"])


def rows(table: Table, *selections: Selection) -> list[int]:
    found = ENGINE.rows(selected(table, *selections).query)
    return [int(row) for row in found.column(sql.ROW).to_pylist()]


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        (Within(column="region", values=("North", "East")), FRAME["region"].isin(["North", "East"])),
        (Within(column="region", values=("North",), missing=True), REGION.isna() | (REGION == "North")),
        (Within(column="region", values=("North",), outside=True), REGION.notna() & (REGION != "North")),
        (Within(column="region", outside=True), FRAME["region"].notna()),
        (Within(column="region", missing=True), FRAME["region"].isna()),
        (Within(column="quantity", values=("4", "7", "no number")), FRAME["quantity"].isin([4, 7])),
        (Within(column="member", values=("true",)), FRAME["member"].eq(True)),
        (Within(column="price", values=("9.5", "1000000.0")), FRAME["price"].isin([9.5, 1e6])),
        (Within(column="day", values=("2024-01-30",)), DAY == "2024-01-30"),
        (Within(column="price", low=8.75, high=11.0), FRAME["price"].between(8.75, 11.0, inclusive="left")),
        (Within(column="price", low=8.75, high=11.0, closed=True), FRAME["price"].between(8.75, 11.0)),
        (Within(column="price", low=9.0, outside=True), FRAME["price"] < 9.0),
        (Within(column="price", high=9.0, missing=True), (FRAME["price"] < 9.0) | FRAME["price"].isna()),
        (Within(column="day", low=from_text("date", "2024-03-01")), DAY >= "2024-03-01"),
        (Within(column="at", high=from_text("datetime", "2024-02-01 00:00:00")), FRAME["at"] < "2024-02-01"),
    ],
)  # fmt: skip
def test_conditions_are_pandas(table: Table, within: Within, expected: pd.Series) -> None:
    wanted = [i for i, held in enumerate(expected.fillna(False)) if held]
    assert rows(table, Selection.of(within)) == wanted
    others = [i for i in range(len(FRAME)) if i not in wanted]
    assert rows(table, Selection.of(within).inverted()) == others, "excluding gives exactly the others"
    flags = ENGINE.rows(marked(table, Selection.of(within), "picked").query).column("picked").to_pylist()
    assert flags == [i in wanted for i in range(len(FRAME))]


def test_marks_add_up_parts_and_selections_narrow(table: Table) -> None:
    north = Mark(parts=(Within(column="region", values=("North",)),))
    dear = Mark(parts=(Within(column="price", low=10.0),))
    both = Mark(parts=(*north.parts, *dear.parts))
    either = set(rows(table, Selection(marks=(north, dear))))
    assert either == set(rows(table, Selection(marks=(north,)))) | set(rows(table, Selection(marks=(dear,))))
    narrowed = rows(table, Selection(marks=(north,)), Selection(marks=(dear,)))
    assert narrowed == rows(table, Selection(marks=(both,)))
    assert rows(table) == rows(table, Selection()) == list(range(12))
    assert rows(table, Selection(exclude=True)) == []
    assert Selection(marks=(north,)).joined(Selection(marks=(dear, north))).marks == (north, dear)


def test_thousands_of_marks_are_asked_at_once(table: Table) -> None:
    marks = tuple(Mark(parts=(Within(column="quantity", low=i, high=i, closed=True),)) for i in range(5_000))
    assert len(rows(table, Selection(marks=marks))) == FRAME["quantity"].notna().sum()


def test_it_survives_an_address_and_refuses_what_is_none() -> None:
    selection = Selection.of(
        Within(column='a"; drop', values=("\u4ef7", "x' OR 1=1")), Within(column="n", low=1.5)
    )
    assert Selection.from_json(json.loads(json.dumps(selection.to_json()))) == selection
    for wrong in ({"marks": [{"parts": [{"column": "a"}]}]}, {"rows": 1}, 3, {"marks": "all"},
                  {"marks": [{"parts": [{"column": "a", "values": ["b"], "low": 1}]}]}):  # fmt: skip
        with pytest.raises(BadParameter, match="no selection of rows"):
            Selection.from_json(wrong)


def test_hostile_values_are_only_values(table: Table) -> None:
    hostile = ("x') OR true --", "'; drop table t; --", "\u202e")
    assert rows(table, Selection.of(Within(column="region", values=hostile))) == []


def test_a_column_that_is_gone_is_named(table: Table) -> None:
    with pytest.raises(MissingColumn, match=r"regon.*region"):
        rows(table, Selection.of(Within(column="regon", missing=True)))
    with pytest.raises(BadParameter, match="has no range"):
        rows(table, Selection.of(Within(column="region", low=1)))
    with pytest.raises(BadParameter, match="already"):
        marked(table, Selection(), "region")


def test_it_speaks() -> None:
    def said(*parts: Within) -> str:
        return str(Selection.of(*parts).describe(examples.COLUMNS))

    assert said(Within(column="region", values=("North", "South"))) == "region is North or South"
    assert said(Within(column="day", low=0.0, high=31.0)) == "day is 1970-01"
    assert said(Within(column="day", low=0.0, high=32.0)) == "day from 1970-01-01 to 1970-02-02"
    assert said(Within(column="price", high=1000), Within(column="region", missing=True)) == (
        "price below 1,000 and region is missing"
    )
    many = Within(column="region", values=tuple("abcdefg"), outside=True)
    assert said(many) == "region is none of a or b or c or d or e or 2 more"
    assert str(Selection().describe()) == "all rows"
    assert str(Selection.of(many).inverted().describe(examples.COLUMNS)).startswith("all but: region is none")


STEPS = [(0.0, 0.1, False), (-3.7, 1 / 3, False), (1e9, 86.4, False), (-2.0, 0.07, True), (90.0, 0.3, True)]


@pytest.mark.parametrize(("low", "width", "log"), STEPS)
def test_the_ends_of_steps_are_exact(low: float, width: float, log: bool) -> None:
    """A value just below an end, and the end itself, fall on both sides as the engine divides them."""
    ends = edges(low, width, 40, log=log)
    assert ends == sorted(ends)
    values = ", ".join(f"({float(v):.17e}::DOUBLE)" for end in ends for v in (just_below(end), end))
    scale = "log10(v)" if log else "v"
    steps = duckdb.sql(
        f"SELECT floor(({scale} - ({low:.17e}::DOUBLE)) / ({width:.17e}::DOUBLE)) FROM (VALUES {values}) t(v)"
    ).fetchall()
    for i in range(len(ends)):
        assert steps[2 * i][0] < i <= steps[2 * i + 1][0]


def just_below(value: float) -> float:
    return math.nextafter(value, -math.inf)


@pytest.mark.parametrize(
    "part", [{"column": "\ud800", "missing": True}, {"column": "a", "values": ["\udfff"]}]
)
def test_half_a_character_is_no_text(part: dict) -> None:
    with pytest.raises(BadParameter, match="half a character"):
        Selection.from_json({"marks": [{"parts": [part]}]})


MOMENTS = (
    "infinity", "-infinity", "4714-01-01 (BC) 00:00:00", "0001-01-01 00:00:00", "1969-12-31 23:59:59.999999",
    "1970-01-01 00:00:00", "1970-01-01 00:00:00.5", "1970-01-02 00:00:00", "2024-02-29 12:00:00.000001",
    "9999-12-31 23:59:59.999999", "20000-01-01 00:00:00",
)  # fmt: skip


@pytest.mark.parametrize("kind", ["date", "datetime"])
@pytest.mark.parametrize("closed", [False, True])
def test_ranges_of_time_are_those_of_its_number(kind: str, closed: bool, tmp_path: Path) -> None:
    """What lets the engine pass over parts of a file leaves out no row: at the ends, in far years."""
    stored_as = "DATE" if kind == "date" else "TIMESTAMP"
    values = ", ".join(f"(CAST('{one}' AS TIMESTAMP)::{stored_as})" for one in (*MOMENTS,))
    duckdb.sql(f"COPY (SELECT * FROM (VALUES {values}, (NULL)) t(x)) TO '{tmp_path / 'm.parquet'}'")
    query = stored(tmp_path / "m.parquet")
    table = Table(query, ENGINE.schema(query))
    number = "epoch(x)" if kind == "datetime" else "epoch(x) / 86400"
    found = ENGINE.rows(
        f"SELECT CASE WHEN isfinite(x) THEN {number} END AS n FROM '{tmp_path / 'm.parquet'}'"
    )
    numbers = found.column("n").to_pylist()
    known = [n for n in numbers if n is not None]
    ends = [*known, *(n + 0.25 for n in known[::2]), *(n - 1 for n in known[1::2]), 1e300]
    for low, high in [*((end, None) for end in ends), *zip((None, *ends), ends, strict=False)]:
        assert rows(table, Selection.of(Within(column="x", low=low, high=high, closed=closed))) == [
            i for i, n in enumerate(numbers)
            if n is not None and (low is None or low <= n)
            and (high is None or n < high or (closed and n == high))
        ]  # fmt: skip


def test_a_range_of_time_passes_over_parts_of_a_file(tmp_path: Path) -> None:
    duckdb.sql(
        "COPY (SELECT TIMESTAMP '2024-01-01' + to_seconds(range) AS x FROM range(20480)) "
        f"TO '{tmp_path / 'm.parquet'}' (ROW_GROUP_SIZE 2048)"
    )
    query = stored(tmp_path / "m.parquet")
    table = Table(query, ENGINE.schema(query))
    low = from_text("datetime", "2024-01-01 01:00:00")
    some = selected(table, Selection.of(Within(column="x", low=low, high=low + 60)))
    assert ENGINE.rows(some.query).num_rows == 60
    plan = duckdb.sql(f"EXPLAIN {sql.text(some.query)}").fetchall()[0][1]
    told = plan[plan.index("Filters") :]
    assert "2024-01-01 00:59:59" in told[: told.index("COALESCE")], "the scan itself knows the range"


def test_ranges_of_numbers_pass_over_no_row(tmp_path: Path) -> None:
    """NaN counts as great, and a file's greatest value leaves it out."""
    numbers = [math.nan, -math.inf, math.inf, None, -1e308, -2.5, 0.0, 1.0, 2.0, 1e308]
    whole = [None, -(2**63), -1, 0, 1, 2, 2**53 + 1, 2**63 - 1, 5, 6]
    frame = pd.DataFrame({"n": pd.array(numbers, "object"), "i": pd.array(whole, "Int64")})
    source = duckdb.from_df(frame.assign(n=pd.Series(numbers, dtype="float64")))
    source.write_parquet(str(tmp_path / "m.parquet"))
    table = Table(stored(tmp_path / "m.parquet"), ENGINE.schema(stored(tmp_path / "m.parquet")))
    for column in ("n", "i"):
        for low, high in (
            (None, 1.5),
            (-2.5, None),
            (-2.5, 2.0),
            (0.5, 1.5),
            (2.0, 1e308),
            (1e300, None),
            (2.0**53, 2.0**63),
        ):
            within = Within(column=column, low=low, high=high, closed=True)
            condition = sql.text(exp.select("*").where(within.where(kinds(table)[column])))
            wanted = ENGINE.rows(
                f"SELECT file_row_number AS r FROM read_parquet('{tmp_path / 'm.parquet'}', "
                f"file_row_number = true) {condition[condition.index('WHERE') :]} ORDER BY r"
            )
            assert rows(table, Selection.of(within)) == wanted.column("r").to_pylist(), within


def test_marks_of_single_values_are_one_list_of_them(table: Table) -> None:
    marks = tuple(Mark(parts=(Within(column="region", values=(str(i),)),)) for i in range(4_000))
    north = Mark(parts=(Within(column="region", values=("North",), missing=True),))
    found = Selection(marks=(*marks, north))
    assert str(found.where(table.columns)).count(" IN ") == 1
    wanted = FRAME["region"].isna() | (FRAME["region"] == "North")
    assert len(rows(table, found)) == wanted.sum()
    assert Selection.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_an_address_may_not_ask_for_thousands_of_conditions() -> None:
    marks = [{"parts": [{"column": "price", "low": i, "high": i + 0.5}]} for i in range(1_001)]
    with pytest.raises(BadParameter, match="1,001 conditions; at most 1,000"):
        Selection.from_json({"marks": marks})
    kept = affordable(Selection.from_json({"marks": marks[:900]}).marks)
    assert len(kept) == 500
    half = Selection(marks=kept).to_json()
    State.from_json({"picks": {"a": half, "b": half}})
    with pytest.raises(BadParameter, match="1,500 conditions"):
        State.from_json({"picks": {"a": half, "b": half}, "zooms": {"c": half}})


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"low": 1.0}, [2.0, math.inf]),
        ({"high": 1.0}, [-math.inf, 0.0]),
        ({"low": -5.0, "high": 5.0}, [0.0, 2.0]),
        ({"low": 1.0, "outside": True}, [-math.inf, 0.0, math.nan]),
    ],
)
def test_what_is_no_number_is_in_no_range_and_infinite_values_are_in_open_ones(
    tmp_path: Path, part: dict[str, Any], expected: list[float]
) -> None:
    """Also where the file's statistics, which leave NaN out, let the engine skip or take whole blocks."""
    for size in (1, 3_000):
        values = [math.nan, -math.inf, 0.0, 2.0, math.inf, None] * size
        pq.write_table(pa.table({"x": pa.array(values, pa.float64())}), tmp_path / f"{size}.parquet")
        held = Table(stored(tmp_path / f"{size}.parquet"), (Column(name="x", type="number"),))
        found = ENGINE.rows(selected(held, Selection.of(Within(column="x", **part))).query).column("x")
        assert sorted(map(str, found.to_pylist())) == sorted(map(str, expected * size))


def test_whole_numbers_that_one_double_stands_for_are_one_place(tmp_path: Path) -> None:
    """Charts measure in doubles: a mark at 2**53 + 1 lies at 2**53, and holds the rows of both."""
    whole = [2**53 - 1, 2**53, 2**53 + 1, 2**53 + 2, -(2**53) - 1, -(2**53), 2**62, 2**62 + 1]
    pq.write_table(pa.table({"i": whole}), tmp_path / "w.parquet")
    table = Table(stored(tmp_path / "w.parquet"), (Column(name="i", type="integer"),))
    for value in whole:
        at = Within(column="i", low=float(value), high=float(value), closed=True)
        assert rows(table, Selection.of(at)) == [
            i for i, one in enumerate(whole) if float(one) == float(value)
        ]
