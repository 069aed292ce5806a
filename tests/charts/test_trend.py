"""Trend lines on scatter plots, recomputed with statsmodels from the rows themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import statsmodels.api as sm

from core.charts import Scatter
from core.charts.drawing import notes
from core.contracts import Engine, Table
from core.selection import Selection, selected
from core.within import Within
from tests.conftest import SAMPLES

Build = Callable[..., Table]


@pytest.fixture(scope="module")
def diamonds() -> pd.DataFrame:
    return pd.read_csv(SAMPLES / "ggplot2_diamonds.csv.gz")


@pytest.fixture(scope="module")
def penguins() -> pd.DataFrame:
    return pd.read_csv(SAMPLES / "palmerpenguins_penguins.csv.gz")


def whole(table_of: Build, frame: pd.DataFrame) -> Table:
    return table_of(pa.Table.from_pandas(frame, preserve_index=False))


def fitted(x: Any, y: Any) -> Any:
    return sm.OLS(np.asarray(y, float), sm.add_constant(np.asarray(x, float))).fit()


def same(line: dict[str, Any], x: Any, y: Any, figure: Any = None) -> None:
    """One line beside statsmodels: slope, r, and the interval of the mean at its lower end."""
    model = fitted(x, y)
    assert line["n"] == len(x)
    assert line["slope"] == pytest.approx(model.params[1], rel=1e-9)
    assert line["r"] == pytest.approx(np.corrcoef(x, y)[0, 1], rel=1e-9)
    end = line["low"]
    assert end == pytest.approx(min(x))
    told = model.get_prediction([[1.0, end]]).conf_int(alpha=0.05)[0]
    mean = line["y"] + line["slope"] * (end - line["x"])
    room = line["t"] * line["error"] * np.sqrt(1 / line["n"] + ((end - line["x"]) / line["spread"]) ** 2)
    assert [mean - room, mean + room] == pytest.approx(told, rel=1e-8)
    slope = line["t"] * line["error"] / line["spread"]
    assert [line["slope"] - slope, line["slope"] + slope] == pytest.approx(model.conf_int()[1], rel=1e-8)


def test_each_colour_has_the_line_of_its_rows(
    penguins: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    chart = Scatter(x="bill_length_mm", y="bill_depth_mm", colour="species", trend=True)
    data = chart.data(whole(table_of, penguins), engine)
    frame = penguins.dropna(subset=["bill_length_mm", "bill_depth_mm"])
    found = notes(data)["trend"]
    assert {line["groups"]["colour"][0] for line in found} == set(frame["species"])
    for line in found:
        own = frame[frame["species"] == line["groups"]["colour"][0]]
        same(line, own["bill_length_mm"], own["bill_depth_mm"])
    drawn = [trace for trace in chart.figure(data).data if "line" in trace and trace.line.width == 2.5]
    assert len(drawn) == 3
    for trace, line in zip(drawn, found, strict=True):
        assert trace.y[0] == pytest.approx(line["y"] + line["slope"] * (line["low"] - line["x"]))
    words = str(chart.describe(data))
    model = fitted(*[frame.loc[frame["species"] == "Gentoo", c] for c in ("bill_length_mm", "bill_depth_mm")])
    assert f"Gentoo: bill_depth_mm changes by {model.params[1]:.4g} (" in words


def test_a_line_over_a_density_is_that_of_all_rows(
    diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    table = whole(table_of, diamonds)
    data = Scatter(x="carat", y="price", trend=True).data(table, engine)
    assert notes(data)["dense"]
    (line,) = notes(data)["trend"]
    same(line, diamonds["carat"], diamonds["price"])
    coloured = Scatter(x="carat", y="price", trend=True, colour="cut", facet="color")
    found = notes(coloured.data(table, engine))["trend"]
    assert len(found) == 35
    for line in found[::6]:
        cut, (colour, what) = line["groups"]["colour"][0], line["groups"]["facet"]
        if what == "other":  # the seventh colour
            continue
        own = diamonds[(diamonds["cut"] == cut) & (diamonds["color"] == colour)]
        same(line, own["carat"], own["price"])


def test_logarithmic_axes_have_the_line_of_the_logarithms(
    diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    chart = Scatter(x="carat", y="price", trend=True, log_x=True, log_y=True)
    data = chart.data(whole(table_of, diamonds), engine)
    (line,) = notes(data)["trend"]
    same(line, np.log10(diamonds["carat"]), np.log10(diamonds["price"]))
    assert f"price is multiplied by {10 ** line['slope']:.4g} (" in str(chart.describe(data))
    (drawn,) = [trace for trace in chart.figure(data).data if "line" in trace and trace.line.width == 2.5]
    assert drawn.x[0] == pytest.approx(diamonds["carat"].min())


def test_a_filtered_table_has_the_line_of_its_rows(
    diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    table = selected(whole(table_of, diamonds), Selection.of(Within(column="carat", low=0.5, high=1.0)))
    own = diamonds[(diamonds["carat"] >= 0.5) & (diamonds["carat"] < 1.0)]
    (line,) = notes(Scatter(x="carat", y="price", trend=True).data(table, engine))["trend"]
    same(line, own["carat"], own["price"])


@pytest.mark.parametrize("scale", [1e-160, 1.0, 1e140])
def test_enormous_and_minute_numbers_have_their_line(scale: float, table_of: Build, engine: Engine) -> None:
    x = np.arange(1.0, 21.0) * scale
    (line,) = notes(Scatter(x="x", y="y", trend=True).data(table_of(x=x, y=3 * x + scale), engine))["trend"]
    assert line["slope"] == pytest.approx(3)
    assert line["r"] == pytest.approx(1)


def test_groups_without_a_line_are_counted(table_of: Build, engine: Engine) -> None:
    chart = Scatter(x="x", y="y", colour="g", trend=True)
    data = chart.data(table_of(x=[1, 2, 3, 5, 5, 5], y=[1, 2, 4, 1, 2, 3], g=list("aaabbb")), engine)
    assert [line["slope"] is None for line in notes(data)["trend"]] == [False, True]
    assert "1 group has no trend line" in str(chart.describe(data))
    assert "no trend line" not in str(
        chart.describe(chart.data(table_of(x=[1.0, 2, 3], y=[1.0, 2, 4], g=["a"] * 3), engine))
    )
