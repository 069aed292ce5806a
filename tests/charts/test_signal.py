"""A line of all values: lowest and highest of every pixel, and each row once few are in the window."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.charts import Signal
from core.charts.signal import EACH, PIXELS
from core.contracts import Engine, Table
from core.selection import Selection, selected
from core.within import Within

Build = Callable[..., Table]


def readings(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    at = pd.Timestamp("1969-06-01") + pd.to_timedelta(np.arange(rows) * 250_000, unit="us")
    y = np.sin(np.arange(rows) / 4_000) * 10 + rng.normal(size=rows)
    y[rows // 3] = 99.0
    y[::1_000] = np.nan
    frame = pd.DataFrame({"at": at.astype("datetime64[us]"), "y": y, "odd": np.arange(rows) % 2 == 1})
    return frame.sample(frac=1, random_state=2)


@pytest.mark.parametrize("odd", [False, True])
def test_each_pixel_has_its_lowest_and_highest(odd: bool, table_of: Build, engine: Engine) -> None:
    frame = readings(60_000)
    table = table_of(pa.Table.from_pandas(frame, preserve_index=False))
    if odd:
        table = selected(table, Selection.of(Within(column="odd", values=("true",))))
        frame = frame[frame["odd"]]
    chart = Signal(x="at", y="y")
    data = chart.data(table, engine)
    got = data.to_pandas()
    seconds = (frame["at"] - pd.Timestamp("1970-01-01")).dt.total_seconds()
    width = (seconds.max() - seconds.min()) / PIXELS
    part = np.minimum(np.floor((seconds - seconds.min()) / width), PIXELS - 1)
    expected = frame.groupby(part)["y"].agg(["min", "max", "mean", "size"])
    assert list(got["place"]) == list(expected.index)
    for mine, theirs in {"low": "min", "high": "max", "mean": "mean", "rows": "size"}.items():
        assert got[mine].to_numpy() == pytest.approx(expected[theirs].to_numpy()), mine
    drawn = np.asarray(chart.figure(data).data[0].y)
    assert drawn.max() == frame["y"].max(), "a single spike is never lost"
    assert len(drawn) <= 2 * PIXELS
    assert f"{int(frame['y'].isna().sum())} row" in str(chart.describe(data))


def test_zooming_in_shows_each_row(table_of: Build, engine: Engine) -> None:
    frame = readings(60_000)
    table = table_of(pa.Table.from_pandas(frame, preserve_index=False))
    chart = Signal(x="at", y="y")
    whole = chart.data(table, engine)
    window = ("1969-06-01 01:00:00", "1969-06-01 01:10:00")
    region = chart.region(whole, window, None)
    assert region is not None
    near = chart.data(selected(table, region), engine)
    own = frame[frame["at"].between(*map(pd.Timestamp, window))].sort_values("at").dropna()
    assert len(own) <= EACH
    assert near.column("low").to_numpy() == pytest.approx(own["y"].to_numpy())
    assert list(pd.to_datetime(near.column("x").to_pylist(), format="ISO8601")) == list(own["at"])
    assert "Each row is drawn." in str(chart.describe(near))
