"""What charts of time show, recomputed with pandas: changes, rolling means, totals, shares."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.charts import Area, Line
from core.charts.coding import patterned
from core.contracts import Engine, Table
from core.errors import BadParameter
from core.selection import Selection, selected
from core.within import Within
from tests.conftest import SAMPLES

Build = Callable[..., Table]


@pytest.fixture(scope="module")
def hotel() -> pd.DataFrame:
    frame = pd.read_csv(SAMPLES / "modeldata_hotel_rates.csv.gz", parse_dates=["arrival_date"])
    return frame.astype({"arrival_date": "datetime64[us]"})


@pytest.fixture
def bookings(hotel: pd.DataFrame, table_of: Build) -> Table:
    return table_of(pa.Table.from_pandas(hotel, preserve_index=False))


def shown(chart: Line | Area, table: Table, engine: Engine) -> pd.Series:
    got = chart.data(table, engine).to_pandas()
    return pd.Series(got["value"].to_numpy(), pd.to_datetime(got["x"]).astype("datetime64[us]"))


EXPECTED: dict[str, Callable[[pd.Series], pd.Series]] = {
    "change": lambda s: s.diff(),
    "change, %": lambda s: s.pct_change() * 100,
    "year on year": lambda s: s - s.shift(12),
    "year on year, %": lambda s: (s / s.shift(12) - 1) * 100,
    "running total": lambda s: s.cumsum(),
}


@pytest.mark.parametrize("show", EXPECTED)
@pytest.mark.parametrize("some", [None, ("Direct", "Groups")])
def test_what_lines_show_is_pandas(
    show: Any, some: tuple[str, ...] | None, hotel: pd.DataFrame, bookings: Table, engine: Engine
) -> None:
    table = bookings
    if some is not None:
        table = selected(bookings, Selection.of(Within(column="market_segment", values=some)))
        hotel = hotel[hotel["market_segment"].isin(some)]
    chart = Line(x="arrival_date", y="avg_price_per_room", aggregation="sum", grain="month", show=show)
    monthly = hotel.set_index("arrival_date")["avg_price_per_room"].resample("MS").sum()
    pd.testing.assert_series_equal(
        shown(chart, table, engine), EXPECTED[show](monthly), check_names=False, check_freq=False, rtol=1e-10
    )


def test_days_are_compared_with_the_same_date_a_year_before(table_of: Build, engine: Engine) -> None:
    days = pd.date_range("1967-01-05", "1969-03-03", freq="D").astype("datetime64[us]")
    daily = pd.Series(np.random.default_rng(2).normal(size=len(days)), days)
    chart = Line(x="x", y="y", aggregation="sum", grain="day", show="year on year")
    got = shown(chart, table_of(x=pa.array(days), y=daily.to_numpy()), engine)
    expected = daily - daily.reindex(daily.index - pd.DateOffset(years=1)).to_numpy()
    expected[(daily.index.month == 2) & (daily.index.day == 29)] = np.nan
    pd.testing.assert_series_equal(got, expected, check_names=False, check_freq=False)
    assert got.notna().sum() > 300


@pytest.mark.parametrize("window", [2, 7, 8])
@pytest.mark.parametrize("placed", ["trailing", "centred"])
def test_rolling_means_are_pandas(
    window: int, placed: Any, hotel: pd.DataFrame, bookings: Table, engine: Engine
) -> None:
    chart = Line(
        x="arrival_date",
        y="avg_price_per_room",
        aggregation="mean",
        grain="day",
        rolling=window,
        placed=placed,
    )
    daily = hotel.set_index("arrival_date")["avg_price_per_room"].resample("D").mean()
    rolling = daily.rolling(window, min_periods=-(-window // 2), center=placed == "centred").mean()
    before = window - 1 if placed == "trailing" else window // 2
    after = window - 1 - before
    rolling.iloc[:before] = np.nan
    if after:
        rolling.iloc[-after:] = np.nan
    pd.testing.assert_series_equal(
        shown(chart, bookings, engine), rolling, check_names=False, check_freq=False, rtol=1e-10
    )


def test_a_percentage_of_nothing_is_a_gap_and_counted(table_of: Build, engine: Engine) -> None:
    days = pd.date_range("2024-01-01", periods=5, freq="D").astype("datetime64[us]")
    table = table_of(x=pa.array(days), y=[0.0, 4.0, 6.0, -1.0, 5.0])
    chart = Line(x="x", y="y", aggregation="sum", grain="day", show="change, %")
    data = chart.data(table, engine)
    assert data.column("value").to_pylist() == [None, None, pytest.approx(50), pytest.approx(-350 / 3), None]
    assert "2 steps have no percentage" in str(chart.describe(data))
    assert data.column("measured").to_pylist() == [0, 4, 6, -1, 5]


@pytest.mark.parametrize(
    ("chart", "words"),
    [
        (Line(x="n", show="year on year"), "needs dates"),
        (Line(x="x", y="n", aggregation="mean", show="running total"), "does not add up"),
        (Line(x="x", rolling=3, show="running total"), "no rolling mean"),
        (Area(x="x", y="n", aggregation="median", areas="shares"), "does not add up"),
    ],
)
def test_what_says_nothing_is_refused(
    chart: Line | Area, words: str, table_of: Build, engine: Engine
) -> None:
    days = pa.array(pd.date_range("2024-01-01", periods=5).astype("datetime64[us]"))
    with pytest.raises(BadParameter, match=words):
        chart.data(table_of(x=days, n=[1, 2, 3, 4, 5]), engine)


def test_areas_are_sums_and_shares_of_each_month(
    hotel: pd.DataFrame, bookings: Table, engine: Engine
) -> None:
    stacked = Area(
        x="arrival_date", y="avg_price_per_room", aggregation="sum", colour="country", grain="month"
    )
    data = stacked.data(bookings, engine)
    got = data.to_pandas().pivot_table(index="x", columns="colour", values="value", aggfunc="sum")
    monthly = hotel.set_index("arrival_date")["avg_price_per_room"].resample("MS").sum()
    assert got.sum(axis=1).to_numpy() == pytest.approx(monthly.to_numpy()), "areas end at the total"
    frequent = hotel["country"].value_counts().index[0]
    own = hotel[hotel["country"] == frequent].set_index("arrival_date")["avg_price_per_room"].resample("MS")
    assert got[frequent].to_numpy() == pytest.approx(
        own.sum().reindex(monthly.index, fill_value=0).to_numpy()
    )
    shares = stacked.model_copy(update={"areas": "shares"})
    part = shares.data(bookings, engine).to_pandas()
    assert part.groupby("x")["value"].sum().to_numpy() == pytest.approx(np.full(len(monthly), 100.0))
    assert part["value"].to_numpy() == pytest.approx(
        (part["measured"] / part.groupby("x")["measured"].transform("sum") * 100).to_numpy()
    )
    figure = patterned(shares.figure(data))
    assert len({trace.fillpattern.shape for trace in figure.data}) > 4, "told apart without colour"


def test_means_stand_behind_each_other_and_it_says_so(bookings: Table, engine: Engine) -> None:
    chart = Area(x="arrival_date", y="lead_time", aggregation="mean", colour="market_segment", grain="month")
    data = chart.data(bookings, engine)
    assert all(trace.stackgroup is None for trace in chart.figure(data).data)
    assert "these values do not add up" in str(chart.describe(data))


def test_a_step_between_gaps_is_seen(table_of: Build, engine: Engine) -> None:
    """A line of one point has no length: a value every fifth year would leave the picture empty."""
    days = [dt.date(1900 + 5 * i, 6, 1) for i in range(20)]
    chart = Line(x="day", aggregation="mean", y="y", grain="year")
    data = chart.data(table_of(day=days, y=[float(i) for i in range(20)]), engine)
    assert data.num_rows == 96
    assert chart.figure(data).data[0].mode == "lines+markers"
