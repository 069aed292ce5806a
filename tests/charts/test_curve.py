"""The density curve over a histogram, recomputed with scipy from every single value."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.stats import gaussian_kde

from core.charts import Histogram
from core.charts.drawing import notes
from core.contracts import Engine, Table
from core.selection import Selection, selected
from core.within import Within
from tests.conftest import SAMPLES

Build = Callable[..., Table]


@pytest.fixture(scope="module")
def diamonds() -> pd.DataFrame:
    return pd.read_csv(SAMPLES / "ggplot2_diamonds.csv.gz")


def silverman(values: np.ndarray) -> float:
    q1, q3 = np.quantile(values, [0.25, 0.75])
    return float(0.9 * min(values.std(ddof=1), (q3 - q1) / 1.34) * len(values) ** -0.2)


@pytest.mark.parametrize(("log", "filtered"), [(False, False), (True, False), (False, True)])
def test_the_curve_is_scipy_s_density_as_high_as_the_bars(
    log: bool, filtered: bool, diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    table = table_of(pa.Table.from_pandas(diamonds, preserve_index=False))
    if filtered:
        table = selected(table, Selection.of(Within(column="cut", values=("Fair", "Good"))))
        diamonds = diamonds[diamonds["cut"].isin(["Fair", "Good"])]
    chart = Histogram(x="price", curve=True, log_x=log)
    data = chart.data(table, engine)
    facts = notes(data)
    (found,) = facts["curves"]
    values = np.log10(diamonds["price"]) if log else diamonds["price"].astype(float)
    width = silverman(values.to_numpy())
    assert found["bandwidth"] == pytest.approx(width, rel=1e-6)
    density = gaussian_kde(values, width / values.std())(found["x"]) * len(values) * facts["width"]
    assert np.abs(np.array(found["y"]) - density).max() < 0.01 * density.max()
    drawn = [trace for trace in chart.figure(data).data if trace.type == "scatter"]
    assert len(drawn) == 1
    assert "Silverman's rule of thumb" in str(chart.describe(data))


def test_each_panel_has_its_curve(diamonds: pd.DataFrame, table_of: Build, engine: Engine) -> None:
    table = table_of(pa.Table.from_pandas(diamonds, preserve_index=False))
    chart = Histogram(x="depth", curve=True, facet="cut", extremes="fold")
    data = chart.data(table, engine)
    facts = notes(data)
    for found in facts["curves"]:
        own = diamonds.loc[diamonds["cut"] == found["facet"][0], "depth"]
        own = own[own.between(facts["low"], facts["low"] + facts["width"] * facts["bins"])]
        width = silverman(own.to_numpy())
        density = gaussian_kde(own, width / own.std())(found["x"]) * len(own) * facts["width"]
        assert np.abs(np.array(found["y"]) - density).max() < 0.02 * density.max()
    axes = [trace.xaxis for trace in chart.figure(data).data if trace.type == "scatter"]
    assert len(set(axes)) == 5
