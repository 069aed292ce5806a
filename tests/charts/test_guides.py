"""Reference lines stand where pandas finds them, on every axis that has values, and are said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pyarrow as pa
import pytest

from core.charts import Area, Bar, BoxPlot, Density2d, Histogram, Line, Ridgeline, Scatter, Strip, Violin
from core.charts.drawing import ON_GROUND, notes
from core.contracts import Chart, Engine, Table
from core.errors import BadParameter
from tests.conftest import SAMPLES

Build = Callable[..., Table]
MEAN, HIGH = {"what": "mean"}, {"what": "quantile", "at": "0.9", "name": "High"}


@pytest.fixture(scope="module")
def gapminder() -> pd.DataFrame:
    frame = pd.read_csv(SAMPLES / "gapminder_gapminder.csv.gz")
    return frame.assign(day=pd.to_datetime(frame["year"].astype(str) + "-06-01").dt.date)


def lined(
    kind: type[Chart], lines: list[dict[str, Any]], frame: pd.DataFrame, table_of: Build, engine: Engine,
    **values: Any,
) -> tuple[list[float], str, Any]:  # fmt: skip
    """Where the lines stand, the chart in words, and its figure."""
    chart = Chart.build(kind.kind(), {**values, "lines": lines})
    assert Chart.from_json(chart.to_json()) == chart
    data = chart.data(table_of(pa.Table.from_pandas(frame, preserve_index=False)), engine)
    figure = chart.figure(data)
    return [line["place"] for line in notes(data)["lines"]], str(chart.describe(data)), figure


def test_of_bars_the_lines_are_of_what_is_drawn(
    gapminder: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    means = gapminder.groupby("continent")["gdpPercap"].mean()
    found, said, figure = lined(
        Bar, [MEAN, HIGH, {"what": "value", "at": "9000", "name": "Goal"}], gapminder, table_of, engine,
        x="continent", y="gdpPercap", aggregation="mean",
    )  # fmt: skip
    assert found == pytest.approx([means.mean(), means.quantile(0.9), 9000])
    assert f"Mean: {means.mean():,.0f} (of 5 marks)" in said
    assert "Goal: 9,000." in said
    assert [shape.y0 for shape in figure.layout.shapes] == pytest.approx(found)
    assert labels(figure)[2] == "Goal: 9,000"
    stacked, _, _ = lined(Bar, [MEAN], gapminder, table_of, engine, x="continent", colour="year", top=5)
    assert stacked == pytest.approx([gapminder["continent"].value_counts().mean()]), "of whole stacks"
    shares, said, _ = lined(
        Bar,
        [{"what": "value", "at": "0.2"}],
        gapminder,
        table_of,
        engine,
        x="continent",
        show="shares of all",
    )
    assert shares == [0.2]
    assert "20.0%" in said
    with pytest.raises(BadParameter, match="no mean to draw"):
        lined(Bar, [MEAN], gapminder, table_of, engine, x="continent", colour="year", bars="shares")


def labels(figure: go.Figure) -> list[str]:
    """What stands beside the lines: on a ground, for it may stand over a dark bar."""
    return [note.text for note in figure.layout.annotations if note.name == ON_GROUND]


@pytest.mark.parametrize("kind", [Line, Area])
def test_through_time_lines_stand_at_values_and_at_dates(
    kind: type[Chart], gapminder: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    lines = [{"what": "median"}, {"what": "value", "at": "1980-01-01", "axis": "across", "name": "Turn"},
             {"what": "mean", "axis": "across"}]  # fmt: skip
    found, said, figure = lined(
        kind, lines, gapminder, table_of, engine, x="day", y="pop", aggregation="sum", grain="year",
        facet_row="continent",
    )  # fmt: skip
    sums = gapminder.groupby(["continent", "year"])["pop"].sum()
    every = sums.unstack().reindex(columns=range(1952, 2008), fill_value=0).stack()  # empty years count 0
    assert found[2] == pytest.approx(every.median())
    assert found[0] == (pd.Timestamp("1980-01-01") - pd.Timestamp(0)).days
    assert "Turn: 1980-01-01" in said
    assert len(figure.layout.shapes) == 3 * 5, "in every panel"
    assert len(labels(figure)) == 3, "named once"


def test_on_the_axis_of_a_column_all_rows_count(
    gapminder: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    life, rich = gapminder["lifeExp"], gapminder["gdpPercap"]
    both = [{**MEAN, "axis": "across"}, HIGH]
    for kind in (Scatter, Density2d):
        found, said, _ = lined(kind, both, gapminder, table_of, engine, x="gdpPercap", y="lifeExp")
        assert found == pytest.approx([rich.mean(), life.quantile(0.9)])
        assert "(of 1,704 rows)" in said
    for kind in (BoxPlot, Strip, Violin, Ridgeline):
        found, _, figure = lined(kind, [HIGH], gapminder, table_of, engine, y="lifeExp", x="continent")
        assert found == pytest.approx([life.quantile(0.9)])
        (shape,) = figure.layout.shapes
        upright = kind is Ridgeline  # its values stand across
        assert (shape.x0 if upright else shape.y0) == pytest.approx(found[0])
        assert (shape.yref if upright else shape.xref).endswith("domain")
    found, _, _ = lined(Histogram, [MEAN, {**MEAN, "axis": "up"}], gapminder, table_of, engine, x="lifeExp")
    assert found[0] == pytest.approx(life.mean())
    found, said, _ = lined(Histogram, [{"what": "median"}], gapminder, table_of, engine, x="day")
    assert "Median: 1979-1" in said


def test_zero_stands_on_no_logarithmic_axis(gapminder: pd.DataFrame, table_of: Build, engine: Engine) -> None:
    zero = {"what": "value", "at": "0"}
    _, said, figure = lined(
        Scatter, [zero, MEAN], gapminder, table_of, engine, x="lifeExp", y="gdpPercap", log_y=True
    )
    assert len(figure.layout.shapes) == 1
    assert "0 (not drawn: the axis is logarithmic)" in said


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"what": "value", "at": "soon"}, "needs number"), ({"what": "value"}, "needs number"),
        ({"what": "quantile", "at": "7"}, "a share from 0 to 1"),
        ({"what": "value", "at": "12", "axis": "across"}, "needs date"),
        ({"what": "value", "at": "nan"}, "needs number"),
    ],
)  # fmt: skip
def test_a_line_at_nothing_says_what_is_needed(
    line: dict[str, Any], message: str, gapminder: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    with pytest.raises(BadParameter, match=message):
        lined(Line, [line], gapminder, table_of, engine, x="day", y="pop", aggregation="mean")
    with pytest.raises(BadParameter, match="has no values for a line"):
        lined(Bar, [{**line, "axis": "across"}], gapminder, table_of, engine, x="continent")
