"""Panels of one field down and another across: what each shows, and what is left out."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pyarrow as pa
import pytest

from core.charts import Bar, Histogram, Line, Scatter
from core.charts.drawing import wrapped
from core.charts.shelves import assembled, places
from core.contracts import Engine, Table
from core.errors import BadParameter
from tests.conftest import SAMPLES

Build = Callable[..., Table]


@pytest.fixture(scope="module")
def diamonds() -> pd.DataFrame:
    return pd.read_csv(SAMPLES / "ggplot2_diamonds.csv.gz")


def test_each_panel_shows_its_two_values(diamonds: pd.DataFrame, table_of: Build, engine: Engine) -> None:
    table = table_of(pa.Table.from_pandas(diamonds, preserve_index=False))
    chart = Bar(x="clarity", y="price", aggregation="mean", facet_row="cut", facet_column="color")
    data = chart.data(table, engine)
    counts = diamonds["color"].value_counts()
    shown = diamonds.assign(color=diamonds["color"].where(diamonds["color"].isin(counts.index[:4]), "rest"))
    expected = shown.groupby(["cut", "color", "clarity"])["price"].mean()
    for row in data.to_pylist():
        colour = "rest" if row["facet_column_is"] == "other" else row["facet_column"]
        assert row["value"] == pytest.approx(expected[row["facet_row"], colour, row["x"]], rel=1e-12)
    assert data.num_rows == len(expected)
    figure = chart.figure(data)
    names = [note.text for note in figure.layout.annotations]
    assert {*diamonds["cut"]} < {*names}, "five values: none of them is a rest of one"
    assert "other (3 values)" in names
    assert figure.layout.title.subtitle.text == "Panels down: cut; across: color"
    xs = {axis.matches for axis in figure.select_xaxes()}
    assert len(xs - {None}) == 1, "all panels have one axis"


def test_values_that_never_meet_leave_a_panel_empty(table_of: Build, engine: Engine) -> None:
    table = table_of(a=["p", "q"] * 30, b=["r", "s"] * 30, x=list(range(60)), y=list(range(60)))
    for chart in (
        Scatter(x="x", y="y", facet_row="a", facet_column="b", trend=True),
        Histogram(x="x", facet_row="a", facet_column="b", curve=True),
        Line(x="x", facet_row="a"),
    ):
        figure = chart.figure(chart.data(table, engine))
        filled = {
            trace.yaxis for trace in figure.data if trace.customdata is not None and len(trace.customdata)
        }
        assert len(filled) == 2, "of four panels two have values"
        assert figure.layout.title.subtitle.text.startswith("Panels")


def test_panels_in_lines_are_no_grid(table_of: Build) -> None:
    table = table_of(a=["p"], b=["q"])
    with pytest.raises(BadParameter, match="not both"):
        Bar(x="a", facet="a", facet_row="b").check(table.columns)
    assert assembled(Bar, {"x": ("a",), "facet": ("a",), "facet_row": ("b",)}, table.columns) is None
    names = [f.name for f in places(Bar)]
    assert names[names.index("facet_row") + 1] == "facet_column"


def test_a_long_name_is_broken_in_lines() -> None:
    assert wrapped("Standard deviation of a", 40) == "Standard deviation of a"
    assert wrapped("Standard deviation of a long name", 20) == "Standard deviation<br>of a long name"
    two = wrapped("word " * 40, 20).split("<br>")
    assert len(two) == 2
    assert two[1].endswith("\u2026")
    assert "<br>" in wrapped("\u6807\u51c6\u5dee" * 8, 30), "Chinese has no spaces to break at"
    assert "<b>" not in wrapped("<b>bold</b> and more of it than fits on one line", 20)
