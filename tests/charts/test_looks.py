"""How pictures look: what stands beside what, and what can be read on what."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import plotly.graph_objects as go
import pyarrow as pa
import pytest

from core.charts import Bar, BoxPlot, FilledMap, HeatMap, Scatter, Treemap, natural
from core.charts.bubbles import LARGEST, SMALLEST, Sizes
from core.charts.drawing import shade, shown
from core.charts.grouping import Group, in_order
from core.contracts import Table
from core.engine.duckdb import DuckEngine
from core.look import (
    DARK,
    DIVERGING,
    DIVERGING_DARK,
    LIGHT,
    PAGE,
    SEQUENTIAL,
    SEQUENTIAL_DARK,
    contrast,
    grounded,
    ink_on,
    stacked,
    template_of,
)
from core.wording import note

Build = Callable[..., Table]


@pytest.mark.parametrize("night", [False, True])
def test_every_series_and_every_word_stands_out_from_the_page(night: bool) -> None:
    layout = template_of(night).layout
    assert tuple(layout.colorway) == (DARK if night else LIGHT)
    assert all(contrast(colour, PAGE[night]) >= 3 for colour in layout.colorway)
    assert contrast(layout.font.color, PAGE[night]) >= 4.5
    assert contrast(layout.modebar.color, PAGE[night]) >= 3
    totals = template_of(night).data.waterfall[0].totals.marker.color
    assert contrast(totals, PAGE[night]) >= 3


def test_black_or_white_is_read_on_every_shade() -> None:
    for scale in (SEQUENTIAL, SEQUENTIAL_DARK, DIVERGING, DIVERGING_DARK):
        for step in range(101):
            ground = shade(step / 100, scale)
            assert contrast(ground, {"#000": "#000000", "#fff": "#ffffff"}[ink_on(ground)]) >= 4.5
        ends = [shade(step / 10, scale) for step in range(11)]
        assert all(one != other for one, other in pairwise(ends))


def test_the_numbers_of_a_heat_map_are_written_in_the_ink_of_their_cell(
    table_of: Build, engine: DuckEngine
) -> None:
    chart = HeatMap(x="x", y="y")
    figure = chart.figure(chart.data(table_of(x=["a"] * 9 + ["b"], y=["c"] * 10), engine))
    grounded(figure, night=False)
    (cells,) = figure.data[0].text
    assert cells == ['<span style="color:#fff">9</span>', '<span style="color:#000">1</span>']


def test_shades_that_pictures_share_decide_about_the_ink() -> None:
    figure = go.Figure(go.Heatmap(z=[[0.4, 0.5]], text=[["a", "b"]], texttemplate="%{text}"))
    figure.update_traces(coloraxis="coloraxis")
    figure.update_layout(coloraxis={"cmin": 0, "cmax": 1})
    grounded(figure, night=False)
    assert [text[19:23] for text in figure.data[0].text[0]] == ["#000", "#000"], "neither is the darkest"


def test_cells_too_small_for_numbers_have_none(table_of: Build, engine: DuckEngine) -> None:
    chart = HeatMap(x="x", y="y")
    data = chart.data(table_of(x=[f"x{i}" for i in range(12)] * 2, y=["c"] * 24), engine)
    page, tile = chart.figure(data), chart.figure(data)
    grounded(page, night=True)
    grounded(tile, night=True, narrow=True)
    assert page.data[0].textfont.size == 12
    assert tile.data[0].textfont.size == 12
    wide = chart.figure(
        chart.data(table_of(x=[f"x{i}" for i in range(12)] * 1_000, y=["c"] * 12_000), engine)
    )
    grounded(wide, night=True, narrow=True)
    assert wide.data[0].texttemplate is None


def test_the_names_in_slices_are_in_the_ink_of_their_colour(table_of: Build, engine: DuckEngine) -> None:
    chart = Treemap(columns=("x", "y"))
    table = table_of(x=["a", "a", "b"], y=["c", "d", "e"])
    figure = chart.figure(chart.data(table, engine))
    grounded(figure, night=False)
    (slices,) = figure.data
    found = dict(zip(slices.labels, slices.textfont.color, strict=True))
    blue, orange = ink_on(LIGHT[0]), ink_on(LIGHT[1])
    assert blue != orange
    assert [found[name] for name in "acdbe"] == [blue, blue, blue, orange, orange]


def test_slices_without_a_common_whole_have_their_ink() -> None:
    figure = go.Figure(go.Treemap(labels=["a", "b", "c"], parents=["", "", "b"], values=[1, 2, 2]))
    grounded(figure, night=False)
    first, second = ink_on(LIGHT[0]), ink_on(LIGHT[1])
    assert figure.data[0].textfont.color == (first, second, second)


@pytest.mark.parametrize("colours", [2, 8])
def test_the_legend_of_panels_stands_above_them_clear_of_the_title(
    table_of: Build, engine: DuckEngine, colours: int
) -> None:
    n = 48
    table = table_of(
        x=[f"x{i % 3}" for i in range(n)], panel=[f"p{i % 4}" for i in range(n)],
        colour=[f"a colour of name {i % colours}" for i in range(n)],
    )  # fmt: skip
    chart = Bar(x="x", facet="panel", colour="colour")
    figure = chart.figure(chart.data(table, engine))
    stacked(figure)
    legend, layout = figure.layout.legend, figure.layout
    assert legend.yref == "container"
    assert legend.yanchor == "top"
    lines = 1 if colours == 2 else 1 + 3  # the title above, three names in a line
    assert (legend.title.side == "top") == (colours == 8)
    above = (1 - legend.y) * layout.height
    assert above >= 40
    assert layout.margin.t >= above + 22 * lines


def test_points_are_the_smaller_the_more_there_are() -> None:
    few, many = Sizes.of([1.0, 4.0]), Sizes.of([100.0] * 3_000)
    assert few.wide == LARGEST
    assert many.wide == 2 * SMALLEST
    assert few.across(4) / few.across(1) == 2  # areas tell
    assert few.across(None) == few.across(-1) == Sizes.of([]).across(5) == SMALLEST
    assert Sizes.of([2_700.0, 6_300.0]).steps() == [6_300, 4_300, 2_700]  # none below the smallest there is


def test_the_legend_of_sizes_is_short_beside_large_numbers(table_of: Build, engine: DuckEngine) -> None:
    chart = Scatter(x="x", y="x", size="size")
    figure = chart.figure(chart.data(table_of(x=[1.0, 2.0], size=[1_300_000_000, 5]), engine))
    assert [trace.name for trace in figure.data if trace.legend == "legend3"] == ["1.3B", "470M", "52M"]


def test_boxes_speak_our_words(table_of: Build, engine: DuckEngine) -> None:
    table = table_of(x=["a"] * 5, y=[1.0, 2.0, 3.0, 4.0, 10.0])
    chart = BoxPlot(x="x", y="y")
    figure = chart.figure(chart.data(table, engine))
    assert {trace.type for trace in figure.data} == {"bar", "scatter"}
    box = figure.data[0]
    assert (box.base[0], box.base[0] + box.y[0]) == (2, 4)  # the middle half
    assert box.hovertext[0].startswith("a: median 3, middle half 2 to 4, whiskers 1 to 4, 5 values")
    solid = figure.data[1]
    assert {1.0, 2.0, 3.0, 4.0} <= set(solid.y)
    assert figure.data[2].line.dash == "dash"
    assert set(figure.data[2].y) == {4.0, None}  # the mean


@pytest.mark.parametrize(
    ("names", "ordered"),
    [
        (["March", "january", "May"], ["january", "March", "May"]),
        (["Wed", "Mon", "Sun"], ["Mon", "Wed", "Sun"]),
        (["三月", "十二月", "一月"], ["一月", "三月", "十二月"]),
        (["周日", "周一"], ["周一", "周日"]),
        (["10", "9", "-1"], ["-1", "9", "10"]),
        (["May", "North"], ["May", "North"]),
        (["nan", "1"], ["1", "nan"]),
    ],
)
def test_by_name_is_by_the_calendar_and_by_number(names: list[str], ordered: list[str]) -> None:
    groups = [Group("(missing)", "missing"), *map(Group, names)]
    assert [one.label for one in in_order(groups, {})] == [*ordered, "(missing)"]
    assert natural.in_calendar(["May"]) is None, "one name alone may be a person's"


def test_a_heat_map_of_months_runs_through_the_year(table_of: Build, engine: DuckEngine) -> None:
    table = table_of(x=["May", "June", "June", "April"], y=["Tuesday", "Monday", "Tuesday", "Tuesday"])
    chart = HeatMap(x="x", y="y")
    figure = chart.figure(chart.data(table, engine))
    assert figure.layout.xaxis.ticktext == ("April", "May", "June")
    assert figure.layout.yaxis.ticktext == ("Monday", "Tuesday")


def test_what_a_map_does_not_know_is_told_beneath_it(table_of: Build, engine: DuckEngine) -> None:
    table = table_of(pa.table({"c": ["France", "Spain", "Spain"]}))
    chart = FilledMap(country="c")
    figure = chart.figure(chart.data(table, engine))
    stacked(figure, 240)
    assert figure.layout.legend.y == 0
    assert figure.layout.legend.yanchor == "top"


def test_sentences_have_large_numbers_in_full() -> None:
    assert str(note("{x:,.4g}", x=119_512.0)) == "119,512"
    assert str(note("{x:,.4g}", x=0.000012345)) == "1.234e-05"
    assert str(note("{x:,.4g}", x=1e30)) == "1e+30"


def test_a_long_title_goes_on_in_a_second_line(table_of: Build, engine: DuckEngine) -> None:
    name = "<b>a long name</b> of a column {that} goes on & on, and on"
    chart = Bar(x=name)
    data = chart.data(table_of(pa.table({name: ["a"]})), engine)
    figure, short = chart.figure(data), Bar(x="x").figure(Bar(x="x").data(table_of(x=["a"]), engine))
    before = figure.layout.margin.t
    stacked(figure)
    stacked(short)
    first, second = figure.layout.title.text.split("<br>")
    assert first == "Rows by &lt;b&gt;a long name&lt;/b&gt; of a column &#123;that} goes on &amp;"
    assert second == "on, and on"
    assert figure.layout.margin.t == before + 22
    assert "<br>" not in short.layout.title.text


def test_a_name_does_not_turn_the_words_after_it_around() -> None:
    assert shown("\u202eevil\u2066 name") == "evil name"
