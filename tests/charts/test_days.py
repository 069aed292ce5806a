"""Candles and calendars, recomputed with pandas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.charts import CalendarHeatMap, Candlestick
from core.charts.drawing import notes
from core.contracts import Engine, Table
from core.errors import BadParameter
from core.selection import Selection, selected
from core.within import Within
from tests.conftest import SAMPLES

Build = Callable[..., Table]


def ticks() -> pd.DataFrame:
    """Trades at odd seconds of some months, shuffled; a few prices are missing or infinite."""
    rng = np.random.default_rng(8)
    at = pd.to_datetime("1969-10-03") + pd.to_timedelta(np.sort(rng.integers(0, 9_000_000, 4_000)), unit="s")
    price = 100 + np.cumsum(rng.normal(0, 0.4, 4_000))
    price[rng.integers(0, 4_000, 40)] = np.nan
    price[7] = np.inf
    kind = rng.choice(["a", "b"], 4_000)
    frame = pd.DataFrame({"at": at.astype("datetime64[us]"), "price": price, "kind": kind})
    return frame.sample(frac=1, random_state=1)


@pytest.mark.parametrize("kind", [None, "a"])
def test_candles_are_pandas_open_high_low_close(kind: str | None, table_of: Build, engine: Engine) -> None:
    frame = ticks()
    table = table_of(pa.Table.from_pandas(frame, preserve_index=False))
    if kind is not None:
        table = selected(table, Selection.of(Within(column="kind", values=(kind,))))
        frame = frame[frame["kind"] == kind]
    chart = Candlestick(x="at", y="price", grain="week")
    data = chart.data(table, engine)
    got = data.to_pandas()
    known = frame[np.isfinite(frame["price"])].set_index("at").sort_index()["price"]
    expected = known.resample("W-MON", closed="left", label="left").ohlc().dropna()
    assert list(pd.to_datetime(got["x"])) == list(expected.index)
    for key in ("open", "high", "low", "close"):
        assert got[key].to_numpy() == pytest.approx(expected[key].to_numpy()), key
    words = str(chart.describe(data))
    assert f"{(expected['close'] > expected['open']).sum()} rose (hollow)" in words
    assert f"{len(frame) - len(known)} rows have no finite price" in words


def test_candles_of_days_make_candles_of_weeks(table_of: Build, engine: Engine) -> None:
    known = ticks().dropna()
    known = known[np.isfinite(known["price"])].set_index("at").sort_index()["price"]
    days = known.resample("D").ohlc().dropna().reset_index()
    days["at"] = days["at"].astype("datetime64[us]")
    table = table_of(pa.Table.from_pandas(days, preserve_index=False))
    chart = Candlestick(x="at", y="close", opened="open", high="high", low="low", grain="week")
    expected = known.resample("W-MON", closed="left", label="left").ohlc().dropna()
    got = chart.data(table, engine).to_pandas()
    for key in ("open", "high", "low", "close"):
        assert got[key].to_numpy() == pytest.approx(expected[key].to_numpy()), key
    with pytest.raises(BadParameter, match="all of the open, high and low columns"):
        chart.model_copy(update={"low": None}).data(table, engine)


def test_rows_of_one_moment_open_and_close_in_their_order(table_of: Build, engine: Engine) -> None:
    at = pa.array(pd.to_datetime(["2024-05-01"] * 4).astype("datetime64[us]"))
    data = Candlestick(x="at", y="y", grain="day").data(table_of(at=at, y=[3.0, 9.0, 1.0, 5.0]), engine)
    assert data.select(["open", "high", "low", "close"]).to_pylist() == [
        {"open": 3.0, "high": 9.0, "low": 1.0, "close": 5.0}
    ]


def test_a_calendar_has_the_days_of_pandas_at_their_weekdays(table_of: Build, engine: Engine) -> None:
    hotel = pd.read_csv(SAMPLES / "modeldata_hotel_rates.csv.gz", parse_dates=["arrival_date"])
    hotel = hotel.astype({"arrival_date": "datetime64[us]"})
    table = table_of(pa.Table.from_pandas(hotel, preserve_index=False))
    chart = CalendarHeatMap(x="arrival_date", y="avg_price_per_room", aggregation="mean")
    data = chart.data(table, engine)
    expected = hotel.groupby("arrival_date")["avg_price_per_room"].mean()
    assert data.column("value").to_numpy() == pytest.approx(expected.to_numpy())
    figure = chart.figure(data)
    assert [len(trace.z) for trace in figure.data] == [7, 7]
    for trace, (year, own) in zip(figure.data, expected.groupby(expected.index.year), strict=True):
        weeks = (own.index.day_of_year - 1 + pd.Timestamp(year, 1, 1).weekday()) // 7
        for week, day, value in zip(weeks, own.index.day_of_week, own, strict=True):
            assert trace.z[day][week] == pytest.approx(value)
    assert f"{len(expected)} days with rows" in str(chart.describe(data))


def test_a_calendar_shows_the_latest_years_and_counts_the_others(table_of: Build, engine: Engine) -> None:
    days = pd.date_range("1961-01-01", "1970-12-31", freq="D").astype("datetime64[us]")
    chart = CalendarHeatMap(x="x", years=3)
    data = chart.data(table_of(x=pa.array(days)), engine)
    assert notes(data)["years"] == [1968, 1969, 1970]
    assert data.num_rows == 366 + 365 + 365
    assert "7 more years are not shown." in str(chart.describe(data))


def every_day(table_of: Build) -> Table:
    """A row a day of 1968 and 1969, three on Sundays."""
    days = pd.date_range("1968-01-01", "1969-12-31")
    days = days.repeat([3 if day.weekday() == 6 else 1 for day in days])
    return table_of(pa.table({"day": pa.array(days.date, pa.date32())}))


@pytest.mark.parametrize(
    ("x", "y", "days"),
    [
        # weeks 10 to 12 of 1969, counted from the one of the 1st of January, a Wednesday
        ((1969 * 54 + 9.6, 1969 * 54 + 12.3), None, pd.date_range("1969-03-10", "1969-03-30")),
        # of the same weeks, Saturdays and Sundays
        ((1969 * 54 + 9.6, 1969 * 54 + 12.3), (4.7, 6.4), ["1969-03-15", "1969-03-16", "1969-03-22",
                                                            "1969-03-23", "1969-03-29", "1969-03-30"]),
        # the first week of a year holds no day of the year before, though it began there
        ((1969 * 54 - 0.4, 1969 * 54 + 0.4), None, pd.date_range("1969-01-01", "1969-01-05")),
        # within one cell: that day
        ((1968 * 54 + 4.1, 1968 * 54 + 4.3), (2.1, 2.2), ["1968-01-31"]),
        ((1966 * 54, 1966 * 54 + 30), None, []),
    ],
)  # fmt: skip
def test_a_box_on_the_calendar_takes_its_days(
    x: tuple[float, float], y: tuple[float, float] | None, days: list[str], table_of: Build, engine: Engine
) -> None:
    table, chart = every_day(table_of), CalendarHeatMap(x="day")
    data = chart.data(table, engine)
    region = chart.region(data, x, y)
    assert region is not None
    got = engine.rows(selected(table, region).query).to_pandas()["day"]
    assert sorted(set(pd.to_datetime(got))) == list(pd.to_datetime(days))
    assert chart.zoom(data, x, y) == chart.region(data, x, None), "a period has all of its days"
    again = chart.figure(chart.data(selected(table, region), engine))
    assert len(again.data) == min(1, len(days)), "one year is left, or none"


def test_a_cell_stands_where_its_region_is_told(table_of: Build, engine: Engine) -> None:
    table, chart = every_day(table_of), CalendarHeatMap(x="day")
    data = chart.data(table, engine)
    for trace in chart.figure(data).data:
        for across, down in ((0, 6), (20, 3), (len(trace.x) - 1, 0)):
            row = trace.customdata[down][across]
            if row < 0:
                continue
            at = trace.x[across]
            assert chart.region(data, (at - 0.3, at + 0.3), (down - 0.3, down + 0.3)) == Selection(
                marks=(chart.mark(data, row),)  # type: ignore[arg-type]
            )
