"""The density of two numbers, recomputed with numpy and scipy from the rows themselves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.ndimage import gaussian_filter1d

from core.charts import Density2d
from core.charts.density import enclosed, smoothed
from core.charts.drawing import notes
from core.contracts import Engine, Table
from core.selection import Selection, selected
from core.within import Within
from tests.conftest import SAMPLES

Build = Callable[..., Table]


@pytest.fixture(scope="module")
def diamonds() -> pd.DataFrame:
    return pd.read_csv(SAMPLES / "ggplot2_diamonds.csv.gz")


@pytest.mark.parametrize("filtered", [False, True])
def test_cells_count_all_rows(
    filtered: bool, diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    table = table_of(pa.Table.from_pandas(diamonds, preserve_index=False))
    if filtered:
        table = selected(table, Selection.of(Within(column="cut", values=("Fair",))))
        diamonds = diamonds[diamonds["cut"] == "Fair"]
    data = Density2d(x="carat", y="depth").data(table, engine)
    facts, rows = notes(data), data.to_pandas()
    edges = [np.linspace(*facts[axis], facts["cells"][axis] + 1) for axis in ("x", "y")]
    counts, _, _ = np.histogram2d(diamonds["carat"], diamonds["depth"], edges)
    mine = np.zeros_like(counts)
    mine[rows["x_cell"], rows["y_cell"]] = rows["rows"]
    assert mine.sum() == len(diamonds)
    assert np.abs(mine - counts).sum() <= 0.02 * len(diamonds), "only values on an edge may differ"


def test_smoothing_is_scipy_s_away_from_the_edge() -> None:
    rng = np.random.default_rng(1)
    counts, _, _ = np.histogram2d(
        rng.normal(size=4_000), rng.normal(size=4_000), [np.linspace(-9, 9, 91)] * 2
    )
    mine, expected = smoothed(counts), counts
    assert mine.sum() == pytest.approx(counts.sum())
    for axis in (0, 1):
        at, weights = np.arange(90), counts.sum(1 - axis)
        width = np.sqrt(np.cov(at, fweights=weights.astype(int), ddof=0)) * counts.sum() ** (-1 / 6)
        expected = gaussian_filter1d(expected, float(width), axis=axis, mode="constant", truncate=8)
    assert mine == pytest.approx(expected, abs=1e-6 * expected.max())


def test_a_line_encloses_its_share_of_a_normal_cloud() -> None:
    rng = np.random.default_rng(2)
    points = rng.normal(size=(200_000, 2))
    edges = np.linspace(-5, 5, 101)
    counts, _, _ = np.histogram2d(points[:, 0], points[:, 1], [edges] * 2)
    shares = enclosed(counts)
    for share in (0.3, 0.5, 0.9):
        assert counts[shares <= share].sum() / counts.sum() == pytest.approx(share, abs=0.02)
        radius = np.sqrt((shares <= share).sum() * 0.01 / np.pi)
        assert radius == pytest.approx(np.sqrt(-2 * np.log(1 - share)), rel=0.06)
