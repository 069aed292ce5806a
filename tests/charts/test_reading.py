"""What makes a chart readable: names told apart, numbers in full, axes below each panel, nothing empty."""

from __future__ import annotations

from typing import Any

import pytest

from core.charts import (
    Bar,
    BoxPlot,
    Cohort,
    Correlation,
    HeatMap,
    MissingMap,
    Radar,
    Sankey,
    Scatter,
    Treemap,
    Violin,
)  # fmt: skip
from core.charts.drawing import MOST_TEXTS, apart, panels
from core.charts.words import brief, number
from core.contracts import Engine
from tests.charts.test_numbers import Build

AREAS = [f"Regional administration number {i} of the northern coast" for i in range(1, 13)]


def test_names_with_one_beginning_are_told_apart() -> None:
    cut = apart([*AREAS, "North", "<b>"], 24)
    assert len(set(cut)) == 14
    assert all(len(text) <= 24 for text in cut[:-1])
    assert cut[0].startswith("Regional\u20261 of")
    assert cut[12:] == ["North", "&lt;b&gt;"]
    assert apart(["same " * 9, "same " * 9]) == ["same same same same sam\u2026"] * 2, (
        "nothing tells them apart"
    )
    assert apart(["x" * 40, "x" * 41]) != ["x" * 23 + "\u2026"] * 2, "one is the other's beginning"


@pytest.mark.parametrize(
    ("value", "full", "short"),
    [
        (49_240.4, "49,240", "49.2k"),
        (1_616_020.7, "1,616,021", "1.62M"),
        (9_999.96, "10,000", "10,000"),
        (0.012346, "0.01235", "0.0123"),
        (-5.6e9, "-5,600,000,000", "-5.6B"),
        (1e300, "1e+300", "1e+300"),
        (None, "\u2013", "\u2013"),
    ],
)
def test_large_numbers_are_written_in_full_or_briefly(value: float | None, full: str, short: str) -> None:
    assert (number(value), brief(value)) == (full, short)


def test_the_last_panel_of_each_column_has_an_axis_below() -> None:
    figure = panels(["a", "b", "c", "d"], title="", x="across", y="up")
    told = [figure.get_subplot(row, col).xaxis for row, col in ((1, 2), (1, 3), (2, 1))]
    assert all(axis.showticklabels and axis.title.text == "across" for axis in told)
    assert figure.get_subplot(1, 1).xaxis.showticklabels is False


def test_panels_of_violins_leave_the_values_axis_free(table_of: Build, engine: Engine) -> None:
    table = table_of(v=[1.0, 2, 3, 4, 9, 8, 7, 6], g=["a", "b"] * 4, p=["x"] * 4 + ["y"] * 4)
    for chart in (Violin(y="v", x="g", facet="p"), BoxPlot(y="v", x="g", facet="p")):
        figure = chart.figure(chart.data(table, engine))
        # with a range given outright for matching axes Plotly finds none for the other axis
        assert all(axis.range is None for axis in figure.select_xaxes())
        assert figure.layout.xaxis.autorangeoptions.include == (-0.6, 1.6)


def test_shares_of_a_bar_are_said_as_shares(table_of: Build, engine: Engine) -> None:
    chart = Bar(x="x", colour="c", bars="shares")
    data = chart.data(table_of(x=["a"] * 4 + ["b"] * 2, c=["u", "u", "u", "v", "u", "v"]), engine)
    words, figure = str(chart.describe(data)), chart.figure(data)
    assert "a, u: 75.0% (3)" in words
    assert "b, v: 50.0% (1)" in words
    assert "of its own bar" in words
    assert figure.layout.yaxis.ticksuffix == "%"
    assert figure.data[0].hovertext[0] == "a: 75.0% (3) (u)"


def test_few_cells_have_their_numbers_in_them(table_of: Build, engine: Engine) -> None:
    table = table_of(x=["a", "a", "b"], y=["u", "v", "u"], v=[12_345.0, 1, 2])
    chart = HeatMap(x="x", y="y", aggregation="sum", value="v")
    cells = chart.figure(chart.data(table, engine)).data[0]
    assert sorted(text for line in cells.text for text in line) == ["", "1", "12.3k", "2"]
    many = [str(i) for i in range(MOST_TEXTS + 1)]
    chart = HeatMap(x="x", y="y", top=50)
    figure = chart.figure(chart.data(table_of(x=many, y=many), engine))
    assert figure.data[0].text is None
    assert figure.layout.height > 450, "a line of its own for each name"


def test_columns_with_all_their_values_are_counted_and_not_drawn(table_of: Build, engine: Engine) -> None:
    table = table_of(a=[1, None, 3], b=[1, 2, 3], c=["x", None, None])
    data = MissingMap().data(table, engine)
    assert sorted(set(data.column("column").to_pylist())) == ["a", "c"]
    assert "1 column has all its values" in str(MissingMap().describe(data))
    asked = MissingMap(columns=("a", "b")).data(table, engine)
    assert set(asked.column("column").to_pylist()) == {"a", "b"}, "who asks for a column sees it"
    assert MissingMap().data(table_of(b=[1, 2]), engine).num_rows, "nothing missing is a picture too"


def test_a_matrix_without_a_number_says_why(table_of: Build, engine: Engine) -> None:
    table = table_of(a=[1.0, 2, 3], flat=[7, 7, 7], b=[1.0, 2, 4])
    chart = Correlation(columns=("a", "flat"))
    figure = chart.figure(chart.data(table, engine))
    assert not figure.data
    assert "vary together" in figure.layout.annotations[0].text
    chart = Correlation(columns=("a", "b", "flat"))
    assert "Nothing goes together with flat" in str(chart.describe(chart.data(table, engine)))


def test_a_spoke_with_values_below_0_begins_at_the_lowest(table_of: Build, engine: Engine) -> None:
    table = table_of(g=["a", "b", "c"], p=[1.0, 2, 4], q=[-4.0, -2, 0], r=[-1.0, 0, 1])
    data = Radar(columns=("p", "q", "r"), colour="g").data(table, engine).to_pylist()
    scaled = {(row["colour"], row["column"]): row["scaled"] for row in data}
    assert [scaled[group, "p"] for group in "abc"] == [0.25, 0.5, 1]
    assert [scaled[group, "q"] for group in "abc"] == [0, 0.5, 1]
    assert [scaled[group, "r"] for group in "abc"] == [0, 0.5, 1]


def test_a_cohort_s_size_stands_beside_it(table_of: Build, engine: Engine) -> None:
    days = ["2024-01-05", "2024-01-06", "2024-03-01", "2024-03-02"]
    import datetime as dt

    table = table_of(who=[1, 2, 1, 3], day=[dt.date.fromisoformat(day) for day in days])
    chart = Cohort(id="who", x="day")
    data = chart.data(table, engine)
    assert chart.figure(data).layout.yaxis.ticktext == ("2024-01 (2)", "2024-03 (1)")
    shares = {(row["first"][:7], row["later"]): row["share"] for row in data.to_pylist()}
    assert shares == {("2024-01", 0): 1, ("2024-01", 1): 0, ("2024-01", 2): 0.5, ("2024-03", 0): 1}
    assert "after 1: 0.0%; after 2: 50.0%" in str(chart.describe(data))


def test_shapes_that_tell_the_colour_again_have_one_legend(table_of: Build, engine: Engine) -> None:
    table = table_of(x=[1.0, 2, 3], y=[1.0, 2, 4], g=["a", "b", "c"])

    def legends(chart: Scatter) -> set[Any]:
        return {trace.legend for trace in chart.figure(chart.data(table, engine)).data if trace.showlegend}

    assert "legend2" not in legends(Scatter(x="x", y="y", colour="g", shape="g"))
    assert "legend2" in legends(Scatter(x="x", y="y", shape="g"))


def test_pictures_grow_with_the_names_beside_them(table_of: Build, engine: Engine) -> None:
    table = table_of(a=AREAS * 3, b=["x", "y", "z"] * 12)
    sankey = Sankey(columns=("a", "b"), top=20)
    figure = sankey.figure(sankey.data(table, engine))
    assert len(set(figure.data[0].node.label)) == 15
    assert figure.layout.height == 150 + 26 * 12
    tiles = Treemap(columns=("a", "b"))
    drawn = tiles.figure(tiles.data(table, engine))
    assert drawn.layout.uniformtext.mode == "hide"
    assert "36" in drawn.data[0].text
