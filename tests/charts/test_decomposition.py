"""Series taken apart, against statsmodels on months that pandas made."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from statsmodels.tsa.seasonal import STL

from core.charts import Decomposition
from core.charts.drawing import notes
from core.contracts import Engine, Table
from core.selection import Selection, selected
from core.within import Within
from tests.conftest import SAMPLES

Build = Callable[..., Table]
PARTS = ("trend", "season", "rest")


@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize("segment", [None, "online_travel_agent"])
def test_bookings_by_day_are_statsmodels(
    robust: bool, segment: str | None, table_of: Build, engine: Engine
) -> None:
    hotel = pd.read_csv(SAMPLES / "modeldata_hotel_rates.csv.gz", parse_dates=["arrival_date"])
    hotel = hotel.astype({"arrival_date": "datetime64[us]"})
    table = table_of(pa.Table.from_pandas(hotel, preserve_index=False))
    if segment is not None:
        table = selected(table, Selection.of(Within(column="market_segment", values=(segment,))))
        hotel = hotel[hotel["market_segment"] == segment]
    chart = Decomposition(x="arrival_date", grain="day", robust=robust)
    data = chart.data(table, engine)
    daily = hotel.set_index("arrival_date").resample("D").size().astype(float)
    expected = STL(daily, period=7, robust=robust).fit()
    got = data.to_pandas()
    for key, part in zip(PARTS, (expected.trend, expected.seasonal, expected.resid), strict=True):
        assert got[key].to_numpy() == pytest.approx(part.to_numpy(), rel=1e-6, abs=1e-6), key
    assert got[list(PARTS)].sum(axis=1).to_numpy() == pytest.approx(daily.to_numpy())
    strength = notes(data)["strength"]
    both = expected.seasonal + expected.resid
    assert strength["season"] == pytest.approx(max(0, 1 - expected.resid.var() / both.var()), rel=1e-6)
    assert "The season of 7 steps" in str(chart.describe(data))


def test_gaps_are_bridged_and_said_and_drawn_as_gaps(table_of: Build, engine: Engine) -> None:
    months = pd.date_range("2001-01-01", periods=48, freq="MS").astype("datetime64[us]")
    y = 10 + 5 * np.cos(np.arange(48) * np.pi / 6)
    frame = pd.DataFrame({"at": months, "y": y}).drop(index=[17, 30])
    chart = Decomposition(x="at", y="y", aggregation="mean", grain="month")
    data = chart.data(table_of(pa.Table.from_pandas(frame, preserve_index=False)), engine)
    assert data.column("value").null_count == 2
    assert data.column("trend").null_count == 0
    words = str(chart.describe(data))
    assert "2 steps had no value and were bridged by straight lines." in words
    assert len(chart.figure(data).data) == 4


@pytest.mark.parametrize(
    ("grain", "steps", "words"),
    [("MS", 23, "needs 24 steps or more; there are 23"), ("YS", 30, "have no usual season")],
)
def test_too_few_steps_are_drawn_whole_and_it_says_why(
    grain: str, steps: int, words: str, table_of: Build, engine: Engine
) -> None:
    at = pd.date_range("1950-01-01", periods=steps, freq=grain).astype("datetime64[us]")
    chart = Decomposition(
        x="at", y="y", aggregation="sum", grain="month" if grain == "MS" else "year", ends="keep"
    )
    data = chart.data(table_of(at=pa.array(at), y=np.arange(float(steps))), engine)
    assert words in str(chart.describe(data))
    assert len(chart.figure(data).data) == 1
