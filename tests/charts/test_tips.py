"""What marks tell beside what is drawn: means of numbers, the most frequent of other values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.charts import Bar, HeatMap, Histogram, Line, PointMap, Scatter, Treemap
from core.charts.heads import head
from core.contracts import Chart, Engine, Table
from core.errors import BadParameter
from tests.conftest import SAMPLES

Build = Callable[..., Table]
TIPS = ("depth", "clarity")


@pytest.fixture(scope="module")
def diamonds() -> pd.DataFrame:
    return pd.read_csv(SAMPLES / "ggplot2_diamonds.csv.gz").head(6_000)


def expected(rows: pd.DataFrame) -> tuple[float, str, int]:
    counts = rows["clarity"].value_counts()
    return rows["depth"].mean(), min(counts.index[counts == counts.max()]), len(counts)


def table(frame: pd.DataFrame, table_of: Build) -> Table:
    return table_of(pa.Table.from_pandas(frame, preserve_index=False))


def told(row: dict[str, Any]) -> tuple[float, str, int]:
    return pytest.approx(row["tip0"], rel=1e-12), row["tip1"], row["tip1_values"]


def test_marks_of_many_rows_tell_what_pandas_finds(
    diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    data = Bar(x="cut", colour="color", tooltip=TIPS).data(table(diamonds, table_of), engine)
    assert data.num_rows == diamonds.groupby(["cut", "color"]).ngroups
    for row in data.to_pylist():
        own = diamonds[(diamonds["cut"] == row["x"]) & (diamonds["color"] == row["colour"])]
        assert expected(own) == told(row)
    data = HeatMap(x="cut", y="color", tooltip=TIPS).data(table(diamonds, table_of), engine)
    for row in data.to_pylist():
        assert expected(diamonds[(diamonds["cut"] == row["x"]) & (diamonds["color"] == row["y"])]) == told(
            row
        )
    data = Histogram(x="price", bins=7, tooltip=TIPS).data(table(diamonds, table_of), engine)
    for row in data.to_pylist():
        assert expected(diamonds[diamonds["price"].between(row["start"], row["end"])]) == told(row)


def test_parts_of_parts_tell_of_all_their_rows(
    diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    chart = Treemap(columns=("cut", "color"), tooltip=TIPS)
    data = chart.data(table(diamonds, table_of), engine)
    for row in data.to_pylist():
        own = diamonds[diamonds["cut"] == row["part0"]]
        own = own if row["level"] == 1 else own[own["color"] == row["part1"]]
        assert expected(own) == told(row)
    (trace,) = chart.figure(data).data
    assert trace.hovertext[0].startswith("All rows: ")
    assert "Mean of depth: " in trace.hovertext[1]


def test_steps_of_time_and_cells_of_a_density_tell_too(table_of: Build, engine: Engine) -> None:
    frame = pd.read_csv(SAMPLES / "gapminder_gapminder.csv.gz")
    line = Line(x="year", y="pop", aggregation="sum", tooltip=("lifeExp", "continent"))
    for row in line.data(table(frame, table_of), engine).to_pylist():
        own = frame[frame["year"] == row["x"]]
        assert row["tip0"] == pytest.approx(own["lifeExp"].mean())
        assert (row["tip1"], row["tip1_values"]) == ("Africa", 5)
    many = pd.concat([frame] * 12)
    chart = Scatter(x="gdpPercap", y="lifeExp", tooltip=("continent",))
    data = chart.data(table(many, table_of), engine)
    assert "tip0_values" in data.column_names, "a cell stands for many rows"
    (heat,) = chart.figure(data).data
    assert "%{text}" in heat.hovertemplate
    assert any("continent: Africa" in text for line in heat.hovertext for text in line)


def test_points_tell_their_own_values(table_of: Build, engine: Engine) -> None:
    columns = {"a": [1.0, 2.0], "b": [3.0, 4.0], "what": ["<b>x</b>", None], "n": [1234, None]}
    for chart in (
        Scatter(x="a", y="b", tooltip=("what", "n")),
        PointMap(latitude="a", longitude="b", tooltip=("what", "n")),
    ):
        data = chart.data(table_of(**columns), engine)
        trace = next(one for one in chart.figure(data).data if one.customdata is not None)
        assert list(trace.hovertext) == [
            "what: &lt;b&gt;x&lt;/b&gt;<br>n: 1,234",
            "what: \u2013<br>n: \u2013",
        ]
        assert "also tells: what, n" in str(chart.describe(data))


def test_more_marks_than_can_tell_it_say_so(table_of: Build, engine: Engine) -> None:
    count = 7_000
    numbers = np.arange(count, dtype=float)
    chart = Scatter(x="x", y="y", tooltip=("x", "y", "t"))
    data = chart.data(table_of(x=numbers, y=numbers, t=["t"] * count), engine)
    assert all(trace.hovertext is None for trace in chart.figure(data).data)
    assert "too many marks to tell this of each" in str(chart.describe(data))
    with pytest.raises(BadParameter, match="at most 5"):
        Chart.build("scatter", {"x": "x", "y": "y", "tooltip": list("abcdef")})


def test_the_table_of_a_chart_has_words_above_it(
    diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    chart = Bar(x="cut", y="price", aggregation="median", tooltip=TIPS)
    data = chart.data(table(diamonds, table_of), engine)
    assert [str(head(chart, data, key)) for key in data.column_names if not key.endswith("_is")] == [
        "cut", "Median of price", "\u00b1 95%", "Rows", "Mean of depth", "Most frequent clarity",
        "Different values of clarity",
    ]  # fmt: skip
