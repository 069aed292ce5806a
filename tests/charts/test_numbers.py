"""What charts show, recomputed with pandas from the sample tables."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.charts import Bar, BoxPlot, Correlation, HeatMap, Histogram, Line, MissingMap, Scatter
from core.charts.drawing import coloured, notes
from core.charts.measuring import Aggregation
from core.contracts import Chart, Engine, Table
from core.errors import BadParameter
from tests.conftest import SAMPLES

Build = Callable[..., Table]


def sample(name: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLES / f"{name}.csv.gz")


def asked(chart: Chart, frame: pd.DataFrame, table_of: Build, engine: Engine) -> pd.DataFrame:
    table = table_of(pa.Table.from_pandas(frame, preserve_index=False))
    return chart.data(table, engine).to_pandas()


@pytest.fixture(scope="module")
def diamonds() -> pd.DataFrame:
    return sample("ggplot2_diamonds")


AGGREGATIONS = {
    "sum": "sum", "mean": "mean", "median": "median", "min": "min", "max": "max", "distinct": "nunique",
    "count": "count", "standard deviation": "std", "10th percentile": lambda values: values.quantile(0.1),
    "25th percentile": lambda values: values.quantile(0.25),
    "75th percentile": lambda values: values.quantile(0.75),
    "90th percentile": lambda values: values.quantile(0.9), "share of total": "sum",
}  # fmt: skip


def test_every_aggregation_is_compared() -> None:
    assert set(AGGREGATIONS) == set(get_args(Aggregation))


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_bars_are_pandas_aggregates(
    aggregation: Any, diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    got = asked(Bar(x="cut", y="price", aggregation=aggregation, colour="color"), diamonds, table_of, engine)
    expected = diamonds.groupby(["cut", "color"])["price"].agg(AGGREGATIONS[aggregation])
    if aggregation == "share of total":
        expected = expected / diamonds["price"].sum() * 100
    assert len(got) == len(expected)
    for row in got.itertuples():
        assert row.value == pytest.approx(expected[row.x, row.colour], rel=1e-12)


def test_the_most_frequent_categories_are_kept_and_the_rest_is_other(table_of: Build, engine: Engine) -> None:
    frame = sample("gapminder_gapminder")
    frame = pd.concat([frame, frame[frame["country"].isin(["Chad", "Peru", "Mali"])]])
    got = asked(Bar(x="country", aggregation="median", y="lifeExp", top=3), frame, table_of, engine)
    assert list(got["x_is"]) == ["value", "value", "value", "other"]
    assert set(got["x"][:3]) == {"Chad", "Peru", "Mali"}
    assert got["x"][3] == "other (139 values)"
    rest = frame[~frame["country"].isin(["Chad", "Peru", "Mali"])]
    assert got["value"][3] == pytest.approx(rest["lifeExp"].median()), "of the rows, not of the medians"
    assert got["rows"].sum() == len(frame)


def test_the_rest_can_be_left_out_and_is_counted(table_of: Build, engine: Engine) -> None:
    table = table_of(x=["a"] * 5 + ["b"] * 4 + ["c", "d", "e"])
    chart = Bar(x="x", top=2, rest=False)
    data = chart.data(table, engine)
    assert data.column("x").to_pylist() == ["a", "b"]
    assert "3 more categories are not shown." in str(chart.describe(data))


def test_a_group_has_the_same_colour_in_every_panel(
    diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    table = table_of(pa.Table.from_pandas(diamonds, preserve_index=False))
    chart = Histogram(x="price", colour="cut", facet="color")
    figure = coloured(chart.figure(chart.data(table, engine)), ["red", "green", "blue", "grey", "black"])
    colours: dict[str, set[str]] = {}
    for trace in figure.data:
        colours.setdefault(trace.name, set()).add(trace.marker.color)
    assert len(colours) == 5
    assert all(len(used) == 1 for used in colours.values())


def test_missing_categories_are_a_group_and_a_real_value_of_that_name_stays_itself(
    table_of: Build, engine: Engine
) -> None:
    frame = pd.DataFrame({"x": ["(missing)", None, None, "other", "a", "a", "a", "b", "b", "c"]})
    got = asked(Bar(x="x", top=2), frame, table_of, engine)
    assert list(zip(got["x"], got["x_is"], got["value"], strict=True)) == [
        ("a", "value", 3.0), ("b", "value", 2.0),
        ("other (3 values)", "other", 3.0), ("(missing)", "missing", 2.0),
    ]  # fmt: skip
    table = table_of(pa.Table.from_pandas(frame, preserve_index=False))
    full = Bar(x="x", top=10)
    data = full.data(table, engine)
    assert data.num_rows == 6
    assert sorted(full.figure(data).data[0].x) == list(range(6)), "six bars, two of them called (missing)"


def test_infinite_values_are_left_out_and_counted(table_of: Build, engine: Engine) -> None:
    frame = pd.DataFrame({"x": ["a", "a", "b"], "y": [1.0, math.inf, 2.0]})
    table = table_of(pa.Table.from_pandas(frame, preserve_index=False))
    chart = Bar(x="x", y="y", aggregation="mean")
    data = chart.data(table, engine)
    assert sorted(data.column("value").to_pylist()) == [1.0, 2.0]
    assert "1 infinite value is left out" in str(chart.describe(data))


@pytest.mark.parametrize("column", ["carat", "price", "depth"])
def test_histograms_are_numpys(column: str, diamonds: pd.DataFrame, table_of: Build, engine: Engine) -> None:
    got = asked(Histogram(x=column, bins=37, colour="cut"), diamonds, table_of, engine)
    assert got["value"].sum() == len(diamonds)
    assert np.allclose(got["end"] - got["start"], (got["end"].max() - got["start"].min()) / 37)
    last = got["end"].max()
    for cut, part in diamonds.groupby("cut"):
        mine = got[got["colour"] == cut]
        for start, end, value in zip(mine["start"], mine["end"], mine["value"], strict=True):
            held = (part[column] >= start) & ((part[column] < end) | (end == last))
            assert value == held.sum()


def test_a_logarithmic_histogram_counts_powers_of_ten(table_of: Build, engine: Engine) -> None:
    frame = pd.DataFrame({"x": [1.0, 9.0, 10.0, 99.0, 100.0, 1000.0, 0.0, -5.0, None]})
    chart = Histogram(x="x", bins=3, log_x=True)
    table = table_of(pa.Table.from_pandas(frame, preserve_index=False))
    data = chart.data(table, engine)
    assert data.column("value").to_pylist() == [2.0, 2.0, 2.0]
    assert notes(data)["left_out"] == 2
    assert "2 values are left out" in str(chart.describe(data))


def test_folded_far_values_stand_in_the_last_bar(table_of: Build, engine: Engine) -> None:
    frame = pd.DataFrame({"x": [*np.linspace(0, 10, 101), 1e9]})
    got = asked(Histogram(x="x", bins=20, extremes="fold"), frame, table_of, engine)
    assert got["value"].sum() == 102
    assert got["end"].max() < 100


def test_boxes_are_numpys_quartiles_and_tukeys_whiskers(
    diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    diamonds = diamonds[diamonds["color"] < "I"]
    got = asked(BoxPlot(y="price", x="cut", facet="color"), diamonds, table_of, engine)
    boxes = got[got["part"] == "box"]
    assert len(boxes) == 25
    for row in boxes.itertuples():
        prices = diamonds[(diamonds["cut"] == row.x) & (diamonds["color"] == row.facet)]["price"]
        q1, median, q3 = np.quantile(prices, [0.25, 0.5, 0.75])
        assert (row.q1, row.median, row.q3) == pytest.approx((q1, median, q3))
        assert row.mean == pytest.approx(prices.mean())
        inside = prices[(prices >= q1 - 1.5 * (q3 - q1)) & (prices <= q3 + 1.5 * (q3 - q1))]
        assert (row.low, row.high) == (inside.min(), inside.max())
        assert row.outliers == len(prices) - len(inside)
        far = got[(got["part"] == "outlier") & (got["x"] == row.x) & (got["facet"] == row.facet)]
        assert far["n"].sum() == row.outliers, "every far value is in one of the marks"
        assert set(far["value"]) <= set(prices)
        assert far["value"].max() == prices.max() if row.outliers else True


def test_box_words_say_how_many_far_values_share_marks(
    diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    table = table_of(pa.Table.from_pandas(diamonds, preserve_index=False))
    chart = BoxPlot(y="price")
    data = chart.data(table, engine)
    q1, q3 = diamonds["price"].quantile([0.25, 0.75])
    beyond = int((diamonds["price"] > q3 + 1.5 * (q3 - q1)).sum())
    marks = data.num_rows - 1
    assert marks <= BoxPlot.STEPS
    assert f"{beyond:,} values beyond the whiskers are drawn as {marks} marks." in str(chart.describe(data))


def test_heat_map_cells_are_a_cross_table(diamonds: pd.DataFrame, table_of: Build, engine: Engine) -> None:
    got = asked(HeatMap(x="cut", y="color"), diamonds, table_of, engine)
    expected = pd.crosstab(diamonds["color"], diamonds["cut"])
    assert len(got) == expected.size
    for row in got.itertuples():
        assert row.value == expected.loc[row.y, row.x]


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_correlations_are_pandas(method: Any, table_of: Build, engine: Engine) -> None:
    frame = sample("modeldata_credit_data").select_dtypes("number")
    assert frame.isna().any().any(), "pairs with missing values are part of this test"
    names = tuple(frame.columns[:7])
    got = asked(Correlation(columns=names, method=method), frame, table_of, engine)
    expected = frame[list(names)].corr(method=method)
    for row in got.itertuples():
        assert row.correlation == pytest.approx(expected.loc[row.first, row.second], rel=1e-9, abs=1e-12)
        both = frame[[row.first, row.second]].dropna()
        assert row.rows == len(both)


def test_correlation_of_enormous_and_tiny_numbers(table_of: Build, engine: Engine) -> None:
    x = np.arange(1.0, 50.0)
    frame = pd.DataFrame({"x": x * 1e306, "y": x**2 * 1e-300, "same": 1.0})
    got = asked(Correlation(), frame, table_of, engine).set_index(["first", "second"])["correlation"]
    assert got["x", "y"] == pytest.approx(np.corrcoef(x, x**2)[0, 1])
    assert math.isnan(got["x", "same"])
    assert math.isnan(got["same", "same"])


def test_lines_are_resampled_sums_with_empty_months_at_zero(table_of: Build, engine: Engine) -> None:
    rng = np.random.default_rng(5)
    days = pd.to_datetime("1960-01-15") + pd.to_timedelta(rng.integers(0, 4000, 300), unit="D")
    frame = pd.DataFrame({"day": days.astype("datetime64[us]"), "y": rng.random(300)})
    frame = frame[(frame["day"] < "1965-03-01") | (frame["day"] >= "1965-09-01")]
    expected = frame.set_index("day")["y"].resample("MS").sum()
    got = asked(Line(x="day", y="y", aggregation="sum", grain="month"), frame, table_of, engine)
    assert list(pd.to_datetime(got["x"])) == list(expected.index)
    assert got["value"].to_numpy() == pytest.approx(expected.to_numpy())
    means = asked(Line(x="day", y="y", aggregation="mean", grain="month"), frame, table_of, engine)
    assert means["value"].isna().sum() == int((frame.set_index("day")["y"].resample("MS").count() == 0).sum())


@pytest.mark.parametrize(
    ("days", "grain"),
    [(2, "hour"), (200, "day"), (2_000, "week"), (8_000, "month"), (30_000, "quarter"), (60_000, "year")],
)  # fmt: skip
def test_the_step_of_time_is_chosen_by_the_span(
    days: int, grain: str, table_of: Build, engine: Engine
) -> None:
    at = [dt.datetime(1850, 1, 1), dt.datetime(1850, 1, 1) + dt.timedelta(days=days)]
    chart = Line(x="at")
    data = chart.data(table_of(at=pa.array(at, pa.timestamp("us"))), engine)
    assert notes(data)["grain"] == grain
    assert sum(data.column("value").to_pylist()) == 2


def test_a_step_too_fine_is_made_coarser_and_said(table_of: Build, engine: Engine) -> None:
    at = [dt.datetime(2000, 1, 1), dt.datetime(2024, 1, 1)]
    chart = Line(x="at", grain="minute")
    data = chart.data(table_of(at=pa.array(at, pa.timestamp("us"))), engine)
    assert data.num_rows <= 5_000
    assert "A step of one minute would give too many points" in str(chart.describe(data))


def test_lines_along_a_number_with_few_values_are_exact(table_of: Build, engine: Engine) -> None:
    frame = sample("gapminder_gapminder")
    got = asked(Line(x="year", y="lifeExp", aggregation="mean", colour="continent"), frame, table_of, engine)
    expected = frame.groupby(["continent", "year"])["lifeExp"].mean()
    assert len(got) == len(expected)
    for row in got.itertuples():
        assert row.value == pytest.approx(expected[row.colour, row.x])


def test_scatter_shows_each_row_up_to_twenty_thousand(table_of: Build, engine: Engine) -> None:
    frame = sample("gapminder_gapminder")
    got = asked(Scatter(x="gdpPercap", y="lifeExp", colour="continent"), frame, table_of, engine)
    mine = sorted(zip(got["colour"], got["x"], got["y"], strict=True))
    assert mine == sorted(zip(frame["continent"], frame["gdpPercap"], frame["lifeExp"], strict=True))


def test_scatter_above_is_a_density_of_all_rows(
    diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    table = table_of(pa.Table.from_pandas(diamonds, preserve_index=False))
    chart = Scatter(x="carat", y="price", colour="cut")
    data = chart.data(table, engine)
    assert data.num_rows <= Scatter.CELLS
    assert sum(data.column("rows").to_pylist()) == len(diamonds)
    facts = notes(data)
    edges = [np.linspace(*facts[key], facts["cells"][key] + 1) for key in ("x", "y")]
    counts, _, _ = np.histogram2d(diamonds["carat"], diamonds["price"], edges)
    rows = data.to_pandas()
    mine = np.zeros_like(counts)
    mine[rows["x_cell"], rows["y_cell"]] = rows["rows"]
    assert np.abs(mine - counts).sum() <= 0.002 * len(diamonds), "only values on an edge may differ"
    assert "Colour by cut is not shown" in str(chart.describe(data))


def test_missing_map_counts_are_pandas(table_of: Build, engine: Engine) -> None:
    frame = sample("modeldata_credit_data")
    got = asked(MissingMap(blocks=10), frame, table_of, engine)
    block = np.arange(len(frame)) * 10 // len(frame)
    expected = frame.isna().groupby(block).sum()
    for row in got.itertuples():
        assert row.missing == expected.loc[row.block, row.column]
    assert got.groupby("column")["rows"].sum().eq(len(frame)).all()


@pytest.mark.parametrize(
    "chart", [Bar(x="cut", aggregation="mean"), Bar(x="price", y="cut", aggregation="sum")]
)
def test_a_measure_without_a_fitting_column_is_refused(
    chart: Chart, diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    with pytest.raises(BadParameter, match="needs a"):
        asked(chart, diamonds, table_of, engine)


def test_the_legend_names_every_group_once_even_when_panels_differ(table_of: Build, engine: Engine) -> None:
    frame = sample("gapminder_gapminder")
    table = table_of(pa.Table.from_pandas(frame, preserve_index=False))
    chart = Line(x="year", y="pop", aggregation="sum", colour="continent", facet="continent")
    figure = chart.figure(chart.data(table, engine))
    named = sorted(trace.name for trace in figure.data if trace.showlegend)
    assert named == sorted(frame["continent"].unique())


def test_a_bar_coloured_by_its_own_category_is_named_once(table_of: Build, engine: Engine) -> None:
    table = table_of(x=["East", "East", "West"], y=["East", "West", "West"])
    once, twice = Bar(x="x", colour="x"), Bar(x="x", colour="y")
    words, hover = [], []
    for chart in (once, twice):
        data = chart.data(table, engine)
        words.append(str(chart.describe(data)))
        hover.append(chart.figure(data).data[0].hovertext[0])
    assert "East: 2; West: 1" in words[0]
    assert "East, East: 1" in words[1], "values of two columns may be called the same"
    assert hover == ["East: 2", "East: 1 (West)"]
    line = Line(x="n", colour="x", facet="x")
    said = str(line.describe(line.data(table_of(x=["East", "West"] * 2, n=[1, 1, 2, 2]), engine)))
    assert "East: from" in said


def test_bars_stand_smallest_first(table_of: Build, engine: Engine) -> None:
    table = table_of(x=["a"] * 3 + ["b"] + ["c"] * 2 + ["d"] * 4 + [None] * 9, y=list(range(19)))
    for chart in (
        Bar(x="x", order="smallest first"),
        Bar(x="x", y="y", aggregation="max", order="smallest first"),
    ):
        values = chart.data(table, engine).column("value").to_pylist()
        assert values[:-1] == sorted(values[:-1]), "the rows without a value stand last"
