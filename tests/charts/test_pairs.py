"""Pairs of numbers and lines across many axes, recomputed with pandas from the rows themselves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.charts import PairPlot, ParallelCoordinates
from core.charts.drawing import notes
from core.contracts import Engine, Table
from core.errors import BadParameter
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


@pytest.mark.parametrize("filtered", [False, True])
def test_cells_of_pairs_count_all_rows(
    filtered: bool, diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    table = whole(table_of, diamonds)
    if filtered:
        table = selected(table, Selection.of(Within(column="cut", values=("Ideal",))))
        diamonds = diamonds[diamonds["cut"] == "Ideal"]
    names = ["carat", "depth", "table", "price", "x", "y"]
    data = PairPlot(columns=tuple(names)).data(table, engine)
    facts, rows = notes(data), data.to_pandas()
    assert data.num_rows <= 4_700
    side = facts["steps"]["cell"]
    for (first, second), own in rows[rows["part"] == "cell"].groupby(["first", "second"]):
        edges = [np.linspace(*facts["ends"][k], side + 1) for k in (first, second)]
        counts, _, _ = np.histogram2d(diamonds[names[first]], diamonds[names[second]], edges)
        mine = np.zeros_like(counts)
        mine[own["i"], own["j"]] = own["rows"]
        assert mine.sum() == len(diamonds)
        assert np.abs(mine - counts).sum() <= 0.02 * len(diamonds), "only values on an edge may differ"
    for k, own in rows[rows["part"] == "bar"].groupby("first"):
        assert own["rows"].sum() == diamonds[names[k]].notna().sum()
    expected = diamonds[names].corr()
    for key, r in facts["r"].items():
        i, j = map(int, key.split("_"))
        assert r == pytest.approx(expected.iloc[i, j])


def test_few_rows_are_points_in_every_pair(penguins: pd.DataFrame, table_of: Build, engine: Engine) -> None:
    names = ("bill_length_mm", "bill_depth_mm", "body_mass_g")
    chart = PairPlot(columns=names, colour="species")
    data = chart.data(whole(table_of, penguins), engine)
    figure = chart.figure(data)
    drawn = [trace for trace in figure.data if trace.type == "scatter"]
    assert len(drawn) == 3 * 3, "three pairs, three species"
    frame = penguins.dropna(subset=list(names))
    assert sum(len(trace.x) for trace in drawn) == 3 * len(frame)
    assert sorted(trace.name for trace in drawn if trace.showlegend) == sorted(frame["species"].unique())
    assert "r = " in figure.layout.annotations[0].text


def test_one_column_or_seven_are_refused(diamonds: pd.DataFrame, table_of: Build, engine: Engine) -> None:
    table = whole(table_of, diamonds)
    for names in (("carat",), ("carat", "depth", "table", "price", "x", "y", "z")):
        with pytest.raises(BadParameter, match="2 to 6 columns"):
            PairPlot(columns=names).data(table, engine)


@pytest.mark.parametrize("filtered", [False, True])
def test_bands_count_all_rows_between_two_axes(
    filtered: bool, diamonds: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    table = whole(table_of, diamonds)
    if filtered:
        table = selected(table, Selection.of(Within(column="price", low=5000)))
        diamonds = diamonds[diamonds["price"] >= 5000]
    chart = ParallelCoordinates(columns=("cut", "carat", "price", "clarity"), colour="color", steps=6)
    data = chart.data(table, engine)
    facts, rows = notes(data), data.to_pandas()
    assert rows.groupby("axis")["rows"].sum().tolist() == [len(diamonds)] * 3
    ends = [facts["axes"][1]["low"] + facts["axes"][1]["width"] * i for i in range(7)]
    step = np.clip(np.digitize(diamonds["carat"], ends) - 1, 0, 5)
    expected = pd.crosstab(diamonds["cut"], step)
    first = rows[rows["axis"] == 0].groupby(["from", "right"])["rows"].sum()
    for (cut, place), count in first.items():
        assert count == pytest.approx(expected.loc[cut, place], abs=0.002 * len(diamonds))
    own = rows[(rows["axis"] == 0) & (rows["colour"] == "G")]
    assert own["rows"].sum() == (diamonds["color"] == "G").sum()
    bands = [trace for trace in chart.figure(data).data if trace.fill == "toself"]
    assert len(bands) == rows["colour"].nunique()
    assert len(chart.figure(data).to_json()) < 2_000_000


def test_values_without_an_axis_s_number_are_in_no_band(
    penguins: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    data = ParallelCoordinates(columns=("sex", "body_mass_g")).data(whole(table_of, penguins), engine)
    rows = data.to_pandas()
    assert rows["rows"].sum() == penguins["body_mass_g"].notna().sum()
    missing = penguins[penguins["sex"].isna() & penguins["body_mass_g"].notna()]
    assert rows.loc[rows["from"] == "(missing)", "rows"].sum() == len(missing)


@pytest.mark.parametrize(
    ("x", "y", "query"),
    [
        ((1.99, 2.02), (0.52, 0.98), "body_mass_g >= 4500"),
        ((2.1, 2.1), (0.40, 0.41), "4050 <= body_mass_g < 4500"),  # beside the axis, and between two middles
        ((2.9, 3.1), (0.02, 0.3), "sex == 'male'"),
        ((2.9, 3.1), (0.7, 1.0), "sex.isna()"),
        ((1.9, 3.1), (0.02, 0.3), "body_mass_g < 3600 and sex == 'male'"),  # over two axes: both hold
    ],
)
def test_a_stroke_along_an_axis_takes_its_rows(
    x: tuple[float, float], y: tuple[float, float], query: str, penguins: pd.DataFrame, table_of: Build,
    engine: Engine,
) -> None:  # fmt: skip
    table = whole(table_of, penguins)
    chart = ParallelCoordinates(columns=("species", "bill_length_mm", "body_mass_g", "sex"))
    data = chart.data(table, engine)
    taken = chart.region(data, x, y)
    assert taken is not None
    rows = engine.rows(selected(table, taken).query).num_rows
    assert rows == len(penguins.query(query, engine="python"))
    figure = chart.figure(data)
    chart.brush(figure, data, taken)
    assert len(figure.layout.shapes) == len(taken.marks[0].parts), "each axis shows what is taken of it"


def test_a_stroke_beside_all_axes_takes_nothing(
    penguins: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    chart = ParallelCoordinates(columns=("species", "sex"))
    data = chart.data(whole(table_of, penguins), engine)
    assert chart.region(data, (0.4, 0.6), (0, 1)) is None
    assert chart.region(data, None, (0, 1)) is None
