"""The chart page: empty, with a table, with a chart in the address, kept and taken away."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

import core.charts  # noqa: F401, registers the members
from core.contracts import Chart
from core.store import LOCAL, SavedChart
from tests.pages.conftest import HOSTILE, Screen

PAGE = "pages/explore/charts.py"


def figure_of(screen: Screen) -> dict:
    (chart,) = screen.app.get("plotly_chart")
    return json.loads(chart.proto.spec)


def shown(screen: Screen) -> dict:
    return json.loads(screen.app.query_params["chart"])


def test_without_data_the_page_leads_to_adding_some(screen: Screen) -> None:
    app = screen.open(PAGE)
    assert not app.exception
    assert app.get_by_key("frame.empty.go").label == "Add data"


def test_a_table_without_profile_is_drawn_at_once(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE)
    assert not app.exception
    assert not app.error
    assert figure_of(screen)["data"]
    assert "chart" in app.query_params


@pytest.mark.parametrize("kind", sorted(Chart.members))
def test_each_chart_in_an_address_is_drawn_in_a_new_session(screen: Screen, kind: str) -> None:
    screen.add_table()
    document = Chart.members[kind].example().to_json()
    app = screen.open(PAGE, chart=json.dumps(document))
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert shown(screen) == document
    assert figure_of(screen)["data"]
    words = Chart.members[kind].example().title
    assert any(char.isdigit() for char in screen.texts()), words


def test_a_chart_that_does_not_fit_is_said_and_another_shown(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE, chart='{"kind": "histogram", "x": "no such column"}')
    assert [warning.value for warning in app.warning]
    assert not app.exception
    app = Screen(screen.store).open(PAGE, chart="not json")
    assert not app.exception
    assert [warning.value for warning in app.warning]


def test_another_kind_takes_over_the_columns(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE, chart=json.dumps({"kind": "histogram", "x": "price", "colour": "region"}))
    next(box for box in app.selectbox if box.label == "Chart").set_value("scatter").run()
    assert not app.exception
    document = shown(screen)
    assert (document["kind"], document["x"], document["colour"]) == ("scatter", "price", "region")


def test_a_changed_parameter_changes_the_figure_and_the_address(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE, chart=json.dumps({"kind": "bar", "x": "region"}))
    before = figure_of(screen)["data"]
    next(box for box in app.selectbox if box.label == "Categories").set_value("member").run()
    assert shown(screen)["x"] == "member"
    assert figure_of(screen)["data"] != before


def test_suggestions_follow_the_chosen_columns(screen: Screen) -> None:
    screen.add_table()
    screen.open("pages/data/profile.py")
    screen.work()
    app = screen.open(PAGE)
    app.multiselect(key="charts.about").set_value(["price", "region"]).run()
    first = app.button(key="charts.suggestion.0")
    assert "price" in first.label
    first.click().run()
    assert not app.exception
    assert shown(screen)["y"] == "price"


def test_a_kept_chart_is_opened_again_and_deleted(screen: Screen) -> None:
    _, version = screen.add_table()
    app = screen.open(PAGE, chart=json.dumps({"kind": "histogram", "x": "quantity"}))
    app.button(key="charts.keep").click().run()
    (record,) = screen.store.list(SavedChart, LOCAL, version=version.id)
    assert record.chart["x"] == "quantity"
    assert record.page is not None
    page = screen.store.place(record.page, LOCAL).read_text(encoding="utf-8")
    assert "plotly" in page
    assert "cdn" not in page.split("<body>")[0]
    other = Screen(screen.store)
    other.open(PAGE, chart=json.dumps({"kind": "bar", "x": "region"}))
    other.app.button(key=f"charts.kept.{record.id}.open").click().run()
    assert shown(other)["kind"] == "histogram"
    other.app.button(key=f"charts.kept.{record.id}.delete").click().run()
    assert screen.store.list(SavedChart, LOCAL, version=version.id) == []


def test_hostile_names_and_cells_stay_text(screen: Screen) -> None:
    table = pa.table({HOSTILE: [1.0, 2.0, None], 'a"; drop <b>': [HOSTILE, "</script><script>", None]})
    screen.add_table("hostile", table)
    app = screen.open(
        PAGE, chart=json.dumps({"kind": "bar", "x": 'a"; drop <b>', "y": HOSTILE, "aggregation": "mean"})
    )
    assert not app.exception
    assert not app.error
    assert "<img" not in json.dumps(figure_of(screen))
    assert "![x](" not in screen.texts()
    app.button(key="charts.keep").click().run()
    (record,) = screen.store.list(SavedChart, LOCAL)
    page = screen.store.place(record.page or "", LOCAL).read_text(encoding="utf-8")
    assert "</script><script>" not in page.rsplit("Plotly.newPlot", 1)[1]
