"""Violins, ridges and strips, recomputed with scipy and pandas from the rows themselves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.stats import gaussian_kde

from core.charts import Ridgeline, Strip, Violin
from core.charts.drawing import notes
from core.contracts import Chart, Engine, Table
from core.selection import Selection, selected
from core.within import Within
from tests.conftest import SAMPLES

Build = Callable[..., Table]


@pytest.fixture(scope="module")
def diamonds() -> pd.DataFrame:
    return pd.read_csv(SAMPLES / "ggplot2_diamonds.csv.gz")


def whole(table_of: Build, frame: pd.DataFrame) -> Table:
    return table_of(pa.Table.from_pandas(frame, preserve_index=False))


def silverman(values: np.ndarray) -> float:
    q1, q3 = np.quantile(values, [0.25, 0.75])
    return float(0.9 * min(values.std(ddof=1), (q3 - q1) / 1.34) * len(values) ** -0.2)


def density(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """scipy's estimate from every single value, with the same bandwidth."""
    found: np.ndarray = gaussian_kde(values, silverman(values) / values.std(ddof=1))(at)
    return found


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("kind", [Violin, Ridgeline])
def test_shapes_are_scipy_s_densities(
    kind: type[Chart], log: bool, diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    chart = kind(y="price", x="cut", log_y=log)  # type: ignore[call-arg]
    data = chart.data(whole(table_of, diamonds), engine).to_pandas()
    for name, own in diamonds.groupby("cut"):
        got = data[data["x"] == name]
        summary = got[got["part"] == "all"].iloc[0]
        assert summary["rows"] == len(own)
        slices = got[got["part"] == "slice"]
        assert slices["rows"].sum() == len(own)
        values = np.log10(own["price"].to_numpy()) if log else own["price"].to_numpy(float)
        quartiles = np.quantile(values, [0.25, 0.5, 0.75])
        assert summary[["q1", "median", "q3"]].tolist() == pytest.approx(10**quartiles if log else quartiles)
        ends = np.append(slices["start"], slices["end"].iloc[-1])
        ends = np.log10(ends) if log else ends
        expected = density(values, (ends[1:] + ends[:-1]) / 2)
        assert np.abs(slices["density"] - expected).max() < 0.01 * expected.max()
        counts, _ = np.histogram(values, ends)
        assert np.abs(counts - slices["rows"]).sum() <= 0.002 * len(own), "only values on an edge may differ"


def test_a_filtered_table_has_the_shapes_of_its_rows(
    diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    table = selected(whole(table_of, diamonds), Selection.of(Within(column="carat", low=1.0)))
    data = Violin(y="price").data(table, engine).to_pandas()
    own = diamonds.loc[diamonds["carat"] >= 1.0, "price"].to_numpy(float)
    slices = data[data["part"] == "slice"]
    expected = density(own, ((slices["start"] + slices["end"]) / 2).to_numpy())
    assert np.abs(slices["density"] - expected).max() < 0.01 * expected.max()


def test_shapes_by_rows_have_areas_like_their_rows(
    diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    table = whole(table_of, diamonds)
    for scale, same in (("same width", True), ("by rows", False)):
        chart = Violin(y="depth", x="cut", scale=scale)  # type: ignore[arg-type]
        outline = chart.figure(chart.data(table, engine)).data[0]
        x = np.array([np.nan if place is None else place for place in outline.x], float)
        widest = [np.nanmax(x[(x > k - 0.5) & (x < k + 0.5)]) - k for k in range(5)]
        assert (widest == pytest.approx([widest[0]] * 5)) is same


def test_far_values_make_no_curve_finer_than_what_was_counted(table_of: Build, engine: Engine) -> None:
    values = np.append(np.random.default_rng(2).normal(size=5_000), 1e9)
    data = Violin(y="v").data(table_of(v=values), engine).to_pandas()
    slices = data[data["part"] == "slice"]
    assert slices["rows"].sum() == 5_001
    assert np.isfinite(slices["density"]).all()


@pytest.mark.parametrize("log", [False, True])
def test_strips_count_all_rows_or_show_each(
    log: bool, diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    chart = Strip(y="price", x="cut", log_y=log)
    data = chart.data(whole(table_of, diamonds), engine)
    assert notes(data)["dense"]
    assert data.num_rows <= Strip.CELLS
    got = data.to_pandas().groupby("x")["rows"].sum()
    assert got.to_dict() == diamonds["cut"].value_counts().to_dict()
    few = diamonds[::20]
    points = chart.data(whole(table_of, few), engine).to_pandas()
    for name, own in few.groupby("cut"):
        assert sorted(points.loc[points["x"] == name, "y"]) == sorted(own["price"])
    drawn = chart.figure(chart.data(whole(table_of, few), engine)).data[0]
    assert np.abs(drawn.x - np.round(drawn.x)).max() < 0.4, "no point in another group's strip"
