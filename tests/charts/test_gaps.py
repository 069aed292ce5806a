"""Time charts where time has holes: lone values are seen, areas end, a range takes whole steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from core.charts import Area, Candlestick, Decomposition, Forecast, Line
from core.contracts import Chart, Engine, Table
from core.selection import Selection, selected

Build = Callable[..., Table]


def days(*wanted: int | None, kind: str = "a") -> pa.Table:
    """A value on some days of 1969: 0 is the 30th of December; None: no value on that day."""
    at = [dt.date(1969, 12, 30) + dt.timedelta(days=i) for i, _ in enumerate(wanted)]
    return pa.table(
        {"day": at, "y": pa.array(wanted, pa.float64()), "kind": [kind] * len(at)}
    )  # fmt: skip


def test_a_value_between_two_gaps_is_a_dot(table_of: Build, engine: Engine) -> None:
    wanted = [*range(50), None, 7, None, *range(50)]
    chart = Line(x="day", y="y", aggregation="mean", grain="day")
    figure = chart.figure(chart.data(table_of(days(*wanted)), engine))
    (trace,) = figure.data
    assert trace.mode == "lines+markers"
    assert [i for i, size in enumerate(trace.marker.size) if size] == [51]


@pytest.mark.parametrize("kind", [Line, Area])
def test_one_step_is_seen_and_its_axis_tells_the_day(
    kind: type[Any], table_of: Build, engine: Engine
) -> None:
    chart = kind(x="day", y="y", aggregation="sum", grain="day")
    figure = chart.figure(chart.data(table_of(days(5)), engine))
    assert "markers" in figure.data[0].mode
    assert list(figure.layout.xaxis.ticktext) == ["1969-12-30"]
    assert list(figure.layout.xaxis.range) == ["1969-12-29 00:00:00", "1969-12-31 00:00:00"]


def test_no_area_spans_a_gap(table_of: Build, engine: Engine) -> None:
    chart = Area(x="day", y="y", aggregation="mean", grain="day", areas="behind each other")
    figure = chart.figure(chart.data(table_of(days(4, 6, None, 3, 2)), engine))
    filled, line = figure.data
    assert filled.fill == "toself"
    assert list(filled.y) == [0, 4, 6, 0, None, 0, 3, 2, 0, None]
    assert filled.customdata is None, "no mark of its own"
    assert line.fill is None
    assert list(line.customdata) == [0, 1, 2, 3, 4]


def dated(table_of: Build) -> Table:
    """A row a day from the 15th of January 1969 on, for 200 days."""
    at = [dt.date(1969, 1, 15) + dt.timedelta(days=i) for i in range(200)]
    return table_of(pa.table({"day": at, "y": [1.0] * 200}))


@pytest.mark.parametrize(
    ("ends", "months"),
    [
        (("1969-02-20", "1969-05-03"), [31, 30, 31]),  # March, April, May: they begin in it
        (("1969-01-01", "1969-02-01"), [17, 28]),
        (("1969-03-10", "1969-03-12"), [31]),  # no month begins in it: the one around it
    ],
)
@pytest.mark.parametrize("kind", [Line, Area, Candlestick])
def test_a_range_takes_steps_as_a_whole(
    kind: type[Any], ends: tuple[str, str], months: list[int], table_of: Build, engine: Engine
) -> None:
    table = dated(table_of)
    chart = kind(x="day", y="y", grain="month", **({} if kind is Candlestick else {"aggregation": "sum"}))
    data = chart.data(table, engine)
    region = chart.zoom(data, ends, None)
    assert region is not None
    again = chart.data(selected(table, region), engine)
    assert again.column("rows").to_pylist() == months


@pytest.mark.parametrize(
    "chart",
    [
        Line(x="day", grain="month", show="running total"),
        Line(x="day", grain="month", rolling=3),
        Line(x="day", grain="month", show="change"),
        Forecast(x="day", grain="week"),
        Decomposition(x="day", grain="day"),
    ],
)
def test_what_looks_back_comes_closer_without_other_numbers(
    chart: Chart, table_of: Build, engine: Engine
) -> None:
    data = chart.data(dated(table_of), engine)
    ends = ("1969-03-01", "1969-04-15")
    assert chart.zoom(data, ends, None) is None
    box = chart.region(data, ends, None)
    assert box is not None
    assert box != Selection(), "a box takes rows all the same"


def test_steps_without_a_value_are_told_and_rolling_means_over_them(table_of: Build, engine: Engine) -> None:
    """Of four steps a mean needs two: checked with pandas, on days of which many are missing."""
    import pandas as pd

    wanted = [1, 2, None, None, None, 6, 7, None, 9, None, None, None, None, 14]
    table = table_of(days(*wanted))
    chart = Line(x="day", y="y", aggregation="mean", grain="day", rolling=4)
    data = chart.data(table, engine)
    expected = pd.Series(wanted, dtype=float).rolling(4, min_periods=2).mean()[3:]
    assert data.to_pandas()["value"][3:].tolist() == pytest.approx(expected.tolist(), nan_ok=True)
    words = str(chart.describe(data))
    assert "8 steps have no value: there are gaps." in words
    assert "A rolling mean needs values in half of its 4 steps or more." in words
    assert "gap" not in str(chart.describe(chart.data(table_of(days(1, 2, 3)), engine)))
