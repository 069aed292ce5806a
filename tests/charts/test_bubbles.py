"""Points that tell a number by their area and a category by their shape."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.charts import Scatter
from core.charts.bubbles import LARGEST, SHAPES, SMALLEST
from core.charts.coding import patterned
from core.contracts import Engine, Table
from core.selection import Selection, selected
from tests.conftest import SAMPLES

Build = Callable[..., Table]


@pytest.fixture(scope="module")
def gapminder() -> pd.DataFrame:
    frame = pd.read_csv(SAMPLES / "gapminder_gapminder.csv.gz")
    return frame[frame["year"] == 2007]


def whole(table_of: Build, frame: pd.DataFrame) -> Table:
    return table_of(pa.Table.from_pandas(frame, preserve_index=False))


def test_areas_are_in_proportion_to_the_numbers(
    gapminder: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    chart = Scatter(x="gdpPercap", y="lifeExp", size="pop", colour="continent", log_x=True)
    data = chart.data(whole(table_of, gapminder), engine)
    sizes = data.column("size").to_numpy()
    assert sorted(sizes) == sorted(gapminder["pop"])
    seen = 0
    for trace in chart.figure(data).data:
        if trace.customdata is None:
            continue
        expected = LARGEST * np.sqrt(sizes[trace.customdata] / gapminder["pop"].max())
        assert trace.marker.size == pytest.approx(np.maximum(SMALLEST, expected))
        assert list(trace.marker.size) == sorted(trace.marker.size, reverse=True), "small ones stand before"
        seen += len(trace.x)
    assert seen == len(gapminder)
    assert f"The area of a point tells pop, from {gapminder['pop'].min():,}" in str(chart.describe(data))


def test_shapes_are_few_and_each_stands_in_the_legend(
    gapminder: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    chart = Scatter(x="gdpPercap", y="lifeExp", shape="country", colour="continent")
    table = whole(table_of, gapminder)
    data = chart.data(table, engine)
    figure = patterned(chart.figure(data))
    named = [trace for trace in figure.data if trace.legend == "legend2"]
    assert len(named) == SHAPES + 1
    assert len({trace.marker.symbol for trace in named}) == len(named)
    drawn = [trace for trace in figure.data if trace.customdata is not None]
    of = {trace.name: trace.marker.symbol for trace in named}
    for trace in drawn:
        for row, symbol in zip(trace.customdata, trace.marker.symbol, strict=True):
            assert symbol == of[data.column("shape")[int(row)].as_py()], "patterns leave shapes as they are"
    row = next(i for i in range(data.num_rows) if data.column("shape_is")[i].as_py() == "other")
    assert engine.rows(selected(table, Selection(marks=(chart.mark(data, row),))).query).num_rows == 1


def test_sizes_below_zero_or_missing_are_smallest_and_said(table_of: Build, engine: Engine) -> None:
    chart = Scatter(x="x", y="x", size="s")
    data = chart.data(table_of(x=[1.0, 2, 3, 4], s=[None, -5.0, 0.0, 9.0]), engine)
    drawn = next(trace for trace in chart.figure(data).data if trace.customdata is not None)
    assert sorted(drawn.marker.size) == [SMALLEST] * 3 + [LARGEST]
    assert "3 points have no size above 0" in str(chart.describe(data))


def test_above_the_points_sizes_are_said_not_to_be_shown(table_of: Build, engine: Engine) -> None:
    chart = Scatter(x="x", y="x", size="x", shape="g")
    data = chart.data(table_of(x=np.arange(Scatter.POINTS + 1), g=["a"] * (Scatter.POINTS + 1)), engine)
    assert "Size and shape are not shown above 20,000 rows." in str(chart.describe(data))
