"""Series that differ in colour differ in something else too, where it is asked for."""

from __future__ import annotations

import plotly.graph_objects as go

from core.charts.coding import DASHES, PATTERNS, SYMBOLS, patterned
from core.charts.drawing import colour_meta


def test_bars_of_one_colour_have_one_pattern_in_every_panel() -> None:
    bars = [go.Bar(y=[1], meta=colour_meta(number)) for number in (0, 1, 0, 1)]
    shapes = [trace.marker.pattern.shape for trace in patterned(go.Figure(bars)).data]
    assert shapes == [PATTERNS[0], PATTERNS[1], PATTERNS[0], PATTERNS[1]]


def test_lines_differ_in_their_dashes_and_points_in_their_shapes() -> None:
    lines = [go.Scatter(y=[1, 2], mode="lines+markers", meta=colour_meta(number)) for number in range(6)]
    made = patterned(go.Figure(lines)).data
    assert [trace.line.dash for trace in made] == list(DASHES)
    assert [trace.marker.symbol for trace in made] == list(SYMBOLS[:6])
    points = patterned(
        go.Figure([go.Scattergl(y=[1], mode="markers"), go.Scattergl(y=[2], mode="markers")])
    ).data
    assert [trace.marker.symbol for trace in points] == list(SYMBOLS[:2])
    assert [trace.line.dash for trace in points] == [None, None]


def test_slices_are_told_apart_and_a_single_series_stays_as_it_is() -> None:
    pie = patterned(go.Figure(go.Pie(labels=["a", "b"], values=[1, 2]))).data[0]
    assert list(pie.marker.pattern.shape) == list(PATTERNS[:2])
    bar = patterned(go.Figure(go.Bar(y=[1, 2], meta=colour_meta(3)))).data[0]
    assert bar.marker.pattern.shape is None
    heat = go.Figure(go.Heatmap(z=[[1]]))
    assert patterned(heat).to_json() == go.Figure(go.Heatmap(z=[[1]])).to_json()
